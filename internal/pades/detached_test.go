package pades

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

var plainFile = []byte("órgão;valor\nSPGG;10\n")

func signedBeside(t testing.TB, o SignOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	s, err := SignDetached(context.Background(), bytes.NewReader(plainFile), int64(len(plainFile)), &out, o)
	if err != nil {
		t.Fatal(err)
	}
	if s.OriginalSize != int64(len(plainFile)) || s.Size != int64(out.Len()) {
		t.Errorf("%+v", s)
	}
	return out.Bytes()
}

func judgedBeside(t testing.TB, content, signature []byte, o VerifyOptions) *Report {
	t.Helper()
	r, err := VerifyDetached(context.Background(), bytes.NewReader(content), int64(len(content)), signature, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnyFileMayBeSignedBesideItWithAnyKey(t *testing.T) {
	for i := range 3 {
		o := pki().options(i)
		o.Policy = nil
		signature := signedBeside(t, o)
		r := judgedBeside(t, plainFile, signature, trusting())
		requireVerdict(t, r, VerdictValid)
		if s := r.Signatures[0]; s.PolicyOID != DetachedPolicyOID || !s.DeclaredTime.Equal(testNow) || s.SubFilter != SubFilterDetached || s.Signer.CPF != "12345678909" {
			t.Errorf("%+v", s)
		}
		dir := t.TempDir()
		for name, data := range map[string][]byte{"cms": signature, "content": plainFile, "root": trainingca.CertificatePEM(pki().ca.Root)} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run(t, "openssl", "cms", "-verify", "-binary", "-cades", "-purpose", "any", "-attime", "1781538600", "-inform", "DER",
			"-in", filepath.Join(dir, "cms"), "-content", filepath.Join(dir, "content"), "-CAfile", filepath.Join(dir, "root"), "-out", os.DevNull)
	}
}

func TestADetachedSignatureIsRaisedWithATimestamp(t *testing.T) {
	s := newServed(t)
	signature := signedBeside(t, s.options(1))
	raised, at, err := RaiseDetached(context.Background(), signature, s.tsa())
	if err != nil || !at.Equal(s.clock) {
		t.Fatalf("%v %v", at, err)
	}
	late := VerifyOptions{Chains: s.offline(), Now: testNow.AddDate(4, 0, 0)}
	requireVerdict(t, judgedBeside(t, plainFile, signature, late), VerdictIndeterminate)
	requireVerdict(t, judgedBeside(t, plainFile, raised, late), VerdictValid)
	if _, _, err := RaiseDetached(context.Background(), raised, s.tsa()); sei.CodeOf(err) != CodeNothingToRaise {
		t.Errorf("raised twice: %v", err)
	}
	if _, _, err := RaiseDetached(context.Background(), []byte("x"), s.tsa()); sei.CodeOf(err) != CodeNotRaisable {
		t.Error(err)
	}
	silent := trust.TSA{Fetcher: answering(func([]byte) ([]byte, error) { return nil, errors.New("silence") })}
	if _, _, err := RaiseDetached(context.Background(), signature, silent); sei.CodeOf(err) != trust.CodeTSA {
		t.Error(err)
	}
	o := s.options(0)
	o.Timestamp = s.tsa()
	requireVerdict(t, judgedBeside(t, plainFile, signedBeside(t, o), late), VerdictValid)
}

func TestEveryForgeryBesideAFileIsCaught(t *testing.T) {
	o := pki().options(1)
	o.Policy = nil
	good := signedBeside(t, o)
	inside, _ := mustSign(t, victimUnsigned(), pki().options(1))
	foreign, err := ExtractCMS(context.Background(), bytes.NewReader(inside), int64(len(inside)), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	pades := o
	pades.Policy = DefaultPolicy()
	revoked := VerifyOptions{Now: testNow, Chains: trust.New([]trust.Root{{Certificate: pki().ca.Root}}, nil).WithRevocation(revokedSource{})}
	flip := func(at int) []byte { b := slices.Clone(good); b[at] ^= 1; return b }
	for rule, c := range map[string]struct {
		content, signature []byte
		code               ReasonCode
		opts               VerifyOptions
	}{
		"altered content": {append(slices.Clone(plainFile), '0'), good, ReasonDigest, trusting()},
		"no content":      {nil, good, ReasonDigest, trusting()},
		"of another file": {plainFile, foreign, ReasonDigest, trusting()},
		"altered value":   {plainFile, flip(len(good) - 3), ReasonCrypto, trusting()},
		"rubbish":         {plainFile, []byte("assinatura"), ReasonFormat, trusting()},
		"nothing":         {plainFile, nil, ReasonFormat, trusting()},
		"data behind it":  {plainFile, append(slices.Clone(good), 1), ReasonFormat, trusting()},
		"policy of PDF":   {plainFile, signedBeside(t, pades), ReasonPolicyAttribute, trusting()},
		"revoked":         {plainFile, good, ReasonRevoked, revoked},
	} {
		t.Run(rule, func(t *testing.T) {
			r := judgedBeside(t, c.content, c.signature, c.opts)
			requireVerdict(t, r, VerdictInvalid)
			if !hasReason(r, c.code) {
				t.Errorf("%+v", r.Signatures[0].Reasons)
			}
		})
	}
}

func FuzzDetached(f *testing.F) {
	o := pki().options(1)
	o.Policy = nil
	good := signedBeside(f, o)
	f.Add(good)
	s := newServed(f)
	raised, _, err := RaiseDetached(context.Background(), signedBeside(f, s.options(1)), s.tsa())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raised)
	other := []byte("another file")
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := VerifyDetached(context.Background(), bytes.NewReader(other), int64(len(other)), data, VerifyOptions{Chains: s.offline(), Now: testNow})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict == VerdictValid {
			t.Error("a signature of something else reads as valid")
		}
		_, _, _ = RaiseDetached(context.Background(), data, stampedBy{s.services.TSA, time.Now()}) // any answer will do
	})
}

package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

func TestGovBRCountsAsAdvancedWhereItsRootsAreConfigured(t *testing.T) {
	ca, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	who, err := ca.IssueEC(keytest.Person{Name: "ANA DE SOUZA", CPF: personCPF})
	if err != nil {
		t.Fatal(err)
	}
	pdf := samplePDF(t, "gov.br")
	var out bytes.Buffer
	// The intermediate is not in the signature: it is configured with the root.
	_, err = pades.Sign(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), &out, pades.SignOptions{Signer: who.Key, Certificate: who.Certificate})
	if err != nil {
		t.Fatal(err)
	}
	original := sei.BlobRef{SHA256: hashOf(pdf), Size: int64(len(pdf))}
	for kind, want := range map[string]struct {
		verdict sei.SignatureVerdict
		level   sei.SignatureLevel
	}{
		trust.KindGovBR: {sei.VerdictValid, sei.LevelAdvanced},
		"":              {sei.VerdictIndeterminate, sei.LevelSimple},
	} {
		roots := ""
		if kind != "" {
			roots = string(trust.MarkPEM([]*x509.Certificate{ca.Root, ca.Issuer}, kind))
		}
		j, err := New(roots)
		if err != nil {
			t.Fatal(err)
		}
		fact, err := j.JudgeAgain(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), original, time.Time{})
		if err != nil || fact.Verdict != want.verdict || fact.Level != want.level || !fact.Extends {
			t.Errorf("%q: %+v %v", kind, fact, err)
		}
	}
	for _, kind := range []string{trust.KindICPBrasil, "x"} {
		if _, err := New(string(trust.MarkPEM([]*x509.Certificate{ca.Root}, kind))); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("a root that calls itself %q: %v", kind, err)
		}
	}
}

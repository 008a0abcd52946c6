// Package evidence joins the verifier of PDF signatures with the trust roots of
// one central and puts what they find into the rulebook's words. The central
// judges with it before it accepts, the desk before it shows.
package evidence

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// Judge judges signed files under ICP-Brasil's roots and those of the central.
type Judge struct {
	store *trust.Store
	// cached answers about revocation without the network; nil when nothing is kept.
	cached trust.Revocation
}

// WithRevocation returns a copy that asks live about revocation when it judges
// and cached, which must not use the network, before a signature is made.
// Either may be nil.
func (j *Judge) WithRevocation(live, cached trust.Revocation) *Judge {
	c := *j
	c.store, c.cached = j.store.WithRevocation(live), cached
	return &c
}

func (j *Judge) cachedStore() *trust.Store { return j.store.WithRevocation(j.cached) }

// New makes a Judge that trusts, beside ICP-Brasil, the roots in extraPEM: those
// of a training central, or of another kind where their blocks say so
// (trust.MarkPEM), such as gov.br's. It may be empty.
func New(extraPEM string) (*Judge, error) {
	var extra []trust.Root
	var between []*x509.Certificate
	if strings.TrimSpace(extraPEM) != "" {
		var err error
		if extra, between, err = trust.ParseRoots([]byte(extraPEM), trust.KindTraining); err != nil {
			return nil, fmt.Errorf("reading the central's trust roots: %w", err)
		}
	}
	store, err := trust.NewICPBrasilWith(extra, between)
	if err != nil {
		return nil, fmt.Errorf("reading the trust roots: %w", err)
	}
	return &Judge{store: store}, nil
}

// Report judges every signature of a PDF. proven is a time at which the file is
// known to have existed (the central's acceptance), or zero.
func (j *Judge) Report(ctx context.Context, in io.ReaderAt, size int64, proven time.Time) (*pades.Report, error) {
	return pades.Verify(ctx, in, size, pades.VerifyOptions{Chains: j.store, ProvenTime: proven})
}

// Judge judges the latest signature of a signed file and whether the file is
// the original plus nothing but signatures. A file that is no readable PDF is
// an invalid signature, not a failure.
func (j *Judge) Judge(ctx context.Context, signed io.ReaderAt, size int64, original sei.BlobRef) (sei.EvidenceFact, error) {
	return j.JudgeAgain(ctx, signed, size, original, time.Time{})
}

// JudgeAgain is Judge for a file that is known to have existed at proven: the
// central accepted it then.
func (j *Judge) JudgeAgain(ctx context.Context, signed io.ReaderAt, size int64, original sei.BlobRef, proven time.Time) (sei.EvidenceFact, error) {
	report, err := j.Report(ctx, signed, size, proven)
	if err != nil {
		if sei.CodeOf(err) == sei.CodeInternal || ctx.Err() != nil {
			return sei.EvidenceFact{}, err
		}
		return sei.EvidenceFact{Verdict: sei.VerdictInvalid, Reasons: []string{sei.MessageOf(err)}}, nil
	}
	last, ok := lastPerson(report)
	if !ok {
		return sei.EvidenceFact{Verdict: sei.VerdictInvalid, Reasons: []string{"O arquivo não tem assinatura."}}, nil
	}
	fact := Fact(last)
	fact.Extends, err = extends(ctx, signed, size, original)
	return fact, err
}

// lastPerson is the latest signature of a person; timestamps may follow it.
func lastPerson(r *pades.Report) (pades.Signature, bool) {
	for _, s := range slices.Backward(r.Signatures) {
		if s.Kind == pades.KindSignature {
			return s, true
		}
	}
	return pades.Signature{}, false
}

// ReportDetached judges a CAdES signature (DER) beside content.
func (j *Judge) ReportDetached(ctx context.Context, signature []byte, content io.ReaderAt, size int64, proven time.Time) (*pades.Report, error) {
	return pades.VerifyDetached(ctx, content, size, signature, pades.VerifyOptions{Chains: j.store, ProvenTime: proven})
}

// JudgeDetached judges a CAdES signature beside content: it extends the content
// when its digest is the content's.
func (j *Judge) JudgeDetached(ctx context.Context, signature []byte, content io.ReaderAt, size int64) (sei.EvidenceFact, error) {
	return j.judgeDetached(ctx, signature, content, size, time.Time{})
}

// JudgeDetachedAgain is JudgeDetached for a signature in a file that is known to
// have existed at proven.
func (j *Judge) JudgeDetachedAgain(ctx context.Context, signature io.ReaderAt, signatureSize int64, content io.ReaderAt, size int64, proven time.Time) (sei.EvidenceFact, error) {
	if signatureSize > maxDetached {
		return sei.EvidenceFact{Verdict: sei.VerdictInvalid, Reasons: []string{"A assinatura está ilegível."}}, nil
	}
	data, err := io.ReadAll(io.NewSectionReader(signature, 0, signatureSize))
	if err != nil {
		return sei.EvidenceFact{}, fmt.Errorf("reading a signature: %w", err)
	}
	return j.judgeDetached(ctx, data, content, size, proven)
}

func (j *Judge) judgeDetached(ctx context.Context, signature []byte, content io.ReaderAt, size int64, proven time.Time) (sei.EvidenceFact, error) {
	report, err := j.ReportDetached(ctx, signature, content, size, proven)
	if err != nil {
		return sei.EvidenceFact{}, err
	}
	fact := Fact(report.Signatures[0])
	fact.Extends = fact.Verdict != sei.VerdictInvalid
	return fact, nil
}

func extends(ctx context.Context, signed io.ReaderAt, size int64, original sei.BlobRef) (bool, error) {
	sum, err := hex.DecodeString(string(original.SHA256))
	if err != nil || len(sum) != 32 {
		return false, nil
	}
	err = pades.CheckOriginal(ctx, signed, size, original.Size, [32]byte(sum))
	switch {
	case err == nil:
		return true, nil
	case sei.CodeOf(err) == sei.CodeInternal:
		return false, err
	}
	return false, nil
}

// Fact puts one judged signature into the rulebook's words.
func Fact(s pades.Signature) sei.EvidenceFact {
	return sei.EvidenceFact{
		Verdict: verdict(s.Verdict), Reasons: Reasons(s), Level: Level(s), CPF: s.Signer.CPF, Certificate: certificate(s),
	}
}

// Reasons are the sentences about a signature that weigh, worst first as found;
// mere remarks are left out.
func Reasons(s pades.Signature) []string {
	var out []string
	for _, r := range s.Reasons {
		if r.Effect != pades.VerdictValid {
			out = append(out, r.Message)
		}
	}
	return out
}

func verdict(v pades.Verdict) sei.SignatureVerdict {
	switch v {
	case pades.VerdictValid:
		return sei.VerdictValid
	case pades.VerdictInvalid:
		return sei.VerdictInvalid
	}
	return sei.VerdictIndeterminate
}

// Level is the level of Lei 14.063/2020, art. 4º. A training root stands for
// ICP-Brasil's inside a training central; a certificate under another root that
// the central trusts makes an advanced signature (II). One from nowhere that is
// known proves no more than who the central's user was: a simple one (I).
func Level(s pades.Signature) sei.SignatureLevel {
	return levelOfAnchor(s.Anchor)
}

func levelOfAnchor(kind string) sei.SignatureLevel {
	switch kind {
	case trust.KindICPBrasil, trust.KindTraining:
		return sei.LevelQualified
	case "":
		return sei.LevelSimple
	}
	return sei.LevelAdvanced
}

func certificate(s pades.Signature) *sei.Certificate {
	c := &sei.Certificate{
		Subject: s.Signer.Name, Issuer: s.Issuer, Serial: hexadecimal(s.Serial),
		ICPBrasil: s.Anchor == trust.KindICPBrasil, SHA256: sei.SHA256(s.CertSHA256),
	}
	c.NotBefore, _ = time.Parse(time.RFC3339, s.NotBefore)
	c.NotAfter, _ = time.Parse(time.RFC3339, s.NotAfter)
	return c
}

// hexadecimal writes a decimal serial number as certificates show it.
func hexadecimal(serial string) string {
	n, ok := new(big.Int).SetString(serial, 10)
	if !ok {
		return serial
	}
	return strings.ToUpper(n.Text(16))
}

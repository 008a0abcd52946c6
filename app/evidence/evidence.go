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

// New makes a Judge that trusts, beside ICP-Brasil, the roots in extraPEM (those
// of a training central; may be empty).
func New(extraPEM string) (*Judge, error) {
	var extra []trust.Root
	var between []*x509.Certificate
	if strings.TrimSpace(extraPEM) != "" {
		certs, _, err := trust.ParsePEM([]byte(extraPEM))
		if err != nil {
			return nil, fmt.Errorf("reading the central's trust roots: %w", err)
		}
		for _, c := range certs {
			if c.CheckSignatureFrom(c) == nil {
				extra = append(extra, trust.Root{Certificate: c, Kind: trust.KindTraining})
			} else {
				between = append(between, c)
			}
		}
	}
	if len(between) > 0 {
		return nil, sei.Errorf(sei.CodeInvalid, "A central anunciou uma raiz de confiança que não é uma raiz.")
	}
	store, err := trust.NewICPBrasil(extra...)
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
	report, err := j.Report(ctx, signed, size, time.Time{})
	if err != nil {
		if sei.CodeOf(err) == sei.CodeInternal || ctx.Err() != nil {
			return sei.EvidenceFact{}, err
		}
		return sei.EvidenceFact{Verdict: sei.VerdictInvalid, Reasons: []string{sei.MessageOf(err)}}, nil
	}
	if len(report.Signatures) == 0 {
		return sei.EvidenceFact{Verdict: sei.VerdictInvalid, Reasons: []string{"O arquivo não tem assinatura."}}, nil
	}
	fact := Fact(report.Signatures[len(report.Signatures)-1])
	fact.Extends, err = extends(ctx, signed, size, original)
	return fact, err
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

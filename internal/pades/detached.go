package pades

import (
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// SignDetached writes to out a CAdES signature (EN 319 122-1, DER) over the
// size bytes of in, which may be any file: the signature travels beside it, by
// custom under the file's name with ".p7s" at its end. Of opts it uses Signer,
// Certificate, Chain, Time, Policy (AD-RB of CAdES by default), Digest and
// Timestamp; what is drawn or written in PDFs has no place here. Errors:
// CodeCertificate, CodeKeyMismatch, CodePolicy, CodeChanged, those of the
// Signer and of Timestamp as they are.
func SignDetached(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, opts SignOptions) (*Signed, error) {
	opts.detached = true
	if err := opts.prepare(); err != nil {
		return nil, err
	}
	src := &source{r: in, size: size}
	first, digest, err := digestOnce(ctx, src, opts.Digest)
	if err != nil {
		return nil, err
	}
	s := &Signed{OriginalSize: size, Time: opts.Time}
	first.Sum(s.OriginalSHA256[:0])
	if err := opts.expected(s.OriginalSHA256); err != nil {
		return nil, err
	}
	// Nothing else holds the declared time here (EN 319 122-1, 6.3).
	declared, err := asn1.Marshal(opts.Time.UTC())
	if err != nil {
		return nil, fmt.Errorf("encoding the time: %w", err)
	}
	cms := opts.cms()
	cms.extra = append(cms.extra, attribute(oidSigningTime, declared))
	if s.CMS, err = buildCMS(ctx, digest.Sum(nil), cms); err != nil {
		return nil, err
	}
	if s.CMS, err = opts.stampTime(ctx, s.CMS); err != nil {
		return nil, err
	}
	if _, err := out.Write(s.CMS); err != nil {
		return nil, fmt.Errorf("writing the signature: %w", err)
	}
	s.Size, s.SHA256 = int64(len(s.CMS)), sha256.Sum256(s.CMS)
	return s, nil
}

// SubFilterDetached stands in a Report for a signature beside the file.
const SubFilterDetached = "CAdES"

// VerifyDetached judges a detached CAdES signature (DER) over content. The
// report has one signature. The error is for failures to read content; what is
// wrong with the signature is in the report.
func VerifyDetached(ctx context.Context, content io.ReaderAt, size int64, signature []byte, opts VerifyOptions) (*Report, error) {
	if opts.Now.IsZero() {
		opts.Now = time.Now()
	}
	c := &candidate{k: -1, ranged: true, contents: signature}
	c.Kind, c.Level, c.Verdict, c.SubFilter = KindSignature, LevelUnknown, VerdictValid, SubFilterDetached
	c.SignedSize, c.CoversFile, c.PrecedingSize = size, true, size
	src := &source{r: content, size: size}
	sum := sha256.New()
	if h, ok := c.openCMS(); ok {
		digest := h.New()
		if err := copyRange(ctx, io.MultiWriter(sum, digest), src, 0, size); err != nil {
			return nil, err
		}
		c.digest = digest.Sum(nil)
		c.RevisionSHA256 = hex.EncodeToString(sum.Sum(nil))
		if v, ok := c.cms.attr(oidSigningTime); ok {
			if _, err := asn1.Unmarshal(v.FullBytes, &c.DeclaredTime); err != nil {
				c.add(VerdictInvalid, ReasonFormat, "A assinatura está ilegível ou fora do formato.")
			}
		}
	}
	v := &verifier{ctx: ctx, opts: opts, found: []*candidate{c}}
	if _, err := v.signature(c, opts.ProvenTime); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &Report{Verdict: c.Verdict, Size: size, Signatures: []Signature{c.Signature}, OriginalSize: size}, nil
}

// RaiseDetached returns a detached signature with a timestamp over its value
// (AD-RT). Errors: CodeNothingToRaise, CodeNotRaisable, CodeTimestamp, those of
// the authority as they are.
func RaiseDetached(ctx context.Context, signature []byte, from Timestamper) ([]byte, time.Time, error) {
	m, err := parseCMS(signature)
	if err != nil {
		return nil, time.Time{}, sei.Wrap(err, CodeNotRaisable, "A assinatura está ilegível e não pode ser elevada.")
	}
	if _, has := m.unsigned[oidTimeStamp.String()]; has {
		return nil, time.Time{}, sei.Errorf(CodeNothingToRaise, "A assinatura já tem carimbo do tempo.")
	}
	n, err := derSize(signature)
	if err != nil {
		return nil, time.Time{}, err
	}
	raised, err := addSignatureTimestamp(ctx, signature[:n], from)
	if err != nil {
		return nil, time.Time{}, err
	}
	if m, err = parseCMS(raised); err != nil {
		return nil, time.Time{}, err
	}
	at, err := tokenTime(m.unsigned[oidTimeStamp.String()].FullBytes)
	return raised, at, err
}

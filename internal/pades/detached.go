package pades

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
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
	first, digest := sha256.New(), opts.Digest.New()
	if err := copyRange(ctx, io.MultiWriter(first, digest), src, 0, size); err != nil {
		return nil, err
	}
	s := &Signed{OriginalSize: size, Time: opts.Time}
	first.Sum(s.OriginalSHA256[:0])
	if err := opts.expected(s.OriginalSHA256); err != nil {
		return nil, err
	}
	var err error
	if s.CMS, err = buildCMS(ctx, digest.Sum(nil), opts.cms()); err != nil {
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

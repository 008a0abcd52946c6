package evidence

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// Raiser adds proof to signed files without their signers.
type Raiser struct {
	judge *Judge
	tsa   pades.Timestamper
	to    pades.RaiseLevel
	lists trust.PolicyLists
}

// NewRaiser makes a Raiser to the given level. From AD-RC on the Judge needs a
// source of revocation data that uses the network; AD-RA also needs lists.
func NewRaiser(j *Judge, tsa pades.Timestamper, to pades.RaiseLevel, lists trust.PolicyLists) (*Raiser, error) {
	switch to {
	case pades.RaiseTimestamp, pades.RaiseReferences, pades.RaiseArchive:
		return &Raiser{judge: j, tsa: tsa, to: to, lists: lists}, nil
	}
	return nil, sei.Errorf(sei.CodeInvalid, "O nível %q não existe. Use AD-RT, AD-RC ou AD-RA.", string(to))
}

// maxDetached is the largest signature beside a file that is read, in bytes.
const maxDetached = 4 << 20

// Raise writes to w the signed file, or the signature beside a file (by mime),
// with more proof. Errors: pades.CodeNothingToRaise and the other codes of
// pades.Raise.
func (r *Raiser) Raise(ctx context.Context, w io.Writer, in io.ReaderAt, size int64, mime string) (level string, provenAt time.Time, err error) {
	if mime == sei.MIMEDetached {
		return r.detached(ctx, w, in, size)
	}
	raised, err := pades.Raise(ctx, in, size, w, pades.RaiseOptions{
		To: r.to, Timestamp: r.tsa, Validation: r.judge.store, Artifacts: r.artifacts,
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return string(r.to), raised.Time, nil
}

// detached gives a timestamp: DOC-ICP-15.03 keeps references for CAdES in the
// signature itself, which this program does not write.
func (r *Raiser) detached(ctx context.Context, w io.Writer, in io.ReaderAt, size int64) (string, time.Time, error) {
	if size > maxDetached {
		return "", time.Time{}, sei.Errorf(sei.CodeTooLarge, "A assinatura é grande demais.")
	}
	data, err := io.ReadAll(io.NewSectionReader(in, 0, size))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("reading a signature: %w", err)
	}
	raised, at, err := pades.RaiseDetached(ctx, data, r.tsa)
	if err != nil {
		return "", time.Time{}, err
	}
	if _, err := w.Write(raised); err != nil {
		return "", time.Time{}, fmt.Errorf("writing a raised signature: %w", err)
	}
	return string(pades.RaiseTimestamp), at, nil
}

func (r *Raiser) artifacts(policyOID string) (pades.PolicyArtifacts, error) {
	policy, err := trust.PolicyDER(policyOID)
	if err != nil {
		return pades.PolicyArtifacts{}, err
	}
	list := r.lists.PAdES
	return pades.PolicyArtifacts{Policy: policy, List: list.DER, ListSignature: list.Signature}, nil
}

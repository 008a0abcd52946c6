package evidence

import (
	"context"
	"crypto"
	"crypto/x509"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Seals looks for a central's seal.
type Seals struct{}

// ReadSeal gives the reason of the seal that key made over the whole file, or ""
// when there is none, something was added or changed, or it is no PDF.
func (Seals) ReadSeal(ctx context.Context, in io.ReaderAt, size int64, key crypto.PublicKey) (string, error) {
	report, err := pades.Verify(ctx, in, size, pades.VerifyOptions{Chains: ownKey{key}})
	if err != nil {
		if ctx.Err() == nil && sei.CodeOf(err) != sei.CodeInternal {
			return "", nil // not a PDF that can be read
		}
		return "", err
	}
	if len(report.Signatures) != 1 {
		return "", nil
	}
	if s := report.Signatures[0]; s.Verdict == pades.VerdictValid && s.CoversFile && s.Anchor == anchorSeal {
		return s.Reason, nil
	}
	return "", nil
}

const anchorSeal = "other"

// ownKey trusts one key, whatever certificate it has by now, and nothing else.
type ownKey struct{ key crypto.PublicKey }

func (o ownKey) VerifyChain(_ context.Context, leaf *x509.Certificate, _ []*x509.Certificate, _ time.Time) ([]*x509.Certificate, string, error) {
	if key, ok := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !key.Equal(o.key) {
		return nil, "", sei.Errorf(pades.CodeChainUnknown, "A assinatura não é o selo desta central.")
	}
	return []*x509.Certificate{leaf}, anchorSeal, nil
}

func (ownKey) CheckRevocation(context.Context, []*x509.Certificate, time.Time, [][]byte, [][]byte) error {
	return nil
}

package sync

import (
	"context"
	"crypto/ed25519"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// ReceiptKeys knows the central's receipt keys; a [Store] is one.
type ReceiptKeys interface {
	ReceiptKey(ctx context.Context, id string) (ed25519.PublicKey, bool, error)
}

// VerifyReceipt opens a receipt for a command: it must be signed by a known key
// of the central and name the command and the bytes of its seal, or of one that
// it had before a new epoch. The error has [CodeReceipt] if it does not verify.
func VerifyReceipt(ctx context.Context, keys ReceiptKeys, q QueuedCommand, sealed ledger.Sealed) (ledger.Receipt, error) {
	pub, known, err := keys.ReceiptKey(ctx, sealed.Key)
	if err != nil {
		return ledger.Receipt{}, fmt.Errorf("looking up receipt key %s: %w", sealed.Key, err)
	}
	if !known {
		return ledger.Receipt{}, badReceipt(fmt.Errorf("receipt key %s is not known", sealed.Key))
	}
	r, err := ledger.OpenReceipt(pub, sealed, string(q.ID), q.Sealed.Hash())
	for i := 0; err != nil && i < len(q.Former); i++ {
		if former, formerErr := ledger.OpenReceipt(pub, sealed, string(q.ID), q.Former[i]); formerErr == nil {
			r, err = former, nil
		}
	}
	if err != nil {
		return ledger.Receipt{}, badReceipt(err)
	}
	return r, nil
}

func badReceipt(cause error) error {
	return sei.Wrap(cause, CodeReceipt, "A central respondeu com um recibo que não confere. Nada foi dado como aceito; avise o suporte.")
}

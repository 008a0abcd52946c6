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
// of the central and name the command and the very bytes that were sent. The
// error has [CodeReceipt] if it does not verify.
func VerifyReceipt(ctx context.Context, keys ReceiptKeys, id sei.CommandID, command, receipt ledger.Sealed) (ledger.Receipt, error) {
	pub, known, err := keys.ReceiptKey(ctx, receipt.Key)
	if err != nil {
		return ledger.Receipt{}, fmt.Errorf("looking up receipt key %s: %w", receipt.Key, err)
	}
	if !known {
		return ledger.Receipt{}, badReceipt(fmt.Errorf("receipt key %s is not known", receipt.Key))
	}
	r, err := ledger.OpenReceipt(pub, receipt, string(id), command.Hash())
	if err != nil {
		return ledger.Receipt{}, badReceipt(err)
	}
	return r, nil
}

func badReceipt(cause error) error {
	return sei.Wrap(cause, CodeReceipt, "A central respondeu com um recibo que não confere. Nada foi dado como aceito; avise o suporte.")
}

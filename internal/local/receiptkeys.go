package local

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// maxReceiptKeys limits what a central may announce.
const maxReceiptKeys = 100

// ReceiptKey is the central's key of that id, learned at enrolment or through a
// verified rotation; the bool says whether it is known.
func (s *Store) ReceiptKey(ctx context.Context, id string) (ed25519.PublicKey, bool, error) {
	var public []byte
	err := s.r.QueryRowContext(ctx, `SELECT public FROM receipt_keys WHERE id = ?`, id).Scan(&public)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading receipt key %s: %w", id, err)
	}
	return public, true, nil
}

// LearnReceiptKeys stores what the central announces. The first keys ever are
// believed, as at enrolment; a later one only with a rotation sealed by a key
// that is known already, else [CodeReceiptKey] and nothing is stored.
func (s *Store) LearnReceiptKeys(ctx context.Context, keys []wire.ReceiptKey) error {
	return s.write(ctx, "learning receipt keys", func(tx *sql.Tx) error { return learnReceiptKeys(ctx, tx, keys) })
}

func learnReceiptKeys(ctx context.Context, tx *sql.Tx, keys []wire.ReceiptKey) error {
	if len(keys) > maxReceiptKeys {
		return unvouched(fmt.Errorf("%d keys announced", len(keys)))
	}
	known := map[string]ed25519.PublicKey{}
	err := each(ctx, tx, func(scan func(...any) error) error {
		var id string
		var public []byte
		err := scan(&id, &public)
		known[id] = public
		return err
	}, `SELECT id, public FROM receipt_keys`)
	if err != nil {
		return err
	}
	first := len(known) == 0
	left := keys
	// Keys may stand in any order, so go on as long as one more can be believed.
	for progress := true; progress && len(left) > 0; {
		progress = false
		var waiting []wire.ReceiptKey
		for _, k := range left {
			ok, err := believe(known, k, first)
			if err != nil {
				return err
			}
			if !ok {
				waiting = append(waiting, k)
				continue
			}
			progress = true
			if err := storeReceiptKey(ctx, tx, known, k); err != nil {
				return err
			}
		}
		left = waiting
	}
	if len(left) > 0 {
		return unvouched(fmt.Errorf("key %s has no rotation sealed by a known key", left[0].ID))
	}
	return nil
}

func storeReceiptKey(ctx context.Context, tx *sql.Tx, known map[string]ed25519.PublicKey, k wire.ReceiptKey) error {
	known[k.ID] = k.Public
	return exec(ctx, tx, `INSERT INTO receipt_keys (id, public, since) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		k.ID, []byte(k.Public), stamp(k.From))
}

// believe judges one announced key; false without an error may change when
// another announced key has been believed.
func believe(known map[string]ed25519.PublicKey, k wire.ReceiptKey, first bool) (bool, error) {
	if len(k.Public) != ed25519.PublicKeySize || k.ID != ledger.KeyID(k.Public) {
		return false, unvouched(fmt.Errorf("key %q does not carry its own id", k.ID))
	}
	if _, ok := known[k.ID]; ok || first {
		return true, nil
	}
	if k.Rotation == nil {
		return false, nil
	}
	signer, ok := known[k.Rotation.Key]
	if !ok {
		return false, nil
	}
	if err := k.Rotation.Verify(signer, ledger.TypeRotation); err != nil {
		return false, unvouched(err)
	}
	var said wire.ReceiptKey
	if err := json.Unmarshal(k.Rotation.Payload, &said); err != nil || said.ID != k.ID || !said.Public.Equal(k.Public) {
		return false, unvouched(errors.Join(err, fmt.Errorf("the rotation is not for key %s", k.ID)))
	}
	return true, nil
}

func unvouched(err error) error {
	return sei.Wrap(err, CodeReceiptKey, "A central se apresentou com uma chave que este computador não conhece. Não envie nada e avise o suporte.")
}

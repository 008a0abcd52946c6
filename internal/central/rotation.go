package central

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// keysSchema is the first version of the schema that keeps every receipt key.
const keysSchema = 6

// maxReceiptKeys is what a desk takes from a central.
const maxReceiptKeys = 100

// rotation binds two keys to each other. It lies in the file of the newer key,
// so that one rename changes the key and whoever vouches for it.
type rotation struct {
	// Rotation is the old key's word for the new one: whoever knows the old key
	// goes on to the new one.
	Rotation ledger.Sealed `json:"rotation"`
	// Before is the new key's word for the old one: whoever knows only the new key
	// verifies old receipts.
	Before ledger.Sealed `json:"before"`
}

// storedKey is a receipt key as the database keeps it.
type storedKey struct {
	wire.ReceiptKey
	before *ledger.Sealed // nil for the first
}

// RotateReceiptKey replaces the receipt key of the central in the folder, which
// must not be in service nor in a recovery. What the old key sealed verifies for
// ever; its private half is gone.
func RotateReceiptKey(ctx context.Context, folder string, random io.Reader, now time.Time) (wire.ReceiptKey, error) {
	var none wire.ReceiptKey
	if _, err := ReceiptPublicKey(folder); err != nil {
		return none, err
	}
	database := filepath.Join(folder, databaseFile)
	if _, err := os.Stat(database); err != nil {
		return none, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não há banco de uma central em %s. Confira a pasta.", folder))
	}
	held, err := Hold(folder)
	if err != nil {
		return none, err
	}
	defer func() { _ = held.Close() }() // the end of the process frees it as well
	if err := upToDate(ctx, database); err != nil {
		return none, err
	}
	if err := writeInto(ctx, database, func(w *writer) error { return mayRotate(w, folder) }); err != nil {
		return none, err
	}
	next, err := rotateFile(folder, random, now)
	if err != nil {
		return none, err
	}
	return next, writeInto(ctx, database, func(w *writer) error {
		_, err := takeUpKey(w, folder)
		return err
	})
}

// upToDate brings the database to this release's schema.
func upToDate(ctx context.Context, database string) error {
	s, err := openStore(ctx, database)
	if err != nil {
		return err
	}
	return s.close()
}

// mayRotate also makes sure that the database knows the key that will go.
func mayRotate(w *writer, folder string) error {
	open, err := openRecovery(w.reader)
	if err != nil {
		return err
	}
	if open != nil {
		return sei.Errorf(sei.CodeConflict, "A central está em recuperação. Encerre a recuperação antes de trocar a chave.")
	}
	keys, err := takeUpKey(w, folder)
	if err == nil && len(keys) >= maxReceiptKeys {
		err = sei.Errorf(sei.CodeConflict, "A central já trocou de chave %d vezes, e as estações não aceitam mais.", maxReceiptKeys-1)
	}
	return err
}

func rotateFile(folder string, random io.Reader, now time.Time) (wire.ReceiptKey, error) {
	old, oldSince, err := receiptKey(folder, nil, time.Time{})
	if err != nil {
		return wire.ReceiptKey{}, err
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return wire.ReceiptKey{}, fmt.Errorf("making the receipt key: %w", err)
	}
	key, since := ed25519.NewKeyFromSeed(seed), now.UTC().Truncate(time.Second)
	next := describeKey(key, since)
	var r rotation
	if r.Rotation, err = vouch(old, next); err != nil {
		return next, err
	}
	if r.Before, err = vouch(key, describeKey(old, oldSince)); err != nil {
		return next, err
	}
	next.Rotation = &r.Rotation
	return next, writeReceiptKey(filepath.Join(folder, keyFile), key, since, &r)
}

func describeKey(key ed25519.PrivateKey, since time.Time) wire.ReceiptKey {
	pub := key.Public().(ed25519.PublicKey)
	return wire.ReceiptKey{ID: ledger.KeyID(pub), Public: pub, From: since}
}

func vouch(signer ed25519.PrivateKey, k wire.ReceiptKey) (ledger.Sealed, error) {
	data, err := json.Marshal(k)
	if err != nil {
		return ledger.Sealed{}, fmt.Errorf("encoding a receipt key: %w", err)
	}
	return ledger.Seal(signer, ledger.TypeRotation, data), nil
}

// vouched is the key that the signer's word is for.
func vouched(signer ed25519.PublicKey, word ledger.Sealed) (wire.ReceiptKey, error) {
	var k wire.ReceiptKey
	if err := word.Verify(signer, ledger.TypeRotation); err != nil {
		return k, fmt.Errorf("rotation: %w", err)
	}
	if err := json.Unmarshal(word.Payload, &k); err != nil {
		return k, fmt.Errorf("rotation: %w", err)
	}
	if len(k.Public) != ed25519.PublicKeySize || ledger.KeyID(k.Public) != k.ID {
		return k, errors.New("the rotation is for no key")
	}
	return k, nil
}

// readRotation is nil where the folder's key is the first.
func readRotation(folder string) (*rotation, error) {
	data, err := os.ReadFile(filepath.Join(folder, keyFile))
	if err != nil {
		return nil, fmt.Errorf("reading the receipt key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Headers["Rotation"] == "" {
		return nil, nil
	}
	var r rotation
	raw, err := base64.StdEncoding.DecodeString(block.Headers["Rotation"])
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the rotation of the receipt key: %w", err)
	}
	return &r, nil
}

// storedKeys reads the keys in the order of their use.
func storedKeys(r reader) ([]storedKey, error) {
	var keys []storedKey
	err := r.each("SELECT announced, before FROM receipt_keys ORDER BY place", nil, func(scan func(...any) error) error {
		var announced, before string
		if err := scan(&announced, &before); err != nil {
			return err
		}
		var k storedKey
		err := json.Unmarshal([]byte(announced), &k.ReceiptKey)
		if err == nil && before != "" {
			err = json.Unmarshal([]byte(before), &k.before)
		}
		if err != nil {
			return fmt.Errorf("decoding a receipt key: %w", err)
		}
		keys = append(keys, k)
		return nil
	})
	return keys, err
}

func announced(keys []storedKey) []wire.ReceiptKey {
	all := make([]wire.ReceiptKey, len(keys))
	for i, k := range keys {
		all[i] = k.ReceiptKey
	}
	return all
}

func (s *Service) prepareKeys(w *writer) error {
	var err error
	s.keys, err = takeUpKey(w, s.cfg.Folder)
	return err
}

// takeUpKey gives every key of the central and keeps the folder's own with them.
// One that the database does not know must be vouched for by one that it knows:
// a rotation that was interrupted, or a backup older than it.
func takeUpKey(w *writer, folder string) ([]storedKey, error) {
	private, since, err := receiptKey(folder, nil, time.Time{})
	if err != nil {
		return nil, err
	}
	keys, err := storedKeys(w.reader)
	if err != nil {
		return nil, err
	}
	own := storedKey{ReceiptKey: describeKey(private, since)}
	for _, k := range keys {
		if k.ID == own.ID {
			return keys, nil
		}
	}
	r, err := readRotation(folder)
	if err != nil {
		return nil, err
	}
	var fresh []storedKey
	if r != nil {
		old, err := vouched(own.Public, r.Before)
		if err != nil {
			return nil, foreignKey(err)
		}
		if len(keys) == 0 { // the database is of a release that kept no keys
			fresh = append(fresh, storedKey{ReceiptKey: old})
		}
		own.Rotation, own.before = &r.Rotation, &r.Before
	}
	fresh = append(fresh, own)
	all := append(keys, fresh...)
	if pub := trustedKeys(all, all[0].Public)[own.ID]; !own.Public.Equal(pub) {
		return nil, foreignKey(fmt.Errorf("no known key vouches for %s", own.ID))
	}
	for i, k := range fresh {
		if err := insertKey(w, k, len(keys)+i+1); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func foreignKey(cause error) error {
	return sei.Wrap(cause, sei.CodeConflict, "A chave dos recibos na pasta não é desta central. Confira se a pasta e a cópia de segurança são as certas.")
}

func insertKey(w *writer, k storedKey, place int) error {
	data, err := json.Marshal(k.ReceiptKey)
	if err != nil {
		return fmt.Errorf("encoding a receipt key: %w", err)
	}
	before := ""
	if k.before != nil {
		if before, err = encodeSealed(*k.before); err != nil {
			return err
		}
	}
	return w.exec("INSERT INTO receipt_keys (id, place, announced, before) VALUES (?, ?, ?, ?)", k.ID, place, string(data), before)
}

// trustedKeys are those that the anchor leads to, forwards by what older keys
// say of newer ones and backwards by what newer ones say of older ones.
func trustedKeys(keys []storedKey, anchor ed25519.PublicKey) map[string]ed25519.PublicKey {
	trusted := map[string]ed25519.PublicKey{ledger.KeyID(anchor): anchor}
	for grown := true; grown; {
		grown = false
		follow := func(signer ed25519.PublicKey, word *ledger.Sealed) {
			if word == nil || signer == nil {
				return
			}
			k, err := vouched(signer, *word)
			if _, known := trusted[k.ID]; err == nil && !known {
				trusted[k.ID], grown = k.Public, true
			}
		}
		for _, k := range keys {
			if k.Rotation != nil {
				follow(trusted[k.Rotation.Key], k.Rotation)
			}
			follow(trusted[k.ID], k.before)
		}
	}
	return trusted
}

// receiptKeys finds the keys under which the central's seals must verify.
func (in *inspector) receiptKeys() error {
	in.keys = trustedKeys(nil, in.cfg.Key)
	if in.out.Schema < keysSchema {
		return nil
	}
	keys, err := storedKeys(in.r)
	if err != nil {
		return err
	}
	in.keys = trustedKeys(keys, in.cfg.Key)
	for _, k := range keys {
		if pub, known := in.keys[k.ID]; !known || !pub.Equal(k.Public) {
			in.out.find(CheckKey, "chave "+k.ID, "Nenhuma chave conhecida da central responde por esta chave dos recibos.")
		}
	}
	return nil
}

// keyFor is the trusted key that a message names, else the configured one, under
// which a message of another key does not verify.
func (in *inspector) keyFor(s ledger.Sealed) ed25519.PublicKey {
	if pub, known := in.keys[s.Key]; known {
		return pub
	}
	return in.cfg.Key
}

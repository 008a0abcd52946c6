package central

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const keyFile = "receipt-key.pem"

// receiptKey reads the key that seals receipts, or makes it. It is a PKCS#8 PEM
// that only the service's own account can read.
func receiptKey(folder string, random io.Reader, now time.Time) (ed25519.PrivateKey, time.Time, error) {
	path := filepath.Join(folder, keyFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeReceiptKey(path, random, now)
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("reading the receipt key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, time.Time{}, fmt.Errorf("%s holds no PEM block", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("reading the receipt key: %w", err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, time.Time{}, fmt.Errorf("%s holds no Ed25519 key", path)
	}
	since, err := time.Parse(time.RFC3339, block.Headers["Since"])
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("reading the receipt key: %w", err)
	}
	return key, since, nil
}

func makeReceiptKey(path string, random io.Reader, now time.Time) (ed25519.PrivateKey, time.Time, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, time.Time{}, fmt.Errorf("making the receipt key: %w", err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("encoding the receipt key: %w", err)
	}
	since := now.UTC().Truncate(time.Second)
	block := &pem.Block{Type: "PRIVATE KEY", Headers: map[string]string{"Since": since.Format(time.RFC3339)}, Bytes: der}
	if err := writeSecret(path, pem.EncodeToMemory(block)); err != nil {
		return nil, time.Time{}, err
	}
	return key, since, nil
}

// writeSecret writes beside and renames, so that a crash leaves a whole file or
// none.
func writeSecret(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // made with 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}

func (s *Service) receiptPublicKey() wire.ReceiptKey {
	pub := s.key.Public().(ed25519.PublicKey)
	return wire.ReceiptKey{ID: ledger.KeyID(pub), Public: pub, From: s.keySince}
}

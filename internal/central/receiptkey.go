package central

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
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
	since := now.UTC().Truncate(time.Second)
	return key, since, writeReceiptKey(path, key, since, nil)
}

// writeReceiptKey replaces the key at once or not at all, its rotation with it.
func writeReceiptKey(path string, key ed25519.PrivateKey, since time.Time, r *rotation) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding the receipt key: %w", err)
	}
	block := &pem.Block{Type: "PRIVATE KEY", Headers: map[string]string{"Since": since.Format(time.RFC3339)}, Bytes: der}
	if r != nil {
		data, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding the rotation: %w", err)
		}
		block.Headers["Rotation"] = base64.StdEncoding.EncodeToString(data)
	}
	return writeSecret(path, pem.EncodeToMemory(block))
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

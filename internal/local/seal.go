package local

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	sealForm = 1 // first byte of everything sealed
	keySize  = 32
	sealTag  = "seirs/local/1"
)

// secrets are what an unlocked store holds in memory.
type secrets struct {
	data  []byte // the data key; read it through dataKey
	texts []byte // for telling equal texts apart from others
	rows  cipher.AEAD
	blobs Blobs
}

// deriveKey separates the uses of the data key.
func deriveKey(data []byte, use string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, data, nil, sealTag+"/"+use, keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", use, err)
	}
	return key, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("preparing AES: %w", err)
	}
	return cipher.NewGCM(block)
}

// sealBytes encrypts with AES-256-GCM. The place (table and row) is associated
// data, so that what is sealed cannot be moved to another row.
func sealBytes(random io.Reader, aead cipher.AEAD, place string, plain []byte) ([]byte, error) {
	out := make([]byte, 1+aead.NonceSize(), 1+aead.NonceSize()+len(plain)+aead.Overhead())
	out[0] = sealForm
	nonce := out[1:]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return aead.Seal(out, nonce, plain, []byte(sealTag+"\n"+place)), nil //nolint:gosec // the nonce was just read from random
}

func openBytes(aead cipher.AEAD, place string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+aead.NonceSize() || sealed[0] != sealForm {
		return nil, errors.New("not a sealed value")
	}
	nonce, text := sealed[1:1+aead.NonceSize()], sealed[1+aead.NonceSize():]
	return aead.Open(nil, nonce, text, []byte(sealTag+"\n"+place))
}

// place names a row for sealing.
func place(table string, key ...string) string {
	data, _ := json.Marshal(key) // strings always encode; JSON keeps the parts apart
	return table + string(data)
}

// unlocked gives the secrets, or CodeLocked.
func (s *Store) unlocked() (*secrets, error) {
	s.vaultMu.RLock()
	defer s.vaultMu.RUnlock()
	if s.open == nil {
		return nil, locked()
	}
	return s.open, nil
}

// dataKey gives a copy: Lock overwrites the original.
func (s *Store) dataKey() ([]byte, error) {
	s.vaultMu.RLock()
	defer s.vaultMu.RUnlock()
	if s.open == nil {
		return nil, locked()
	}
	return bytes.Clone(s.open.data), nil
}

// seal and unseal work on one row's value; the error of unseal is CodeLocked
// or CodeDamaged.
func (s *Store) seal(at string, plain []byte) ([]byte, error) {
	k, err := s.unlocked()
	if err != nil {
		return nil, err
	}
	return sealBytes(s.opts.Random, k.rows, at, plain)
}

func (s *Store) unseal(at string, sealed []byte) ([]byte, error) {
	k, err := s.unlocked()
	if err != nil {
		return nil, err
	}
	plain, err := openBytes(k.rows, at, sealed)
	if err != nil {
		return nil, damaged(fmt.Errorf("unsealing %s: %w", at, err))
	}
	return plain, nil
}

func (s *Store) sealJSON(at string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", at, err)
	}
	return s.seal(at, plain)
}

func (s *Store) unsealJSON(at string, sealed []byte, v any) error {
	plain, err := s.unseal(at, sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return damaged(fmt.Errorf("decoding %s: %w", at, err))
	}
	return nil
}

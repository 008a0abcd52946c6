package keys

import (
	"errors"
	"fmt"
	"log/slog"
)

// MaxSecret is the most bytes a PIN or password may have.
const MaxSecret = 256

// Secret is a PIN or a PFX password on its single way to the key. Copies share
// the bytes, so that Zero erases all of them. It prints as "***" everywhere and
// refuses to be encoded, so that it cannot reach a log or a file by accident.
// The zero value is "no secret" (PIN pads, the Windows store).
type Secret struct {
	// A function, because fmt looks into unexported fields without asking Format.
	reveal func() []byte
}

// NewSecret takes ownership of b, which Zero will erase. Bytes beyond MaxSecret
// make a secret that no store accepts.
func NewSecret(b []byte) Secret { return Secret{reveal: func() []byte { return b }} }

// NewSecretString copies s. The string itself cannot be erased in Go; prefer
// NewSecret where the bytes are at hand.
func NewSecretString(s string) Secret { return NewSecret([]byte(s)) }

// Bytes gives the secret itself, not a copy. Nobody keeps it.
func (s Secret) Bytes() []byte {
	if s.reveal == nil {
		return nil
	}
	return s.reveal()
}

// Empty is true for the zero value and for an erased or empty secret.
func (s Secret) Empty() bool {
	for _, b := range s.Bytes() {
		if b != 0 {
			return false
		}
	}
	return true
}

// Zero erases the bytes in every copy.
func (s Secret) Zero() { clear(s.Bytes()) }

// Format hides the secret from every fmt verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("***")) }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalText refuses: a secret is never written.
func (Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("a secret is never encoded")
}

package protocol

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// SaltSize is the length in bytes of the salt behind a código CRC.
const SaltSize = 16

const (
	qrTokenSize   = 16 // bytes: 128 bits, so that a QR code cannot be guessed
	qrTokenLength = 26 // characters of it in base32 without padding
	crcLength     = 8  // hexadecimal digits
)

// crcTag keeps a CRC from ever equalling a prefix of another digest made of the
// same salt and hash.
const crcTag = "sei-rs/codigo-crc/v1\x00"

var tokenEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSalt reads a salt for one freezing of a document.
func NewSalt(random io.Reader) ([]byte, error) {
	salt := make([]byte, SaltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("reading a salt: %w", err)
	}
	return salt, nil
}

// CRC is the código CRC of a frozen revision: the first 32 bits, in eight
// upper-case hexadecimal digits, of SHA-256 over a domain tag, the salt and the
// SHA-256 of the frozen bytes. The salt ([NewSalt], new at each freezing) keeps
// the code from being computed by whoever merely has the file, and from telling
// two documents with the same content.
func CRC(revisionHash [sha256.Size]byte, salt []byte) string {
	h := sha256.New()
	h.Write([]byte(crcTag))
	h.Write(salt)
	h.Write(revisionHash[:])
	return strings.ToUpper(hex.EncodeToString(h.Sum(nil)[:crcLength/2]))
}

// ParseCRC reads a código CRC as people copy it from paper: either case, spaces
// and hyphens passed over, the letters O, I and L (which no hexadecimal number
// has) taken for 0 and 1. It returns the canonical form, or a CodeNumber refusal.
func ParseCRC(typed string) (string, error) {
	if len(typed) <= maxTypedNumber {
		s := strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
		if raw, err := hex.DecodeString(s); err == nil && len(raw) == crcLength/2 {
			return s, nil
		}
	}
	return "", sei.Errorf(CodeNumber, "O código CRC deve ter 8 caracteres, de 0 a 9 e de A a F. Confira o que foi digitado.")
}

// NewQRToken reads a 128-bit token for the QR code of a frozen revision and
// returns it in upper-case base32 (26 characters), which a QR code stores in its
// compact alphanumeric mode.
func NewQRToken(random io.Reader) (string, error) {
	raw := make([]byte, qrTokenSize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("reading a QR token: %w", err)
	}
	return tokenEncoding.EncodeToString(raw), nil
}

// ParseQRToken returns the canonical form of a token in either case, or a
// CodeNumber refusal. Every token has one canonical form.
func ParseQRToken(s string) (string, error) {
	if len(s) == qrTokenLength {
		s = strings.ToUpper(s)
		raw, err := tokenEncoding.DecodeString(s)
		if err == nil && tokenEncoding.EncodeToString(raw) == s {
			return s, nil
		}
	}
	return "", sei.Errorf(CodeNumber, "O endereço do código QR está incompleto. Leia o código outra vez.")
}

// SameCode compares two canonical CRCs or tokens in time that does not depend on
// where they differ. Two empty codes are not the same: nothing stored must never
// match nothing typed.
func SameCode(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

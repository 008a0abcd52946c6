package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
)

// The types of sealed messages.
const (
	TypeCommand    = "application/vnd.seirs.command+json"
	TypeReceipt    = "application/vnd.seirs.receipt+json"
	TypeCheckpoint = "application/vnd.seirs.checkpoint+json"
	TypeRotation   = "application/vnd.seirs.key-rotation+json"
	TypeBackup     = "application/vnd.seirs.backup+json"
	TypeRecovery   = "application/vnd.seirs.recovery+json"
	TypeGiveBack   = "application/vnd.seirs.give-back+json"
)

// Sealed is a signed message: the exact bytes that were signed travel with the
// signature (DSSE v1, Ed25519).
type Sealed struct {
	Type    string `json:"type"`
	Payload []byte `json:"payload"`
	Key     string `json:"key"` // id of the signing key
	Sig     []byte `json:"sig"`
}

// KeyID identifies a public key: the first 16 bytes of its SHA-256, base64url.
func KeyID(pub ed25519.PublicKey) string {
	sum := sha256.Sum256(pub)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Seal signs payload as a message of the given type.
func Seal(key ed25519.PrivateKey, typ string, payload []byte) Sealed {
	pub := key.Public().(ed25519.PublicKey)
	return Sealed{Type: typ, Payload: payload, Key: KeyID(pub), Sig: ed25519.Sign(key, preAuth(typ, payload))}
}

// Verify says whether s is a message of the given type signed by pub.
func (s Sealed) Verify(pub ed25519.PublicKey, typ string) error {
	switch {
	case len(pub) != ed25519.PublicKeySize:
		return fmt.Errorf("a public key has %d bytes, not %d", ed25519.PublicKeySize, len(pub))
	case s.Type != typ:
		return fmt.Errorf("sealed message is of type %q, not %q", s.Type, typ)
	case s.Key != KeyID(pub):
		return fmt.Errorf("sealed message was signed by key %s, not %s", s.Key, KeyID(pub))
	case !ed25519.Verify(pub, preAuth(typ, s.Payload), s.Sig):
		return fmt.Errorf("signature of sealed message does not verify")
	}
	return nil
}

// Hash identifies the sealed bytes, for deduplication.
func (s Sealed) Hash() Hash { return sha256.Sum256(preAuth(s.Type, s.Payload)) }

// preAuth is DSSE's pre-authentication encoding.
func preAuth(typ string, payload []byte) []byte {
	b := make([]byte, 0, len(payload)+len(typ)+32)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(typ)), 10)
	b = append(b, ' ')
	b = append(b, typ...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	b = append(b, ' ')
	return append(b, payload...)
}

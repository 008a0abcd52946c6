package ledger

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// HashSize is the length of every hash in the ledger, in bytes (SHA-256).
const HashSize = sha256.Size

// SaltSize is the length of a payload's salt, in bytes.
const SaltSize = 16

const (
	headerTag  = "seirs/header/1"
	payloadTag = "seirs/payload/1"
	headerForm = 1
	maxField   = 512 // bytes of one text field of a header
)

// Hash is a SHA-256.
type Hash [HashSize]byte

// String is the lower-case hexadecimal form.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hexadecimal form.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the hexadecimal form.
func (h *Hash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != HashSize {
		return fmt.Errorf("a hash has %d hexadecimal digits, not %d", 2*HashSize, len(text))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("reading hash: %w", err)
	}
	return nil
}

// Header is the chained part of an event. It names people and units only by id.
type Header struct {
	Stream  string    `json:"stream"`
	Version int64     `json:"version"` // from 1, without gaps
	Prev    Hash      `json:"prev"`    // of the stream's previous header; zeros for the first
	Kind    string    `json:"kind"`
	Command string    `json:"command"` // id of the command that caused it
	Unit    string    `json:"unit"`
	User    string    `json:"user"`
	At      time.Time `json:"at"`     // acceptance, UTC, microseconds
	Digest  Hash      `json:"digest"` // of salt and payload
}

// Encode is the header's only binary form.
func (h Header) Encode() []byte {
	b := make([]byte, 0, 256)
	b = append(b, headerForm)
	b = appendText(b, h.Stream)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Version))
	b = append(b, h.Prev[:]...)
	b = appendText(b, h.Kind)
	b = appendText(b, h.Command)
	b = appendText(b, h.Unit)
	b = appendText(b, h.User)
	b = binary.BigEndian.AppendUint64(b, uint64(h.At.UnixMicro()))
	return append(b, h.Digest[:]...)
}

func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...)
}

// Check refuses headers that have no valid encoding.
func (h Header) Check() error {
	for _, s := range []string{h.Stream, h.Kind, h.Command, h.Unit, h.User} {
		if len(s) > maxField {
			return fmt.Errorf("a header field has %d bytes, over the limit of %d", len(s), maxField)
		}
	}
	switch {
	case h.Stream == "" || h.Kind == "":
		return errors.New("a header needs a stream and a kind")
	case h.Version < 1:
		return fmt.Errorf("a header's version is %d; versions start at 1", h.Version)
	case h.At != h.At.Truncate(time.Microsecond):
		return errors.New("a header's time is finer than a microsecond")
	}
	return nil
}

// Hash identifies the header and, through Prev, all before it in its stream.
func (h Header) Hash() Hash {
	s := sha256.New()
	s.Write([]byte(headerTag))
	s.Write(h.Encode())
	return Hash(s.Sum(nil))
}

// DecodeHeader reads the binary form.
func DecodeHeader(data []byte) (Header, error) {
	r := reader{data: data}
	if form := r.byte(); form != headerForm && r.err == nil {
		return Header{}, fmt.Errorf("unknown header form %d", form)
	}
	var h Header
	h.Stream = r.text()
	h.Version = int64(r.uint64())
	h.Prev = r.hash()
	h.Kind, h.Command, h.Unit, h.User = r.text(), r.text(), r.text(), r.text()
	h.At = time.UnixMicro(int64(r.uint64())).UTC()
	h.Digest = r.hash()
	if r.err == nil && len(r.data) > 0 {
		r.err = errors.New("bytes follow the header")
	}
	if r.err != nil {
		return Header{}, fmt.Errorf("decoding header: %w", r.err)
	}
	return h, h.Check()
}

// reader takes fields off the front of data and remembers the first failure.
type reader struct {
	data []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || len(r.data) < n {
		if r.err == nil {
			r.err = errors.New("header is cut short")
		}
		return make([]byte, n)
	}
	out := r.data[:n]
	r.data = r.data[n:]
	return out
}

func (r *reader) byte() byte     { return r.take(1)[0] }
func (r *reader) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }
func (r *reader) hash() Hash     { return Hash(r.take(HashSize)) }
func (r *reader) text() string {
	n := binary.BigEndian.Uint16(r.take(2))
	if n > maxField {
		r.err = errors.Join(r.err, fmt.Errorf("a header field has %d bytes", n))
		return ""
	}
	return string(r.take(int(n)))
}

// Digest binds a payload to its header.
func Digest(salt, payload []byte) Hash {
	s := sha256.New()
	s.Write([]byte(payloadTag))
	s.Write(salt)
	s.Write(payload)
	return Hash(s.Sum(nil))
}

// CheckPayload says whether salt and payload are those of h.
func CheckPayload(h Header, salt, payload []byte) error {
	if len(salt) != SaltSize {
		return fmt.Errorf("a salt has %d bytes, not %d", SaltSize, len(salt))
	}
	d := Digest(salt, payload)
	if subtle.ConstantTimeCompare(d[:], h.Digest[:]) != 1 {
		return fmt.Errorf("payload of %s version %d does not match its header", h.Stream, h.Version)
	}
	return nil
}

// CheckChain verifies that headers continue a stream whose last version and
// hash are given (0 and zeros for a whole stream).
func CheckChain(version int64, last Hash, headers []Header) error {
	stream := ""
	for _, h := range headers {
		if err := h.Check(); err != nil {
			return err
		}
		if stream != "" && h.Stream != stream {
			return fmt.Errorf("headers of %s and %s are mixed", stream, h.Stream)
		}
		if h.Version != version+1 {
			return fmt.Errorf("%s: version %d follows %d", h.Stream, h.Version, version)
		}
		if h.Prev != last {
			return fmt.Errorf("%s version %d: the chain is broken", h.Stream, h.Version)
		}
		stream, version, last = h.Stream, h.Version, h.Hash()
	}
	return nil
}

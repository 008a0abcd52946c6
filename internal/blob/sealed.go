package blob

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// The sealed form, version 1:
//
//	header   "SEIRSB1\n" | key id (8) | salt (32)
//	chunks   AES-256-GCM of 64 KiB each, the last one shorter or equal; there is
//	         always a last one, even of nothing
//	trailer  AES-256-GCM of SHA-256 of the content (32) | its length (8)
//
// It is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): each
// object has its own key, derived from the store's key and the whole header, and
// a chunk's nonce is its index and whether it is the last. Chunks that are
// altered, swapped, left out, repeated or taken from another object do not open,
// and neither does an object cut off at a chunk's border. The trailer comes last
// so that sealing needs one pass, and says which content this is, so that an
// object put under another's name is noticed and the store can be listed.
const (
	sealMagic   = "SEIRSB1\n"
	keyIDSize   = 8
	saltSize    = 32
	headerSize  = len(sealMagic) + keyIDSize + saltSize
	chunkSize   = 64 << 10
	tagSize     = 16
	sealedChunk = chunkSize + tagSize
	trailerSize = sha256.Size + 8 + tagSize
	minSealed   = int64(headerSize + tagSize + trailerSize)
)

// The last byte of a nonce, by what it opens.
const (
	moreFollow byte = iota
	lastChunk
	trailer
)

// NewSealed keeps content in the bucket encrypted and authenticated under key.
// Addresses remain those of the plain content; in the bucket an object's name is
// an HMAC of the address under the key, so that who sees the folder cannot tell
// whether it holds a given document. What stays visible is the number of objects,
// their sizes and times. Content sealed under another key does not open
// (CodeWrongKey where it is met by Walk; under its address it is not found).
func NewSealed(b Bucket, key [32]byte) (Store, error) {
	f, err := newSealedForm(key)
	if err != nil {
		return nil, err
	}
	return &store{bucket: b, form: f}, nil
}

type sealedForm struct {
	keyID    [keyIDSize]byte
	nameKey  []byte
	chunkKey []byte // the secret that each object's key is derived from
}

func newSealedForm(key [32]byte) (*sealedForm, error) {
	f := &sealedForm{}
	derive := func(purpose string, n int) ([]byte, error) {
		return hkdf.Key(sha256.New, key[:], nil, "sei-rs/blob/v1 "+purpose, n)
	}
	id, err := derive("key id", keyIDSize)
	if err != nil {
		return nil, fmt.Errorf("deriving the blob keys: %w", err)
	}
	copy(f.keyID[:], id)
	if f.nameKey, err = derive("names", 32); err != nil {
		return nil, fmt.Errorf("deriving the blob keys: %w", err)
	}
	if f.chunkKey, err = derive("content", 32); err != nil {
		return nil, fmt.Errorf("deriving the blob keys: %w", err)
	}
	return f, nil
}

func (f *sealedForm) name(address string) string {
	mac := hmac.New(sha256.New, f.nameKey)
	mac.Write([]byte(address))
	return hex.EncodeToString(mac.Sum(nil))
}

func (f *sealedForm) aead(header []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, f.chunkKey, header[len(sealMagic)+keyIDSize:], string(header), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// size inverts the form: header, n full chunks, a last one, trailer.
func (f *sealedForm) size(stored int64) (int64, error) {
	body := stored - int64(headerSize) - int64(trailerSize)
	chunks := chunkCount(body)
	plain := body - chunks*tagSize
	if stored < minSealed || plain < 0 || (plain == 0) != (body == tagSize) || plain <= (chunks-1)*chunkSize && chunks > 1 {
		return 0, damaged(fmt.Errorf("no sealed object is %d bytes long", stored))
	}
	return plain, nil
}

func chunkCount(body int64) int64 { return (body + sealedChunk - 1) / sealedChunk }

func (f *sealedForm) writer(dst io.Writer) (encoder, error) {
	header := make([]byte, 0, headerSize)
	header = append(header, sealMagic...)
	header = append(header, f.keyID[:]...)
	header = header[:headerSize]
	if _, err := rand.Read(header[headerSize-saltSize:]); err != nil {
		return nil, err
	}
	aead, err := f.aead(header)
	if err != nil {
		return nil, err
	}
	if _, err := dst.Write(header); err != nil {
		return nil, err
	}
	return &sealer{dst: dst, aead: aead, chunk: make([]byte, 0, chunkSize)}, nil
}

// sealer holds a full chunk back until it knows whether more follow.
type sealer struct {
	dst   io.Writer
	aead  cipher.AEAD
	chunk []byte
	index int64
	total int64
	out   []byte
}

func (s *sealer) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if len(s.chunk) == chunkSize {
			if err := s.emit(s.chunk, moreFollow); err != nil {
				return len(p) - len(rest), err
			}
			s.chunk = s.chunk[:0]
		}
		n := min(len(rest), chunkSize-len(s.chunk))
		s.chunk = append(s.chunk, rest[:n]...)
		rest = rest[n:]
	}
	s.total += int64(len(p))
	return len(p), nil
}

func (s *sealer) finish(address [sha256.Size]byte) error {
	if err := s.emit(s.chunk, lastChunk); err != nil {
		return err
	}
	return s.emit(binary.BigEndian.AppendUint64(address[:], uint64(s.total)), trailer)
}

func (s *sealer) emit(plain []byte, kind byte) error {
	s.out = s.aead.Seal(s.out[:0], nonce(s.index, kind), plain, nil)
	s.index++
	_, err := s.dst.Write(s.out)
	return err
}

func nonce(index int64, kind byte) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint64(n[3:11], uint64(index))
	n[11] = kind
	return n
}

func (f *sealedForm) open(o Object, address string) (content, error) {
	size, err := f.size(o.Size())
	if err != nil {
		return nil, err
	}
	header := make([]byte, headerSize)
	if err := readFull(o, header, 0); err != nil {
		return nil, err
	}
	if string(header[:len(sealMagic)]) != sealMagic {
		return nil, damaged(errors.New("not a sealed object of a known version"))
	}
	if string(header[len(sealMagic):len(sealMagic)+keyIDSize]) != string(f.keyID[:]) {
		return nil, sei.Errorf(CodeWrongKey, "O arquivo foi guardado com outra chave. Entre com o usuário que o guardou.")
	}
	aead, err := f.aead(header)
	if err != nil {
		return nil, fmt.Errorf("deriving an object's key: %w", err)
	}
	c := &sealedContent{object: o, aead: aead, size: size, cached: -1}
	if err := c.readTrailer(); err != nil {
		return nil, err
	}
	if address != "" && c.known != address {
		return nil, damaged(errors.New("the object stands under another content's name"))
	}
	return c, nil
}

// sealedContent opens chunks as they are asked for and keeps the last one.
type sealedContent struct {
	object Object
	aead   cipher.AEAD
	size   int64
	known  string

	mu     sync.Mutex
	cached int64 // index of the chunk in plain, -1 for none
	plain  []byte
	sealed []byte
}

func (c *sealedContent) address() string { return c.known }
func (c *sealedContent) Size() int64     { return c.size }

// Close also wipes the chunk that was open.
func (c *sealedContent) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.plain[:cap(c.plain)])
	c.plain, c.cached = nil, -1
	return c.object.Close()
}

func (c *sealedContent) chunks() int64 {
	return chunkCount(c.object.Size() - int64(headerSize) - int64(trailerSize))
}

func (c *sealedContent) readTrailer() error {
	sealed := make([]byte, trailerSize)
	if err := readFull(c.object, sealed, c.object.Size()-int64(trailerSize)); err != nil {
		return err
	}
	plain, err := c.aead.Open(nil, nonce(c.chunks(), trailer), sealed, nil)
	if err != nil {
		return damaged(errors.New("the trailer does not open"))
	}
	if binary.BigEndian.Uint64(plain[sha256.Size:]) != uint64(c.size) {
		return damaged(errors.New("the object's length is not the one that was sealed"))
	}
	c.known = hex.EncodeToString(plain[:sha256.Size])
	return nil
}

func (c *sealedContent) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("blob: negative offset")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for n < len(p) {
		at := off + int64(n)
		if at >= c.size {
			return n, io.EOF
		}
		if err := c.load(at / chunkSize); err != nil {
			return n, err
		}
		n += copy(p[n:], c.plain[at%chunkSize:])
	}
	return n, nil
}

// load opens one chunk into c.plain.
func (c *sealedContent) load(index int64) error {
	if index == c.cached {
		return nil
	}
	c.cached = -1
	start := int64(headerSize) + index*sealedChunk
	end := min(start+sealedChunk, c.object.Size()-int64(trailerSize))
	kind := moreFollow
	if index == c.chunks()-1 {
		kind = lastChunk
	}
	if c.sealed == nil {
		c.sealed = make([]byte, sealedChunk)
	}
	sealed := c.sealed[:end-start]
	if err := readFull(c.object, sealed, start); err != nil {
		return err
	}
	plain, err := c.aead.Open(c.plain[:0], nonce(index, kind), sealed, nil)
	if err != nil {
		return damaged(fmt.Errorf("chunk %d does not open", index))
	}
	c.plain, c.cached = plain, index
	return nil
}

// readFull reads exactly len(p) bytes; an object that ends before is torn.
func readFull(o io.ReaderAt, p []byte, off int64) error {
	n, err := o.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return damaged(io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("reading a sealed object: %w", err)
}

package pades

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// ExtractCMS returns the CMS of the i-th signature, in the order of the report,
// without the zeros that follow it, and copies to content (which may be nil)
// the bytes that it covers: what `openssl cms -verify` asks for.
func ExtractCMS(ctx context.Context, in io.ReaderAt, size int64, i int, content io.Writer) ([]byte, error) {
	doc, err := openDocument(ctx, &source{r: in, size: size})
	if err != nil {
		return nil, err
	}
	found, err := findSignatures(doc)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(found) || !found[i].ranged {
		return nil, sei.Errorf(sei.CodeNotFound, "O PDF não tem a assinatura %d, ou ela está ilegível.", i+1)
	}
	c := found[i]
	n, err := derSize(c.contents)
	if err != nil {
		return nil, err
	}
	if content == nil {
		return c.contents[:n], nil
	}
	if err := copyRange(ctx, content, doc.src, 0, c.ByteRange[1]); err != nil {
		return nil, err
	}
	return c.contents[:n], copyRange(ctx, content, doc.src, c.ByteRange[2], c.ByteRange[3])
}

// derSize is the length of the one DER element at the start of b.
func derSize(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, errors.New("reading the CMS: too short")
	}
	n, head := int(b[1]), 2
	if n >= 0x80 {
		count := n & 0x7f
		if count == 0 || count > 4 || len(b) < 2+count {
			return 0, errors.New("reading the CMS: bad length")
		}
		n, head = 0, 2+count
		for _, x := range b[2 : 2+count] {
			n = n<<8 | int(x)
		}
	}
	if n > len(b)-head {
		return 0, errors.New("reading the CMS: bad length")
	}
	return head + n, nil
}

// CheckOriginal proves that a signed file is a given document plus nothing but
// signatures, timestamps and validation data: its first originalSize bytes
// hash to sum, and every update after them is judged as after a signature. It
// says nothing about the signatures themselves; that is Verify's. The error
// is CodeNotOriginal when it does not hold.
func CheckOriginal(ctx context.Context, in io.ReaderAt, size, originalSize int64, sum [32]byte) error {
	notOriginal := func(what string) error {
		return sei.Errorf(CodeNotOriginal, "O PDF assinado não corresponde ao documento original: %s. Assine de novo a partir do documento.", what)
	}
	if originalSize <= 0 || originalSize > size {
		return notOriginal("o tamanho não confere")
	}
	src := &source{r: in, size: size}
	h := sha256.New()
	if err := copyRange(ctx, h, src, 0, originalSize); err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), sum[:]) {
		return notOriginal("o conteúdo é outro")
	}
	doc, err := openDocument(ctx, src)
	if err != nil {
		return err
	}
	k, err := doc.boundary(originalSize)
	if err == nil {
		err = firstChange(ctx, doc, originalSize, k)
	}
	if ce := (*changeError)(nil); errors.As(err, &ce) {
		return notOriginal(ce.what)
	}
	if err != nil {
		return fmt.Errorf("comparing with the original: %w", err)
	}
	return nil
}

func firstChange(ctx context.Context, doc *document, end int64, k int) error {
	updates, err := doc.changesSince(ctx, end, k)
	if err != nil {
		return err
	}
	for _, u := range updates {
		if u.err != nil {
			return u.err
		}
	}
	return nil
}

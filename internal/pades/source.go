package pades

import (
	"errors"
	"fmt"
	"io"
)

// source reads bytes of a file through one small window, so that parsing
// never holds more of the file than the object at hand.
type source struct {
	r    io.ReaderAt
	size int64
}

// cursor walks over a source. err keeps the first failure to read; the end of
// the file is not one.
type cursor struct {
	src   *source
	pos   int64
	buf   []byte
	start int64
	n     int
	err   error
}

const windowBytes = 4096

func (s *source) cursorAt(pos int64) *cursor { return &cursor{src: s, pos: pos} }

// peek returns the byte at the cursor, or -1 at the end or after a failure.
func (c *cursor) peek() int {
	if i := c.pos - c.start; i >= 0 && i < int64(c.n) {
		return int(c.buf[i])
	}
	return c.refill()
}

func (c *cursor) refill() int {
	if c.err != nil || c.pos < 0 || c.pos >= c.src.size {
		return -1
	}
	if c.buf == nil {
		c.buf = make([]byte, windowBytes)
	}
	want := min(int64(len(c.buf)), c.src.size-c.pos)
	n, err := c.src.r.ReadAt(c.buf[:want], c.pos)
	if n == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			c.err = fmt.Errorf("reading the PDF at %d: %w", c.pos, err)
		}
		c.n = 0
		return -1
	}
	c.start, c.n = c.pos, n
	return int(c.buf[0])
}

func (c *cursor) next() int {
	b := c.peek()
	if b >= 0 {
		c.pos++
	}
	return b
}

func isSpace(b int) bool {
	return b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == '\f' || b == 0
}

func isDelim(b int) bool {
	switch b {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(b int) bool { return b >= 0 && !isSpace(b) && !isDelim(b) }

// skipSpace passes white space and comments.
func (c *cursor) skipSpace() {
	for {
		b := c.peek()
		switch {
		case isSpace(b):
			c.pos++
		case b == '%':
			for b >= 0 && b != '\n' && b != '\r' {
				c.pos++
				b = c.peek()
			}
		default:
			return
		}
	}
}

// skipBlank passes white space only.
func (c *cursor) skipBlank() {
	for isSpace(c.peek()) {
		c.pos++
	}
}

// take passes the given keyword when it stands at the cursor as a whole word.
func (c *cursor) take(word string) bool {
	save := c.pos
	for i := 0; i < len(word); i++ {
		if c.next() != int(word[i]) {
			c.pos = save
			return false
		}
	}
	if isRegular(c.peek()) {
		c.pos = save
		return false
	}
	return true
}

// readAt returns n bytes at off, all or an error.
func (s *source) readAt(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > s.size || n > s.size-off {
		return nil, damaged("trecho fora do arquivo")
	}
	buf := make([]byte, n)
	if _, err := s.r.ReadAt(buf, off); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the PDF at %d: %w", off, err)
	}
	return buf, nil
}

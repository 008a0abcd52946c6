package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	copyBuffer = 256 << 10 // between two looks at the context
	maxBroken  = 20        // unreadable objects that one Walk names
)

// form is how content is turned into an object of a bucket and back.
type form interface {
	// name is the object's name for the content's address.
	name(address string) string
	// writer encodes what is written to it; finish ends the encoding.
	writer(dst io.Writer) (encoder, error)
	// open reads an object as content. address may be "" when it is not known.
	open(o Object, address string) (content, error)
	// size computes the content's length from the object's.
	size(stored int64) (int64, error)
}

type encoder interface {
	io.Writer
	finish(address [sha256.Size]byte) error
}

// content is an Object seen as its plain bytes; its address is known.
type content interface {
	Object
	address() string
}

// store is a Store of one form on one bucket.
type store struct {
	bucket Bucket
	form   form
}

func (s *store) Put(ctx context.Context, r io.Reader, limits Limits) (Ref, error) {
	limit := limits.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	return s.put(ctx, r, limit, func(ref Ref) error {
		if ref.Size > limit {
			return tooLarge(limit)
		}
		return nil
	})
}

func (s *store) PutExpected(ctx context.Context, address string, size int64, r io.Reader) error {
	if !validAddress(address) || size < 0 {
		return badAddress(address)
	}
	expected := Ref{SHA256: address, Size: size}
	_, err := s.put(ctx, r, size, func(ref Ref) error {
		if ref != expected {
			return mismatch()
		}
		return nil
	})
	return err
}

// put stages at most limit+1 bytes of r and commits them if judge allows it.
func (s *store) put(ctx context.Context, r io.Reader, limit int64, judge func(Ref) error) (_ Ref, err error) {
	limit = min(limit, math.MaxInt64-1) // limit+1 bytes are asked for below
	staged, err := s.bucket.Stage(ctx)
	if err != nil {
		return Ref{}, diskError("staging a blob", err)
	}
	defer func() {
		if discardErr := staged.Discard(); discardErr != nil && err == nil {
			err = diskError("clearing the staging area", discardErr)
		}
	}()
	enc, err := s.form.writer(staged)
	if err != nil {
		return Ref{}, diskError("staging a blob", err)
	}
	digest, size, err := copyHashed(ctx, enc, r, limit)
	if err != nil {
		return Ref{}, err
	}
	ref := Ref{SHA256: hex.EncodeToString(digest[:]), Size: size}
	if err := judge(ref); err != nil {
		return Ref{}, err
	}
	if err := enc.finish(digest); err != nil {
		return Ref{}, diskError("writing a blob", err)
	}
	if err := s.commit(ctx, staged, ref); err != nil {
		return Ref{}, err
	}
	return ref, nil
}

// commit makes the content visible. Where it cannot replace a copy that is
// already there (Windows, while somebody reads it), that copy is as good if it
// is whole.
func (s *store) commit(ctx context.Context, staged Staged, ref Ref) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := staged.Commit(ctx, s.form.name(ref.SHA256))
	if sei.CodeOf(err) == sei.CodeUnavailable && Verify(ctx, s, ref.SHA256) == nil {
		return nil
	}
	return diskError("committing a blob", err)
}

func (s *store) Open(ctx context.Context, address string) (Reader, error) {
	c, err := s.open(ctx, address)
	if err != nil {
		return nil, err
	}
	return &reader{SectionReader: io.NewSectionReader(c, 0, c.Size()), content: c}, nil
}

func (s *store) open(ctx context.Context, address string) (content, error) {
	if !validAddress(address) {
		return nil, badAddress(address)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o, err := s.bucket.Open(ctx, s.form.name(address))
	if err != nil {
		return nil, diskError("opening a blob", err)
	}
	c, err := s.form.open(o, address)
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return c, nil
}

func (s *store) Stat(ctx context.Context, address string) (Ref, error) {
	if !validAddress(address) {
		return Ref{}, badAddress(address)
	}
	if err := ctx.Err(); err != nil {
		return Ref{}, err
	}
	stored, err := s.bucket.Stat(ctx, s.form.name(address))
	if err != nil {
		return Ref{}, diskError("looking at a blob", err)
	}
	size, err := s.form.size(stored)
	if err != nil {
		return Ref{}, err
	}
	return Ref{SHA256: address, Size: size}, nil
}

func (s *store) Delete(ctx context.Context, address string) error {
	if !validAddress(address) {
		return badAddress(address)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return diskError("deleting a blob", s.bucket.Delete(ctx, s.form.name(address)))
}

func (s *store) Walk(ctx context.Context, visit func(Ref) error) error {
	var broken []error
	err := s.bucket.Walk(ctx, func(name string, _ int64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		ref, err := s.identify(ctx, name)
		if err != nil {
			if len(broken) < maxBroken {
				broken = append(broken, fmt.Errorf("object %s: %w", name, err))
			}
			return nil
		}
		return visit(ref)
	})
	if err != nil {
		return diskError("walking the blobs", err)
	}
	return errors.Join(broken...)
}

// identify finds out which content an object holds.
func (s *store) identify(ctx context.Context, name string) (Ref, error) {
	o, err := s.bucket.Open(ctx, name)
	if err != nil {
		return Ref{}, err
	}
	c, err := s.form.open(o, "")
	if err != nil {
		return Ref{}, errors.Join(err, o.Close())
	}
	ref := Ref{SHA256: c.address(), Size: c.Size()}
	if ref.SHA256 == "" { // a plain object's name is its address
		ref.SHA256 = name
	}
	if err := c.Close(); err != nil {
		return Ref{}, err
	}
	if s.form.name(ref.SHA256) != name {
		return Ref{}, damaged(errors.New("the object stands under another content's name"))
	}
	return ref, nil
}

// reader is content with a position.
type reader struct {
	*io.SectionReader
	content content
}

func (r *reader) Close() error { return r.content.Close() }

// Verify reads the content whole and returns nil if it is what its address
// says, CodeDamaged if it is not, and Open's errors otherwise.
func Verify(ctx context.Context, s Store, address string) error {
	r, err := s.Open(ctx, address)
	if err != nil {
		return err
	}
	digest, _, err := copyHashed(ctx, io.Discard, r, r.Size())
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if hex.EncodeToString(digest[:]) != address {
		return damaged(errors.New("the content's hash is not its address"))
	}
	return nil
}

// copyHashed copies at most limit+1 bytes, looking at ctx between buffers.
func copyHashed(ctx context.Context, dst io.Writer, src io.Reader, limit int64) (digest [sha256.Size]byte, n int64, err error) {
	h := sha256.New()
	src = io.LimitReader(src, limit+1)
	buf := make([]byte, copyBuffer)
	for {
		if err := ctx.Err(); err != nil {
			return digest, n, err
		}
		k, readErr := src.Read(buf)
		if err := writeBoth(h, dst, buf[:k]); err != nil {
			return digest, n, diskError("writing a blob", err)
		}
		n += int64(k)
		if readErr == io.EOF {
			h.Sum(digest[:0])
			return digest, n, nil
		}
		if readErr != nil {
			return digest, n, fmt.Errorf("reading the content: %w", readErr)
		}
	}
}

func writeBoth(h hash.Hash, dst io.Writer, p []byte) error {
	h.Write(p)
	_, err := dst.Write(p)
	return err
}

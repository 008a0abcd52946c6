// Package blobtest is the suite that every blob.Store passes.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Backend is what the suite needs of a store under test.
type Backend struct {
	// New returns an empty store.
	New func(t *testing.T) blob.Store
	// Reopen returns another store on the same medium, as after a restart; nil
	// when the medium does not outlive the store.
	Reopen func(t *testing.T, s blob.Store) blob.Store
	// Leftovers counts what unfinished writes take up; nil when it cannot tell.
	Leftovers func(t *testing.T, s blob.Store) int
}

// sizes stand around the borders of buffers and sealed chunks.
var sizes = []int{0, 1, 15, 16, 17, 65535, 65536, 65537, 131072, 131073, 300_000}

// Run runs the whole suite.
func Run(t *testing.T, b Backend) {
	for name, test := range map[string]func(*testing.T, Backend){
		"WhatIsPutIsRead":                    whatIsPutIsRead,
		"ContentOutlivesTheProcess":          contentOutlivesTheProcess,
		"PuttingAgainSucceeds":               puttingAgainSucceeds,
		"OnlyAnnouncedContentIsTaken":        onlyAnnouncedContentIsTaken,
		"TheLimitIsKept":                     theLimitIsKept,
		"ABrokenSourceLeavesNothing":         aBrokenSourceLeavesNothing,
		"ACancelledPutLeavesNothing":         aCancelledPutLeavesNothing,
		"WhatIsNotThereIsNotFound":           whatIsNotThereIsNotFound,
		"AMalformedAddressIsRefused":         aMalformedAddressIsRefused,
		"DeletingTwiceSucceeds":              deletingTwiceSucceeds,
		"AReaderSurvivesRewriting":           aReaderSurvivesRewriting,
		"WalkSeesEverythingOnce":             walkSeesEverythingOnce,
		"WalkStopsWhenToldTo":                walkStopsWhenToldTo,
		"ReadersAreIndependent":              readersAreIndependent,
		"WritersOfTheSameContentMayMeet":     writersOfTheSameContentMayMeet,
		"ReadsAtAnyPlaceAgreeWithTheContent": readsAtAnyPlaceAgree,
	} {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

// Content returns n bytes that differ for every seed.
func Content(n int, seed uint64) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	p := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(p) // documented never to fail
	return p
}

// Address returns the address of content.
func Address(p []byte) string {
	h := sha256.Sum256(p)
	return hex.EncodeToString(h[:])
}

func put(t *testing.T, s blob.Store, p []byte) blob.Ref {
	t.Helper()
	ref, err := s.Put(t.Context(), bytes.NewReader(p), blob.Limits{})
	if err != nil {
		t.Fatalf("Put of %d bytes: %v", len(p), err)
	}
	if want := (blob.Ref{SHA256: Address(p), Size: int64(len(p))}); ref != want {
		t.Fatalf("Put gave %+v, want %+v", ref, want)
	}
	return ref
}

func requireContent(t *testing.T, s blob.Store, want []byte) {
	t.Helper()
	r, err := s.Open(t.Context(), Address(want))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("read %d bytes, %v; want the %d stored", len(got), err, len(want))
	}
	if r.Size() != int64(len(want)) {
		t.Fatalf("Size is %d", r.Size())
	}
	if err := r.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	ref, err := s.Stat(t.Context(), Address(want))
	if err != nil || ref.Size != int64(len(want)) || ref.SHA256 != Address(want) {
		t.Fatalf("Stat gave %+v, %v", ref, err)
	}
	if err := blob.Verify(t.Context(), s, Address(want)); err != nil {
		t.Fatalf("Verify: %v", err)
	}
}

func requireNothing(t *testing.T, b Backend, s blob.Store, address string) {
	t.Helper()
	if _, err := s.Stat(t.Context(), address); sei.CodeOf(err) != sei.CodeNotFound {
		t.Fatalf("Stat: %v", err)
	}
	if r, err := s.Open(t.Context(), address); sei.CodeOf(err) != sei.CodeNotFound {
		t.Fatalf("Open: %v, %v", r, err)
	}
	if b.Leftovers != nil {
		if n := b.Leftovers(t, s); n != 0 {
			t.Fatalf("%d unfinished writes are left", n)
		}
	}
}

func whatIsPutIsRead(t *testing.T, b Backend) {
	s := b.New(t)
	for i, n := range sizes {
		p := Content(n, uint64(i))
		put(t, s, p)
		requireContent(t, s, p)
		q := Content(n, uint64(i+100))
		if err := s.PutExpected(t.Context(), Address(q), int64(n), iotest.HalfReader(bytes.NewReader(q))); err != nil {
			t.Fatal(err)
		}
		requireContent(t, s, q)
	}
	slow := Content(70_000, 999)
	if _, err := s.Put(t.Context(), iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(slow))), blob.Limits{}); err != nil {
		t.Fatal(err)
	}
	requireContent(t, s, slow)
}

func contentOutlivesTheProcess(t *testing.T, b Backend) {
	if b.Reopen == nil {
		t.Skip("the medium does not outlive the store")
	}
	s := b.New(t)
	p := Content(100_000, 1)
	put(t, s, p)
	requireContent(t, b.Reopen(t, s), p)
}

func puttingAgainSucceeds(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(70_000, 1)
	for range 3 {
		put(t, s, p)
		if err := s.PutExpected(t.Context(), Address(p), int64(len(p)), bytes.NewReader(p)); err != nil {
			t.Fatal(err)
		}
	}
	requireContent(t, s, p)
	if n := len(walk(t, s)); n != 1 {
		t.Fatalf("%d objects", n)
	}
}

func onlyAnnouncedContentIsTaken(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(70_000, 1)
	other := slices.Clone(p)
	other[69_999] ^= 1
	for name, sent := range map[string][]byte{"other": other, "short": p[:69_999], "empty": nil, "long": append(slices.Clone(p), 0)} {
		err := s.PutExpected(t.Context(), Address(p), int64(len(p)), bytes.NewReader(sent))
		if sei.CodeOf(err) != blob.CodeMismatch {
			t.Errorf("%s: %v", name, err)
		}
	}
	requireNothing(t, b, s, Address(p))
	requireNothing(t, b, s, Address(other))
	endless := &counting{r: zeros{}}
	if err := s.PutExpected(t.Context(), Address(p), 1000, endless); sei.CodeOf(err) != blob.CodeMismatch {
		t.Errorf("endless: %v", err)
	}
	if endless.n > 1001 {
		t.Errorf("%d bytes of an endless source were read", endless.n)
	}
	if err := s.PutExpected(t.Context(), Address(p), -1, bytes.NewReader(p)); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("negative size: %v", err)
	}
	put(t, s, p)
	if err := s.PutExpected(t.Context(), Address(p), int64(len(p)), bytes.NewReader(other)); sei.CodeOf(err) != blob.CodeMismatch {
		t.Errorf("over stored content: %v", err)
	}
	requireContent(t, s, p)
}

func theLimitIsKept(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(1000, 1)
	if _, err := s.Put(t.Context(), bytes.NewReader(p), blob.Limits{MaxBytes: 1000}); err != nil {
		t.Fatalf("at the limit: %v", err)
	}
	q := Content(1001, 2)
	if _, err := s.Put(t.Context(), bytes.NewReader(q), blob.Limits{MaxBytes: 1000}); sei.CodeOf(err) != sei.CodeTooLarge {
		t.Fatalf("over the limit: %v", err)
	}
	requireNothing(t, b, s, Address(q))
	endless := &counting{r: zeros{}}
	if _, err := s.Put(t.Context(), endless, blob.Limits{MaxBytes: 1 << 20}); sei.CodeOf(err) != sei.CodeTooLarge {
		t.Fatalf("endless: %v", err)
	}
	if endless.n > 1<<20+1 {
		t.Fatalf("%d bytes were read", endless.n)
	}
	if _, err := s.Put(t.Context(), bytes.NewReader(q), blob.Limits{MaxBytes: 1<<63 - 1}); err != nil {
		t.Fatalf("the largest limit there is: %v", err)
	}
	requireContent(t, s, q)
}

func aBrokenSourceLeavesNothing(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(200_000, 1)
	cause := errors.New("cable pulled")
	src := func() io.Reader { return io.MultiReader(bytes.NewReader(p), iotest.ErrReader(cause)) }
	if _, err := s.Put(t.Context(), src(), blob.Limits{}); !errors.Is(err, cause) {
		t.Fatalf("Put: %v", err)
	}
	if err := s.PutExpected(t.Context(), Address(p), int64(len(p)), src()); !errors.Is(err, cause) {
		t.Fatalf("PutExpected: %v", err)
	}
	requireNothing(t, b, s, Address(p))
}

func aCancelledPutLeavesNothing(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(400_000, 1)
	for _, at := range []int{0, 1, 300_000, len(p)} {
		ctx, cancel := context.WithCancel(t.Context())
		src := io.MultiReader(bytes.NewReader(p[:at]), &onRead{cancel}, bytes.NewReader(p[at:]))
		if _, err := s.Put(ctx, src, blob.Limits{}); !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled after %d bytes: %v", at, err)
		}
		cancel()
	}
	requireNothing(t, b, s, Address(p))
	put(t, s, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Open(ctx, Address(p)); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	if _, err := s.Stat(ctx, Address(p)); !errors.Is(err, context.Canceled) {
		t.Errorf("Stat: %v", err)
	}
	if err := s.Delete(ctx, Address(p)); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete: %v", err)
	}
	if err := s.Walk(ctx, func(blob.Ref) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Walk: %v", err)
	}
	requireContent(t, s, p)
}

func whatIsNotThereIsNotFound(t *testing.T, b Backend) {
	s := b.New(t)
	put(t, s, Content(10, 1))
	requireNothing(t, b, s, Address(Content(10, 2)))
	if err := blob.Verify(t.Context(), s, Address(Content(10, 2))); sei.CodeOf(err) != sei.CodeNotFound {
		t.Fatalf("Verify: %v", err)
	}
}

func aMalformedAddressIsRefused(t *testing.T, b Backend) {
	s := b.New(t)
	good := Address(nil)
	for _, bad := range []string{"", good[1:], good + "0", strings.ToUpper(good), "../../" + good[6:], good[:63] + "/", good[:63] + "\x00"} {
		_, errOpen := s.Open(t.Context(), bad)
		_, errStat := s.Stat(t.Context(), bad)
		errPut := s.PutExpected(t.Context(), bad, 0, bytes.NewReader(nil))
		errDelete := s.Delete(t.Context(), bad)
		for i, err := range []error{errOpen, errStat, errPut, errDelete} {
			if sei.CodeOf(err) != sei.CodeInvalid {
				t.Errorf("%q, call %d: %v", bad, i, err)
			}
		}
	}
}

func deletingTwiceSucceeds(t *testing.T, b Backend) {
	s := b.New(t)
	p, q := Content(70_000, 1), Content(70_000, 2)
	put(t, s, p)
	put(t, s, q)
	for range 2 {
		if err := s.Delete(t.Context(), Address(p)); err != nil {
			t.Fatal(err)
		}
	}
	requireNothing(t, b, s, Address(p))
	requireContent(t, s, q)
	put(t, s, p)
	requireContent(t, s, p)
}

func aReaderSurvivesRewriting(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(200_000, 1)
	put(t, s, p)
	r, err := s.Open(t.Context(), Address(p))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, p)
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, p) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	requireContent(t, s, p)
}

func walk(t *testing.T, s blob.Store) map[string]int64 {
	t.Helper()
	seen := map[string]int64{}
	err := s.Walk(t.Context(), func(ref blob.Ref) error {
		if _, twice := seen[ref.SHA256]; twice {
			t.Errorf("%s was visited twice", ref.SHA256)
		}
		seen[ref.SHA256] = ref.Size
		return nil
	})
	if err != nil {
		t.Fatalf("Walk: %v", err)
	}
	return seen
}

func walkSeesEverythingOnce(t *testing.T, b Backend) {
	s := b.New(t)
	if n := len(walk(t, s)); n != 0 {
		t.Fatalf("%d objects in an empty store", n)
	}
	want := map[string]int64{}
	for i, n := range sizes {
		p := Content(n, uint64(i))
		put(t, s, p)
		want[Address(p)] = int64(n)
	}
	got := walk(t, s)
	if len(got) != len(want) {
		t.Fatalf("saw %d of %d", len(got), len(want))
	}
	for a, n := range want {
		if got[a] != n {
			t.Errorf("%s: size %d, want %d", a, got[a], n)
		}
	}
	if err := s.Walk(t.Context(), func(ref blob.Ref) error { return s.Delete(t.Context(), ref.SHA256) }); err != nil {
		t.Fatalf("deleting while walking: %v", err)
	}
	if n := len(walk(t, s)); n != 0 {
		t.Fatalf("%d objects are left", n)
	}
}

func walkStopsWhenToldTo(t *testing.T, b Backend) {
	s := b.New(t)
	put(t, s, Content(1, 1))
	put(t, s, Content(1, 2))
	enough := errors.New("enough")
	visits := 0
	err := s.Walk(t.Context(), func(blob.Ref) error { visits++; return enough })
	if !errors.Is(err, enough) || visits != 1 {
		t.Fatalf("%d visits, %v", visits, err)
	}
}

func readersAreIndependent(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(300_000, 1)
	put(t, s, p)
	r, err := s.Open(t.Context(), Address(p))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			buf := make([]byte, 1000)
			for i := range 50 {
				off := (i*7919 + w*65_531) % (len(p) - len(buf))
				if n, err := r.ReadAt(buf, int64(off)); n != len(buf) || err != nil || !bytes.Equal(buf, p[off:off+n]) {
					t.Errorf("ReadAt(%d) gave %d, %v", off, n, err)
				}
			}
		})
	}
	wg.Wait()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadAt(make([]byte, 1), 200_000); err == nil {
		t.Fatal("a closed reader still reads")
	}
}

func writersOfTheSameContentMayMeet(t *testing.T, b Backend) {
	s := b.New(t)
	p := Content(200_000, 1)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := s.Put(context.Background(), bytes.NewReader(p), blob.Limits{}); err != nil {
				t.Errorf("Put: %v", err)
			}
		})
	}
	wg.Wait()
	requireContent(t, s, p)
	if b.Leftovers != nil && b.Leftovers(t, s) != 0 {
		t.Fatal("unfinished writes are left")
	}
}

func readsAtAnyPlaceAgree(t *testing.T, b Backend) {
	s := b.New(t)
	for i, n := range sizes {
		p := Content(n, uint64(i))
		put(t, s, p)
		r, err := s.Open(t.Context(), Address(p))
		if err != nil {
			t.Fatal(err)
		}
		if n < 70_000 { // larger ones would only take longer here
			if err := iotest.TestReader(r, p); err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
		requireReadAt(t, r, p)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func requireReadAt(t *testing.T, r io.ReaderAt, p []byte) {
	t.Helper()
	for _, off := range []int{0, 1, 65_535, 65_536, 65_537, len(p) - 1, len(p), len(p) + 1, 1 << 30} {
		for _, length := range []int{0, 1, 65_536, 70_000, 200_000} {
			if off < 0 {
				continue
			}
			buf := make([]byte, length)
			n, err := r.ReadAt(buf, int64(off))
			want := p[min(off, len(p)):min(off+length, len(p))]
			if !bytes.Equal(buf[:n], want) {
				t.Fatalf("ReadAt(%d bytes, %d) of %d gave %d other bytes", length, off, len(p), n)
			}
			if n < length && err != io.EOF || err != nil && err != io.EOF {
				t.Fatalf("ReadAt(%d bytes, %d) of %d: %d, %v", length, off, len(p), n, err)
			}
		}
	}
	if n, err := r.ReadAt(make([]byte, 1), -1); err == nil || n != 0 {
		t.Fatalf("negative offset: %d, %v", n, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// onRead calls a function when it is read and gives nothing.
type onRead struct{ do func() }

func (o *onRead) Read([]byte) (int, error) { o.do(); return 0, io.EOF }

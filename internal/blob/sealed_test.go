package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/blob/blobtest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"pgregory.net/rapid"
)

// Places in the sealed form, as sealed.go describes it.
const (
	headerLength  = 8 + 8 + 32
	chunkLength   = 64<<10 + 16
	trailerLength = 32 + 8 + 16
)

// sealedIn returns a sealed store and its folder.
func sealedIn(t *testing.T, key [32]byte) (blob.Store, string) {
	t.Helper()
	dir := t.TempDir()
	d, err := blob.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := blob.NewSealed(d, key)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

// files returns the objects' files in a store's folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "objects", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func putContent(t *testing.T, s blob.Store, p []byte) string {
	t.Helper()
	ref, err := s.Put(t.Context(), bytes.NewReader(p), blob.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return ref.SHA256
}

// readAll reads content to the end, or to the first error.
func readAll(s blob.Store, address string) ([]byte, error) {
	r, err := s.Open(context.Background(), address)
	if err != nil {
		return nil, err
	}
	p, err := io.ReadAll(r)
	return p, errors.Join(err, r.Close())
}

func TestTheSealedFormDisclosesNeitherContentNorAddress(t *testing.T) {
	s, dir := sealedIn(t, testKey)
	secret := []byte(strings.Repeat("laudo médico ", 10_000))
	address := putContent(t, s, secret)
	list := files(t, dir)
	if len(list) != 1 || strings.Contains(list[0], address) {
		t.Fatalf("files %v", list)
	}
	stored, err := os.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stored, []byte("laudo")) || bytes.Contains(stored, []byte(address)) {
		t.Fatal("the stored form shows what it holds")
	}
	putContent(t, s, secret)
	again, err := os.ReadFile(list[0])
	if err != nil || bytes.Equal(stored[:headerLength], again[:headerLength]) {
		t.Fatalf("sealing again used the same salt (%v)", err)
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	s, dir := sealedIn(t, testKey)
	address := putContent(t, s, []byte("x"))
	d, err := blob.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	other, err := blob.NewSealed(d, [32]byte{9})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(t.Context(), address); sei.CodeOf(err) != sei.CodeNotFound {
		t.Errorf("Open: %v", err)
	}
	err = other.Walk(t.Context(), func(ref blob.Ref) error { t.Errorf("saw %v", ref); return nil })
	if sei.CodeOf(err) != blob.CodeWrongKey {
		t.Errorf("Walk: %v", err)
	}
	// The object put where the other key would look for it still does not open.
	mine := files(t, dir)[0]
	putOther := putContent(t, other, []byte("x"))
	for _, f := range files(t, dir) {
		if f != mine {
			copyFile(t, mine, f)
		}
	}
	if _, err := other.Open(t.Context(), putOther); sei.CodeOf(err) != blob.CodeWrongKey {
		t.Errorf("moved object: %v", err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	p, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, p, 0o600); err != nil {
		t.Fatal(err)
	}
}

// chunkAt returns the bounds of a full chunk in the stored form.
func chunkAt(i int) (from, to int) {
	return headerLength + i*chunkLength, headerLength + (i+1)*chunkLength
}

func swapChunks(p []byte, i, j int) []byte {
	q := slices.Clone(p)
	a, b := chunkAt(i)
	c, d := chunkAt(j)
	copy(q[a:b], p[c:d])
	copy(q[c:d], p[a:b])
	return q
}

func TestATornOrAlteredObjectNeverReadsAsWhole(t *testing.T) {
	s, dir := sealedIn(t, testKey)
	content := blobtest.Content(3*(64<<10)+100, 1)
	address := putContent(t, s, content)
	sibling := blobtest.Content(3*(64<<10)+100, 2)
	path := files(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	putContent(t, s, sibling)
	var siblingForm []byte
	for _, f := range files(t, dir) {
		if f != path {
			if siblingForm, err = os.ReadFile(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, endOf0 := chunkAt(0)
	_, endOf2 := chunkAt(2)
	from1, to1 := chunkAt(1)
	trailer := whole[len(whole)-trailerLength:]
	for name, form := range map[string][]byte{
		"empty file":                            {},
		"header alone":                          whole[:headerLength],
		"cut in a chunk":                        whole[:headerLength+1000],
		"cut at a chunk's border":               whole[:endOf2],
		"cut at a chunk's border, with trailer": slices.Concat(whole[:endOf2], trailer),
		"last byte missing":                     whole[:len(whole)-1],
		"a byte more":                           append(slices.Clone(whole), 0),
		"first two chunks swapped":              swapChunks(whole, 0, 1),
		"a chunk left out":                      slices.Concat(whole[:from1], whole[to1:]),
		"a chunk repeated":                      slices.Concat(whole[:to1], whole[from1:]),
		"a chunk of another object":             slices.Concat(whole[:from1], siblingForm[from1:to1], whole[to1:]),
		"another object":                        siblingForm,
		"chunks under another header":           slices.Concat(siblingForm[:headerLength], whole[headerLength:]),
		"zeros from the middle on":              slices.Concat(whole[:endOf0], make([]byte, len(whole)-endOf0)),
		"another version":                       slices.Concat([]byte("SEIRSB2\n"), whole[8:]),
	} {
		if err := os.WriteFile(path, form, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(s, address)
		if sei.CodeOf(err) != blob.CodeDamaged {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if !bytes.HasPrefix(content, got) {
			t.Errorf("%s: bytes were given that had not been stored", name)
		}
		if err := blob.Verify(t.Context(), s, address); sei.CodeOf(err) != blob.CodeDamaged {
			t.Errorf("%s: Verify: %v", name, err)
		}
	}
	putContent(t, s, content) // mends it
	if got, err := readAll(s, address); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("after putting again: %v", err)
	}
}

func TestAnyFlippedBitIsNoticed(t *testing.T) {
	s, dir := sealedIn(t, testKey)
	content := blobtest.Content(70_000, 1)
	address := putContent(t, s, content)
	path := files(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		form := slices.Clone(whole)
		form[rapid.IntRange(0, len(form)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if err := os.WriteFile(path, form, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(s, address)
		if code := sei.CodeOf(err); code != blob.CodeDamaged && code != blob.CodeWrongKey {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if !bytes.HasPrefix(content, got) {
			t.Fatal("bytes were given that had not been stored")
		}
	})
}

func TestWalkGoesOnPastADamagedObjectAndNamesIt(t *testing.T) {
	s, dir := sealedIn(t, testKey)
	for i := range 5 {
		putContent(t, s, blobtest.Content(100, uint64(i)))
	}
	if err := os.WriteFile(files(t, dir)[2], []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := s.Walk(t.Context(), func(blob.Ref) error { seen++; return nil })
	if seen != 4 || sei.CodeOf(err) != blob.CodeDamaged || !strings.Contains(err.Error(), filepath.Base(files(t, dir)[2])) {
		t.Fatalf("saw %d, %v", seen, err)
	}
}

func TestWalkNoticesAnObjectUnderAnothersName(t *testing.T) {
	s, dir := sealedIn(t, testKey)
	first := putContent(t, s, []byte("one"))
	mine := files(t, dir)[0]
	putContent(t, s, []byte("two"))
	for _, f := range files(t, dir) {
		if f != mine {
			copyFile(t, mine, f)
		}
	}
	var seen []string
	err := s.Walk(t.Context(), func(ref blob.Ref) error { seen = append(seen, ref.SHA256); return nil })
	if sei.CodeOf(err) != blob.CodeDamaged || len(seen) != 1 || seen[0] != first {
		t.Fatalf("saw %v, %v", seen, err)
	}
}

func TestAPlainFileThatChangedDoesNotVerify(t *testing.T) {
	dir := t.TempDir()
	s, err := blob.NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	content := blobtest.Content(1000, 1)
	address := putContent(t, s, content)
	for _, changed := range [][]byte{content[:999], append([]byte{content[0] ^ 1}, content[1:]...), nil} {
		if err := os.WriteFile(files(t, dir)[0], changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := blob.Verify(t.Context(), s, address); sei.CodeOf(err) != blob.CodeDamaged {
			t.Errorf("%d bytes: %v", len(changed), err)
		}
	}
	putContent(t, s, content)
	if err := blob.Verify(t.Context(), s, address); err != nil {
		t.Fatalf("putting again did not mend it: %v", err)
	}
}

func FuzzSealedForm(f *testing.F) {
	content := blobtest.Content(70_000, 1)
	dir := f.TempDir()
	d, err := blob.OpenDir(dir)
	if err != nil {
		f.Fatal(err)
	}
	s, err := blob.NewSealed(d, testKey)
	if err != nil {
		f.Fatal(err)
	}
	ref, err := s.Put(context.Background(), bytes.NewReader(content), blob.Limits{})
	if err != nil {
		f.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "objects", "*", "*"))
	if err != nil || len(paths) != 1 {
		f.Fatal(paths, err)
	}
	whole, err := os.ReadFile(paths[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), uint32(len(whole)), []byte{})
	f.Add(uint32(0), uint32(10), []byte("x"))
	f.Fuzz(func(t *testing.T, from, to uint32, middle []byte) {
		a := min(int(from), len(whole))
		b := max(a, min(int(to), len(whole)))
		form := slices.Concat(whole[:a], middle, whole[b:])
		if err := os.WriteFile(paths[0], form, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(s, ref.SHA256)
		if err == nil && !bytes.Equal(got, content) || err != nil && !bytes.HasPrefix(content, got) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if bytes.Equal(form, whole) != (err == nil) {
			t.Fatalf("the whole form: %v, error: %v", bytes.Equal(form, whole), err)
		}
	})
}

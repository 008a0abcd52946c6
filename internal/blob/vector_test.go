package blob_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
)

// TestTheSealedFormOfVersion1StaysReadable opens an object that an independent
// implementation (Python's cryptography package) wrote from the description in
// sealed.go: key 00 01 … 1f, content "0000000\n" to "0008199\n". What released
// programs have sealed must open for ever.
func TestTheSealedFormOfVersion1StaysReadable(t *testing.T) {
	const (
		address = "9d643aec87563f3aee96c6c051ad58ba3b3741ca41c59fe110931a6add33aa49"
		name    = "88982a3170717a1f580a93f525535184dd2637d8cac195cf25af79ac82ad8f78"
	)
	var key [32]byte
	for i := range key {
		key[i] = byte(i)
	}
	var want bytes.Buffer
	for i := range 8200 {
		fmt.Fprintf(&want, "%07d\n", i)
	}
	s, dir := sealedIn(t, key)
	if err := os.MkdirAll(filepath.Join(dir, "objects", name[:2]), 0o700); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join("testdata", "sealed-v1.bin"), filepath.Join(dir, "objects", name[:2], name))
	got, err := readAll(s, address)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	seen := 0
	err = s.Walk(t.Context(), func(ref blob.Ref) error {
		if seen++; ref != (blob.Ref{SHA256: address, Size: 65600}) {
			t.Errorf("Walk gave %v", ref)
		}
		return nil
	})
	if err != nil || seen != 1 {
		t.Fatalf("Walk: %d, %v", seen, err)
	}
}

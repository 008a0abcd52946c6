package blob_test

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/blob/blobtest"
)

// TestARealFullDisk fills a file system of one megabyte, where the machine lets
// the test mount one; TestAFullDiskIsSaidToBeFullAndKeepsWhatItHas runs everywhere.
func TestARealFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		if errors.Is(err, os.ErrPermission) {
			t.Skip("mounting takes root's rights")
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s, err := blob.NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	kept := blobtest.Content(300_000, 1)
	address := putContent(t, s, kept)
	_, err = s.Put(t.Context(), bytes.NewReader(blobtest.Content(2_000_000, 2)), blob.Limits{})
	requireDiskFull(t, err)
	if got, err := readAll(s, address); err != nil || !bytes.Equal(got, kept) {
		t.Fatalf("what was there: %v", err)
	}
	putContent(t, s, blobtest.Content(300_000, 3)) // the room of the failed one is free again

	uploads, err := blob.OpenUploads(dir+"/uploads", s, blob.UploadLimits{})
	if err != nil {
		t.Fatal(err)
	}
	big := blobtest.Content(2_000_000, 4)
	if _, err := uploads.Begin(t.Context(), "u1", blob.Ref{SHA256: blobtest.Address(big), Size: int64(len(big))}); err != nil {
		t.Fatal(err)
	}
	at, err := uploads.Append(t.Context(), "u1", 0, bytes.NewReader(big))
	requireDiskFull(t, err)
	if now, err := uploads.Offset(t.Context(), "u1"); err != nil || now != at {
		t.Fatalf("offset %d, was told %d, %v", now, at, err)
	}
	if err := uploads.Abort(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
}

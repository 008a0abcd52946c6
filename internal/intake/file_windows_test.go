package intake

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAFileThatIsOpenForWritingIsNotTaken(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pdf")
	writer, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(pdfOf("x")); err != nil {
		t.Fatal(err)
	}
	if err := requireNoWriter(path); !errors.Is(err, errBusy) {
		t.Fatalf("while it is open: %v", err)
	}
	f := watched(t, Config{Dir: dir, Quiet: 50 * time.Millisecond, Poll: 100 * time.Millisecond})
	awaitReason(t, f)
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, f, "a.pdf:waiting")
}

// awaitReason waits until an examination has found the file busy.
func awaitReason(t *testing.T, f *Folder) {
	t.Helper()
	deadline := time.After(patience)
	for {
		if items := f.Items(); len(items) == 1 && items[0].Reason != "" {
			if items[0].State != Incoming {
				t.Fatalf("item %+v", items[0])
			}
			return
		}
		select {
		case <-f.Changes():
		case <-deadline:
			t.Fatal("the file was never examined")
		}
	}
}

func TestOthersMayWriteRenameAndDeleteWhatIsBeingRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pdf")
	write(t, path, pdfOf("x"))
	f, err := openShared(path)
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, path, []byte("more"))
	if err := os.Rename(path, path+".away"); err != nil {
		t.Error(err)
	}
	if err := os.Remove(path + ".away"); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestReadersDoNotKeepAFileFromBeingTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pdf")
	write(t, path, pdfOf("x"))
	viewer, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := requireNoWriter(path); err != nil {
		t.Error(err)
	}
	if err := viewer.Close(); err != nil {
		t.Fatal(err)
	}
}

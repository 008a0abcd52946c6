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
	if f, err := openSettled(path); !errors.Is(err, errBusy) {
		t.Fatalf("opened %v, %v", f, err)
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

func TestNobodyWritesToAFileWhileItIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pdf")
	write(t, path, pdfOf("x"))
	f, err := openSettled(path)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
		t.Errorf("a second program got the file for writing: %v", w.Close())
	}
	if err := PlausiblePDF(path); err != nil {
		t.Errorf("reading beside: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

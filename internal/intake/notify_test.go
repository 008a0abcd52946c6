package intake

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// The tests here use the system's real notifications and wait for what they
// announce. Regular looks are an hour apart, so that only a notification can be
// the cause.

const patience = 20 * time.Second // of a test, not of the folder

func notified(t *testing.T, dir string) *Folder {
	return watched(t, Config{Dir: dir, Quiet: 50 * time.Millisecond, Poll: time.Hour})
}

func await(t *testing.T, f *Folder, want string) {
	t.Helper()
	deadline := time.After(patience)
	for states(f) != want {
		select {
		case _, open := <-f.Changes():
			if !open {
				t.Fatal("the watching has ended")
			}
		case <-deadline:
			t.Fatalf("the list is %q, want %q; problem %q", states(f), want, f.Problem())
		}
	}
}

func TestANotificationBringsAFileIn(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "first.pdf"), pdfOf("first"))
	f := notified(t, dir)
	await(t, f, "first.pdf:waiting") // the folder is followed from here on

	write(t, filepath.Join(dir, "second.pdf.part"), pdfOf("second"))
	write(t, filepath.Join(dir, "third.pdf"), pdfOf("third")[:12])
	await(t, f, "first.pdf:waiting third.pdf:incoming")

	if err := os.Rename(filepath.Join(dir, "second.pdf.part"), filepath.Join(dir, "second.pdf")); err != nil {
		t.Fatal(err)
	}
	await(t, f, "first.pdf:waiting second.pdf:waiting third.pdf:incoming")

	write(t, filepath.Join(dir, "third.pdf"), pdfOf("third"))
	await(t, f, "first.pdf:waiting second.pdf:waiting third.pdf:waiting")

	if err := os.Remove(filepath.Join(dir, "first.pdf")); err != nil {
		t.Fatal(err)
	}
	await(t, f, "second.pdf:waiting third.pdf:waiting")
}

func TestAFolderThatIsRemovedAndMadeAgainIsWatchedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scans")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a.pdf"), pdfOf("a"))
	f := watched(t, Config{Dir: dir, Quiet: 50 * time.Millisecond, Poll: 200 * time.Millisecond})
	await(t, f, "a.pdf:waiting")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	await(t, f, "")
	makeAgain(t, dir)
	write(t, filepath.Join(dir, "b.pdf"), pdfOf("b"))
	await(t, f, "b.pdf:waiting")
	if f.Problem() != "" {
		t.Fatalf("problem %q", f.Problem())
	}
}

// makeAgain tries until the old folder is gone for good: on Windows its name
// lives on until the last handle on it is closed.
func makeAgain(t *testing.T, dir string) {
	t.Helper()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	deadline := time.After(patience)
	for {
		err := os.Mkdir(dir, 0o700)
		if err == nil {
			return
		}
		select {
		case <-retry.C:
		case <-deadline:
			t.Fatalf("the folder cannot be made again on %s: %v", runtime.GOOS, err)
		}
	}
}

func TestAFolderReplacedByAnotherIsFollowedAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not rename a folder that is watched")
	}
	root := t.TempDir()
	dir := filepath.Join(root, "scans")
	other := filepath.Join(root, "other")
	for _, d := range []string{dir, other} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "a.pdf"), pdfOf("a"))
	write(t, filepath.Join(other, "b.pdf"), pdfOf("b"))
	f := watched(t, Config{Dir: dir, Quiet: 50 * time.Millisecond, Poll: time.Hour})
	await(t, f, "a.pdf:waiting")
	if err := os.Rename(dir, filepath.Join(root, "away")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, dir); err != nil {
		t.Fatal(err)
	}
	await(t, f, "b.pdf:waiting")
	write(t, filepath.Join(dir, "c.pdf"), pdfOf("c"))
	await(t, f, "b.pdf:waiting c.pdf:waiting")
}

func TestChangesIsClosedWhenTheWatchingEnds(t *testing.T) {
	f := notified(t, t.TempDir())
	stop := time.After(patience)
	t.Cleanup(func() {
		for {
			select {
			case _, open := <-f.Changes():
				if !open {
					return
				}
			case <-stop:
				t.Error("Changes was not closed")
				return
			}
		}
	})
}

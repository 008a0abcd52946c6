package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pdfOf is the least that passes for a PDF, with a body to tell files apart.
func pdfOf(body string) []byte { return []byte("%PDF-1.7\n" + body + "\n%%EOF\n") }

func sum(p []byte) string {
	h := sha256.Sum256(p)
	return hex.EncodeToString(h[:])
}

func write(t *testing.T, path string, p []byte) {
	t.Helper()
	if err := os.WriteFile(path, p, 0o600); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path string, p []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// watched starts a folder that ends with the test.
func watched(t *testing.T, cfg Config) *Folder {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f, err := Watch(ctx, cfg)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		<-f.Done()
	})
	return f
}

// states writes the list down as "name:state", in order.
func states(f *Folder) string {
	var parts []string
	for _, it := range f.Items() {
		parts = append(parts, it.Name+":"+string(it.State))
	}
	return strings.Join(parts, " ")
}

// The tests below run by a clock that stands still until everything has come to
// rest, with regular looks alone: notifications come from outside such a clock.

func inTime(t *testing.T, change func(*Config), test func(t *testing.T, f *Folder, dir string)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Dir: dir, PollOnly: true, Quiet: 2 * time.Second, Patience: time.Minute, Poll: time.Second}
		if change != nil {
			change(&cfg)
		}
		test(t, watched(t, cfg), dir)
	})
}

// after lets the clock run and the folder come to rest.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func requireStates(t *testing.T, f *Folder, want string) {
	t.Helper()
	if got := states(f); got != want {
		t.Fatalf("the list is %q, want %q", got, want)
	}
}

func TestAHalfWrittenFileIsNotTaken(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		path := filepath.Join(dir, "a.pdf")
		whole := pdfOf(strings.Repeat("x", 5000))
		write(t, path, whole[:1000])
		after(30 * time.Second) // far beyond Quiet: the end is missing
		requireStates(t, f, "a.pdf:incoming")
		if it := f.Items()[0]; it.SHA256 != "" || it.Reason == "" {
			t.Fatalf("item %+v", it)
		}
		appendTo(t, path, whole[1000:2000])
		after(50 * time.Second) // its patience began anew with the last change
		requireStates(t, f, "a.pdf:incoming")
		appendTo(t, path, whole[2000:])
		after(1500 * time.Millisecond)
		requireStates(t, f, "a.pdf:incoming")
		after(2 * time.Second)
		requireStates(t, f, "a.pdf:waiting")
		it := f.Items()[0]
		if it.SHA256 != sum(whole) || it.Size != int64(len(whole)) || it.Path != path || it.Reason != "" {
			t.Fatalf("item %+v", it)
		}
	})
}

func TestAFileThatKeepsChangingIsNotTaken(t *testing.T) {
	// At each moment the file looks like a whole PDF.
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		path := filepath.Join(dir, "a.pdf")
		write(t, path, pdfOf("0"))
		for i := range 10 {
			after(1100 * time.Millisecond)
			requireStates(t, f, "a.pdf:incoming")
			appendTo(t, path, fmt.Appendf(nil, "%d\n%%%%EOF\n", i))
		}
		after(4 * time.Second)
		requireStates(t, f, "a.pdf:waiting")
	})
}

func TestAnIncompleteFileIsRejectedWhenPatienceEndsAndTakenIfItIsCompleted(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		path := filepath.Join(dir, "a.pdf")
		write(t, path, []byte("%PDF-1.7\nhalf"))
		after(65 * time.Second)
		requireStates(t, f, "a.pdf:rejected")
		if reason := f.Items()[0].Reason; !strings.Contains(reason, "incompleto") {
			t.Fatalf("reason %q", reason)
		}
		appendTo(t, path, []byte("\n%%EOF\n"))
		after(5 * time.Second)
		requireStates(t, f, "a.pdf:waiting")
	})
}

func TestFilesThatAreThereAtTheStartAreFound(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "old.pdf"), pdfOf("old"))
	synctest.Test(t, func(t *testing.T) {
		f := watched(t, Config{Dir: dir, PollOnly: true})
		after(4 * time.Second)
		requireStates(t, f, "old.pdf:waiting")
	})
}

func TestAnEmptyFileIsOnlyAReservedName(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		path := filepath.Join(dir, "a.pdf")
		write(t, path, nil)
		after(30 * time.Second)
		requireStates(t, f, "a.pdf:incoming")
		write(t, path, pdfOf("x"))
		after(5 * time.Second)
		requireStates(t, f, "a.pdf:waiting")
	})
}

func TestAReservedLengthOfZerosIsWaitedFor(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		path := filepath.Join(dir, "a.pdf")
		write(t, path, make([]byte, 5000))
		after(30 * time.Second)
		requireStates(t, f, "a.pdf:incoming")
	})
}

func TestWhatIsNotWhatItClaimsIsRejectedWithAReason(t *testing.T) {
	inTime(t, func(c *Config) { c.MaxBytes = 1 << 20 }, func(t *testing.T, f *Folder, dir string) {
		for name, p := range map[string][]byte{
			"a.pdf":  []byte("PK\x03\x04 a spreadsheet"),
			"b.docx": []byte("PK\x03\x04"),
			"c.pdf":  append(pdfOf(strings.Repeat("x", 1<<20)), "%%EOF"...),
		} {
			write(t, filepath.Join(dir, name), p)
		}
		after(5 * time.Second)
		reasons := map[string]string{}
		for _, it := range f.Items() {
			if it.State != Rejected || it.SHA256 != "" {
				t.Errorf("item %+v", it)
			}
			reasons[it.Name] = it.Reason
		}
		for name, want := range map[string]string{"a.pdf": "conteúdo não é um PDF", "b.docx": "Só arquivos PDF", "c.pdf": "limite de 1 MB"} {
			if !strings.Contains(reasons[name], want) {
				t.Errorf("%s: reason %q", name, reasons[name])
			}
		}
		for _, name := range []string{"a.pdf", "b.docx", "c.pdf"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Errorf("a refused file was touched: %v", err)
			}
		}
	})
}

func TestNamesUnderWhichOthersStillWriteAreNotListed(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		for _, name := range []string{
			"a.pdf.tmp", "a.pdf.part", "a.pdf.crdownload", "~$a.pdf", ".a.pdf", "a.pdf~", "A.PDF.PART",
			"a.pdf.filepart", "desktop.ini", "Thumbs.db", "~WRL0001.pdf",
		} {
			write(t, filepath.Join(dir, name), pdfOf("x"))
		}
		if err := os.Mkdir(filepath.Join(dir, "sub.pdf"), 0o700); err != nil {
			t.Fatal(err)
		}
		after(10 * time.Second)
		requireStates(t, f, "")
		if err := os.Rename(filepath.Join(dir, "a.pdf.part"), filepath.Join(dir, "a.PDF")); err != nil {
			t.Fatal(err)
		}
		after(5 * time.Second)
		requireStates(t, f, "a.PDF:waiting")
	})
}

func TestOneContentIsOneItem(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		same := pdfOf("same")
		for i, name := range []string{"b.pdf", "a.pdf", "c.pdf"} {
			path := filepath.Join(dir, name)
			write(t, path, same)
			when := time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC)
			if err := os.Chtimes(path, when, when); err != nil {
				t.Fatal(err)
			}
		}
		after(5 * time.Second)
		requireStates(t, f, "b.pdf:waiting")
		if n := len(f.Items()[0].Copies); n != 2 {
			t.Fatalf("%d copies", n)
		}
		f.MarkFiled(strings.ToUpper(sum(same)))
		requireStates(t, f, "")
		write(t, filepath.Join(dir, "again.pdf"), same)
		after(5 * time.Second)
		requireStates(t, f, "")
		if _, err := os.Stat(filepath.Join(dir, "b.pdf")); err != nil {
			t.Fatalf("a filed file was touched: %v", err)
		}
	})
}

func TestWhatWasFiledBeforeARestartIsNotOfferedAgain(t *testing.T) {
	known := sum(pdfOf("known"))
	inTime(t, func(c *Config) { c.Filed = func(s string) bool { return s == known } }, func(t *testing.T, f *Folder, dir string) {
		write(t, filepath.Join(dir, "known.pdf"), pdfOf("known"))
		write(t, filepath.Join(dir, "new.pdf"), pdfOf("new"))
		after(5 * time.Second)
		requireStates(t, f, "new.pdf:waiting")
	})
}

func TestARemovedItemComesBackOnlyWhenItChanges(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		path := filepath.Join(dir, "a.pdf")
		write(t, path, pdfOf("one"))
		after(5 * time.Second)
		if !f.Remove(path) || f.Remove(path) || f.Remove(filepath.Join(dir, "none.pdf")) {
			t.Fatal("Remove answers wrongly")
		}
		after(30 * time.Second)
		requireStates(t, f, "")
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, pdfOf("one")) {
			t.Fatalf("the file was touched: %v", err)
		}
		write(t, path, pdfOf("another"))
		after(5 * time.Second)
		requireStates(t, f, "a.pdf:waiting")
	})
}

func TestTheDeeperCheckDecides(t *testing.T) {
	var answer atomic.Pointer[error]
	say := func(err error) { answer.Store(&err) }
	check := func(string) error { return *answer.Load() }
	say(ErrIncomplete)
	inTime(t, func(c *Config) { c.Check = check }, func(t *testing.T, f *Folder, dir string) {
		write(t, filepath.Join(dir, "a.pdf"), pdfOf("x"))
		after(10 * time.Second)
		requireStates(t, f, "a.pdf:incoming")
		say(fmt.Errorf("reading: %w", sei.Errorf("pdf.encrypted", "O PDF tem senha.")))
		after(10 * time.Second)
		requireStates(t, f, "a.pdf:rejected")
		if got := f.Items()[0].Reason; got != "O PDF tem senha." {
			t.Fatalf("reason %q", got)
		}
		say(errors.New("object 7 0 is broken"))
		write(t, filepath.Join(dir, "b.pdf"), pdfOf("y"))
		after(90 * time.Second)
		for _, it := range f.Items() {
			if strings.Contains(it.Reason, "object 7") {
				t.Fatalf("technical text is shown: %q", it.Reason)
			}
		}
	})
}

func TestAVanishedFileLeavesTheList(t *testing.T) {
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		path := filepath.Join(dir, "a.pdf")
		write(t, path, pdfOf("x"))
		after(5 * time.Second)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		after(2 * time.Second)
		requireStates(t, f, "")
	})
}

func TestTooManyFilesAreNotAllConsidered(t *testing.T) {
	inTime(t, func(c *Config) { c.MaxFiles = 3 }, func(t *testing.T, f *Folder, dir string) {
		for i := range 5 {
			write(t, filepath.Join(dir, fmt.Sprintf("%d.pdf", i)), pdfOf(fmt.Sprint(i)))
		}
		after(5 * time.Second)
		if n := len(f.Items()); n != 3 || !strings.Contains(f.Problem(), "demais") {
			t.Fatalf("%d items, problem %q", n, f.Problem())
		}
		for i := range 3 {
			if err := os.Remove(filepath.Join(dir, fmt.Sprintf("%d.pdf", i))); err != nil {
				t.Fatal(err)
			}
		}
		after(5 * time.Second)
		if n := len(f.Items()); n != 2 || f.Problem() != "" {
			t.Fatalf("%d items, problem %q", n, f.Problem())
		}
	})
}

func TestAFolderThatIsNotThereYetIsWaitedFor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	synctest.Test(t, func(t *testing.T) {
		f := watched(t, Config{Dir: dir, PollOnly: true, Poll: time.Second})
		after(time.Second)
		if !strings.Contains(f.Problem(), "não está acessível") {
			t.Fatalf("problem %q", f.Problem())
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "a.pdf"), pdfOf("x"))
		after(5 * time.Second)
		requireStates(t, f, "a.pdf:waiting")
		if f.Problem() != "" {
			t.Fatalf("problem %q", f.Problem())
		}
	})
}

func TestAPathThatCannotBeWatchedIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	for _, dir := range []string{"", "relative", file} {
		if _, err := Watch(t.Context(), Config{Dir: dir}); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("%q: %v", dir, err)
		}
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links takes a privilege on Windows")
	}
	secret := filepath.Join(t.TempDir(), "secret.pdf")
	write(t, secret, pdfOf("secret"))
	inTime(t, nil, func(t *testing.T, f *Folder, dir string) {
		if err := os.Symlink(secret, filepath.Join(dir, "a.pdf")); err != nil {
			t.Fatal(err)
		}
		after(5 * time.Second)
		requireStates(t, f, "")
	})
}

package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/blob/blobtest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// fullBucket is a bucket on a disk that has room for so many bytes only.
type fullBucket struct {
	blob.Bucket
	room int
}

func (b *fullBucket) Stage(ctx context.Context) (blob.Staged, error) {
	s, err := b.Bucket.Stage(ctx)
	return &fullStaged{s, b}, err
}

type fullStaged struct {
	blob.Staged
	bucket *fullBucket
}

func (s *fullStaged) Write(p []byte) (int, error) {
	if s.bucket.room -= len(p); s.bucket.room < 0 {
		return 0, &os.PathError{Op: "write", Path: "x", Err: errDiskFull}
	}
	return s.Staged.Write(p)
}

func TestAFullDiskIsSaidToBeFullAndKeepsWhatItHas(t *testing.T) {
	for name, form := range map[string]func(*testing.T, blob.Bucket) blob.Store{"plain": plain, "sealed": sealed} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d, err := blob.OpenDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			s := form(t, &fullBucket{d, 150_000})
			small, large := blobtest.Content(100_000, 1), blobtest.Content(100_000, 2)
			address := putContent(t, s, small)
			_, err = s.Put(t.Context(), bytes.NewReader(large), blob.Limits{})
			requireDiskFull(t, err)
			requireDiskFull(t, s.PutExpected(t.Context(), blobtest.Address(large), 100_000, bytes.NewReader(large)))
			if got, err := readAll(s, address); err != nil || !bytes.Equal(got, small) {
				t.Fatalf("what was there: %v", err)
			}
			if left, err := os.ReadDir(filepath.Join(dir, "staging")); err != nil || len(left) != 0 {
				t.Fatalf("left behind: %v, %v", left, err)
			}
		})
	}
}

func requireDiskFull(t *testing.T, err error) {
	t.Helper()
	if sei.CodeOf(err) != blob.CodeDiskFull || !strings.Contains(sei.MessageOf(err), "Libere espaço") {
		t.Fatalf("got %v", err)
	}
}

func TestWhatDeadWritersLeftIsClearedByAge(t *testing.T) {
	dir := t.TempDir()
	d, err := blob.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"put-old.part": 48 * time.Hour, "put-new.part": time.Minute, "other.txt": 48 * time.Hour} {
		path := filepath.Join(dir, "staging", name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.RemoveStale(t.Context(), time.Now().Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(dir, "staging"))
	if err != nil || len(left) != 2 {
		t.Fatalf("left: %v, %v", left, err)
	}
	for _, e := range left {
		if e.Name() == "put-old.part" {
			t.Fatal("the old one is still there")
		}
	}
}

// busyBucket cannot replace what is there, as Windows cannot while it is read.
type busyBucket struct{ blob.Bucket }

func (b busyBucket) Stage(ctx context.Context) (blob.Staged, error) {
	s, err := b.Bucket.Stage(ctx)
	return busyStaged{s}, err
}

type busyStaged struct{ blob.Staged }

func (busyStaged) Commit(context.Context, string) error {
	return sei.Wrap(errors.New("in use"), sei.CodeUnavailable, "em uso")
}

func TestAWholeCopyThatCannotBeReplacedIsAsGood(t *testing.T) {
	dir := t.TempDir()
	d, err := blob.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	content := blobtest.Content(1000, 1)
	busy := blob.NewPlain(busyBucket{d})
	if _, err := busy.Put(t.Context(), bytes.NewReader(content), blob.Limits{}); sei.CodeOf(err) != sei.CodeUnavailable {
		t.Fatalf("nothing is there, and yet: %v", err)
	}
	putContent(t, blob.NewPlain(d), content)
	putContent(t, busy, content)
	if err := os.WriteFile(files(t, dir)[0], []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := busy.Put(t.Context(), bytes.NewReader(content), blob.Limits{}); sei.CodeOf(err) != sei.CodeUnavailable {
		t.Fatalf("a damaged copy was taken for whole: %v", err)
	}
}

// TestAKilledWriterLeavesNothingVisible runs this test binary as a writer that
// never ends and kills it in the middle.
func TestAKilledWriterLeavesNothingVisible(t *testing.T) {
	if dir := os.Getenv("BLOB_WRITER_DIR"); dir != "" {
		writeForEver(t, dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAKilledWriterLeavesNothingVisible$")
	cmd.Env = append(os.Environ(), "BLOB_WRITER_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscanln(out); err != nil { // the writer says that it is in the middle
		t.Errorf("the writer did not start: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the writer ended by itself")
	}
	s, err := blob.NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Walk(t.Context(), func(ref blob.Ref) error { return fmt.Errorf("visible: %v", ref) }); err != nil {
		t.Fatal(err)
	}
	putContent(t, s, blobtest.Content(1000, 1))
}

func writeForEver(t *testing.T, dir string) {
	s, err := blob.NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Put(t.Context(), &endless{}, blob.Limits{MaxBytes: 1 << 40})
	t.Fatal(err)
}

// endless gives a megabyte, says so, and then no more and no end.
type endless struct{ given int }

func (e *endless) Read(p []byte) (int, error) {
	if e.given >= 1<<20 {
		fmt.Println()
		select {}
	}
	e.given += len(p)
	return len(p), nil
}

package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/blob/blobtest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const uploadID = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

func refOf(p []byte) blob.Ref {
	return blob.Ref{SHA256: blobtest.Address(p), Size: int64(len(p))}
}

func uploadsIn(t *testing.T, dir string, limits blob.UploadLimits) (*blob.Uploads, blob.Store) {
	t.Helper()
	s, err := blob.NewFiles(filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := blob.OpenUploads(filepath.Join(dir, "uploads"), s, limits)
	if err != nil {
		t.Fatal(err)
	}
	return u, s
}

func begin(t *testing.T, u *blob.Uploads, id string, p []byte) {
	t.Helper()
	if at, err := u.Begin(t.Context(), id, refOf(p)); err != nil || at != 0 {
		t.Fatalf("Begin: %d, %v", at, err)
	}
}

func TestAnUploadOverABrokenLineArrivesWhole(t *testing.T) {
	content := blobtest.Content(500_000, 1)
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			uploadOverABrokenLine(t, content, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func uploadOverABrokenLine(t *testing.T, content []byte, chance *rand.Rand) {
	dir := t.TempDir()
	u, s := uploadsIn(t, dir, blob.UploadLimits{})
	begin(t, u, uploadID, content)
	for at := int64(0); at < int64(len(content)); {
		piece := content[at:min(int(at)+1+chance.IntN(300_000), len(content))]
		src := io.MultiReader(bytes.NewReader(piece), iotest.ErrReader(io.ErrUnexpectedEOF))
		now, err := u.Append(t.Context(), uploadID, at, src)
		if !errors.Is(err, io.ErrUnexpectedEOF) || now != at+int64(len(piece)) {
			t.Fatalf("Append at %d of %d bytes: %d, %v", at, len(piece), now, err)
		}
		at = now
		if chance.IntN(2) == 0 { // the central was restarted, too
			u, s = uploadsIn(t, dir, blob.UploadLimits{})
		}
		if found, err := u.Begin(t.Context(), uploadID, refOf(content)); err != nil || found != at {
			t.Fatalf("after the break: %d, %v, want %d", found, err, at)
		}
	}
	for range 2 { // the first answer may be lost
		if ref, err := u.Finish(t.Context(), uploadID); err != nil || ref != refOf(content) {
			t.Fatalf("Finish: %v, %v", ref, err)
		}
	}
	if got, err := readAll(s, refOf(content).SHA256); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("read: %v", err)
	}
}

func TestAPieceThatDoesNotContinueIsRefused(t *testing.T) {
	u, _ := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	content := blobtest.Content(1000, 1)
	begin(t, u, uploadID, content)
	if at, err := u.Append(t.Context(), uploadID, 0, bytes.NewReader(content[:400])); err != nil || at != 400 {
		t.Fatalf("%d, %v", at, err)
	}
	for _, wrong := range []int64{0, 399, 401, -1} {
		at, err := u.Append(t.Context(), uploadID, wrong, bytes.NewReader(content))
		if sei.CodeOf(err) != blob.CodeOffset || at != 400 {
			t.Errorf("at %d: %d, %v", wrong, at, err)
		}
	}
	if _, err := u.Finish(t.Context(), uploadID); sei.CodeOf(err) != blob.CodeOffset {
		t.Errorf("Finish before the end: %v", err)
	}
}

func TestBytesBeyondTheAnnouncedSizeAreRefused(t *testing.T) {
	u, s := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	content := blobtest.Content(1000, 1)
	begin(t, u, uploadID, content)
	at, err := u.Append(t.Context(), uploadID, 0, bytes.NewReader(append(bytes.Clone(content), "more"...)))
	if sei.CodeOf(err) != sei.CodeTooLarge || at != 1000 {
		t.Fatalf("%d, %v", at, err)
	}
	if _, err := u.Finish(t.Context(), uploadID); err != nil {
		t.Fatalf("what was announced did arrive, and yet: %v", err)
	}
	if got, err := readAll(s, refOf(content).SHA256); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("read: %v", err)
	}
}

func TestOtherContentThanAnnouncedIsNotStoredAndStartsAgain(t *testing.T) {
	u, s := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	content, other := blobtest.Content(1000, 1), blobtest.Content(1000, 2)
	begin(t, u, uploadID, content)
	if _, err := u.Append(t.Context(), uploadID, 0, bytes.NewReader(other)); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Finish(t.Context(), uploadID); sei.CodeOf(err) != blob.CodeMismatch {
		t.Fatalf("Finish: %v", err)
	}
	for _, p := range [][]byte{content, other} {
		if _, err := s.Stat(t.Context(), refOf(p).SHA256); sei.CodeOf(err) != sei.CodeNotFound {
			t.Fatalf("Stat: %v", err)
		}
	}
	if at, err := u.Append(t.Context(), uploadID, 0, bytes.NewReader(content)); err != nil || at != 1000 {
		t.Fatalf("starting again: %d, %v", at, err)
	}
	if _, err := u.Finish(t.Context(), uploadID); err != nil {
		t.Fatal(err)
	}
}

func TestKnowingAHashIsNotHavingTheContent(t *testing.T) {
	u, _ := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	content := blobtest.Content(1000, 1)
	begin(t, u, "first", content)
	if _, err := u.Append(t.Context(), "first", 0, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Finish(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	begin(t, u, "second", content)
	if _, err := u.Finish(t.Context(), "second"); sei.CodeOf(err) != blob.CodeOffset {
		t.Fatalf("an upload without bytes was finished: %v", err)
	}
}

func TestUploadsAreLimited(t *testing.T) {
	u, _ := uploadsIn(t, t.TempDir(), blob.UploadLimits{MaxBytes: 1000, MaxOpen: 2})
	if _, err := u.Begin(t.Context(), "large", refOf(blobtest.Content(1001, 1))); sei.CodeOf(err) != sei.CodeTooLarge {
		t.Errorf("too large: %v", err)
	}
	p := blobtest.Content(1000, 1)
	begin(t, u, "a", p)
	begin(t, u, "b", p)
	if _, err := u.Begin(t.Context(), "c", refOf(p)); sei.CodeOf(err) != sei.CodeTooMany {
		t.Errorf("too many: %v", err)
	}
	if _, err := u.Begin(t.Context(), "a", refOf(p)); err != nil {
		t.Errorf("one of the two, again: %v", err)
	}
	if err := u.Abort(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	begin(t, u, "c", p)
	if _, err := u.Append(t.Context(), "c", 0, bytes.NewReader(p)); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Finish(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	begin(t, u, "d", p) // what is finished does not count
}

func TestAnUploadIsBoundToItsAnnouncement(t *testing.T) {
	u, _ := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	p := blobtest.Content(10, 1)
	begin(t, u, uploadID, p)
	if _, err := u.Begin(t.Context(), uploadID, refOf(blobtest.Content(10, 2))); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("other content: %v", err)
	}
	for _, id := range []string{"", "-a", "../a", "A", "a b", "con", "lpt1", "a.json", strings.Repeat("a", 65)} {
		if _, err := u.Begin(t.Context(), id, refOf(p)); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("id %q: %v", id, err)
		}
	}
	for _, ref := range []blob.Ref{{SHA256: "x", Size: 1}, {SHA256: blobtest.Address(p), Size: -1}} {
		if _, err := u.Begin(t.Context(), "b", ref); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("%v: %v", ref, err)
		}
	}
}

func TestAnUnknownUploadIsNotFound(t *testing.T) {
	u, _ := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	_, errOffset := u.Offset(t.Context(), "none")
	_, errAppend := u.Append(t.Context(), "none", 0, strings.NewReader("x"))
	_, errFinish := u.Finish(t.Context(), "none")
	for i, err := range []error{errOffset, errAppend, errFinish} {
		if sei.CodeOf(err) != sei.CodeNotFound {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if err := u.Abort(t.Context(), "none"); err != nil {
		t.Errorf("Abort: %v", err)
	}
}

func TestNothingIsContentToo(t *testing.T) {
	u, s := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	begin(t, u, uploadID, nil)
	if ref, err := u.Finish(t.Context(), uploadID); err != nil || ref != refOf(nil) {
		t.Fatalf("%v, %v", ref, err)
	}
	if got, err := readAll(s, refOf(nil).SHA256); err != nil || len(got) != 0 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
}

func TestASecondSenderOfOneUploadIsTurnedAway(t *testing.T) {
	u, _ := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	content := blobtest.Content(1000, 1)
	begin(t, u, uploadID, content)
	r, w := io.Pipe()
	first := make(chan error, 1)
	go func() {
		_, err := u.Append(context.Background(), uploadID, 0, r)
		first <- err
	}()
	if _, err := w.Write(content[:10]); err != nil { // the first has begun to read
		t.Fatal(err)
	}
	if _, err := u.Append(t.Context(), uploadID, 0, bytes.NewReader(content)); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("second: %v", err)
	}
	if _, err := w.Write(content[10:]); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), <-first); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Finish(t.Context(), uploadID); err != nil {
		t.Fatal(err)
	}
}

func TestACancelledAppendKeepsWhatArrived(t *testing.T) {
	u, _ := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	content := blobtest.Content(1000, 1)
	begin(t, u, uploadID, content)
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := w.Write(content[:600]); err != nil {
			t.Error(err)
		}
		cancel()
		if _, err := w.Write(content[600:]); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	}()
	at, err := u.Append(ctx, uploadID, 0, r)
	if closeErr := r.Close(); closeErr != nil {
		t.Fatal(closeErr)
	}
	<-done
	if !errors.Is(err, context.Canceled) || at < 600 {
		t.Fatalf("%d, %v", at, err)
	}
	if now, err := u.Offset(t.Context(), uploadID); err != nil || now != at {
		t.Fatalf("%d, %v", now, err)
	}
}

func TestForgottenUploadsExpire(t *testing.T) {
	dir := t.TempDir()
	u, _ := uploadsIn(t, dir, blob.UploadLimits{})
	p := blobtest.Content(10, 1)
	begin(t, u, "old", p)
	begin(t, u, "slow", p)
	begin(t, u, "new", p)
	past := time.Now().Add(-72 * time.Hour)
	for _, id := range []string{"old", "slow"} {
		if err := os.Chtimes(filepath.Join(dir, "uploads", id+".json"), past, past); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := u.Append(t.Context(), "slow", 0, bytes.NewReader(p[:5])); err != nil {
		t.Fatal(err)
	}
	begin(t, u, "done", nil)
	if _, err := u.Finish(t.Context(), "done"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "uploads", "done.done"), past, past); err != nil {
		t.Fatal(err)
	}
	if err := u.Expire(t.Context(), time.Now().Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"old", "done"} {
		if _, err := u.Offset(t.Context(), id); sei.CodeOf(err) != sei.CodeNotFound {
			t.Errorf("%s: %v", id, err)
		}
	}
	for id, want := range map[string]int64{"slow": 5, "new": 0} {
		if at, err := u.Offset(t.Context(), id); err != nil || at != want {
			t.Errorf("%s: %d, %v", id, at, err)
		}
	}
}

func TestAFinishedUploadWhoseContentIsGoneStartsAnew(t *testing.T) {
	u, s := uploadsIn(t, t.TempDir(), blob.UploadLimits{})
	p := blobtest.Content(1000, 3)
	send := func() {
		begin(t, u, uploadID, p)
		if _, err := u.Append(t.Context(), uploadID, 0, bytes.NewReader(p)); err != nil {
			t.Fatal(err)
		}
		if _, err := u.Finish(t.Context(), uploadID); err != nil {
			t.Fatal(err)
		}
	}
	send()
	if err := s.Delete(t.Context(), refOf(p).SHA256); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Finish(t.Context(), uploadID); sei.CodeOf(err) != sei.CodeNotFound {
		t.Errorf("finishing it again: %v", err)
	}
	send()
	if _, err := s.Stat(t.Context(), refOf(p).SHA256); err != nil {
		t.Error(err)
	}
}

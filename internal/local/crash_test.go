package local

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	osexec "os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const crashDir = "SEIRS_LOCAL_CRASH_DIR"

// crashText is a text whose every part says which step wrote it.
func crashText(step int) []byte {
	return text(strings.Repeat(fmt.Sprintf("passo %d ", step), 400))
}

func crashCommand(step int) (wire.Command, error) {
	id := protocol.NewID(time.UnixMilli(int64(step)), rand.Reader)
	body := sei.AddDocument{NewDocument: sei.NewDocument{Document: sei.DocumentID(fmt.Sprintf("doc-%d", step))}, Text: crashText(step)}
	return wire.NewCommand(wire.Command{ID: sei.CommandID(id), Process: "p", User: myUser, Unit: myUnit, Device: "d"}, body)
}

// crashPage replaces the whole list: afterwards it has step%7+1 lines, all of
// this step.
func crashPage(step int) wire.Page {
	b := wire.UnitBucket(myUnit)
	p := wire.Page{Bucket: b, Cursor: int64(step), Reset: true}
	var sum ledger.Hash
	for i := range step%7 + 1 {
		key := fmt.Sprintf("process/p%d", i)
		body := fmt.Sprintf(`{"process":"p%d","open":true,"specification":"passo %d"}`, i, step)
		p.Rows = append(p.Rows, wire.Row{Key: key, Version: int64(step), Body: []byte(body)})
		sum = wire.AddRow(sum, key, int64(step))
	}
	p.Checksum = &sum
	return p
}

// TestCrashingWriter is the process that the test below kills.
func TestCrashingWriter(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("only runs as a child of the test below")
	}
	ctx := t.Context()
	s, err := Open(ctx, dir, Options{Passwords: cheap})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Unlock(ctx, password); err != nil {
		t.Fatal(err)
	}
	first, err := strconv.Atoi(os.Getenv(crashDir + "_STEP"))
	if err != nil {
		t.Fatal(err)
	}
	for step := first; ; step++ {
		if err := crashStep(ctx, s, step); err != nil {
			t.Fatal(err)
		}
		fmt.Println("done", step)
	}
}

func crashStep(ctx context.Context, s *Store, step int) error {
	doc := sei.DocumentID(fmt.Sprintf("doc-%d", step))
	for _, d := range []Draft{{Document: "autosave", Text: crashText(step)}, {Document: doc, Text: crashText(step)}} {
		if err := s.SaveDraft(ctx, d); err != nil {
			return err
		}
	}
	c, err := crashCommand(step)
	if err != nil {
		return err
	}
	if err := s.Enqueue(ctx, Entry{Command: c, ForgetDraft: doc}); err != nil {
		return err
	}
	_, err = s.ApplyPage(ctx, crashPage(step))
	return err
}

func TestKilledInTheMiddleOfWritingNothingIsTornOrLost(t *testing.T) {
	w := newWorld(t)
	w.clock.now = time.Now() // the child uses the real clock
	w.ok(w.LoggedIn(w.ctx, w.login()))
	dir := w.Dir()
	w.ok(w.Store.Close())
	step := 1
	for round := range 6 {
		done := killAfter(t, dir, step, 3+round*2, time.Duration(round)*700*time.Microsecond)
		w.Store = w.openAt(dir)
		w.ok(w.Unlock(w.ctx, password))
		step = w.checkAfterCrash(step, done)
		w.ok(w.Store.Close())
	}
	w.Store = w.openAt(dir)
}

// killAfter lets a writer finish some steps and kills it a moment later, most
// likely in the middle of the next. It returns the last step that it reported.
func killAfter(t *testing.T, dir string, first, steps int, moment time.Duration) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command(self, "-test.run=^TestCrashingWriter$", "-test.v")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprintf("%s_STEP=%d", crashDir, first))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := first - 1
	lines := bufio.NewScanner(out)
	killed := false
	for lines.Scan() {
		n, err := strconv.Atoi(strings.TrimPrefix(lines.Text(), "done "))
		if err != nil {
			continue
		}
		done = n
		if !killed && done >= first+steps {
			killed = true
			time.Sleep(moment) // not awaiting anything: it picks where in a step the end comes
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || !killed {
		t.Fatalf("the writer ended by itself after step %d: %v", done, err)
	}
	return done
}

// checkAfterCrash reads everything back: steps up to done are whole, the next
// one whole or absent in each of its transactions. It returns the first step
// that nothing was written of.
func (w *world) checkAfterCrash(first, done int) int {
	t := w.t
	t.Helper()
	var verdict string
	w.ok(w.w.QueryRowContext(w.ctx, `PRAGMA integrity_check`).Scan(&verdict))
	if verdict != "ok" {
		t.Fatalf("integrity: %s", verdict)
	}
	d, ok, err := w.Draft(w.ctx, "autosave")
	w.ok(err)
	saved := 0
	for n := done; n <= done+1; n++ {
		if ok && bytes.Equal(d.Text, crashText(n)) {
			saved = n
		}
	}
	if saved == 0 {
		t.Fatalf("after step %d the draft is neither its text nor the next one's", done)
	}
	for n := first; n <= saved; n++ {
		doc := sei.DocumentID(fmt.Sprintf("doc-%d", n))
		_, drafted, err := w.Draft(w.ctx, doc)
		w.ok(err)
		queued, err := w.exists(w.ctx, `SELECT 1 FROM outbox WHERE document = ?`, string(doc))
		w.ok(err)
		if drafted && queued || n <= done && !queued {
			t.Fatalf("step %d of %d: draft %v, queued %v", n, done, drafted, queued)
		}
	}
	overlay, err := w.QueuedFor(w.ctx, "p")
	w.ok(err)
	for _, o := range overlay {
		b := o.Command.Body.(sei.AddDocument)
		n, err := strconv.Atoi(strings.TrimPrefix(string(b.Document), "doc-"))
		w.ok(err)
		if !bytes.Equal(b.Text, crashText(n)) {
			t.Fatalf("the queued text of step %d is torn", n)
		}
	}
	w.checkListAfterCrash(done)
	return saved + 1
}

func (w *world) checkListAfterCrash(done int) {
	t := w.t
	t.Helper()
	page, err := w.Inbox(w.ctx, myUnit, InboxQuery{})
	w.ok(err)
	var step int
	if len(page.Lines) > 0 {
		if _, err := fmt.Sscanf(page.Lines[0].Specification, "passo %d", &step); err != nil {
			t.Fatal(err)
		}
	}
	if step != done && step != done+1 || len(page.Lines) != step%7+1 {
		t.Fatalf("after step %d the list is of step %d with %d lines", done, step, len(page.Lines))
	}
	for _, l := range page.Lines {
		if l.Specification != fmt.Sprintf("passo %d", step) {
			t.Fatalf("lines of two steps are mixed: %+v", page.Lines)
		}
	}
	hits, err := w.Search(w.ctx, fmt.Sprintf("passo %d", step), 50)
	w.ok(err)
	if len(hits) != len(page.Lines) {
		t.Fatalf("the index has %d of %d lines", len(hits), len(page.Lines))
	}
	mismatch, err := w.ApplyPage(w.ctx, crashPage(step))
	if err != nil || mismatch {
		t.Fatalf("the same page again: mismatch %v, %v", mismatch, err)
	}
}

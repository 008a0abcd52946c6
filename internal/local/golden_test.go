package local

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// When a release brings a new schema, `go test ./internal/local -run Golden
// -update` writes its database beside the earlier ones. One that is there is
// never written again.
var update = flag.Bool("update", false, "write the golden database of today's schema, if there is none")

// What the golden databases hold. The ids are fixed: the tests look for them.
const (
	goldenStart   = sei.CommandID("0195a5e4-7c00-7000-8000-000000000001")
	goldenAdd     = sei.CommandID("0195a5e4-7c00-7000-8000-000000000002")
	goldenRefused = sei.CommandID("0195a5e4-7c00-7000-8000-000000000003")
)

// makeGolden fills a store with work that only this workstation has.
func makeGolden(w *world) {
	w.t.Helper()
	queue := func(id sei.CommandID, process sei.ProcessID, body sei.CommandBody, needs ...sei.CommandID) {
		c := w.command(process, body, needs...)
		c.ID = id
		w.ok(w.Enqueue(w.ctx, Entry{Command: c, ProcessLabel: "a autuar"}))
	}
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil), w.minute("p1", "d1", "r1", 1, true, "a minuta da central"))
	w.sync(wire.ProcessBucket("p1"), w.state("p1", nil), w.document("p1", "d1", nil))
	queue(goldenRefused, "p1", sei.NoteProgress{Text: "Um andamento recusado."})
	w.ok(w.answer(goldenRefused, ledger.Receipt{Code: string(sei.CodeForbidden), Message: "A unidade não atua neste processo."}))
	queue(goldenStart, "p2", sei.StartProcess{Type: 1, Specification: "Café na fila"})
	queue(goldenAdd, "p2", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d2", Type: 4}, Text: text("o texto na fila")}, goldenStart)
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d3", Unit: myUnit, Text: text("o rascunho")}))
}

func schemaOf(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("migrations", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the migrations: %v", err)
	}
	return filepath.Join("testdata", fmt.Sprintf("schema-%05d.db.gz", len(files)))
}

func writeGolden(t *testing.T, path string) {
	t.Helper()
	w := newWorld(t)
	makeGolden(w)
	w.ok(w.Close()) // the journal goes into the database's file
	data, err := os.ReadFile(filepath.Join(w.Dir(), databaseName))
	w.ok(err)
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	w.ok(err)
	_, err = z.Write(data)
	w.ok(errors.Join(err, z.Close(), os.WriteFile(path, packed.Bytes(), 0o600)))
}

// openGolden opens a copy with today's code.
func openGolden(t *testing.T, path string) *world {
	t.Helper()
	w := &world{
		t: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 3, 2, 13, 0, 0, 0, time.UTC)},
		blobs: &memoryBlobs{files: map[string][]byte{}}, seq: map[wire.Bucket]int64{}, rows: map[wire.Bucket]map[string]int64{},
	}
	f, err := os.Open(path)
	w.ok(err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	w.ok(err)
	data, err := io.ReadAll(z)
	w.ok(err)
	dir := t.TempDir()
	w.ok(os.WriteFile(filepath.Join(dir, databaseName), data, 0o600))
	w.Store = w.openAt(dir)
	w.ok(w.Unlock(w.ctx, password))
	return w
}

// A servant whose program is brought up to date finds what was on the way, what
// was refused, the minutes and the drafts.
func TestEveryGoldenDatabaseOpensWithAllItsWork(t *testing.T) {
	if _, err := os.Stat(schemaOf(t)); *update && errors.Is(err, fs.ErrNotExist) {
		writeGolden(t, schemaOf(t))
	}
	files, err := filepath.Glob(filepath.Join("testdata", "schema-*.db.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden database: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) { findGolden(openGolden(t, path)) })
	}
}

func findGolden(w *world) {
	w.t.Helper()
	queued, err := w.Queued(w.ctx, 10)
	w.ok(err)
	if len(queued) != 2 || queued[0].ID != goldenStart || queued[1].ID != goldenAdd {
		w.t.Fatalf("queued: %+v", queued)
	}
	for _, q := range queued {
		device, err := w.DeviceIdentity(w.ctx)
		w.ok(err)
		w.ok(q.Sealed.Verify(device.Enrolment("", "", "").Public, ledger.TypeCommand))
	}
	add, err := w.OutboxCommand(w.ctx, goldenAdd)
	w.ok(err)
	if body, ok := add.Body.(sei.AddDocument); !ok || !bytes.Equal(body.Text, text("o texto na fila")) {
		w.t.Errorf("the queued document is %+v", add.Body)
	}
	if e := w.entry(goldenRefused); e.State != StateRefused || e.Code != sei.CodeForbidden {
		w.t.Errorf("the refused act is %+v", e)
	}
	note, err := w.OutboxCommand(w.ctx, goldenRefused)
	w.ok(err)
	if body, ok := note.Body.(sei.NoteProgress); !ok || body.Text != "Um andamento recusado." {
		w.t.Errorf("the refused act says %+v", note.Body)
	}
	minute, found, err := w.HeadMinute(w.ctx, "d1")
	if err != nil || !found || !bytes.Equal(minute.Text, text("a minuta da central")) {
		w.t.Errorf("the minute: %+v, %v, %v", minute, found, err)
	}
	draft, found, err := w.Draft(w.ctx, "d3")
	if err != nil || !found || !bytes.Equal(draft.Text, text("o rascunho")) {
		w.t.Errorf("the draft: %+v, %v, %v", draft, found, err)
	}
	if id := w.queue("p1", sei.Receive{}); w.entry(id).State == StateRefused {
		w.t.Error("nothing new can be queued")
	}
}

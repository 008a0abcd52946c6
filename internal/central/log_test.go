package central_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// checkpoint asks for the latest checkpoint and verifies its seal.
func (d *desk) checkpoint(from int64) (ledger.Checkpoint, []ledger.Hash) {
	d.t.Helper()
	var resp wire.CheckpointResponse
	must(d.t, d.call(http.MethodGet, "/v1/checkpoint?from="+strconv.FormatInt(from, 10), nil, &resp))
	c, err := ledger.OpenCheckpoint(d.login.Central.ReceiptKeys[0].Public, resp.Checkpoint)
	must(d.t, err)
	return c, resp.Consistency
}

func (d *desk) proof(command string) (ledger.ReceiptProof, error) {
	d.t.Helper()
	var p ledger.ReceiptProof
	return p, d.call(http.MethodGet, "/v1/receipts/"+command+"/proof", nil, &p)
}

func (w *world) sign() {
	w.t.Helper()
	must(w.t, w.svc.SignCheckpoint(w.t.Context()))
}

func TestEachCheckpointContinuesTheOneBefore(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	if err := d.call(http.MethodGet, "/v1/checkpoint", nil, nil); codeOf(err) != sei.CodeNotFound {
		t.Errorf("before the first event: %v", err)
	}
	w.sign() // nothing to sign
	id := d.start(sei.Public)
	w.sign()
	before, _ := d.checkpoint(0)
	w.sign() // nothing new
	if again, _ := d.checkpoint(before.Size); again != before {
		t.Errorf("without new events a checkpoint was signed: %+v", again)
	}
	for i := range 5 {
		d.do(id, sei.NoteProgress{Text: strconv.Itoa(i)})
	}
	w.sign()
	after, proof := d.checkpoint(before.Size)
	if after.Size != before.Size+5 {
		t.Errorf("the checkpoint covers %d headers", after.Size)
	}
	must(t, ledger.CheckConsistency(before, after, proof))
	if err := d.call(http.MethodGet, "/v1/checkpoint?from=-1", nil, nil); codeOf(err) != sei.CodeInvalid {
		t.Errorf("from -1: %v", err)
	}
	var larger wire.CheckpointResponse
	if must(t, d.call(http.MethodGet, "/v1/checkpoint?from=7", nil, &larger)); larger.Consistency != nil {
		t.Error("something is proven of a log that is larger than the central's")
	}
}

func TestAReceiptIsProvenToItsOwnUserAlone(t *testing.T) {
	w := newWorld(t)
	ana, bruno := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "bruno.machado", spggGab)
	started := ana.do(sei.ProcessID(newID(w)), startBody(sei.Public))
	key := ana.login.Central.ReceiptKeys[0].Public
	p, err := ana.proof(started.Command)
	must(t, err)
	if r, c, err := p.Open(key); err != nil || c != nil || r.Command != started.Command {
		t.Errorf("before the checkpoint: %+v %+v %v", r, c, err)
	}
	w.sign()
	p, err = ana.proof(started.Command)
	must(t, err)
	r, c, err := p.Open(key)
	if err != nil || c == nil || c.Size != 1 || r.ProcessNumber != started.ProcessNumber {
		t.Errorf("the proof: %+v %+v %v", r, c, err)
	}
	for name, ask := range map[string]func() error{
		"a colleague":        func() error { _, err := bruno.proof(started.Command); return err },
		"an unknown command": func() error { _, err := ana.proof(newID(w)); return err },
	} {
		if err := ask(); codeOf(err) != sei.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	ana.token = ""
	if _, err := ana.proof(started.Command); codeOf(err) != sei.CodeUnauthenticated {
		t.Errorf("without a session: %v", err)
	}
}

func TestThePublicPageProvesThatTheActIsInTheLog(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	for _, level := range []sei.AccessLevel{sei.Public, sei.Restricted} {
		id := sei.ProcessID(newID(w))
		d.do(id, startBody(level))
		doc, frozen, _ := d.signedDocument(id, "Defiro.")
		code := d.seiNumber(id, doc)
		if v := w.verifyPage(t, code, frozen.CRC); v.Signatures[0].Record != nil {
			t.Errorf("a place was shown that no checkpoint covers: %+v", v.Signatures[0].Record)
		}
		if _, page := w.visit(conferir(code, frozen.CRC)); !strings.Contains(page, "é publicada em alguns segundos") {
			t.Error("the page does not say that the place is coming")
		}
		w.sign()
		record := w.verifyPage(t, code, frozen.CRC).Signatures[0].Record
		if record == nil {
			t.Fatal("no place is shown")
		}
		c, err := ledger.OpenCheckpoint(d.login.Central.ReceiptKeys[0].Public, record.Checkpoint)
		must(t, err)
		must(t, ledger.CheckInclusion(c, record.Hash, record.Inclusion))
		if (record.Header != nil) != (level == sei.Public) {
			t.Errorf("the header of a document of level %v: %+v", level, record.Header)
		}
		if h := record.Header; h != nil && (h.Hash() != record.Hash || h.Kind != string(sei.EvDocumentSigned) || h.Stream != id.Stream()) {
			t.Errorf("the header is %+v", h)
		}
		want := "posição " + strconv.FormatInt(record.Seq, 10) + " de " + strconv.FormatInt(c.Size, 10)
		_, page := w.visit(conferir(code, frozen.CRC))
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
		proof := "/v1/public/verify?" + url.Values{"code": {code}, "crc": {frozen.CRC}}.Encode()
		if !strings.Contains(page, strings.ReplaceAll(proof, "&", "&amp;")) {
			t.Errorf("the page does not lead to %s", proof)
		}
	}
}

func TestASecondProcessAndARestartContinueTheSameLog(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	w.sign()
	before, _ := d.checkpoint(0)
	w.stop()
	w.start()
	d.signIn("SPGG", "ana.schneider")
	d.do(id, sei.NoteProgress{Text: "depois"})
	beside, err := central.Open(t.Context(), central.Config{Folder: w.folder, Files: testFiles{}, Clock: w.clock.Now})
	must(t, err)
	must(t, beside.SignCheckpoint(t.Context()))
	must(t, beside.Close())
	w.sign()
	d.do(id, sei.NoteProgress{Text: "ainda depois"})
	w.sign()
	after, proof := d.checkpoint(before.Size)
	must(t, ledger.CheckConsistency(before, after, proof))
	if after.Size != 3 {
		t.Errorf("the checkpoint covers %d headers", after.Size)
	}
}

func TestAServingCentralSignsByItselfAndWhenItStops(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	d.start(sei.Public)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.svc.Serve(ctx, l, "", "") }()
	deadline := time.Now().Add(10 * time.Second)
	for d.call(http.MethodGet, "/v1/checkpoint", nil, nil) != nil {
		if time.Now().After(deadline) {
			t.Fatal("no checkpoint within ten seconds")
		}
		time.Sleep(10 * time.Millisecond) // the job gives no event to wait for
	}
	d.start(sei.Public)
	stop()
	must(t, <-done)
	if c, _ := d.checkpoint(0); c.Size != 2 {
		t.Errorf("after the stop the checkpoint covers %d of 2 headers", c.Size)
	}
}

// unpack opens a folder of a central as an earlier release left it.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	f, err := os.Open(archive)
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	folder := t.TempDir()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return folder
		}
		must(t, err)
		path := filepath.Join(folder, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			must(t, os.MkdirAll(path, 0o700))
			continue
		}
		data, err := io.ReadAll(r)
		must(t, err)
		must(t, os.WriteFile(path, data, 0o600))
	}
}

// The archive was written by the release whose schema had no log: one process
// that travelled and one that did not, ten events.
func TestACentralOfTheFirstSchemaOpensAndItsWholeHistoryIsSigned(t *testing.T) {
	w := newWorld(t)
	w.stop()
	w.folder = unpack(t, "testdata/schema-00001.tar.gz")
	w.start()
	if n := checkLedger(t, w.database()); n != 10 {
		t.Errorf("%d events", n)
	}
	w.sign()
	d := w.desk("SPGG", "ana.schneider", spggGab)
	c, _ := d.checkpoint(0)
	if c.Size != 10 {
		t.Errorf("the checkpoint covers %d headers", c.Size)
	}
	var command string
	must(t, w.database().QueryRow("SELECT id FROM commands WHERE accepted AND user_id = ? ORDER BY at LIMIT 1", string(d.login.User.ID)).Scan(&command))
	p, err := d.proof(command)
	must(t, err)
	if _, proven, err := p.Open(d.login.Central.ReceiptKeys[0].Public); err != nil || proven == nil {
		t.Errorf("a receipt of the first release: %v", err)
	}
	if r := d.do(sei.ProcessID(newID(w)), startBody(sei.Public)); !strings.Contains(r.ProcessNumber, "000003/") {
		t.Errorf("after two processes comes %s", r.ProcessNumber)
	}
}

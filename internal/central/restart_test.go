package central_test

import (
	"bufio"
	"database/sql"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// checkLedger verifies every stream of a database from its first event.
func checkLedger(t *testing.T, db *sql.DB) (events int) {
	t.Helper()
	streams := map[string][]ledger.Header{}
	rows, err := db.Query("SELECT e.seq, e.header, e.hash, p.salt, p.payload FROM events e JOIN event_payloads p ON p.seq = e.seq ORDER BY e.seq")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var seq int
		var header, hash, salt, payload []byte
		must(t, rows.Scan(&seq, &header, &hash, &salt, &payload))
		events++
		h, err := ledger.DecodeHeader(header)
		must(t, err)
		must(t, ledger.CheckPayload(h, salt, payload))
		if sum := h.Hash(); string(sum[:]) != string(hash) || seq != events {
			t.Errorf("entry %d: hash or place is wrong", seq)
		}
		streams[h.Stream] = append(streams[h.Stream], h)
	}
	must(t, rows.Err())
	for _, headers := range streams {
		must(t, ledger.CheckChain(0, ledger.Hash{}, headers))
	}
	return events
}

func TestTheChainOfEveryStreamVerifies(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	for range 3 {
		id := d.start(sei.Public)
		d.signedDocument(id, "Defiro.")
		d.do(id, sei.Send{To: []sei.UnitID{sesGab}, KeepOpen: true})
	}
	if n := checkLedger(t, w.database()); n != 3*4 {
		t.Errorf("%d events", n)
	}
}

// A copy of the files while the central runs is what a power cut leaves.
func TestEverythingAnsweredSurvivesAPowerCut(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, frozen, pdf := d.signedDocument(id, "Defiro.")
	cmd := d.command(id, sei.Send{To: []sei.UnitID{sesGab}})
	before, err := d.tryPush(cmd)
	must(t, err)

	after := t.TempDir()
	must(t, os.CopyFS(after, os.DirFS(w.folder)))
	w.stop()
	w.folder = after
	w.start()
	d.signIn("SPGG", "ana.schneider")
	again, err := d.tryPush(cmd)
	must(t, err)
	if string(again[0].Receipt.Payload) != string(before[0].Receipt.Payload) || string(again[0].Receipt.Sig) != string(before[0].Receipt.Sig) {
		t.Error("the answer changed")
	}
	if status, got := d.download(doc, frozen.Content.SHA256); status != http.StatusOK || string(got) != string(pdf) {
		t.Errorf("the content: %d", status)
	}
	checkSum(t, d.pull(wire.UnitBucket(spggGab), 0))
	checkLedger(t, w.database())
}

func TestATrainingCentralNeverBecomesOfficial(t *testing.T) {
	w := newWorld(t)
	w.stop()
	w.change = nil
	w.start()
	w.stop()
	w.start()
	if !w.svc.Training() {
		t.Error("the folder of a demonstration opened as an official central")
	}
}

func TestTheReceiptKeyIsTheServicesOwn(t *testing.T) {
	folder, err := demonstration()
	must(t, err)
	info, err := os.Stat(filepath.Join(folder, "receipt-key.pem"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestAChangeIsHintedToTheUnitsItConcerns(t *testing.T) {
	w := newWorld(t)
	ours, theirs, others := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SES", "helena.moraes", sesGab), w.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	listen := func(d *desk) *bufio.Reader {
		resp := d.request(http.MethodGet, "/v1/hints?unit="+string(d.unit), nil, nil)
		t.Cleanup(func() { _ = resp.Body.Close() })
		if resp.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("hints: %d", resp.StatusCode)
		}
		return bufio.NewReader(resp.Body)
	}
	hears, elsewhere := listen(theirs), listen(others)
	id := ours.start(sei.Public)
	ours.do(id, sei.Send{To: []sei.UnitID{sesGab}})
	if got := nextHint(t, hears); got != `{"buckets":["unit/demo-ses-gab"]}` {
		t.Errorf("the hint is %s", got)
	}
	must(t, w.svc.SetDisabled(t.Context(), "SEFAZ", "sergio.azambuja", true)) // a change that SEFAZ's other unit hears of
	others.start(sei.Public)
	if got := nextHint(t, elsewhere); got != `{"buckets":["unit/demo-sefaz-gab"]}` {
		t.Errorf("the unconcerned unit heard %s first", got)
	}
	other := w.desk("SPGG", "ana.schneider", sesGab)
	if err := other.call(http.MethodGet, "/v1/hints?unit="+string(sesGab), nil, nil); codeOf(err) != sei.CodeForbidden {
		t.Errorf("listening to a foreign unit: %v", err)
	}
}

func TestAnAuditorDoesNotHearWhenTheUnitWorks(t *testing.T) {
	w := newWorld(t)
	worker, auditor := w.desk("SEFAZ", "nelson.ribeiro", sefazGab), w.desk("SEFAZ", "auditor", sefazGab)
	resp := auditor.request(http.MethodGet, "/v1/hints?unit="+string(sefazGab), nil, nil)
	t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("hints: %d", resp.StatusCode)
	}
	worker.start(sei.Restricted)
	must(t, w.svc.Grant(t.Context(), "SEFAZ", "auditor", "SEFAZ", "SEFAZ/TE", []sei.Profile{sei.ProfileAuditor}, time.Time{}))
	if got := nextHint(t, bufio.NewReader(resp.Body)); got != `{"buckets":["user/`+string(auditor.login.User.ID)+`"]}` {
		t.Errorf("the auditor heard %s", got)
	}
}

func nextHint(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			t.Fatal("the stream ended")
		}
		must(t, err)
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			return strings.TrimSpace(data)
		}
	}
}

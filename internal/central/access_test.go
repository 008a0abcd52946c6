package central_test

import (
	"bytes"
	"database/sql"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// database opens the central's database beside it, as an auditor would.
func (w *world) database() *sql.DB {
	w.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.folder, "central.db")+"?mode=ro")
	must(w.t, err)
	w.t.Cleanup(func() { _ = db.Close() })
	return db
}

func (d *desk) search(q string) []wire.SearchHit {
	d.t.Helper()
	var resp wire.SearchResponse
	must(d.t, d.call(http.MethodGet, "/v1/search?q="+url.QueryEscape(q), nil, &resp))
	return resp.Hits
}

func TestARestrictedProcessDoesNotExistForOtherUnits(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	id := sei.ProcessID(newID(w))
	number := ours.do(id, startBody(sei.Restricted)).ProcessNumber
	data := pdfBytes("laudo")
	doc := ours.addExternal(id, data)

	if p := theirs.pull(wire.ProcessBucket(id), 0); !p.Revoked || len(p.Rows) > 0 {
		t.Errorf("another unit pulled %+v", p)
	}
	if unknown := theirs.pull(wire.ProcessBucket("nothing"), 0); !unknown.Revoked {
		t.Errorf("a process that never existed is answered otherwise: %+v", unknown)
	}
	if status, _ := theirs.download(doc, shaOf(data)); status != http.StatusNotFound {
		t.Errorf("another unit's download got %d", status)
	}
	if hits := theirs.search(number); len(hits) > 0 {
		t.Errorf("another unit found %+v", hits)
	}
	theirs.refused(id, sei.NoteProgress{Text: "x"}, sei.CodeNoProcess)
	theirs.refused("nothing", sei.NoteProgress{Text: "x"}, sei.CodeNoProcess)

	if status, got := ours.download(doc, shaOf(data)); status != http.StatusOK || string(got) != string(data) {
		t.Errorf("the own unit's download got %d", status)
	}
	if hits := ours.search(number); len(hits) != 1 {
		t.Errorf("the own unit found %+v", hits)
	}
}

func TestMinutesReachTheGeneratingUnitAlone(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SES", "helena.moraes", sesGab)
	id := ours.start(sei.Public)
	doc, _, _ := ours.addMinute(id, "Palavra secreta da minuta")
	ours.do(id, sei.Send{To: []sei.UnitID{sesGab}, KeepOpen: true})

	if keys := keysWith(theirs.pull(wire.UnitBucket(sesGab), 0), "minute/"); len(keys) > 0 {
		t.Errorf("the other unit got %v", keys)
	}
	if p := theirs.pull(wire.UnitBucket(spggGab), 0); !p.Revoked {
		t.Errorf("the other unit pulled our index: %+v", p)
	}
	for _, r := range theirs.pull(wire.ProcessBucket(id), 0).Rows {
		if bytes.Contains(r.Body, []byte("secreta")) {
			t.Errorf("row %s carries the minute", r.Key)
		}
	}
	theirs.refused(id, sei.EditMinute{Document: doc, Text: minuteText("x")}, sei.CodeOtherUnit)
	if keys := keysWith(ours.pull(wire.UnitBucket(spggGab), 0), "minute/"); len(keys) != 1 {
		t.Errorf("the own unit has %v", keys)
	}
}

func TestAnAuditorReadsMetadataOnly(t *testing.T) {
	w := newWorld(t)
	ours, auditor := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SEFAZ", "auditor", sefazGab)
	id := ours.start(sei.Restricted)
	data := pdfBytes("laudo")
	doc := ours.addExternal(id, data)
	page := auditor.pull(wire.ProcessBucket(id), 0)
	checkSum(t, page)
	for _, key := range keysWith(page, "event/") {
		if e := bodyAs[wire.EventRow](t, row(page, key)); e.Text == "" || e.Payload != nil || e.Salt != nil {
			t.Errorf("%s shows %+v", key, e)
		}
	}
	if status, _ := auditor.download(doc, shaOf(data)); status != http.StatusNotFound {
		t.Errorf("the auditor's download got %d", status)
	}
	if p := auditor.pull(wire.UnitBucket(sefazGab), 0); !p.Revoked {
		t.Error("the auditor pulled a unit's index with its minutes")
	}
}

func TestNarrowedAccessRevokesWhatWasPulled(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	id := ours.start(sei.Public)
	before := theirs.pull(wire.ProcessBucket(id), 0)
	if before.Revoked || len(before.Rows) == 0 {
		t.Fatalf("a public process was not given: %+v", before)
	}
	ours.do(id, sei.AddDocument{NewDocument: sei.NewDocument{
		Document: sei.DocumentID(newID(w)), Type: despacho, Level: sei.Restricted, LegalBasis: personal,
	}, Text: minuteText("x")})
	if p := theirs.pull(wire.ProcessBucket(id), before.Cursor); !p.Revoked || len(p.Rows) > 0 {
		t.Errorf("after narrowing, the other unit pulled %+v", p)
	}
}

func TestReadingByAnotherUnitBlackensThePen(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	id := ours.start(sei.Public)
	doc, frozen, pdf := ours.signedDocument(id, "Defiro.")
	edit := sei.EditMinute{Document: doc, Base: frozen.Revision, Text: minuteText("Indefiro."), OnSigned: true}

	if status, _ := ours.download(doc, frozen.Content.SHA256); status != http.StatusOK {
		t.Fatalf("own download: %d", status)
	}
	state := bodyAs[sei.Document](t, row(ours.pull(wire.ProcessBucket(id), 0), "document/"+string(doc)))
	if state.PenColour() != sei.PenYellow {
		t.Fatalf("reading in the own unit made the pen %s", state.PenColour())
	}
	if status, got := theirs.download(doc, frozen.Content.SHA256); status != http.StatusOK || string(got) != string(pdf) {
		t.Fatalf("the other unit's download: %d", status)
	}
	page := ours.pull(wire.ProcessBucket(id), 0)
	if d := bodyAs[sei.Document](t, row(page, "document/"+string(doc))); d.PenColour() != sei.PenBlack {
		t.Errorf("after another unit read it the pen is %s", d.PenColour())
	}
	ours.refused(id, edit, sei.CodePenBlack)
	events := len(keysWith(page, "event/"))
	theirs.download(doc, frozen.Content.SHA256)
	if n := len(keysWith(ours.pull(wire.ProcessBucket(id), 0), "event/")); n != events {
		t.Errorf("the second reading made %d more events", n-events)
	}
}

func TestAnEditUnderTheYellowPenWithdrawsTheSignatures(t *testing.T) {
	w := newWorld(t)
	ours := w.desk("SPGG", "ana.schneider", spggGab)
	id := ours.start(sei.Public)
	doc, frozen, _ := ours.signedDocument(id, "Defiro.")
	ours.do(id, sei.EditMinute{Document: doc, Base: frozen.Revision, Text: minuteText("Indefiro."), OnSigned: true})
	if status, _ := ours.download(doc, frozen.Content.SHA256); status != http.StatusNotFound {
		t.Errorf("the withdrawn content was handed out: %d", status)
	}
	v := w.verifyPage(t, ours.seiNumber(id, doc), frozen.CRC)
	if v.Result != "superseded" {
		t.Errorf("the withdrawn pair answers %q", v.Result)
	}
}

func TestReadsOfRestrictedContentAndRefusalsAreAudited(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	id := ours.start(sei.Restricted)
	data := pdfBytes("laudo")
	doc := ours.addExternal(id, data)
	ours.pull(wire.ProcessBucket(id), 0)
	ours.download(doc, shaOf(data))
	theirs.download(doc, shaOf(data))
	theirs.refused(id, sei.NoteProgress{Text: "x"}, sei.CodeNoProcess)
	db := w.database()
	for what, query := range map[string]string{
		"pull":             "SELECT COUNT(*) FROM audit WHERE act = 'read' AND code = '' AND subject = '" + string(id) + "' AND user_id = '" + string(ours.login.User.ID) + "'",
		"download":         "SELECT COUNT(*) FROM audit WHERE act = 'read' AND code = '' AND subject = '" + string(doc) + "' AND user_id = '" + string(ours.login.User.ID) + "'",
		"refused download": "SELECT COUNT(*) FROM audit WHERE act = 'read' AND code = 'not_found' AND subject = '" + string(doc) + "' AND user_id = '" + string(theirs.login.User.ID) + "'",
		"refused command":  "SELECT COUNT(*) FROM audit WHERE act = 'refuse' AND code = 'process.not_found' AND user_id = '" + string(theirs.login.User.ID) + "'",
	} {
		var n int
		must(t, db.QueryRow(query).Scan(&n))
		if n != 1 {
			t.Errorf("%s: %d lines of audit", what, n)
		}
	}
}

func TestSearchFindsByNumbersAndWords(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	id := sei.ProcessID(newID(w))
	body := startBody(sei.Public)
	body.Specification, body.FormerNumbers = "Reforma da Escola São José", []string{"19/1300-0004567-8"}
	number := ours.do(id, body).ProcessNumber
	_, r, _ := ours.addMinute(id, "x")
	for _, q := range []string{number, "43" + number[2:], "19/1300-0004567-8", "19130000045678", "escola sao jose", "REFORMA"} {
		if hits := theirs.search(q); len(hits) != 1 || hits[0].Process != id {
			t.Errorf("%q found %+v", q, hits)
		}
	}
	if hits := theirs.search(sei7(r.SEINumber)); len(hits) != 1 || hits[0].Document == "" || hits[0].DocumentName == "" {
		t.Errorf("by Nº SEI: %+v", hits)
	}
	for _, q := range []string{"inexistente", "99999999", "%", "_____"} {
		if hits := theirs.search(q); len(hits) != 0 {
			t.Errorf("%q found %+v", q, hits)
		}
	}
}

package central_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// again stops the central and starts it on the same folder.
func (w *world) again() {
	w.t.Helper()
	w.stop()
	w.start()
}

func (d *desk) tryPassword(password string) error {
	d.t.Helper()
	req := d.w.loginRequest(d.key, d.device, "SPGG", "ana.schneider", password)
	return d.call(http.MethodPost, "/v1/login", req, &d.login)
}

func TestRestartingTheCentralGivesNoNewTriesAtALogin(t *testing.T) {
	w := newWorld(t)
	d := &desk{w: w, t: t, key: newKey(t), device: sei.DeviceID(newID(w))}
	for i := range 8 {
		if i == 4 {
			w.again()
		}
		if err := d.tryPassword("errada"); codeOf(err) != central.CodeLoginWrong {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	w.again()
	if err := d.tryPassword(central.DemoPassword); codeOf(err) != sei.CodeTooMany {
		t.Errorf("the ninth try, after a restart: %v", err)
	}
	w.clock.add(11 * time.Minute)
	must(t, d.tryPassword(central.DemoPassword))
}

func TestASuccessfulLoginForgetsItsFailuresForGood(t *testing.T) {
	w := newWorld(t)
	d := &desk{w: w, t: t, key: newKey(t), device: sei.DeviceID(newID(w))}
	for range 3 {
		for range 5 {
			if err := d.tryPassword("errada"); codeOf(err) != central.CodeLoginWrong {
				t.Fatal(err)
			}
		}
		must(t, d.tryPassword(central.DemoPassword))
		w.again()
	}
}

func TestRestartingTheCentralGivesNoNewTriesAtASignaturesPassword(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf := pdfBytes("defiro")
	d.upload(pdf)
	body := signBody(doc, d.freeze(rev, "Defiro.", pdf))
	for i := range 8 {
		if _, err := d.signWithPassword(id, body, "errada"); codeOf(err) != central.CodePasswordWrong {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	w.again()
	if _, err := d.signWithPassword(id, body, central.DemoPassword); codeOf(err) != sei.CodeTooMany {
		t.Errorf("the ninth try, after a restart: %v", err)
	}
}

func TestRestartingTheCentralGivesNoNewGuessesOfPairs(t *testing.T) {
	w := newWorld(t)
	for range 30 {
		if resp, _ := w.visit(conferir("9999999", "00000000")); resp.StatusCode != http.StatusNotFound {
			t.Fatalf("a wrong pair: %d", resp.StatusCode)
		}
	}
	w.again()
	if resp, _ := w.visit(conferir("9999999", "00000000")); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a guess more, after a restart: %d", resp.StatusCode)
	}
}

func TestTheTablesOfTriesDoNotNameWhoTried(t *testing.T) {
	w := newWorld(t)
	d := &desk{w: w, t: t, key: newKey(t), device: sei.DeviceID(newID(w))}
	_ = d.tryPassword("errada")
	var n int
	must(t, w.database().QueryRow("SELECT COUNT(*) FROM attempts WHERE key LIKE '%ana%' OR key LIKE '%127.0.0.1%'").Scan(&n))
	var all int
	must(t, w.database().QueryRow("SELECT COUNT(*) FROM attempts").Scan(&all))
	if n != 0 || all != 2 {
		t.Errorf("%d of %d rows name somebody", n, all)
	}
}

// uploadAgain goes on from where the central says, as a workstation does.
func (d *desk) uploadAgain(data []byte) {
	d.t.Helper()
	at, _ := d.offset(shaOf(data))
	resp := d.uploadPiece(shaOf(data), at, int64(len(data)), data[at:])
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Upload-Complete") != "?1" {
		d.t.Fatalf("upload: %d %v", resp.StatusCode, resp.Header)
	}
}

func TestWhatNobodyCitesHasAQuotaPerUser(t *testing.T) {
	one := pdfBytes("um arquivo")
	w := newWorld(t, func(c *central.Config) { c.MaxWaitingBytes = int64(2 * len(one)) })
	ana, igor := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SES", "igor.pacheco", sesGab)
	id := ana.start(sei.Public)
	two, three := pdfBytes("os dois um"), pdfBytes("os tres um")
	ana.upload(one)
	half := ana.uploadPiece(shaOf(two), 0, int64(len(two)), two[:3]) // a begun one takes its room
	half.Body.Close()
	resp := ana.uploadPiece(shaOf(three), 0, int64(len(three)), three)
	defer resp.Body.Close()
	if err := readRefusal(resp); codeOf(err) != sei.CodeTooMany || resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the third file: %v", err)
	}
	igor.upload(three) // somebody else's quota
	rest := ana.uploadPiece(shaOf(two), 3, int64(len(two)), two[3:])
	rest.Body.Close()
	if rest.StatusCode != http.StatusNoContent {
		t.Errorf("going on with the second file: %d", rest.StatusCode)
	}
	ana.do(id, externalBody(sei.DocumentID(newID(w)), one)) // cited: it counts no more
	ana.upload(three)
}

func TestUploadsThatNobodyCitesAreSweptAndOthersStay(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	other := w.desk("SES", "igor.pacheco", sesGab)
	id := d.start(sei.Public)
	cited, left, shared := pdfBytes("citado"), pdfBytes("esquecido"), pdfBytes("dos dois")
	d.addExternal(id, cited)
	d.upload(left)
	other.upload(shared)
	d.addExternal(id, shared)
	stored := func(data []byte) bool {
		_, err := w.files().Size(t.Context(), shaOf(data))
		return err == nil
	}
	sweep := func() { must(t, w.svc.Sweep(context.Background())) }
	w.clock.add(13 * 24 * time.Hour)
	sweep()
	d.signIn("SPGG", "ana.schneider")
	if _, done := d.offset(shaOf(left)); !done {
		t.Fatal("swept before the grace time was over")
	}
	w.clock.add(2 * 24 * time.Hour)
	sweep()
	d.signIn("SPGG", "ana.schneider")
	if _, done := d.offset(shaOf(left)); done || !stored(left) {
		t.Fatalf("after the grace time: still the user's %v; its bytes must outlast a backup", done)
	}
	w.clock.add(3 * 24 * time.Hour)
	sweep()
	d.signIn("SPGG", "ana.schneider")
	if stored(left) || !stored(cited) || !stored(shared) {
		t.Errorf("stored: forgotten %v, cited %v, of two people %v", stored(left), stored(cited), stored(shared))
	}
	d.uploadAgain(left) // from its first byte
	d.do(id, externalBody(sei.DocumentID(newID(w)), left))
	w.clock.add(30 * 24 * time.Hour)
	sweep()
	if !stored(left) {
		t.Error("a file that came back and was cited is gone")
	}
}

func TestAFileThatComesBackIsNotCleared(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	data := pdfBytes("vai e volta")
	d.upload(data)
	w.clock.add(15 * 24 * time.Hour)
	must(t, w.svc.Sweep(context.Background()))
	d.signIn("SPGG", "ana.schneider")
	d.uploadAgain(data)
	w.clock.add(3 * 24 * time.Hour)
	must(t, w.svc.Sweep(context.Background()))
	if _, err := w.files().Size(t.Context(), shaOf(data)); err != nil {
		t.Errorf("the file: %v", err)
	}
}

func TestOneFolderHasOneCentralInService(t *testing.T) {
	folder := t.TempDir()
	first, err := central.Hold(folder)
	must(t, err)
	if _, err := central.Hold(folder); sei.CodeOf(err) != sei.CodeConflict {
		t.Fatalf("a second one: %v", err)
	}
	must(t, first.Close())
	again, err := central.Hold(folder)
	must(t, err)
	must(t, again.Close())
}

func TestTheTrailIsReadByPersonTimeAndAct(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	w.clock.add(time.Hour)
	later := w.clock.Now()
	id := d.start(sei.Public)
	w.desk("SES", "igor.pacheco", sesGab)
	d.refused(id, sei.Send{To: []sei.UnitID{"nenhuma"}}, sei.CodeDestination)
	_ = (&desk{w: w, t: t, key: newKey(t), device: sei.DeviceID(newID(w))}).tryPassword("errada")
	read := func(f central.AuditFilter) (lines []central.AuditLine) {
		must(t, central.ReadAudit(t.Context(), w.folder, f, func(l central.AuditLine) error {
			lines = append(lines, l)
			return nil
		}))
		return lines
	}
	ana := central.AuditFilter{Agency: "spgg", Login: "Ana.Schneider"}
	if got := read(ana); len(got) != 3 || got[0].Act != "login" || got[0].Login != "ana.schneider" || got[0].Agency != "SPGG" {
		t.Errorf("ana's lines: %+v", got)
	}
	ana.From = later
	ana.Acts = []string{"refuse"}
	if got := read(ana); len(got) != 1 || got[0].Code != sei.CodeDestination || got[0].Unit != "SPGG/GAB" {
		t.Errorf("ana's refusals since then: %+v", got)
	}
	if got := read(central.AuditFilter{Until: later}); len(got) != 1 {
		t.Errorf("before: %+v", got)
	}
	if got := read(central.AuditFilter{Code: central.CodeLoginWrong}); len(got) != 1 || got[0].Login != "ana.schneider" {
		t.Errorf("wrong passwords: %+v", got)
	}
	if got := read(central.AuditFilter{Subject: string(id)}); len(got) != 1 {
		t.Errorf("of the process: %+v", got)
	}
	err := central.ReadAudit(t.Context(), w.folder, central.AuditFilter{Agency: "' OR 1=1 --"}, func(central.AuditLine) error { return nil })
	if sei.CodeOf(err) != sei.CodeNotFound {
		t.Errorf("an agency that is not there: %v", err)
	}
}

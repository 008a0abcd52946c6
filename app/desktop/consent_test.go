package desktop

import (
	"bufio"
	"bytes"
	"net/http"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestOnlyASignatureThatTheEditorShowedIsWithdrawnBySaving(t *testing.T) {
	var e editing
	if e.consents("d") {
		t.Error("a document that the editor never opened may lose its signatures")
	}
	e.opened("d", false)
	if e.consents("d") {
		t.Error("a signature that came while the text was open may be withdrawn unseen")
	}
	e.opened("d", true)
	if !e.consents("d") || e.consents("another") {
		t.Error("what was shown as signed is the only thing that may be changed")
	}
}

func TestAFileCutShortIsNotSaved(t *testing.T) {
	a := &fileAnswer{out: bufio.NewWriter(&bytes.Buffer{}), header: http.Header{"Content-Length": {"4"}}}
	if _, err := a.Write([]byte("abc")); err != nil || a.whole() {
		t.Errorf("three bytes of four are whole (%v)", err)
	}
	if _, err := a.Write([]byte("d")); err != nil || !a.whole() {
		t.Errorf("four bytes of four are not whole (%v)", err)
	}
}

func TestOnlyAccountsOfTheCentralInUseAreOpened(t *testing.T) {
	real, training := local.Known{}, local.Known{}
	real.CentralID, training.CentralID = "real", "training"
	d := &Desk{}
	if !d.isOfCentral(real) || !d.isOfCentral(training) {
		t.Error("before a central is known an account is hidden")
	}
	d.central = &knownCentral{}
	d.central.Info.ID = "real"
	if !d.isOfCentral(real) || d.isOfCentral(training) {
		t.Error("an account of another central is offered")
	}
}

func TestTheAddressGivenAtInstallationMayBeTheHostAlone(t *testing.T) {
	d := &Desk{opts: Options{Profile: t.TempDir(), Central: "sei.exemplo.rs.gov.br"}}
	if err := d.recallCentral(); err != nil {
		t.Fatal(err)
	}
	if d.central == nil || d.central.URL != "https://sei.exemplo.rs.gov.br" {
		t.Fatalf("the desk would ask %+v", d.central)
	}
	if _, err := d.newClient(d.central.URL); err != nil {
		t.Error(err)
	}
}

func TestAnEditBegunBeforeASignatureDoesNotUndoIt(t *testing.T) {
	w := newWorld(t)
	ana, bruno := w.loggedIn(chief), w.loggedIn(assessor)
	process, document := ana.start()
	ana.save(process, document, ana.edit(process, document).Base, "Encaminhe-se.")
	ana.awaitSent()
	bruno.await("the minute reaches the colleague", func() bool {
		_, err := bruno.docs.Edit(process, document)
		return err == nil
	})
	base := bruno.edit(process, document).Base

	ana.signWithPassword(process, document)
	bruno.await("the colleague sees the signature", func() bool {
		d := bruno.view(process).Documents
		return len(d) == 1 && d[0].Pen == string(sei.PenYellow)
	})
	_, err := bruno.docs.Save(process, document, base, textOf("Escrito sem ver a assinatura."), nil)
	wantCode(t, err, sei.CodeSigned)

	// Having seen it, the colleague may.
	bruno.save(process, document, bruno.edit(process, document).Base, "Escrito depois de ver a assinatura.")
	bruno.awaitSent()
	ana.await("the signature is withdrawn", func() bool {
		d := ana.view(process).Documents
		return len(d) == 1 && d[0].Minute && len(d[0].Signatures) == 0
	})
}

func (d *testDesk) signWithPassword(process, document string) {
	d.t.Helper()
	signing := &Signing{d.Desk}
	p, err := signing.Prepare([]DocumentRef{{process, document}})
	must(d.t, err)
	begun, err := signing.SignWithPassword(PasswordSignForm{
		Items: p.Items, Password: central.DemoPassword, Agency: p.Agency, Position: "Chefe de Gabinete",
	})
	must(d.t, err)
	if over := d.batchOver(begun.ID); over.Registered != 1 {
		d.t.Fatalf("signing ended with %+v", over)
	}
}

func TestAPasswordChangedElsewhereOpensTheStoreOnceTheCentralHasTakenIt(t *testing.T) {
	w := newWorld(t)
	here, elsewhere := w.loggedIn(chief), w.loggedIn(chief)
	const changed = "outra senha bem longa"
	must(t, elsewhere.session.ChangePassword(central.DemoPassword, changed))

	_, err := here.session.Unlock(chief.agency, chief.login, central.DemoPassword)
	must(t, err)
	_, err = here.session.Renew(changed)
	must(t, err)
	_, err = here.session.Lock()
	must(t, err)
	_, err = here.session.Unlock(chief.agency, chief.login, central.DemoPassword)
	wantCode(t, err, local.CodeWrongPassword)
	_, err = here.session.Unlock(chief.agency, chief.login, changed)
	must(t, err)
}

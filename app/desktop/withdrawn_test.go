package desktop

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// external is what the form sends about a staged file.
func (d *testDesk) external(process, staged string) ExternalForm {
	d.t.Helper()
	types, err := (&Catalogue{d.Desk}).DocumentTypes("external")
	must(d.t, err)
	if len(types) == 0 {
		d.t.Fatal("no type of external documents")
	}
	return ExternalForm{Process: process, Type: types[0].ID, Date: "2026-01-05", Format: string(sei.BornDigital), Sender: ContactForm{Name: "Maria"}, Staged: staged}
}

// vanish takes the central off the network: nobody can connect any more, so
// that nothing can have left.
func (w *world) vanish(d *testDesk) {
	w.t.Helper()
	must(w.t, w.server.Listener.Close())
	w.server.CloseClientConnections()
	must(w.t, d.session.SyncNow())
	d.await("the desk knows that the central is gone", func() bool {
		s, err := d.session.Status()
		return err == nil && s.Phase != "connected" && s.Phase != "syncing"
	})
}

func TestWhatWasWithdrawnCanBeTakenUpAgain(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	w.vanish(d) // nothing leaves: it stays in the queue and can be withdrawn
	p, err := d.process.Start(StartForm{Type: typePublic, Specification: "Ensaio", Subjects: []int{subjectOfIt}})
	must(t, err)
	minute, err := d.docs.AddInternal(DocumentForm{Process: p.Process, Type: typeDispatch})
	must(t, err)
	d.save(p.Process, minute.Doc, d.edit(p.Process, minute.Doc).Base, "Texto que custou a escrever.")
	const content = "linha um\nlinha dois\n"
	staged, err := d.stageReader(t.Context(), "dados.txt", int64(len(content)), strings.NewReader(content))
	must(t, err)
	_, err = d.docs.RegisterExternal(d.external(p.Process, staged.ID))
	must(t, err)

	must(t, d.outbox.Withdraw(p.ID)) // the process, and with it everything in it
	_, err = d.process.Get(p.Process)
	wantCode(t, err, sei.CodeNotFound)
	gone, err := d.outbox.Withdrawn()
	must(t, err)
	var text, file QueueView
	for _, v := range gone {
		switch {
		case v.KeptURL != "":
			file = v
		case v.KeptText:
			text = v
		case !v.KeptText:
			t.Errorf("nothing can be taken up of %q", v.Title)
		}
	}
	if text.ID == "" || file.ID == "" {
		t.Fatalf("the withdrawn text or file is not offered: %+v", gone)
	}

	answer := httptest.NewRecorder()
	d.contentHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, file.KeptURL, nil))
	if body, err := io.ReadAll(answer.Body); err != nil || answer.Code != http.StatusOK || string(body) != content {
		t.Errorf("saving the withdrawn file gives %d %q, %v", answer.Code, body, err)
	}

	other, err := d.process.Start(StartForm{Type: typePublic, Specification: "Outro", Subjects: []int{subjectOfIt}})
	must(t, err)
	again, err := d.docs.AddInternal(DocumentForm{Process: other.Process, Type: typeDispatch, FromRefused: text.ID})
	must(t, err)
	if got := d.edit(other.Process, again.Doc).Text; !strings.Contains(got, "Texto que custou a escrever.") {
		t.Errorf("the new minute begins with %s", got)
	}
	kept, err := d.docs.StageRefused(file.ID)
	must(t, err)
	must(t, d.outbox.Dismiss(file.ID)) // what was taken up does not go with the entry
	_, err = d.docs.RegisterExternal(d.external(other.Process, kept.ID))
	must(t, err)
	if docs := d.view(other.Process).Documents; len(docs) != 2 {
		t.Errorf("the other process has %d documents, not 2", len(docs))
	}
	left, err := d.outbox.Withdrawn()
	must(t, err)
	for _, v := range left {
		if v.ID == file.ID {
			t.Error("a dismissed entry is still listed")
		}
	}
}

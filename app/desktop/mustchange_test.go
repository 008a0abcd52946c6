package desktop

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sync"
)

func TestWhoHasChangedAProvisionalPasswordIsNotAskedAgain(t *testing.T) {
	w := newWorld(t)
	const provisional, chosen = "provisoria-4711-x", "escolhida-4712-y"
	must(t, w.svc.ResetPassword(t.Context(), chief.agency, chief.login, provisional))
	d := w.desk(t.TempDir())
	v, err := d.session.Login(w.form(chief, provisional))
	must(t, err)
	if !v.User.MustChangePassword {
		t.Fatal("a provisional password need not be changed")
	}
	must(t, d.session.ChangePassword(provisional, chosen))
	v, err = d.session.State()
	must(t, err)
	if v.User.MustChangePassword {
		t.Error("the window asks again right after the change")
	}
	_, err = d.session.Lock()
	must(t, err)
	v, err = d.session.Unlock(chief.agency, chief.login, chosen)
	must(t, err)
	if v.User.MustChangePassword {
		t.Error("the window asks again after opening without network")
	}
}

func TestWorkGoesOnOnceAProvisionalPasswordIsReplaced(t *testing.T) {
	w := newWorld(t)
	const provisional, chosen = "provisoria-4711-x", "escolhida-4712-y"
	must(t, w.svc.ResetPassword(t.Context(), chief.agency, chief.login, provisional))
	d := w.desk(t.TempDir())
	_, err := d.session.Login(w.form(chief, provisional))
	must(t, err)
	a, err := d.current()
	must(t, err)
	d.await("the central holds the desk back", func() bool {
		s, _ := a.engine.Status()
		return s.ProblemCode == sync.CodePasswordFirst
	})
	must(t, d.session.ChangePassword(provisional, chosen))
	d.await("the first exchange is over", func() bool {
		s, err := d.session.Status()
		return err == nil && s.Phase == "connected"
	})
	d.start()
	d.awaitSent()
}

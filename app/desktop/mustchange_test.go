package desktop

import (
	"testing"
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

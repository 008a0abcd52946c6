package central_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func (w *world) tryLogin(agency, login, password string) error {
	w.t.Helper()
	d := &desk{w: w, t: w.t, key: newKey(w.t), device: sei.DeviceID(newID(w))}
	return d.call(http.MethodPost, "/v1/login", w.loginRequest(d.key, d.device, agency, login, password), &d.login)
}

func TestAWrongLoginNeverSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	must(t, w.svc.SetDisabled(t.Context(), "SES", "igor.pacheco", true))
	words := map[string]bool{}
	for _, try := range [][3]string{
		{"SPGG", "ana.schneider", "errada"}, {"SPGG", "ninguem", central.DemoPassword},
		{"NADA", "ana.schneider", central.DemoPassword}, {"SES", "igor.pacheco", central.DemoPassword},
	} {
		err := w.tryLogin(try[0], try[1], try[2])
		if codeOf(err) != central.CodeLoginWrong {
			t.Errorf("%v: %v", try, err)
		}
		words[err.Error()] = true
	}
	if len(words) != 1 {
		t.Errorf("the words differ: %v", words)
	}
}

func TestTooManyAttemptsAreRefusedForAWhile(t *testing.T) {
	w := newWorld(t)
	var last error
	for range 20 {
		if last = w.tryLogin("SPGG", "ana.schneider", "errada"); codeOf(last) == sei.CodeTooMany {
			break
		}
	}
	r, ok := errors.AsType[*refusal](last)
	if !ok || r.Code != sei.CodeTooMany || r.Status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" {
		t.Fatalf("after many wrong passwords: %v", last)
	}
	if err := w.tryLogin("SPGG", "ana.schneider", central.DemoPassword); codeOf(err) != sei.CodeTooMany {
		t.Errorf("the right password got through: %v", err)
	}
	if err := w.tryLogin("SES", "helena.moraes", central.DemoPassword); err != nil {
		t.Errorf("another account is locked too: %v", err)
	}
	w.clock.add(11 * time.Minute)
	if err := w.tryLogin("SPGG", "ana.schneider", central.DemoPassword); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestASessionEnds(t *testing.T) {
	w := newWorld(t)
	ends := map[string]func(*desk){
		"by logout":          func(d *desk) { must(t, d.call(http.MethodPost, "/v1/logout", nil, nil)) },
		"by time":            func(*desk) { w.clock.add(13 * time.Hour) },
		"by disabling":       func(*desk) { must(t, w.svc.SetDisabled(t.Context(), "SPGG", "carla.rodrigues", true)) },
		"with a false token": func(d *desk) { d.token = strings.Repeat("A", 43) },
		"without a token":    func(d *desk) { d.token = "" },
	}
	for name, end := range ends {
		must(t, w.svc.SetDisabled(t.Context(), "SPGG", "carla.rodrigues", false))
		d := w.desk("SPGG", "carla.rodrigues", spggGab)
		end(d)
		if err := d.call(http.MethodPost, "/v1/pull", wire.PullRequest{}, nil); codeOf(err) != sei.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	w := newWorld(t)
	here, there := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "ana.schneider", spggGab)
	change := func(old, replacement string) error {
		return here.call(http.MethodPost, "/v1/password", wire.ChangePassword{Old: old, New: replacement}, nil)
	}
	if err := change("errada", "uma frase bem longa"); codeOf(err) != central.CodeLoginWrong {
		t.Errorf("wrong old password: %v", err)
	}
	for _, weak := range []string{"curta", "aaaaaaaaaaaaaa", "ana.schneider1", central.DemoPassword} {
		if err := change(central.DemoPassword, weak); codeOf(err) != central.CodeWeakPassword {
			t.Errorf("%q: %v", weak, err)
		}
	}
	must(t, change(central.DemoPassword, "uma frase bem longa"))
	if err := there.call(http.MethodPost, "/v1/pull", wire.PullRequest{}, nil); codeOf(err) != sei.CodeUnauthenticated {
		t.Errorf("the other session goes on: %v", err)
	}
	must(t, here.call(http.MethodPost, "/v1/pull", wire.PullRequest{}, nil))
	if err := w.tryLogin("SPGG", "ana.schneider", central.DemoPassword); codeOf(err) != central.CodeLoginWrong {
		t.Errorf("the old password still opens: %v", err)
	}
	must(t, w.tryLogin("SPGG", "ana.schneider", "uma frase bem longa"))
}

func TestAKeyIsEnrolledOnlyByItsHolder(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	login := func(change func(*wire.LoginRequest)) error {
		req := w.loginRequest(d.key, d.device, "SPGG", "ana.schneider", central.DemoPassword)
		change(&req)
		return d.call(http.MethodPost, "/v1/login", req, nil)
	}
	must(t, login(func(*wire.LoginRequest) {})) // known already: no new token
	if err := login(func(r *wire.LoginRequest) { r.Device.Proof[0] ^= 1 }); codeOf(err) != sei.CodeForbidden {
		t.Errorf("a false proof: %v", err)
	}
	other := w.loginRequest(newKey(t), d.device, "SPGG", "ana.schneider", central.DemoPassword)
	if err := d.call(http.MethodPost, "/v1/login", other, nil); codeOf(err) != sei.CodeConflict {
		t.Errorf("another key under a known id: %v", err)
	}
	stranger := w.loginRequest(d.key, d.device, "SPGG", "bruno.machado", central.DemoPassword)
	if err := d.call(http.MethodPost, "/v1/login", stranger, nil); codeOf(err) != sei.CodeConflict {
		t.Errorf("another user's workstation: %v", err)
	}
}

func TestADeskRestoredFromAnOldCopyIsNoticed(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	old := d.push
	id := d.start(sei.Public)
	d.push = old // the answer of the last push got lost: one step back is good
	d.do(id, sei.NoteProgress{Text: "De novo."})
	d.do(id, sei.NoteProgress{Text: "E mais um."})

	d.push = old
	cmd := d.command(id, sei.NoteProgress{Text: "Da cópia antiga."})
	if _, err := d.tryPush(cmd); codeOf(err) != central.CodeStaleDevice || statusOf(err) != http.StatusConflict {
		t.Fatalf("an old token: %v", err)
	}
	var epoch wire.EpochResponse
	must(t, d.call(http.MethodPost, "/v1/device/epoch", nil, &epoch))
	if epoch.Epoch != 2 {
		t.Errorf("the new epoch is %d", epoch.Epoch)
	}
	d.push = epoch.PushToken
	if _, err := d.tryPush(cmd); codeOf(err) != central.CodeStaleDevice {
		t.Errorf("a command of the old epoch: %v", err)
	}
	d.epoch = epoch.Epoch
	d.do(id, sei.NoteProgress{Text: "Na época nova."})
}

// The network may deliver a push twice, the second time when the desk has gone on.
func TestACopyOfAPushThatArrivesLateTakesTheTokenFromNobody(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	shown := d.push
	cmd := d.command(id, sei.NoteProgress{Text: "Chega duas vezes."})
	first, err := d.tryPush(cmd)
	must(t, err)
	next := d.push
	if next == shown {
		t.Fatal("a push gives no new token")
	}
	d.push = shown // the copy
	again, err := d.tryPush(cmd)
	must(t, err)
	if string(again[0].Receipt.Payload) != string(first[0].Receipt.Payload) {
		t.Error("the copy got another answer")
	}
	d.push = next
	d.do(id, sei.NoteProgress{Text: "A estação segue."})
}

func TestTokensAndPasswordsAreStoredHashed(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	db := w.database()
	var n int
	must(t, db.QueryRow("SELECT (SELECT COUNT(*) FROM sessions WHERE token_hash = ?) + (SELECT COUNT(*) FROM devices WHERE push_current = ?)",
		[]byte(d.token), []byte(d.push)).Scan(&n))
	if n != 0 {
		t.Error("a token is stored as it is")
	}
	must(t, db.QueryRow("SELECT COUNT(*) FROM users WHERE password_hash NOT LIKE '$argon2id$v=19$%'").Scan(&n))
	if n != 0 {
		t.Errorf("%d passwords are stored otherwise", n)
	}
}

func TestAProvisionalPasswordOpensOnlyTheWayToAnother(t *testing.T) {
	w := newWorld(t)
	const provisional, chosen = "provisoria-4711-x", "escolhida-4712-y"
	must(t, w.svc.ResetPassword(t.Context(), "SPGG", "ana.schneider", provisional))
	d := &desk{w: w, t: t, key: newKey(t), device: sei.DeviceID(newID(w)), unit: spggGab}
	must(t, d.call(http.MethodPost, "/v1/login", w.loginRequest(d.key, d.device, "SPGG", "ana.schneider", provisional), &d.login))
	d.token, d.epoch, d.push = d.login.Token, d.login.Epoch, d.login.PushToken

	sha := string(shaOf([]byte("x")))
	closed := [][2]string{
		{http.MethodPost, "/v1/push"}, {http.MethodPost, "/v1/pull"}, {http.MethodPost, "/v1/leases"}, {http.MethodPost, "/v1/editing"},
		{http.MethodPost, "/v1/sign/password"}, {http.MethodPost, "/v1/device/epoch"}, {http.MethodGet, "/v1/search?q=a"},
		{http.MethodGet, "/v1/receipts/c/proof"}, {http.MethodGet, "/v1/hints"}, {http.MethodPatch, "/v1/blobs/" + sha},
		{http.MethodGet, "/v1/documents/d/blobs/" + sha}, {http.MethodGet, "/v1/documents/d/reading-copy"},
	}
	for _, c := range closed {
		var in any
		if c[0] == http.MethodPost {
			in = struct{}{}
		}
		if err := d.call(c[0], c[1], in, nil); codeOf(err) != central.CodePasswordFirst || statusOf(err) != http.StatusForbidden {
			t.Errorf("%s %s: %v", c[0], c[1], err)
		}
	}
	must(t, d.call(http.MethodGet, "/v1/info", nil, nil))
	must(t, d.call(http.MethodPost, "/v1/password", wire.ChangePassword{Old: provisional, New: chosen}, nil))
	d.start(sei.Public) // the same session goes on

	must(t, w.svc.ResetPassword(t.Context(), "SPGG", "ana.schneider", provisional))
	must(t, d.call(http.MethodPost, "/v1/login", w.loginRequest(d.key, d.device, "SPGG", "ana.schneider", provisional), &d.login))
	d.token = d.login.Token
	must(t, d.call(http.MethodPost, "/v1/logout", nil, nil))
}

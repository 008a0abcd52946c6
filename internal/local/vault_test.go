package local

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestAWrongPasswordIsNamedAndSlowsTheNextDown(t *testing.T) {
	w := newWorld(t)
	w.Lock()
	for range freeTries {
		w.refused(w.Unlock(w.ctx, "outra"), CodeWrongPassword)
	}
	w.refused(w.Unlock(w.ctx, password), CodeWait)
	w.ok(w.Store.Close())
	w.Store = w.openAt(w.Dir())
	w.refused(w.Unlock(w.ctx, password), CodeWait) // ending the program does not help
	w.clock.now = w.clock.now.Add(time.Second)
	w.ok(w.Unlock(w.ctx, password))
	w.Lock()
	w.refused(w.Unlock(w.ctx, "outra"), CodeWrongPassword) // the count began anew
	w.ok(w.Unlock(w.ctx, password))
}

func TestTheWaitGrowsAndEnds(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	before := time.Duration(0)
	for wrong := freeTries; wrong < 100; wrong++ {
		wait := tries{Wrong: wrong, Last: now}.wait(now)
		if wait < before || wait > maxWait || wait <= 0 {
			t.Fatalf("%d wrong: %v after %v", wrong, wait, before)
		}
		before = wait
	}
	if wait := (tries{Wrong: 50, Last: now.Add(time.Hour)}).wait(now); wait > maxWait {
		t.Fatalf("a clock set back locks out for %v", wait)
	}
}

func TestALockedStoreGivesNoText(t *testing.T) {
	w := newWorld(t)
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil), w.minute("p1", "d1", "r1", 1, true, "segredo"))
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d2", Text: text("rascunho")}))
	id := w.queue("p1", sei.NoteProgress{Text: "andamento"})
	w.Lock()
	_, err := w.Minutes(w.ctx, "d1")
	w.refused(err, CodeLocked)
	_, _, err = w.Draft(w.ctx, "d2")
	w.refused(err, CodeLocked)
	_, err = w.OutboxCommand(w.ctx, id)
	w.refused(err, CodeLocked)
	_, err = w.Device(w.ctx)
	w.refused(err, CodeLocked)
	_, err = w.Session(w.ctx)
	w.refused(err, CodeLocked)
	_, err = w.Search(w.ctx, "segredo", 10)
	w.refused(err, CodeLocked)
	_, err = w.OpenBlob(w.ctx, "x")
	w.refused(err, CodeLocked)
	w.refused(w.SaveDraft(w.ctx, Draft{Document: "d2", Text: text("outro")}), CodeLocked)
	_, err = w.ApplyPage(w.ctx, w.page(wire.UnitBucket(myUnit), w.minute("p1", "d1", "r2", 2, true, "mais")))
	w.refused(err, CodeLocked)
	if page, err := w.Inbox(w.ctx, myUnit, InboxQuery{}); err != nil || page.Total != 1 {
		t.Fatalf("the list needs no key: %d, %v", page.Total, err)
	}
}

func TestOfflineUnlockingEndsAfterTheCentralsDays(t *testing.T) {
	w := newWorld(t)
	w.Lock()
	w.clock.now = w.clock.now.Add(7 * 24 * time.Hour)
	w.ok(w.Unlock(w.ctx, password))
	w.Lock()
	w.clock.now = w.clock.now.Add(time.Minute)
	w.refused(w.Unlock(w.ctx, password), CodeOfflineExpired)
	if w.Unlocked() {
		t.Fatal("the key stayed in memory")
	}
	if _, err := w.IdentityForLogin(w.ctx, password); err != nil {
		t.Fatalf("the way back needs the device's key: %v", err)
	}
	w.ok(w.UnlockAfterLogin(w.ctx, password, w.login()))
	w.Lock()
	w.ok(w.Unlock(w.ctx, password))
}

func TestAClockSetBackDoesNotProlongOfflineUse(t *testing.T) {
	w := newWorld(t)
	start := w.clock.now
	w.Lock()
	w.clock.now = start.Add(6 * 24 * time.Hour)
	w.ok(w.Unlock(w.ctx, password))
	w.Lock()
	w.clock.now = start.Add(8 * 24 * time.Hour)
	w.refused(w.Unlock(w.ctx, password), CodeOfflineExpired)
	w.clock.now = start
	w.refused(w.Unlock(w.ctx, password), CodeOfflineExpired)
	w.ok(w.UnlockAfterLogin(w.ctx, password, w.login())) // the central knows better
	w.Lock()
	w.ok(w.Unlock(w.ctx, password))
}

func TestANewPasswordReplacesTheOld(t *testing.T) {
	w := newWorld(t)
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d", Text: text("fica")}))
	w.ok(w.Rewrap(w.ctx, "senha nova"))
	w.Lock()
	w.refused(w.Unlock(w.ctx, password), CodeWrongPassword)
	w.ok(w.Unlock(w.ctx, "senha nova"))
	if d, ok, err := w.Draft(w.ctx, "d"); err != nil || !ok || !bytes.Equal(d.Text, text("fica")) {
		t.Fatalf("draft %+v, %v", d, err)
	}
	w.refused(w.Rewrap(w.ctx, ""), sei.CodeInvalid)
}

func TestLockingDuringAChangeOfPasswordNeverSpoilsTheVault(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		done := make(chan error)
		go func() { done <- w.Rewrap(w.ctx, password) }()
		w.Lock()
		if err := <-done; err != nil && sei.CodeOf(err) != CodeLocked {
			t.Fatal(err)
		}
		w.ok(w.Unlock(w.ctx, password))
		if _, err := w.Device(w.ctx); err != nil {
			t.Fatalf("the data key was overwritten before it was wrapped: %v", err)
		}
	}
}

// memoryRing is a system keyring.
type memoryRing map[string]string

func (r memoryRing) Get(service, account string) (string, error) {
	v, ok := r[service+account]
	if !ok {
		return "", errors.New("secret not found")
	}
	return v, nil
}
func (r memoryRing) Set(service, account, secret string) error {
	r[service+account] = secret
	return nil
}
func (r memoryRing) Delete(service, account string) error { delete(r, service+account); return nil }

func TestTheSystemsKeyringOpensTheVaultWhileItIsAllowed(t *testing.T) {
	w := newWorld(t)
	ring := memoryRing{}
	w.refused(w.UnlockWithKeyring(w.ctx, ring), CodeNoKeyring)
	w.ok(w.EnableKeyring(w.ctx, ring))
	w.Lock()
	w.refused(w.UnlockWithKeyring(w.ctx, memoryRing{}), CodeNoKeyring)
	w.ok(w.UnlockWithKeyring(w.ctx, ring))
	w.Lock()
	w.clock.now = w.clock.now.Add(8 * 24 * time.Hour)
	w.refused(w.UnlockWithKeyring(w.ctx, ring), CodeOfflineExpired)
	w.ok(w.UnlockAfterLogin(w.ctx, password, w.login()))
	old := memoryRing{}
	for k, v := range ring {
		old[k] = v
	}
	w.ok(w.DisableKeyring(w.ctx, ring))
	if len(ring) != 0 {
		t.Fatal("the keyring kept its secret")
	}
	w.refused(w.UnlockWithKeyring(w.ctx, old), CodeNoKeyring)
}

func TestAVaultIsMadeOnce(t *testing.T) {
	w := newWorld(t)
	device, err := NewDeviceIdentity(w.clock.now, rand.Reader)
	w.ok(err)
	before, err := w.Device(w.ctx)
	w.ok(err)
	w.refused(w.Create(w.ctx, "outra", device, Owner{}, w.login()), sei.CodeConflict)
	if after, err := w.Device(w.ctx); err != nil || after != before {
		t.Fatalf("device %+v became %+v, %v", before, after, err)
	}
}

func TestAWindowCannotOpenAStoreThatAnotherHolds(t *testing.T) {
	w := newWorld(t)
	_, err := Open(w.ctx, w.Dir(), w.options())
	w.refused(err, CodeInUse)
	if !strings.Contains(sei.MessageOf(err), "Outra janela") {
		t.Fatalf("message %q", sei.MessageOf(err))
	}
	w.reopen() // closing frees it
}

func TestAStoreOfALaterReleaseIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	if _, err := w.w.ExecContext(w.ctx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	dir := w.Dir()
	w.ok(w.Store.Close())
	_, err := Open(w.ctx, dir, w.options())
	w.refused(err, CodeNewer)
}

func TestOthersOfTheMachineCannotReadTheStore(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the local profile's access list protects it there")
	}
	w := newWorld(t)
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil))
	nested := filepath.Join(t.TempDir(), "a", "b")
	s := w.openAt(nested)
	for _, dir := range []string{w.Dir(), s.Dir()} {
		entries, err := os.ReadDir(dir)
		w.ok(err)
		for _, e := range entries {
			info, err := e.Info()
			w.ok(err)
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", e.Name(), info.Mode())
			}
		}
	}
	if info, err := os.Stat(nested); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("folder %v, %v", info.Mode(), err)
	}
}

func TestNoSecretStandsInClearOnTheDisk(t *testing.T) {
	w := newWorld(t)
	secrets := []string{"xilofone", "session-token-in-clear", "push-1", "anotacaosigilosa", "andamentolivre"}
	w.sync(wire.UnitBucket(myUnit), w.minute("p1", "d1", "r1", 1, true, "texto da minuta"))
	w.sync(wire.ProcessBucket("p1"), w.event("p1", 1, "c", "andamentolivre"))
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d2", Text: text("xilofone")}))
	w.queue("p1", sei.NoteProgress{Text: "anotacaosigilosa"})
	d, err := w.deviceFact(w.ctx, w.r)
	w.ok(err)
	w.ok(w.Store.Close())
	err = filepath.WalkDir(w.Dir(), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		w.ok(err)
		for _, s := range secrets {
			if bytes.Contains(data, []byte(s)) {
				t.Errorf("%s holds %q in clear", e.Name(), s)
			}
		}
		inJSON, err := json.Marshal(d.Private)
		w.ok(err)
		if bytes.Contains(data, d.Private.Seed()) || bytes.Contains(data, inJSON[1:40]) {
			t.Errorf("%s holds the device's key", e.Name())
		}
		// The text of a minute as one run; its single words are in the index.
		if bytes.Contains(data, []byte("texto da minuta")) {
			t.Errorf("%s holds a minute", e.Name())
		}
		return nil
	})
	w.ok(err)
	w.Store = w.openAt(w.Dir())
}

func TestASealedTextThatWasChangedOrMovedIsNoticed(t *testing.T) {
	w := newWorld(t)
	for _, id := range []sei.DocumentID{"a", "b"} {
		w.ok(w.SaveDraft(w.ctx, Draft{Document: id, Text: text(string(id))}))
	}
	change := func(query string, args ...any) {
		t.Helper()
		if _, err := w.w.ExecContext(w.ctx, query, args...); err != nil {
			t.Fatal(err)
		}
	}
	change(`UPDATE drafts SET body = (SELECT body FROM drafts WHERE document = 'b') WHERE document = 'a'`)
	_, _, err := w.Draft(w.ctx, "a")
	w.refused(err, CodeDamaged)
	if _, ok, err := w.Draft(w.ctx, "b"); !ok || err != nil {
		t.Fatalf("the other draft suffered: %v", err)
	}
	var body []byte
	w.ok(w.w.QueryRowContext(w.ctx, `SELECT body FROM drafts WHERE document = 'b'`).Scan(&body))
	for _, at := range []int{0, 5, len(body) - 1} {
		bad := bytes.Clone(body)
		bad[at] ^= 1
		change(`UPDATE drafts SET body = ? WHERE document = 'b'`, bad)
		_, _, err := w.Draft(w.ctx, "b")
		w.refused(err, CodeDamaged)
	}
	change(`UPDATE drafts SET body = x'01' WHERE document = 'b'`)
	_, _, err = w.Draft(w.ctx, "b")
	w.refused(err, CodeDamaged)
}

func TestATamperedVaultCannotDemandAllTheMemory(t *testing.T) {
	w := newWorld(t)
	w.Lock()
	w.ok(w.changeVault(w.ctx, func(v *vault) { v.KDF.Memory = 1 << 30 }))
	w.refused(w.Unlock(w.ctx, password), CodeDamaged)
}

func TestTheDeviceProvesItselfAtLogin(t *testing.T) {
	w := newWorld(t)
	id, err := w.DeviceIdentity(w.ctx)
	w.ok(err)
	w.Lock()
	again, err := w.IdentityForLogin(w.ctx, password)
	w.ok(err)
	if w.Unlocked() {
		t.Fatal("asking for the identity unlocked the store")
	}
	e := again.Enrolment("c1", "ana", "PC-01")
	if e.ID != id.ID || !ed25519.Verify(e.Public, wire.EnrolmentProofMessage("c1", "ana", e.ID), e.Proof) {
		t.Fatalf("enrolment %+v", e)
	}
	_, err = w.IdentityForLogin(w.ctx, "outra")
	w.refused(err, CodeWrongPassword)
}

func TestASessionLastsUntilItsEnd(t *testing.T) {
	w := newWorld(t)
	if s, err := w.Session(w.ctx); err != nil || s.Token != "session-token-in-clear" {
		t.Fatalf("session %+v, %v", s, err)
	}
	if i, err := w.Identity(w.ctx); err != nil || i.User.Name != "Ana Souza" || i.Central.ID != "c1" {
		t.Fatalf("identity %+v, %v", i, err)
	}
	w.clock.now = w.clock.now.Add(8 * time.Hour)
	if s, err := w.Session(w.ctx); err != nil || s.Token != "" {
		t.Fatalf("an expired session %+v, %v", s, err)
	}
	w.ok(w.LoggedIn(w.ctx, w.login()))
	w.ok(w.EndSession(w.ctx))
	if s, err := w.Session(w.ctx); err != nil || s.Token != "" {
		t.Fatalf("an ended session %+v, %v", s, err)
	}
}

func TestTheLoginScreenKnowsTheUsersOfTheWorkstation(t *testing.T) {
	w := newWorld(t)
	profile := t.TempDir()
	if known, err := List(profile); err != nil || len(known) != 0 {
		t.Fatalf("an empty profile: %v, %v", known, err)
	}
	owner := Owner{CentralID: "c1", User: "bia", Login: "bia", Agency: "SES", Name: "Bia"}
	dir := Dir(profile, "c1", "bia")
	s := w.openAt(dir)
	device, err := NewDeviceIdentity(w.clock.now, rand.Reader)
	w.ok(err)
	w.ok(s.Create(w.ctx, password, device, owner, w.login()))
	w.ok(os.MkdirAll(filepath.Join(profile, storesName, "lixo"), 0o700))
	known, err := List(profile)
	w.ok(err)
	if len(known) != 1 || known[0].Owner != owner || known[0].Dir != dir {
		t.Fatalf("known %+v", known)
	}
	if Dir(profile, "c1", "bia") == Dir(profile, "c2", "bia") || Dir(profile, "c1", "bia") == Dir(profile, "c1", "ana") {
		t.Fatal("two owners share a folder")
	}
	w.ok(s.Close())
	aside, err := SetAside(dir, w.clock.now)
	w.ok(err)
	if _, err := os.Stat(filepath.Join(aside, databaseName)); err != nil {
		t.Fatal(err)
	}
	if known, err := List(profile); err != nil || len(known) != 0 {
		t.Fatalf("a store set aside is still offered: %v, %v", known, err)
	}
}

func receiptKey(t *testing.T, signer ed25519.PrivateKey) (ed25519.PrivateKey, wire.ReceiptKey) {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k := wire.ReceiptKey{ID: ledger.KeyID(public), Public: public}
	if signer != nil {
		said, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		rotation := ledger.Seal(signer, ledger.TypeRotation, said)
		k.Rotation = &rotation
	}
	return key, k
}

func TestAReceiptKeyIsBelievedOnlyThroughAKnownOne(t *testing.T) {
	w := newWorld(t)
	second, k2 := receiptKey(t, w.central)
	_, k3 := receiptKey(t, second)
	stranger, _ := receiptKey(t, nil)
	_, forged := receiptKey(t, stranger)
	_, bare := receiptKey(t, nil)
	moved := forged
	moved.Rotation = k2.Rotation // a true rotation, for another key
	wrongID := k3
	wrongID.ID = k2.ID
	for name, k := range map[string]wire.ReceiptKey{"forged": forged, "bare": bare, "moved": moved, "wrong id": wrongID} {
		err := w.LearnReceiptKeys(w.ctx, []wire.ReceiptKey{k2, k})
		if sei.CodeOf(err) != CodeReceiptKey {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, known, err := w.ReceiptKey(w.ctx, k2.ID); known || err != nil {
		t.Fatalf("half of a refused announcement was stored, %v", err)
	}
	w.ok(w.LearnReceiptKeys(w.ctx, []wire.ReceiptKey{k3, k2})) // in any order
	for _, k := range []wire.ReceiptKey{k2, k3} {
		if public, known, err := w.ReceiptKey(w.ctx, k.ID); !known || err != nil || !public.Equal(k.Public) {
			t.Fatalf("key %s: %v, %v", k.ID, known, err)
		}
	}
}

func TestPreferencesAreRemembered(t *testing.T) {
	w := newWorld(t)
	if _, ok, err := w.Preference(w.ctx, "janela"); ok || err != nil {
		t.Fatalf("never set: %v, %v", ok, err)
	}
	w.ok(w.SetPreference(w.ctx, "janela", "1280x900"))
	w.ok(w.SetPreference(w.ctx, "janela", "1024x768"))
	w.ok(w.SetUnit(w.ctx, "u-2"))
	w.reopen()
	if v, ok, err := w.Preference(w.ctx, "janela"); !ok || v != "1024x768" || err != nil {
		t.Fatalf("preference %q, %v", v, err)
	}
	if d, err := w.Device(w.ctx); err != nil || d.Unit != "u-2" || d.Epoch != 1 || d.PushToken != "push-1" {
		t.Fatalf("device %+v, %v", d, err)
	}
	w.refused(w.SetPreference(w.ctx, "x", strings.Repeat("x", maxPreference+1)), sei.CodeTooLarge)
}

func TestTheDatabasesAddressSurvivesOddFolders(t *testing.T) {
	for system, cases := range map[string]map[string]string{
		"linux":   {"/home/a b/100%?/store.db": "file:///home/a%20b/100%25%3F/store.db"},
		"windows": {`C:\Usuários\Zé\store.db`: "file:///C:/Usu%C3%A1rios/Z%C3%A9/store.db"},
	} {
		for path, want := range cases {
			if got := databaseURL(path, system); got != want {
				t.Errorf("%s: got %s, want %s", path, got, want)
			}
		}
	}
	if runtime.GOOS == "windows" {
		return // no question mark in a name there
	}
	w := newWorld(t)
	w.openAt(filepath.Join(t.TempDir(), "pasta com ? e % e #"))
}

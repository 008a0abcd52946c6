package central_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func blobsIn(t testing.TB, folder string) blob.Store {
	t.Helper()
	s, err := blob.NewFiles(filepath.Join(folder, "blobs"))
	must(t, err)
	return s
}

// backing composes a backup, or with back a restore, as the program does.
func backing(t testing.TB, data, copied string, back bool) central.BackupConfig {
	t.Helper()
	must(t, os.MkdirAll(data, 0o700))
	must(t, os.MkdirAll(copied, 0o700))
	from, to := blobsIn(t, data), blobsIn(t, copied)
	if back {
		from, to = to, from
	}
	return central.BackupConfig{Data: data, Copy: copied, Files: testFiles{blobs: to}, CopyFiles: func(ctx context.Context) error {
		return from.Walk(ctx, func(ref blob.Ref) error {
			r, err := from.Open(ctx, ref.SHA256)
			if err != nil {
				return err
			}
			defer r.Close()
			return to.PutExpected(ctx, ref.SHA256, ref.Size, r)
		})
	}}
}

// The drill: a central at work is backed up, is lost, and comes back elsewhere.
func TestABackupUnderLoadIsRestoredElsewhereAndGoesOn(t *testing.T) {
	w := newWorld(t)
	copied := filepath.Join(t.TempDir(), "copia")
	d := w.desk("SPGG", "ana.schneider", spggGab)
	first := d.start(sei.Public)
	d.signedDocument(first, "Antes.")
	w.sign()

	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	busy := w.desk("SPGG", "bruno.machado", spggGab)
	started := make(chan struct{})
	working.Go(func() {
		var once sync.Once
		for ctx.Err() == nil {
			id := busy.start(sei.Public)
			busy.addExternal(id, pdfBytes("anexo de "+string(id)))
			must(t, w.svc.SignCheckpoint(t.Context()))
			once.Do(func() { close(started) })
		}
	})
	<-started
	var last central.BackupManifest
	for range 3 { // each replaces the one before
		m, found, err := central.Backup(t.Context(), backing(t, w.folder, copied, false))
		must(t, err)
		if !found.Sound() {
			t.Errorf("findings in the copy: %+v", found.Findings)
		}
		if m.Events < last.Events || m.Checkpoint == nil {
			t.Errorf("after %+v came %+v", last, m)
		}
		last = m
	}
	stop()
	working.Wait()
	w.stop() // and its disk is lost

	if names, err := filepath.Glob(filepath.Join(copied, "central-*")); err != nil || len(names) != 1 {
		t.Errorf("the folder of the backup has %v (%v)", names, err)
	}
	m, found, err := central.CheckBackup(t.Context(), copied, testFiles{blobs: blobsIn(t, copied)})
	must(t, err)
	if !found.Sound() || m.Events != last.Events || found.Events != last.Events {
		t.Errorf("the check of the backup: %+v", found)
	}
	elsewhere := filepath.Join(t.TempDir(), "nova")
	_, err = central.Restore(t.Context(), backing(t, elsewhere, copied, true))
	must(t, err)

	sealed, err := os.ReadFile(filepath.Join(w.folder, "seal.pem"))
	must(t, err)
	if seal, err := os.ReadFile(filepath.Join(elsewhere, "seal.pem")); err != nil || string(seal) != string(sealed) {
		t.Errorf("the restored central has another seal (%v)", err)
	}
	h := history{folder: elsewhere, key: d.login.Central.ReceiptKeys[0].Public}
	if out := h.inspect(t, *last.Checkpoint); !out.Sound() || out.Events != last.Events {
		t.Errorf("the restored central: %+v", out)
	}
	w.folder = elsewhere
	w.start()
	if err := d.call(http.MethodGet, "/v1/receipts/x/proof", nil, nil); codeOf(err) != sei.CodeUnauthenticated {
		t.Errorf("a session outlived the restore: %v", err)
	}
	d.signIn("SPGG", "ana.schneider")
	before := numbersOf(t, w)
	if _, err := w.svc.FinishRecovery(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := d.do(sei.ProcessID(newID(w)), startBody(sei.Public))
	if slices.Contains(before, next.ProcessNumber) {
		t.Errorf("%s was given twice", next.ProcessNumber)
	}
	w.stop()
	if out := h.inspect(t); !out.Sound() || out.Events != last.Events+2 {
		t.Errorf("after going on: %+v", out) // the central's own event and the process
	}
}

func numbersOf(t *testing.T, w *world) []string {
	t.Helper()
	rows, err := w.database().Query("SELECT number FROM processes")
	must(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var n string
		must(t, rows.Scan(&n))
		all = append(all, n)
	}
	must(t, rows.Err())
	return all
}

// A desk whose push was answered after the backup finds its token unknown and
// begins a new epoch; it loses nothing that it still holds.
func TestADeskNoticesThatTheCentralCameFromABackup(t *testing.T) {
	w := newWorld(t)
	copied := filepath.Join(t.TempDir(), "copia")
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	_, _, err := central.Backup(t.Context(), backing(t, w.folder, copied, false))
	must(t, err)
	lost := d.command(id, sei.NoteProgress{Text: "Depois da cópia."})
	d.receipts(lost)
	d.do(id, sei.NoteProgress{Text: "E depois."})
	w.stop()
	w.folder = filepath.Join(t.TempDir(), "nova")
	_, err = central.Restore(t.Context(), backing(t, w.folder, copied, true))
	must(t, err)
	w.start()
	d.signIn("SPGG", "ana.schneider")
	if _, err := d.tryPush(lost); codeOf(err) != central.CodeStaleDevice {
		t.Fatalf("the push was answered: %v", err)
	}
	var epoch wire.EpochResponse
	must(t, d.call(http.MethodPost, "/v1/device/epoch", nil, &epoch))
	d.epoch, d.push = epoch.Epoch, epoch.PushToken
	c, err := wire.ReadCommand(lost.Payload)
	must(t, err)
	c.Epoch = d.epoch
	if results, err := d.tryPush(d.seal(c)); err != nil || results[0].Waiting == nil || !results[0].Waiting.Recovery {
		t.Fatalf("a central in recovery decided something: %+v %v", results, err)
	}
	if _, err := w.svc.FinishRecovery(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := d.receipts(d.seal(c))[0]; !r.Accepted {
		t.Errorf("sent again, the lost act is refused: %s", r.Message)
	}
}

func TestAnInterruptedBackupLeavesTheOneBefore(t *testing.T) {
	h := tellHistory(t)
	copied := filepath.Join(t.TempDir(), "copia")
	cfg := backing(t, h.folder, copied, false)
	before, _, err := central.Backup(t.Context(), cfg)
	must(t, err)
	broken := cfg
	broken.Clock = func() time.Time { return time.Now().Add(time.Hour) }
	broken.CopyFiles = func(context.Context) error { return errors.New("the disk was pulled") }
	if _, _, err := central.Backup(t.Context(), broken); err == nil {
		t.Fatal("an interrupted backup was called one")
	}
	m, found, err := central.CheckBackup(t.Context(), copied, testFiles{blobs: blobsIn(t, copied)})
	must(t, err)
	if !found.Sound() || m.Database != before.Database {
		t.Errorf("after the interruption: %+v %+v", m, found.Findings)
	}
	cfg.Clock = func() time.Time { return time.Now().Add(2 * time.Hour) }
	after, _, err := central.Backup(t.Context(), cfg)
	must(t, err)
	if names, err := filepath.Glob(filepath.Join(copied, "central-*")); err != nil || len(names) != 1 || filepath.Base(names[0]) != after.Database {
		t.Errorf("what the interruption left is still there: %v (%v)", names, err)
	}
}

func TestACentralWithADefectIsBackedUpBesideTheSoundBackup(t *testing.T) {
	h := tellHistory(t)
	copied := filepath.Join(t.TempDir(), "copia")
	before, _, err := central.Backup(t.Context(), backing(t, h.folder, copied, false))
	must(t, err)
	h.spoil(t, "UPDATE event_payloads SET payload = replace(payload, 'document', 'documenT') WHERE seq = 2")
	m, found, err := central.Backup(t.Context(), backing(t, h.folder, copied, false))
	must(t, err)
	if found.Sound() || m.Findings != len(found.Findings) {
		t.Errorf("the defect was not seen: %+v", m)
	}
	if _, err := os.Stat(filepath.Join(copied, before.Database)); err != nil {
		t.Errorf("the sound database was thrown away: %v", err)
	}
}

func TestADamagedBackupIsNotRestored(t *testing.T) {
	h := tellHistory(t)
	copied := filepath.Join(t.TempDir(), "copia")
	m, _, err := central.Backup(t.Context(), backing(t, h.folder, copied, false))
	must(t, err)
	path := filepath.Join(copied, m.Database)
	data, err := os.ReadFile(path)
	must(t, err)
	data[len(data)/2] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
	if _, _, err := central.CheckBackup(t.Context(), copied, testFiles{blobs: blobsIn(t, copied)}); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("the check: %v", err)
	}
	to := filepath.Join(t.TempDir(), "nova")
	if _, err := central.Restore(t.Context(), backing(t, to, copied, true)); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("the restore: %v", err)
	}
	if _, err := os.Stat(filepath.Join(to, "central.db")); err == nil {
		t.Error("a database was put in place")
	}
}

func TestABackupAndARestoreOverwriteNothingElse(t *testing.T) {
	h := tellHistory(t)
	copied := filepath.Join(t.TempDir(), "copia")
	_, _, err := central.Backup(t.Context(), backing(t, h.folder, copied, false))
	must(t, err)
	for _, name := range []string{"central-", "receipt-key.pem", "seal.pem", "backup.json"} {
		names, err := filepath.Glob(filepath.Join(copied, name+"*"))
		must(t, err)
		if len(names) == 0 {
			t.Errorf("the backup has no %s", name)
		}
		for _, n := range names {
			if info, err := os.Stat(n); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", n, info.Mode(), err)
			}
		}
	}
	other := tellHistory(t)
	foreign := t.TempDir()
	must(t, os.WriteFile(filepath.Join(foreign, "fotos.zip"), nil, 0o600))
	for name, c := range map[string]struct {
		cfg  central.BackupConfig
		code sei.Code
	}{
		"over another central's backup": {backing(t, unpack(t, "testdata/schema-00001.tar.gz"), copied, false), sei.CodeConflict},
		"beside other files":            {backing(t, other.folder, foreign, false), sei.CodeConflict},
		"into the central's own folder": {backing(t, other.folder, filepath.Join(other.folder, "copia"), false), sei.CodeInvalid},
		"of a folder without a central": {backing(t, t.TempDir(), filepath.Join(t.TempDir(), "x"), false), sei.CodeNotFound},
	} {
		if _, _, err := central.Backup(t.Context(), c.cfg); sei.CodeOf(err) != c.code {
			t.Errorf("a backup %s: %v", name, err)
		}
	}
	if _, err := central.Restore(t.Context(), backing(t, other.folder, copied, true)); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("a restore over a central: %v", err)
	}
	if _, err := central.Restore(t.Context(), backing(t, t.TempDir(), foreign, true)); sei.CodeOf(err) != sei.CodeNotFound {
		t.Errorf("a restore from a folder without a backup: %v", err)
	}
	if _, found, err := central.CheckBackup(t.Context(), copied, testFiles{blobs: blobsIn(t, copied)}); err != nil || !found.Sound() {
		t.Errorf("the backup afterwards: %v", err)
	}
}

package desktop

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// backing composes a backup of the world's central, or with back a restore.
func (w *world) backing(copied, data string, back bool) central.BackupConfig {
	w.t.Helper()
	open := func(folder string) blob.Store {
		s, err := blob.NewFiles(filepath.Join(folder, "blobs"))
		must(w.t, err)
		return s
	}
	from, to := open(data), open(copied)
	if back {
		from, to = to, from
	}
	return central.BackupConfig{Data: data, Copy: copied, Files: centralFiles{blobs: to}, CopyFiles: func(ctx context.Context) error {
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

// comeBack loses the central's disk and restores it from the backup.
func (w *world) comeBack(copied string) {
	w.t.Helper()
	w.stopCentral()
	w.folder = filepath.Join(w.t.TempDir(), "nova")
	_, err := central.Restore(w.t.Context(), w.backing(copied, w.folder, true))
	must(w.t, err)
	w.stopInner = w.openCentral()
	w.svc.SetPublicURL(w.server.URL)
}

// The drill, with real desks: what was accepted after the backup, signed and with
// its file, is in the central again; what was done in between follows; nothing is
// done twice.
func TestADeskGivesBackWhatItsRestoredCentralLost(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	before, _ := d.start()
	d.awaitSent()
	copied := filepath.Join(t.TempDir(), "copia")
	must(t, w.svc.SignCheckpoint(t.Context()))
	_, found, err := central.Backup(t.Context(), w.backing(copied, w.folder, false))
	must(t, err)
	if !found.Sound() {
		t.Fatalf("findings: %+v", found.Findings)
	}

	process, document := d.start()
	d.save(process, document, d.edit(process, document).Base, "Encaminhe-se.")
	d.awaitSent()
	d.await("the minute has arrived", func() bool {
		v := d.view(process)
		return v.Official && len(v.Documents) == 1 && v.Documents[0].State == "registered"
	})
	signing := &Signing{d.Desk}
	p, err := signing.Prepare([]DocumentRef{{process, document}})
	must(t, err)
	begun, err := signing.SignWithPassword(PasswordSignForm{Items: p.Items, Password: central.DemoPassword, Agency: p.Agency, Position: "Chefe de Gabinete"})
	must(t, err)
	if over := d.batchOver(begun.ID); over.Signed != 1 {
		t.Fatalf("not signed: %+v", over)
	}
	d.await("the signature is shown", func() bool {
		s := d.view(process).Documents[0].Signatures
		return len(s) == 1 && !s[0].Queued
	})
	was := d.view(process)
	a, err := d.current()
	must(t, err)
	lost, err := a.store.OutboxOf(d.ctx(), sei.ProcessID(process)) // a text that had not left yet was replaced in place
	must(t, err)

	w.comeBack(copied)
	_, err = d.process.Start(StartForm{Type: typePublic, Specification: "Feito enquanto a central não tinha voltado", Subjects: []int{subjectOfIt}})
	must(t, err)
	d.await("the login is asked for", func() bool {
		s, err := d.session.Status()
		return err == nil && s.Phase == "need_login"
	})
	_, err = d.session.Renew(central.DemoPassword)
	must(t, err)
	d.await("everything was given back", func() bool {
		r, err := w.svc.Recovery(t.Context())
		return err == nil && len(r.Desks) == 0 && len(r.MissingFiles) == 0
	})
	s, err := d.session.Status()
	must(t, err)
	if s.Phase != "problem" || s.Queued == 0 {
		t.Errorf("during the recovery the desk shows %+v", s)
	}
	if v := d.view(process); v.Number != was.Number || len(v.Documents) != 1 || len(v.Documents[0].Signatures) != 1 {
		t.Errorf("what was read before is gone from view: %+v", v)
	}
	r, err := w.svc.FinishRecovery(t.Context())
	must(t, err)
	if r.Restored != int64(len(lost)) || r.LostPlaces != 0 || len(r.Kept) != 0 {
		t.Errorf("the recovery ended with %+v", r)
	}
	a.engine.Nudge()
	d.awaitSent()
	if v := d.view(process); v.Number != was.Number || v.Documents[0].SEINumber != was.Documents[0].SEINumber || len(v.Documents[0].Signatures) != 1 {
		t.Errorf("the process came back as %+v, it was %+v", v, was)
	}
	if v := d.view(before); !v.Official {
		t.Error("the process of before the backup is gone")
	}
	must(t, w.svc.SignCheckpoint(t.Context()))
	key, err := central.ReceiptPublicKey(w.folder)
	must(t, err)
	store, err := blob.NewFiles(filepath.Join(w.folder, "blobs"))
	must(t, err)
	out, err := central.Inspect(t.Context(), central.InspectConfig{Database: filepath.Join(w.folder, "central.db"), Files: centralFiles{blobs: store}, Key: key})
	must(t, err)
	if !out.Sound() {
		t.Errorf("the central is not sound: %+v", out.Findings)
	}
}

//go:build linux

package crash

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The lossy disk must lose, or the tests upon it prove nothing.
func TestTheDiskLosesWhatWasNotSynced(t *testing.T) {
	d := newDisk(t)
	write := func(name, text string, sync bool) {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(d.point, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		fatal(t, err)
		defer f.Close()
		_, err = f.WriteString(text)
		fatal(t, err)
		if sync {
			fatal(t, f.Sync())
		}
	}
	write("kept", "one", true)
	write("nameless", "synced, but not its name", false)
	folder, err := os.Open(d.point)
	fatal(t, err)
	fatal(t, os.Remove(filepath.Join(d.point, "nameless")))
	fatal(t, folder.Sync())
	fatal(t, folder.Close())
	write("kept", " two", true)
	write("kept", " three", false)
	write("nameless", "synced, but not its name", true)
	d.cut()
	if err := os.WriteFile(filepath.Join(d.point, "late"), nil, 0o600); err == nil {
		t.Error("a disk without power took a file")
	}
	d = d.replace(t, rand.New(rand.NewPCG(1, 1)), 0)
	if data, err := os.ReadFile(filepath.Join(d.point, "kept")); err != nil || string(data) != "one two" {
		t.Errorf("after the cut the file says %q: %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(d.point, "nameless")); !os.IsNotExist(err) {
		t.Errorf("a name that was not synced is there: %v", err)
	}
	d.limit(1000)
	if err := os.WriteFile(filepath.Join(d.point, "large"), make([]byte, 5000), 0o600); err == nil {
		t.Error("a full disk took a file")
	}
	d.limit(-1)
	fatal(t, os.WriteFile(filepath.Join(d.point, "large"), make([]byte, 5000), 0o600))
}

// The power goes at random moments, at the central, at the desk or at both; all
// that was not synced is gone, or chance keeps a part of it.
func TestNothingAcknowledgedIsLostInAPowerCut(t *testing.T) {
	t.Parallel()
	seed := setting(t, "CRASH_SEED", uint64(time.Now().UnixNano())%1_000_000)
	cuts := int(setting(t, "CRASH_CUTS", 5))
	t.Logf("seed %d, %d cuts", seed, cuts)
	r := rand.New(rand.NewPCG(seed, 77))
	ofCentral, ofDesk := newDisk(t), newDisk(t)
	w := newWorld(t, ofCentral.point)
	d := w.enter(ofDesk.point, ana)
	ofCentral.syncAll()
	ofDesk.syncAll()
	l := newLoad(d, rand.New(rand.NewPCG(seed, 78)), unitOfHelena)
	done := w.working(l)
	for range cuts {
		pause(time.Duration(100+r.IntN(500)) * time.Millisecond)
		keep := []float64{0, 0, 0.5}[r.IntN(3)]
		which := r.IntN(3) // 0: the central, 1: the desk, 2: both
		if which != 1 {
			ofCentral.cut()
		}
		if which != 0 {
			d.falls()
			ofDesk.cut()
			d.program.kill()
		}
		if which != 1 {
			w.killCentral()
			ofCentral = ofCentral.replace(t, r, keep)
			fatal(t, w.startCentral())
		}
		if which != 0 {
			ofDesk = ofDesk.replace(t, r, keep)
			fatal(t, d.revive())
		}
	}
	done()
	d.awaitEmpty()
	fatal(t, d.program.stop())
	fatal(t, w.central.stop())
	w.data = filepath.Join(ofCentral.export(t), "central")
	d.profile = ofDesk.export(t)
	w.verify()
	t.Logf("seed %d: %d cuts, %d acts acknowledged, %d receipts", seed, cuts, len(d.acks), len(w.receiptsOf(d)))
}

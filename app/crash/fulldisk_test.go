//go:build linux

package crash

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
)

// The servant whose disk is full is told so, in words to act on, and what was
// taken before stays; with room, work goes on in the same window.
func TestAFullDiskAtTheDeskIsNamedAndLosesNothing(t *testing.T) {
	t.Parallel()
	ofDesk := newDisk(t)
	w := newWorld(t, t.TempDir())
	d := w.enter(ofDesk.point, ana)
	l := newLoad(d, rand.New(rand.NewPCG(5, 5)), unitOfHelena)
	for range 20 {
		fatal(t, l.one())
	}
	ofDesk.limit(64 << 10)
	full := awaitFull(t, func() error { return l.one() })
	for range 10 { // it stays usable, and says the same
		if err := l.one(); err != nil && !saysFull(err) {
			t.Fatalf("on a full disk the desk answered: %v", err)
		}
	}
	t.Logf("the servant reads: %v", full)
	if _, err := d.queue(); err != nil {
		t.Fatalf("with a full disk the queue cannot be read: %v", err)
	}
	d.falls()
	d.program.kill() // the worst moment
	ofDesk.limit(-1)
	fatal(t, d.revive())
	for range 10 {
		fatal(t, l.one())
	}
	// Again without a restart: room alone must do.
	ofDesk.limit(64 << 10)
	awaitFull(t, func() error { return l.one() })
	ofDesk.limit(-1)
	for range 10 {
		fatal(t, l.one())
	}
	d.awaitEmpty()
	fatal(t, d.program.stop())
	fatal(t, w.central.stop())
	d.profile = ofDesk.export(t)
	w.verify()
}

func saysFull(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && strings.Contains(f.Message, "disco está cheio")
}

// awaitFull works until the disk is full and demands that it is said.
func awaitFull(t *testing.T, one func() error) error {
	t.Helper()
	for range 2000 {
		err := one()
		switch {
		case err == nil:
		case saysFull(err):
			return err
		default:
			t.Fatalf("a full disk is answered with: %v", err)
		}
	}
	t.Fatal("the disk did not get full")
	return nil
}

// A central without room refuses nothing and loses nothing: what comes waits at
// the desks, which say so, and goes on when there is room.
func TestAFullDiskAtTheCentralHoldsWorkUpAndLosesNothing(t *testing.T) {
	t.Parallel()
	ofCentral := newDisk(t)
	w := newWorld(t, ofCentral.point)
	d := w.enter(t.TempDir(), ana)
	l := newLoad(d, rand.New(rand.NewPCG(6, 6)), unitOfHelena)
	for range 10 {
		fatal(t, l.one())
	}
	d.awaitEmpty()
	ofCentral.limit(32 << 10)
	for range 60 {
		fatal(t, l.one()) // the desk takes everything
	}
	d.awaitText("A central está sem espaço em disco")
	if says := tail(w.log); !strings.Contains(says, "full") && !strings.Contains(says, "cheio") {
		t.Errorf("the operator reads nothing of a full disk:\n%s", says)
	}
	w.killCentral()
	ofCentral.limit(-1)
	fatal(t, w.startCentral())
	ofCentral.limit(32 << 10)
	for range 60 {
		fatal(t, l.one())
	}
	pause(500 * time.Millisecond) // it may get full meanwhile, or not
	ofCentral.limit(-1)           // and goes on without a restart
	d.awaitEmpty()
	var refusedHere []desktop.QueueView
	fatal(t, d.call("Outbox/Refused", &refusedHere))
	if len(refusedHere) > 0 {
		t.Fatalf("a full disk refused work: %+v", refusedHere[0])
	}
	fatal(t, d.program.stop())
	fatal(t, w.central.stop())
	w.data = filepath.Join(ofCentral.export(t), "central")
	w.verify()
}

// A central that cannot start for want of room says why and harms nothing.
func TestACentralThatStartsOnAFullDiskSaysSo(t *testing.T) {
	t.Parallel()
	ofCentral := newDisk(t)
	ofCentral.limit(0)
	w := &world{t: t, data: filepath.Join(ofCentral.point, "central"), listen: freePort(t), log: filepath.Join(t.TempDir(), "central.log")}
	err := w.startCentral()
	if err == nil {
		t.Fatal("a central started on a full disk")
	}
	if !strings.Contains(err.Error(), "disco está cheio") {
		t.Errorf("the operator reads: %v", err)
	}
	ofCentral.limit(-1)
	fatal(t, w.startCentral())
	fatal(t, w.central.stop())
}

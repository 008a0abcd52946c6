package desktop

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
)

// A desk that was away while the central replaced its receipt key twice goes on
// by itself, and what it queued meanwhile is accepted.
func TestADeskFollowsTwoRotationsThatItMissed(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	before, _ := d.start()
	d.awaitSent()
	w.stopCentral()
	meanwhile, _ := d.start()
	var last string
	for range 2 {
		k, err := central.RotateReceiptKey(t.Context(), w.folder, rand.Reader, time.Now())
		must(t, err)
		last = k.ID
	}
	w.stopInner = w.openCentral()
	w.svc.SetPublicURL(w.server.URL)
	must(t, w.svc.SignCheckpoint(t.Context()))
	a, err := d.current()
	must(t, err)
	a.engine.Nudge()
	d.awaitSent()
	for _, p := range []string{before, meanwhile} {
		d.await("the process is official", func() bool { return d.view(p).Official })
	}
	if _, known, err := a.store.ReceiptKey(d.ctx(), last); !known || err != nil {
		t.Errorf("the last key is known: %v, %v", known, err)
	}
}

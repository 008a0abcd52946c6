package sync_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// meteredModel is a model store that can say what is to come.
type meteredModel struct {
	*modelStore
	wanted []wire.Bucket
}

func (m *meteredModel) Behind(ctx context.Context) (int, error) {
	all, err := m.Cursors(ctx, 1000)
	n := 0
	for _, c := range all {
		if kind, _ := c.Bucket.Parts(); kind == "process" {
			n++
		}
	}
	return n, err
}

func (m *meteredModel) Wanted(context.Context) ([]wire.Bucket, error) { return m.wanted, nil }

func TestThePausedPullBringsOnlyWhatWasOpenedAndTheQueueGoesOn(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	store := &meteredModel{modelStore: d.store}
	d.engine = sync.New(sync.Config{Store: store, Transport: d, Clock: d.clock, Rand: rand.New(rand.NewPCG(1, 2))})
	d.store.enqueue("other", "process-0", modelBody{}, nil)
	d.engine.PausePull(true)
	d.queue("one", nil)
	d.run(time.Second)
	d.wantVerdict("one", accepted)
	left, err := store.Behind(t.Context())
	if err != nil || left == 0 {
		t.Fatalf("%d processes are to come, %v", left, err)
	}
	if s := d.status(); s.PullLeft != left || s.PullTotal < left || !s.PullPaused || !s.LastSync.IsZero() {
		t.Errorf("while paused the status is %+v", s)
	}
	store.wanted = []wire.Bucket{wire.ProcessBucket("process-1")}
	d.engine.Nudge()
	d.run(time.Second)
	if now, _ := store.Behind(t.Context()); now != left-1 {
		t.Errorf("what was opened did not come: %d of %d are still to come", now, left)
	}
	d.engine.PausePull(false)
	d.run(time.Second)
	if now, _ := store.Behind(t.Context()); now != 0 {
		t.Errorf("after going on %d are to come", now)
	}
	if s := d.status(); s.PullLeft != 0 || s.PullTotal != 0 || s.PullPaused || s.LastSync.IsZero() {
		t.Errorf("after going on the status is %+v", s)
	}
}

func TestATriedEntryKnowsItsLastAndItsNextTry(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.push = func(wire.PushRequest) (wire.PushResponse, error) { return wire.PushResponse{}, errNoNetwork }
	d.queue("one", nil)
	before := d.clock.now
	for range 4 {
		d.engine.Step(context.Background())
	}
	a := d.engine.Attempt("one", nil)
	if a.Last.Before(before) || !a.Next.After(a.Last) || a.Problem == "" {
		t.Errorf("the entry was tried %v, is tried again %v: %q", a.Last, a.Next, a.Problem)
	}
	d.push = nil
	d.run(time.Minute)
	d.wantVerdict("one", accepted)
	if a := d.engine.Attempt("one", nil); a != (sync.Attempt{}) {
		t.Errorf("the accepted entry has %+v", a)
	}
}

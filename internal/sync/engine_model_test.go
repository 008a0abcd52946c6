package sync_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// modelClock is moved by hand.
type modelClock struct{ now time.Time }

func (c *modelClock) Now() time.Time { return c.now }

// world is one desk, one central and what can go wrong between and within them.
type world struct {
	rapid   *rapid.T
	clock   *modelClock
	store   *modelStore
	central *modelCentral
	network *modelNetwork
	engine  *sync.Engine
	next    time.Time // when the engine wants its next step
	backup  *modelStore
	made    int
	seed    uint64
}

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(fmt.Sprintf("%032d", seed)))
}

func newWorld(t *rapid.T) *world {
	device, receipt := key(1), key(2)
	central := newModelCentral(receipt, device.Public().(ed25519.PublicKey))
	w := &world{
		rapid: t, clock: &modelClock{now: time.Unix(1_700_000_000, 0)}, central: central,
		store:   newModelStore(device, receipt.Public().(ed25519.PublicKey), central.token),
		network: &modelNetwork{central: central, rapid: t, forger: key(3)},
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "files to fetch") {
		data := fmt.Appendf(nil, "document %d", i)
		d := sync.BlobDownload{Unit: theUnit, Document: sei.DocumentID(fmt.Sprint(i)), Blob: sei.BlobRef{SHA256: sum(data), Size: int64(len(data))}}
		w.store.missing = append(w.store.missing, d)
		if i != 1 { // the central will not give this one
			central.documents[d.Blob.SHA256] = data
		}
	}
	w.store.before, w.store.after = w.beforeStore, w.afterStore
	w.start()
	return w
}

// start is the program coming up over whatever the store holds.
func (w *world) start() {
	w.seed++
	w.engine = sync.New(sync.Config{
		Store: w.store, Transport: w.network, Clock: w.clock, Rand: rand.New(rand.NewPCG(w.seed, 1)),
		Limits: sync.Limits{PushCommands: 4, ChunkBytes: 5, QueueWindow: 50, LeaseBelow: 3, LeaseWant: 4, PushBytes: 1500},
	})
	w.next = w.clock.now
}

func (w *world) beforeStore(operation string) error {
	if w.network.rapid == nil {
		return nil
	}
	switch rapid.IntRange(0, 60).Draw(w.rapid, "disk") {
	case 59:
		return errors.New("disk full")
	case 60:
		panic(died{"before " + operation})
	}
	return nil
}

func (w *world) afterStore(operation string) {
	if w.network.rapid != nil && rapid.IntRange(0, 60).Draw(w.rapid, "disk after") == 60 {
		panic(died{"after " + operation})
	}
}

// alive runs f and starts the program again if it dies in it.
func (w *world) alive(f func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, killed := r.(died); !killed {
				panic(r)
			}
			w.start()
		}
	}()
	f()
}

func (w *world) step() {
	w.alive(func() {
		if r := w.engine.Step(context.Background()); r.Next.After(w.next) || r.Did != sync.Nothing {
			w.next = r.Next
		}
	})
}

// enqueue adds a random act of the servant.
func (w *world) enqueue(t *rapid.T) {
	w.made++
	id := sei.CommandID(fmt.Sprintf("command-%03d", w.made))
	body := modelBody{}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 7:
		body.Refuse = true
	case 8:
		body.Poison = true
	case 9:
		body.Broken = true
	}
	var files [][]byte
	for range rapid.IntRange(0, 1).Draw(t, "files") {
		files = append(files, fmt.Appendf(nil, "file %0*d", rapid.IntRange(1, 20).Draw(t, "size"), rapid.IntRange(0, 4).Draw(t, "which")))
	}
	var dependsOn []sei.CommandID
	if n := len(w.store.entries); n > 0 && rapid.Bool().Draw(t, "depends") {
		on := w.store.entries[rapid.IntRange(0, n-1).Draw(t, "on")]
		if on.verdict == open || on.verdict == accepted { // the desk makes none on what was refused
			dependsOn = append(dependsOn, on.queued.ID)
		}
	}
	process := sei.ProcessID(fmt.Sprintf("process-%d", rapid.IntRange(0, 2).Draw(t, "process")))
	w.store.enqueue(id, process, body, dependsOn, files...)
	w.engine.Nudge()
}

// check looks at what must hold after every action.
func (w *world) check(t *rapid.T) {
	for _, v := range slices.Concat(w.store.violations, w.central.violations) {
		t.Fatal(v)
	}
	for _, e := range w.store.entries {
		d := w.central.decided[e.queued.ID]
		switch {
		case e.verdict == accepted && (d == nil || !d.accepted):
			t.Fatalf("%s shows as accepted and is not", e.queued.ID)
		case e.verdict == refused && !e.cascaded && (d == nil || d.accepted):
			t.Fatalf("%s shows as refused and is not", e.queued.ID)
		case e.verdict == rejected && d != nil:
			t.Fatalf("%s shows as rejected and was decided", e.queued.ID)
		case (e.verdict == refused || e.verdict == rejected) && d != nil && d.accepted:
			t.Fatalf("%s was accepted and shows as %s", e.queued.ID, e.verdict)
		}
	}
	if len(w.central.order) != len(w.central.decided) {
		t.Fatal("a command was decided twice")
	}
}

// settleDown stops all faults and gives the engine time. No sleep is real.
func (w *world) settleDown(t *rapid.T) {
	w.network.rapid = nil
	for len(w.network.late) > 0 {
		w.network.deliverLate()
	}
	for range 4000 {
		if status, _ := w.engine.Status(); status.Phase == sync.NeedLogin {
			w.network.loggedOut = false
			w.engine.LoggedIn()
		}
		fetched := w.engine.Fetch(context.Background())
		r := w.engine.Step(context.Background())
		if fetched.Did != sync.Nothing || r.Did != sync.Nothing {
			continue
		}
		status, _ := w.engine.Status()
		if status.Phase == sync.Idle && r.Next.After(w.clock.now.Add(61*time.Second)) && fetched.Next.IsZero() {
			return
		}
		if next := soonest(r.Next, fetched.Next); next.After(w.clock.now) {
			w.clock.now = next
		}
	}
	status, _ := w.engine.Status()
	t.Fatalf("the engine does not come to rest: %+v", status)
}

func soonest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// wanted is the verdict that an entry must have in the end.
func (w *world) wanted(e *entry) verdict {
	for _, id := range e.queued.DependsOn {
		if on := w.store.find(id); on != nil && w.wanted(on) != accepted {
			return refused
		}
	}
	switch {
	case e.body.Poison || e.body.Broken:
		return rejected
	case e.body.Refuse:
		return refused
	}
	return accepted
}

// finished checks what must hold once the faults have stopped.
func (w *world) finished(t *rapid.T) {
	w.check(t)
	for _, e := range w.store.entries {
		if want := w.wanted(e); e.verdict != want {
			t.Fatalf("%s ended as %q, not %q (%s)", e.queued.ID, e.verdict, want, e.why)
		}
	}
	if len(w.store.missing) > 0 {
		t.Fatalf("files are still missing: %v", w.store.missing)
	}
	if len(w.store.free) < 3 {
		t.Fatalf("only %d numbers are free", len(w.store.free))
	}
	for name, bucket := range w.central.buckets {
		if have := w.store.rows[name]; len(have)+len(bucket.rows) > 0 && !reflect.DeepEqual(have, bucket.rows) {
			t.Fatalf("%s differs: desk %v, central %v", name, have, bucket.rows)
		}
	}
}

func TestEveryQueuedCommandEndsWithOneVerdictWhateverTheNetworkAndTheDiskDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(map[string]func(*rapid.T){
			"":      w.check,
			"queue": w.enqueue,
			"step":  func(t *rapid.T) { w.on(t, w.step) },
			"steps": func(t *rapid.T) {
				w.on(t, func() {
					for range 10 {
						w.step()
					}
				})
			},
			"fetch": func(t *rapid.T) {
				w.on(t, func() { w.alive(func() { w.engine.Fetch(context.Background()) }) })
			},
			"wait":  func(*rapid.T) { w.clock.now = soonest(w.clock.now.Add(time.Minute), w.next) },
			"nudge": func(*rapid.T) { w.engine.Nudge() },
			"hint":  func(*rapid.T) { w.engine.Hint([]wire.Bucket{wire.UnitBucket(theUnit)}) },
			"kill":  func(*rapid.T) { w.start() },
			"late":  func(*rapid.T) { w.network.deliverLate() },
			"login": func(*rapid.T) { w.network.loggedOut = false; w.engine.LoggedIn() },
			"upload lost": func(t *rapid.T) {
				w.loseUpload()
			},
			"back up": func(*rapid.T) { w.backup = w.store.copyOf() },
			"restore": func(t *rapid.T) {
				if w.backup == nil {
					t.Skip("there is no copy")
				}
				w.restore()
			},
		})
		w.settleDown(t)
		w.finished(t)
	})
}

// on lets faults be drawn from the action's own source.
func (w *world) on(t *rapid.T, f func()) {
	w.rapid, w.network.rapid = t, t
	f()
}

// loseUpload is a central that lost a file which no accepted command cites.
func (w *world) loseUpload() {
	cited := map[sei.SHA256]bool{}
	for _, e := range w.store.entries {
		if d := w.central.decided[e.queued.ID]; d != nil {
			for _, sha := range e.body.Blobs {
				cited[sha] = true
			}
		}
	}
	for _, e := range w.store.entries {
		for _, sha := range e.body.Blobs {
			if w.central.complete[sha] && !cited[sha] {
				delete(w.central.complete, sha)
				delete(w.central.uploads, sha)
				return
			}
		}
	}
}

// restore puts the workstation's old copy back. What was queued after it and
// never sent is gone with the disk; what was sent is in the central.
func (w *world) restore() {
	restored := w.backup.copyOf()
	restored.before, restored.after = w.beforeStore, w.afterStore
	restored.everLeased, restored.violations = w.store.everLeased, w.store.violations
	w.store = restored
	w.start()
}

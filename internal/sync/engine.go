package sync

import (
	"context"
	gosync "sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Rand is the source of jitter; *math/rand/v2.Rand is one.
type Rand interface {
	// Int64N returns a number in [0, n); n is positive.
	Int64N(n int64) int64
}

// Config is what an engine is made of. Limits may be left out, and Evidence with
// Log: the engine then neither watches the central's log nor gives anything back.
type Config struct {
	Store     Store
	Evidence  Evidence
	Log       LogTransport
	Transport Transport
	Clock     Clock
	Rand      Rand
	Limits    Limits
}

// Activity names what a step did.
type Activity string

// The kinds of work.
const (
	Nothing  Activity = ""
	Settling Activity = "settle" // stored the answers to a push
	Epoch    Activity = "epoch"  // began a new epoch of the device
	Pushing  Activity = "push"
	Upload   Activity = "upload"
	Pulling  Activity = "pull"
	Leasing  Activity = "lease"
	Fetching Activity = "fetch"
	Watching Activity = "watch" // looked at the central's log
	// GivingBack hands in what a restored central has lost.
	GivingBack Activity = "give-back"
)

// Result says what a step did and when the engine wants the next one.
type Result struct {
	Did Activity
	// Item is the outbox entry that the step was about, if it was about one.
	Item sei.CommandID
	// Next is when to call again; a time that is not in the future means at once,
	// and zero means only when something wakes the engine.
	Next time.Time
	// Err is the failure that the step met. The engine has dealt with it: it is
	// for logs only.
	Err error
}

// machine is one of the two that an engine has.
type machine string

const (
	stepMachine  machine = "step"
	fetchMachine machine = "fetch"
)

// Engine brings a workstation and its central together. Step and Fetch are two
// machines, so that a long download never holds up the outbox: each must be
// called by one goroutine at a time; all other methods may be called at any
// time.
type Engine struct {
	store     Store
	evidence  Evidence
	log       LogTransport
	transport Transport
	clock     Clock
	limits    Limits

	// Of Step alone.
	lanes  []lane // that take turns
	turn   int
	push   pushState
	upload *uploadState
	pull   pullState
	lease  leaseState
	watch  watchState

	wakeStep, wakeFetch chan struct{}

	mu gosync.Mutex // guards everything below
	shared
}

// lane is one kind of work that takes its turn.
type lane func(ctx context.Context, now time.Time) outcome

// outcome is what a lane did in its turn, or when it has something to do.
type outcome struct {
	did  Activity
	item sei.CommandID
	err  error
	next time.Time // if nothing was done
}

// shared is the state that both machines and the window's calls touch.
type shared struct {
	rand    Rand
	needLog bool // until LoggedIn
	session int  // counts logins, so that a late 401 of an old session pauses nothing
	began   map[machine]int
	stale   bool // the device must begin a new epoch
	epochs  int  // begun since the last answered push
	contact bool // the central has answered at least once
	outage  retry
	outages int  // failures in a row, of whatever lane
	away    bool // at the last request there was nobody to connect to
	holds   map[string]*retry
	// pausedPull leaves processes that nobody asked for at the central.
	pausedPull bool
	retries    map[Activity]*retry
	nudged     bool
	hinted     bool
	problems   map[string]problem
	busy       map[machine]bool
	status     Status
	changed    chan struct{}
}

// New makes an engine; it does nothing until Step or Run is called.
func New(c Config) *Engine {
	e := &Engine{
		store: c.Store, evidence: c.Evidence, log: c.Log, transport: c.Transport, clock: c.Clock, limits: c.Limits.filled(),
		wakeStep: make(chan struct{}, 1), wakeFetch: make(chan struct{}, 1),
	}
	e.shared = shared{
		rand: c.Rand, holds: map[string]*retry{}, retries: map[Activity]*retry{},
		problems: map[string]problem{}, busy: map[machine]bool{}, began: map[machine]int{}, changed: make(chan struct{}),
		status: Status{Phase: Connecting, Since: c.Clock.Now()},
	}
	e.push.reupload, e.push.waits = map[sei.SHA256]bool{}, map[sei.CommandID]int{}
	e.push.cap = e.limits.PushCommands
	e.lease.due = true
	e.pull.mismatches = map[wire.Bucket]int{}
	e.lanes = []lane{e.stepUpload, e.stepPull, e.stepLease}
	return e
}

// Nudge says that there is something new to do, or that the servant does not
// want to wait: every pause after a failure ends at once.
func (e *Engine) Nudge() {
	e.mu.Lock()
	e.nudged = true
	e.mu.Unlock()
	e.wake()
}

// Hint says that the central has news. The buckets are not needed: the index
// says which have changed, and a lost hint loses nothing.
func (e *Engine) Hint(_ []wire.Bucket) {
	e.mu.Lock()
	e.hinted = true
	e.mu.Unlock()
	e.wake()
}

// LoggedIn ends the pause that a refused session began.
func (e *Engine) LoggedIn() {
	e.mu.Lock()
	e.needLog, e.contact, e.nudged = false, false, true
	e.session++
	e.mu.Unlock()
	e.wake()
}

func (e *Engine) wake() {
	poke(e.wakeStep)
	poke(e.wakeFetch)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // awake already
	}
}

// Step does one bounded piece of work: at most one request to the central, or
// the storing of one answer. The outbox goes first; uploads, pulling and
// leasing take turns after it, so that a large file holds up nobody else.
func (e *Engine) Step(ctx context.Context) Result {
	if err := ctx.Err(); err != nil {
		return Result{Err: err}
	}
	now := e.clock.Now()
	e.takeWishes(now)
	if until, held := e.heldBack(stepMachine, now); held {
		return e.finish(stepMachine, outcome{next: until})
	}
	return e.finish(stepMachine, e.step(ctx, now))
}

func (e *Engine) step(ctx context.Context, now time.Time) outcome {
	if o := e.probe(ctx, now); o.did != Nothing || !o.next.IsZero() {
		return o
	}
	idle := outcome{}
	for _, first := range []lane{e.stepSettle, e.stepWatch, e.stepGiveBack, e.stepEpoch, e.stepPush} {
		o := first(ctx, now)
		if o.did != Nothing {
			return o
		}
		idle.next = earliest(idle.next, o.next)
	}
	for i := range e.lanes {
		n := (e.turn + i) % len(e.lanes)
		o := e.lanes[n](ctx, now)
		if o.did != Nothing {
			e.turn = n + 1
			return o
		}
		idle.next = earliest(idle.next, o.next)
	}
	return idle
}

// probe pulls before anything else while the central is known to be away, so
// that the servant's acts stand as waiting until there is somebody to send them to.
func (e *Engine) probe(ctx context.Context, now time.Time) outcome {
	e.mu.Lock()
	away := e.away
	e.mu.Unlock()
	if !away {
		return outcome{}
	}
	look := e.stepPull
	if e.blind() {
		look = e.stepWatch
	}
	e.pull.ask(now)
	o := look(ctx, now)
	if o.did != Nothing && o.err == nil {
		e.mu.Lock()
		e.away = false
		e.mu.Unlock()
	}
	return o
}

// takeWishes acts on what Nudge and Hint left since the last step.
func (e *Engine) takeWishes(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.nudged {
		e.forgetFailures()
	}
	if e.nudged || e.hinted {
		e.pull.ask(now)
		e.lease.due = true
	}
	if e.nudged {
		e.watch.due = time.Time{}
	}
	if e.watch.session != e.session {
		e.watch.session, e.watch.sure, e.watch.due = e.session, false, time.Time{}
	}
	e.nudged, e.hinted = false, false
}

// heldBack says whether nothing may be tried now, and until when.
func (e *Engine) heldBack(m machine, now time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.began[m] = e.session
	if e.needLog {
		return time.Time{}, true
	}
	return e.outage.until, e.outage.until.After(now)
}

// working shows that a machine is busy before it waits for the central.
func (e *Engine) working(m machine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy[m] = true
	e.publish()
}

func (e *Engine) isStale() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stale
}

// finish turns an outcome into the result and brings the status up to date.
func (e *Engine) finish(m machine, o outcome) Result {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy[m] = o.did != Nothing
	e.publish()
	r := Result{Did: o.did, Item: o.item, Err: o.err, Next: o.next}
	if o.did != Nothing {
		r.Next = e.clock.Now()
	}
	return r
}

// earliest is the earlier of two times of which zero is never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

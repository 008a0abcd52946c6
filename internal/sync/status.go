package sync

import (
	"maps"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Phase is how things stand between desk and central, in one word.
type Phase string

// The phases.
const (
	// Connecting is before the central's first answer.
	Connecting Phase = "connecting"
	// Offline is after a failure that time may mend; the engine tries again.
	Offline Phase = "offline"
	// Syncing is while there is something to do.
	Syncing Phase = "syncing"
	// Idle is when everything that could be done has been done.
	Idle Phase = "idle"
	// NeedLogin is after the central refused the session; everything is kept.
	NeedLogin Phase = "need_login"
	// Trouble is something that a person should look at; the rest goes on.
	Trouble Phase = "problem"
)

// Status is what the window shows of the engine. It is comparable.
type Status struct {
	Phase    Phase
	Since    time.Time // of the phase
	LastSync time.Time // end of the last complete pull; zero for none since the start
	Queued   int       // outbox entries without a verdict, up to the queue window
	Sending  int       // of them, those on their way
	// CurrentItem is the entry whose file is being uploaded, and BytesDone of
	// BytesTotal how far that is.
	CurrentItem sei.CommandID
	BytesDone   int64
	BytesTotal  int64
	// PullLeft of PullTotal processes are still to come in this round; both are
	// zero when nothing is. PullPaused says that the servant put them off.
	PullLeft, PullTotal int
	PullPaused          bool
	// Problem is a sentence for the servant, with its code, when the phase is
	// Offline or Trouble.
	Problem     string
	ProblemCode sei.Code
}

// problem is a reason for Trouble.
type problem struct {
	code    sei.Code
	message string
}

func problemOf(err error) problem { return problem{sei.CodeOf(err), sei.MessageOf(err)} }

// Status gives the present state and a channel that is closed when it changes.
func (e *Engine) Status() (Status, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status, e.changed
}

// publish works out the phase and tells who waits for changes. The lock is held.
func (e *Engine) publish() {
	s := e.status
	s.Phase, s.Problem, s.ProblemCode = e.phase()
	if s.Phase != e.status.Phase {
		s.Since = e.clock.Now()
	}
	if s == e.status {
		return
	}
	e.status = s
	e.announce()
}

func (e *Engine) announce() {
	close(e.changed)
	e.changed = make(chan struct{})
}

func (e *Engine) phase() (Phase, string, sei.Code) {
	switch {
	case e.needLog:
		return NeedLogin, "", ""
	case e.outages > 0:
		return Offline, e.outage.problem.message, e.outage.problem.code
	case len(e.problems) > 0:
		first := e.problems[slices.Min(slices.Collect(maps.Keys(e.problems)))]
		return Trouble, first.message, first.code
	case !e.contact:
		return Connecting, "", ""
	case e.busy[stepMachine] || e.busy[fetchMachine]:
		return Syncing, "", ""
	}
	return Idle, "", ""
}

// show changes the counters of the status; publish follows at the step's end.
func (e *Engine) show(change func(*Status)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := e.status
	change(&e.status)
	if e.status != before {
		e.announce()
	}
}

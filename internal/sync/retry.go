package sync

import (
	"errors"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// minPause keeps full jitter from turning into a busy loop.
const minPause = 50 * time.Millisecond

// retry is a pause that grows with each failure in a row.
type retry struct {
	attempt int
	last    time.Time // of the failure
	until   time.Time
	problem problem
}

func (r *retry) waits(now time.Time) bool { return r != nil && r.until.After(now) }

// Delayed is an error whose sender said how long to leave it alone (the
// Retry-After of a 429 or 503).
type Delayed struct {
	After time.Duration
	Err   error
}

func (d *Delayed) Error() string { return d.Err.Error() }

// Unwrap returns the cause.
func (d *Delayed) Unwrap() error { return d.Err }

// Unsent is an error of a request of which nothing left the workstation, so
// that what it carried is certainly not at the central.
type Unsent struct{ Err error }

func (u *Unsent) Error() string { return u.Err.Error() }

// Unwrap returns the cause.
func (u *Unsent) Unwrap() error { return u.Err }

// transient says whether the central could not be reached or was too busy.
func transient(code sei.Code) bool {
	return code == sei.CodeUnavailable || code == sei.CodeTooMany
}

// ofAll says whether a failure is not of the item that was being sent. An
// internal one is not: no act of a servant is rejected because of a fault that
// nobody understands.
func ofAll(code sei.Code) bool {
	return ofSession(code) || code == sei.CodeInternal
}

// ofSession says whether a whole request was refused before it was looked at.
func ofSession(code sei.Code) bool {
	return code == sei.CodeUnauthenticated || code == CodePasswordFirst || code == CodeStaleDevice
}

// pause computes the time of the next attempt: full jitter under an exponential
// bound. The lock is held.
func (e *Engine) pause(r *retry, now time.Time, err error) {
	bound := e.limits.BackoffCap
	if r.attempt < 20 {
		bound = min(bound, e.limits.BackoffBase<<r.attempt)
	}
	r.attempt++
	wait := max(minPause, time.Duration(e.rand.Int64N(int64(bound)+1)))
	if d, ok := errors.AsType[*Delayed](err); ok {
		wait = max(wait, min(d.After, 10*e.limits.BackoffCap))
	}
	r.last, r.until = now, now.Add(wait)
	r.problem = problemOf(err)
}

// answered notes that the central has answered a request of that kind.
func (e *Engine) answered(a Activity) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.contact, e.outages, e.outage, e.away = true, 0, retry{}, false
	delete(e.retries, a)
	delete(e.problems, string(a))
	if a == Pushing {
		e.epochs = 0
		delete(e.retries, Epoch)
	}
}

// failed notes that a request failed for a reason that is not of one item.
func (e *Engine) failed(a Activity, now time.Time, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	code := sei.CodeOf(err)
	switch {
	case code == sei.CodeUnauthenticated && e.session == e.began[machineOf(a)]:
		e.needLog = true
		return
	case code == sei.CodeUnauthenticated: // of the session before; try again with this one
	case code == CodeStaleDevice:
		e.stale = true
		if e.epochs > 0 { // a new epoch did not help
			e.restLocked(Epoch, now, err)
		}
		return
	case transient(code):
		e.unreachable(now, err)
	default:
		e.problems[string(a)] = problemOf(err)
	}
	e.restLocked(a, now, err)
}

// rest pauses one kind of work for a growing while.
func (e *Engine) rest(a Activity, now time.Time, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.restLocked(a, now, err)
}

func (e *Engine) restLocked(a Activity, now time.Time, err error) {
	if e.retries[a] == nil {
		e.retries[a] = &retry{}
	}
	e.pause(e.retries[a], now, err)
}

// unreachable notes a failure of the way to the central. One failure may be of
// one kind of request alone, and the others go on; the second in a row is an
// outage, in which a single request tries the way again after each pause.
// The lock is held.
func (e *Engine) unreachable(now time.Time, err error) {
	e.outages++
	_, e.away = errors.AsType[*Unsent](err)
	e.outage.problem = problemOf(err)
	if e.outages > 1 {
		e.pause(&e.outage, now, err)
	}
}

// storeFailed notes that the workstation's own store failed.
func (e *Engine) storeFailed(a Activity, now time.Time, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.problems[string(a)] = problemOf(err)
	e.restLocked(a, now, err)
}

// stored notes that the store works again for that kind of work.
func (e *Engine) stored(a Activity) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.retries, a)
	delete(e.problems, string(a))
}

// waitOf is the end of the pause of a kind of work, if it pauses now.
func (e *Engine) waitOf(a Activity, now time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.retries[a]
	if !r.waits(now) {
		return time.Time{}, false
	}
	return r.until, true
}

// hold leaves one item alone for a growing while; the others go on.
func (e *Engine) hold(key string, now time.Time, err error) (attempts int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.holds[key]
	if r == nil {
		r = &retry{}
		e.holds[key] = r
	}
	e.pause(r, now, err)
	return r.attempt
}

// holdUnreached is hold for an item whose request did not reach the central.
func (e *Engine) holdUnreached(key string, now time.Time, err error) {
	e.mu.Lock()
	e.unreachable(now, err)
	e.mu.Unlock()
	e.hold(key, now, err)
}

// trouble shows a held item's problem to the servant until it is released.
func (e *Engine) trouble(key string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.problems[key] = problemOf(err)
}

func (e *Engine) release(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.holds, key)
	delete(e.problems, key)
}

// heldUntil is the end of an item's pause, if it pauses now.
func (e *Engine) heldUntil(key string, now time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := e.holds[key]
	if !r.waits(now) {
		return time.Time{}, false
	}
	return r.until, true
}

// forgetFailures ends every pause. The lock is held.
func (e *Engine) forgetFailures() {
	e.outage.until, e.outage.attempt = time.Time{}, 0
	e.outages = min(e.outages, 1)
	clear(e.retries)
	clear(e.holds)
}

func machineOf(a Activity) machine {
	if a == Fetching {
		return fetchMachine
	}
	return stepMachine
}

func holdKey(kind string, id string) string { return "item/" + kind + "/" + id }

func isCommandKey(key string) bool { return strings.HasPrefix(key, holdKey("command", "")) }

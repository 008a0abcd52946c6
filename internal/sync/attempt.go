package sync

import (
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Attempt is what is known of an outbox entry that has been tried in vain.
type Attempt struct {
	Last time.Time // try of the entry itself or of a file that it needs; zero for none
	Next time.Time // when it is tried again; zero is as soon as it can be
	// Problem is a sentence for the servant, "" when nothing failed.
	Problem string
}

// Attempt says how the last try of an entry ended, and when the next one is. It
// is memory of this run alone: a restarted engine tries at once.
func (e *Engine) Attempt(id sei.CommandID, files []sei.SHA256) Attempt {
	now := e.clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	var a Attempt
	own := []*retry{e.holds[holdKey("command", string(id))]}
	for _, sha := range files {
		own = append(own, e.holds[holdKey("upload", string(sha))])
	}
	for _, r := range own {
		a.take(r, now)
	}
	if a.Last.IsZero() { // nothing of its own: what holds up everything of its kind
		a.take(e.retries[Pushing], now)
		a.take(&e.outage, now)
	}
	return a
}

func (a *Attempt) take(r *retry, now time.Time) {
	if r == nil || r.last.IsZero() {
		return
	}
	if r.last.After(a.Last) {
		a.Last, a.Problem = r.last, r.problem.message
	}
	if r.until.After(now) && r.until.After(a.Next) {
		a.Next = r.until
	}
}

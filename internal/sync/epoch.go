package sync

import (
	"context"
	"time"
)

// stepEpoch begins a new epoch after the central found the push token stale.
func (e *Engine) stepEpoch(ctx context.Context, now time.Time) outcome {
	if !e.isStale() {
		return outcome{}
	}
	if until, paused := e.waitOf(Epoch, now); paused {
		return outcome{next: until}
	}
	o := outcome{did: Epoch}
	e.working(stepMachine)
	response, err := e.transport.NewEpoch(ctx)
	if err != nil {
		o.err = err
		if ctx.Err() == nil {
			e.failed(Epoch, now, err)
		}
		return o
	}
	if o.err = e.store.BeginEpoch(ctx, response); o.err != nil {
		e.storeFailed(Epoch, now, o.err)
		return o
	}
	e.epochBegun()
	return o
}

func (e *Engine) epochBegun() {
	e.push.answer = nil // of commands that have been sealed anew
	e.lease.due = true
	e.mu.Lock()
	defer e.mu.Unlock()
	e.epochs++
	e.stale, e.contact, e.outages, e.outage = false, true, 0, retry{}
	delete(e.problems, string(Epoch))
	if e.epochs == 1 { // later ones without an answered push in between go on pausing
		delete(e.retries, Epoch)
	}
}

package sync

import (
	"context"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// leaseState says whether the stock of numbers should be looked at.
type leaseState struct{ due bool }

// stepLease takes document numbers in stock while they are few.
func (e *Engine) stepLease(ctx context.Context, now time.Time) outcome {
	if !e.lease.due || e.isStale() {
		return outcome{}
	}
	if until, paused := e.waitOf(Leasing, now); paused {
		return outcome{next: until}
	}
	free, err := e.store.FreeNumbers(ctx)
	if err != nil {
		e.storeFailed(Leasing, now, err)
		return outcome{did: Leasing, err: fmt.Errorf("counting free numbers: %w", err)}
	}
	if free >= e.limits.LeaseBelow {
		e.leaseDone()
		return outcome{}
	}
	o := outcome{did: Leasing}
	e.working(stepMachine)
	response, err := e.transport.Lease(ctx, wire.LeaseRequest{Want: e.limits.LeaseWant})
	if err != nil {
		o.err = err
		if ctx.Err() == nil {
			e.failed(Leasing, now, err)
		}
		return o
	}
	if o.err = checkLeases(response.Leases); o.err != nil {
		e.failed(Leasing, now, o.err)
		return o
	}
	if o.err = e.store.AddLeases(ctx, response.Leases); o.err != nil {
		e.storeFailed(Leasing, now, o.err)
		return o
	}
	e.answered(Leasing)
	e.leaseDone()
	return o
}

func (e *Engine) leaseDone() {
	e.stored(Leasing)
	e.lease.due = false
}

// checkLeases refuses ranges that no central gives, before they reach a document.
func checkLeases(leases []wire.Lease) error {
	total := int64(0)
	for _, l := range leases {
		if l.From < 1 || l.To < l.From || l.To-l.From >= wire.MaxLease {
			return sei.Errorf(sei.CodeInternal, "A central reservou números de documento inválidos; avise o suporte.")
		}
		total += l.To - l.From + 1
	}
	if total > wire.MaxLease {
		return sei.Errorf(sei.CodeInternal, "A central reservou números de documento em excesso; avise o suporte.")
	}
	return nil
}

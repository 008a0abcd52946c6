package remote

import (
	"context"
	"time"
)

// Wall is the real time, as the sync engine's clock and waiter.
type Wall struct{}

// Now is the time of the workstation's clock.
func (Wall) Now() time.Time { return time.Now() }

// Wait sleeps until the given time (zero is for ever), a wake-up, or ctx's end.
func (Wall) Wait(ctx context.Context, until time.Time, wake <-chan struct{}) {
	var alarm <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-ctx.Done():
	case <-wake:
	case <-alarm:
	}
}

package sync

import (
	"context"
	gosync "sync"
)

// Run steps both machines until ctx ends, and waits in between with w. Nothing
// is lost when it ends or when the program does.
func (e *Engine) Run(ctx context.Context, w Waiter) {
	var files gosync.WaitGroup
	files.Go(func() { e.drive(ctx, w, e.Fetch, e.wakeFetch) })
	e.drive(ctx, w, e.Step, e.wakeStep)
	files.Wait()
}

func (e *Engine) drive(ctx context.Context, w Waiter, step func(context.Context) Result, wake <-chan struct{}) {
	for ctx.Err() == nil {
		r := step(ctx)
		if !r.Next.IsZero() && !r.Next.After(e.clock.Now()) {
			continue
		}
		w.Wait(ctx, r.Next, wake)
	}
}

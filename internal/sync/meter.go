package sync

import (
	"context"
	"fmt"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// meteredStore is a store that can say how much of the processes is not here yet.
// Without it a first sync runs all the same, unmetered.
type meteredStore interface {
	// Behind counts the processes of which an index knows a newer version.
	Behind(ctx context.Context) (int, error)
	// Wanted lists the buckets that the servant asked for by opening them.
	Wanted(ctx context.Context) ([]wire.Bucket, error)
}

// PausePull stops bringing processes that the servant did not ask for, or goes
// on. The queue, the lists of the units and what is opened go on meanwhile. It
// holds for this run of the program.
func (e *Engine) PausePull(paused bool) {
	e.mu.Lock()
	e.pausedPull = paused
	e.status.PullPaused = paused
	e.nudged = e.nudged || !paused
	e.announce()
	e.mu.Unlock()
	poke(e.wakeStep)
}

// meter notes how many processes are still to come and, while that is paused,
// leaves only those that the servant asked for.
func (e *Engine) meter(ctx context.Context, asked []wire.Cursor) ([]wire.Cursor, error) {
	store, able := e.store.(meteredStore)
	if !able {
		return asked, nil
	}
	left, err := store.Behind(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting what is to come: %w", err)
	}
	e.show(func(s *Status) {
		s.PullLeft, s.PullTotal = left, max(s.PullTotal, left)
		if left == 0 {
			s.PullTotal = 0
		}
	})
	e.mu.Lock()
	paused := e.pausedPull
	e.mu.Unlock()
	if !paused || len(asked) == 0 {
		return asked, nil
	}
	wanted, err := store.Wanted(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing what was opened: %w", err)
	}
	return slices.DeleteFunc(asked, func(c wire.Cursor) bool { return !slices.Contains(wanted, c.Bucket) }), nil
}

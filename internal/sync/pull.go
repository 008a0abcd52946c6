package sync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// maxMismatches is how many snapshots of a bucket in a row may fail their
// checksum before the servant is told.
const maxMismatches = 3

// maxRoundSteps ends a round that a faulty central would make endless.
const maxRoundSteps = 5000

// pullState is a round of pulling: first the index buckets, then the process
// buckets that the index shows to have changed.
type pullState struct {
	due        time.Time // of the next round; zero is now
	again      bool      // asked for while a round was running
	processes  bool      // the round has come to the process buckets
	running    bool
	steps      int                  // of this round
	silent     map[wire.Bucket]bool // that said nothing in this round
	mismatches map[wire.Bucket]int  // snapshots in a row that failed
}

// ask wants a round now, or another one when one is running.
func (p *pullState) ask(now time.Time) {
	p.due = now
	p.again = p.running
}

// stepPull pulls one set of buckets.
func (e *Engine) stepPull(ctx context.Context, now time.Time) outcome {
	p := &e.pull
	if e.blind() {
		return outcome{}
	}
	if !p.running && p.due.After(now) {
		return outcome{next: p.due}
	}
	if until, paused := e.waitOf(Pulling, now); paused {
		return outcome{next: until}
	}
	if !p.running {
		*p = pullState{running: true, silent: map[wire.Bucket]bool{}, mismatches: p.mismatches}
		e.release(pageKey)
	}
	o := outcome{did: Pulling}
	asked, unit, err := e.choosePull(ctx)
	if err != nil {
		o.err = err
		e.storeFailed(Pulling, now, err)
		return o
	}
	if p.steps++; len(asked) == 0 || p.steps > maxRoundSteps {
		e.endRound(now)
		return outcome{did: Pulling}
	}
	e.working(stepMachine)
	response, err := e.transport.Pull(ctx, wire.PullRequest{Unit: unit, Buckets: asked})
	if err != nil {
		o.err = err
		if ctx.Err() == nil {
			e.failed(Pulling, now, err)
		}
		return o
	}
	if o.err = e.applyPages(ctx, asked, response); o.err != nil {
		e.storeFailed(Pulling, now, o.err)
		return o
	}
	e.answered(Pulling)
	e.reportMismatches()
	return o
}

// choosePull lists the cursors of this step; none ends the round.
func (e *Engine) choosePull(ctx context.Context) ([]wire.Cursor, sei.UnitID, error) {
	device, err := e.store.Device(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("reading device: %w", err)
	}
	cursors, err := e.store.Cursors(ctx, e.limits.PullBuckets)
	if err != nil {
		return nil, "", fmt.Errorf("reading cursors: %w", err)
	}
	if e.watch.recovers() {
		// What is here may be newer than what the central has got back so far: it
		// stays as it is until the recovery is over.
		cursors = slices.DeleteFunc(cursors, func(c wire.Cursor) bool { return c.After > 0 })
	}
	asked := e.pull.choose(cursors)
	if len(asked) == 0 && !e.pull.processes {
		e.pull.processes = true
		asked = e.pull.choose(cursors)
	}
	if e.pull.processes {
		asked, err = e.meter(ctx, asked)
	}
	return asked, device.Unit, err
}

func (p *pullState) choose(cursors []wire.Cursor) []wire.Cursor {
	var chosen []wire.Cursor
	for _, c := range cursors {
		kind, _ := c.Bucket.Parts()
		if (kind == "process") == p.processes && !p.silent[c.Bucket] {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// applyPages stores the pages. A bucket that has said all it had to say is not
// asked again in this round.
func (e *Engine) applyPages(ctx context.Context, asked []wire.Cursor, response wire.PullResponse) error {
	after := make(map[wire.Bucket]int64, len(asked))
	for _, c := range asked {
		after[c.Bucket] = c.After
	}
	more := map[wire.Bucket]bool{}
	progress := false
	pages := slices.DeleteFunc(slices.Clone(response.Pages), func(p wire.Page) bool {
		_, wanted := after[p.Bucket]
		return !wanted // not ours to have
	})
	together, err := e.applyTogether(ctx, pages)
	if err != nil {
		return err
	}
	for i, page := range pages {
		before := after[page.Bucket]
		var mismatch bool
		var err error
		if together != nil {
			mismatch = together[i]
		} else {
			mismatch, err = e.store.ApplyPage(ctx, page)
		}
		if sei.CodeOf(err) == sei.CodeInvalid { // one bucket that cannot be read holds up no other
			e.trouble(pageKey, err)
			more[page.Bucket] = false
			continue
		}
		if err != nil {
			return fmt.Errorf("applying a page of %s: %w", page.Bucket, err)
		}
		moved := page.Cursor > before || page.Reset || page.Revoked
		progress = progress || moved
		more[page.Bucket] = e.noteMismatch(page.Bucket, mismatch) || (page.More && moved)
	}
	for _, c := range asked {
		_, spoke := more[c.Bucket]
		cut := !spoke && response.More && progress // left out at the limit of rows
		if !more[c.Bucket] && !cut {
			e.pull.silent[c.Bucket] = true
		}
	}
	return nil
}

// pagesStore is a store that takes the pages of one answer in one transaction.
type pagesStore interface {
	// ApplyPages is ApplyPage for each of them, all or none.
	ApplyPages(ctx context.Context, pages []wire.Page) (mismatches []bool, err error)
}

// applyTogether is nil when the pages must go one by one: the store cannot do
// more, or one of them fails and must not hold up the others.
func (e *Engine) applyTogether(ctx context.Context, pages []wire.Page) ([]bool, error) {
	store, able := e.store.(pagesStore)
	if !able || len(pages) < 2 {
		return nil, nil
	}
	mismatches, err := store.ApplyPages(ctx, pages)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("applying pages: %w", err)
	}
	if err != nil || len(mismatches) != len(pages) {
		return nil, nil
	}
	return mismatches, nil
}

// noteMismatch counts checksums that failed and says whether to pull again.
func (e *Engine) noteMismatch(b wire.Bucket, mismatch bool) bool {
	if !mismatch {
		delete(e.pull.mismatches, b)
		return false
	}
	e.pull.mismatches[b]++
	return e.pull.mismatches[b] < maxMismatches
}

func (e *Engine) reportMismatches() {
	for _, n := range e.pull.mismatches {
		if n >= maxMismatches {
			e.trouble(mismatchKey, sei.Errorf(sei.CodeConflict, "A cópia local não confere com a da central. Os dados foram pedidos de novo; se este aviso continuar, avise o suporte."))
			return
		}
	}
	e.release(mismatchKey)
}

// Keys of the troubles that pulling shows.
var (
	mismatchKey = holdKey("pull", "checksum")
	pageKey     = holdKey("pull", "page")
)

// endRound closes a round and sets the time of the next one.
func (e *Engine) endRound(now time.Time) {
	e.stored(Pulling)
	e.mu.Lock()
	defer e.mu.Unlock()
	p := &e.pull
	e.lease.due = true
	p.running = false
	p.due = now
	if !p.again {
		every := e.limits.PullEvery
		p.due = now.Add(every*3/4 + time.Duration(e.rand.Int64N(int64(every)/2+1)))
		if !e.pausedPull { // what was left out is not in step
			e.status.LastSync = now
		}
	}
	if !e.pausedPull {
		e.status.PullLeft, e.status.PullTotal = 0, 0
	}
	p.again = false
	e.announce()
	poke(e.wakeFetch)
}

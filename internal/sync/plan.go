package sync

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// plan is what the outbox needs now.
type plan struct {
	batch  []QueuedCommand
	upload *neededBlob
	next   time.Time // when the first held entry may go again
}

// neededBlob is the first file that an entry waits for.
type neededBlob struct {
	item sei.CommandID
	ref  sei.BlobRef
}

// planOutbox chooses what to send and what to upload. Entries that the central
// may have already are repeated before anything new is sent.
func (e *Engine) planOutbox(ctx context.Context, now time.Time) (plan, error) {
	queue, err := e.store.Queued(ctx, e.limits.QueueWindow)
	if err != nil {
		return plan{}, fmt.Errorf("reading the outbox: %w", err)
	}
	e.forgetSettled(queue)
	p := &planner{engine: e, now: now, open: map[sei.CommandID]bool{}}
	sent := 0
	for _, q := range queue {
		p.open[q.ID] = true
		if q.Sent {
			sent++
		}
	}
	e.show(func(s *Status) { s.Queued, s.Sending = len(queue), sent })
	if err := p.choose(ctx, queue, true); err != nil {
		return plan{}, err
	}
	if len(p.plan.batch) == 0 {
		p.full = false
		if err := p.choose(ctx, queue, false); err != nil {
			return plan{}, err
		}
	}
	return p.plan, nil
}

// forgetSettled drops what is remembered of entries that have left the outbox.
func (e *Engine) forgetSettled(queue []QueuedCommand) {
	open := make(map[string]bool, len(queue))
	for _, q := range queue {
		open[holdKey("command", string(q.ID))] = true
	}
	maps.DeleteFunc(e.push.waits, func(id sei.CommandID, _ int) bool { return !open[holdKey("command", string(id))] })
	e.mu.Lock()
	defer e.mu.Unlock()
	for key := range e.holds {
		if isCommandKey(key) && !open[key] {
			delete(e.holds, key)
			delete(e.problems, key)
		}
	}
}

// planner fills one plan.
type planner struct {
	engine *Engine
	now    time.Time
	open   map[sei.CommandID]bool // without a verdict and not in the batch
	bytes  int64
	full   bool
	plan   plan
}

// choose goes through the sent or the fresh entries in order.
func (p *planner) choose(ctx context.Context, queue []QueuedCommand, sent bool) error {
	for _, q := range queue {
		if q.Sent != sent {
			continue
		}
		if until, held := p.engine.heldUntil(holdKey("command", string(q.ID)), p.now); held {
			p.plan.next = earliest(p.plan.next, until)
			if !p.engine.lacksAgain(q) {
				continue
			}
		}
		ready, err := p.ready(ctx, q)
		if err != nil {
			return err
		}
		if ready {
			p.add(q)
		}
	}
	return nil
}

// ready says whether all that q needs is at the central or goes before it in
// the batch; it notes the first file that is not there.
func (p *planner) ready(ctx context.Context, q QueuedCommand) (bool, error) {
	ready := true
	for _, id := range q.DependsOn {
		if p.open[id] {
			ready = false
		}
	}
	for _, ref := range q.Blobs {
		there, err := p.engine.store.Uploaded(ctx, ref.SHA256)
		if err != nil {
			return false, fmt.Errorf("asking whether %s is uploaded: %w", ref.SHA256, err)
		}
		if there && !p.engine.push.reupload[ref.SHA256] {
			continue
		}
		ready = false
		until, held := p.engine.heldUntil(holdKey("upload", string(ref.SHA256)), p.now)
		switch {
		case held:
			p.plan.next = earliest(p.plan.next, until)
		case p.plan.upload == nil:
			p.plan.upload = &neededBlob{item: q.ID, ref: ref}
		}
	}
	return ready, nil
}

// add puts q into the batch if it still fits; after the first that does not,
// nothing is added, so that the order stays that of the making.
func (p *planner) add(q QueuedCommand) {
	size := int64(len(q.Sealed.Payload))
	n := len(p.plan.batch)
	if p.full || n >= p.engine.push.cap || (n > 0 && p.bytes+size > p.engine.limits.PushBytes) {
		p.full = true
		return
	}
	p.plan.batch = append(p.plan.batch, q)
	p.bytes += size
	delete(p.open, q.ID)
}

// lacksAgain says whether the central told that it lacks a file of q.
func (e *Engine) lacksAgain(q QueuedCommand) bool {
	for _, b := range q.Blobs {
		if e.push.reupload[b.SHA256] {
			return true
		}
	}
	return false
}

func cites(q QueuedCommand, sha sei.SHA256) bool {
	for _, b := range q.Blobs {
		if b.SHA256 == sha {
			return true
		}
	}
	return false
}

package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// pushState is what Step remembers of the outbox. All of it may be lost: after
// a crash the same commands are sent again and get the same answers.
type pushState struct {
	plan     plan
	answer   *pushAnswer           // not stored yet
	cap      int                   // commands in the next push; smaller while looking for a bad one
	reupload map[sei.SHA256]bool   // files that the central says it lacks
	waits    map[sei.CommandID]int // times that the central said "not yet"
}

// pushAnswer is what is left to store of the central's answer.
type pushAnswer struct {
	token   string
	batch   []QueuedCommand
	results map[sei.CommandID]wire.PushResult
	settled bool // something was
}

// stepSettle stores the pending answer to a push. It comes before everything
// else: an act that the central has answered counts among those that are given
// back to a central restored from a backup, and is one only when it is stored.
func (e *Engine) stepSettle(ctx context.Context, now time.Time) outcome {
	if e.push.answer == nil {
		return outcome{}
	}
	if until, paused := e.waitOf(Pushing, now); paused {
		return outcome{next: until}
	}
	e.push.plan = plan{}
	return e.settle(ctx, now)
}

// stepPush sends what is ready.
func (e *Engine) stepPush(ctx context.Context, now time.Time) outcome {
	if e.push.answer != nil {
		return outcome{} // it is stored first
	}
	e.push.plan = plan{}
	until, paused := e.waitOf(Pushing, now)
	p, err := e.planOutbox(ctx, now)
	if err != nil && paused {
		return outcome{next: until}
	}
	if err != nil {
		e.storeFailed(Pushing, now, err)
		return outcome{did: Pushing, err: err}
	}
	e.push.plan = p
	if paused || e.isStale() || e.blind() {
		return outcome{next: earliest(until, p.next)}
	}
	if len(p.batch) == 0 {
		e.stored(Pushing)
		return outcome{next: p.next}
	}
	return e.send(ctx, now, p.batch)
}

func (e *Engine) send(ctx context.Context, now time.Time, batch []QueuedCommand) outcome {
	o := outcome{did: Pushing, item: batch[0].ID}
	request, fresh, err := e.preparePush(ctx, batch)
	if sei.CodeOf(err) == sei.CodeConflict { // withdrawn or changed just now
		e.rest(Pushing, now, err)
		o.err = err
		return o
	}
	if err != nil {
		e.storeFailed(Pushing, now, err)
		o.err = err
		return o
	}
	e.working(stepMachine)
	e.show(func(s *Status) { s.Sending = max(s.Sending, len(batch)) })
	response, err := e.transport.Push(ctx, request)
	if err != nil {
		o.err = err
		e.takeBack(ctx, now, fresh, err)
		e.pushFailed(ctx, now, batch, err)
		return o
	}
	e.answered(Pushing)
	e.push.cap = min(e.limits.PushCommands, e.push.cap*2)
	answer := &pushAnswer{token: response.Token, batch: batch, results: map[sei.CommandID]wire.PushResult{}}
	for i, r := range response.Results {
		if r.Command == "" && i < len(batch) { // of bytes in which the central found no id
			r.Command = batch[i].ID
		}
		answer.results[r.Command] = r
	}
	e.push.answer = answer
	return o
}

// preparePush also names those that are sent for the first time.
func (e *Engine) preparePush(ctx context.Context, batch []QueuedCommand) (wire.PushRequest, []sei.CommandID, error) {
	device, err := e.store.Device(ctx)
	if err != nil {
		return wire.PushRequest{}, nil, fmt.Errorf("reading device: %w", err)
	}
	var fresh []sei.CommandID
	hashes := map[sei.CommandID]ledger.Hash{}
	request := wire.PushRequest{Token: device.PushToken}
	for _, q := range batch {
		request.Commands = append(request.Commands, q.Sealed)
		if !q.Sent {
			fresh = append(fresh, q.ID)
			hashes[q.ID] = q.Sealed.Hash()
		}
	}
	if len(fresh) > 0 {
		err = e.store.MarkSending(ctx, hashes)
	}
	return request, fresh, err
}

// takeBack lets entries wait again that certainly did not arrive: the servant
// sees them as waiting and may still withdraw them. Those of an earlier push
// whose answer was lost stay on their way.
func (e *Engine) takeBack(ctx context.Context, now time.Time, fresh []sei.CommandID, err error) {
	_, unsent := errors.AsType[*Unsent](err)
	code := sei.CodeOf(err)
	if len(fresh) == 0 || !unsent && code != sei.CodeUnauthenticated && code != CodePasswordFirst {
		return
	}
	if err := e.store.MarkUnsent(ctx, fresh); err != nil {
		e.storeFailed(Pushing, now, err)
	}
}

// pushFailed deals with a push that was refused as a whole. An error that is of
// one command is looked for by halving; alone, it is rejected if the central
// cannot read it, and left alone for a while otherwise.
func (e *Engine) pushFailed(ctx context.Context, now time.Time, batch []QueuedCommand, err error) {
	code := sei.CodeOf(err)
	switch {
	case ctx.Err() != nil:
	case transient(code), ofAll(code):
		e.failed(Pushing, now, err)
	case len(batch) > 1:
		e.answered(Pushing)
		e.push.cap = len(batch) / 2
	default:
		e.answered(Pushing)
		if code == sei.CodeInvalid || code == sei.CodeTooLarge {
			e.reject(ctx, now, batch[0].ID, err)
			return
		}
		e.hold(holdKey("command", string(batch[0].ID)), now, err)
		if waitErr := e.store.MarkWaiting(ctx, batch[0].ID, sei.MessageOf(err)); waitErr != nil {
			e.storeFailed(Pushing, now, waitErr)
		}
	}
}

// reject ends one entry that can never be sent, for the reason err.
func (e *Engine) reject(ctx context.Context, now time.Time, id sei.CommandID, err error) {
	r := sei.Refusal{Code: sei.CodeOf(err), Message: sei.MessageOf(err)}
	if rejectErr := e.store.Reject(ctx, id, r); rejectErr != nil {
		e.storeFailed(Pushing, now, rejectErr)
		return
	}
	e.release(holdKey("command", string(id)))
}

// settle stores the central's answers, one entry after the other; what is done
// leaves the answer, so that a failing store is tried again from there.
func (e *Engine) settle(ctx context.Context, now time.Time) outcome {
	a := e.push.answer
	o := outcome{did: Settling}
	if len(a.batch) > 0 {
		o.item = a.batch[0].ID
	}
	if a.token != "" {
		if o.err = e.store.SetPushToken(ctx, a.token); o.err != nil {
			e.storeFailed(Pushing, now, o.err)
			return o
		}
		a.token = ""
	}
	for len(a.batch) > 0 {
		q := a.batch[0]
		if err := e.settleOne(ctx, now, q, a.results[q.ID]); err != nil {
			o.err = err
			e.storeFailed(Pushing, now, err)
			return o
		}
		a.batch = a.batch[1:]
	}
	e.stored(Pushing)
	if a.settled { // own writes are seen, and their numbers replaced
		e.pull.ask(now)
		e.lease.due = true
	}
	e.push.answer = nil
	return o
}

// settleOne stores one answer. Its error is the store's; a receipt that does not
// verify only holds the entry, which stays as sent and is sent again.
func (e *Engine) settleOne(ctx context.Context, now time.Time, q QueuedCommand, r wire.PushResult) error {
	key := holdKey("command", string(q.ID))
	switch {
	case r.Receipt != nil:
		receipt, err := VerifyReceipt(ctx, e.store, q.ID, q.Sealed, *r.Receipt)
		if sei.CodeOf(err) == CodeReceipt {
			e.hold(key, now, err)
			e.trouble(key, err)
			return nil
		}
		if err != nil {
			return err
		}
		if err := e.keepRecords(ctx, q.ID, receipt, r.Records); err != nil {
			return err
		}
		if err := e.store.Settle(ctx, q.ID, *r.Receipt, receipt); err != nil {
			return fmt.Errorf("settling %s: %w", q.ID, err)
		}
		e.push.answer.settled = true
		e.release(key)
	case r.Waiting != nil:
		return e.waiting(ctx, now, q, *r.Waiting)
	case r.Problem != nil && !transient(r.Problem.Code) && !ofAll(r.Problem.Code):
		if err := e.store.Reject(ctx, q.ID, *r.Problem); err != nil {
			return fmt.Errorf("rejecting %s: %w", q.ID, err)
		}
		e.push.answer.settled = true
		e.release(key)
	default: // no answer for this one: it is sent again
		e.hold(key, now, errNoAnswer)
	}
	return nil
}

// keepRecords stores the events of an answer, if they are those that the receipt
// cites; others are worth nothing and are left.
func (e *Engine) keepRecords(ctx context.Context, id sei.CommandID, receipt ledger.Receipt, records []ledger.Record) error {
	if e.evidence == nil || len(records) == 0 || ledger.MatchRecords(receipt, records) != nil {
		return nil
	}
	if err := e.evidence.KeepRecords(ctx, id, records); err != nil {
		return fmt.Errorf("keeping the events of %s: %w", id, err)
	}
	return nil
}

var errNoAnswer = errors.New("the central gave no answer for the command")

// waiting puts an entry back until what it lacks has arrived.
func (e *Engine) waiting(ctx context.Context, now time.Time, q QueuedCommand, w wire.WaitingFor) error {
	why := "Aguardando a central receber os atos de que este depende."
	switch {
	case w.Recovery:
		why = "A central foi restaurada de uma cópia de segurança e está recebendo de volta os atos feitos depois dela. Este será enviado em seguida."
		if e.watch.recovery == nil || !e.watch.recovery.Open {
			e.watch.due = now // it has just begun
		}
	case len(w.Blobs) > 0:
		why = "Aguardando o envio do arquivo."
	}
	if err := e.store.MarkWaiting(ctx, q.ID, why); err != nil {
		return fmt.Errorf("putting %s back: %w", q.ID, err)
	}
	for _, sha := range w.Blobs {
		if cites(q, sha) {
			e.push.reupload[sha] = true
		}
	}
	e.push.waits[q.ID]++
	if len(w.Blobs) == 0 || e.push.waits[q.ID] > 1 { // the first time, the upload is wait enough
		e.hold(holdKey("command", string(q.ID)), now, errNoAnswer)
	}
	return nil
}

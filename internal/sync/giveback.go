package sync

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

var errGiveBack = "A central respondeu à devolução de atos com algo que não confere. Nada foi dado como devolvido; avise o suporte."

// stepGiveBack hands the next acts back to a central that was restored from a
// backup, before anything new is sent to it: its push tokens are old, and an act
// that came before its predecessors would take their place.
func (e *Engine) stepGiveBack(ctx context.Context, now time.Time) outcome {
	w := &e.watch
	if !e.watches() || w.recovery == nil || w.given || e.push.answer != nil {
		return outcome{}
	}
	if until, paused := e.waitOf(GivingBack, now); paused {
		return outcome{next: until}
	}
	o := outcome{did: GivingBack}
	request, device, err := e.nextGiveBack(ctx, *w.recovery)
	if err != nil {
		o.err = err
		e.storeFailed(GivingBack, now, err)
		return o
	}
	if len(request.Acts) == 0 && !w.recovery.Open { // nothing was held, and nobody waits for it
		o.err = e.storeGiven(ctx, now, wire.GiveBackAnswer{Recovery: w.recovery.ID}, true)
		return o
	}
	e.working(stepMachine)
	response, err := e.log.GiveBack(ctx, request)
	if err != nil {
		o.err = err
		e.giveBackFailed(ctx, now, err)
		return o
	}
	answer, err := e.openGiven(ctx, response.Answer, device, request)
	if err != nil {
		o.err = sei.Wrap(err, CodeReceipt, errGiveBack)
		e.failed(GivingBack, now, o.err)
		return o
	}
	e.answered(GivingBack)
	o.err = e.storeGiven(ctx, now, answer, request.Done)
	return o
}

// nextGiveBack takes as many acts as fit into one request; the last request takes
// none and says so.
func (e *Engine) nextGiveBack(ctx context.Context, r ledger.RecoveryStatement) (wire.GiveBackRequest, Device, error) {
	device, err := e.store.Device(ctx)
	if err != nil {
		return wire.GiveBackRequest{}, device, err
	}
	state, err := e.evidence.LogState(ctx)
	if err != nil {
		return wire.GiveBackRequest{}, device, err
	}
	request := wire.GiveBackRequest{Form: 1, Recovery: r.ID, Nonce: e.nonce(), Checkpoint: state.Checkpoint, Epoch: device.Epoch}
	acts, err := e.evidence.HeldActs(ctx, r.ID, r.Until, wire.MaxGiveBack)
	if err != nil {
		return request, device, err
	}
	size := int64(0)
	for _, a := range acts {
		data, err := json.Marshal(a)
		if err != nil {
			return request, device, err
		}
		if size += int64(len(data)); size > e.limits.PushBytes && len(request.Acts) > 0 {
			break
		}
		request.Acts = append(request.Acts, a)
	}
	if request.Done = len(acts) == 0; request.Done {
		request.Numbers, err = e.evidence.HeldNumbers(ctx, wire.MaxGiveBackNumbers)
	}
	return request, device, err
}

// nonce tells one request from another. It need not be secret: nobody but the
// central can seal an answer to it.
func (e *Engine) nonce() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := binary.BigEndian.AppendUint64(nil, uint64(e.rand.Int64N(math.MaxInt64)))
	return binary.BigEndian.AppendUint64(n, uint64(e.rand.Int64N(math.MaxInt64)))
}

func (e *Engine) openGiven(ctx context.Context, s ledger.Sealed, device Device, request wire.GiveBackRequest) (wire.GiveBackAnswer, error) {
	key, err := e.keyOf(ctx, s)
	if err != nil {
		return wire.GiveBackAnswer{}, err
	}
	return wire.OpenGiveBack(key, s, device.ID, request)
}

func (e *Engine) storeGiven(ctx context.Context, now time.Time, a wire.GiveBackAnswer, done bool) error {
	if a.PushToken != "" {
		if err := e.store.SetPushToken(ctx, a.PushToken); err != nil {
			e.storeFailed(GivingBack, now, err)
			return err
		}
	}
	if err := e.evidence.GivenBack(ctx, a.Recovery, a.Results, done); err != nil {
		e.storeFailed(GivingBack, now, err)
		return err
	}
	e.stored(GivingBack)
	e.watch.given = done
	e.watch.lacking = true
	if done {
		e.pull.ask(now)
		e.lease.due = true
	}
	return nil
}

// giveBackFailed: the central may be in another recovery by now.
func (e *Engine) giveBackFailed(ctx context.Context, now time.Time, err error) {
	if ctx.Err() != nil {
		return
	}
	e.failed(GivingBack, now, err)
	if sei.CodeOf(err) == sei.CodeConflict {
		e.watch.due = now
		e.rest(GivingBack, now, err)
	}
}

// lackingFile is the next file that a restored central wants again.
func (e *Engine) lackingFile(ctx context.Context) (*neededBlob, error) {
	if !e.watches() || !e.watch.lacking {
		return nil, nil
	}
	files, err := e.evidence.LackingFiles(ctx, 1)
	if err != nil || len(files) == 0 {
		e.watch.lacking = err != nil
		return nil, err
	}
	return &neededBlob{ref: files[0]}, nil
}

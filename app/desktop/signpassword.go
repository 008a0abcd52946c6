package desktop

import (
	"context"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const codePasswordWrong = "password.wrong"

// signAllWithPassword sends up what will be signed, document by document, and
// then hands all signatures in with the password, which the central checks once.
func (a *account) signAllWithPassword(ctx batchContext, b *runningBatch, password string) {
	var commands []wire.Command
	for i, item := range b.items {
		if ctx.Err() != nil {
			b.stop(keys.ErrCanceled(context.Cause(ctx)))
			return
		}
		b.at(i)
		c, err := a.readyForPassword(ctx, b, item)
		if sei.CodeOf(err) == sei.CodeUnavailable || ctx.Err() != nil {
			b.stop(err)
			return
		}
		if err != nil {
			a.desk.log.Info("signing with the password", "error", err)
			a.failItem(ctx, item.command, err)
			continue
		}
		commands = append(commands, c)
	}
	if len(commands) == 0 {
		return
	}
	if err := a.handIn(ctx, commands, password); err != nil {
		b.stop(err)
	}
	a.engine.Nudge()
}

// readyForPassword sees to it that the central has all it needs to decide the
// signature, and writes its command.
func (a *account) readyForPassword(ctx context.Context, b *runningBatch, item batchItem) (wire.Command, error) {
	queue, err := a.waiting(ctx, item.prepared.process)
	if err != nil {
		return wire.Command{}, err
	}
	if waits(queue, item.document) {
		return wire.Command{}, sei.Errorf(sei.CodeConflict, "O documento ainda aguarda envio à central. Espere o envio terminar e assine de novo.")
	}
	entry, err := a.compose(ctx, act{process: item.prepared.process, body: item.body(b, sei.ByPassword), id: item.command})
	if err != nil {
		return wire.Command{}, err
	}
	if item.prepared.frozen == nil {
		return entry.Command, nil
	}
	if err := a.uploadNow(ctx, item.prepared.content); err != nil {
		return wire.Command{}, err
	}
	return entry.Command, a.store.MarkUploaded(ctx, item.prepared.content.SHA256)
}

// handIn hands signatures in and keeps what the central answers. When no answer
// comes, the central is asked for each.
func (a *account) handIn(ctx context.Context, commands []wire.Command, password string) error {
	sealed, err := a.store.HandIn(ctx, commands)
	if err != nil {
		return err
	}
	results, err := a.client.SignWithPassword(ctx, sealed, password)
	if err != nil {
		a.unanswered(ctx, commands, err)
		return err
	}
	var failure error
	for i, c := range commands {
		if err := a.keepSigned(ctx, c, sealed[i], results[i]); err != nil && failure == nil {
			failure = err
		}
	}
	return failure
}

// unanswered sees what became of signatures that were handed in without an answer:
// what the central refused as a whole is put back, what may have reached it is asked for.
func (a *account) unanswered(ctx context.Context, commands []wire.Command, why error) {
	if ctx.Err() != nil {
		return // asked for when the batch is taken up again
	}
	if code := sei.CodeOf(why); code != sei.CodeUnavailable && code != sei.CodeInternal {
		ids := make([]sei.CommandID, len(commands))
		for i, c := range commands {
			ids[i] = c.ID
		}
		if err := a.store.NotHandedIn(ctx, ids); err != nil {
			a.desk.log.Warn("taking back signatures", "error", err)
		}
		return
	}
	a.settleHanded(ctx)
}

// keepSigned keeps the central's answer to one signature: a receipt that accepts
// it, or why it was not made.
func (a *account) keepSigned(ctx context.Context, c wire.Command, sealed ledger.Sealed, result wire.PushResult) error {
	receipt, err := a.openAnswer(ctx, c.ID, sealed.Hash(), result)
	if err == nil && !receipt.Accepted {
		err = sei.Errorf(sei.Code(receipt.Code), "%s", receipt.Message)
	}
	if err != nil {
		a.failItem(ctx, c.ID, err)
		return nil
	}
	if ledger.MatchRecords(receipt, result.Records) == nil {
		if err := a.store.KeepRecords(ctx, c.ID, result.Records); err != nil {
			return fmt.Errorf("keeping the events of a signature: %w", err)
		}
	}
	if err := a.store.KeepSigned(ctx, c, *result.Receipt, receipt); err != nil {
		return fmt.Errorf("keeping the receipt of a signature: %w", err)
	}
	if cmd, err := c.Decode(); err == nil {
		a.forgetPrepared(ctx, sei.DocumentOf(cmd.Body))
	}
	return nil
}

// askForHanded settles what an earlier batch left without an answer. What a running
// one has handed in is that one's to settle.
func (a *account) askForHanded(ctx context.Context) {
	if a.running() == nil {
		a.settleHanded(ctx)
	}
}

// settleHanded asks the central what it answered to signatures whose answer never
// came. What it has no answer to is put back, to be signed again; should it come
// to it after all, the rule that nobody signs twice refuses the second.
func (a *account) settleHanded(ctx context.Context) {
	open, err := a.store.HandedIn(ctx)
	if err != nil {
		a.desk.log.Warn("reading signatures without an answer", "error", err)
		return
	}
	for _, h := range open {
		if err := a.settleOneHanded(ctx, h); err != nil {
			a.desk.log.Info("asking for a signature's receipt", "error", err)
			return // no connection: asked again later
		}
	}
}

func (a *account) settleOneHanded(ctx context.Context, h local.Handed) error {
	proof, err := a.client.ReceiptProof(ctx, h.Command.ID)
	if sei.CodeOf(err) == sei.CodeNotFound {
		return a.store.NotHandedIn(ctx, []sei.CommandID{h.Command.ID})
	}
	if err != nil {
		return err
	}
	return a.keepSigned(ctx, h.Command, h.Sealed, wire.PushResult{Command: h.Command.ID, Receipt: &proof.Receipt})
}

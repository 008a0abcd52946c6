package local

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func (w *world) batch(id string, items ...sei.CommandID) SignBatch {
	b := SignBatch{ID: id, Unit: myUnit, Details: SignDetails{Signer: "Ana Souza", Agency: "spgg", Position: "Chefe", Method: "certificate"}}
	for _, c := range items {
		b.Items = append(b.Items, SignBatchItem{Command: c, Process: "p1", Document: sei.DocumentID("d-" + c), Labels: SignLabels{Title: "Despacho"}})
	}
	return b
}

// signature is a command with an id that a batch has given it.
func (w *world) signature(id sei.CommandID) wire.Command {
	w.t.Helper()
	c := w.command("p1", sei.SignDocument{Document: sei.DocumentID("d-" + id), Method: sei.ByToken, Position: "Chefe"})
	c.ID = id
	return c
}

func TestASignatureOfABatchIsQueuedOnceWhateverHappens(t *testing.T) {
	w := newWorld(t)
	w.ok(w.StartSignBatch(w.ctx, w.batch("b1", "c1", "c2")))
	w.ok(w.EnqueueSigned(w.ctx, Entry{Command: w.signature("c1")}))
	w.refused(w.EnqueueSigned(w.ctx, Entry{Command: w.signature("c1")}), sei.CodeConflict)
	w.refused(w.EnqueueSigned(w.ctx, Entry{Command: w.signature("unknown")}), sei.CodeConflict)
	w.reopen()
	open, err := w.OpenSignBatches(w.ctx)
	w.ok(err)
	if len(open) != 1 || open[0].Items[0].State != SignSigned || open[0].Items[0].Outbox != StateQueued || open[0].Items[1].State != SignWaiting {
		t.Fatalf("after a restart: %+v", open)
	}
	if open[0].Details.Position != "Chefe" || open[0].Items[1].Labels.Title != "Despacho" {
		t.Errorf("after a restart: %+v", open[0])
	}
	w.refused(w.EnqueueSigned(w.ctx, Entry{Command: w.signature("c1")}), sei.CodeConflict)
	if n := len(mustQueued(w)); n != 1 {
		t.Errorf("%d signatures wait, not 1", n)
	}
}

func TestABatchThatTakesUpAnotherEndsIt(t *testing.T) {
	w := newWorld(t)
	w.ok(w.StartSignBatch(w.ctx, w.batch("b1", "c1", "c2")))
	w.ok(w.StartSignBatch(w.ctx, w.batch("b2", "c3"), "b1"))
	w.ok(w.FailSigned(w.ctx, "c3", sei.CodeContentDiffers, "O documento mudou."))
	open, err := w.OpenSignBatches(w.ctx)
	w.ok(err)
	if len(open) != 1 || open[0].ID != "b2" || open[0].Items[0].Why != "O documento mudou." {
		t.Fatalf("open: %+v", open)
	}
	w.ok(w.EndSignBatch(w.ctx, "b2", "keys.token_removed", "O token foi retirado."))
	w.ok(w.EndSignBatch(w.ctx, "b2", "", "")) // the first end stands
	b, ok, err := w.SignBatch(w.ctx, "b2")
	w.ok(err)
	if !ok || b.Code != "keys.token_removed" || b.Ended.IsZero() {
		t.Errorf("ended as %+v", b)
	}
}

func TestABatchHasALimit(t *testing.T) {
	w := newWorld(t)
	w.refused(w.StartSignBatch(w.ctx, w.batch("b1")), sei.CodeTooLarge)
	w.refused(w.StartSignBatch(w.ctx, w.batch("b1", make([]sei.CommandID, MaxSignBatch+1)...)), sei.CodeTooLarge)
}

func TestASignatureThatWasHandedInIsKeptUntilItIsKnownWhatBecameOfIt(t *testing.T) {
	w := newWorld(t)
	w.ok(w.StartSignBatch(w.ctx, w.batch("b1", "c1", "c2")))
	sealed, err := w.HandIn(w.ctx, []wire.Command{w.signature("c1"), w.signature("c2")})
	w.ok(err)
	w.reopen()
	handed, err := w.HandedIn(w.ctx)
	w.ok(err)
	if len(handed) != 2 || handed[0].Command.ID != "c1" || handed[0].Sealed.Hash() != sealed[0].Hash() {
		t.Fatalf("after a restart: %+v", handed)
	}
	r := ledger.Receipt{Form: 1, Command: "c1", At: w.clock.now, Accepted: true}
	receipt, err := ledger.SealReceipt(w.central, r)
	w.ok(err)
	w.ok(w.KeepSigned(w.ctx, handed[0].Command, receipt, r))
	w.refused(w.KeepSigned(w.ctx, handed[0].Command, receipt, r), sei.CodeConflict)
	w.ok(w.NotHandedIn(w.ctx, []sei.CommandID{"c1", "c2"})) // c1 has its answer, and keeps it
	b, _, err := w.SignBatch(w.ctx, "b1")
	w.ok(err)
	if b.Items[0].Outbox != StateAccepted || b.Items[1].State != SignWaiting {
		t.Errorf("the batch stands at %+v", b.Items)
	}
	if handed, err = w.HandedIn(w.ctx); err != nil || len(handed) != 0 {
		t.Errorf("still without an answer: %v, %v", handed, err)
	}
}

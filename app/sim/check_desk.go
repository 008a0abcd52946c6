package sim

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// checkDesk looks at what a desk shows: invariants 1, 5, 7 and 8.
func (w *world) checkDesk(d *desk) {
	ctx := context.Background()
	for _, id := range sortedKeys(d.seen.entries) {
		w.checkEntry(ctx, d, id, d.seen.entries[id])
	}
	for _, id := range w.known {
		w.checkNotBack(ctx, d, id)
	}
	for _, doc := range sortedKeys(d.seen.drafts) {
		draft, ok, err := d.store.Draft(ctx, doc)
		w.must(err)
		if !ok || string(draft.Text) != d.seen.drafts[doc] {
			w.violate(Texts, "%s has lost the draft of %s", d.name, w.short(string(doc)))
		}
	}
}

// final says that an entry's state does not change any more. A refusal that was
// only concluded from another may still be replaced by the central's own answer.
func final(s local.OutboxState) bool { return s == local.StateAccepted || s == local.StateWithdrawn }

func (w *world) checkEntry(ctx context.Context, d *desk, id sei.CommandID, seen *entrySeen) {
	if final(seen.state) {
		if seen.state == local.StateAccepted {
			w.checkSeen(ctx, d, id, seen)
		}
		return
	}
	e, ok, err := d.store.OutboxEntry(ctx, id)
	w.must(err)
	if !ok {
		w.violate(Promises, "%s has lost %s (%s), which stood as %s", d.name, w.short(string(id)), seen.kind, seen.state)
	}
	if e.State == local.StateAccepted {
		seen.events = w.checkReceipt(ctx, d, id)
		w.reached("accepted " + string(e.Kind))
	}
	if e.State == local.StateRefused && seen.state != local.StateRefused {
		w.tracef("    %s shows %s as refused: %s", d.name, w.short(string(id)), e.Code)
		w.reached("refused " + string(e.Code))
	}
	seen.state = e.State
}

// checkReceipt is invariant 7 for an entry that shows as accepted: the receipt
// is there, signed by the central, and the central has the act (invariant 1).
func (w *world) checkReceipt(ctx context.Context, d *desk, id sei.CommandID) []ledger.Citation {
	sealed, ok, err := d.store.Receipt(ctx, id)
	w.must(err)
	if !ok {
		w.violate(ReceiptFirst, "%s shows %s as accepted without a receipt", d.name, w.short(string(id)))
	}
	key, err := central.ReceiptPublicKey(w.central.dir)
	w.must(err)
	if err := sealed.Verify(key, ledger.TypeReceipt); err != nil {
		w.violate(ReceiptFirst, "%s shows %s as accepted with a receipt that does not verify: %v", d.name, w.short(string(id)), err)
	}
	var r ledger.Receipt
	w.must(json.Unmarshal(sealed.Payload, &r))
	if r.Command != string(id) || !r.Accepted {
		w.violate(ReceiptFirst, "%s shows %s as accepted; the receipt is of %s, accepted=%v", d.name, w.short(string(id)), w.short(r.Command), r.Accepted)
	}
	p := promise{desk: d.name, receipt: r}
	if old, had := w.book.promised[id]; had && old.lost {
		p.lost = true
	}
	w.book.promised[id] = p
	if w.central.running() && !p.lost {
		w.checkPromise(id, p)
	}
	return r.Events
}

// checkSeen is invariant 8 for an accepted act: the desk that made it shows it,
// as queued or in the history, unless the right to the process was taken away.
func (w *world) checkSeen(ctx context.Context, d *desk, id sei.CommandID, seen *entrySeen) {
	if len(seen.events) == 0 {
		return
	}
	snap, err := d.store.Snapshot(ctx, seen.process)
	w.must(err)
	if slices.ContainsFunc(snap.Queue, func(o local.Overlay) bool { return o.Command.ID == id }) {
		return
	}
	if snap.Process == nil { // revoked: its rows are gone, and with them the right to see it
		return
	}
	if w.notYetMembers { // the unit's rights were gone for a while, and with them what it had waiting
		return
	}
	last := seen.events[len(seen.events)-1]
	if snap.Process.Version < last.Version && !w.book.promised[id].lost {
		w.violate(Monotonic, "%s does not show its own %s (%s): it is accepted as version %d, and %s stands at %d",
			d.name, w.short(string(id)), seen.kind, last.Version, w.short(string(seen.process)), snap.Process.Version)
	}
}

// checkNotBack is invariant 8 for one process: what was shown once is not
// replaced by something older.
func (w *world) checkNotBack(ctx context.Context, d *desk, id sei.ProcessID) {
	p, err := d.store.Process(ctx, id)
	if err != nil && sei.CodeOf(err) != sei.CodeNotFound {
		w.must(err)
	}
	before := d.seen.versions[id]
	switch {
	case p == nil && before > 0:
		w.violate(Monotonic, "%s showed %s at version %d and shows it no more", d.name, w.short(string(id)), before)
	case p == nil:
	case p.Version < before:
		w.violate(Monotonic, "%s showed %s at version %d and shows version %d", d.name, w.short(string(id)), before, p.Version)
	default:
		d.seen.versions[id] = p.Version
	}
}

// checkKept is invariant 5 at a desk: a text that the central did not take can
// still be had.
func (w *world) checkKept(d *desk) {
	ctx := context.Background()
	for _, id := range sortedKeys(d.seen.entries) {
		t, ours := w.book.texts[sei.RevisionID(id)]
		if !ours {
			continue
		}
		cmd, err := d.store.OutboxCommand(ctx, id)
		if err != nil {
			w.violate(Texts, "%s has lost the text %s: %v", d.name, w.short(string(id)), err)
		}
		got := ""
		switch b := cmd.Body.(type) {
		case sei.AddDocument:
			got = string(b.Text)
		case sei.EditMinute:
			got = string(b.Text)
		}
		if got != t.text {
			w.violate(Texts, "%s keeps another text as %s", d.name, w.short(string(id)))
		}
	}
}

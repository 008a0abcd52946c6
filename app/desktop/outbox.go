package desktop

import (
	"context"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Outbox is the queue and what the central refused, as the window sees them.
type Outbox struct{ desk *Desk }

const maxShown = local.MaxWaiting // entries of a list

// List is what waits or is on its way, in order.
func (x *Outbox) List() ([]QueueView, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	entries, err := a.store.Outbox(x.desk.ctx(), maxShown)
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", err)
	}
	state, err := a.queueState(x.desk.ctx(), entries)
	if err != nil {
		return nil, err
	}
	out := []QueueView{}
	for _, e := range entries {
		v := queueView(e)
		state.explain(&v, e)
		if v.CanWithdraw {
			v.WithIt = a.withIt(x.desk.ctx(), e.ID)
		}
		out = append(out, v)
	}
	return out, nil
}

// queueState gathers what the queue waits for, as it is now.
func (a *account) queueState(ctx context.Context, entries []local.OutboxEntry) (*queueState, error) {
	waits, err := a.store.Waits(ctx)
	if err != nil {
		return nil, err
	}
	status, _ := a.engine.Status()
	q := &queueState{status: status, waits: waits, entries: map[sei.CommandID]local.OutboxEntry{}, attempt: a.engine.Attempt}
	for _, e := range entries {
		q.entries[e.ID] = e
	}
	return q, nil
}

// Fates says how entries stand that the window queued: still waiting, accepted,
// refused or withdrawn. One that nobody knows is left out.
func (x *Outbox) Fates(ids []string) ([]QueueView, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	if len(ids) > maxShown {
		return nil, sei.Errorf(sei.CodeTooMany, "Pergunte por no máximo %d itens da fila de cada vez.", maxShown)
	}
	out := []QueueView{}
	for _, id := range ids {
		e, known, err := a.store.OutboxEntry(x.desk.ctx(), sei.CommandID(id))
		if err != nil {
			return nil, fmt.Errorf("reading the queue: %w", err)
		}
		if known {
			out = append(out, queueView(e))
		}
	}
	return out, nil
}

// withIt names what would be withdrawn along with an entry.
func (a *account) withIt(ctx context.Context, id sei.CommandID) []string {
	plan, err := a.store.WithdrawPlan(ctx, id)
	if err != nil {
		return []string{}
	}
	names := []string{}
	for _, p := range plan {
		if p.ID != id {
			names = append(names, p.Title)
		}
	}
	return names
}

func queueView(e local.OutboxEntry) QueueView {
	v := QueueView{
		ID: string(e.ID), Title: e.Title, Process: string(e.Process), Number: e.ProcessLabel, Document: e.DocumentLabel,
		State: string(e.State), StateName: e.State.Name(), At: e.Created, WithIt: []string{},
		CanWithdraw: e.State == local.StateQueued,
	}
	switch e.State {
	case local.StateRefused:
		v.Code, v.Reason = string(e.Code), e.Why
		offerKept(&v, e)
	case local.StateWithdrawn:
		offerKept(&v, e)
	default:
		v.Waiting = e.Why
	}
	return v
}

// offerKept says what of an entry that is not going any more can be taken up
// again: the store keeps it until the servant dismisses the entry.
func offerKept(v *QueueView, e local.OutboxEntry) {
	v.KeptText = e.Kind == sei.CmdAddDocument || e.Kind == sei.CmdEditMinute
	if e.Kind == sei.CmdSignDocument || e.Kind == sei.CmdRegisterExternal {
		v.KeptURL = "/content/kept/" + string(e.ID)
	}
}

// queueViews lists what waits or was refused about one process.
func (a *account) queueViews(ctx context.Context, id sei.ProcessID) ([]QueueView, error) {
	entries, err := a.store.OutboxOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", err)
	}
	out := []QueueView{}
	for _, e := range entries {
		out = append(out, queueView(e))
	}
	return out, nil
}

// Refused is what stands under "Recusados pela central".
func (x *Outbox) Refused() ([]QueueView, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	entries, err := a.store.Refused(x.desk.ctx(), maxShown)
	if err != nil {
		return nil, fmt.Errorf("reading the refused: %w", err)
	}
	return convert(entries, queueView), nil
}

// Withdrawn is what the servant took back and whose text or file is still here.
// An entry that carried neither has nothing to take up and is not listed.
func (x *Outbox) Withdrawn() ([]QueueView, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	entries, err := a.store.Withdrawn(x.desk.ctx(), maxShown)
	if err != nil {
		return nil, fmt.Errorf("reading the withdrawn: %w", err)
	}
	out := []QueueView{}
	for _, e := range entries {
		if v := queueView(e); v.KeptText || v.KeptURL != "" {
			out = append(out, v)
		}
	}
	return out, nil
}

// Withdraw takes an entry back, with those that depend on it.
func (x *Outbox) Withdraw(id string) error {
	a, err := x.desk.current()
	if err != nil {
		return err
	}
	return a.withdraw(x.desk.ctx(), sei.CommandID(id))
}

// attemptWait is how long a withdrawal waits for an attempt to send that is
// under way: where the central is not there, it ends at once.
const attemptWait = 3 * time.Second

func (a *account) withdraw(ctx context.Context, id sei.CommandID) error {
	changed, stop, listening := a.desk.changes.listen()
	if listening {
		defer stop()
	}
	late := time.NewTimer(attemptWait)
	defer late.Stop()
	for {
		_, err := a.store.Withdraw(ctx, id)
		if sei.CodeOf(err) != local.CodeSending || !listening {
			return err
		}
		select {
		case <-changed:
		case <-late.C:
			return err
		}
	}
}

// Dismiss takes a refused or withdrawn entry off its list; a receipt stays.
func (x *Outbox) Dismiss(id string) error {
	a, err := x.desk.current()
	if err != nil {
		return err
	}
	return a.store.Dismiss(x.desk.ctx(), sei.CommandID(id))
}

// openAnswer verifies the receipt of a command that was sent at once.
func (a *account) openAnswer(ctx context.Context, id sei.CommandID, sent ledger.Hash, r wire.PushResult) (ledger.Receipt, error) {
	none := ledger.Receipt{}
	switch {
	case r.Problem != nil:
		return none, sei.Errorf(r.Problem.Code, "%s", r.Problem.Message)
	case r.Waiting != nil || r.Receipt == nil:
		return none, sei.Errorf(sei.CodeUnavailable, "A central ainda não recebeu tudo o que a assinatura precisa. Tente de novo em instantes.")
	}
	key, known, err := a.store.ReceiptKey(ctx, r.Receipt.Key)
	if err != nil {
		return none, fmt.Errorf("reading the receipt key: %w", err)
	}
	if !known {
		return none, sei.Errorf(sync.CodeReceipt, "O recibo veio assinado por uma chave que este computador não conhece. Avise o suporte.")
	}
	receipt, err := ledger.OpenReceipt(key, *r.Receipt, string(id), sent)
	if err != nil {
		return none, sei.Wrap(err, sync.CodeReceipt, "O recibo da central não confere. Avise o suporte.")
	}
	return receipt, nil
}

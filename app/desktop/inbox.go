package desktop

import (
	"context"
	"fmt"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Inbox is Controle de Processos, as the window sees it.
type Inbox struct{ desk *Desk }

var inboxSorts = map[string]struct {
	by      local.InboxSort
	reverse bool
}{
	"recent": {local.SortLastEvent, false},
	"oldest": {local.SortSince, true},
	"number": {local.SortNumber, false},
	"type":   {local.SortType, false},
}

// List is a part of the list. Processes that wait to be started stand first
// under Gerados: the central does not know them yet.
func (i *Inbox) List(q InboxQuery) (InboxPage, error) {
	a, err := i.desk.current()
	if err != nil {
		return InboxPage{}, err
	}
	return a.inbox(i.desk.ctx(), q)
}

func (a *account) inbox(ctx context.Context, q InboxQuery) (InboxPage, error) {
	actor := a.actor()
	sort := inboxSorts[q.Sort]
	query := local.InboxQuery{
		Column: local.Column(q.Column), Text: q.Text, Sort: sort.by, Reverse: sort.reverse, Limit: min(max(q.Limit, 1), local.MaxInboxPage),
	}
	if q.Mine {
		query.AssignedTo = actor.User
	}
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return InboxPage{}, err
	}
	waiting, err := a.waitingByProcess(ctx)
	if err != nil {
		return InboxPage{}, err
	}
	page := InboxPage{Lines: []InboxLineView{}}
	unborn, err := a.unborn(ctx, q, waiting, c)
	if err != nil {
		return InboxPage{}, err
	}
	query.Offset = max(q.Offset-len(unborn), 0)
	if q.Offset < len(unborn) {
		page.Lines = append(page.Lines, unborn[q.Offset:]...)
	}
	synced, err := a.store.Inbox(ctx, actor.Unit, query)
	if err != nil {
		return InboxPage{}, fmt.Errorf("reading the list: %w", err)
	}
	for _, l := range synced.Lines {
		page.Lines = append(page.Lines, a.inboxLine(l, waiting, c))
	}
	page.Total = synced.Total + len(unborn)
	return page, nil
}

// waitingByProcess groups the queue by process, for the badges of the list.
func (a *account) waitingByProcess(ctx context.Context) (map[sei.ProcessID][]local.OutboxEntry, error) {
	entries, err := a.store.Outbox(ctx, maxShown)
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", err)
	}
	by := map[sei.ProcessID][]local.OutboxEntry{}
	for _, e := range entries {
		by[e.Process] = append(by[e.Process], e)
	}
	return by, nil
}

func (a *account) inboxLine(l wire.InboxLine, waiting map[sei.ProcessID][]local.OutboxEntry, c *local.Catalogue) InboxLineView {
	t, _ := c.ProcessType(l.Type)
	from, _ := c.Unit(l.From)
	v := InboxLineView{
		ID: string(l.Process), Number: l.Number, Official: l.Number != "", Type: t.Name, Specification: l.Specification,
		Level: int(l.Level), LevelName: l.Level.String(), Received: l.Received, AssignedTo: string(l.AssignedTo),
		From: from.Acronym, Since: l.Since, LastEventAt: l.LastEventAt, Interested: append([]string{}, l.Interested...), Documents: l.Documents,
	}
	if m, ok := c.Member(a.here(), l.AssignedTo); ok {
		v.Assigned = m.Name
	}
	v.Received = v.Received || receivesHere(waiting[l.Process], a.here())
	markQueue(&v, waiting[l.Process])
	return v
}

// receivesHere says whether the unit's receiving of the process is in the queue:
// who opened it has it, and is not told of it as of a new one.
func receivesHere(entries []local.OutboxEntry, unit sei.UnitID) bool {
	return slices.ContainsFunc(entries, func(e local.OutboxEntry) bool { return e.Kind == sei.CmdReceive && e.Unit == unit })
}

// markQueue puts the state of what waits for a process into its line.
func markQueue(v *InboxLineView, entries []local.OutboxEntry) {
	for _, e := range entries {
		switch {
		case e.State == local.StateAccepted: // its rows are on their way
			continue
		case e.State == local.StateSending:
			v.Queue = "sending"
		case v.Queue == "":
			v.Queue = "queued"
		}
		if v.QueueText != "" {
			v.QueueText += ", "
		}
		v.QueueText += e.Title
	}
}

// unborn are the processes started here that the central has not numbered.
func (a *account) unborn(ctx context.Context, q InboxQuery, waiting map[sei.ProcessID][]local.OutboxEntry, c *local.Catalogue) ([]InboxLineView, error) {
	if q.Column != "generated" {
		return nil, nil
	}
	unit := a.here()
	var out []InboxLineView
	for id, entries := range waiting {
		if !startsHere(entries, unit) {
			continue
		}
		o, _, err := a.view(ctx, id)
		if sei.CodeOf(err) == sei.CodeNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if o.known || !o.process.OpenIn(unit) || q.Mine && o.process.Units[unit].AssignedTo != a.actor().User {
			continue
		}
		v := unbornLine(o.process, c)
		markQueue(&v, entries)
		if matches(q.Text, v.Number, v.Type, v.Specification) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(x, y InboxLineView) int { return y.LastEventAt.Compare(x.LastEventAt) })
	return out, nil
}

func startsHere(entries []local.OutboxEntry, unit sei.UnitID) bool {
	for _, e := range entries {
		if e.Kind == sei.CmdStartProcess && e.Unit == unit {
			return true
		}
	}
	return false
}

func unbornLine(p *sei.Process, c *local.Catalogue) InboxLineView {
	t, _ := c.ProcessType(p.Type)
	v := InboxLineView{
		ID: string(p.ID), Number: processNumber(p), Type: t.Name, Specification: p.Specification,
		Level: int(p.GlobalLevel()), LevelName: p.GlobalLevel().String(), Received: true,
		Since: p.StartedAt, LastEventAt: p.LastEventAt, Interested: []string{}, Documents: len(p.Order),
	}
	for _, i := range p.Interested {
		v.Interested = append(v.Interested, i.Name)
	}
	return v
}

// Counts are the numbers of the side menu.
func (i *Inbox) Counts() (InboxCounts, error) {
	a, err := i.desk.current()
	if err != nil {
		return InboxCounts{}, err
	}
	return a.counts(i.desk.ctx())
}

func (a *account) counts(ctx context.Context) (InboxCounts, error) {
	actor := a.actor()
	n, err := a.store.InboxCounts(ctx, actor.Unit, actor.User)
	if err != nil {
		return InboxCounts{}, fmt.Errorf("counting the list: %w", err)
	}
	waiting, err := a.waitingByProcess(ctx)
	if err != nil {
		return InboxCounts{}, err
	}
	refused, err := a.store.Refused(ctx, maxShown)
	if err != nil {
		return InboxCounts{}, fmt.Errorf("reading the refused: %w", err)
	}
	drafts, err := a.store.Drafts(ctx)
	if err != nil {
		return InboxCounts{}, fmt.Errorf("reading the drafts: %w", err)
	}
	out := InboxCounts{
		Received: n.Received, NotReceived: n.NotReceived, Returned: n.Returned, Generated: n.Generated, Mine: n.AssignedTo,
		Refused: len(refused), Drafts: len(drafts), Intake: a.intake.waiting(),
	}
	for id, entries := range waiting {
		for _, e := range entries {
			if e.State != local.StateAccepted {
				out.Queued++
			}
		}
		starts, receives := startsHere(entries, actor.Unit), receivesHere(entries, actor.Unit)
		if !starts && !receives {
			continue
		}
		line, known, err := a.store.InboxLine(ctx, actor.Unit, id)
		if err != nil {
			return InboxCounts{}, fmt.Errorf("counting the list: %w", err)
		}
		switch {
		case starts && !known:
			out.Generated++
		case receives && known && !line.Received && out.NotReceived > 0:
			out.NotReceived--
			if line.Generated && out.Returned > 0 {
				out.Returned--
			}
		}
	}
	return out, nil
}

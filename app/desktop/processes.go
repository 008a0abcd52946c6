package desktop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Processes is one process: its head, tree, history and operations, as the window sees it.
type Processes struct{ desk *Desk }

// Open gives a process and receives it when it was not yet.
func (p *Processes) Open(process string) (ProcessView, error) {
	a, err := p.desk.current()
	if err != nil {
		return ProcessView{}, err
	}
	ctx, id := p.desk.ctx(), sei.ProcessID(process)
	o, _, err := a.view(ctx, id)
	if err != nil {
		return ProcessView{}, a.wanted(ctx, id, err)
	}
	if u := o.process.Units[a.here()]; u.Open && !u.Received {
		if _, err := a.enqueueOn(ctx, id, sei.Receive{}); err != nil {
			p.desk.log.Info("receiving on opening", "error", err)
		}
	}
	return a.processView(ctx, id)
}

// wanted asks the central for a process that is not here, such as a public one
// of another unit found by search.
func (a *account) wanted(ctx context.Context, id sei.ProcessID, err error) error {
	if sei.CodeOf(err) != sei.CodeNotFound {
		return err
	}
	entries, err := a.store.OutboxOf(ctx, id)
	if err != nil {
		return fmt.Errorf("reading the queue: %w", err)
	}
	for _, e := range entries {
		// The central never had it, and would be asked in vain.
		if e.Kind == sei.CmdStartProcess && (e.State == local.StateWithdrawn || e.State == local.StateRefused) {
			return sei.Errorf(sei.CodeNotFound, "Este processo não chegou a existir: o início dele foi %s. Use o que foi guardado em outro processo.", e.State.Name())
		}
	}
	if err := a.store.WantProcess(ctx, id); err != nil {
		return fmt.Errorf("asking for a process: %w", err)
	}
	a.engine.Nudge()
	return sei.Errorf(sei.CodeUnavailable, "O processo ainda não está neste computador; ele aparece aqui assim que chegar da central.")
}

// Get gives a process without receiving it.
func (p *Processes) Get(process string) (ProcessView, error) {
	a, err := p.desk.current()
	if err != nil {
		return ProcessView{}, err
	}
	return a.processView(p.desk.ctx(), sei.ProcessID(process))
}

func (a *account) processView(ctx context.Context, id sei.ProcessID) (ProcessView, error) {
	o, c, err := a.view(ctx, id)
	if err != nil {
		return ProcessView{}, a.wanted(ctx, id, err)
	}
	p := a.projector(ctx, c)
	if p.userName, err = a.namesIn(ctx, o, p.userName); err != nil {
		return ProcessView{}, err
	}
	v := p.process(o)
	if err := a.addMinutes(ctx, &v, o); err != nil {
		return ProcessView{}, err
	}
	entries, err := a.queueViews(ctx, id)
	v.Queue = entries
	return v, err
}

// projector shows things as the present user in the present unit sees them.
func (a *account) projector(ctx context.Context, c *local.Catalogue) projector {
	unit := a.here()
	person := a.me()
	return projector{
		catalogue: c, actor: a.actor(), publicURL: a.central.Info.PublicURL, now: time.Now().UTC(),
		userName: func(id sei.UserID) string {
			if id == person.ID {
				return person.Name
			}
			m, _ := c.Member(unit, id)
			return m.Name
		},
		hasBlob: func(sha sei.SHA256) bool {
			has, err := a.store.HasBlob(ctx, sha)
			return err == nil && has
		},
	}
}

// namesIn adds to the colleagues' names those that the process's history tells,
// for people of other units.
func (a *account) namesIn(ctx context.Context, o *overlay, colleague func(sei.UserID) string) (func(sei.UserID) string, error) {
	names := map[sei.UserID]string{}
	if o.known {
		events, err := a.store.Events(ctx, o.process.ID)
		if err != nil {
			return nil, fmt.Errorf("reading the history: %w", err)
		}
		for _, e := range events {
			names[sei.UserID(e.Header.User)] = e.User
		}
	}
	return func(id sei.UserID) string {
		if name := colleague(id); name != "" {
			return name
		}
		return names[id]
	}, nil
}

// addMinutes adds to the tree what only texts tell: side revisions and drafts.
func (a *account) addMinutes(ctx context.Context, v *ProcessView, o *overlay) error {
	for i := range v.Documents {
		d := &v.Documents[i]
		if !d.Minute && d.Pen != string(sei.PenYellow) {
			continue
		}
		revisions, err := a.store.Minutes(ctx, sei.DocumentID(d.ID))
		if err != nil {
			return fmt.Errorf("reading the texts of a minute: %w", err)
		}
		for _, r := range revisions {
			if r.Side && !r.Merged {
				d.Sides++
			}
		}
		if e, open, err := a.store.Editing(ctx, a.here(), sei.DocumentID(d.ID), time.Now()); err == nil && open && e.User != a.me().ID {
			d.EditingBy = e.Name
		}
		if draft, ok, err := a.store.Draft(ctx, sei.DocumentID(d.ID)); err == nil && ok && draft.Base != "" && d.State == "registered" {
			d.State = "draft"
		}
	}
	return nil
}

// History is every andamento, newest first; what waits stands on top as a forecast.
func (p *Processes) History(process string) ([]HistoryLine, error) {
	a, err := p.desk.current()
	if err != nil {
		return nil, err
	}
	ctx, id := p.desk.ctx(), sei.ProcessID(process)
	o, c, err := a.view(ctx, id)
	if err != nil {
		return nil, err
	}
	lines := []HistoryLine{}
	if o.known {
		if lines, err = a.acceptedHistory(ctx, id, lines); err != nil {
			return nil, err
		}
	}
	me := a.me()
	for _, e := range o.pending {
		u, _ := c.Unit(e.Event.Unit)
		lines = append(lines, HistoryLine{
			At: e.Event.At, Unit: u.Acronym, User: me.Name, Text: sei.Describe(e.Event, c), Pending: true,
		})
	}
	slices.Reverse(lines)
	return lines, nil
}

func (a *account) acceptedHistory(ctx context.Context, id sei.ProcessID, lines []HistoryLine) ([]HistoryLine, error) {
	events, err := a.store.Events(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	headers := make([]ledger.Header, 0, len(events))
	for _, e := range events {
		headers = append(headers, e.Header)
		lines = append(lines, HistoryLine{
			At: e.Header.At, Unit: e.Unit, User: e.User, Text: e.Text, Version: e.Header.Version, Hash: e.Header.Hash().String(),
		})
	}
	if err := ledger.CheckChain(0, ledger.Hash{}, headers); err != nil {
		return nil, sei.Wrap(err, sei.CodeConflict, "O histórico recebido da central está incompleto ou foi alterado. Sincronize de novo e, se continuar, avise o suporte.")
	}
	return lines, nil
}

// Start opens a process; it is queued.
func (p *Processes) Start(form StartForm) (Queued, error) {
	a, err := p.desk.current()
	if err != nil {
		return Queued{}, err
	}
	contacts, err := contactsOf(form.Interested)
	if err != nil {
		return Queued{}, err
	}
	return a.enqueue(p.desk.ctx(), act{process: sei.ProcessID(newID()), body: sei.StartProcess{
		Type: form.Type, Specification: strings.TrimSpace(form.Specification), Subjects: form.Subjects,
		Interested: contacts, Level: sei.AccessLevel(form.Level), LegalBasis: form.LegalBasis,
	}})
}

func contactsOf(forms []ContactForm) ([]sei.Contact, error) {
	var out []sei.Contact
	for _, f := range forms {
		c, err := contactOf(f)
		if err != nil {
			return nil, err
		}
		if c.Name != "" {
			out = append(out, c)
		}
	}
	return out, nil
}

// enqueueOn queues an act on a process that is known here.
func (a *account) enqueueOn(ctx context.Context, id sei.ProcessID, body sei.CommandBody) (Queued, error) {
	queue, err := a.waiting(ctx, id)
	if err != nil {
		return Queued{}, err
	}
	return a.enqueue(ctx, act{process: id, body: body, dependsOn: dependencies(queue, body)})
}

func (p *Processes) act(process string, body sei.CommandBody) (Queued, error) {
	a, err := p.desk.current()
	if err != nil {
		return Queued{}, err
	}
	return a.enqueueOn(p.desk.ctx(), sei.ProcessID(process), body)
}

// Send queues the sending to other units.
func (p *Processes) Send(form SendForm) (Queued, error) {
	to := make([]sei.UnitID, len(form.To))
	for i, u := range form.To {
		to[i] = sei.UnitID(u)
	}
	return p.act(form.Process, sei.Send{To: to, KeepOpen: form.KeepOpen})
}

// SendPreview tells what the other side will see.
func (p *Processes) SendPreview(process string) (SendPreview, error) {
	a, err := p.desk.current()
	if err != nil {
		return SendPreview{}, err
	}
	o, c, err := a.view(p.desk.ctx(), sei.ProcessID(process))
	if err != nil {
		return SendPreview{}, err
	}
	out := SendPreview{Minutes: []string{}, Visible: []string{}, Warnings: []string{}}
	for _, d := range o.process.DocumentsInOrder() {
		switch {
		case d.Cancelled:
		case d.IsMinute():
			out.Minutes = append(out.Minutes, documentLabel(d, c))
		default:
			out.Visible = append(out.Visible, documentLabel(d, c))
		}
	}
	if len(out.Minutes) > 0 {
		out.Warnings = append(out.Warnings, "Há documentos sem assinatura: a outra unidade verá que existem, mas não o texto.")
	}
	if o.process.GlobalLevel() == sei.Restricted {
		out.Warnings = append(out.Warnings, "O processo é restrito: a unidade de destino passa a ver todo o conteúdo assinado.")
	}
	return out, nil
}

// Assign gives the process to a colleague; "" to nobody.
func (p *Processes) Assign(process, user string) (Queued, error) {
	return p.act(process, sei.Assign{To: sei.UserID(user)})
}

// Conclude closes the process in the unit.
func (p *Processes) Conclude(process string) (Queued, error) { return p.act(process, sei.Conclude{}) }

// Reopen opens it again.
func (p *Processes) Reopen(process string) (Queued, error) { return p.act(process, sei.Reopen{}) }

// Acknowledge gives ciência in the document, or in the process when "".
func (p *Processes) Acknowledge(process, document string) (Queued, error) {
	return p.act(process, sei.Acknowledge{Document: sei.DocumentID(document)})
}

// NoteProgress adds a free andamento.
func (p *Processes) NoteProgress(process, text string) (Queued, error) {
	return p.act(process, sei.NoteProgress{Text: text})
}

package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// work is a servant doing something in the window: on what this desk shows, by
// what the window offers there.
func (d *desk) work(a Action) error {
	ctx := context.Background()
	switch a.Kind {
	case Start:
		return d.startProcess(ctx, a.Dice)
	case Withdraw:
		return d.withdraw(ctx, a.Dice)
	}
	s, err := d.choose(ctx, a)
	if err != nil || s == nil {
		return err
	}
	switch a.Kind {
	case Minute:
		return d.addMinute(ctx, s, a.Dice)
	case External:
		return d.addExternal(ctx, s, a.Dice)
	case Edit:
		return d.edit(ctx, s, a.Dice)
	case Autosave:
		return d.autosave(ctx, s, a.Dice)
	case SignByFile:
		return d.signByFile(ctx, s, a.Dice)
	case SignByWord:
		return d.signByWord(ctx, s, a.Dice)
	case Send:
		return d.queue(ctx, s, sei.Send{To: d.destinations(s, a.Dice), KeepOpen: a.Dice>>9%3 == 0})
	case Receive:
		return d.queue(ctx, s, sei.Receive{})
	case Conclude:
		return d.queue(ctx, s, sei.Conclude{})
	case Reopen:
		return d.queue(ctx, s, sei.Reopen{})
	case Assign:
		return d.queue(ctx, s, sei.Assign{To: d.user})
	case Ack:
		return d.queue(ctx, s, sei.Acknowledge{Document: s.anyDocument(a.Dice)})
	case Note:
		return d.queue(ctx, s, sei.NoteProgress{Text: fmt.Sprintf("Andamento %d", a.Dice%1000)})
	case Open:
		return d.store.WantProcess(ctx, s.id)
	}
	return fmt.Errorf("unknown action %s", a.Kind)
}

// subjectOf is a process as a desk shows it, and the unit to act in.
type shown struct {
	id   sei.ProcessID
	unit sei.UnitID
	local.Snapshot
}

// choose finds a process here that the act makes sense on.
func (d *desk) choose(ctx context.Context, a Action) (*shown, error) {
	units, err := d.store.Units(ctx)
	if err != nil || len(units) == 0 {
		return nil, err
	}
	known := d.w.known
	for i := range known {
		id := known[(int(a.Dice>>4%uint64(len(known)))+i)%len(known)]
		snap, err := d.store.Snapshot(ctx, id)
		if err != nil {
			return nil, err
		}
		if a.Kind == Open {
			if snap.Process == nil {
				return &shown{id: id, Snapshot: snap}, nil
			}
			continue
		}
		for _, u := range units {
			s := &shown{id, u.Unit, snap}
			if s.suits(a.Kind) {
				return s, nil
			}
		}
	}
	return nil, nil
}

// suits says whether the window would offer the act.
func (s *shown) suits(k Kind) bool {
	starting := slices.ContainsFunc(s.Queue, func(o local.Overlay) bool {
		return o.Command.Body.Kind() == sei.CmdStartProcess && o.Unit == s.unit
	})
	if s.Process == nil {
		return starting && k != Receive && k != Reopen
	}
	state, here := s.Process.Units[s.unit]
	switch k {
	case Receive:
		return here && state.Open && !state.Received
	case Reopen:
		return here && !state.Open
	}
	return here && state.Open
}

func (s *shown) anyDocument(dice uint64) sei.DocumentID {
	if s.Process == nil || len(s.Process.Order) == 0 || dice%3 == 0 {
		return ""
	}
	return s.Process.Order[int(dice>>5%uint64(len(s.Process.Order)))]
}

// minute is a minute as this desk shows it: its text now and what that is.
type minute struct {
	id       sei.DocumentID
	unit     sei.UnitID
	number   int64
	text     json.RawMessage
	revision sei.RevisionID
	signed   bool
	numbered bool // a type that the central numbers
	typed    string
}

// minutes lists the internal documents of the acting unit, queue included.
func (s *shown) minutes() []minute {
	var out []minute
	if s.Process != nil {
		for _, doc := range s.Process.DocumentsInOrder() {
			head, ok := s.Heads[doc.ID]
			if doc.Kind == sei.Internal && doc.GeneratingUnit == s.unit && ok {
				out = append(out, minute{doc.ID, s.unit, doc.SEINumber, head.Text, head.ID, doc.Signed(), doc.Type == oficio, doc.Number})
			}
		}
	}
	for _, o := range s.Queue {
		switch b := o.Command.Body.(type) {
		case sei.AddDocument:
			if o.Unit == s.unit && !slices.ContainsFunc(out, func(m minute) bool { return m.id == b.Document }) {
				out = append(out, minute{b.Document, s.unit, b.SEINumber, b.Text, sei.RevisionID(o.Command.ID), false, b.Type == oficio, ""})
			}
		case sei.EditMinute:
			for i := range out {
				if out[i].id == b.Document && !o.TextHere {
					out[i].text, out[i].revision = b.Text, sei.RevisionID(o.Command.ID)
				}
			}
		}
	}
	return out
}

func (s *shown) pickMinute(dice uint64) (minute, bool) {
	all := s.minutes()
	if len(all) == 0 {
		return minute{}, false
	}
	return all[int(dice>>7%uint64(len(all)))], true
}

// queue puts an act into the outbox, waiting for what the window makes it wait for.
func (d *desk) queue(ctx context.Context, s *shown, body sei.CommandBody) error {
	device, err := d.store.Device(ctx)
	if err != nil {
		return err
	}
	id := sei.CommandID(d.newID())
	c, err := wire.NewCommand(wire.Command{
		ID: id, Process: s.id, User: d.user, Unit: s.unit, Device: device.ID, Epoch: device.Epoch,
		DependsOn: dependencies(s.Queue, body), DeclaredAt: d.time().UTC().Truncate(time.Microsecond),
	}, body)
	if err != nil {
		return err
	}
	entry := local.Entry{Command: c}
	if b, ok := body.(sei.EditMinute); ok {
		entry.ForgetDraft = b.Document
	}
	d.w.tracef("    queues %s: %s of %s in %s%s", d.w.name("c", string(id)), body.Kind(), d.w.short(string(s.id)), s.unit, d.about(body))
	d.w.book.note(d, c, body)
	if err := d.store.Enqueue(ctx, entry); err != nil {
		return err
	}
	d.mustLive("after queueing")
	d.seen.queued(c)
	d.w.reached("queued " + string(body.Kind()))
	d.engine.Nudge()
	return nil
}

func (d *desk) about(body sei.CommandBody) string {
	if doc := sei.DocumentOf(body); doc != "" {
		return ", " + d.w.short(string(doc))
	}
	if b, ok := body.(sei.Send); ok {
		return fmt.Sprintf(" to %v keep=%v", b.To, b.KeepOpen)
	}
	return ""
}

// dependencies are those that the window writes: what starts the process, what
// the document came from, and for a sending all that weighs before it.
func dependencies(queue []local.Overlay, body sei.CommandBody) []sei.CommandID {
	var ids []sei.CommandID
	doc := sei.DocumentOf(body)
	last := body.Kind() == sei.CmdSend || body.Kind() == sei.CmdConclude
	for _, q := range queue {
		k := q.Command.Body.Kind()
		founds := k == sei.CmdStartProcess || doc != "" && sei.DocumentOf(q.Command.Body) == doc
		weighs := k != sei.CmdReceive && k != sei.CmdAssign && k != sei.CmdNoteProgress && k != sei.CmdAcknowledge
		if founds || last && weighs {
			ids = append(ids, q.Command.ID)
		}
	}
	return ids
}

func (d *desk) startProcess(ctx context.Context, dice uint64) error {
	units, err := d.store.Units(ctx)
	if err != nil || len(units) == 0 {
		return err
	}
	id := sei.ProcessID(d.newID())
	d.w.name("p", string(id))
	d.w.known = append(d.w.known, id)
	body := sei.StartProcess{Type: publicType, Specification: "Processo " + d.w.short(string(id)), Subjects: []int{subject}}
	if dice>>3%3 == 0 {
		body.Type, body.Level, body.LegalBasis = restrictedType, sei.Restricted, personal
		body.Specification += " " + d.w.book.secret(id)
	}
	return d.queue(ctx, &shown{id: id, unit: units[int(dice>>6%uint64(len(units)))].Unit}, body)
}

func (d *desk) newText(doc sei.DocumentID, unit sei.UnitID) json.RawMessage {
	return richtext.FromText(fmt.Sprintf("Texto de %s por %s. %s", d.w.short(string(doc)), d.name, d.w.book.marker(doc, unit))).Canonical()
}

// newDocument takes a leased number where there is one, as the window does.
func (d *desk) newDocument(ctx context.Context, typ int, prefix string) (sei.NewDocument, error) {
	doc := sei.NewDocument{Document: sei.DocumentID(d.newID()), Type: typ}
	d.w.name(prefix, string(doc.Document))
	n, ok, err := d.store.TakeNumber(ctx, doc.Document)
	if ok {
		doc.SEINumber = n
	}
	d.mustLive("after taking a number")
	return doc, err
}

func (d *desk) addMinute(ctx context.Context, s *shown, dice uint64) error {
	typ := despacho
	if dice>>11%4 == 0 {
		typ = oficio
	}
	doc, err := d.newDocument(ctx, typ, "m")
	if err != nil {
		return err
	}
	return d.queue(ctx, s, sei.AddDocument{NewDocument: doc, Text: d.newText(doc.Document, s.unit)})
}

func (d *desk) addExternal(ctx context.Context, s *shown, dice uint64) error {
	data := []byte(fmt.Sprintf("%%PDF-1.7\n%% %d\n", dice))
	data = append(data, bytes.Repeat([]byte("conteúdo "), int(dice>>12%300))...)
	ref, err := d.store.PutBlob(ctx, bytes.NewReader(data), 1<<20, local.PinDraft)
	d.mustLive("after storing a file")
	if err != nil {
		return err
	}
	ref.MIME, ref.Name = "application/pdf", "anexo.pdf"
	doc, err := d.newDocument(ctx, externalType, "x")
	if err != nil {
		return err
	}
	return d.queue(ctx, s, sei.RegisterExternal{NewDocument: doc, File: sei.ExternalFile{Date: "2026-03-01", Format: sei.BornDigital, Content: ref}})
}

func (d *desk) edit(ctx context.Context, s *shown, dice uint64) error {
	m, ok := s.pickMinute(dice)
	if !ok {
		return nil
	}
	body := sei.EditMinute{Document: m.id, Base: m.revision, Text: d.newText(m.id, m.unit), OnSigned: m.signed}
	if dice>>13%3 == 0 { // the servant has seen the other texts and joined them
		rows, err := d.store.Minutes(ctx, m.id)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Side && !r.Merged {
				body.Merges = append(body.Merges, r.ID)
			}
		}
	}
	return d.queue(ctx, s, body)
}

func (d *desk) autosave(ctx context.Context, s *shown, dice uint64) error {
	m, ok := s.pickMinute(dice)
	if !ok {
		return nil
	}
	text := d.newText(m.id, m.unit)
	err := d.store.SaveDraft(ctx, local.Draft{Document: m.id, Process: s.id, Unit: s.unit, Base: m.revision, Text: text})
	d.mustLive("after saving a draft")
	if err == nil {
		d.seen.drafts[m.id] = string(text)
	}
	return err
}

func (d *desk) withdraw(ctx context.Context, dice uint64) error {
	list, err := d.store.Outbox(ctx, 100)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(e local.OutboxEntry) bool { return e.State != local.StateQueued })
	if len(list) == 0 {
		return nil
	}
	e := list[int(dice>>4%uint64(len(list)))]
	gone, err := d.store.Withdraw(ctx, e.ID)
	d.mustLive("after withdrawing")
	for _, g := range gone {
		d.w.tracef("    withdraws %s", d.w.short(string(g.ID)))
	}
	return err
}

// destinations are one or two other units.
func (d *desk) destinations(s *shown, dice uint64) []sei.UnitID {
	var to []sei.UnitID
	for i := range 1 + dice>>10%2 {
		u := allUnits[(dice>>14+i*3)%uint64(len(allUnits))]
		if u != s.unit && !slices.Contains(to, u) {
			to = append(to, u)
		}
	}
	return to
}

// allUnits are those in which somebody of the cast works.
var allUnits = []sei.UnitID{
	"demo-spgg-gab", "demo-spgg-deplan", "demo-spgg-prot", "demo-ses-gab", "demo-ses-daha", "demo-sefaz-gab", "demo-sefaz-te",
}

package desktop

import (
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// queuedCommand is an outbox entry, decoded, that the central has not answered
// or whose answer's rows have not arrived.
type queuedCommand struct {
	ID      sei.CommandID
	Command sei.Command
	Actor   sei.Actor
	Sending bool
	// Side is the central's word that the text was kept beside the current one.
	Side bool
	// EventsHere and TextHere say that the central's rows already show it.
	EventsHere, TextHere bool
}

// pendingEvent is a forecast event and the entry that will cause it.
type pendingEvent struct {
	Entry   sei.CommandID
	Sending bool
	Event   sei.Event
}

// overlay is a process as the servant left it: what the central said, and on
// top of it what waits in the queue, decided by the same rules. It is a
// forecast and is shown as one.
type overlay struct {
	process   *sei.Process // nil when not even a queued command starts it
	known     bool         // the central has it
	pending   []pendingEvent
	revisions map[sei.DocumentID][]sei.Revision // queued texts, oldest first
	heads     map[sei.DocumentID]sei.RevisionInfo
	doubts    map[sei.CommandID]sei.Refusal // entries that the rules here would refuse
	made      map[sei.CommandID]time.Time   // when entries were made
}

// newOverlay folds the queue over base; heads are the current texts as synced.
func newOverlay(base *sei.Process, heads map[sei.DocumentID]sei.RevisionInfo, queue []queuedCommand, c sei.Catalogue, now time.Time) (*overlay, error) {
	o := &overlay{
		known: base != nil, revisions: map[sei.DocumentID][]sei.Revision{}, heads: heads,
		doubts: map[sei.CommandID]sei.Refusal{}, made: map[sei.CommandID]time.Time{},
	}
	if base != nil {
		o.process = base.Clone()
	}
	if o.heads == nil {
		o.heads = map[sei.DocumentID]sei.RevisionInfo{}
	}
	for _, q := range queue {
		o.made[q.ID] = q.Command.DeclaredAt
		if err := o.fold(q, c, now); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *overlay) fold(q queuedCommand, c sei.Catalogue, now time.Time) error {
	if q.EventsHere {
		// The state has it; only its text may still be on its way.
		o.addText(q, arrivedRevision(q))
		return nil
	}
	out, err := o.decide(q.Command, q.Actor, c, now)
	if err != nil {
		return err
	}
	if out.Verdict == sei.Refused {
		o.doubts[q.ID] = *out.Refusal
		return nil
	}
	for _, e := range out.Events {
		if o.process == nil {
			o.process = sei.NewProcess()
		}
		o.process.Apply(e)
		o.pending = append(o.pending, pendingEvent{Entry: q.ID, Sending: q.Sending, Event: e})
	}
	o.addText(q, out.Revision)
	return nil
}

// addText lays a queued text over the synced ones, unless it is among them.
func (o *overlay) addText(q queuedCommand, r *sei.Revision) {
	if r == nil || q.TextHere {
		return
	}
	o.revisions[r.Document] = append(o.revisions[r.Document], *r)
	if !r.Side {
		o.heads[r.Document] = sei.RevisionInfo{
			ID: r.ID, Hash: r.Hash, Author: q.Actor.User, Name: q.Actor.Name, At: q.Command.DeclaredAt,
		}
	}
}

// arrivedRevision is the text of a command whose events have arrived before it.
func arrivedRevision(q queuedCommand) *sei.Revision {
	r := &sei.Revision{ID: sei.RevisionID(q.ID), Side: q.Side}
	switch b := q.Command.Body.(type) {
	case sei.AddDocument:
		r.Document, r.Text, r.Images = b.Document, b.Text, b.Images
	case sei.EditMinute:
		r.Document, r.Base, r.Merges, r.Text, r.Images = b.Document, b.Base, b.Merges, b.Text, b.Images
	default:
		return nil
	}
	hash, err := hashText(r.Text)
	if err != nil {
		return nil
	}
	r.Hash = hash
	return r
}

// decide asks the rulebook for a forecast; facts that only the central has stay unknown.
func (o *overlay) decide(cmd sei.Command, a sei.Actor, c sei.Catalogue, now time.Time) (sei.Outcome, error) {
	v := &sei.View{Process: o.process, Catalogue: c}
	if doc := sei.DocumentOf(cmd.Body); doc != "" {
		if head, ok := o.heads[doc]; ok {
			v.Facts.Head = &head
		}
	}
	switch b := cmd.Body.(type) {
	case sei.AddDocument:
		v.Facts.TextHash, v.Facts.TextError = hashText(b.Text)
	case sei.EditMinute:
		v.Facts.TextHash, v.Facts.TextError = hashText(b.Text)
	}
	return sei.Decide(v, cmd, a, now)
}

// hashText identifies a minute's text by its canonical form.
func hashText(text []byte) (sei.SHA256, error) {
	doc, err := richtext.Parse(text)
	if err != nil {
		return "", err
	}
	return hexHash(doc.Hash()), nil
}

// can says whether the rulebook would take the command now, and if not, why.
func (o *overlay) can(body sei.CommandBody, a sei.Actor, c sei.Catalogue, now time.Time) Permission {
	if o.process == nil {
		return Permission{Reason: "O processo não foi encontrado."}
	}
	out, err := o.decide(sei.Command{ID: "forecast", Process: o.process.ID, DeclaredAt: now, Body: body}, a, c, now)
	switch {
	case err != nil:
		return Permission{Reason: sei.MessageOf(err)}
	case out.Verdict == sei.Refused:
		return Permission{Reason: out.Refusal.Message}
	}
	return Permission{Allowed: true}
}

// entriesOf lists the queued entries that produced something about the document.
func (o *overlay) entriesOf(id sei.DocumentID) (queued, sending bool) {
	for _, p := range o.pending {
		if _, delivery := p.Event.Payload.(sei.ContentDelivered); delivery || sei.EventDocument(p.Event.Payload) != id {
			continue // sending the process asks nothing of the document itself
		}
		if p.Sending {
			sending = true
		} else {
			queued = true
		}
	}
	return queued, sending
}

// penOf is the pen of a document as the central has it: one that only a queued
// sending would turn black is still yellow, since the sending can be withdrawn.
func (o *overlay) penOf(d *sei.Document) sei.Pen {
	pen := d.PenColour()
	if pen == sei.PenBlack && slices.ContainsFunc(o.pending, func(p pendingEvent) bool {
		e, delivered := p.Event.Payload.(sei.ContentDelivered)
		return delivered && e.Document == d.ID
	}) {
		return sei.PenYellow
	}
	return pen
}

// queuedAt is when a queued text was saved here.
func (o *overlay) queuedAt(r sei.RevisionID) time.Time { return o.made[sei.CommandID(r)] }

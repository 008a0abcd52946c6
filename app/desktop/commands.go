package desktop

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// What a queued act says: without connection it waits, with one it is on its way.
const (
	waitingMessage = "Aguardando envio: será protocolado quando houver conexão."
	leavingMessage = "Na fila: a central confirma em instantes."
)

// queuedMessage says what becomes of something that was just queued.
func (a *account) queuedMessage() string {
	if status, _ := a.engine.Status(); online(status.Phase) {
		return leavingMessage
	}
	return waitingMessage
}

// newID makes the identifier of a new process, document or command.
func newID() string { return protocol.NewID(time.Now(), rand.Reader) }

// view gathers a process with its queue laid over it.
func (a *account) view(ctx context.Context, id sei.ProcessID) (*overlay, *local.Catalogue, error) {
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return nil, nil, err
	}
	now, err := a.store.Snapshot(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	o, err := newOverlay(now.Process, headsOf(now.Heads), a.queueOf(now.Queue), c, time.Now().UTC())
	if err != nil {
		return nil, nil, err
	}
	if o.process == nil {
		return nil, nil, sei.Errorf(sei.CodeNotFound, "O processo não está neste computador.")
	}
	return o, c, nil
}

// headsOf describes the current texts as synced.
func headsOf(rows map[sei.DocumentID]wire.MinuteRow) map[sei.DocumentID]sei.RevisionInfo {
	heads := make(map[sei.DocumentID]sei.RevisionInfo, len(rows))
	for id, m := range rows {
		heads[id] = sei.RevisionInfo{ID: m.ID, Hash: m.Hash, Author: m.Author, Name: m.Name, At: m.At}
	}
	return heads
}

// queueOf puts what waits into the overlay's terms. Entries of another unit of
// the same user keep the unit that they were made in.
func (a *account) queueOf(entries []local.Overlay) []queuedCommand {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]queuedCommand, 0, len(entries))
	for _, e := range entries {
		out = append(out, queuedCommand{
			ID: e.Command.ID, Command: e.Command, Actor: a.actorIn(e.Unit), Sending: e.State == local.StateSending,
			Side: e.Receipt != nil && e.Receipt.Side, EventsHere: e.EventsHere, TextHere: e.TextHere,
		})
	}
	return out
}

// waiting reads what waits for a process.
func (a *account) waiting(ctx context.Context, id sei.ProcessID) ([]queuedCommand, error) {
	entries, err := a.store.QueuedFor(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", err)
	}
	return a.queueOf(entries), nil
}

// act is a command to be queued.
type act struct {
	process   sei.ProcessID
	body      sei.CommandBody
	dependsOn []sei.CommandID
	// id is the command's own, or "" for a new one.
	id sei.CommandID
	// forgetDraft drops the local draft whose text the act carries away.
	forgetDraft sei.DocumentID
}

// enqueue judges the act by the rules here, seals it and puts it into the
// outbox. What the rules refuse now is refused at once, since the servant is
// there to mend it; what they cannot know goes.
func (a *account) enqueue(ctx context.Context, x act) (Queued, error) {
	entry, err := a.compose(ctx, x)
	if err != nil {
		return Queued{}, err
	}
	if err := a.store.Enqueue(ctx, entry); err != nil {
		return Queued{}, err
	}
	a.engine.Nudge()
	return Queued{ID: string(entry.Command.ID), Process: string(x.process), Doc: string(sei.DocumentOf(x.body)), Message: a.queuedMessage()}, nil
}

// compose judges the act and writes its entry for the outbox.
func (a *account) compose(ctx context.Context, x act) (local.Entry, error) {
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return local.Entry{}, err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	o, _, err := a.view(ctx, x.process)
	if sei.CodeOf(err) == sei.CodeNotFound && x.body.Kind() == sei.CmdStartProcess {
		o, err = newOverlay(nil, nil, nil, c, now)
	}
	if err != nil {
		return local.Entry{}, err
	}
	actor := a.actor()
	if x.id == "" {
		x.id = sei.CommandID(newID())
	}
	cmd := sei.Command{ID: x.id, Process: x.process, DeclaredAt: now, Body: x.body}
	out, err := o.decide(cmd, actor, c, now)
	if err != nil {
		return local.Entry{}, err
	}
	if out.Verdict == sei.Refused {
		return local.Entry{}, sei.Errorf(out.Refusal.Code, "%s", out.Refusal.Message)
	}
	envelope, err := a.envelope(ctx, cmd, actor, o, x.dependsOn)
	if err != nil {
		return local.Entry{}, err
	}
	return a.entry(envelope, x, o, c), nil
}

// envelope writes who, where, when and what the command waits for.
func (a *account) envelope(ctx context.Context, cmd sei.Command, actor sei.Actor, o *overlay, dependsOn []sei.CommandID) (wire.Command, error) {
	device, err := a.store.Device(ctx)
	if err != nil {
		return wire.Command{}, fmt.Errorf("reading the workstation's identity: %w", err)
	}
	w := wire.Command{
		ID: cmd.ID, Process: cmd.Process, User: actor.User, Unit: actor.Unit, Device: device.ID, Epoch: device.Epoch,
		DependsOn: dependsOn, DeclaredAt: cmd.DeclaredAt,
	}
	if o.process != nil {
		w.SeenVersion = o.process.Version - int64(len(o.pending))
	}
	return wire.NewCommand(w, cmd.Body)
}

func (a *account) entry(w wire.Command, x act, o *overlay, c sei.Catalogue) local.Entry {
	e := local.Entry{Command: w, ProcessLabel: localReference(x.process), ForgetDraft: x.forgetDraft}
	if o.process != nil {
		e.ProcessLabel = processNumber(o.process)
		if d := o.process.Documents[sei.DocumentOf(x.body)]; d != nil {
			e.DocumentLabel = documentLabel(d, c)
		}
	}
	if n, isNew := newDocumentOf(x.body); isNew {
		e.DocumentLabel = documentLabel(&sei.Document{Type: n.Type, Number: n.Number, TreeName: n.TreeName, SEINumber: n.SEINumber}, c)
	}
	return e
}

// newDocumentOf is the document that an act puts into the tree.
func newDocumentOf(body sei.CommandBody) (sei.NewDocument, bool) {
	switch b := body.(type) {
	case sei.AddDocument:
		return b.NewDocument, true
	case sei.RegisterExternal:
		return b.NewDocument, true
	}
	return sei.NewDocument{}, false
}

// dependencies are the queued entries that an act on the process must wait for:
// what starts the process, what the document came from, and for a sending all
// that was done before it.
func dependencies(queue []queuedCommand, body sei.CommandBody) []sei.CommandID {
	var ids []sei.CommandID
	for _, q := range queue {
		if needsAllBefore(body) && weighs(q.Command.Body.Kind()) || founds(q, sei.DocumentOf(body)) {
			ids = append(ids, q.ID)
		}
	}
	return ids
}

// founds says whether an act on the document makes no sense without the entry:
// it starts the process, or is about the same document.
func founds(q queuedCommand, doc sei.DocumentID) bool {
	return q.Command.Body.Kind() == sei.CmdStartProcess || doc != "" && sei.DocumentOf(q.Command.Body) == doc
}

// waits says whether something that the document is founded on is still queued.
func waits(queue []queuedCommand, doc sei.DocumentID) bool {
	return slices.ContainsFunc(queue, func(q queuedCommand) bool { return founds(q, doc) })
}

// weighs says whether a sending would be wrong without the entry. Who it was
// assigned to, a note or a ciência may fail without keeping the process here.
func weighs(k sei.CommandKind) bool {
	switch k {
	case sei.CmdReceive, sei.CmdAssign, sei.CmdNoteProgress, sei.CmdAcknowledge:
		return false
	}
	return true
}

// needsAllBefore says that an act makes no sense when something done before it
// is refused: a process is not sent without the document it was sent for.
func needsAllBefore(body sei.CommandBody) bool {
	k := body.Kind()
	return k == sei.CmdSend || k == sei.CmdConclude
}

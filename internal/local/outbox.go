package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// OutboxState is where an entry of the outbox stands.
type OutboxState string

// The states: aguardando envio, enviando, registrado, recusado, retirado.
const (
	StateQueued    OutboxState = "queued"
	StateSending   OutboxState = "sending"
	StateAccepted  OutboxState = "accepted"
	StateRefused   OutboxState = "refused"
	StateWithdrawn OutboxState = "withdrawn"
)

// Name is what a servant reads.
func (st OutboxState) Name() string {
	switch st {
	case StateQueued:
		return "aguardando envio"
	case StateSending:
		return "enviando"
	case StateAccepted:
		return "registrado"
	case StateRefused:
		return "recusado"
	case StateWithdrawn:
		return "retirado"
	}
	return string(st)
}

// MaxWaiting limits how many entries may wait to be sent.
const MaxWaiting = 10_000

const maxLabel = 300 // bytes of a title or label

// QueuedCommand is an outbox entry as the sync engine sees it.
type QueuedCommand struct {
	ID     sei.CommandID
	Sealed ledger.Sealed
	// Sent says that the entry was marked as sending and has no verdict: the
	// central may have it already.
	Sent bool
	// DependsOn are outbox entries that must have left first, in the same push
	// or an earlier one.
	DependsOn []sei.CommandID
	Blobs     []sei.BlobRef // that must be uploaded first
}

// Entry is a command to be queued.
type Entry struct {
	// Command comes from wire.NewCommand; its device and epoch are filled in.
	Command       wire.Command
	Title         string // "" takes sei.CommandTitle
	ProcessLabel  string // the process as the list names it
	DocumentLabel string
	// Blobs that must be uploaded first; nil takes those that the body cites.
	Blobs []sei.BlobRef
	// ForgetDraft drops the local draft of the document that the command carries
	// away; its text stays among the local texts.
	ForgetDraft sei.DocumentID
}

// Enqueue queues commands, in their order and all or none. Files they cite
// lose the pin [PinDraft]. Codes: sei.CodeConflict for an id that is there
// already, [CodeDependency] for one that depends on a refused or withdrawn
// entry, sei.CodeTooMany over [MaxWaiting], sei.CodeTooLarge over the wire's limits.
func (s *Store) Enqueue(ctx context.Context, entries ...Entry) error {
	change := Change{Outbox: true}
	err := s.write(ctx, "queueing", func(tx *sql.Tx) error {
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		var waiting int
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')`).Scan(&waiting)
		if err != nil {
			return err
		}
		if waiting+len(entries) > MaxWaiting {
			return sei.Errorf(sei.CodeTooMany, "Há operações demais aguardando envio neste computador. Conecte-se à rede antes de continuar.")
		}
		for _, e := range entries {
			if err := s.enqueue(ctx, tx, d, e); err != nil {
				return err
			}
			change.Processes = append(change.Processes, e.Command.Process)
			change.Drafts = change.Drafts || e.ForgetDraft != ""
		}
		return nil
	})
	if err == nil {
		s.opts.Changed(change)
	}
	return err
}

func (s *Store) enqueue(ctx context.Context, tx *sql.Tx, d deviceFact, e Entry) error {
	c := e.Command
	decoded, err := c.Decode()
	if err != nil {
		return err
	}
	if err := checkNeeds(ctx, tx, c); err != nil {
		return err
	}
	if e.Title == "" {
		e.Title = sei.CommandTitle(c.Kind)
	}
	envelope, err := s.sealEnvelope(d, c)
	if err != nil {
		return err
	}
	document := sei.DocumentOf(decoded.Body)
	res, err := tx.ExecContext(ctx, `INSERT INTO outbox
			(id, kind, process, document, unit, title, process_label, document_label, state, created, envelope)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?) ON CONFLICT (id) DO NOTHING`,
		string(c.ID), string(c.Kind), string(c.Process), string(document), string(c.Unit), cut(e.Title, maxLabel),
		cut(e.ProcessLabel, maxLabel), cut(e.DocumentLabel, maxLabel), stamp(s.opts.Now()), envelope)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, sei.Errorf(sei.CodeConflict, "Esta operação já está na fila de envio."))
	}
	if err := s.linkEntry(ctx, tx, e, decoded.Body); err != nil {
		return err
	}
	if text := textOf(decoded.Body); text != nil {
		if err := s.keepText(ctx, tx, document, text, "enviado"); err != nil {
			return err
		}
	}
	if e.ForgetDraft != "" {
		return s.forgetDraft(ctx, tx, e.ForgetDraft)
	}
	return nil
}

// linkEntry stores what an entry waits for.
func (s *Store) linkEntry(ctx context.Context, tx *sql.Tx, e Entry, body sei.CommandBody) error {
	for _, needs := range e.Command.DependsOn {
		err := exec(ctx, tx, `INSERT INTO outbox_needs (id, needs) VALUES (?, ?) ON CONFLICT DO NOTHING`, string(e.Command.ID), string(needs))
		if err != nil {
			return err
		}
	}
	blobs := e.Blobs
	if blobs == nil {
		blobs = sei.CitedBlobs(body)
	}
	for i, b := range blobs {
		err := exec(ctx, tx, `INSERT INTO outbox_blobs (id, position, sha, size, mime, name) VALUES (?, ?, ?, ?, ?, ?)`,
			string(e.Command.ID), i, string(b.SHA256), b.Size, b.MIME, b.Name)
		if err != nil {
			return err
		}
		if err := exec(ctx, tx, `DELETE FROM pins WHERE sha = ? AND reason = ?`, string(b.SHA256), PinDraft); err != nil {
			return err
		}
	}
	return nil
}

func checkNeeds(ctx context.Context, tx *sql.Tx, c wire.Command) error {
	for _, id := range c.DependsOn {
		var lost bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ? AND state IN ('refused', 'withdrawn'))`, string(id)).Scan(&lost)
		if err != nil {
			return err
		}
		if lost {
			return sei.Errorf(CodeDependency, "Esta operação depende de outra que foi recusada ou retirada. Refaça aquela primeiro.")
		}
	}
	return nil
}

// textOf is the text that a command carries, nil when none.
func textOf(body sei.CommandBody) json.RawMessage {
	switch b := body.(type) {
	case sei.AddDocument:
		return b.Text
	case sei.EditMinute:
		return b.Text
	}
	return nil
}

// sealEnvelope signs a command as the workstation and seals it for the disk.
func (s *Store) sealEnvelope(d deviceFact, c wire.Command) ([]byte, error) {
	sealed, err := sealFor(d, c)
	if err != nil {
		return nil, err
	}
	return s.sealJSON(place("outbox", "envelope", string(c.ID)), sealed)
}

func (s *Store) openEnvelope(id sei.CommandID, data []byte) (ledger.Sealed, wire.Command, error) {
	var sealed ledger.Sealed
	if err := s.unsealJSON(place("outbox", "envelope", string(id)), data, &sealed); err != nil {
		return sealed, wire.Command{}, err
	}
	c, err := wire.ReadCommand(sealed.Payload)
	if err != nil {
		return sealed, c, damaged(fmt.Errorf("entry %s: %w", id, err))
	}
	return sealed, c, nil
}

// Queued lists entries that wait to be sent, and those that were on their way
// and have no answer, in the order of their making.
func (s *Store) Queued(ctx context.Context, limit int) ([]QueuedCommand, error) {
	var out []QueuedCommand
	err := s.view(ctx, "listing the queue", func(tx *sql.Tx) error {
		err := each(ctx, tx, func(scan func(...any) error) error {
			var q QueuedCommand
			var envelope []byte
			if err := scan(&q.ID, &q.Sent, &envelope); err != nil {
				return err
			}
			var err error
			q.Sealed, _, err = s.openEnvelope(q.ID, envelope)
			out = append(out, q)
			return err
		}, `SELECT id, state = 'sending', envelope FROM outbox WHERE state IN ('queued', 'sending') ORDER BY seq LIMIT ?`, limit)
		if err != nil {
			return err
		}
		for i := range out {
			if out[i].DependsOn, err = column[sei.CommandID](ctx, tx,
				`SELECT needs FROM outbox_needs WHERE id = ? ORDER BY needs`, string(out[i].ID)); err != nil {
				return err
			}
			if out[i].Blobs, err = entryBlobs(ctx, tx, out[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func entryBlobs(ctx context.Context, q queryer, id sei.CommandID) ([]sei.BlobRef, error) {
	var out []sei.BlobRef
	err := each(ctx, q, func(scan func(...any) error) error {
		var b sei.BlobRef
		var sha string
		err := scan(&sha, &b.Size, &b.MIME, &b.Name)
		b.SHA256 = sei.SHA256(sha)
		out = append(out, b)
		return err
	}, `SELECT sha, size, mime, name FROM outbox_blobs WHERE id = ? ORDER BY position`, string(id))
	return out, err
}

// MarkSending says that these are on their way; they cannot be withdrawn any
// more. sent gives the hash of the sealed bytes of each. One that was answered,
// withdrawn or given a newer text meanwhile fails the whole with
// sei.CodeConflict, so that nothing withdrawn or outdated is ever sent.
func (s *Store) MarkSending(ctx context.Context, sent map[sei.CommandID]ledger.Hash) error {
	err := s.write(ctx, "marking what is sent", func(tx *sql.Tx) error {
		for id, hash := range sent {
			if err := s.markSending(ctx, tx, id, hash); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.opts.Changed(Change{Outbox: true})
	}
	return err
}

func (s *Store) markSending(ctx context.Context, tx *sql.Tx, id sei.CommandID, hash ledger.Hash) error {
	changed := sei.Errorf(sei.CodeConflict, "Uma operação da fila foi retirada, alterada ou respondida antes do envio.")
	var envelope []byte
	err := tx.QueryRowContext(ctx, `UPDATE outbox SET state = 'sending', why = '', attempts = attempts + 1
		WHERE id = ? AND state IN ('queued', 'sending') RETURNING envelope`, string(id)).Scan(&envelope)
	if errors.Is(err, sql.ErrNoRows) {
		return changed
	}
	if err != nil {
		return err
	}
	sealed, _, err := s.openEnvelope(id, envelope)
	if err == nil && sealed.Hash() != hash {
		return changed
	}
	return err
}

// MarkUnsent takes MarkSending back for entries of which nothing has left: they
// can be withdrawn and changed as before.
func (s *Store) MarkUnsent(ctx context.Context, ids []sei.CommandID) error {
	err := s.write(ctx, "taking back what was not sent", func(tx *sql.Tx) error {
		for _, id := range ids {
			if err := exec(ctx, tx, `UPDATE outbox SET state = 'queued', attempts = max(attempts - 1, 0)
				WHERE id = ? AND state = 'sending'`, string(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.opts.Changed(Change{Outbox: true})
	}
	return err
}

// MarkWaiting puts an entry back with the words for what it waits. An entry
// that was answered or withdrawn stays as it is.
func (s *Store) MarkWaiting(ctx context.Context, id sei.CommandID, why string) error {
	err := s.write(ctx, "putting an entry back", func(tx *sql.Tx) error {
		return exec(ctx, tx, `UPDATE outbox SET state = 'queued', why = ? WHERE id = ? AND state IN ('queued', 'sending')`,
			cut(why, 1000), string(id))
	})
	if err == nil {
		s.opts.Changed(Change{Outbox: true})
	}
	return err
}

// resealWaiting signs everything without a verdict as the workstation is now.
func (s *Store) resealWaiting(ctx context.Context, tx *sql.Tx, d deviceFact) error {
	envelopes := map[sei.CommandID][]byte{}
	err := each(ctx, tx, func(scan func(...any) error) error {
		var id string
		var envelope []byte
		err := scan(&id, &envelope)
		envelopes[sei.CommandID(id)] = envelope
		return err
	}, `SELECT id, envelope FROM outbox WHERE state IN ('queued', 'sending')`)
	if err != nil {
		return err
	}
	for id, envelope := range envelopes {
		_, c, err := s.openEnvelope(id, envelope)
		if err != nil {
			return err
		}
		if envelope, err = s.sealEnvelope(d, c); err != nil {
			return err
		}
		if err := exec(ctx, tx, `UPDATE outbox SET envelope = ? WHERE id = ?`, envelope, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// ReplaceQueuedText puts a newer text into the last queued command that
// carries the text of a document, so that saving again offline does not pile
// up revisions. It reports false when there is none, or when it may have left
// already, or when something queued builds on it (a signature): queue an
// EditMinute then. Either way the text joins the local texts.
func (s *Store) ReplaceQueuedText(ctx context.Context, doc sei.DocumentID, text json.RawMessage) (replaced bool, err error) {
	err = s.write(ctx, "replacing a queued text", func(tx *sql.Tx) error {
		if err := s.keepText(ctx, tx, doc, text, "gravado"); err != nil {
			return err
		}
		c, ok, err := s.replaceable(ctx, tx, doc)
		if err != nil || !ok {
			return err
		}
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		if c, err = withText(c, text); err != nil {
			return err
		}
		envelope, err := s.sealEnvelope(d, c)
		if err != nil {
			return err
		}
		replaced = true
		return exec(ctx, tx, `UPDATE outbox SET envelope = ? WHERE id = ?`, envelope, string(c.ID))
	})
	if err != nil {
		return false, err
	}
	s.opts.Changed(Change{Outbox: replaced, Drafts: true})
	return replaced, nil
}

// replaceable finds the command whose text may still be changed.
func (s *Store) replaceable(ctx context.Context, tx *sql.Tx, doc sei.DocumentID) (wire.Command, bool, error) {
	var id, kind, state string
	var attempts int
	var envelope []byte
	var needed bool
	err := tx.QueryRowContext(ctx, `SELECT id, kind, state, attempts, envelope,
			EXISTS (SELECT 1 FROM outbox_needs n JOIN outbox l ON l.id = n.id
				WHERE n.needs = o.id AND l.document = o.document AND l.state IN ('queued', 'sending'))
		FROM outbox o WHERE document = ? AND state IN ('queued', 'sending', 'accepted') ORDER BY seq DESC LIMIT 1`, string(doc)).
		Scan(&id, &kind, &state, &attempts, &envelope, &needed)
	if errors.Is(err, sql.ErrNoRows) {
		return wire.Command{}, false, nil
	}
	if err != nil {
		return wire.Command{}, false, err
	}
	carriesText := kind == string(sei.CmdAddDocument) || kind == string(sei.CmdEditMinute)
	if !carriesText || state != string(StateQueued) || attempts > 0 || needed {
		return wire.Command{}, false, nil
	}
	_, c, err := s.openEnvelope(sei.CommandID(id), envelope)
	return c, err == nil, err
}

func withText(c wire.Command, text json.RawMessage) (wire.Command, error) {
	decoded, err := c.Decode()
	if err != nil {
		return c, err
	}
	switch b := decoded.Body.(type) {
	case sei.AddDocument:
		b.Text = text
		return wire.NewCommand(c, b)
	case sei.EditMinute:
		b.Text = text
		return wire.NewCommand(c, b)
	}
	return c, fmt.Errorf("%s carries no text", c.Kind)
}

// Overlay is a command that the accepted state does not show yet.
type Overlay struct {
	Command sei.Command
	Unit    sei.UnitID
	User    sei.UserID
	State   OutboxState
	// Receipt of an accepted command whose rows have not all arrived.
	Receipt *ledger.Receipt
	Created time.Time
	// EventsHere and TextHere say which of the command's rows have arrived: they
	// come in different buckets, and before or after the receipt.
	EventsHere, TextHere bool
}

// QueuedFor gives the commands on a process that its accepted state does not
// show yet, in order, for a forecast by the rulebook.
func (s *Store) QueuedFor(ctx context.Context, process sei.ProcessID) ([]Overlay, error) {
	out, err := s.queuedFor(ctx, s.r, process)
	if err != nil {
		return nil, fmt.Errorf("reading what waits for %s: %w", process, err)
	}
	return out, nil
}

func (s *Store) queuedFor(ctx context.Context, q queryer, process sei.ProcessID) ([]Overlay, error) {
	var out []Overlay
	err := each(ctx, q, func(scan func(...any) error) error {
		var id, state string
		var created int64
		var envelope, receipt []byte
		var o Overlay
		if err := scan(&id, &state, &created, &envelope, &receipt, &o.EventsHere, &o.TextHere); err != nil {
			return err
		}
		_, c, err := s.openEnvelope(sei.CommandID(id), envelope)
		if err != nil {
			return err
		}
		o.Unit, o.User, o.State, o.Created = c.Unit, c.User, OutboxState(state), moment(created)
		if o.Command, err = c.Decode(); err != nil {
			return err
		}
		if receipt != nil {
			r, err := s.openReceipt(sei.CommandID(id), receipt)
			if err != nil {
				return err
			}
			o.Receipt = &r
		}
		out = append(out, o)
		return nil
	}, `SELECT id, state, created, envelope, receipt,
			EXISTS (SELECT 1 FROM events e WHERE e.process = outbox.process AND e.command = outbox.id),
			EXISTS (SELECT 1 FROM minutes m WHERE m.revision = outbox.id)
		FROM outbox
		WHERE process = ? AND (state IN ('queued', 'sending') OR state = 'accepted' AND arrived = 0) ORDER BY seq`, string(process))
	return out, err
}

// Snapshot is a process as of one moment: what the central said, the current
// texts of its minutes, and what waits.
type Snapshot struct {
	Process *sei.Process // nil when the central's state is not here
	Heads   map[sei.DocumentID]wire.MinuteRow
	Queue   []Overlay
}

// Snapshot reads all that a forecast needs in one transaction: a page applied
// in between would show a change twice or not at all.
func (s *Store) Snapshot(ctx context.Context, id sei.ProcessID) (Snapshot, error) {
	out := Snapshot{Heads: map[sei.DocumentID]wire.MinuteRow{}}
	err := s.view(ctx, "reading process "+string(id), func(tx *sql.Tx) error {
		var err error
		if out.Process, err = readProcess(ctx, tx, id); err != nil {
			return err
		}
		heads, err := s.minutes(ctx, tx, `process = ? AND head = 1`, string(id))
		if err != nil {
			return err
		}
		for _, m := range heads {
			out.Heads[m.Document] = m // in order of acceptance: the later one is right
		}
		out.Queue, err = s.queuedFor(ctx, tx, id)
		return err
	})
	return out, err
}

// WaitingProcesses lists the processes of a unit for which [Store.QueuedFor]
// has something, the oldest first: among them those that only exist here yet.
func (s *Store) WaitingProcesses(ctx context.Context, unit sei.UnitID) ([]sei.ProcessID, error) {
	out, err := column[sei.ProcessID](ctx, s.r, `SELECT process FROM outbox
		WHERE unit = ? AND (state IN ('queued', 'sending') OR state = 'accepted' AND arrived = 0)
		GROUP BY process ORDER BY min(seq)`, string(unit))
	if err != nil {
		return nil, fmt.Errorf("listing waiting processes: %w", err)
	}
	return out, nil
}

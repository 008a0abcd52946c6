package central

import (
	"fmt"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// fit says whether an act can be put where it stood.
type fit int

const (
	fitsNow fit = iota
	fitsLater
	fitsNever
)

// restoreAct puts an act that was given back into the ledger verbatim: the same
// ids, numbers, places and times, with all that follows from its events. It
// decides nothing again: the receipt is the decision.
func (s *Service) restoreAct(w *writer, v *recovery, a *returnedAct) (fit, error) {
	if f, err := s.fitsHere(w, v, a); err != nil || f != fitsNow {
		return f, err
	}
	if a.receipt.Accepted {
		if err := s.replay(w, a); err != nil {
			return fitsNow, fmt.Errorf("replaying %s: %w", a.receipt.Command, err)
		}
	}
	if err := s.storeReturnedAnswer(w, a); err != nil {
		return fitsNow, err
	}
	if err := s.noteFiles(w, a); err != nil {
		return fitsNow, err
	}
	if err := s.keepReturned(w, v, a, stateRestored, ""); err != nil {
		return fitsNow, err
	}
	return fitsNow, audit(w, auditEntry{at: s.cfg.Clock(), act: "restore", user: a.user, device: a.device, subject: a.receipt.Command})
}

// fitsHere compares the act's events with the ends of stream and log.
func (s *Service) fitsHere(w *writer, v *recovery, a *returnedAct) (fit, error) {
	for i, rec := range a.item.Records {
		var taken int
		if err := w.row("SELECT COUNT(*) FROM events WHERE seq = ?", rec.Seq).Scan(&taken); err != nil {
			return fitsNow, fmt.Errorf("looking at a place of the log: %w", err)
		}
		if taken > 0 || rec.Seq <= v.size {
			return fitsNever, nil
		}
		if i > 0 {
			if ledger.CheckChain(a.item.Records[i-1].Header.Version, a.item.Records[i-1].Header.Hash(), []ledger.Header{rec.Header}) != nil {
				return fitsNever, nil
			}
			continue
		}
		version, last, err := streamHead(w.reader, rec.Header.Stream)
		switch {
		case err != nil:
			return fitsNow, err
		case rec.Header.Version > version+1:
			return fitsLater, nil
		case rec.Header.Version <= version || rec.Header.Prev != last:
			return fitsNever, nil
		}
	}
	return s.textFits(w, a)
}

// textFits: a text that became the current one followed the text it was based on,
// and one that took others up came after them.
func (s *Service) textFits(w *writer, a *returnedAct) (fit, error) {
	rev := a.revision()
	if rev == nil || a.cmd.command.Body.Kind() == sei.CmdAddDocument {
		return fitsNow, nil
	}
	var document, head int
	err := w.row("SELECT (SELECT COUNT(*) FROM documents WHERE id = ?), (SELECT COUNT(*) FROM revisions WHERE document_id = ? AND id = ? AND head)",
		string(rev.Document), string(rev.Document), string(rev.Base)).Scan(&document, &head)
	if err != nil {
		return fitsNow, fmt.Errorf("looking for the text before: %w", err)
	}
	if document == 0 || !rev.Side && head == 0 {
		return fitsLater, nil
	}
	return fitsNow, nil
}

// revision is the text that the act left, nil when none.
func (a *returnedAct) revision() *sei.Revision {
	if a.cmd == nil || !a.receipt.Accepted || a.cmd.text == nil {
		return nil
	}
	return sei.RevisionOf(a.cmd.command, a.cmd.text.hash, a.receipt.Side)
}

// replay writes the events and everything that a decision would have written.
func (s *Service) replay(w *writer, a *returnedAct) error {
	before, err := loadProcess(w.reader, a.process, documentChoice{all: true})
	if err != nil {
		return err
	}
	events := make([]appended, len(a.item.Records))
	plain := make([]sei.Event, len(events))
	for i, rec := range a.item.Records {
		if plain[i], err = eventOf(rec); err != nil {
			return err
		}
		if err := writeRecord(w, rec); err != nil {
			return err
		}
		events[i] = appended{Event: plain[i], header: rec.Header, seq: rec.Seq}
	}
	if err := useNumbers(w, plain, a.receipt.At); err != nil {
		return err
	}
	after, changed := fold(before, plain)
	if len(events) > 0 {
		if err := saveState(w, after, changed); err != nil {
			return err
		}
	}
	if err := s.raiseCounters(w, after, plain); err != nil {
		return err
	}
	if err := queueRaisings(w, events); err != nil {
		return err
	}
	if rev := a.revision(); rev != nil {
		if err := s.restoreRevision(w, after, a, *rev); err != nil {
			return err
		}
	}
	return project(w, after, changed, events)
}

// eventOf is a record in the rulebook's terms.
func eventOf(rec ledger.Record) (sei.Event, error) {
	h := rec.Header
	payload, err := sei.DecodePayload(sei.EventKind(h.Kind), rec.Payload)
	return sei.Event{
		Kind: sei.EventKind(h.Kind), Command: sei.CommandID(h.Command), Unit: sei.UnitID(h.Unit), User: sei.UserID(h.User), At: h.At, Payload: payload,
	}, err
}

// raiseCounters keeps the numbers that came back from being given again.
func (s *Service) raiseCounters(w *writer, p *sei.Process, events []sei.Event) error {
	cat, err := s.catalogueAt(w.reader)
	if err != nil {
		return err
	}
	for _, e := range events {
		if _, started := e.Payload.(sei.ProcessStarted); started {
			if key, n, read := processCounter(cat, s.zone, p); read {
				if err := raise(w, s.zone, key, n); err != nil {
					return err
				}
			}
		}
		d := p.Documents[sei.EventDocument(e.Payload)]
		if d == nil {
			continue
		}
		if err := raise(w, s.zone, counterKey{scope: seiScope}, d.SEINumber); err != nil {
			return err
		}
		if key, n, read := typeCounter(cat, s.zone, d); read {
			if err := raise(w, s.zone, key, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// restoreRevision stores a text and puts it at its place among those that were
// accepted before and after it.
func (s *Service) restoreRevision(w *writer, p *sei.Process, a *returnedAct, rev sei.Revision) error {
	author := sei.Actor{User: a.cmd.wire.User}
	if _, err := noRows(w.row("SELECT name FROM users WHERE id = ?", string(author.User)).Scan(&author.Name)); err != nil {
		return fmt.Errorf("reading an author: %w", err)
	}
	if err := s.storeRevision(w, p, author, a.cmd, rev, a.receipt.At); err != nil {
		return err
	}
	return orderRevisions(w, p.Documents[rev.Document])
}

// storedRevision is what the order of a document's texts follows from.
type storedRevision struct {
	id      string
	seq, at int64
	merges  []sei.RevisionID
	merged  bool
	head    bool
}

// orderRevisions numbers a document's texts by their acceptance, and marks those
// that a later one took up: what came back may have come in another order.
func orderRevisions(w *writer, d *sei.Document) error {
	all, err := revisionsOf(w.reader, d.ID)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b storedRevision) int { return int(min(1, max(-1, a.at-b.at))) })
	taken := map[sei.RevisionID]bool{}
	for _, r := range all {
		for _, id := range r.merges {
			taken[id] = true
		}
	}
	var changed []string
	for i, r := range all {
		merged := r.merged || taken[sei.RevisionID(r.id)] && !r.head
		if r.seq == int64(i)+1 && merged == r.merged {
			continue
		}
		// Negative first: two texts never have one number, not for a moment either.
		if err := w.exec("UPDATE revisions SET seq = ?, merged = ? WHERE id = ?", -int64(i)-1, merged, r.id); err != nil {
			return err
		}
		changed = append(changed, r.id)
	}
	if len(changed) == 0 {
		return nil
	}
	if err := w.exec("UPDATE revisions SET seq = -seq WHERE document_id = ? AND seq < 0", string(d.ID)); err != nil {
		return err
	}
	_, err = changeBucket(w, wire.UnitBucket(d.GeneratingUnit), func(b *bucket) error {
		for _, id := range changed {
			if err := b.put(minuteKey(d.ID, sei.RevisionID(id)), nil); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func revisionsOf(r reader, doc sei.DocumentID) ([]storedRevision, error) {
	var all []storedRevision
	err := r.each("SELECT id, seq, at, head, merged, revision FROM revisions WHERE document_id = ? ORDER BY seq", []any{string(doc)},
		func(scan func(...any) error) error {
			var v storedRevision
			var data []byte
			if err := scan(&v.id, &v.seq, &v.at, &v.head, &v.merged, &data); err != nil {
				return err
			}
			rev, err := decodeRevision(data)
			if !rev.Side {
				v.merges = rev.Merges
			}
			all = append(all, v)
			return err
		})
	return all, err
}

// storeReturnedAnswer stores the receipt as it came, under the command it answers.
func (s *Service) storeReturnedAnswer(w *writer, a *returnedAct) error {
	data, err := encodeSealed(a.item.Receipt)
	if err != nil {
		return err
	}
	if a.cmd == nil {
		return w.exec("INSERT INTO issued (command_id, receipt) VALUES (?, ?)", a.receipt.Command, data)
	}
	return insertAnswer(w, a.cmd, a.receipt, data)
}

// noteFiles remembers which files the act cites, for the report.
func (s *Service) noteFiles(w *writer, a *returnedAct) error {
	if a.cmd == nil || !a.receipt.Accepted {
		return nil
	}
	for _, ref := range sei.CitedBlobs(a.cmd.command.Body) {
		err := w.exec("INSERT INTO returned_files (sha256, size, command_id) VALUES (?, ?, ?) ON CONFLICT (sha256, command_id) DO NOTHING",
			string(ref.SHA256), ref.Size, a.receipt.Command)
		if err != nil {
			return err
		}
	}
	return nil
}

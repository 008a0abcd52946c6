package central

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// accept answers one command in the transaction of w: the stored answer if it
// came before, "waiting" if something it depends on has not come, and otherwise
// a decision with all that follows from it. Returning an error leaves no trace.
func (s *Service) accept(w *writer, p *prepared) (wire.PushResult, error) {
	result := wire.PushResult{Command: p.wire.ID}
	if done, err := s.answered(w, p, &result); done || err != nil {
		return result, err
	}
	if open, err := openRecovery(w.reader); err != nil {
		return result, err
	} else if open != nil {
		result.Waiting = &wire.WaitingFor{Recovery: true}
		return result, nil
	}
	if len(p.missing) > 0 {
		result.Waiting = &wire.WaitingFor{Blobs: p.missing}
		return result, nil
	}
	refusal, waiting, err := dependencies(w, p.wire.DependsOn)
	if err != nil {
		return result, err
	}
	if waiting != nil {
		result.Waiting = waiting
		return result, nil
	}
	if refusal == nil {
		if refusal, err = p.checkForm(w.reader); err != nil {
			return result, err
		}
	}
	receipt := ledger.Receipt{Form: ledger.ReceiptForm, Command: string(p.wire.ID), CommandHash: p.hash, At: s.now()}
	if refusal == nil {
		refusal, err = s.decide(w, p, &receipt)
		if err != nil {
			return result, err
		}
	}
	if refusal != nil {
		receipt.Code, receipt.Message = string(refusal.Code), refusal.Message
		if err := auditRefusal(w, p, refusal, receipt.At); err != nil {
			return result, err
		}
	}
	receipt.Accepted = refusal == nil
	if result.Receipt, err = s.storeAnswer(w, p, receipt); err != nil {
		return result, err
	}
	result.Records, err = recordsOf(w.reader, receipt)
	return result, err
}

// issue decides a command of the central itself. Nobody waits for its receipt,
// which is kept as the event's proof.
func (s *Service) issue(w *writer, p *prepared) error {
	if open, err := openRecovery(w.reader); err != nil {
		return err
	} else if open != nil {
		return errRecovering()
	}
	receipt := ledger.Receipt{Form: ledger.ReceiptForm, Command: string(p.wire.ID), At: s.now()}
	refusal, err := s.decide(w, p, &receipt)
	switch {
	case err != nil:
		return err
	case refusal != nil:
		return sei.Wrap(refusal, refusal.Code, refusal.Message)
	}
	return s.keepIssued(w, receipt)
}

// answered finds the stored answer. The same command under another seal gets
// the same answer, bound to the new bytes; other content under a known id is
// not a command at all.
func (s *Service) answered(w *writer, p *prepared, result *wire.PushResult) (bool, error) {
	var hash, content []byte
	var stored string
	err := w.row("SELECT hash, content, receipt FROM commands WHERE id = ?", string(p.wire.ID)).Scan(&hash, &content, &stored)
	if found, err := noRows(err); !found || err != nil {
		return false, err
	}
	var sealed ledger.Sealed
	if err := json.Unmarshal([]byte(stored), &sealed); err != nil {
		return false, fmt.Errorf("decoding a stored receipt: %w", err)
	}
	switch {
	case string(hash) == string(p.hash[:]):
		result.Receipt = &sealed
		return true, attachRecords(w.reader, sealed, result)
	case string(content) == string(p.content[:]):
		rebound, err := s.rebind(sealed, p.hash)
		if err != nil {
			return false, err
		}
		result.Receipt = &rebound
		return true, attachRecords(w.reader, sealed, result)
	default:
		result.Problem = &sei.Refusal{Code: sei.CodeConflict, Message: "A central já respondeu a outro comando com esta identificação."}
	}
	return true, nil
}

// attachRecords gives the events along again with a stored answer.
func attachRecords(r reader, sealed ledger.Sealed, result *wire.PushResult) error {
	var receipt ledger.Receipt
	if err := json.Unmarshal(sealed.Payload, &receipt); err != nil {
		return fmt.Errorf("decoding a stored receipt: %w", err)
	}
	var err error
	result.Records, err = recordsOf(r, receipt)
	return err
}

func (s *Service) rebind(sealed ledger.Sealed, hash ledger.Hash) (ledger.Sealed, error) {
	var r ledger.Receipt
	if err := json.Unmarshal(sealed.Payload, &r); err != nil {
		return ledger.Sealed{}, fmt.Errorf("decoding a stored receipt: %w", err)
	}
	r.CommandHash = hash
	return ledger.SealReceipt(s.key, r)
}

// dependencies refuses what depends on a refused command and waits for what has
// not been answered.
func dependencies(w *writer, ids []sei.CommandID) (*sei.Refusal, *wire.WaitingFor, error) {
	var waiting []sei.CommandID
	for _, id := range ids {
		var accepted bool
		err := w.row("SELECT accepted FROM commands WHERE id = ?", string(id)).Scan(&accepted)
		found, err := noRows(err)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("reading a dependency: %w", err)
		case !found:
			waiting = append(waiting, id)
		case !accepted:
			return &sei.Refusal{Code: sei.CodeDependency, Message: "Depende de outro ato, que a central recusou. Resolva a recusa daquele e refaça este."}, nil, nil
		}
	}
	if len(waiting) > 0 {
		return nil, &wire.WaitingFor{Commands: waiting}, nil
	}
	return nil, nil, nil
}

// decide runs the rulebook and stores what follows.
func (s *Service) decide(w *writer, p *prepared, receipt *ledger.Receipt) (*sei.Refusal, error) {
	cat, err := s.catalogueAt(w.reader)
	if err != nil {
		return nil, err
	}
	c := deciding{catalogue: cat, r: w.reader, now: receipt.At}
	actor := sei.Actor{}
	if !p.issued {
		if actor, err = actorIn(w.reader, cat, p.wire.User, p.wire.Unit, p.wire.Device, receipt.At); err != nil {
			return nil, err
		}
	} else {
		actor.User, actor.Unit = p.wire.User, p.wire.Unit
	}
	view, nums, facts, err := s.view(w, c, p)
	if err != nil {
		return nil, err
	}
	before := view.Process
	out, err := sei.Decide(view, p.command, actor, receipt.At)
	switch {
	case err != nil:
		return nil, fmt.Errorf("deciding %s: %w", p.command.Body.Kind(), err)
	case facts.err != nil:
		return nil, fmt.Errorf("gathering facts: %w", facts.err)
	case out.Verdict == sei.Refused:
		return out.Refusal, nil
	case out.Verdict != sei.Allowed:
		return nil, fmt.Errorf("the rulebook left %s undecided at the central", p.command.Body.Kind())
	}
	if err := nums.keep(); err != nil {
		return nil, err
	}
	return nil, s.follow(w, c, p, actor, before, out, receipt)
}

// follow stores events, folded state, texts and read models, and cites them in
// the receipt.
func (s *Service) follow(w *writer, c deciding, p *prepared, actor sei.Actor, before *sei.Process, out sei.Outcome, receipt *ledger.Receipt) error {
	events, err := s.appendEvents(w, p.command.Process.Stream(), out.Events)
	if err != nil {
		return err
	}
	for _, e := range events {
		receipt.Events = append(receipt.Events, ledger.Citation{Stream: e.header.Stream, Version: e.header.Version, Hash: e.header.Hash(), Seq: e.seq})
		citeNumbers(receipt, e.Payload)
	}
	if err := useNumbers(w, out.Events, receipt.At); err != nil {
		return err
	}
	if err := queueRaisings(w, events); err != nil {
		return err
	}
	after, changed := fold(before, out.Events)
	if len(events) > 0 {
		if err := saveState(w, after, changed); err != nil {
			return err
		}
	}
	if err := citeUploads(w, p); err != nil {
		return err
	}
	if out.Revision != nil {
		receipt.Side = out.Revision.Side
		if err := s.storeRevision(w, after, actor, p, *out.Revision, receipt.At); err != nil {
			return err
		}
	}
	return project(w, after, changed, events)
}

// citeNumbers tells the workstation which numbers the central gave.
func citeNumbers(r *ledger.Receipt, payload sei.Payload) {
	switch e := payload.(type) {
	case sei.ProcessStarted:
		r.ProcessNumber = e.Number
	case sei.DocumentAdded:
		r.SEINumber, r.TypeNumber = e.SEINumber, e.Number
	case sei.ExternalRegistered:
		r.SEINumber, r.TypeNumber = e.SEINumber, e.Number
	}
}

// fold applies the events to a copy and names the documents that changed.
func fold(before *sei.Process, events []sei.Event) (*sei.Process, []sei.DocumentID) {
	after := sei.NewProcess()
	if before != nil {
		after = before.Clone()
	}
	changed := map[sei.DocumentID]bool{}
	for _, e := range events {
		after.Apply(e)
		if id := sei.EventDocument(e.Payload); id != "" {
			changed[id] = true
		}
	}
	for id, d := range after.Documents {
		if before != nil && before.Documents[id] != nil && before.Documents[id].Delivered != d.Delivered {
			changed[id] = true
		}
	}
	var ids []sei.DocumentID
	for _, id := range after.Order {
		if changed[id] {
			ids = append(ids, id)
		}
	}
	return after, ids
}

func saveState(w *writer, p *sei.Process, changed []sei.DocumentID) error {
	if err := saveProcess(w, p); err != nil {
		return err
	}
	for _, id := range changed {
		d := p.Documents[id]
		if err := saveDocument(w, d); err != nil {
			return err
		}
		if d.Frozen == nil {
			continue
		}
		err := w.exec("INSERT INTO qr_tokens (token, document_id, crc) VALUES (?, ?, ?) ON CONFLICT (token) DO NOTHING", d.Frozen.QRToken, string(id), d.Frozen.CRC)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) storeAnswer(w *writer, p *prepared, r ledger.Receipt) (*ledger.Sealed, error) {
	sealed, err := ledger.SealReceipt(s.key, r)
	if err != nil {
		return nil, err
	}
	data, err := encodeSealed(sealed)
	if err != nil {
		return nil, err
	}
	return &sealed, insertAnswer(w, p, r, data)
}

func encodeSealed(sealed ledger.Sealed) (string, error) {
	data, err := json.Marshal(sealed)
	if err != nil {
		return "", fmt.Errorf("encoding a sealed message: %w", err)
	}
	return string(data), nil
}

// insertAnswer stores the answer to a command, its receipt encoded.
func insertAnswer(w *writer, p *prepared, r ledger.Receipt, receipt string) error {
	c := p.wire
	return w.exec(`INSERT INTO commands
		(id, hash, content, kind, process_id, user_id, unit_id, device_id, epoch, seal_key, seal_sig, accepted, receipt, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(c.ID), p.hash[:], p.content[:], string(c.Kind), string(c.Process), string(c.User), string(c.Unit), string(c.Device), c.Epoch,
		p.sealed.Key, p.sealed.Sig, r.Accepted, receipt, micros(r.At))
}

// useNumbers marks the leased numbers that documents now carry.
func useNumbers(w *writer, events []sei.Event, now time.Time) error {
	for _, e := range events {
		var n int64
		switch p := e.Payload.(type) {
		case sei.DocumentAdded:
			n = p.SEINumber
		case sei.ExternalRegistered:
			n = p.SEINumber
		default:
			continue
		}
		if err := w.exec("UPDATE leased_numbers SET state = ?, at = ? WHERE number = ?", numberUsed, micros(now), n); err != nil {
			return err
		}
	}
	return nil
}

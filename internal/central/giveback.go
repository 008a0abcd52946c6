package central

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// maxStaged bounds what waits for earlier acts in one recovery.
const maxStaged = 1_000_000

// returnedAct is an act that was given back, verified as far as the database is
// not needed for it.
type returnedAct struct {
	item    wire.GiveBackItem
	receipt ledger.Receipt
	cmd     *prepared // nil for what the central recorded by itself
	process sei.ProcessID
	user    sei.UserID   // who gave it
	device  sei.DeviceID // the same
}

// GiveBack takes back what a restored central has lost. Every act stands on the
// receipt that this central signed; nothing is believed because a desk says it.
func (s *Service) GiveBack(ctx context.Context, ses Session, req wire.GiveBackRequest) (wire.GiveBackResponse, error) {
	if err := req.Check(); err != nil {
		return wire.GiveBackResponse{}, err
	}
	answer := wire.GiveBackAnswer{
		Form: 1, Central: s.id, Recovery: req.Recovery, Device: ses.Device, Nonce: req.Nonce, Results: make([]wire.GiveBackResult, 0, len(req.Acts)),
	}
	for _, item := range req.Acts {
		result, err := s.takeBack(ctx, ses, req.Recovery, item)
		if err != nil {
			return wire.GiveBackResponse{}, err
		}
		answer.Results = append(answer.Results, result)
	}
	err := s.commits.write(ctx, func(w *writer) error {
		v, err := s.meantRecovery(w.reader, req.Recovery)
		if err != nil {
			return err
		}
		if err := s.seenCheckpoint(w, v, req.Checkpoint); err != nil || !v.finished.IsZero() {
			return err
		}
		if err := s.claimNumbers(w, v, ses, req.Numbers); err != nil || !req.Done {
			return err
		}
		answer.PushToken, err = s.deskIsDone(w, v, ses, req.Epoch)
		return err
	})
	if err != nil {
		return wire.GiveBackResponse{}, err
	}
	sealed, err := ledger.SealStatement(s.key, ledger.TypeGiveBack, answer)
	return wire.GiveBackResponse{Answer: sealed}, err
}

// meantRecovery is the latest recovery, if it is the one that the desk means.
func (s *Service) meantRecovery(r reader, id string) (*recovery, error) {
	v, err := lastRecovery(r)
	if err == nil && (v == nil || v.id != id) {
		err = sei.Errorf(sei.CodeConflict, "A central não está na recuperação de que esta estação fala. A estação vai perguntar de novo.")
	}
	return v, err
}

// takeBack deals with one act.
func (s *Service) takeBack(ctx context.Context, ses Session, recovery string, item wire.GiveBackItem) (wire.GiveBackResult, error) {
	a, err := s.readReturned(ses, item)
	if e, ok := errors.AsType[*sei.Error](err); ok {
		s.cfg.Log.Warn("act given back and not taken", "device", ses.Device, "command", a.receipt.Command, "code", e.Code, "error", err)
		return wire.GiveBackResult{Command: a.receipt.Command, State: wire.GivenRefused, Why: e.Message}, nil
	}
	if err != nil {
		return wire.GiveBackResult{}, err
	}
	result := wire.GiveBackResult{Command: a.receipt.Command}
	err = s.commits.write(ctx, func(w *writer) error {
		v, err := s.meantRecovery(w.reader, recovery)
		if err != nil {
			return err
		}
		result.State, result.Why, err = s.place(w, v, a)
		return err
	})
	if err == nil {
		result.Blobs, err = s.lackingFiles(ctx, a)
	}
	return result, err
}

func badReturn(cause error) error {
	return sei.Wrap(cause, sei.CodeInvalid, "O que esta estação devolveu não confere com o recibo da central e não foi aceito.")
}

// readReturned verifies receipt, command and events. Its errors are [sei.Error]
// where the act is at fault.
func (s *Service) readReturned(ses Session, item wire.GiveBackItem) (*returnedAct, error) {
	a := &returnedAct{item: item, user: ses.User, device: ses.Device}
	var err error
	if a.receipt, err = ledger.OpenAnswer(s.receiptKeyOf, item.Receipt); err != nil {
		return a, badReturn(err)
	}
	if len(item.Records) > 0 || a.receipt.Accepted {
		if err := ledger.MatchRecords(a.receipt, item.Records); err != nil {
			return a, badReturn(err)
		}
	}
	if item.Command == nil {
		return a, a.asIssued()
	}
	return a, s.asAnswered(a)
}

// receiptKeyOf finds one of this central's own keys, past ones among them.
func (s *Service) receiptKeyOf(id string) ([]byte, bool) {
	for _, k := range s.keys {
		if k.ID == id {
			return k.Public, true
		}
	}
	return nil, false
}

// asIssued is an event of the central itself, which any holder may give back:
// receipt and salted payload are known to nobody else.
func (a *returnedAct) asIssued() error {
	if a.receipt.CommandHash != (ledger.Hash{}) || !a.receipt.Accepted || len(a.receipt.Events) == 0 {
		return badReturn(errors.New("an answer without its command"))
	}
	for _, rec := range a.item.Records {
		if !isIssued(rec.Header.Kind) {
			return badReturn(fmt.Errorf("a %s is not recorded by the central itself", rec.Header.Kind))
		}
	}
	a.process = streamProcess(a.receipt.Events[0].Stream)
	return nil
}

// asAnswered reads the command that the receipt answers. The receipt vouches for
// its very bytes, so that the workstation need not be known any more.
func (s *Service) asAnswered(a *returnedAct) error {
	sealed := *a.item.Command
	c, err := wire.ReadCommand(sealed.Payload)
	if err != nil {
		return badReturn(err)
	}
	p := &prepared{sealed: sealed, hash: sealed.Hash(), wire: c}
	switch _, idErr := protocol.ParseID(string(c.ID)); {
	case idErr != nil:
		return badReturn(idErr)
	case sealed.Type != ledger.TypeCommand || string(c.ID) != a.receipt.Command || p.hash != a.receipt.CommandHash:
		return badReturn(fmt.Errorf("the receipt of %s answers other bytes", a.receipt.Command))
	case c.User != a.user:
		return sei.Errorf(sei.CodeForbidden, "Este ato é de outro usuário e só pode ser devolvido por ele.")
	}
	if p.content, err = contentHash(c); err != nil {
		return badReturn(err)
	}
	if p.command, err = c.Decode(); err != nil {
		return badReturn(err)
	}
	p.parseText()
	a.cmd, a.process = p, c.Process
	for _, e := range a.receipt.Events {
		if e.Stream != c.Process.Stream() {
			return badReturn(fmt.Errorf("the receipt cites %s", e.Stream))
		}
	}
	return nil
}

func streamProcess(stream string) sei.ProcessID {
	prefix := sei.ProcessID("").Stream()
	if len(stream) <= len(prefix) || stream[:len(prefix)] != prefix {
		return ""
	}
	return sei.ProcessID(stream[len(prefix):])
}

// place puts an act where it stood, or keeps it as what it is: waiting for an
// earlier one, in conflict with what is there, or late.
func (s *Service) place(w *writer, v *recovery, a *returnedAct) (wire.GiveBackState, string, error) {
	known, err := s.isKnown(w, a)
	switch {
	case err != nil:
		return "", "", err
	case known == sameAnswer:
		return wire.GivenKnown, "", nil
	case known == otherAnswer:
		const why = "A central já respondeu a este ato de outra forma. O que foi devolvido ficou guardado como prova."
		return wire.GivenLate, why, s.keepReturned(w, v, a, stateConflict, why)
	case !v.finished.IsZero():
		const why = "A recuperação da central já tinha terminado. O ato ficou guardado como prova e não está no processo: refaça-o."
		return wire.GivenLate, why, s.keepReturned(w, v, a, stateLate, why)
	}
	fits, err := s.restoreAct(w, v, a)
	switch {
	case err != nil:
		return "", "", err
	case fits == fitsLater:
		const why = "Falta um ato anterior do mesmo processo, que outra estação deve devolver."
		return wire.GivenStaged, why, s.stage(w, v, a, why)
	case fits == fitsNever:
		const why = "O lugar deste ato na história já tem outro. O que foi devolvido ficou guardado como prova."
		return wire.GivenLate, why, s.keepReturned(w, v, a, stateConflict, why)
	}
	return wire.GivenRestored, "", s.placeStaged(w, v, a.process)
}

// answerKnown compares an act with what the central has under its id.
type answerKnown int

const (
	noAnswer answerKnown = iota
	sameAnswer
	otherAnswer
)

func (s *Service) isKnown(w *writer, a *returnedAct) (answerKnown, error) {
	query := "SELECT receipt FROM commands WHERE id = ?"
	if a.cmd == nil {
		query = "SELECT receipt FROM issued WHERE command_id = ?"
	}
	stored, err := sealedRow(w.reader, query, a.receipt.Command)
	if err != nil || stored == nil {
		return noAnswer, err
	}
	var there ledger.Receipt
	if err := json.Unmarshal(stored.Payload, &there); err != nil {
		return noAnswer, fmt.Errorf("decoding a stored receipt: %w", err)
	}
	same := there.Accepted == a.receipt.Accepted && there.Code == a.receipt.Code && len(there.Events) == len(a.receipt.Events)
	for i := 0; same && i < len(there.Events); i++ {
		same = there.Events[i].Hash == a.receipt.Events[i].Hash
	}
	if same {
		return sameAnswer, nil
	}
	return otherAnswer, nil
}

// States of the table returned.
const (
	stateRestored = "restored"
	stateStaged   = "staged"
	stateLate     = "late"
	stateConflict = "conflict"
)

// keepReturned remembers an act; its bytes are kept while the ledger does not
// have it.
func (s *Service) keepReturned(w *writer, v *recovery, a *returnedAct, state, why string) error {
	item := []byte{}
	if state != stateRestored {
		var err error
		if item, err = json.Marshal(a.item); err != nil {
			return fmt.Errorf("encoding what was given back: %w", err)
		}
	}
	return w.exec(`INSERT INTO returned (id, recovery, user_id, device_id, process_id, state, why, accepted_at, item, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET recovery = excluded.recovery, state = excluded.state, why = excluded.why, item = excluded.item, at = excluded.at`,
		a.receipt.Command, v.id, string(a.user), string(a.device), string(a.process), state, why, micros(a.receipt.At), string(item), micros(s.now()))
}

func (s *Service) stage(w *writer, v *recovery, a *returnedAct, why string) error {
	var waiting int
	if err := w.row("SELECT COUNT(*) FROM returned WHERE state = 'staged'").Scan(&waiting); err != nil {
		return fmt.Errorf("counting what waits: %w", err)
	}
	if waiting >= maxStaged {
		return sei.Errorf(sei.CodeTooMany, "A central já guarda atos demais à espera de outros. Tente de novo mais tarde.")
	}
	return s.keepReturned(w, v, a, stateStaged, why)
}

// placeStaged tries what waited for acts of the process, until nothing more fits.
func (s *Service) placeStaged(w *writer, v *recovery, process sei.ProcessID) error {
	for progress := true; progress; {
		progress = false
		waiting, err := s.stagedActs(w, process)
		if err != nil {
			return err
		}
		for _, a := range waiting {
			fits, err := s.restoreAct(w, v, a)
			if err != nil {
				return err
			}
			if fits == fitsNever {
				err = s.keepReturned(w, v, a, stateConflict, "O lugar deste ato na história já tem outro.")
			}
			if err != nil {
				return err
			}
			progress = progress || fits == fitsNow
		}
	}
	return nil
}

// stagedActs reads what waits in a process, in the order of its acceptance; every
// process for "".
func (s *Service) stagedActs(w *writer, process sei.ProcessID) ([]*returnedAct, error) {
	query, args := "SELECT user_id, device_id, item FROM returned WHERE state = 'staged'", []any{}
	if process != "" {
		query, args = query+" AND process_id = ?", append(args, string(process))
	}
	var all []*returnedAct
	err := w.each(query+" ORDER BY accepted_at, id", args, func(scan func(...any) error) error {
		var user, device string
		var data []byte
		if err := scan(&user, &device, &data); err != nil {
			return err
		}
		var item wire.GiveBackItem
		if err := json.Unmarshal(data, &item); err != nil {
			return fmt.Errorf("decoding what waits: %w", err)
		}
		a, err := s.readReturned(Session{User: sei.UserID(user), Device: sei.DeviceID(device)}, item)
		all = append(all, a)
		return err
	})
	return all, err
}

// seenCheckpoint learns from a desk how long the signed log was before the loss.
func (s *Service) seenCheckpoint(w *writer, v *recovery, sealed *ledger.Sealed) error {
	if sealed == nil {
		return nil
	}
	pub, known := s.receiptKeyOf(sealed.Key)
	if !known {
		return nil
	}
	c, err := ledger.OpenCheckpoint(pub, *sealed)
	if err != nil || c.Size <= v.seen {
		return nil //nolint:nilerr // a desk's word that does not verify says nothing
	}
	v.seen = c.Size
	return w.exec("UPDATE recoveries SET seen = ? WHERE id = ?", c.Size, v.id)
}

// claimNumbers takes a workstation's word for the Nº SEI that it holds: they were
// leased after the backup. A false claim takes numbers out of use, like a lease.
func (s *Service) claimNumbers(w *writer, v *recovery, ses Session, claimed []int64) error {
	c, err := openCounter(w.reader, s.zone, counterKey{scope: seiScope})
	if err != nil {
		return err
	}
	var held int
	if err := w.row("SELECT COUNT(*) FROM leased_numbers WHERE device_id = ? AND state = 'leased'", string(ses.Device)).Scan(&held); err != nil {
		return fmt.Errorf("counting leased numbers: %w", err)
	}
	for _, n := range claimed {
		if n <= c.covered || n > c.covered+v.generation*seiReserve || held >= maxHeld {
			continue // known to the backup, or never given
		}
		var used int
		if err := w.row("SELECT COUNT(*) FROM documents WHERE sei_number = ?", n).Scan(&used); err != nil {
			return fmt.Errorf("looking for a claimed number: %w", err)
		}
		if used > 0 {
			continue
		}
		added, err := w.execCount("INSERT INTO leased_numbers (number, device_id, epoch, state, at) VALUES (?, ?, ?, 'leased', ?) ON CONFLICT (number) DO NOTHING",
			n, string(ses.Device), ses.Epoch, micros(s.now()))
		if err != nil {
			return err
		}
		held += int(added)
		if err := raise(w, s.zone, counterKey{scope: seiScope}, n); err != nil {
			return err
		}
	}
	return nil
}

// deskIsDone notes that the workstation has given all it had. One whose epoch
// the central still knows gets a push token, since the one it holds is lost here:
// it keeps its numbers that way.
func (s *Service) deskIsDone(w *writer, v *recovery, ses Session, epoch int64) (string, error) {
	err := w.exec("INSERT INTO returned_desks (recovery, device_id, at) VALUES (?, ?, ?) ON CONFLICT (recovery, device_id) DO NOTHING",
		v.id, string(ses.Device), micros(s.now()))
	if err != nil || epoch != ses.Epoch {
		return "", err
	}
	token, hash, err := newToken(s.cfg.Random)
	if err != nil {
		return "", err
	}
	return token, w.exec("UPDATE devices SET push_current = ?, push_previous = ? WHERE id = ?", hash, hash, string(ses.Device))
}

// lackingFiles names the files that the act's own command cites and that are not
// here. Who has given the command knows them already.
func (s *Service) lackingFiles(ctx context.Context, a *returnedAct) ([]sei.SHA256, error) {
	if a.cmd == nil || !a.receipt.Accepted {
		return nil, nil
	}
	var lacking []sei.SHA256
	for _, ref := range sei.CitedBlobs(a.cmd.command.Body) {
		_, err := s.cfg.Files.Size(ctx, ref.SHA256)
		if sei.CodeOf(err) == sei.CodeNotFound {
			lacking = append(lacking, ref.SHA256)
		} else if err != nil {
			return nil, fmt.Errorf("looking for a file: %w", err)
		}
	}
	return lacking, nil
}

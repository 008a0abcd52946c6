package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// SignState is where one document of a batch stands at this workstation; what
// the central said of its command is the outbox's to tell.
type SignState string

// The states of a document of a batch.
const (
	SignWaiting SignState = "waiting" // not signed
	SignHanded  SignState = "handed"  // handed in with a password, without an answer yet
	SignSigned  SignState = "signed"  // its command is in the outbox
	SignFailed  SignState = "failed"  // could not be signed; Why says the reason
)

const (
	// MaxSignBatch is how many documents one act of signing may hold.
	MaxSignBatch = 500
	// keptBatches is how many ended acts are kept for looking at again.
	keptBatches = 50
)

// SignBatch is an act of signing documents with one PIN or password.
type SignBatch struct {
	ID      string
	Unit    sei.UnitID
	Started time.Time
	Ended   time.Time // zero while under way, or when a crash cut it short
	Code    sei.Code  // of what stopped it before its end, or ""
	Why     string
	Details SignDetails
	Items   []SignBatchItem
}

// SignDetails say who signed, as what and with what. No secret is among them.
type SignDetails struct {
	Signer      string       `json:"signer"`
	Agency      sei.AgencyID `json:"agency"`
	Position    string       `json:"position"`
	Method      string       `json:"method"`      // "certificate" or "password"
	Certificate string       `json:"certificate"` // its holder, "" with a password
}

// SignBatchItem is one document of a batch.
type SignBatchItem struct {
	Command  sei.CommandID
	Process  sei.ProcessID
	Document sei.DocumentID
	State    SignState
	Code     sei.Code
	Why      string
	Labels   SignLabels
	// Outbox is what became of the command; "" while it is not in the outbox.
	Outbox OutboxState
}

// SignLabels are how lists name the document.
type SignLabels struct {
	Title     string `json:"title"`
	SEINumber string `json:"seiNumber"`
	Process   string `json:"process"` // number, or local reference
}

// StartSignBatch stores a batch before the first of its documents is signed. The
// batches in place of which it comes (those cut short before) end with it. Errors:
// sei.CodeTooLarge over [MaxSignBatch].
func (s *Store) StartSignBatch(ctx context.Context, b SignBatch, inPlaceOf ...string) error {
	if n := len(b.Items); n == 0 || n > MaxSignBatch {
		return sei.Errorf(sei.CodeTooLarge, "Um lote de assinatura leva de 1 a %d documentos.", MaxSignBatch)
	}
	return s.write(ctx, "starting a batch", func(tx *sql.Tx) error {
		details, err := s.sealJSON(place("sign_batches", "details", b.ID), b.Details)
		if err != nil {
			return err
		}
		err = exec(ctx, tx, `INSERT INTO sign_batches (id, unit, started, details) VALUES (?, ?, ?, ?)`,
			b.ID, string(b.Unit), stamp(s.opts.Now()), details)
		if err != nil {
			return err
		}
		for i, item := range b.Items {
			labels, err := s.sealJSON(place("sign_items", "labels", string(item.Command)), item.Labels)
			if err != nil {
				return err
			}
			err = exec(ctx, tx, `INSERT INTO sign_items (batch, position, command, process, document, state, labels) VALUES (?, ?, ?, ?, ?, 'waiting', ?)`,
				b.ID, i, string(item.Command), string(item.Process), string(item.Document), labels)
			if err != nil {
				return err
			}
		}
		for _, id := range inPlaceOf {
			if err := s.endSignBatch(ctx, tx, id, "", ""); err != nil {
				return err
			}
		}
		return exec(ctx, tx, `DELETE FROM sign_batches WHERE ended > 0 AND id NOT IN
			(SELECT id FROM sign_batches WHERE ended > 0 ORDER BY started DESC LIMIT ?)`, keptBatches)
	})
}

// EnqueueSigned queues a signature of a batch and notes it there, both or none: a
// document whose signature is in the outbox is never signed again by the batch.
// It gives sei.CodeConflict when that has happened before. Other errors: Enqueue's.
func (s *Store) EnqueueSigned(ctx context.Context, e Entry) error {
	err := s.write(ctx, "queueing a signature", func(tx *sql.Tx) error {
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		if err := markSigned(ctx, tx, e.Command.ID, SignWaiting); err != nil {
			return err
		}
		return s.enqueue(ctx, tx, d, e)
	})
	if err == nil {
		s.opts.Changed(Change{Outbox: true, Processes: []sei.ProcessID{e.Command.Process}})
	}
	return err
}

// markSigned moves an item on that stands in one of the states.
func markSigned(ctx context.Context, tx *sql.Tx, id sei.CommandID, from SignState) error {
	res, err := tx.ExecContext(ctx, `UPDATE sign_items SET state = 'signed', code = '', why = '', envelope = NULL
		WHERE command = ? AND state = ?`, string(id), string(from))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, sei.Errorf(sei.CodeConflict, "Este documento já foi assinado neste lote."))
	}
	return nil
}

// FailSigned notes why a document could not be signed.
func (s *Store) FailSigned(ctx context.Context, id sei.CommandID, code sei.Code, why string) error {
	return s.write(ctx, "noting a failed signature", func(tx *sql.Tx) error {
		return exec(ctx, tx, `UPDATE sign_items SET state = 'failed', code = ?, why = ?, envelope = NULL
			WHERE command = ? AND state IN ('waiting', 'handed')`, string(code), cut(why, 1000), string(id))
	})
}

// HandIn keeps commands that are about to be handed in with a password, and gives
// them sealed. What happened to one whose answer is lost can be asked by its id.
func (s *Store) HandIn(ctx context.Context, commands []wire.Command) ([]ledger.Sealed, error) {
	out := make([]ledger.Sealed, 0, len(commands))
	err := s.write(ctx, "handing in signatures", func(tx *sql.Tx) error {
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range commands {
			sealed, err := sealFor(d, c)
			if err != nil {
				return err
			}
			envelope, err := s.sealJSON(place("sign_items", "envelope", string(c.ID)), sealed)
			if err != nil {
				return err
			}
			err = exec(ctx, tx, `UPDATE sign_items SET state = 'handed', envelope = ? WHERE command = ? AND state = 'waiting'`, envelope, string(c.ID))
			if err != nil {
				return err
			}
			out = append(out, sealed)
		}
		return nil
	})
	return out, err
}

// Handed is a signature that was handed in and has no answer.
type Handed struct {
	Command wire.Command
	Sealed  ledger.Sealed
}

// HandedIn lists the signatures that were handed in and have no answer.
func (s *Store) HandedIn(ctx context.Context) ([]Handed, error) {
	var out []Handed
	err := s.view(ctx, "reading signatures that were handed in", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var id string
			var data []byte
			if err := scan(&id, &data); err != nil {
				return err
			}
			var h Handed
			if err := s.unsealJSON(place("sign_items", "envelope", id), data, &h.Sealed); err != nil {
				return err
			}
			var err error
			if h.Command, err = wire.ReadCommand(h.Sealed.Payload); err != nil {
				return damaged(fmt.Errorf("signature %s: %w", id, err))
			}
			out = append(out, h)
			return nil
		}, `SELECT command, envelope FROM sign_items WHERE state = 'handed' ORDER BY batch, position`)
	})
	return out, err
}

// NotHandedIn puts documents back of which the central is known to have nothing.
func (s *Store) NotHandedIn(ctx context.Context, ids []sei.CommandID) error {
	return s.write(ctx, "taking back signatures", func(tx *sql.Tx) error {
		for _, id := range ids {
			err := exec(ctx, tx, `UPDATE sign_items SET state = 'waiting', envelope = NULL WHERE command = ? AND state = 'handed'`, string(id))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// KeepSigned is [Store.KeepAnswer] for a signature of a batch that was handed in.
func (s *Store) KeepSigned(ctx context.Context, c wire.Command, sealed ledger.Sealed, r ledger.Receipt) error {
	change := Change{Outbox: true}
	err := s.write(ctx, "keeping the answer to "+string(c.ID), func(tx *sql.Tx) error {
		if err := markSigned(ctx, tx, c.ID, SignHanded); err != nil {
			return err
		}
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.enqueue(ctx, tx, d, Entry{Command: c}); err != nil {
			return err
		}
		return s.settle(ctx, tx, c.ID, sealed, r, &change)
	})
	if err == nil {
		s.opts.Changed(change)
	}
	return err
}

// EndSignBatch notes that a batch is over; code and why say what stopped it
// before its end.
func (s *Store) EndSignBatch(ctx context.Context, id string, code sei.Code, why string) error {
	return s.write(ctx, "ending a batch", func(tx *sql.Tx) error { return s.endSignBatch(ctx, tx, id, code, why) })
}

func (s *Store) endSignBatch(ctx context.Context, tx *sql.Tx, id string, code sei.Code, why string) error {
	return exec(ctx, tx, `UPDATE sign_batches SET ended = ?, code = ?, why = ? WHERE id = ? AND ended = 0`,
		stamp(s.opts.Now()), string(code), cut(why, 1000), id)
}

// SignBatch finds a batch; the bool says whether it is there.
func (s *Store) SignBatch(ctx context.Context, id string) (SignBatch, bool, error) {
	all, err := s.signBatches(ctx, `id = ?`, id)
	if err != nil || len(all) == 0 {
		return SignBatch{}, false, err
	}
	return all[0], true, nil
}

// OpenSignBatches lists the batches that have not ended, the oldest first.
func (s *Store) OpenSignBatches(ctx context.Context) ([]SignBatch, error) {
	return s.signBatches(ctx, `ended = 0 ORDER BY started`)
}

func (s *Store) signBatches(ctx context.Context, where string, args ...any) ([]SignBatch, error) {
	var out []SignBatch
	err := s.view(ctx, "reading batches", func(tx *sql.Tx) error {
		err := each(ctx, tx, func(scan func(...any) error) error {
			var b SignBatch
			var started, ended int64
			var details []byte
			if err := scan(&b.ID, (*string)(&b.Unit), &started, &ended, (*string)(&b.Code), &b.Why, &details); err != nil {
				return err
			}
			b.Started, b.Ended = moment(started), moment(ended)
			err := s.unsealJSON(place("sign_batches", "details", b.ID), details, &b.Details)
			out = append(out, b)
			return err
		}, `SELECT id, unit, started, ended, code, why, details FROM sign_batches WHERE `+where, args...)
		for i := range out {
			if err == nil {
				out[i].Items, err = s.signItems(ctx, tx, out[i].ID)
			}
		}
		return err
	})
	return out, err
}

func (s *Store) signItems(ctx context.Context, q queryer, batch string) ([]SignBatchItem, error) {
	var out []SignBatchItem
	err := each(ctx, q, func(scan func(...any) error) error {
		var i SignBatchItem
		var labels []byte
		var answer string
		err := scan((*string)(&i.Command), (*string)(&i.Process), (*string)(&i.Document), (*string)(&i.State), (*string)(&i.Code), &i.Why,
			&labels, (*string)(&i.Outbox), &answer)
		if err != nil {
			return err
		}
		if i.Outbox == StateRefused || i.Outbox == StateQueued && answer != "" {
			i.Why = answer
		}
		err = s.unsealJSON(place("sign_items", "labels", string(i.Command)), labels, &i.Labels)
		out = append(out, i)
		return err
	}, `SELECT i.command, i.process, i.document, i.state, i.code, i.why, i.labels, coalesce(o.state, ''), coalesce(o.why, '')
		FROM sign_items i LEFT JOIN outbox o ON o.id = i.command WHERE i.batch = ? ORDER BY i.position`, batch)
	return out, err
}

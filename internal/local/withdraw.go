package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// OutboxEntry is an entry as a list shows it.
type OutboxEntry struct {
	ID            sei.CommandID
	Kind          sei.CommandKind
	Process       sei.ProcessID
	Document      sei.DocumentID // "" when the command is about the process
	Unit          sei.UnitID
	Title         string
	ProcessLabel  string
	DocumentLabel string
	State         OutboxState
	Why           string   // for what it waits, or why it was refused
	Code          sei.Code // of a refusal
	Created       time.Time
	Settled       time.Time // of the answer or the withdrawal
	Arrived       bool      // accepted, and shown by the accepted state
}

// OutboxCounts are what a status bar shows.
type OutboxCounts struct {
	Queued, Sending, Refused int
}

const entryColumns = `id, kind, process, document, unit, title, process_label, document_label, state, why, code, created, settled, arrived`

// Outbox lists what waits, is on its way, or is accepted and has not arrived,
// in the order of its making.
func (s *Store) Outbox(ctx context.Context, limit int) ([]OutboxEntry, error) {
	return s.entries(ctx, s.r, `state IN ('queued', 'sending') OR state = 'accepted' AND arrived = 0 ORDER BY seq LIMIT ?`, limit)
}

// Refused lists what stands under "Recusados pela central", the latest first.
func (s *Store) Refused(ctx context.Context, limit int) ([]OutboxEntry, error) {
	return s.entries(ctx, s.r, `state = 'refused' AND dismissed = 0 ORDER BY settled DESC, seq DESC LIMIT ?`, limit)
}

// Withdrawn lists what the servant withdrew and has not dismissed.
func (s *Store) Withdrawn(ctx context.Context, limit int) ([]OutboxEntry, error) {
	return s.entries(ctx, s.r, `state = 'withdrawn' AND dismissed = 0 ORDER BY settled DESC, seq DESC LIMIT ?`, limit)
}

// OutboxOf lists every entry of a process, answered ones included.
func (s *Store) OutboxOf(ctx context.Context, process sei.ProcessID) ([]OutboxEntry, error) {
	return s.entries(ctx, s.r, `process = ? ORDER BY seq`, string(process))
}

// OutboxEntry finds one entry in whatever state.
func (s *Store) OutboxEntry(ctx context.Context, id sei.CommandID) (OutboxEntry, bool, error) {
	all, err := s.entries(ctx, s.r, `id = ?`, string(id))
	if err != nil || len(all) == 0 {
		return OutboxEntry{}, false, err
	}
	return all[0], true, nil
}

// OutboxCommand gives an entry's command, refused and withdrawn ones included,
// so that its text and files can be used again.
func (s *Store) OutboxCommand(ctx context.Context, id sei.CommandID) (sei.Command, error) {
	var envelope []byte
	err := s.r.QueryRowContext(ctx, `SELECT envelope FROM outbox WHERE id = ?`, string(id)).Scan(&envelope)
	if errors.Is(err, sql.ErrNoRows) {
		return sei.Command{}, noEntry()
	}
	if err != nil {
		return sei.Command{}, fmt.Errorf("reading entry %s: %w", id, err)
	}
	_, c, err := s.openEnvelope(id, envelope)
	if err != nil {
		return sei.Command{}, err
	}
	return c.Decode()
}

// OutboxCounts counts what waits and what was refused and not dismissed.
func (s *Store) OutboxCounts(ctx context.Context) (OutboxCounts, error) {
	var c OutboxCounts
	err := s.r.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'sending'),
		count(*) FILTER (WHERE state = 'refused' AND dismissed = 0) FROM outbox`).Scan(&c.Queued, &c.Sending, &c.Refused)
	if err != nil {
		return c, fmt.Errorf("counting the outbox: %w", err)
	}
	return c, nil
}

func (s *Store) entries(ctx context.Context, q queryer, where string, args ...any) ([]OutboxEntry, error) {
	var out []OutboxEntry
	err := each(ctx, q, func(scan func(...any) error) error {
		var e OutboxEntry
		var created, settled int64
		err := scan((*string)(&e.ID), (*string)(&e.Kind), (*string)(&e.Process), (*string)(&e.Document), (*string)(&e.Unit),
			&e.Title, &e.ProcessLabel, &e.DocumentLabel, (*string)(&e.State), &e.Why, (*string)(&e.Code), &created, &settled, &e.Arrived)
		e.Created, e.Settled = moment(created), moment(settled)
		out = append(out, e)
		return err
	}, `SELECT `+entryColumns+` FROM outbox WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("listing the outbox: %w", err)
	}
	return out, nil
}

func noEntry() error {
	return sei.Errorf(sei.CodeNotFound, "Esta operação não está mais na fila.")
}

// WithdrawPlan lists what [Store.Withdraw] would withdraw: the entry and all
// that depend on it, in the order of their making.
func (s *Store) WithdrawPlan(ctx context.Context, id sei.CommandID) ([]OutboxEntry, error) {
	var out []OutboxEntry
	err := s.view(ctx, "planning a withdrawal", func(tx *sql.Tx) error {
		var err error
		out, err = s.withdrawPlan(ctx, tx, id)
		return err
	})
	return out, err
}

func (s *Store) withdrawPlan(ctx context.Context, q queryer, id sei.CommandID) ([]OutboxEntry, error) {
	first, err := s.entries(ctx, q, `id = ?`, string(id))
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, noEntry()
	}
	ids, err := dependants(ctx, q, []sei.CommandID{id})
	if err != nil {
		return nil, err
	}
	out := first
	for _, d := range ids {
		more, err := s.entries(ctx, q, `id = ?`, string(d))
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	for _, e := range out {
		switch e.State {
		case StateQueued:
		case StateSending:
			return nil, sei.Errorf(CodeSending, "“%s” já está sendo enviado e não pode mais ser retirado. Espere a resposta da central.", e.Title)
		default:
			return nil, sei.Errorf(CodeSettled, "“%s” já não está aguardando envio e não pode ser retirado.", e.Title)
		}
	}
	return out, nil
}

// Withdraw takes a queued entry back with all that depend on it and returns
// them. Codes: [CodeSending] when one is on its way, [CodeSettled] when it was
// answered or withdrawn before, sei.CodeNotFound. Texts, files and the
// document's number stay until [Store.Dismiss], so that it can be queued again.
func (s *Store) Withdraw(ctx context.Context, id sei.CommandID) ([]OutboxEntry, error) {
	var out []OutboxEntry
	err := s.write(ctx, "withdrawing", func(tx *sql.Tx) error {
		var err error
		if out, err = s.withdrawPlan(ctx, tx, id); err != nil {
			return err
		}
		for i := range out {
			out[i].State, out[i].Settled = StateWithdrawn, s.opts.Now()
			err := exec(ctx, tx, `UPDATE outbox SET state = 'withdrawn', why = '', settled = ? WHERE id = ?`,
				stamp(out[i].Settled), string(out[i].ID))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.opts.Changed(Change{Outbox: true})
	return out, nil
}

// Dismiss takes a refused or withdrawn entry off the lists. Its files are
// erased if nothing else needs them; pin those that are to be used again first.
// The number of a document that is given up with it goes back to the central.
func (s *Store) Dismiss(ctx context.Context, id sei.CommandID) error {
	err := s.write(ctx, "dismissing", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE outbox SET dismissed = 1 WHERE id = ? AND state IN ('refused', 'withdrawn')`, string(id))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, noEntry())
		}
		if err := releaseAbandoned(ctx, tx, id); err != nil {
			return err
		}
		blobs, err := entryBlobs(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, b := range blobs {
			if err := eraseIfUnlinked(ctx, tx, b.SHA256); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.opts.Changed(Change{Outbox: true})
	return s.Maintain(ctx)
}

// releaseAbandoned gives up the number of a document that no draft and no other
// entry carries any more.
func releaseAbandoned(ctx context.Context, tx *sql.Tx, id sei.CommandID) error {
	documents, err := column[sei.DocumentID](ctx, tx, `SELECT document FROM outbox o
		WHERE id = ? AND kind IN ('AddDocument', 'RegisterExternal')
			AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.document = o.document)
			AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = o.document)
			AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.document = o.document AND x.dismissed = 0
				AND x.kind IN ('AddDocument', 'RegisterExternal'))`, string(id))
	for _, d := range documents {
		if err := releaseNumber(ctx, tx, d); err != nil {
			return err
		}
	}
	return err
}

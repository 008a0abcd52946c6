package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Settle stores a verified receipt: an accepted entry leaves the overlay when
// its rows have arrived, a refused one stands under "Recusados pela central",
// and so do the entries that depend on it. An entry whose receipt is stored
// keeps it, whatever comes again. One that is not in the outbox gives
// sei.CodeNotFound.
func (s *Store) Settle(ctx context.Context, id sei.CommandID, sealed ledger.Sealed, r ledger.Receipt) error {
	change := Change{Outbox: true}
	err := s.write(ctx, "settling "+string(id), func(tx *sql.Tx) error {
		return s.settle(ctx, tx, id, sealed, r, &change)
	})
	if err == nil {
		s.opts.Changed(change)
	}
	return err
}

// KeepAnswer stores a command that was sent at once, never having waited, with
// the verified receipt that accepted it.
func (s *Store) KeepAnswer(ctx context.Context, c wire.Command, sealed ledger.Sealed, r ledger.Receipt) error {
	change := Change{Outbox: true}
	err := s.write(ctx, "keeping the answer to "+string(c.ID), func(tx *sql.Tx) error {
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

func (s *Store) settle(ctx context.Context, tx *sql.Tx, id sei.CommandID, sealed ledger.Sealed, r ledger.Receipt, change *Change) error {
	process, had, err := settled(ctx, tx, id)
	if err != nil || had {
		return err
	}
	change.Processes = []sei.ProcessID{process}
	receipt, err := s.sealJSON(place("outbox", "receipt", string(id)), sealed)
	if err != nil {
		return err
	}
	state := StateAccepted
	if !r.Accepted {
		state = StateRefused
	}
	err = exec(ctx, tx, `UPDATE outbox SET state = ?, code = ?, why = ?, settled = ?, answered = ?, receipt = ?, dismissed = 0 WHERE id = ?`,
		string(state), r.Code, r.Message, stamp(s.opts.Now()), stamp(r.At), receipt, string(id))
	if err != nil {
		return err
	}
	if !r.Accepted {
		return s.refuseDependants(ctx, tx, id)
	}
	if err := s.awaitRows(ctx, tx, id, r); err != nil {
		return err
	}
	if err := markArrived(ctx, tx); err != nil {
		return err
	}
	var arrived bool
	if err := tx.QueryRowContext(ctx, `SELECT arrived FROM outbox WHERE id = ?`, string(id)).Scan(&arrived); err != nil || arrived {
		return err
	}
	return wantProcess(ctx, tx, process) // no index may speak of it
}

// settled says whether the central's answer to an entry is stored.
func settled(ctx context.Context, tx *sql.Tx, id sei.CommandID) (process sei.ProcessID, had bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT process, receipt IS NOT NULL FROM outbox WHERE id = ?`, string(id)).Scan(&process, &had)
	if errors.Is(err, sql.ErrNoRows) {
		err = sei.Errorf(sei.CodeNotFound, "A central respondeu a uma operação que não está na fila deste computador.")
	}
	return process, had, err
}

func (s *Store) openReceipt(id sei.CommandID, data []byte) (ledger.Receipt, error) {
	var sealed ledger.Sealed
	var r ledger.Receipt
	if err := s.unsealJSON(place("outbox", "receipt", string(id)), data, &sealed); err != nil {
		return r, err
	}
	if err := json.Unmarshal(sealed.Payload, &r); err != nil {
		return r, damaged(fmt.Errorf("decoding the receipt of %s: %w", id, err))
	}
	return r, nil
}

// Receipt gives the stored answer as the central sealed it; the bool says
// whether there is one.
func (s *Store) Receipt(ctx context.Context, id sei.CommandID) (ledger.Sealed, bool, error) {
	var data []byte
	err := s.r.QueryRowContext(ctx, `SELECT receipt FROM outbox WHERE id = ?`, string(id)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) || err == nil && data == nil {
		return ledger.Sealed{}, false, nil
	}
	var sealed ledger.Sealed
	if err == nil {
		err = s.unsealJSON(place("outbox", "receipt", string(id)), data, &sealed)
	}
	if err != nil {
		return sealed, false, fmt.Errorf("reading the receipt of %s: %w", id, err)
	}
	return sealed, true, nil
}

// Reject stores that the central could not even read the entry.
func (s *Store) Reject(ctx context.Context, id sei.CommandID, r sei.Refusal) error {
	err := s.write(ctx, "rejecting "+string(id), func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE outbox SET state = 'refused', code = ?, why = ?, settled = ?
			WHERE id = ? AND state IN ('queued', 'sending')`, string(r.Code), r.Message, stamp(s.opts.Now()), string(id))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // answered or withdrawn before
		}
		return s.refuseDependants(ctx, tx, id)
	})
	if err == nil {
		s.opts.Changed(Change{Outbox: true})
	}
	return err
}

// refuseDependants refuses what waits for a refused entry, however far down.
// The central's own receipts for those that were on their way replace this.
func (s *Store) refuseDependants(ctx context.Context, tx *sql.Tx, id sei.CommandID) error {
	var title string
	if err := tx.QueryRowContext(ctx, `SELECT title FROM outbox WHERE id = ?`, string(id)).Scan(&title); err != nil {
		return err
	}
	why := fmt.Sprintf("Depende de “%s”, que a central recusou. Corrija aquela operação e repita esta.", title)
	ids, err := dependants(ctx, tx, []sei.CommandID{id})
	if err != nil {
		return err
	}
	for _, d := range ids {
		err := exec(ctx, tx, `UPDATE outbox SET state = 'refused', code = ?, why = ?, settled = ?
			WHERE id = ? AND state IN ('queued', 'sending')`, string(sei.CodeDependency), why, stamp(s.opts.Now()), string(d))
		if err != nil {
			return err
		}
	}
	return nil
}

// dependants are the entries that wait for any of ids, directly or not, in the
// order of their making; entries that were answered or withdrawn end a branch.
func dependants(ctx context.Context, q queryer, ids []sei.CommandID) ([]sei.CommandID, error) {
	roots := make([]string, len(ids))
	for i, id := range ids {
		roots[i] = string(id)
	}
	list, err := json.Marshal(roots)
	if err != nil {
		return nil, err
	}
	return column[sei.CommandID](ctx, q, `WITH RECURSIVE waiting (id) AS (
			SELECT value FROM json_each(?1)
			UNION SELECT o.id FROM waiting w JOIN outbox_needs n ON n.needs = w.id JOIN outbox o ON o.id = n.id
				WHERE o.state IN ('queued', 'sending'))
		SELECT o.id FROM outbox o JOIN waiting w ON w.id = o.id
		WHERE o.id NOT IN (SELECT value FROM json_each(?1)) ORDER BY o.seq`, string(list))
}

// awaitRows stores which rows will show an accepted entry.
func (s *Store) awaitRows(ctx context.Context, tx *sql.Tx, id sei.CommandID, r ledger.Receipt) error {
	for _, c := range r.Events {
		process, ok := strings.CutPrefix(c.Stream, "process/")
		if !ok {
			continue
		}
		err := exec(ctx, tx, `INSERT INTO awaited (id, process, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, string(id), process, c.Version)
		if err != nil {
			return err
		}
	}
	return nil
}

// markArrived lets accepted entries leave the overlay whose rows are all here:
// the events that the receipt cites, and the revision of a command that
// carries a text (it bears the command's id).
func markArrived(ctx context.Context, tx *sql.Tx) error {
	err := exec(ctx, tx, `UPDATE outbox SET arrived = 1 WHERE state = 'accepted' AND arrived = 0
		AND NOT EXISTS (SELECT 1 FROM awaited a WHERE a.id = outbox.id
			AND NOT EXISTS (SELECT 1 FROM events e WHERE e.process = a.process AND e.version = a.version))
		AND (kind NOT IN ('AddDocument', 'EditMinute') OR EXISTS (SELECT 1 FROM minutes m WHERE m.revision = outbox.id))`)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `DELETE FROM awaited WHERE id IN (SELECT id FROM outbox WHERE arrived = 1)`)
}

package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// CodeLate is an accepted act that a restored central lost and did not get back
// in time: it is evidence, and has to be done again.
const CodeLate sei.Code = "recovery.late"

// keepRecordsFor is how long records are kept after a backup covered them: an
// older backup may be the one that is restored.
const keepRecordsFor = 30 * 24 * time.Hour

// LogState is what the workstation knows of the central's signed log.
type LogState struct {
	Checkpoint *ledger.Sealed `json:"checkpoint,omitempty"` // the latest that held
	Backup     *ledger.Sealed `json:"backup,omitempty"`     // the latest statement
	Recovery   *ledger.Sealed `json:"recovery,omitempty"`   // the latest statement
	// Done names the recovery in which everything held here was given back.
	Done string `json:"done,omitempty"`
}

const factLog = "log"

// LogState gives what [Store.KeepLog] stored last.
func (s *Store) LogState(ctx context.Context) (LogState, error) {
	var v LogState
	if _, err := fact(ctx, s.r, factLog, &v); err != nil {
		return v, fmt.Errorf("reading what is known of the log: %w", err)
	}
	return v, nil
}

// KeepLog stores verified words of the central about its log; what is nil stays
// as it was.
func (s *Store) KeepLog(ctx context.Context, news LogState) error {
	return s.write(ctx, "storing what is known of the log", func(tx *sql.Tx) error {
		return changeLog(ctx, tx, func(v *LogState) {
			if news.Checkpoint != nil {
				v.Checkpoint = news.Checkpoint
			}
			if news.Backup != nil {
				v.Backup = news.Backup
			}
			if news.Recovery != nil {
				v.Recovery = news.Recovery
			}
		})
	})
}

func changeLog(ctx context.Context, tx *sql.Tx, change func(*LogState)) error {
	var v LogState
	if _, err := fact(ctx, tx, factLog, &v); err != nil {
		return err
	}
	change(&v)
	return setFact(ctx, tx, factLog, v)
}

// KeepRecords stores the events of an answer before the answer itself: an entry
// that has its receipt has what it would be given back with.
func (s *Store) KeepRecords(ctx context.Context, id sei.CommandID, records []ledger.Record) error {
	if len(records) == 0 {
		return nil
	}
	return s.write(ctx, "keeping the events of "+string(id), func(tx *sql.Tx) error {
		body, err := s.sealJSON(place("records", string(id)), records)
		if err != nil {
			return err
		}
		return exec(ctx, tx, `INSERT INTO records (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body`, string(id), body)
	})
}

// HeldActs gives the next answered acts that a restored central may have lost:
// those that it answered at until or later, with their evidence, and the events
// that it recorded by itself. What was given in this recovery already is left out.
func (s *Store) HeldActs(ctx context.Context, recovery string, until time.Time, limit int) ([]wire.GiveBackItem, error) {
	var out []wire.GiveBackItem
	err := s.view(ctx, "listing what to give back", func(tx *sql.Tx) error {
		own, err := s.heldEntries(ctx, tx, recovery, until, limit)
		if err != nil {
			return err
		}
		issued, err := s.heldIssued(ctx, tx, recovery, until, limit-len(own))
		out = append(own, issued...)
		return err
	})
	return out, err
}

func (s *Store) heldEntries(ctx context.Context, tx *sql.Tx, recovery string, until time.Time, limit int) ([]wire.GiveBackItem, error) {
	var out []wire.GiveBackItem
	err := each(ctx, tx, func(scan func(...any) error) error {
		var id sei.CommandID
		var envelope, receipt, records []byte
		if err := scan((*string)(&id), &envelope, &receipt, &records); err != nil {
			return err
		}
		item, err := s.heldEntry(id, envelope, receipt, records)
		out = append(out, item)
		return err
	}, `SELECT o.id, o.envelope, o.receipt, r.body FROM outbox o LEFT JOIN records r ON r.id = o.id
		WHERE o.receipt IS NOT NULL AND o.given <> ? AND (o.answered = 0 OR o.answered >= ?) ORDER BY o.seq LIMIT ?`, recovery, stamp(until), limit)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.completeRecords(ctx, tx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Store) heldEntry(id sei.CommandID, envelope, receipt, records []byte) (wire.GiveBackItem, error) {
	var item wire.GiveBackItem
	sealed, _, err := s.openEnvelope(id, envelope)
	if err != nil {
		return item, err
	}
	item.Command = &sealed
	if err := s.unsealJSON(place("outbox", "receipt", string(id)), receipt, &item.Receipt); err != nil {
		return item, err
	}
	if records != nil {
		err = s.unsealJSON(place("records", string(id)), records, &item.Records)
	}
	return item, err
}

// completeRecords finds among the synced rows the events of an answer that came
// without them, from an older central.
func (s *Store) completeRecords(ctx context.Context, tx *sql.Tx, item *wire.GiveBackItem) error {
	var r ledger.Receipt
	if err := json.Unmarshal(item.Receipt.Payload, &r); err != nil {
		return damaged(err)
	}
	if len(item.Records) == len(r.Events) {
		return nil
	}
	item.Records = nil
	for _, e := range r.Events {
		row, err := s.eventRow(ctx, tx, e.Stream, e.Version)
		if err != nil {
			return err
		}
		if row == nil || row.Payload == nil {
			item.Records = nil // not here: the central says what it lacks
			return nil
		}
		item.Records = append(item.Records, recordOf(*row))
	}
	return nil
}

func recordOf(row wire.EventRow) ledger.Record {
	return ledger.Record{Seq: row.Seq, Header: row.Header, Salt: row.Salt, Payload: row.Payload}
}

// eventRow reads a synced event, nil when it is not here.
func (s *Store) eventRow(ctx context.Context, tx *sql.Tx, stream string, version int64) (*wire.EventRow, error) {
	b, key := wire.Bucket(stream), "event/"+strconv.FormatInt(version, 10)
	var body []byte
	err := tx.QueryRowContext(ctx, `SELECT body FROM synced WHERE bucket = ? AND key = ?`, string(b), key).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if body, err = s.openRow(b, key, true, body); err != nil {
		return nil, err
	}
	row := new(wire.EventRow)
	if json.Unmarshal(body, row) != nil {
		return nil, nil
	}
	return row, nil
}

// heldIssued finds events that the central recorded by itself and proved.
func (s *Store) heldIssued(ctx context.Context, tx *sql.Tx, recovery string, until time.Time, limit int) ([]wire.GiveBackItem, error) {
	type at struct {
		process string
		version int64
	}
	var places []at
	err := each(ctx, tx, func(scan func(...any) error) error {
		var p at
		err := scan(&p.process, &p.version)
		places = append(places, p)
		return err
	}, `SELECT process, version FROM events WHERE issued >= ? AND issued > 0 AND given <> ? ORDER BY process, version LIMIT ?`,
		stamp(until), recovery, max(limit, 0))
	var out []wire.GiveBackItem
	for _, p := range places {
		row, err := s.eventRow(ctx, tx, string(wire.ProcessBucket(sei.ProcessID(p.process))), p.version)
		if err != nil {
			return nil, err
		}
		if row != nil && row.Receipt != nil && row.Payload != nil {
			out = append(out, wire.GiveBackItem{Receipt: *row.Receipt, Records: []ledger.Record{recordOf(*row)}})
		}
	}
	return out, err
}

// HeldNumbers lists the Nº SEI that this workstation holds, free and taken.
func (s *Store) HeldNumbers(ctx context.Context, limit int) ([]int64, error) {
	out, err := column[int64](ctx, s.r, `SELECT number FROM numbers ORDER BY state = 'taken' DESC, number LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("listing numbers: %w", err)
	}
	return out, nil
}

// GivenBack stores a verified answer to a give-back. An act that came too late
// stands under the refused ones, since it is not in the ledger any more. With
// done, everything that is held has been given.
func (s *Store) GivenBack(ctx context.Context, recovery string, results []wire.GiveBackResult, done bool) error {
	err := s.write(ctx, "storing what was given back", func(tx *sql.Tx) error {
		for _, r := range results {
			if err := s.givenBack(ctx, tx, recovery, r); err != nil {
				return err
			}
		}
		if !done {
			return nil
		}
		return changeLog(ctx, tx, func(v *LogState) { v.Done = recovery })
	})
	if err == nil && len(results) > 0 {
		s.opts.Changed(Change{Outbox: true})
	}
	return err
}

func (s *Store) givenBack(ctx context.Context, tx *sql.Tx, recovery string, r wire.GiveBackResult) error {
	if err := execs(ctx, tx, []any{recovery, r.Command}, `UPDATE outbox SET given = ? WHERE id = ?`,
		`UPDATE events SET given = ? WHERE command = ? AND issued > 0`); err != nil {
		return err
	}
	if r.State == wire.GivenLate {
		err := exec(ctx, tx, `UPDATE outbox SET state = 'refused', code = ?, why = ?, settled = ?, dismissed = 0 WHERE id = ? AND state = 'accepted'`,
			string(CodeLate), cut(r.Why, 1000), stamp(s.opts.Now()), r.Command)
		if err != nil {
			return err
		}
	}
	for _, sha := range r.Blobs {
		err := exec(ctx, tx, `INSERT INTO lacking (sha, size) SELECT sha, size FROM outbox_blobs WHERE id = ? AND sha = ? LIMIT 1 ON CONFLICT DO NOTHING`,
			r.Command, string(sha))
		if err != nil {
			return err
		}
	}
	return nil
}

// LackingFiles lists files that a restored central lacks and this workstation is
// to send again.
func (s *Store) LackingFiles(ctx context.Context, limit int) ([]sei.BlobRef, error) {
	var out []sei.BlobRef
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var ref sei.BlobRef
		err := scan((*string)(&ref.SHA256), &ref.Size)
		out = append(out, ref)
		return err
	}, `SELECT sha, size FROM lacking ORDER BY sha LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("listing files to send again: %w", err)
	}
	return out, nil
}

// ForgetLacking stops sending a file again: it has arrived, or is not here.
func (s *Store) ForgetLacking(ctx context.Context, sha sei.SHA256) error {
	return s.write(ctx, "forgetting a file to send again", func(tx *sql.Tx) error {
		return exec(ctx, tx, `DELETE FROM lacking WHERE sha = ?`, string(sha))
	})
}

// Covered notes that a backup of the central holds every answer given before
// until: files that were kept for giving back alone may go, and after a while the
// events too.
func (s *Store) Covered(ctx context.Context, until time.Time) error {
	err := s.write(ctx, "noting a backup", func(tx *sql.Tx) error {
		if err := s.noteAnswered(ctx, tx); err != nil {
			return err
		}
		files, err := column[sei.SHA256](ctx, tx, `SELECT DISTINCT b.sha FROM outbox_blobs b JOIN outbox o ON o.id = b.id
			WHERE o.covered = 0 AND o.answered > 0 AND o.answered < ?`, stamp(until))
		if err != nil {
			return err
		}
		if err := exec(ctx, tx, `UPDATE outbox SET covered = 1 WHERE covered = 0 AND answered > 0 AND answered < ?`, stamp(until)); err != nil {
			return err
		}
		err = exec(ctx, tx, `DELETE FROM records WHERE id IN (SELECT id FROM outbox WHERE covered = 1 AND answered < ?)`,
			stamp(s.opts.Now().Add(-keepRecordsFor)))
		if err != nil {
			return err
		}
		for _, sha := range files {
			if err := eraseIfUnlinked(ctx, tx, sha); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.eraseUnlinked(ctx)
}

// noteAnswered reads from their receipts when entries of an earlier release were
// answered.
func (s *Store) noteAnswered(ctx context.Context, tx *sql.Tx) error {
	at := map[sei.CommandID]int64{}
	err := each(ctx, tx, func(scan func(...any) error) error {
		var id sei.CommandID
		var data []byte
		if err := scan((*string)(&id), &data); err != nil {
			return err
		}
		r, err := s.openReceipt(id, data)
		at[id] = stamp(r.At)
		return err
	}, `SELECT id, receipt FROM outbox WHERE answered = 0 AND receipt IS NOT NULL`)
	if err != nil {
		return err
	}
	for id, answered := range at {
		if err := exec(ctx, tx, `UPDATE outbox SET answered = ? WHERE id = ?`, answered, string(id)); err != nil {
			return err
		}
	}
	return nil
}

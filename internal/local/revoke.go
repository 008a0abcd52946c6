package local

import (
	"context"
	"database/sql"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// revoke erases a bucket that the user may not read any more: rows, what was
// derived from them, index, and files that nothing else cites. The outbox and
// local drafts stay: they are the user's own.
func (s *Store) revoke(ctx context.Context, tx *sql.Tx, b wire.Bucket, a *applied) error {
	a.name = b
	a.kind, a.id = b.Parts()
	name := []any{string(b)}
	if err := setFact(ctx, tx, factCompact, true); err != nil {
		return err
	}
	if err := execs(ctx, tx, name, `DELETE FROM synced WHERE bucket = ?`, `DELETE FROM buckets WHERE bucket = ?`); err != nil {
		return err
	}
	a.arrived = true
	switch a.kind {
	case kindProcess:
		return s.revokeProcess(ctx, tx, a)
	case kindUnit:
		return s.revokeUnit(ctx, tx, a)
	case kindCatalogue:
		a.catalogue = true
	}
	return nil
}

func (s *Store) revokeProcess(ctx context.Context, tx *sql.Tx, a *applied) error {
	a.processes[sei.ProcessID(a.id)] = true
	if err := forgetFindable(ctx, tx, `process = ?`, a.id); err != nil {
		return err
	}
	if err := unlinkFiles(ctx, tx, `process = ?`, a.id); err != nil {
		return err
	}
	err := execs(ctx, tx, []any{a.id}, `DELETE FROM documents WHERE process = ?`, `DELETE FROM events WHERE process = ?`,
		// Nothing more will arrive of what was accepted for it.
		`UPDATE outbox SET arrived = 1 WHERE process = ? AND state = 'accepted'`)
	return err
}

// revokeUnit erases the unit's index and minutes, and asks the central about
// the processes that were known through this unit alone.
func (s *Store) revokeUnit(ctx context.Context, tx *sql.Tx, a *applied) error {
	a.catalogue = true // its members
	processes, err := column[sei.ProcessID](ctx, tx, `SELECT process FROM inbox WHERE unit = ?`, a.id)
	if err != nil {
		return err
	}
	documents, err := column[sei.DocumentID](ctx, tx, `SELECT DISTINCT document FROM minutes WHERE unit = ?`, a.id)
	if err != nil {
		return err
	}
	if err := unlinkPictures(ctx, tx, `unit = ?`, a.id); err != nil {
		return err
	}
	err = execs(ctx, tx, []any{a.id}, `DELETE FROM inbox WHERE unit = ?`, `DELETE FROM minutes WHERE unit = ?`,
		`UPDATE outbox SET arrived = 1 WHERE unit = ? AND state = 'accepted'`)
	if err != nil {
		return err
	}
	for _, id := range documents {
		// The text came from a minute that may not be read any more.
		if err := s.clearText(ctx, tx, id); err != nil {
			return err
		}
		a.documents[id] = true
	}
	for _, id := range processes {
		a.title(id)
	}
	a.gone = processes
	return s.derive(ctx, tx, a)
}

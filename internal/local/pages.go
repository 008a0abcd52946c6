package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Kinds of buckets.
const (
	kindCatalogue = "catalogue"
	kindUnit      = "unit"
	kindUser      = "user"
	kindProcess   = "process"
)

// Limits of one page, well over what a central sends.
const (
	maxPageRows = 4 * wire.MaxPullRows
	maxKey      = 300     // bytes
	maxRow      = 8 << 20 // bytes of one body
)

// bucketState is a bucket's own row.
type bucketState struct {
	name     wire.Bucket
	kind, id string
	cursor   int64
	sum      ledger.Hash
	snapshot bool
}

// applied collects what a page touched, for what is derived once at its end.
type applied struct {
	bucketState
	catalogue bool                    // reference data or members
	documents map[sei.DocumentID]bool // to be indexed anew
	titles    map[sei.ProcessID]bool  // the same
	processes map[sei.ProcessID]bool  // touched in any way
	gone      []sei.ProcessID         // left the unit's index
	came      []sei.ProcessID         // came into the first index of this user's
	arrived   bool                    // events or minutes came
}

// ApplyPage applies a page with all that is derived from it in one
// transaction. A page that was applied before changes no row. If the bucket's
// checksum does not match after the last page, the cursor is forgotten, so that
// the next pull is a snapshot, and mismatch is reported; the rows stay in view
// until the snapshot has come whole.
func (s *Store) ApplyPage(ctx context.Context, p wire.Page) (mismatch bool, err error) {
	if err := checkPage(p); err != nil {
		return false, err
	}
	a := &applied{documents: map[sei.DocumentID]bool{}, titles: map[sei.ProcessID]bool{}, processes: map[sei.ProcessID]bool{}}
	doing := "applying a page of " + string(p.Bucket)
	err = s.write(ctx, doing, func(tx *sql.Tx) error {
		if p.Revoked {
			return s.revoke(ctx, tx, p.Bucket, a)
		}
		mismatch, err = s.applyPage(ctx, tx, p, a)
		return err
	})
	if err != nil {
		return false, err
	}
	s.afterPage(ctx, p, a)
	return mismatch, nil
}

// ApplyPages applies pages of different buckets in one transaction, all or none,
// and says of each whether its checksum did not match. A first sync brings
// thousands of small buckets, and a transaction waits for the disk.
func (s *Store) ApplyPages(ctx context.Context, pages []wire.Page) (mismatches []bool, err error) {
	mismatches = make([]bool, len(pages))
	parts := make([]*applied, len(pages))
	err = s.write(ctx, "applying pages", func(tx *sql.Tx) error {
		for i, p := range pages {
			if err := checkPage(p); err != nil {
				return err
			}
			a := &applied{documents: map[sei.DocumentID]bool{}, titles: map[sei.ProcessID]bool{}, processes: map[sei.ProcessID]bool{}}
			parts[i] = a
			if p.Revoked {
				err = s.revoke(ctx, tx, p.Bucket, a)
			} else {
				mismatches[i], err = s.applyPage(ctx, tx, p, a)
			}
			if err != nil {
				return fmt.Errorf("page of %s: %w", p.Bucket, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, p := range pages {
		s.afterPage(ctx, p, parts[i])
	}
	return mismatches, nil
}

// afterPage does what must wait for the commit.
func (s *Store) afterPage(ctx context.Context, p wire.Page, a *applied) {
	if a.catalogue {
		s.catalogueAge.Add(1)
	}
	if p.Revoked {
		// What fails now is done at the next call.
		_ = s.Maintain(ctx) // best effort
	}
	change := Change{Bucket: p.Bucket, Outbox: a.arrived}
	for id := range a.processes {
		change.Processes = append(change.Processes, id)
	}
	s.opts.Changed(change)
}

func checkPage(p wire.Page) error {
	kind, id := p.Bucket.Parts()
	bad := p.Bucket == "" || len(p.Bucket) > maxKey || len(p.Rows) > maxPageRows || p.Cursor < 0
	switch kind {
	case kindUnit, kindUser, kindProcess:
		bad = bad || id == ""
	}
	for _, r := range p.Rows {
		bad = bad || r.Key == "" || len(r.Key) > maxKey || len(r.Body) > maxRow || r.Version < 1
	}
	if bad {
		return sei.Wrap(fmt.Errorf("bucket %.50q, %d rows", p.Bucket, len(p.Rows)), sei.CodeInvalid, "A central enviou dados fora da forma combinada. Avise o suporte.")
	}
	return nil
}

func (s *Store) applyPage(ctx context.Context, tx *sql.Tx, p wire.Page, a *applied) (mismatch bool, err error) {
	if a.bucketState, err = openBucket(ctx, tx, p.Bucket); err != nil {
		return false, err
	}
	if !p.Reset && p.Cursor < a.cursor {
		return false, nil // a page of before
	}
	if p.Reset || a.cursor == 0 {
		if err := a.beginSnapshot(ctx, tx); err != nil {
			return false, err
		}
	}
	for _, r := range p.Rows {
		if err := s.applyRow(ctx, tx, a, r); err != nil {
			return false, fmt.Errorf("row %s: %w", r.Key, err)
		}
	}
	a.cursor = p.Cursor
	if !p.More {
		if err := s.endSnapshot(ctx, tx, a); err != nil {
			return false, err
		}
		if mismatch = p.Checksum != nil && *p.Checksum != a.sum; mismatch {
			a.cursor = 0
		}
	}
	if err := a.save(ctx, tx, !p.More && !mismatch); err != nil {
		return false, err
	}
	return mismatch, s.derive(ctx, tx, a)
}

func openBucket(ctx context.Context, tx *sql.Tx, name wire.Bucket) (bucketState, error) {
	b := bucketState{name: name}
	b.kind, b.id = name.Parts()
	var sum []byte
	err := tx.QueryRowContext(ctx, `SELECT cursor, checksum, snapshot FROM buckets WHERE bucket = ?`, string(name)).
		Scan(&b.cursor, &sum, &b.snapshot)
	if errors.Is(err, sql.ErrNoRows) {
		return b, nil
	}
	if err == nil && copy(b.sum[:], sum) != ledger.HashSize {
		err = damaged(fmt.Errorf("checksum of %s has %d bytes", name, len(sum)))
	}
	return b, err
}

func (a *applied) save(ctx context.Context, tx *sql.Tx, answered bool) error {
	return exec(ctx, tx, `INSERT INTO buckets (bucket, kind, id, cursor, checksum, snapshot) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (bucket) DO UPDATE SET cursor = excluded.cursor, checksum = excluded.checksum,
			snapshot = excluded.snapshot, wanted = CASE WHEN ? THEN 0 ELSE wanted END`,
		string(a.name), a.kind, a.id, a.cursor, a.sum[:], a.snapshot, answered)
}

// beginSnapshot keeps the rows in view but out of the checksum, until what
// comes has replaced them: what was read once must not vanish for a moment.
func (a *applied) beginSnapshot(ctx context.Context, tx *sql.Tx) error {
	a.snapshot, a.sum = true, ledger.Hash{}
	return exec(ctx, tx, `UPDATE synced SET stale = 1 WHERE bucket = ? AND stale = 0`, string(a.name))
}

// endSnapshot drops the rows that the snapshot did not bring.
func (s *Store) endSnapshot(ctx context.Context, tx *sql.Tx, a *applied) error {
	if !a.snapshot {
		return nil
	}
	a.snapshot = false
	keys, err := column[string](ctx, tx, `SELECT key FROM synced WHERE bucket = ? AND stale = 1`, string(a.name))
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.dropRow(ctx, tx, a, key); err != nil {
			return fmt.Errorf("row %s: %w", key, err)
		}
	}
	return nil
}

// applyRow puts one row in its place, if it is newer than what is there.
func (s *Store) applyRow(ctx context.Context, tx *sql.Tx, a *applied, r wire.Row) error {
	var version int64
	var stale bool
	err := tx.QueryRowContext(ctx, `SELECT version, stale FROM synced WHERE bucket = ? AND key = ?`, string(a.name), r.Key).Scan(&version, &stale)
	found := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if found && !stale {
		if r.Version <= version {
			return nil
		}
		a.sum = wire.RemoveRow(a.sum, r.Key, version)
	}
	if r.Gone {
		if !found {
			return nil
		}
		return s.dropRow(ctx, tx, a, r.Key)
	}
	a.sum = wire.AddRow(a.sum, r.Key, r.Version)
	// How much of a process's row is shown depends on the rights of the moment: the
	// same version may hold more now, or less.
	if found && stale && version == r.Version && a.kind != kindProcess {
		return exec(ctx, tx, `UPDATE synced SET stale = 0 WHERE bucket = ? AND key = ?`, string(a.name), r.Key)
	}
	return s.putRow(ctx, tx, a, r)
}

func (s *Store) putRow(ctx context.Context, tx *sql.Tx, a *applied, r wire.Row) error {
	body, sealed := []byte(r.Body), sealsRow(a.kind, r.Key)
	if sealed {
		var err error
		if body, err = s.seal(rowPlace(a.name, r.Key), body); err != nil {
			return err
		}
	}
	if body == nil {
		body = []byte{}
	}
	err := exec(ctx, tx, `INSERT INTO synced (bucket, key, version, sealed, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (bucket, key) DO UPDATE SET version = excluded.version, sealed = excluded.sealed, stale = 0, body = excluded.body`,
		string(a.name), r.Key, r.Version, sealed, body)
	if err != nil {
		return err
	}
	return a.put(ctx, tx, r)
}

func (s *Store) dropRow(ctx context.Context, tx *sql.Tx, a *applied, key string) error {
	if err := exec(ctx, tx, `DELETE FROM synced WHERE bucket = ? AND key = ?`, string(a.name), key); err != nil {
		return err
	}
	return a.drop(ctx, tx, key)
}

// sealsRow says which rows hold what people wrote: minutes and the history.
func sealsRow(kind, key string) bool {
	return kind == kindUnit && strings.HasPrefix(key, "minute/") || kind == kindProcess && strings.HasPrefix(key, "event/")
}

func rowPlace(b wire.Bucket, key string) string { return place("synced", string(b), key) }

// openRow gives a stored row's plain body.
func (s *Store) openRow(b wire.Bucket, key string, sealed bool, body []byte) ([]byte, error) {
	if !sealed {
		return body, nil
	}
	return s.unseal(rowPlace(b, key), body)
}

// Bucket gives every row of a bucket as it came, in order of key; it is meant
// for rows of kinds that this release does not know, and for comparing stores.
func (s *Store) Bucket(ctx context.Context, b wire.Bucket) ([]wire.Row, error) {
	var out []wire.Row
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var r wire.Row
		var sealed bool
		var body []byte
		if err := scan(&r.Key, &r.Version, &sealed, &body); err != nil {
			return err
		}
		var err error
		r.Body, err = s.openRow(b, r.Key, sealed, body)
		out = append(out, r)
		return err
	}, `SELECT key, version, sealed, body FROM synced WHERE bucket = ? ORDER BY key`, string(b))
	if err != nil {
		return nil, fmt.Errorf("reading bucket %s: %w", b, err)
	}
	return out, nil
}

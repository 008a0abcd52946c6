package local

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Cursors lists the buckets to pull: the catalogue, the user's and the user's
// units' indexes, then processes that were asked for, then those of which an
// index knows a newer version, the most recently moved first. One that was
// asked for is asked from one row back: the central is silent about a bucket
// without news, and its silence must not be taken for a right to read on.
func (s *Store) Cursors(ctx context.Context, limit int) ([]wire.Cursor, error) {
	var out []wire.Cursor
	identity, err := s.Identity(ctx)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, "listing the buckets to pull", func(tx *sql.Tx) error {
		buckets, err := indexBuckets(ctx, tx, identity)
		if err != nil {
			return err
		}
		for _, b := range buckets {
			c := wire.Cursor{Bucket: b}
			state, err := openBucket(ctx, tx, b)
			if err != nil {
				return err
			}
			c.After = state.cursor
			out = append(out, c)
		}
		return each(ctx, tx, func(scan func(...any) error) error {
			var c wire.Cursor
			var bucket string
			if err := scan(&bucket, &c.After); err != nil {
				return err
			}
			c.Bucket = wire.Bucket(bucket)
			out = append(out, c)
			return nil
		}, `SELECT bucket, cursor FROM (
				SELECT bucket, max(cursor - 1, 0) AS cursor, 1 AS asked, 0 AS moved FROM buckets WHERE wanted = 1
			UNION ALL
				SELECT 'process/' || i.process, COALESCE(b.cursor, 0), 0, max(i.last_event)
				FROM inbox i LEFT JOIN buckets b ON b.bucket = 'process/' || i.process
				WHERE i.bucket_version > COALESCE(b.cursor, 0) AND COALESCE(b.wanted, 0) = 0
				GROUP BY i.process)
			ORDER BY asked DESC, moved DESC, bucket LIMIT ?`, max(limit-len(out), 0))
	})
	if len(out) > limit {
		out = out[:max(limit, 0)]
	}
	return out, err
}

// indexBuckets are those that are pulled every time.
func indexBuckets(ctx context.Context, q queryer, identity Identity) ([]wire.Bucket, error) {
	out := []wire.Bucket{wire.CatalogueBucket}
	if identity.User.ID != "" {
		out = append(out, wire.UserBucket(identity.User.ID))
	}
	units, err := memberUnits(ctx, q, identity)
	for _, u := range units {
		out = append(out, wire.UnitBucket(u.Unit))
	}
	return out, err
}

// WantProcess asks for a process at the next pull, whether or not an index
// speaks of it: a public process of another unit that the servant opens.
func (s *Store) WantProcess(ctx context.Context, id sei.ProcessID) error {
	if id == "" || len(id) > maxKey {
		return sei.Errorf(sei.CodeInvalid, "O processo não foi encontrado.")
	}
	return s.write(ctx, "asking for a process", func(tx *sql.Tx) error { return wantProcess(ctx, tx, id) })
}

func wantProcess(ctx context.Context, tx *sql.Tx, id sei.ProcessID) error {
	var zero [32]byte
	err := exec(ctx, tx, `INSERT INTO buckets (bucket, kind, id, checksum, wanted) VALUES (?, ?, ?, ?, 1)
		ON CONFLICT (bucket) DO UPDATE SET wanted = 1`, string(wire.ProcessBucket(id)), kindProcess, string(id), zero[:])
	if err != nil {
		return fmt.Errorf("wanting process %s: %w", id, err)
	}
	return nil
}

// Behind counts the processes of which an index knows a newer version than the
// one that is here.
func (s *Store) Behind(ctx context.Context) (n int, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT count(DISTINCT i.process) FROM inbox i LEFT JOIN buckets b ON b.bucket = 'process/' || i.process
		WHERE i.bucket_version > COALESCE(b.cursor, 0)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting processes that are to come: %w", err)
	}
	return n, nil
}

// Wanted lists the buckets that were asked for by [Store.WantProcess] and have
// not been answered.
func (s *Store) Wanted(ctx context.Context) ([]wire.Bucket, error) {
	all, err := column[wire.Bucket](ctx, s.r, `SELECT bucket FROM buckets WHERE wanted = 1 ORDER BY bucket`)
	if err != nil {
		return nil, fmt.Errorf("listing buckets that were asked for: %w", err)
	}
	return all, nil
}

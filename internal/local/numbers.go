package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// FreeNumbers counts leased numbers that are not used yet.
func (s *Store) FreeNumbers(ctx context.Context) (int, error) {
	var n int
	if err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM numbers WHERE state = 'free'`).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting leased numbers: %w", err)
	}
	return n, nil
}

// AddLeases stores newly leased numbers; one that is here already stays as it
// is. A lease that the wire does not allow is refused with sei.CodeInvalid.
func (s *Store) AddLeases(ctx context.Context, leases []wire.Lease) error {
	return s.write(ctx, "storing leases", func(tx *sql.Tx) error {
		for _, l := range leases {
			if l.From < 1 || l.To < l.From || l.To-l.From >= wire.MaxLease {
				return sei.Wrap(fmt.Errorf("lease %d to %d", l.From, l.To), sei.CodeInvalid, "A central reservou números fora da forma combinada. Avise o suporte.")
			}
			for n := l.From; n <= l.To; n++ {
				if err := exec(ctx, tx, `INSERT INTO numbers (number, state) VALUES (?, 'free') ON CONFLICT DO NOTHING`, n); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// TakeNumber gives a document its Nº SEI: always the same one, the lowest that
// was free. The bool is false when none is left; the central numbers it then.
func (s *Store) TakeNumber(ctx context.Context, doc sei.DocumentID) (int64, bool, error) {
	var n int64
	if doc == "" {
		return 0, false, sei.Errorf(sei.CodeInvalid, "O documento não tem identificação.")
	}
	err := s.write(ctx, "taking a number", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT number FROM numbers WHERE document = ?`, string(doc)).Scan(&n)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		err = tx.QueryRowContext(ctx, `UPDATE numbers SET state = 'taken', document = ?
			WHERE number = (SELECT min(number) FROM numbers WHERE state = 'free') RETURNING number`, string(doc)).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, false, err
	}
	return n, n != 0, nil
}

// ReleaseNumber says that a document which took a number was given up. The
// number is not used for another here, because a copy that bears it may be
// about; it goes back to the central as unused.
func (s *Store) ReleaseNumber(ctx context.Context, doc sei.DocumentID) error {
	return s.write(ctx, "releasing a number", func(tx *sql.Tx) error { return releaseNumber(ctx, tx, doc) })
}

func releaseNumber(ctx context.Context, tx *sql.Tx, doc sei.DocumentID) error {
	return exec(ctx, tx, `UPDATE numbers SET state = 'unused', document = '' WHERE document = ? AND document <> ''`, string(doc))
}

// UnusedNumbers lists numbers to give back to the central.
func (s *Store) UnusedNumbers(ctx context.Context, limit int) ([]int64, error) {
	out, err := column[int64](ctx, s.r, `SELECT number FROM numbers WHERE state = 'unused' ORDER BY number LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("listing unused numbers: %w", err)
	}
	return out, nil
}

// MarkReturned forgets numbers that the central has taken back.
func (s *Store) MarkReturned(ctx context.Context, numbers []int64) error {
	return s.write(ctx, "forgetting returned numbers", func(tx *sql.Tx) error {
		for _, n := range numbers {
			if err := exec(ctx, tx, `DELETE FROM numbers WHERE number = ? AND state <> 'taken'`, n); err != nil {
				return err
			}
		}
		return nil
	})
}

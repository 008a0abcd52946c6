package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	maxPreferenceName = 100       // bytes
	maxPreference     = 256 << 10 // bytes
)

// Preference reads a setting of this workstation, in clear; the bool says
// whether it was ever set.
func (s *Store) Preference(ctx context.Context, name string) (string, bool, error) {
	v, ok, err := preference(ctx, s.r, name)
	if err != nil {
		return "", false, fmt.Errorf("reading preference %s: %w", name, err)
	}
	return v, ok, nil
}

// SetPreference stores a setting; over 256 KiB it is refused with sei.CodeTooLarge.
func (s *Store) SetPreference(ctx context.Context, name, value string) error {
	if len(name) > maxPreferenceName || len(value) > maxPreference {
		return sei.Errorf(sei.CodeTooLarge, "A preferência é grande demais para ser guardada.")
	}
	return s.write(ctx, "storing preference "+name, func(tx *sql.Tx) error {
		return exec(ctx, tx, `INSERT INTO preferences (name, value) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	})
}

func preference(ctx context.Context, q queryer, name string) (string, bool, error) {
	var v string
	err := q.QueryRowContext(ctx, `SELECT value FROM preferences WHERE name = ?`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return v, err == nil, err
}

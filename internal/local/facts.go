package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Names of the facts.
const (
	factVault    = "vault"
	factTries    = "tries"
	factDevice   = "device"
	factOnline   = "online"
	factSession  = "session"
	factIdentity = "identity"
	factCompact  = "compact" // the index still holds words of what was erased
)

// fact reads a clear fact; the bool says whether there is one.
func fact(ctx context.Context, q queryer, name string, v any) (bool, error) {
	data, err := factBytes(ctx, q, name)
	if err != nil || data == nil {
		return false, err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return false, damaged(fmt.Errorf("decoding fact %s: %w", name, err))
	}
	return true, nil
}

func factBytes(ctx context.Context, q queryer, name string) ([]byte, error) {
	var data []byte
	err := q.QueryRowContext(ctx, `SELECT value FROM facts WHERE name = ?`, name).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return data, err
}

func setFact(ctx context.Context, tx *sql.Tx, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding fact %s: %w", name, err)
	}
	return setFactBytes(ctx, tx, name, data)
}

func setFactBytes(ctx context.Context, tx *sql.Tx, name string, data []byte) error {
	return exec(ctx, tx, `INSERT INTO facts (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, data)
}

// sealedFact and setSealedFact do the same under the data key.
func (s *Store) sealedFact(ctx context.Context, q queryer, name string, v any) (bool, error) {
	if _, err := s.unlocked(); err != nil {
		return false, err
	}
	data, err := factBytes(ctx, q, name)
	if err != nil || data == nil {
		return false, err
	}
	return true, s.unsealJSON(place("facts", name), data, v)
}

func (s *Store) setSealedFact(ctx context.Context, tx *sql.Tx, name string, v any) error {
	data, err := s.sealJSON(place("facts", name), v)
	if err != nil {
		return err
	}
	return setFactBytes(ctx, tx, name, data)
}

package local

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Editing says who of the unit had the minute open when the central last told,
// if that notice still holds at now.
func (s *Store) Editing(ctx context.Context, unit sei.UnitID, doc sei.DocumentID, now time.Time) (wire.EditingRow, bool, error) {
	var row wire.EditingRow
	var sealed bool
	var body []byte
	bucket, key := wire.UnitBucket(unit), wire.EditingKey(doc)
	found := false
	err := each(ctx, s.r, func(scan func(...any) error) error {
		found = true
		return scan(&sealed, &body)
	}, `SELECT sealed, body FROM synced WHERE bucket = ? AND key = ?`, string(bucket), key)
	if err != nil || !found {
		return row, false, err
	}
	if body, err = s.openRow(bucket, key, sealed, body); err != nil {
		return row, false, err
	}
	if err := json.Unmarshal(body, &row); err != nil {
		return row, false, fmt.Errorf("decoding %s: %w", key, err)
	}
	return row, now.Before(row.Until), nil
}

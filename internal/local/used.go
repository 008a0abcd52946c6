package local

import (
	"context"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// UsedProcessTypes are the types of the processes that the unit's list has, so
// that a form can offer them first.
func (s *Store) UsedProcessTypes(ctx context.Context, unit sei.UnitID) (map[int]bool, error) {
	used := map[int]bool{}
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var t int
		err := scan(&t)
		used[t] = true
		return err
	}, `SELECT DISTINCT type FROM inbox WHERE unit = ?`, string(unit))
	if err != nil {
		return nil, fmt.Errorf("listing the types used: %w", err)
	}
	return used, nil
}

package desktop

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// unitsChanged takes up a grant or a removal that the central told of, so that
// neither waits for the next login. It is called on the store's goroutine.
func (d *Desk) unitsChanged() {
	d.mu.RLock()
	a := d.account
	d.mu.RUnlock()
	if a == nil {
		return
	}
	a.background(func(ctx context.Context) {
		if err := a.readUnits(ctx); err != nil && ctx.Err() == nil {
			a.desk.log.Warn("reading the user's units", "error", err)
		}
		a.desk.changes.say(topicSession, topicInbox)
	})
}

// readUnits rebuilds the user's units from what was synced; those known before
// keep their order. A window that shows a unit taken away goes to another.
func (a *account) readUnits(ctx context.Context) error {
	rows, err := a.store.Units(ctx)
	if err != nil {
		return fmt.Errorf("reading the synced units: %w", err)
	}
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return fmt.Errorf("reading the catalogue: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.units = memberUnits(a.units, rows, c)
	if _, ok := a.memberUnit(a.unit); ok || len(a.units) == 0 {
		return nil
	}
	a.unit = a.units[0].Unit.ID
	a.listenAgain()
	return a.store.SetUnit(ctx, a.unit)
}

func memberUnits(before []wire.MemberUnit, rows []wire.UserUnitRow, c sei.Catalogue) []wire.MemberUnit {
	place := map[sei.UnitID]int{}
	for i, m := range before {
		place[m.Unit.ID] = i - len(before)
	}
	units := make([]wire.MemberUnit, 0, len(rows))
	for _, r := range rows {
		if u, ok := c.Unit(r.Unit); ok && len(r.Profiles) > 0 {
			units = append(units, wire.MemberUnit{Unit: u, Profiles: r.Profiles})
		}
	}
	slices.SortStableFunc(units, func(x, y wire.MemberUnit) int { return cmp.Compare(place[x.Unit.ID], place[y.Unit.ID]) })
	return units
}

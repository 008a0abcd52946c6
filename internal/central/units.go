package central

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// ExtinguishUnit ends a unit now: it receives no processes and nobody acts in it
// any more. It stays in the catalogue, because the history names it. A unit with
// open processes is refused (sei.CodeConflict), since nobody could work on them.
func (s *Service) ExtinguishUnit(ctx context.Context, agency, acronym string) error {
	return s.commits.write(ctx, func(w *writer) error {
		c, err := s.catalogueAt(w.reader)
		if err != nil {
			return err
		}
		a, _ := c.agencyByAcronym(agency)
		u, ok := c.unitByAcronym(a.ID, acronym)
		now := s.cfg.Clock()
		switch {
		case !ok:
			return sei.Errorf(sei.CodeNotFound, "A unidade %q não existe no órgão %q.", acronym, agency)
		case !u.ActiveAt(now):
			return sei.Errorf(sei.CodeConflict, "A unidade %s já está extinta.", u.Acronym)
		}
		open, err := openProcesses(w.reader, u.ID)
		if err != nil {
			return err
		}
		if open > 0 {
			return sei.Errorf(sei.CodeConflict, "A unidade %s tem %d processo(s) aberto(s). Envie-os ou conclua-os antes de extingui-la.", u.Acronym, open)
		}
		u.Until = now.UTC().Truncate(time.Microsecond)
		if err := putCatalogue(w, []referenceRow{{unitKey(u.ID), u}}); err != nil {
			return err
		}
		return s.refreshUnit(w, u.ID)
	})
}

// openProcesses counts the processes that are open in a unit.
func openProcesses(r reader, unit sei.UnitID) (n int, err error) {
	err = r.each("SELECT body FROM bucket_rows WHERE bucket = ? AND key LIKE 'process/%' AND NOT gone", []any{string(wire.UnitBucket(unit))},
		func(scan func(...any) error) error {
			var body string
			if err := scan(&body); err != nil {
				return err
			}
			var line wire.InboxLine
			if err := json.Unmarshal([]byte(body), &line); err != nil {
				return fmt.Errorf("reading a line of unit %s: %w", unit, err)
			}
			if line.Open {
				n++
			}
			return nil
		})
	return n, err
}

// refreshUnit brings the rows of everybody in a unit up to date.
func (s *Service) refreshUnit(w *writer, unit sei.UnitID) error {
	var users []string
	err := w.each("SELECT DISTINCT user_id FROM memberships WHERE unit_id = ? ORDER BY user_id", []any{string(unit)},
		func(scan func(...any) error) error {
			var id string
			if err := scan(&id); err != nil {
				return err
			}
			users = append(users, id)
			return nil
		})
	if err != nil {
		return err
	}
	for _, id := range users {
		if err := s.projectMember(w, sei.UserID(id), unit); err != nil {
			return err
		}
	}
	return nil
}

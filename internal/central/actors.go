package central

import (
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// actorIn judges user × unit × profile × validity at now. Somebody without
// rights in the unit is an actor without profiles.
func actorIn(r reader, c *catalogue, user sei.UserID, unit sei.UnitID, device sei.DeviceID, now time.Time) (sei.Actor, error) {
	a := sei.Actor{User: user, Unit: unit, Device: device}
	var disabled bool
	err := r.row("SELECT name, cpf, disabled FROM users WHERE id = ?", string(user)).Scan(&a.Name, &a.CPF, &disabled)
	if found, err := noRows(err); !found || err != nil || disabled {
		return a, err
	}
	u, known := c.Units[unit]
	if !known || !u.ActiveAt(now) {
		return a, nil
	}
	a.Agency = u.Agency
	err = r.each(`SELECT profile FROM memberships
		WHERE user_id = ? AND unit_id = ? AND valid_from <= ? AND (valid_to = 0 OR valid_to > ?) ORDER BY profile`,
		[]any{string(user), string(unit), micros(now), micros(now)},
		func(scan func(...any) error) error {
			var p string
			if err := scan(&p); err != nil {
				return err
			}
			a.Profiles = append(a.Profiles, sei.Profile(p))
			return nil
		})
	if err != nil {
		return sei.Actor{}, fmt.Errorf("reading rights of a user: %w", err)
	}
	return a, nil
}

// takesPart says whether the actor works with the processes of their own unit;
// the rule is the one that lets a unit read what passed through it.
func takesPart(a sei.Actor) bool {
	ofTheUnit := sei.NewProcess()
	ofTheUnit.LocalLevel = sei.Restricted
	ofTheUnit.Units[a.Unit] = sei.UnitState{}
	return sei.Reads(ofTheUnit, a) == sei.ReadContent
}

// unitsOf lists the units in which the user holds rights now, the one where they
// have worked longest first.
func unitsOf(r reader, c *catalogue, user sei.UserID, now time.Time) ([]sei.Actor, error) {
	var ids []sei.UnitID
	err := r.each("SELECT unit_id FROM memberships WHERE user_id = ? GROUP BY unit_id ORDER BY MIN(valid_from), unit_id", []any{string(user)},
		func(scan func(...any) error) error {
			var id string
			if err := scan(&id); err != nil {
				return err
			}
			ids = append(ids, sei.UnitID(id))
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading units of a user: %w", err)
	}
	var actors []sei.Actor
	for _, id := range ids {
		a, err := actorIn(r, c, user, id, "", now)
		if err != nil {
			return nil, err
		}
		if a.Active() {
			actors = append(actors, a)
		}
	}
	return actors, nil
}

package central

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// catalogue is the reference data at one version of its bucket, kept in memory
// because every decision asks it. The bucket's rows are where it is stored.
type catalogue struct {
	version int64
	*wire.Reference
}

// catalogueAt gives the reference data of the reader's snapshot. Another
// process (seirs central …) may have changed it since the last time.
func (s *Service) catalogueAt(r reader) (*catalogue, error) {
	var version int64
	err := r.row("SELECT version FROM buckets WHERE name = ?", string(wire.CatalogueBucket)).Scan(&version)
	if _, err := noRows(err); err != nil {
		return nil, fmt.Errorf("reading catalogue version: %w", err)
	}
	if c := s.catalogue.Load(); c != nil && c.version == version {
		return c, nil
	}
	c, err := loadCatalogue(r, version)
	if err != nil {
		return nil, err
	}
	s.catalogue.Store(c)
	return c, nil
}

func loadCatalogue(r reader, version int64) (*catalogue, error) {
	c := &catalogue{version: version, Reference: wire.NewReference()}
	err := r.each("SELECT key, body FROM bucket_rows WHERE bucket = ? AND NOT gone", []any{string(wire.CatalogueBucket)},
		func(scan func(...any) error) error {
			var key string
			var body []byte
			if err := scan(&key, &body); err != nil {
				return err
			}
			return c.Take(key, body)
		})
	if err != nil {
		return nil, fmt.Errorf("loading catalogue: %w", err)
	}
	return c, nil
}

// agencyByAcronym finds an active agency as the login screen names it.
func (c *catalogue) agencyByAcronym(acronym string) (sei.Agency, bool) {
	for _, a := range c.Agencies {
		if a.Active && strings.EqualFold(a.Acronym, strings.TrimSpace(acronym)) {
			return a, true
		}
	}
	return sei.Agency{}, false
}

// unitByAcronym finds a unit of an agency.
func (c *catalogue) unitByAcronym(agency sei.AgencyID, acronym string) (sei.Unit, bool) {
	for _, u := range c.Units {
		if u.Agency == agency && strings.EqualFold(u.Acronym, strings.TrimSpace(acronym)) {
			return u, true
		}
	}
	return sei.Unit{}, false
}

// loginAgencies lists the agencies that have units, for the login screen.
func (c *catalogue) loginAgencies(now time.Time) []wire.AgencyName {
	var names []wire.AgencyName
	for _, a := range c.Agencies {
		hasUnits := false
		for _, u := range c.Units {
			hasUnits = hasUnits || u.Agency == a.ID && u.ActiveAt(now)
		}
		if a.Active && hasUnits {
			names = append(names, wire.AgencyName{Acronym: a.Acronym, Name: a.Name})
		}
	}
	slices.SortFunc(names, func(a, b wire.AgencyName) int { return strings.Compare(a.Acronym, b.Acronym) })
	return names
}

// deciding is the catalogue as a decision asks it, in one transaction.
type deciding struct {
	*catalogue
	r   reader
	now time.Time
}

var _ sei.Catalogue = deciding{}

// Member is a user's place in a unit, if it is valid now.
func (d deciding) Member(unit sei.UnitID, user sei.UserID) (sei.Member, bool) {
	a, err := actorIn(d.r, d.catalogue, user, unit, "", d.now)
	if err != nil || !a.Active() {
		return sei.Member{}, false
	}
	var login string
	if err := d.r.row("SELECT login FROM users WHERE id = ?", string(user)).Scan(&login); err != nil {
		return sei.Member{}, false
	}
	return sei.Member{User: user, Login: login, Name: a.Name, Profiles: a.Profiles}, true
}

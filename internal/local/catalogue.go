package local

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Catalogue is a snapshot of the reference data, with the members of the
// user's units. It implements sei.Catalogue and never changes; ask the store
// again for a newer one.
type Catalogue struct {
	age int64
	*reference
	members map[sei.UnitID]map[sei.UserID]sei.Member
}

// reference is embedded under a name of its own: others get its methods only.
type reference = wire.Reference

var _ sei.Catalogue = (*Catalogue)(nil)

// Catalogue gives the reference data as last synced; it is read once after
// each change and kept in memory.
func (s *Store) Catalogue(ctx context.Context) (*Catalogue, error) {
	if c := s.catalogue.Load(); c != nil && c.age == s.catalogueAge.Load() {
		return c, nil
	}
	s.catalogueMu.Lock()
	defer s.catalogueMu.Unlock()
	age := s.catalogueAge.Load()
	if c := s.catalogue.Load(); c != nil && c.age == age {
		return c, nil
	}
	c := newCatalogue(age)
	err := s.view(ctx, "reading the catalogue", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var bucket, key string
			var body []byte
			if err := scan(&bucket, &key, &body); err != nil {
				return err
			}
			c.add(wire.Bucket(bucket), key, body)
			return nil
		}, `SELECT bucket, key, body FROM synced WHERE bucket = 'catalogue'
			UNION ALL SELECT bucket, key, body FROM synced
			WHERE bucket > 'unit/' AND bucket < 'unit0' AND key > 'member/' AND key < 'member0'`)
	})
	if err != nil {
		return nil, err
	}
	s.catalogue.Store(c)
	return c, nil
}

func newCatalogue(age int64) *Catalogue {
	return &Catalogue{age: age, reference: wire.NewReference(), members: map[sei.UnitID]map[sei.UserID]sei.Member{}}
}

// add takes a row in; one of an unknown kind, or that does not decode, is left out.
func (c *Catalogue) add(bucket wire.Bucket, key string, body []byte) {
	if !strings.HasPrefix(key, "member/") {
		_ = c.Take(key, body) // a later release may understand it
		return
	}
	_, unit := bucket.Parts()
	var m sei.Member
	if json.Unmarshal(body, &m) != nil {
		return
	}
	if c.members[sei.UnitID(unit)] == nil {
		c.members[sei.UnitID(unit)] = map[sei.UserID]sei.Member{}
	}
	c.members[sei.UnitID(unit)][m.User] = m
}

// Member finds a user's place in one of this user's units.
func (c *Catalogue) Member(unit sei.UnitID, user sei.UserID) (sei.Member, bool) {
	m, found := c.members[unit][user]
	return m, found
}

// Empty says whether no reference data has come yet.
func (c *Catalogue) Empty() bool {
	return len(c.reference.Units) == 0 && len(c.reference.ProcessTypes) == 0
}

// Agencies lists the órgãos by acronym.
func (c *Catalogue) Agencies() []sei.Agency {
	return sorted(c.reference.Agencies, func(v sei.Agency) string { return v.Acronym })
}

// Units lists the units by acronym.
func (c *Catalogue) Units() []sei.Unit {
	return sorted(c.reference.Units, func(v sei.Unit) string { return v.Acronym })
}

// ProcessTypes lists the tipos de processo by name.
func (c *Catalogue) ProcessTypes() []sei.ProcessType {
	return sorted(c.reference.ProcessTypes, func(v sei.ProcessType) string { return v.Name })
}

// DocumentTypes lists the tipos de documento by name.
func (c *Catalogue) DocumentTypes() []sei.DocumentType {
	return sorted(c.reference.DocumentTypes, func(v sei.DocumentType) string { return v.Name })
}

// Subjects lists the assuntos by code.
func (c *Catalogue) Subjects() []sei.Subject {
	return sorted(c.reference.Subjects, func(v sei.Subject) string { return v.Code })
}

// LegalBases lists the hipóteses legais by name.
func (c *Catalogue) LegalBases() []sei.LegalBasis {
	return sorted(c.reference.LegalBases, func(v sei.LegalBasis) string { return v.Name })
}

// Positions lists the cargos by name.
func (c *Catalogue) Positions() []sei.NamedItem {
	return sorted(c.reference.Positions, func(v sei.NamedItem) string { return v.Name })
}

// ConferenceTypes lists the tipos de conferência by name.
func (c *Catalogue) ConferenceTypes() []sei.NamedItem {
	return sorted(c.reference.ConferenceTypes, func(v sei.NamedItem) string { return v.Name })
}

// FileExtensions lists the accepted extensions.
func (c *Catalogue) FileExtensions() []sei.FileExtension {
	return sorted(c.reference.Extensions, func(v sei.FileExtension) string { return v.Extension })
}

// Members lists the users of one of this user's units by name.
func (c *Catalogue) Members(unit sei.UnitID) []sei.Member {
	return sorted(c.members[unit], func(v sei.Member) string { return v.Name })
}

// sorted orders as people read: case and accents aside, then by what remains.
func sorted[K comparable, V any](in map[K]V, by func(V) string) []V {
	type keyed struct {
		key string
		v   V
	}
	all := make([]keyed, 0, len(in))
	for v := range maps.Values(in) {
		all = append(all, keyed{fold(by(v)) + "\x00" + by(v) + "\x00" + fmt.Sprint(v), v})
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	out := make([]V, len(all))
	for i, k := range all {
		out[i] = k.v
	}
	return out
}

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
	age             int64
	agencies        map[sei.AgencyID]sei.Agency
	units           map[sei.UnitID]sei.Unit
	processTypes    map[int]sei.ProcessType
	documentTypes   map[int]sei.DocumentType
	subjects        map[int]sei.Subject
	legalBases      map[int]sei.LegalBasis
	positions       map[int]sei.NamedItem
	conferenceTypes map[int]sei.NamedItem
	extensions      map[string]sei.FileExtension
	members         map[sei.UnitID]map[sei.UserID]sei.Member
}

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
	return &Catalogue{
		age: age, agencies: map[sei.AgencyID]sei.Agency{}, units: map[sei.UnitID]sei.Unit{},
		processTypes: map[int]sei.ProcessType{}, documentTypes: map[int]sei.DocumentType{}, subjects: map[int]sei.Subject{},
		legalBases: map[int]sei.LegalBasis{}, positions: map[int]sei.NamedItem{}, conferenceTypes: map[int]sei.NamedItem{},
		extensions: map[string]sei.FileExtension{}, members: map[sei.UnitID]map[sei.UserID]sei.Member{},
	}
}

// add takes a row in; one of an unknown kind, or that does not decode, is left out.
func (c *Catalogue) add(bucket wire.Bucket, key string, body []byte) {
	kind, _, _ := strings.Cut(key, "/")
	switch kind {
	case "agency":
		keep(c.agencies, body, func(v sei.Agency) sei.AgencyID { return v.ID })
	case "unit":
		keep(c.units, body, func(v sei.Unit) sei.UnitID { return v.ID })
	case "process-type":
		keep(c.processTypes, body, func(v sei.ProcessType) int { return v.ID })
	case "document-type":
		keep(c.documentTypes, body, func(v sei.DocumentType) int { return v.ID })
	case "subject":
		keep(c.subjects, body, func(v sei.Subject) int { return v.ID })
	case "legal-basis":
		keep(c.legalBases, body, func(v sei.LegalBasis) int { return v.ID })
	case "position":
		keep(c.positions, body, func(v sei.NamedItem) int { return v.ID })
	case "conference-type":
		keep(c.conferenceTypes, body, func(v sei.NamedItem) int { return v.ID })
	case "extension":
		keep(c.extensions, body, func(v sei.FileExtension) string { return v.Extension })
	case "member":
		_, unit := bucket.Parts()
		if c.members[sei.UnitID(unit)] == nil {
			c.members[sei.UnitID(unit)] = map[sei.UserID]sei.Member{}
		}
		keep(c.members[sei.UnitID(unit)], body, func(v sei.Member) sei.UserID { return v.User })
	}
}

func keep[K comparable, V any](into map[K]V, body []byte, id func(V) K) {
	var v V
	if json.Unmarshal(body, &v) == nil {
		into[id(v)] = v
	}
}

func find[K comparable, V any](in map[K]V, id K) (V, bool) {
	v, ok := in[id]
	return v, ok
}

// Agency and the methods below implement sei.Catalogue.
func (c *Catalogue) Agency(id sei.AgencyID) (sei.Agency, bool) { return find(c.agencies, id) }

// Unit finds a unit, active or extinct.
func (c *Catalogue) Unit(id sei.UnitID) (sei.Unit, bool) { return find(c.units, id) }

// ProcessType finds a tipo de processo.
func (c *Catalogue) ProcessType(id int) (sei.ProcessType, bool) { return find(c.processTypes, id) }

// DocumentType finds a tipo de documento.
func (c *Catalogue) DocumentType(id int) (sei.DocumentType, bool) { return find(c.documentTypes, id) }

// Subject finds an assunto.
func (c *Catalogue) Subject(id int) (sei.Subject, bool) { return find(c.subjects, id) }

// LegalBasis finds a hipótese legal.
func (c *Catalogue) LegalBasis(id int) (sei.LegalBasis, bool) { return find(c.legalBases, id) }

// ConferenceType finds a tipo de conferência.
func (c *Catalogue) ConferenceType(id int) (sei.NamedItem, bool) { return find(c.conferenceTypes, id) }

// FileExtension finds an accepted extension (lower case, no dot).
func (c *Catalogue) FileExtension(ext string) (sei.FileExtension, bool) {
	return find(c.extensions, ext)
}

// Member finds a user's place in one of this user's units.
func (c *Catalogue) Member(unit sei.UnitID, user sei.UserID) (sei.Member, bool) {
	return find(c.members[unit], user)
}

// Empty says whether no reference data has come yet.
func (c *Catalogue) Empty() bool { return len(c.units) == 0 && len(c.processTypes) == 0 }

// Agencies lists the órgãos by acronym.
func (c *Catalogue) Agencies() []sei.Agency {
	return sorted(c.agencies, func(v sei.Agency) string { return v.Acronym })
}

// Units lists the units by acronym.
func (c *Catalogue) Units() []sei.Unit {
	return sorted(c.units, func(v sei.Unit) string { return v.Acronym })
}

// ProcessTypes lists the tipos de processo by name.
func (c *Catalogue) ProcessTypes() []sei.ProcessType {
	return sorted(c.processTypes, func(v sei.ProcessType) string { return v.Name })
}

// DocumentTypes lists the tipos de documento by name.
func (c *Catalogue) DocumentTypes() []sei.DocumentType {
	return sorted(c.documentTypes, func(v sei.DocumentType) string { return v.Name })
}

// Subjects lists the assuntos by code.
func (c *Catalogue) Subjects() []sei.Subject {
	return sorted(c.subjects, func(v sei.Subject) string { return v.Code })
}

// LegalBases lists the hipóteses legais by name.
func (c *Catalogue) LegalBases() []sei.LegalBasis {
	return sorted(c.legalBases, func(v sei.LegalBasis) string { return v.Name })
}

// Positions lists the cargos by name.
func (c *Catalogue) Positions() []sei.NamedItem {
	return sorted(c.positions, func(v sei.NamedItem) string { return v.Name })
}

// ConferenceTypes lists the tipos de conferência by name.
func (c *Catalogue) ConferenceTypes() []sei.NamedItem {
	return sorted(c.conferenceTypes, func(v sei.NamedItem) string { return v.Name })
}

// FileExtensions lists the accepted extensions.
func (c *Catalogue) FileExtensions() []sei.FileExtension {
	return sorted(c.extensions, func(v sei.FileExtension) string { return v.Extension })
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

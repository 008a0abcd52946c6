package central

import (
	"encoding/json"
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
	version         int64
	agencies        map[sei.AgencyID]sei.Agency
	units           map[sei.UnitID]sei.Unit
	processTypes    map[int]sei.ProcessType
	documentTypes   map[int]sei.DocumentType
	subjects        map[int]sei.Subject
	legalBases      map[int]sei.LegalBasis
	conferenceTypes map[int]sei.NamedItem
	extensions      map[string]sei.FileExtension
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
	c := &catalogue{
		version: version, agencies: map[sei.AgencyID]sei.Agency{}, units: map[sei.UnitID]sei.Unit{},
		processTypes: map[int]sei.ProcessType{}, documentTypes: map[int]sei.DocumentType{}, subjects: map[int]sei.Subject{},
		legalBases: map[int]sei.LegalBasis{}, conferenceTypes: map[int]sei.NamedItem{}, extensions: map[string]sei.FileExtension{},
	}
	err := r.each("SELECT key, body FROM bucket_rows WHERE bucket = ? AND NOT gone", []any{string(wire.CatalogueBucket)},
		func(scan func(...any) error) error {
			var key string
			var body []byte
			if err := scan(&key, &body); err != nil {
				return err
			}
			return c.take(key, body)
		})
	if err != nil {
		return nil, fmt.Errorf("loading catalogue: %w", err)
	}
	return c, nil
}

func (c *catalogue) take(key string, body []byte) error {
	kind, _, _ := strings.Cut(key, "/")
	var err error
	switch kind {
	case "agency":
		err = put(c.agencies, body, func(a sei.Agency) sei.AgencyID { return a.ID })
	case "unit":
		err = put(c.units, body, func(u sei.Unit) sei.UnitID { return u.ID })
	case "process-type":
		err = put(c.processTypes, body, func(t sei.ProcessType) int { return t.ID })
	case "document-type":
		err = put(c.documentTypes, body, func(t sei.DocumentType) int { return t.ID })
	case "subject":
		err = put(c.subjects, body, func(x sei.Subject) int { return x.ID })
	case "legal-basis":
		err = put(c.legalBases, body, func(x sei.LegalBasis) int { return x.ID })
	case "conference-type":
		err = put(c.conferenceTypes, body, func(x sei.NamedItem) int { return x.ID })
	case "extension":
		err = put(c.extensions, body, func(x sei.FileExtension) string { return x.Extension })
	}
	if err != nil {
		return fmt.Errorf("catalogue row %s: %w", key, err)
	}
	return nil
}

func put[K comparable, V any](into map[K]V, body []byte, key func(V) K) error {
	var v V
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	into[key(v)] = v
	return nil
}

// agencyByAcronym finds an active agency as the login screen names it.
func (c *catalogue) agencyByAcronym(acronym string) (sei.Agency, bool) {
	for _, a := range c.agencies {
		if a.Active && strings.EqualFold(a.Acronym, strings.TrimSpace(acronym)) {
			return a, true
		}
	}
	return sei.Agency{}, false
}

// unitByAcronym finds a unit of an agency.
func (c *catalogue) unitByAcronym(agency sei.AgencyID, acronym string) (sei.Unit, bool) {
	for _, u := range c.units {
		if u.Agency == agency && strings.EqualFold(u.Acronym, strings.TrimSpace(acronym)) {
			return u, true
		}
	}
	return sei.Unit{}, false
}

// loginAgencies lists the agencies that have units, for the login screen.
func (c *catalogue) loginAgencies(now time.Time) []wire.AgencyName {
	var names []wire.AgencyName
	for _, a := range c.agencies {
		hasUnits := false
		for _, u := range c.units {
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

func (d deciding) Agency(id sei.AgencyID) (sei.Agency, bool) { v, ok := d.agencies[id]; return v, ok }
func (d deciding) Unit(id sei.UnitID) (sei.Unit, bool)       { v, ok := d.units[id]; return v, ok }
func (d deciding) ProcessType(id int) (sei.ProcessType, bool) {
	v, ok := d.processTypes[id]
	return v, ok
}
func (d deciding) DocumentType(id int) (sei.DocumentType, bool) {
	v, ok := d.documentTypes[id]
	return v, ok
}
func (d deciding) Subject(id int) (sei.Subject, bool)       { v, ok := d.subjects[id]; return v, ok }
func (d deciding) LegalBasis(id int) (sei.LegalBasis, bool) { v, ok := d.legalBases[id]; return v, ok }
func (d deciding) ConferenceType(id int) (sei.NamedItem, bool) {
	v, ok := d.conferenceTypes[id]
	return v, ok
}
func (d deciding) FileExtension(ext string) (sei.FileExtension, bool) {
	v, ok := d.extensions[ext]
	return v, ok
}

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

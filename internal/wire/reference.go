package wire

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Reference is the reference data of [CatalogueBucket], by id. It implements
// sei.Catalogue but for the members of units, which are not in that bucket.
type Reference struct {
	Agencies        map[sei.AgencyID]sei.Agency
	Units           map[sei.UnitID]sei.Unit // active and extinct
	ProcessTypes    map[int]sei.ProcessType
	DocumentTypes   map[int]sei.DocumentType
	Subjects        map[int]sei.Subject
	LegalBases      map[int]sei.LegalBasis
	Positions       map[int]sei.NamedItem
	ConferenceTypes map[int]sei.NamedItem
	Extensions      map[string]sei.FileExtension // lower case, no dot
}

// NewReference gives an empty one.
func NewReference() *Reference {
	return &Reference{
		Agencies: map[sei.AgencyID]sei.Agency{}, Units: map[sei.UnitID]sei.Unit{},
		ProcessTypes: map[int]sei.ProcessType{}, DocumentTypes: map[int]sei.DocumentType{}, Subjects: map[int]sei.Subject{},
		LegalBases: map[int]sei.LegalBasis{}, Positions: map[int]sei.NamedItem{}, ConferenceTypes: map[int]sei.NamedItem{},
		Extensions: map[string]sei.FileExtension{},
	}
}

// Take takes a row of the bucket in. A row of a kind that this release does not
// know is left out; the error is of a body that does not decode.
func (r *Reference) Take(key string, body []byte) error {
	kind, _, _ := strings.Cut(key, "/")
	var err error
	switch kind {
	case "agency":
		err = take(r.Agencies, body, func(v sei.Agency) sei.AgencyID { return v.ID })
	case "unit":
		err = take(r.Units, body, func(v sei.Unit) sei.UnitID { return v.ID })
	case "process-type":
		err = take(r.ProcessTypes, body, func(v sei.ProcessType) int { return v.ID })
	case "document-type":
		err = take(r.DocumentTypes, body, func(v sei.DocumentType) int { return v.ID })
	case "subject":
		err = take(r.Subjects, body, func(v sei.Subject) int { return v.ID })
	case "legal-basis":
		err = take(r.LegalBases, body, func(v sei.LegalBasis) int { return v.ID })
	case "position":
		err = take(r.Positions, body, func(v sei.NamedItem) int { return v.ID })
	case "conference-type":
		err = take(r.ConferenceTypes, body, func(v sei.NamedItem) int { return v.ID })
	case "extension":
		err = take(r.Extensions, body, func(v sei.FileExtension) string { return v.Extension })
	}
	if err != nil {
		return fmt.Errorf("catalogue row %s: %w", key, err)
	}
	return nil
}

func take[K comparable, V any](into map[K]V, body []byte, id func(V) K) error {
	var v V
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	into[id(v)] = v
	return nil
}

func find[K comparable, V any](in map[K]V, id K) (V, bool) {
	v, ok := in[id]
	return v, ok
}

// Agency finds an órgão.
func (r *Reference) Agency(id sei.AgencyID) (sei.Agency, bool) { return find(r.Agencies, id) }

// Unit finds a unit, active or extinct.
func (r *Reference) Unit(id sei.UnitID) (sei.Unit, bool) { return find(r.Units, id) }

// ProcessType finds a tipo de processo.
func (r *Reference) ProcessType(id int) (sei.ProcessType, bool) { return find(r.ProcessTypes, id) }

// DocumentType finds a tipo de documento.
func (r *Reference) DocumentType(id int) (sei.DocumentType, bool) { return find(r.DocumentTypes, id) }

// Subject finds an assunto.
func (r *Reference) Subject(id int) (sei.Subject, bool) { return find(r.Subjects, id) }

// LegalBasis finds a hipótese legal.
func (r *Reference) LegalBasis(id int) (sei.LegalBasis, bool) { return find(r.LegalBases, id) }

// ConferenceType finds a tipo de conferência.
func (r *Reference) ConferenceType(id int) (sei.NamedItem, bool) { return find(r.ConferenceTypes, id) }

// FileExtension finds an accepted extension (lower case, no dot).
func (r *Reference) FileExtension(ext string) (sei.FileExtension, bool) {
	return find(r.Extensions, ext)
}

package sei

import "time"

// The catalogues (tipos, assuntos, hipóteses legais, cargos, unidades…) are
// data of each central: versioned, replaceable, never compiled into a rule.

// Agency is an órgão.
type Agency struct {
	ID      AgencyID `json:"id"`
	Code    int      `json:"code"` // in process numbers
	Acronym string   `json:"acronym"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind,omitempty"`
	// Mask is the form of the agency's process numbers (internal/protocol).
	Mask string `json:"mask"`
	// ComparesCPF refuses a certificate whose CPF is not the signer's.
	ComparesCPF bool `json:"comparesCpf"`
	// LegalBasis* are the words of the stamp for each level of signature.
	LegalBasisSimple    string `json:"legalBasisSimple"`
	LegalBasisAdvanced  string `json:"legalBasisAdvanced"`
	LegalBasisQualified string `json:"legalBasisQualified"`
	Active              bool   `json:"active"`
}

// LegalBasisOf returns the words that found a signature of the given level.
func (a Agency) LegalBasisOf(l SignatureLevel) string {
	switch l {
	case LevelQualified:
		return a.LegalBasisQualified
	case LevelAdvanced:
		return a.LegalBasisAdvanced
	}
	return a.LegalBasisSimple
}

// Unit is a unidade of an agency.
type Unit struct {
	ID       UnitID            `json:"id"`
	Agency   AgencyID          `json:"agency"`
	Code     int               `json:"code"` // in process numbers
	Acronym  string            `json:"acronym"`
	Name     string            `json:"name"`
	Parent   UnitID            `json:"parent,omitempty"`
	City     string            `json:"city,omitempty"`
	Receives bool              `json:"receives"` // may be a destination of Send
	Protocol bool              `json:"protocol,omitempty"`
	Archive  bool              `json:"archive,omitempty"`
	Ombuds   bool              `json:"ombuds,omitempty"`
	Publish  bool              `json:"publish,omitempty"`
	From     time.Time         `json:"from,omitzero"`
	Until    time.Time         `json:"until,omitzero"` // zero: still active
	Outside  map[string]string `json:"outside,omitempty"`
}

// ActiveAt says whether the unit exists at t.
func (u Unit) ActiveAt(t time.Time) bool {
	return !t.Before(u.From) && (u.Until.IsZero() || t.Before(u.Until))
}

// ProcessType is a tipo de processo.
type ProcessType struct {
	ID           int            `json:"id"`
	Name         string         `json:"name"`
	Active       bool           `json:"active"`
	Internal     bool           `json:"internal,omitempty"` // for the system's own use
	Individual   bool           `json:"individual,omitempty"`
	Ombudsman    bool           `json:"ombudsman,omitempty"`
	Levels       []AccessLevel  `json:"levels"`
	SuggestLevel AccessLevel    `json:"suggestLevel"`
	SuggestBasis int            `json:"suggestBasis,omitempty"`
	SubjectIDs   []int          `json:"subjects,omitempty"` // suggested
	MinSignLevel SignatureLevel `json:"minSignLevel,omitempty"`
}

// Applicability says for which documents a type serves.
type Applicability string

// SEI's codes.
const (
	ForAll      Applicability = "T"
	ForInternal Applicability = "I"
	ForExternal Applicability = "E"
	ForForms    Applicability = "F"
)

// Numbering is how documents of a type are numbered within it.
type Numbering string

// SEI's codes; the scopes of 2, 3 and 4 are this project's reading of them.
const (
	NumberNone     Numbering = "S" // no number of its own
	NumberInformed Numbering = "I" // typed by the servant
	NumberAgency   Numbering = "2" // one sequence per agency
	NumberUnitYear Numbering = "3" // a sequence per unit and year
	NumberAgYear   Numbering = "4" // a sequence per agency and year
)

// Automatic says whether the central gives the number.
func (n Numbering) Automatic() bool {
	return n == NumberAgency || n == NumberUnitYear || n == NumberAgYear
}

// DocumentType is a tipo de documento (série).
type DocumentType struct {
	ID            int            `json:"id"`
	Name          string         `json:"name"`
	Active        bool           `json:"active"`
	Applicability Applicability  `json:"applicability"`
	Numbering     Numbering      `json:"numbering"`
	Interested    bool           `json:"interested,omitempty"`
	Recipient     bool           `json:"recipient,omitempty"`
	MinSignLevel  SignatureLevel `json:"minSignLevel,omitempty"`
}

// AllowsInternal says whether documents written here may have the type.
func (t DocumentType) AllowsInternal() bool {
	return t.Applicability == ForAll || t.Applicability == ForInternal
}

// AllowsExternal says whether received files may have the type.
func (t DocumentType) AllowsExternal() bool {
	return t.Applicability == ForAll || t.Applicability == ForExternal
}

// Subject is an assunto of the classification, with its retention.
type Subject struct {
	ID           int    `json:"id"`
	Code         string `json:"code"`
	Name         string `json:"name"`
	Active       bool   `json:"active"`
	Structural   bool   `json:"structural,omitempty"`   // only groups others
	Current      int    `json:"current,omitempty"`      // years
	Intermediate int    `json:"intermediate,omitempty"` // years
	Destination  string `json:"destination,omitempty"`  // E elimination, G permanent
}

// LegalBasis is a hipótese legal for restricting access.
type LegalBasis struct {
	ID     int         `json:"id"`
	Name   string      `json:"name"`
	Law    string      `json:"law"`
	Level  AccessLevel `json:"level"`
	Active bool        `json:"active"`
}

// NamedItem is an entry of a plain catalogue: position, conference type.
type NamedItem struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Active bool   `json:"active"`
}

// FileExtension is an extension accepted for external documents.
type FileExtension struct {
	Extension string `json:"extension"` // lower case, no dot
	Active    bool   `json:"active"`
	MaxMB     int    `json:"maxMb,omitempty"` // 0: the central's general limit
}

// Member is a user's place in a unit.
type Member struct {
	User     UserID    `json:"user"`
	Login    string    `json:"login"`
	Name     string    `json:"name"`
	Profiles []Profile `json:"profiles"`
}

// Catalogue answers for reference data; the bool says whether it exists.
type Catalogue interface {
	Agency(AgencyID) (Agency, bool)
	Unit(UnitID) (Unit, bool)
	ProcessType(id int) (ProcessType, bool)
	DocumentType(id int) (DocumentType, bool)
	Subject(id int) (Subject, bool)
	LegalBasis(id int) (LegalBasis, bool)
	ConferenceType(id int) (NamedItem, bool)
	FileExtension(ext string) (FileExtension, bool)
	// Member is a user's active place in a unit.
	Member(UnitID, UserID) (Member, bool)
}

package desktop

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Catalogue is reference data to choose from, as the window sees it.
type Catalogue struct{ desk *Desk }

func (x *Catalogue) open() (*account, *local.Catalogue, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, nil, err
	}
	c, err := a.store.Catalogue(x.desk.ctx())
	return a, c, err
}

func byName[T any](list []T, name func(T) string) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(fold(name(a)), fold(name(b))) })
}

// ProcessTypes lists the active types, those used in the unit first.
func (x *Catalogue) ProcessTypes() ([]ProcessTypeView, error) {
	a, c, err := x.open()
	if err != nil {
		return nil, err
	}
	used, err := a.store.UsedProcessTypes(x.desk.ctx(), a.here())
	if err != nil {
		return nil, err
	}
	out := []ProcessTypeView{}
	for _, t := range c.ProcessTypes() {
		if !t.Active || t.Internal {
			continue
		}
		v := ProcessTypeView{ID: t.ID, Name: t.Name, SuggestLevel: int(t.SuggestLevel), SuggestBasis: t.SuggestBasis, Levels: []int{}, Subjects: []Choice{}, Used: used[t.ID]}
		for _, l := range t.Levels {
			v.Levels = append(v.Levels, int(l))
		}
		slices.Sort(v.Levels)
		for _, id := range t.SubjectIDs {
			if s, ok := c.Subject(id); ok && s.Active && !s.Structural {
				v.Subjects = append(v.Subjects, subjectChoice(s))
			}
		}
		out = append(out, v)
	}
	byName(out, func(v ProcessTypeView) string { return v.Name })
	return out, nil
}

func subjectChoice(s sei.Subject) Choice { return Choice{ID: s.ID, Name: s.Name, Detail: s.Code} }

// DocumentTypes lists the types for "internal" or "external" documents.
func (x *Catalogue) DocumentTypes(kind string) ([]DocumentTypeView, error) {
	_, c, err := x.open()
	if err != nil {
		return nil, err
	}
	out := []DocumentTypeView{}
	for _, t := range c.DocumentTypes() {
		fits := t.AllowsInternal()
		if kind == string(sei.External) {
			fits = t.AllowsExternal()
		}
		if !t.Active || !fits {
			continue
		}
		v := DocumentTypeView{ID: t.ID, Name: t.Name, Numbering: "none", Recipient: t.Recipient, Interested: t.Interested, MinLevel: string(t.MinSignLevel)}
		switch {
		case t.Numbering.Automatic():
			v.Numbering = "automatic"
		case t.Numbering == sei.NumberInformed:
			v.Numbering = "informed"
		}
		out = append(out, v)
	}
	byName(out, func(v DocumentTypeView) string { return v.Name })
	return out, nil
}

const maxChoices = 50 // of a completion list

// Subjects finds subjects by code or words.
func (x *Catalogue) Subjects(query string) ([]Choice, error) {
	_, c, err := x.open()
	if err != nil {
		return nil, err
	}
	out := []Choice{}
	for _, s := range c.Subjects() {
		if s.Active && !s.Structural && matches(query, s.Code, s.Name) {
			out = append(out, subjectChoice(s))
		}
		if len(out) == maxChoices {
			break
		}
	}
	return out, nil
}

// LegalBases lists the hipóteses legais of a level.
func (x *Catalogue) LegalBases(level int) ([]Choice, error) {
	_, c, err := x.open()
	if err != nil {
		return nil, err
	}
	out := []Choice{}
	for _, h := range c.LegalBases() {
		if h.Active && int(h.Level) == level {
			out = append(out, Choice{ID: h.ID, Name: h.Name, Detail: h.Law})
		}
	}
	byName(out, func(v Choice) string { return v.Name })
	return out, nil
}

func namedChoices(items []sei.NamedItem) []Choice {
	out := []Choice{}
	for _, i := range items {
		if i.Active {
			out = append(out, Choice{ID: i.ID, Name: i.Name})
		}
	}
	return out
}

// ConferenceTypes lists the tipos de conferência.
func (x *Catalogue) ConferenceTypes() ([]Choice, error) {
	_, c, err := x.open()
	if err != nil {
		return nil, err
	}
	return namedChoices(c.ConferenceTypes()), nil
}

// Positions lists the cargos and funções.
func (x *Catalogue) Positions() ([]Choice, error) {
	_, c, err := x.open()
	if err != nil {
		return nil, err
	}
	return namedChoices(c.Positions()), nil
}

// Units finds destinations by acronym or name over all agencies: active units
// that receive processes, but for the acting one.
func (x *Catalogue) Units(query string, limit int) ([]UnitView, error) {
	a, c, err := x.open()
	if err != nil {
		return nil, err
	}
	here, now := a.here(), time.Now()
	out := []UnitView{}
	for _, u := range c.Units() {
		ag, _ := c.Agency(u.Agency)
		if u.ID == here || !u.Receives || !u.ActiveAt(now) || !matches(query, u.Acronym, u.Name, ag.Acronym) {
			continue
		}
		out = append(out, UnitView{ID: string(u.ID), Acronym: u.Acronym, Name: u.Name, Agency: ag.Acronym, AgencyID: string(u.Agency), Receives: true, Profiles: []string{}})
	}
	folded := fold(query)
	slices.SortStableFunc(out, func(a, b UnitView) int {
		return cmp.Or(
			cmp.Compare(rank(a.Acronym, folded), rank(b.Acronym, folded)),
			cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Acronym, b.Acronym))
	})
	return out[:min(len(out), max(limit, 1), maxChoices*4)], nil
}

// rank puts acronyms that begin with what was typed first.
func rank(acronym, folded string) int {
	if strings.HasPrefix(fold(acronym), folded) {
		return 0
	}
	return 1
}

// Members lists the colleagues of the acting unit.
func (x *Catalogue) Members() ([]MemberView, error) {
	a, c, err := x.open()
	if err != nil {
		return nil, err
	}
	out := []MemberView{}
	for _, m := range c.Members(a.here()) {
		out = append(out, MemberView{ID: string(m.User), Name: m.Name})
	}
	byName(out, func(v MemberView) string { return v.Name })
	return out, nil
}

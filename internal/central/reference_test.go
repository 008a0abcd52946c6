package central

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestTheShippedReferenceIsSoundInItself(t *testing.T) {
	rows, err := shippedReference()
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	subjects, bases := map[int]sei.Subject{}, map[int]sei.LegalBasis{}
	for _, r := range rows {
		if keys[r.key] {
			t.Errorf("key %s comes twice", r.key)
		}
		keys[r.key] = true
		switch v := r.body.(type) {
		case sei.Subject:
			subjects[v.ID] = v
		case sei.LegalBasis:
			bases[v.ID] = v
		case sei.Agency:
			if _, err := protocol.ParseMask(v.Mask); err != nil {
				t.Errorf("%s: %v", v.Acronym, err)
			}
		}
	}
	for _, r := range rows {
		p, ok := r.body.(sei.ProcessType)
		if !ok {
			continue
		}
		for _, id := range p.SubjectIDs {
			if _, ok := subjects[id]; !ok {
				t.Errorf("%s suggests subject %d, which does not exist", p.Name, id)
			}
		}
		if p.SuggestBasis != 0 && bases[p.SuggestBasis].ID == 0 {
			t.Errorf("%s suggests legal basis %d, which does not exist", p.Name, p.SuggestBasis)
		}
	}
	if len(subjects) < 600 || len(keys) < 1400 {
		t.Errorf("%d entries, %d subjects", len(keys), len(subjects))
	}
}

func TestDemonstrationCPFsAreValidInForm(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range demoPeople {
		if !protocol.ValidCPF(p.cpf) || seen[p.cpf] {
			t.Errorf("%s has CPF %s", p.name, p.cpf)
		}
		seen[p.cpf] = true
	}
	for _, bad := range []string{"11111111111", "52998224724", "529982247", "5299822472x"} {
		if protocol.ValidCPF(bad) {
			t.Errorf("%s passes", bad)
		}
	}
}

package wire

import (
	"testing"
)

func TestAReferenceRowIsFoundByItsID(t *testing.T) {
	r := NewReference()
	for key, body := range map[string]string{
		"agency/a": `{"id":"a"}`, "unit/u": `{"id":"u"}`, "process-type/1": `{"id":1}`, "document-type/2": `{"id":2}`, "subject/3": `{"id":3}`,
		"legal-basis/4": `{"id":4}`, "position/5": `{"id":5}`, "conference-type/6": `{"id":6}`, "extension/pdf": `{"extension":"pdf"}`,
	} {
		if err := r.Take(key, []byte(body)); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	found := func(what string, ok bool) {
		if !ok {
			t.Errorf("the %s is not found", what)
		}
	}
	_, ok := r.Agency("a")
	found("agency", ok)
	_, ok = r.Unit("u")
	found("unit", ok)
	_, ok = r.ProcessType(1)
	found("process type", ok)
	_, ok = r.DocumentType(2)
	found("document type", ok)
	_, ok = r.Subject(3)
	found("subject", ok)
	_, ok = r.LegalBasis(4)
	found("legal basis", ok)
	_, ok = r.Positions[5]
	found("position", ok)
	_, ok = r.ConferenceType(6)
	found("conference type", ok)
	_, ok = r.FileExtension("pdf")
	found("extension", ok)
	if _, ok := r.Unit("a"); ok {
		t.Error("an agency is found as a unit")
	}
}

func TestAReferenceRowOfALaterReleaseIsLeftOutAndABrokenOneSaid(t *testing.T) {
	r := NewReference()
	if err := r.Take("holiday/1", []byte(`{"id":1}`)); err != nil {
		t.Errorf("a kind of a later release: %v", err)
	}
	if err := r.Take("unit/u", []byte(`[]`)); err == nil || len(r.Units) != 0 {
		t.Errorf("a broken row: %v, %v", err, r.Units)
	}
}

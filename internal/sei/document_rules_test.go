package sei_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestADocumentHasItsNumberAndPlaceFromItsFirstMoment(t *testing.T) {
	w := withMinute(t)
	w.do(t, assessor, externalBody(theExternal))
	if !slices.Equal(w.process.Order, []sei.DocumentID{theMinute, theExternal}) {
		t.Errorf("the tree is %v", w.process.Order)
	}
	minute, external := w.process.Documents[theMinute], w.process.Documents[theExternal]
	if minute.SEINumber != 1 || external.SEINumber != 2 || minute.GeneratingUnit != supply || !minute.IsMinute() || external.IsMinute() {
		t.Errorf("the documents are %+v and %+v", minute, external)
	}
}

func TestALeasedNumberIsKept(t *testing.T) {
	w := started(t)
	b := minuteBody(theMinute, despacho)
	b.SEINumber = 777
	w.do(t, assessor, b)
	if n := w.process.Documents[theMinute].SEINumber; n != 777 || w.numbers.document != 0 {
		t.Errorf("the document has number %d and the central gave %d", n, w.numbers.document)
	}
	w.leased = false
	b.Document = "d9"
	w.refuses(t, sei.CodeNumber, assessor, b)
}

func TestHowDocumentsAreNumberedWithinTheirType(t *testing.T) {
	w := started(t)
	w.do(t, assessor, minuteBody("automatic", numbered))
	typed := minuteBody("typed", informed)
	w.refuses(t, sei.CodeNumberMissing, assessor, typed)
	typed.Number = "nº\x00"
	w.refuses(t, sei.CodeInvalid, assessor, typed)
	typed.Number = "45/2026"
	w.do(t, assessor, typed)
	w.do(t, assessor, minuteBody("none", despacho))
	w.do(t, assessor, externalBody("external"))
	for id, want := range map[sei.DocumentID]string{"automatic": "1/2026", "typed": "45/2026", "none": "", "external": "NF 123"} {
		if got := w.process.Documents[id].Number; got != want {
			t.Errorf("the number of %s is %q, not %q", id, got, want)
		}
	}
}

func TestWhatAMinuteMayNotBe(t *testing.T) {
	minute := func(change func(*sei.AddDocument)) sei.AddDocument {
		b := minuteBody("d9", despacho)
		change(&b)
		return b
	}
	for rule, c := range map[string]struct {
		code sei.Code
		body sei.AddDocument
	}{
		"of an unknown type":               {sei.CodeBadType, minute(func(b *sei.AddDocument) { b.Type = 99 })},
		"of a retired type":                {sei.CodeBadType, minute(func(b *sei.AddDocument) { b.Type = retired })},
		"of a type for external ones":      {sei.CodeBadType, minute(func(b *sei.AddDocument) { b.Type = externalOnly })},
		"without identification":           {sei.CodeExists, minute(func(b *sei.AddDocument) { b.Document = "" })},
		"one that is there already":        {sei.CodeExists, minute(func(b *sei.AddDocument) { b.Document = theMinute })},
		"described in 251 characters":      {sei.CodeTooLarge, minute(func(b *sei.AddDocument) { b.Description = strings.Repeat("ã", 251) })},
		"named in 51 characters":           {sei.CodeTooLarge, minute(func(b *sei.AddDocument) { b.TreeName = strings.Repeat("ã", 51) })},
		"to a nameless recipient":          {sei.CodeInvalid, minute(func(b *sei.AddDocument) { b.Recipients = []sei.Contact{{}} })},
		"longer than a text may be":        {sei.CodeTooLarge, minute(func(b *sei.AddDocument) { b.Text = make(json.RawMessage, sei.MaxMinuteBytes+1) })},
		"with more images than a text may": {sei.CodeTooLarge, minute(func(b *sei.AddDocument) { b.Images = make([]sei.BlobRef, sei.MaxImages+1) })},
	} {
		t.Run(rule, func(t *testing.T) { withMinute(t).refuses(t, c.code, assessor, c.body) })
	}
}

func TestATextOutsideTheSchemaIsRefusedInItsOwnWords(t *testing.T) {
	w := withMinute(t)
	w.textError = sei.Errorf("text.form", "A tabela tem uma linha vazia.")
	w.refuses(t, sei.CodeText, assessor, minuteBody("d9", despacho))
	if out := w.decide(t, assessor, w.editBody(theMinute, "x")); out.Refusal == nil || out.Refusal.Message != "A tabela tem uma linha vazia." {
		t.Errorf("the refusal says %v", out.Refusal)
	}
}

func TestAFileOrImageThatDidNotArriveHoldsItsDocumentBack(t *testing.T) {
	w := withMinute(t)
	w.present = false
	w.refuses(t, sei.CodeBlobMissing, assessor, externalBody(theExternal))
	b := minuteBody("d9", despacho)
	b.Images = []sei.BlobRef{blob("brasão.png")}
	w.refuses(t, sei.CodeBlobMissing, assessor, b)
	edit := w.editBody(theMinute, "x")
	edit.Images = b.Images
	w.refuses(t, sei.CodeBlobMissing, assessor, edit)
	w.refuses(t, sei.CodeBlobMissing, assessor, w.signBody(theMinute, sei.ByPassword))
}

func TestAProcessHoldsALimitedNumberOfDocuments(t *testing.T) {
	w := started(t)
	w.process.Order = make([]sei.DocumentID, sei.MaxDocuments)
	w.refuses(t, sei.CodeDocumentsLimit, assessor, minuteBody(theMinute, despacho))
}

func TestWhatAnExternalDocumentMayNotBe(t *testing.T) {
	external := func(change func(*sei.RegisterExternal)) sei.RegisterExternal {
		b := externalBody(theExternal)
		change(&b)
		return b
	}
	for rule, c := range map[string]struct {
		code sei.Code
		body sei.RegisterExternal
	}{
		"of a type for internal ones":       {sei.CodeBadType, external(func(b *sei.RegisterExternal) { b.Type = numbered })},
		"undated":                           {sei.CodeInvalid, external(func(b *sei.RegisterExternal) { b.File.Date = "02/03/2026" })},
		"dated in the future":               {sei.CodeInvalid, external(func(b *sei.RegisterExternal) { b.File.Date = "2026-03-05" })},
		"of no format":                      {sei.CodeInvalid, external(func(b *sei.RegisterExternal) { b.File.Format = "" })},
		"digitised without conference":      {sei.CodeBadReference, external(func(b *sei.RegisterExternal) { b.File.Format = sei.Digitised })},
		"digitised by a retired conference": {sei.CodeBadReference, external(func(b *sei.RegisterExternal) { b.File.Format, b.File.ConferenceType = sei.Digitised, 2 })},
		"born digital with conference":      {sei.CodeBadReference, external(func(b *sei.RegisterExternal) { b.File.ConferenceType = 1 })},
		"empty":                             {sei.CodeInvalid, external(func(b *sei.RegisterExternal) { b.File.Content.Size = 0 })},
		"without a hash":                    {sei.CodeInvalid, external(func(b *sei.RegisterExternal) { b.File.Content.SHA256 = "ABC" })},
		"over the central's limit":          {sei.CodeTooLarge, external(func(b *sei.RegisterExternal) { b.File.Content.Size = 2 << 30 })},
		"over its extension's limit":        {sei.CodeTooLarge, external(func(b *sei.RegisterExternal) { b.File.Content.Size = 11 << 20 })},
		"of an unknown extension":           {sei.CodeBadReference, external(func(b *sei.RegisterExternal) { b.File.Content.Name = "nota.exe" })},
		"of a retired extension":            {sei.CodeBadReference, external(func(b *sei.RegisterExternal) { b.File.Content.Name = "nota.doc" })},
		"without an extension":              {sei.CodeBadReference, external(func(b *sei.RegisterExternal) { b.File.Content.Name = "nota" })},
	} {
		t.Run(rule, func(t *testing.T) { started(t).refuses(t, c.code, assessor, c.body) })
	}
	digitised := externalBody(theExternal)
	digitised.File.Format, digitised.File.ConferenceType, digitised.File.Content.Name = sei.Digitised, 1, "NOTA.PDF"
	started(t).do(t, assessor, digitised)
}

func TestAnEditMakesARevisionAndNoAndamento(t *testing.T) {
	w := withMinute(t)
	base := w.heads[theMinute].ID
	out := w.decide(t, chief, w.editBody(theMinute, "segundo texto"))
	if out.Verdict != sei.Allowed || len(out.Events) != 0 || out.Revision == nil {
		t.Fatalf("the edit came to %+v", out)
	}
	if r := out.Revision; r.Side || r.Base != base || r.ID == base || r.Hash != textHash(text("segundo texto")) {
		t.Errorf("the revision is %+v", r)
	}
}

func TestAStaleEditIsKeptBesideTheCurrentText(t *testing.T) {
	w := withMinute(t)
	mine, theirs := w.editBody(theMinute, "meu"), w.editBody(theMinute, "dela")
	w.do(t, chief, theirs)
	current := w.heads[theMinute].ID
	out := w.decide(t, assessor, mine)
	if out.Verdict != sei.Allowed || out.Revision == nil || !out.Revision.Side {
		t.Fatalf("the late edit came to %+v", out)
	}
	if w.heads[theMinute].ID != current {
		t.Error("the late edit took the current text's place")
	}
	merge := w.editBody(theMinute, "dos dois")
	merge.Merges = []sei.RevisionID{out.Revision.ID}
	if out := w.decide(t, chief, merge); out.Revision == nil || out.Revision.Side || !slices.Equal(out.Revision.Merges, merge.Merges) {
		t.Errorf("the merge came to %+v", out)
	}
}

func TestOnlyTheGeneratingUnitEditsAndSigns(t *testing.T) {
	w := withMinute(t)
	w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}, KeepOpen: true})
	w.refuses(t, sei.CodeOtherUnit, lawyer, w.editBody(theMinute, "x"))
	w.refuses(t, sei.CodeOtherUnit, lawyer, w.signBody(theMinute, sei.ByPassword))
}

func TestAnExternalDocumentHasNoTextToEdit(t *testing.T) {
	w := started(t)
	w.do(t, assessor, externalBody(theExternal))
	w.refuses(t, sei.CodeOtherUnit, assessor, w.editBody(theExternal, "x"))
}

func TestACancelledDocumentIsOutOfReach(t *testing.T) {
	w := signed(t)
	w.process.Documents[theMinute].Cancelled = true
	for _, body := range []sei.CommandBody{
		w.editBody(theMinute, "x"), w.signBody(theMinute, sei.ByPassword), sei.Acknowledge{Document: theMinute}, sei.Acknowledge{Document: "d-?"},
		sei.RecordDelivery{Document: theMinute, To: legal},
	} {
		w.refuses(t, sei.CodeNoDocument, chief, body)
	}
}

func TestAnEditUnderTheYellowPenWithdrawsSignatures(t *testing.T) {
	w := signed(t)
	if pen := w.process.Documents[theMinute].PenColour(); pen != sei.PenYellow {
		t.Fatalf("the pen of a signed document is %q", pen)
	}
	old := w.process.Documents[theMinute].Frozen.CRC
	edit := w.editBody(theMinute, "corrigido")
	w.refuses(t, sei.CodeSigned, assessor, edit)
	edit.OnSigned = true
	if kinds := w.do(t, assessor, edit); !slices.Equal(kinds, []sei.EventKind{sei.EvSignaturesWithdrawn}) {
		t.Errorf("the edit did %v", kinds)
	}
	d := w.process.Documents[theMinute]
	if !d.IsMinute() || d.Frozen != nil || len(d.Superseded) != 1 || d.Superseded[0].CRC != old || d.PenColour() != sei.PenNone {
		t.Errorf("after the edit the document is %+v", d)
	}
}

func TestAStaleEditDoesNotUndoASignatureItNeverSaw(t *testing.T) {
	w := withMinute(t)
	stale := w.editBody(theMinute, "atrasado")
	stale.OnSigned = true
	w.do(t, chief, w.editBody(theMinute, "corrigido"))
	w.do(t, chief, w.signBody(theMinute, sei.ByPassword))
	w.refuses(t, sei.CodeSigned, assessor, stale)
}

func TestTheBlackPenForbidsEditing(t *testing.T) {
	for how, blacken := range map[string]func(*world){
		"sent":                 func(w *world) { w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}, KeepOpen: true}) },
		"read by another unit": func(w *world) { w.do(t, sei.Actor{Unit: legal}, sei.RecordDelivery{Document: theMinute, To: legal}) },
		"read outside":         func(w *world) { w.do(t, sei.Actor{}, sei.RecordDelivery{Document: theMinute}) },
	} {
		t.Run(how, func(t *testing.T) {
			w := signed(t)
			blacken(w)
			if pen := w.process.Documents[theMinute].PenColour(); pen != sei.PenBlack {
				t.Errorf("the pen is %q", pen)
			}
			edit := w.editBody(theMinute, "x")
			edit.OnSigned = true
			w.refuses(t, sei.CodePenBlack, assessor, edit)
		})
	}
}

func TestAMinuteStaysEditableWhenTheProcessIsSent(t *testing.T) {
	w := withMinute(t)
	w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}, KeepOpen: true})
	w.do(t, assessor, w.editBody(theMinute, "continua"))
}

func TestOnlyTheFirstDeliveryToOthersIsRecorded(t *testing.T) {
	w := withMinute(t)
	if kinds := w.do(t, sei.Actor{}, sei.RecordDelivery{Document: theMinute, To: legal}); len(kinds) != 0 {
		t.Errorf("the delivery of a minute did %v", kinds)
	}
	w.do(t, assessor, w.signBody(theMinute, sei.ByPassword))
	if kinds := w.do(t, sei.Actor{}, sei.RecordDelivery{Document: theMinute, To: supply}); len(kinds) != 0 {
		t.Errorf("the delivery to its own unit did %v", kinds)
	}
	if kinds := w.do(t, sei.Actor{}, sei.RecordDelivery{Document: theMinute, To: legal}); !slices.Equal(kinds, []sei.EventKind{sei.EvContentDelivered}) {
		t.Errorf("the first delivery did %v", kinds)
	}
	if kinds := w.do(t, sei.Actor{}, sei.RecordDelivery{Document: theMinute}); len(kinds) != 0 {
		t.Errorf("the second delivery did %v", kinds)
	}
	newWorld().refuses(t, sei.CodeNoProcess, sei.Actor{}, sei.RecordDelivery{Document: theMinute})
}

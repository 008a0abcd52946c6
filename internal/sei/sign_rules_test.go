package sei_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestASignatureFreezesTheMinuteAndSaysWhoSigned(t *testing.T) {
	w := withMinute(t)
	body := w.signBody(theMinute, sei.ByToken)
	if kinds := w.do(t, chief, body); !slices.Equal(kinds, []sei.EventKind{sei.EvDocumentSigned}) {
		t.Errorf("signing did %v", kinds)
	}
	d := w.process.Documents[theMinute]
	if d.Frozen == nil || d.Frozen.CRC != body.Frozen.CRC || d.IsMinute() || len(d.Signatures) != 1 {
		t.Fatalf("the signed document is %+v", d)
	}
	s := d.Signatures[0]
	if s.Signer != chief.User || s.SignerName != chief.Name || s.Unit != supply || s.SigningAgency != seplag ||
		s.Level != sei.LevelQualified || s.LegalBasis != "art. 4º, III" || s.Verdict != sei.VerdictValid || s.Certificate == nil || s.Evidence == nil {
		t.Errorf("the signature says %+v", s)
	}
	if !s.At.Equal(w.now) || s.DeclaredAt.Equal(s.At) {
		t.Errorf("the legal time is %v and the declared one %v; the central's is %v", s.At, s.DeclaredAt, w.now)
	}
}

func TestTwoPeopleMaySignTheSameFrozenText(t *testing.T) {
	w := signed(t)
	frozen := *w.process.Documents[theMinute].Frozen
	w.do(t, chief, w.signBody(theMinute, sei.ByToken))
	d := w.process.Documents[theMinute]
	if len(d.Signatures) != 2 || d.Frozen.CRC != frozen.CRC || len(d.Superseded) != 0 {
		t.Errorf("after two signatures the document is %+v", d)
	}
}

func TestNobodySignsADocumentTwice(t *testing.T) {
	w := signed(t)
	w.refuses(t, sei.CodeSignatureTwice, assessor, w.signBody(theMinute, sei.ByToken))
}

func TestColaboradorMayNotSign(t *testing.T) {
	w := withMinute(t)
	w.refuses(t, sei.CodeNoRight, colleague, w.signBody(theMinute, sei.ByPassword))
	w.do(t, colleague, w.editBody(theMinute, "mas escreve"))
}

func TestASignatureOverAnOlderTextIsRefused(t *testing.T) {
	w := withMinute(t)
	stale := w.signBody(theMinute, sei.ByToken)
	w.do(t, chief, w.editBody(theMinute, "mudou"))
	w.refuses(t, sei.CodeContentDiffers, assessor, stale)
	w.do(t, chief, w.signBody(theMinute, sei.ByPassword))
	w.refuses(t, sei.CodeContentDiffers, assessor, func() sei.SignDocument {
		b := w.signBody(theMinute, sei.ByToken)
		b.ContentSHA256 = textHash([]byte("outro PDF"))
		return b
	}())
}

func TestASignatureWhoseTextTheCentralLacksIsRefused(t *testing.T) {
	w := withMinute(t)
	sign, edit := w.signBody(theMinute, sei.ByPassword), w.editBody(theMinute, "x")
	delete(w.heads, theMinute)
	w.refuses(t, sei.CodeContentDiffers, assessor, sign)
	w.refuses(t, sei.CodeNoDocument, assessor, edit)
}

func TestAnExternalDocumentIsSignedAsItCame(t *testing.T) {
	w := started(t)
	w.do(t, assessor, externalBody(theExternal))
	wrong := w.signBody(theExternal, sei.ByPassword)
	wrong.ContentSHA256 = textHash([]byte("outro"))
	w.refuses(t, sei.CodeContentDiffers, assessor, wrong)
	w.do(t, assessor, w.signBody(theExternal, sei.ByPassword))
	if d := w.process.Documents[theExternal]; d.Frozen != nil || len(d.Signatures) != 1 {
		t.Errorf("the signed external document is %+v", d)
	}
}

func TestWhatASigningRequestMustSay(t *testing.T) {
	for rule, c := range map[string]struct {
		code   sei.Code
		change func(*sei.SignDocument)
	}{
		"a position":                  {sei.CodeInvalid, func(b *sei.SignDocument) { b.Position = " " }},
		"a position of few words":     {sei.CodeTooLarge, func(b *sei.SignDocument) { b.Position = strings.Repeat("a", sei.MaxPosition+1) }},
		"an agency":                   {sei.CodeBadReference, func(b *sei.SignDocument) { b.SigningAgency = "?" }},
		"a known method":              {sei.CodeInvalid, func(b *sei.SignDocument) { b.Method = "carimbo" }},
		"what was frozen":             {sei.CodeInvalid, func(b *sei.SignDocument) { b.Frozen = nil }},
		"a salt of 16 bytes":          {sei.CodeInvalid, func(b *sei.SignDocument) { b.Frozen.Salt = b.Frozen.Salt[:15] }},
		"a QR token":                  {sei.CodeInvalid, func(b *sei.SignDocument) { b.Frozen.QRToken = "" }},
		"the content that was frozen": {sei.CodeInvalid, func(b *sei.SignDocument) { b.ContentSHA256 = textHash(nil) }},
		"a document that is there":    {sei.CodeNoDocument, func(b *sei.SignDocument) { b.Document = "d-?" }},
		"the signed file of a key":    {sei.CodeInvalid, func(b *sei.SignDocument) { b.Evidence = nil }},
	} {
		t.Run(rule, func(t *testing.T) {
			w := withMinute(t)
			b := w.signBody(theMinute, sei.ByFile)
			c.change(&b)
			w.refuses(t, c.code, assessor, b)
		})
	}
}

func TestAVerificationPairThatDoesNotFollowIsRefused(t *testing.T) {
	w := withMinute(t)
	w.pairHolds = false
	w.refuses(t, sei.CodeInvalid, assessor, w.signBody(theMinute, sei.ByPassword))
}

func TestABrokenContentIsNotFrozenWhateverTheMethod(t *testing.T) {
	for _, method := range []sei.SignatureMethod{sei.ByPassword, sei.ByFile, sei.ByToken} {
		w := withMinute(t)
		w.contentBroken = true
		w.refuses(t, sei.CodeContentBroken, assessor, w.signBody(theMinute, method))
	}
}

func TestAPasswordSignatureNeedsTheCentralToHaveCheckedIt(t *testing.T) {
	w := withMinute(t)
	w.password = false
	w.refuses(t, sei.CodePassword, assessor, w.signBody(theMinute, sei.ByPassword))
	w.password = true
	b := w.signBody(theMinute, sei.ByPassword)
	evidence := blob("x.pdf")
	b.Evidence = &evidence
	w.refuses(t, sei.CodeInvalid, assessor, b)
	w.do(t, assessor, w.signBody(theMinute, sei.ByPassword))
	if s := w.process.Documents[theMinute].Signatures[0]; s.Level != sei.LevelSimple || s.LegalBasis != "art. 4º, I" {
		t.Errorf("the password signature is %+v", s)
	}
}

func TestOnlyAnInvalidSignatureIsRefused(t *testing.T) {
	for verdict, code := range map[sei.SignatureVerdict]sei.Code{
		sei.VerdictInvalid: sei.CodeEvidence, sei.VerdictIndeterminate: "", sei.VerdictValid: "",
	} {
		w := withMinute(t)
		w.evidence.Verdict, w.evidence.Reasons = verdict, []string{"A revogação não pôde ser consultada."}
		b := w.signBody(theMinute, sei.ByToken)
		if code != "" {
			w.refuses(t, code, assessor, b)
			continue
		}
		w.do(t, assessor, b)
		if s := w.process.Documents[theMinute].Signatures[0]; s.Verdict != verdict || len(s.Reasons) != 1 {
			t.Errorf("the %s signature was taken as %+v", verdict, s)
		}
	}
}

func TestASignedFileMustBeginWithWhatWasShown(t *testing.T) {
	w := withMinute(t)
	w.evidence.Extends = false
	w.refuses(t, sei.CodeContentDiffers, assessor, w.signBody(theMinute, sei.ByToken))
}

func TestASignedFileThatNobodyJudgedIsRefused(t *testing.T) {
	w := withMinute(t)
	w.evidence = nil
	w.refuses(t, sei.CodeEvidence, assessor, w.signBody(theMinute, sei.ByToken))
}

func TestACertificateOfSomebodyElseIsRefused(t *testing.T) {
	w := withMinute(t)
	w.evidence.CPF = chief.CPF
	w.refuses(t, sei.CodeSignatureCPF, assessor, w.signBody(theMinute, sei.ByToken))
	w.do(t, chief, w.signBody(theMinute, sei.ByToken))
}

func TestATypesLeastLevelIsAsked(t *testing.T) {
	w := started(t)
	w.do(t, assessor, minuteBody(theMinute, qualifiedOnly))
	w.refuses(t, sei.CodeSignatureLevel, assessor, w.signBody(theMinute, sei.ByPassword))
	w.evidence.Level = sei.LevelAdvanced
	w.refuses(t, sei.CodeSignatureLevel, assessor, w.signBody(theMinute, sei.ByFile))
	w.evidence.Level = sei.LevelQualified
	w.do(t, assessor, w.signBody(theMinute, sei.ByToken))
}

func TestATypeOfProcessAsksForALevelOnEveryDocument(t *testing.T) {
	w := newWorld()
	b := startBody()
	b.Type = qualifiedProcess
	w.do(t, assessor, b)
	w.do(t, assessor, minuteBody(theMinute, despacho))
	out := w.decide(t, assessor, w.signBody(theMinute, sei.ByPassword))
	if out.Verdict != sei.Refused || out.Refusal.Code != sei.CodeSignatureLevel {
		t.Fatalf("a password on it is %s: %v", out.Verdict, out.Refusal)
	}
	for _, word := range []string{"tipo de processo “Licitação”", "qualificada", "ICP-Brasil", "esta é simples"} {
		if !strings.Contains(out.Refusal.Message, word) {
			t.Errorf("the refusal does not say %q: %s", word, out.Refusal.Message)
		}
	}
	w.do(t, assessor, w.signBody(theMinute, sei.ByToken))
	w.do(t, assessor, externalBody(theExternal))
	w.refuses(t, sei.CodeSignatureLevel, assessor, w.signBody(theExternal, sei.ByPassword))
}

func TestTheHigherOfTheTwoTypesBinds(t *testing.T) {
	low, high := sei.LevelAdvanced, sei.LevelQualified
	for _, c := range []struct{ process, document, want sei.SignatureLevel }{
		{"", "", ""}, {low, "", low}, {"", low, low}, {low, high, high}, {high, low, high},
	} {
		got := sei.LeastLevel(sei.ProcessType{MinSignLevel: c.process}, sei.DocumentType{MinSignLevel: c.document})
		if got != c.want {
			t.Errorf("process %q and document %q ask for %q", c.process, c.document, got)
		}
	}
}

func TestABlankTextIsNotSigned(t *testing.T) {
	w := withMinute(t)
	head := w.heads[theMinute]
	head.Blank = true
	w.heads[theMinute] = head
	for _, method := range []sei.SignatureMethod{sei.ByPassword, sei.ByToken, sei.ByFile} {
		w.refuses(t, sei.CodeBlank, assessor, w.signBody(theMinute, method))
	}
	w.do(t, assessor, w.editBody(theMinute, "agora diz algo"))
	w.do(t, assessor, w.signBody(theMinute, sei.ByToken))
}

func TestSigningWaitsForTheNumbers(t *testing.T) {
	w := started(t)
	w.do(t, assessor, minuteBody(theMinute, numbered))
	b := w.signBody(theMinute, sei.ByPassword)
	w.process.Documents[theMinute].Number = ""
	w.refuses(t, sei.CodeNumberMissing, assessor, b)
	w.process.Documents[theMinute].Number, w.process.Documents[theMinute].SEINumber = "1/2026", 0
	w.refuses(t, sei.CodeNumberMissing, assessor, b)
}

func TestAWorkstationForecastsWhatItCannotKnow(t *testing.T) {
	w := withMinute(t)
	desk := func(body sei.CommandBody) sei.Outcome {
		v := &sei.View{Process: w.process, Catalogue: catalogue{}}
		out, err := sei.Decide(v, w.command(body), assessor, w.now)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	leased := minuteBody("d9", despacho)
	leased.SEINumber = 700
	for _, body := range []sei.CommandBody{
		leased, externalBody("d8"), w.editBody(theMinute, "x"), w.signBody(theMinute, sei.ByPassword), w.signBody(theMinute, sei.ByToken),
	} {
		if out := desk(body); out.Verdict != sei.Unknown || len(out.Events) == 0 && out.Revision == nil {
			t.Errorf("the forecast of %s is %s with %d events", body.Kind(), out.Verdict, len(out.Events))
		}
	}
	if out := desk(sei.Conclude{}); out.Verdict != sei.Allowed {
		t.Errorf("the forecast of what is all known here is %s", out.Verdict)
	}
	if out := desk(sei.Send{}); out.Verdict != sei.Refused {
		t.Errorf("the forecast of what is surely refused is %s", out.Verdict)
	}
}

func signedWithKey(t *testing.T) *world {
	w := withMinute(t)
	w.do(t, chief, w.signBody(theMinute, sei.ByToken))
	return w
}

func raising(w *world) sei.RecordRaising {
	sig := w.process.Documents[theMinute].Signatures[0]
	return sei.RecordRaising{Document: theMinute, Signature: sig.ID, Raising: sei.Raising{
		Level: "AD-RT", From: sig.Shown().SHA256, Evidence: blob(fmt.Sprint("elevado", len(sig.Raised))), ProvenAt: w.now, Verdict: sei.VerdictValid,
	}}
}

func TestASignatureGainsProofAndKeepsWhatWasAccepted(t *testing.T) {
	w := signedWithKey(t)
	accepted := *w.process.Documents[theMinute].Signatures[0].Evidence
	first := raising(w)
	if kinds := w.do(t, sei.Actor{}, first); !slices.Equal(kinds, []sei.EventKind{sei.EvSignatureRaised}) {
		t.Errorf("raising did %v", kinds)
	}
	second := raising(w)
	second.Raising.Level = "AD-RA"
	w.do(t, sei.Actor{}, second)
	d := w.process.Documents[theMinute]
	s := d.Signatures[0]
	if *s.Evidence != accepted || len(s.Raised) != 2 || s.Shown().SHA256 != second.Raising.Evidence.SHA256 || !s.Raised[1].At.Equal(w.now) {
		t.Errorf("after two raisings the signature is %+v", s)
	}
	if refs := d.Blobs(); len(refs) != 4 {
		t.Errorf("the document cites %d files", len(refs))
	}
	text := sei.Describe(sei.Event{Payload: sei.SignatureRaised{TypeName: "Despacho", SEINumber: 12, SignerName: "Ana", Raising: second.Raising}}, catalogue{})
	if text != "Assinatura elevada para AD-RA no documento Despacho (0000012), de Ana: carimbo do tempo e dados de arquivamento acrescentados" {
		t.Errorf("the history says %q", text)
	}
}

func TestARaisedCopyMustBeOfTheSignatureThatStands(t *testing.T) {
	for rule, c := range map[string]struct {
		code   sei.Code
		change func(*sei.RecordRaising)
	}{
		"that signature":       {sei.CodeConflict, func(b *sei.RecordRaising) { b.Signature = "?" }},
		"its newest file":      {sei.CodeConflict, func(b *sei.RecordRaising) { b.Raising.From = textHash(nil) }},
		"no invalid copy":      {sei.CodeEvidence, func(b *sei.RecordRaising) { b.Raising.Verdict = sei.VerdictInvalid }},
		"another file":         {sei.CodeEvidence, func(b *sei.RecordRaising) { b.Raising.Evidence.SHA256 = b.Raising.From }},
		"a known document":     {sei.CodeNoDocument, func(b *sei.RecordRaising) { b.Document = "d-?" }},
		"a file that is there": {sei.CodeEvidence, func(b *sei.RecordRaising) { b.Raising.Evidence.Size = 0 }},
	} {
		t.Run(rule, func(t *testing.T) {
			w := signedWithKey(t)
			b := raising(w)
			c.change(&b)
			w.refuses(t, c.code, sei.Actor{}, b)
		})
	}
	w := signedWithKey(t)
	out, err := sei.Decide(&sei.View{Process: w.process, Catalogue: catalogue{}}, w.command(raising(w)), assessor, w.now)
	if err != nil || out.Verdict != sei.Refused {
		t.Errorf("a workstation raised a signature: %+v %v", out, err)
	}
}

func TestAnEditWithdrawsARaisedSignatureToo(t *testing.T) {
	w := signedWithKey(t)
	w.do(t, sei.Actor{}, raising(w))
	edit := w.editBody(theMinute, "outro texto")
	edit.OnSigned = true
	w.do(t, assessor, edit)
	if d := w.process.Documents[theMinute]; d.Signed() {
		t.Errorf("the document is %+v", d)
	}
}

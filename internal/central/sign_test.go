package central_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// wrongPasswords is how many an account may give before it has to wait.
const wrongPasswords = 8

func sei7(n int64) string { return protocol.FormatSEINumber(n) }

func (d *desk) seiNumber(process sei.ProcessID, doc sei.DocumentID) string {
	d.t.Helper()
	return sei7(bodyAs[sei.Document](d.t, row(d.pull(wire.ProcessBucket(process), 0), "document/"+string(doc))).SEINumber)
}

func TestAWrongPasswordLeavesSessionAndDocumentAsTheyWere(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf := pdfBytes("defiro")
	d.upload(pdf)
	body := signBody(doc, d.freeze(rev, "Defiro.", pdf))
	_, err := d.signWithPassword(id, body, "errada")
	if codeOf(err) != central.CodePasswordWrong || statusOf(err) != http.StatusUnauthorized {
		t.Fatalf("a wrong password: %v", err)
	}
	r, err := d.signWithPassword(id, body, central.DemoPassword)
	must(t, err)
	if !r.Accepted {
		t.Fatalf("refused: %s %s", r.Code, r.Message)
	}
	signed := bodyAs[sei.Document](t, row(d.pull(wire.ProcessBucket(id), 0), "document/"+string(doc)))
	if len(signed.Signatures) != 1 || signed.Signatures[0].Level != sei.LevelSimple || signed.Signatures[0].SignerName != d.login.User.Name {
		t.Errorf("signatures: %+v", signed.Signatures)
	}
}

func TestAPasswordIsCheckedOnceForABatch(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	var commands []ledger.Sealed
	for _, words := range []string{"Um.", "Dois.", "Três."} {
		doc, _, rev := d.addMinute(id, words)
		pdf := pdfBytes(words)
		d.upload(pdf)
		commands = append(commands, d.command(id, signBody(doc, d.freeze(rev, words, pdf))))
	}
	// A wrong password of three documents is one attempt: as many batches may fail as single ones.
	for range wrongPasswords - 1 {
		if _, err := d.signBatch("errada", commands...); codeOf(err) != central.CodePasswordWrong {
			t.Fatalf("a wrong password: %v", err)
		}
	}
	first, err := d.signBatch(central.DemoPassword, commands...)
	must(t, err)
	again, err := d.signBatch(central.DemoPassword, commands...)
	must(t, err)
	for i := range commands {
		if r := d.open(first[i], commands[i]); !r.Accepted {
			t.Errorf("document %d: %s %s", i, r.Code, r.Message)
		}
		if string(first[i].Receipt.Payload) != string(again[i].Receipt.Payload) {
			t.Errorf("document %d was answered differently when sent again", i)
		}
	}
	for range wrongPasswords {
		_, _ = d.signBatch("errada", commands...) // what it says is tried above
	}
	if _, err := d.signBatch(central.DemoPassword, commands...); codeOf(err) != sei.CodeTooMany {
		t.Errorf("after too many wrong passwords: %v", err)
	}
}

func TestOneDocumentOfAPasswordBatchThatIsRefusedHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	other, _, otherRev := d.addMinute(id, "Indefiro.")
	pdf := pdfBytes("defiro")
	d.upload(pdf)
	stale := d.freeze(otherRev, "Outro texto.", pdf)
	commands := []ledger.Sealed{d.command(id, signBody(other, stale)), d.command(id, signBody(doc, d.freeze(rev, "Defiro.", pdf)))}
	out, err := d.signBatch(central.DemoPassword, commands...)
	must(t, err)
	if r := d.open(out[0], commands[0]); r.Accepted {
		t.Error("a signature on another text was accepted")
	}
	if r := d.open(out[1], commands[1]); !r.Accepted {
		t.Errorf("refused with it: %s %s", r.Code, r.Message)
	}
}

func TestAPasswordBatchTakesNothingButSignatures(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf := pdfBytes("defiro")
	d.upload(pdf)
	sign := d.command(id, signBody(doc, d.freeze(rev, "Defiro.", pdf)))
	if _, err := d.signBatch(central.DemoPassword, sign, d.command(id, sei.Receive{})); codeOf(err) != sei.CodeInvalid {
		t.Errorf("another command in the batch: %v", err)
	}
	if _, err := d.signBatch(central.DemoPassword); codeOf(err) != sei.CodeTooLarge {
		t.Errorf("an empty batch: %v", err)
	}
	if _, err := d.signBatch(central.DemoPassword, make([]ledger.Sealed, wire.MaxPasswordBatch+1)...); codeOf(err) != sei.CodeTooLarge {
		t.Errorf("a batch over the limit: %v", err)
	}
	signed := bodyAs[sei.Document](t, row(d.pull(wire.ProcessBucket(id), 0), "document/"+string(doc)))
	if signed.Signed() {
		t.Error("a batch that was refused as a whole has signed")
	}
}

func TestAPasswordSignatureCannotBeQueued(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf := pdfBytes("defiro")
	d.upload(pdf)
	d.refused(id, signBody(doc, d.freeze(rev, "Defiro.", pdf)), sei.CodePassword)
}

func TestASignatureOnAnOlderTextIsRefused(t *testing.T) {
	w := newWorld(t)
	chief, assessor := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "bruno.machado", spggGab)
	id := chief.start(sei.Public)
	doc, _, rev := chief.addMinute(id, "Defiro.")
	pdf := pdfBytes("defiro")
	chief.upload(pdf)
	body := signBody(doc, chief.freeze(rev, "Defiro.", pdf))
	assessor.do(id, sei.EditMinute{Document: doc, Base: rev, Text: minuteText("Indefiro.")})
	r, err := chief.signWithPassword(id, body, central.DemoPassword)
	must(t, err)
	if r.Accepted || r.Code != string(sei.CodeContentDiffers) {
		t.Errorf("accepted %v, code %s", r.Accepted, r.Code)
	}
}

func TestOnlyAReadablePDFOfTheStatedPagesIsFrozen(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf, text := pdfBytes("defiro"), []byte("Isto não é um PDF.")
	d.upload(pdf)
	d.upload(text)
	longer := d.freeze(rev, "Defiro.", pdf)
	longer.Pages = 2
	for name, c := range map[string]struct {
		frozen *sei.Frozen
		code   sei.Code
	}{
		"no PDF":      {d.freeze(rev, "Defiro.", text), sei.CodeContentBroken},
		"other pages": {longer, sei.CodeContentBroken},
	} {
		r, err := d.signWithPassword(id, signBody(doc, c.frozen), central.DemoPassword)
		must(t, err)
		if r.Accepted || r.Code != string(c.code) {
			t.Errorf("%s: accepted %v, code %q", name, r.Accepted, r.Code)
		}
	}
	r, err := d.signWithPassword(id, signBody(doc, d.freeze(rev, "Defiro.", pdf)), central.DemoPassword)
	must(t, err)
	if !r.Accepted {
		t.Errorf("the PDF itself: %s %s", r.Code, r.Message)
	}
}

func TestABlankTextThatAnotherClientFreezesIsNotSigned(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	const blank = " \u200b"
	doc, _, rev := d.addMinute(id, blank)
	pdf := pdfBytes("uma folha em branco")
	d.upload(pdf)
	r, err := d.signWithPassword(id, signBody(doc, d.freeze(rev, blank, pdf)), central.DemoPassword)
	must(t, err)
	if r.Accepted || r.Code != string(sei.CodeBlank) {
		t.Errorf("accepted %v, code %q", r.Accepted, r.Code)
	}
}

func TestWithoutAnInspectorNothingIsFrozen(t *testing.T) {
	w := newWorld(t, func(c *central.Config) { c.Inspector = nil })
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf := pdfBytes("defiro")
	d.upload(pdf)
	r, err := d.signWithPassword(id, signBody(doc, d.freeze(rev, "Defiro.", pdf)), central.DemoPassword)
	must(t, err)
	if r.Accepted || r.Code != string(sei.CodeContentBroken) {
		t.Errorf("accepted %v, code %q", r.Accepted, r.Code)
	}
}

func TestAPairThatDoesNotFollowFromTheTextIsRefused(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf := pdfBytes("defiro")
	d.upload(pdf)
	for name, spoil := range map[string]func(*sei.Frozen){
		"crc":   func(f *sei.Frozen) { f.CRC = "00000000" },
		"salt":  func(f *sei.Frozen) { f.Salt[0] ^= 1 },
		"token": func(f *sei.Frozen) { f.QRToken = "curto" },
	} {
		frozen := d.freeze(rev, "Defiro.", pdf)
		spoil(frozen)
		r, err := d.signWithPassword(id, signBody(doc, frozen), central.DemoPassword)
		must(t, err)
		if r.Accepted {
			t.Errorf("a false %s was accepted", name)
		}
	}
}

// judge answers as the test says and remembers what it was asked.
type judge struct {
	fact     sei.EvidenceFact
	original sei.BlobRef
	read     []byte
}

func (j *judge) Judge(_ context.Context, signed io.ReaderAt, size int64, original sei.BlobRef) (sei.EvidenceFact, error) {
	j.original = original
	j.read = make([]byte, size)
	_, err := signed.ReadAt(j.read, 0)
	if err == io.EOF {
		err = nil
	}
	return j.fact, err
}

func TestASignedFileIsJudgedBeforeItIsAccepted(t *testing.T) {
	j := &judge{}
	w := newWorld(t, func(c *central.Config) { c.Judge = j })
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	cases := []struct {
		name string
		fact sei.EvidenceFact
		code sei.Code // "" is accepted
	}{
		{"valid", sei.EvidenceFact{Verdict: sei.VerdictValid, Level: sei.LevelQualified, Extends: true, CPF: d.login.User.CPF}, ""},
		{"indeterminate", sei.EvidenceFact{Verdict: sei.VerdictIndeterminate, Level: sei.LevelAdvanced, Extends: true}, ""},
		{"invalid", sei.EvidenceFact{Verdict: sei.VerdictInvalid, Extends: true, Reasons: []string{"Alterado."}}, sei.CodeEvidence},
		{"other content", sei.EvidenceFact{Verdict: sei.VerdictValid, Level: sei.LevelQualified}, sei.CodeContentDiffers},
		{"another's certificate", sei.EvidenceFact{Verdict: sei.VerdictValid, Level: sei.LevelQualified, Extends: true, CPF: "52998224725"}, sei.CodeSignatureCPF},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc, _, rev := d.addMinute(id, c.name)
			pdf := pdfBytes(c.name)
			signed := append(pdfBytes(c.name), []byte("assinatura")...)
			d.upload(pdf)
			d.upload(signed)
			body := signBody(doc, d.freeze(rev, c.name, pdf))
			ref := refOf(signed, "assinado.pdf")
			body.Method, body.Evidence = sei.ByToken, &ref
			j.fact = c.fact
			r := d.receipts(d.command(id, body))[0]
			if r.Accepted != (c.code == "") || r.Code != string(c.code) {
				t.Errorf("accepted %v, code %q: %s", r.Accepted, r.Code, r.Message)
			}
			if string(j.read) != string(signed) || j.original.SHA256 != shaOf(pdf) || j.original.Size != int64(len(pdf)) {
				t.Errorf("the judge was asked about %d bytes and %+v", len(j.read), j.original)
			}
		})
	}
}

func TestWithoutAJudgeACertificateProvesNothing(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, _, rev := d.addMinute(id, "Defiro.")
	pdf, signed := pdfBytes("a"), pdfBytes("b")
	d.upload(pdf)
	d.upload(signed)
	body := signBody(doc, d.freeze(rev, "Defiro.", pdf))
	ref := refOf(signed, "assinado.pdf")
	body.Method, body.Evidence = sei.ByToken, &ref
	d.refused(id, body, sei.CodeEvidence)
}

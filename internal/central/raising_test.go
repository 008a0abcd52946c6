package central_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// raiser appends a word to a file, or fails.
type raiser struct {
	err   error
	calls int
}

func (r *raiser) Raise(_ context.Context, w io.Writer, signed central.File, _ sei.BlobRef) (string, time.Time, error) {
	r.calls++
	if r.err != nil {
		return "", time.Time{}, r.err
	}
	if _, err := io.Copy(w, signed); err != nil {
		return "", time.Time{}, err
	}
	_, err := io.WriteString(w, "+carimbo")
	return "AD-RT", firstDay, err
}

// signedWithKey is a document signed with a certificate, and its signed file.
func (d *desk) signedWithKey(process sei.ProcessID) (sei.DocumentID, sei.RevisionID, []byte) {
	d.t.Helper()
	doc, _, rev := d.addMinute(process, "Defiro.")
	pdf := pdfBytes("defiro")
	signed := append(pdfBytes("defiro"), []byte("assinatura")...)
	d.upload(pdf)
	d.upload(signed)
	body := signBody(doc, d.freeze(rev, "Defiro.", pdf))
	ref := refOf(signed, "assinado.pdf")
	body.Method, body.Evidence = sei.ByToken, &ref
	d.do(process, body)
	return doc, rev, signed
}

// signedWorld is a central with one document signed with a certificate.
type signedWorld struct {
	*world
	desk    *desk
	process sei.ProcessID
	doc     sei.DocumentID
	rev     sei.RevisionID
	signed  []byte
}

func raisingWorld(t *testing.T, r *raiser) signedWorld {
	t.Helper()
	w := newWorld(t, func(c *central.Config) {
		c.Raiser = r
		c.Judge = &judge{fact: sei.EvidenceFact{Verdict: sei.VerdictValid, Level: sei.LevelQualified, Extends: true}}
	})
	out := signedWorld{world: w, desk: w.desk("SPGG", "ana.schneider", spggGab)}
	out.process = out.desk.start(sei.Public)
	out.doc, out.rev, out.signed = out.desk.signedWithKey(out.process)
	return out
}

func (w *world) raiseDue() int {
	w.t.Helper()
	n, err := w.svc.RaiseDue(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestTheCentralRaisesAnAcceptedSignatureOnce(t *testing.T) {
	r := &raiser{}
	w := raisingWorld(t, r)
	d, id, doc, signed := w.desk, w.process, w.doc, w.signed
	if n := w.raiseDue(); n != 1 || r.calls != 1 {
		t.Fatalf("%d taken up, %d raised", n, r.calls)
	}
	if n := w.raiseDue(); n != 0 {
		t.Errorf("%d are still due", n)
	}
	page := d.pull(wire.ProcessBucket(id), 0)
	got := bodyAs[sei.Document](t, row(page, "document/"+string(doc))).Signatures[0]
	raised := append(bytes.Clone(signed), "+carimbo"...)
	if len(got.Raised) != 1 || got.Shown().SHA256 != shaOf(raised) || got.Evidence.SHA256 != shaOf(signed) || got.Raised[0].From != shaOf(signed) {
		t.Fatalf("the signature is %+v", got)
	}
	// The accepted file and the raised copy can both be had.
	for _, want := range [][]byte{signed, raised} {
		if status, data := d.download(doc, shaOf(want)); status != http.StatusOK || !bytes.Equal(data, want) {
			t.Errorf("a copy of %d bytes: status %d", len(want), status)
		}
	}
	told := false
	for _, row := range page.Rows {
		told = told || strings.Contains(string(row.Body), "Assinatura elevada para AD-RT")
	}
	if !told {
		t.Error("the history does not tell of it")
	}
	// An auditor finds the event in order, though no receipt cites it.
	key := d.login.Central.ReceiptKeys[0].Public
	w.stop()
	if out := (history{folder: w.folder, key: key}).inspect(t); !out.Sound() {
		t.Errorf("the audit found %+v", out.Findings)
	}
}

func TestARaisingThatFailsComesAgainLaterAndHoldsUpNothing(t *testing.T) {
	r := &raiser{err: errors.New("the authority is silent")}
	w := raisingWorld(t, r)
	w.raiseDue()
	if n := w.raiseDue(); n != 0 {
		t.Errorf("%d are due at once after a failure", n)
	}
	w.clock.add(2 * time.Minute)
	r.err = nil
	if n := w.raiseDue(); n != 1 || r.calls != 2 {
		t.Errorf("%d taken up, %d calls", n, r.calls)
	}
	w.clock.add(48 * time.Hour)
	if n := w.raiseDue(); n != 0 {
		t.Errorf("%d are due after all were raised", n)
	}
}

func TestWhatCannotBeRaisedIsLeftAsItIs(t *testing.T) {
	r := &raiser{err: sei.Errorf(central.CodeNothingToRaise, "Nada a fazer.")}
	w := raisingWorld(t, r)
	w.raiseDue()
	w.clock.add(365 * 24 * time.Hour)
	if n := w.raiseDue(); n != 0 || r.calls != 1 {
		t.Errorf("%d taken up, %d calls", n, r.calls)
	}
}

func TestASignatureThatWasWithdrawnIsNotRaised(t *testing.T) {
	r := &raiser{}
	w := raisingWorld(t, r)
	w.desk.do(w.process, sei.EditMinute{Document: w.doc, Base: w.rev, Text: minuteText("Indefiro."), OnSigned: true})
	w.raiseDue()
	if r.calls != 0 {
		t.Errorf("raised %d times", r.calls)
	}
	if n := w.raiseDue(); n != 0 {
		t.Errorf("%d are still due", n)
	}
}

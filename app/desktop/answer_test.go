package desktop

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestAPasswordSignatureWhoseAnswerIsLostIsMadeOnceAndItsReceiptKept(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	process, document := d.start()
	d.save(process, document, d.edit(process, document).Base, "Encaminhe-se.")
	d.awaitSent()
	d.await("the minute has arrived", func() bool {
		v := d.view(process)
		return v.Official && len(v.Documents) == 1 && v.Documents[0].State == "registered"
	})

	signing := &Signing{d.Desk}
	p, err := signing.Prepare([]DocumentRef{{process, document}})
	must(t, err)
	form := PasswordSignForm{Items: p.Items, Password: central.DemoPassword, Agency: p.Agency, Position: "Chefe de Gabinete"}
	w.wire.loseNext("/v1/sign/password-batch")
	begun, err := signing.SignWithPassword(form)
	must(t, err)
	if over := d.batchOver(begun.ID); over.Signed != 1 {
		t.Fatalf("the central was not asked what became of the signature: %+v", over)
	}
	if lost, _ := w.wire.counts(); lost != 1 {
		t.Fatal("the answer was not lost")
	}
	d.await("one signature is shown", func() bool {
		signatures := d.view(process).Documents[0].Signatures
		return len(signatures) == 1 && !signatures[0].Queued
	})
	signature := d.view(process).Documents[0].Signatures[0]
	a, err := d.current()
	must(t, err)
	if _, kept, err := a.store.Receipt(d.ctx(), sei.CommandID(signature.ID)); err != nil || !kept {
		t.Errorf("the receipt of the signature is not kept (%v)", err)
	}
}

package main

import (
	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// stepReturn: the queue goes by itself, numbers and receipts arrive, what was
// refused says why and can be filed again.
func (d *demo) stepReturn() {
	s := d.ana
	d.startCentral()
	s.await("the queue is empty", "outbox", func() bool { return len(s.queue()) == 0 })
	d.held("a fila esvaziou sozinha, sem nenhum pedido")
	d.checkNumbers()
	d.checkReceipts()
	d.checkRefused()
}

func (d *demo) checkNumbers() {
	mask, err := protocol.ParseMask(central.DefaultMask)
	must(err, "reading the mask")
	seen := map[string]bool{}
	for _, id := range []string{d.public, d.restricted} {
		v := d.ana.look(id)
		claim(v.Official && mask.Matches(v.Number), "the number %q is not of the mask %s", v.Number, mask)
		must(protocol.CheckNIPE(v.Number), "checking the digits of "+v.Number)
		claim(!seen[v.Number], "two processes have the number %s", v.Number)
		seen[v.Number] = true
	}
	d.number = d.ana.look(d.public).Number
	d.held("números pela máscara, com dígitos que conferem: %s", d.number)
}

// checkReceipts: what was accepted says so, and the andamentos came back from
// the central with their place in the chain.
func (d *demo) checkReceipts() {
	v := d.ana.look(d.public)
	claim(len(v.Queue) > 0, "the process forgot what was sent")
	n := 0
	for _, q := range v.Queue {
		claim(q.State == "accepted" || q.State == "withdrawn", "%s stands as %q: %s", q.Title, q.State, q.Reason)
		if q.State == "accepted" {
			n++
		}
	}
	for _, h := range d.ana.history(d.public) {
		claim(!h.Pending && h.Hash != "", "the andamento %q is still a forecast", h.Text)
	}
	doc := documentOf(v, d.dispatch)
	claim(len(doc.Signatures) == 1 && !doc.Signatures[0].Queued && doc.Signatures[0].Verdict == "valid", "the central shows the signature as %+v", doc.Signatures)
	d.held("%d recibos verificados e guardados; histórico encadeado confere", n)
}

// checkRefused: one act, and only that, stands as refused; it is filed again to
// another unit.
func (d *demo) checkRefused() {
	s := d.ana
	list := s.refused()
	claim(len(list) == 1, "%d acts stand as refused, not one: %+v", len(list), list)
	r := list[0]
	claim(r.Process == d.restricted && r.Code == string(sei.CodeDestination) && r.Reason != "", "the refusal says %q (%s)", r.Reason, r.Code)
	d.held("recusado pela central: %s — “%s”", r.Title, r.Reason)
	v := s.look(d.restricted)
	claim(v.Here.Open && len(documentOf(v, d.notice).Signatures) == 1, "the refusal took more than the sending with it")
	s.act("Processes/Send", desktop.SendForm{Process: d.restricted, To: []string{s.unit("SES/GAB")}, KeepOpen: true})
	s.must(s.call("Outbox/Dismiss", nil, r.ID))
	s.await("the new sending is accepted", "outbox", func() bool { return len(s.queue()) == 0 })
	claim(len(s.refused()) == 0, "the refused act still stands")
	d.held("refeito para SES/GAB e aceito")
}

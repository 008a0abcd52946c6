package main

import (
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	drafted   = "Este gabinete é favoravel ao pedido."
	corrected = "Este gabinete é favorável ao pedido, condicionado à disponibilidade de equipes."
)

// stepHealth: the other agency receives, an assessor drafts, the chief corrects
// and signs, sends back and concludes.
func (d *demo) stepHealth() {
	s := d.health
	s.await("the process appears in SES", "inbox", func() bool { _, ok := s.line("received", d.public); return ok })
	l, _ := s.line("received", d.public)
	claim(!l.Received && l.From == "SPGG/GAB", "in SES the process shows %+v", l)
	d.held("apareceu em SES/GAB sem recarregar, em vermelho (não recebido), vindo de %s", l.From)
	d.receiveInHealth(s)
	d.readInHealth(s)
	d.draftInHealth(s)
	d.login(s, demoHealth)
	s.awaitIdle()
	d.correctInHealth(s)
	d.signInHealth(s)
	d.sendBack(s)
}

func (d *demo) receiveInHealth(s *station) {
	topic := "process:" + d.public
	claim(!d.historySays("recebido"), "the process was received before it was opened")
	var v desktop.ProcessView
	s.await("the process is on this desk", topic, func() bool { return s.call("Processes/Open", &v, d.public) == nil })
	s.await("the process is received", "inbox", func() bool { l, _ := s.line("received", d.public); return l.Received })
	d.ana.await("SPGG sees that SES received it", topic, func() bool { return d.historySays("recebido") })
	d.held("ao abrir foi recebido; SPGG/GAB viu o andamento na hora")
}

// historySays looks at the process's history as SPGG sees it.
func (d *demo) historySays(words string) bool {
	return slices.ContainsFunc(d.ana.history(d.public), func(h desktop.HistoryLine) bool {
		return !h.Pending && strings.Contains(strings.ToLower(h.Text), words)
	})
}

// readInHealth: the tree, the signed bytes themselves, and a verdict made here.
func (d *demo) readInHealth(s *station) {
	var v desktop.ProcessView
	s.await("the files are here", "process:"+d.public, func() bool {
		v = s.look(d.public)
		return !slices.ContainsFunc(v.Documents, func(x desktop.DocumentView) bool { return x.Unavailable != "" })
	})
	claim(len(v.Documents) == 2, "the tree has %d documents", len(v.Documents))
	signed := s.pdf(documentOf(v, d.dispatch).ContentURL)
	claim(hashOf(signed) == hashOf(d.file("despacho-token.pdf")), "SES reads other bytes than were signed")
	var sigs []desktop.SignatureView
	s.must(s.call("Signing/Verify", &sigs, d.public, d.dispatch))
	claim(len(sigs) == 1 && sigs[0].Verdict == "valid" && sigs[0].Name == d.signer.name, "SES judges the signature %+v", sigs)
	d.held("árvore com %d documentos; PDF idêntico ao assinado; assinatura de %s: %s", len(v.Documents), sigs[0].Name, sigs[0].VerdictName)
}

// draftInHealth: who may not sign may still draft.
func (d *demo) draftInHealth(s *station) {
	d.answer = d.addDispatch2(s)
	d.write(s, d.public, d.answer, drafted)
	s.await("the draft is with the central", "outbox", func() bool { return len(s.queue()) == 0 })
	var p desktop.SignPreparation
	s.must(s.call("Signing/Prepare", &p, []desktop.DocumentRef{{Process: d.public, Document: d.answer}}))
	claim(len(p.Items) == 1 && len(p.Items[0].Problems) == 1, "an assessor without the right may sign: %+v", p.Items)
	d.held("Igor (colaborador) redigiu a minuta; assinar, não pode: “%s”", p.Items[0].Problems[0])
}

func (d *demo) addDispatch2(s *station) string {
	q := s.act("Documents/AddInternal", desktop.DocumentForm{Process: d.public, Type: d.documentType("internal", "Despacho")})
	return q.Doc
}

func (d *demo) correctInHealth(s *station) {
	var e desktop.EditorView
	s.await("the minute is on this desk", "process:"+d.public, func() bool {
		return s.call("Documents/Edit", &e, d.public, d.answer) == nil && strings.Contains(e.Text, drafted)
	})
	d.write(s, d.public, d.answer, corrected)
	s.await("the correction is with the central", "outbox", func() bool { return len(s.queue()) == 0 })
	var revisions []desktop.RevisionView
	s.must(s.call("Documents/Revisions", &revisions, d.public, d.answer))
	claim(len(revisions) >= 2, "the minute has %d revisions", len(revisions))
	d.held("Helena viu o texto do Igor e o corrigiu; as duas versões ficaram")
}

func (d *demo) signInHealth(s *station) {
	p := d.prepareToSign(s, d.public, d.answer)
	form := desktop.PasswordSignForm{Items: p.Items, Password: "errada", Agency: p.Agency, Position: "Chefe de Gabinete"}
	var begun desktop.BatchView
	s.must(s.call("Signing/SignWithPassword", &begun, form))
	over := s.batchOver(begun.ID)
	claim(over.Signed == 0 && over.Code == "password.wrong", "a wrong password signs: %+v", over)
	wrong := over.Message
	form.Password = central.DemoPassword
	s.must(s.call("Signing/SignWithPassword", &begun, form))
	over = s.batchOver(begun.ID)
	claim(over.Registered == 1, "the password signature failed: %+v", over)
	s.await("the signature is in the tree", "process:"+d.public, func() bool {
		return len(documentOf(s.look(d.public), d.answer).Signatures) == 1
	})
	d.held("assinado com a senha, conectado; senha errada: “%s”", wrong)
}

func (d *demo) sendBack(s *station) {
	s.act("Processes/Send", desktop.SendForm{Process: d.public, To: []string{s.unit("SPGG/GAB")}, KeepOpen: true})
	s.await("it was sent back", "outbox", func() bool { return len(s.queue()) == 0 })
	claim(s.look(d.public).Here.Open, "kept open, but it is closed in SES")
	d.ana.await("it is back in SPGG", "inbox", func() bool {
		l, ok := d.ana.line("generated", d.public)
		return ok && !l.Received
	})
	s.act("Processes/Conclude", d.public)
	s.await("it is concluded in SES", "inbox", func() bool { _, ok := s.line("received", d.public); return !ok })
	d.held("devolvido mantendo aberto e depois concluído em SES/GAB")
}

// stepHistory: the first desk knows everything as it happened.
func (d *demo) stepHistory() {
	s, topic := d.ana, "process:"+d.public
	v := s.open(d.public)
	s.await("only SPGG/GAB has it", topic, func() bool {
		v = s.look(d.public)
		return len(v.OpenIn) == 1 && v.OpenIn[0].Acronym == "SPGG/GAB" && v.OpenIn[0].Received
	})
	lines := s.history(d.public)
	for _, words := range []string{"gerado", "assinado", "remetido", "recebido", "conclusão do processo"} {
		claim(d.historySays(words), "the history does not tell %q: %+v", words, lines)
	}
	d.held("%d andamentos, do início à conclusão em SES/GAB; está com %s", len(lines), v.OpenIn[0].Acronym)
	sigs := documentOf(v, d.answer).Signatures
	claim(len(sigs) == 1 && sigs[0].Level == string(sei.LevelSimple) && sigs[0].Verdict == "valid", "Helena's signature shows %+v", sigs)
	d.held("assinatura de %s: %s", sigs[0].Name, sigs[0].LevelName)
	copied := s.pdf("/content/reading-copy/" + d.dispatch)
	d.write0("via-de-leitura.pdf", copied)
	d.held("via de leitura refeita pela central: %d bytes", len(copied))
}

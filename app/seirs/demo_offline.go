package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
)

// stepOffline: a day's work with the central stopped.
func (d *demo) stepOffline() {
	must(d.central.stop(), "stopping the central")
	d.ana.await("the desk knows that it is alone", "status", func() bool { return d.ana.status().Phase == "offline" })
	d.held("central parada (SIGTERM); a estação diz: %s", d.ana.status().Text)
	d.startProcesses()
	d.writeDispatch()
	d.registerScan()
	d.signWithToken()
	d.signWithFile()
	d.withdrawNote()
	d.queueSendings()
	d.everythingWaits()
}

func (d *demo) startProcesses() {
	kind, subject := d.processType(0)
	d.public = d.startProcess(desktop.StartForm{
		Type: kind.ID, Specification: "Ampliação de leitos de retaguarda na Serra", Subjects: []int{subject},
		Interested: []desktop.ContactForm{{Name: "Maria Aparecida Lopes", CPF: "529.982.247-25"}},
	})
	kind, subject = d.processType(1)
	bases := []desktop.Choice{}
	d.ana.must(d.ana.call("Catalogue/LegalBases", &bases, 1))
	claim(len(bases) > 0, "there is no legal basis for Restricted")
	personal := bases[0]
	for _, b := range bases {
		if b.Name == "Informação Pessoal" {
			personal = b
		}
	}
	d.restricted = d.startProcess(desktop.StartForm{
		Type: kind.ID, Specification: "Avaliação funcional", Subjects: []int{subject}, Level: 1, LegalBasis: personal.ID,
	})
	v := d.ana.look(d.restricted)
	claim(v.LevelName == "Restrito" && strings.Contains(v.LegalBasis, personal.Name), "the restricted process shows %q, %q", v.LevelName, v.LegalBasis)
	d.held("processos iniciados: público com interessado e restrito (%s)", v.LegalBasis)
}

// processType picks a type that allows the level and suggests a subject.
func (d *demo) processType(level int) (desktop.ProcessTypeView, int) {
	var kinds []desktop.ProcessTypeView
	d.ana.must(d.ana.call("Catalogue/ProcessTypes", &kinds))
	for _, k := range kinds {
		if k.SuggestLevel != level || len(k.Subjects) == 0 {
			continue
		}
		for _, l := range k.Levels {
			if l == level {
				return k, k.Subjects[0].ID
			}
		}
	}
	claim(false, "no process type has level %d and a subject", level)
	return desktop.ProcessTypeView{}, 0
}

func (d *demo) startProcess(form desktop.StartForm) string {
	q := d.ana.act("Processes/Start", form)
	l, ok := d.ana.line("generated", q.Process)
	claim(ok, "the new process is not under Gerados")
	claim(!l.Official && strings.HasPrefix(l.Number, "SEM NÚMERO") && l.Queue == "queued", "the new process shows %q, %q", l.Number, l.Queue)
	return q.Process
}

func (d *demo) documentType(kind, name string) int {
	var kinds []desktop.DocumentTypeView
	d.ana.must(d.ana.call("Catalogue/DocumentTypes", &kinds, kind))
	for _, k := range kinds {
		if k.Name == name {
			return k.ID
		}
	}
	claim(false, "there is no document type %q", name)
	return 0
}

// addDispatch adds a minute that has its Nº SEI at once, from the leased ones.
func (d *demo) addDispatch(process string) string {
	q := d.ana.act("Documents/AddInternal", desktop.DocumentForm{Process: process, Type: d.documentType("internal", "Despacho")})
	doc := documentOf(d.ana.look(process), q.Doc)
	claim(doc.SEINumber != "", "the minute has no Nº SEI")
	return q.Doc
}

const (
	autosaved = "Texto guardado no instante anterior à queda."
	saved     = "Encaminhe-se à Secretaria da Saúde para manifestação."
)

// writeDispatch: a rich text survives kill -9 after an autosave.
func (d *demo) writeDispatch() {
	s := d.ana
	d.dispatch = d.addDispatch(d.public)
	var e desktop.EditorView
	s.must(s.call("Documents/Edit", &e, d.public, d.dispatch))
	var sha string
	s.must(s.call("Documents/InsertImage", &sha, s.stage("grafico.png", chartPNG()).ID))
	s.must(s.call("Documents/Autosave", nil, d.public, d.dispatch, e.Base, richText(sha, autosaved)))
	s.kill()
	s.start()
	d.unlock(s, demoChief)
	s.must(s.call("Documents/Edit", &e, d.public, d.dispatch))
	claim(e.Unsaved && strings.Contains(e.Text, autosaved), "after kill -9 the autosaved text is gone")
	var r desktop.SaveResult
	s.must(s.call("Documents/Save", &r, d.public, d.dispatch, e.Base, richText(sha, saved), []string{}))
	claim(r.Queued, "saving says %q", r.Message)
	s.must(s.call("Documents/Edit", &e, d.public, d.dispatch))
	claim(!e.Unsaved && strings.Contains(e.Text, saved), "the saved text is not the one to be edited")
	d.held("despacho com títulos, lista, tabela e imagem; estação morta (kill -9) logo após o salvamento automático: nada se perdeu")
}

func (d *demo) registerScan() {
	s := d.ana
	file := receivedPDF()
	staged := s.stage("ata-digitalizada.pdf", file)
	claim(staged.SHA256 == hashOf(file) && staged.Pages == 1 && staged.MIME == "application/pdf", "the staged file shows %+v", staged)
	err := s.post("/files?name=falso.pdf", "files", strings.NewReader("não sou um PDF"), nil)
	var f *callFailure
	claim(errors.As(err, &f) && f.Message != "", "a file that is no PDF was taken: %v", err)
	var checks []desktop.Choice
	s.must(s.call("Catalogue/ConferenceTypes", &checks))
	claim(len(checks) > 0, "there are no conference types")
	q := s.act("Documents/RegisterExternal", desktop.ExternalForm{
		Process: d.public, Type: d.documentType("external", "Ata"), TreeName: "Diretoria", Date: time.Now().AddDate(0, 0, -7).Format(time.DateOnly),
		Format: "digitalizado", Conference: checks[0].ID, Sender: desktop.ContactForm{Name: "Associação Hospitalar da Serra"}, Staged: staged.ID,
	})
	d.scan = q.Doc
	doc := documentOf(s.look(d.public), d.scan)
	claim(doc.File.Format == "digitalizado" && doc.File.Conference == checks[0].Name && doc.File.Sender != "", "the external document shows %+v", doc.File)
	claim(bytes.Equal(s.pdf(doc.ContentURL), file), "the registered file is not the one given")
	d.held("PDF externo registrado (%s, %s); “%s” recusado ao soltar: %s", doc.File.Format, doc.File.Conference, "falso.pdf", f.Message)
}

// prepareToSign freezes a document and reads what is shown, which is what will
// be signed.
func (d *demo) prepareToSign(s *station, process, document string) desktop.SignPreparation {
	var p desktop.SignPreparation
	s.must(s.call("Signing/Prepare", &p, []desktop.DocumentRef{{Process: process, Document: document}}))
	claim(len(p.Items) == 1 && len(p.Items[0].Problems) == 0, "the document cannot be signed: %+v", p.Items)
	shown := s.pdf(p.Items[0].PreviewURL)
	claim(hashOf(shown) == p.Items[0].SHA256, "the preview is not what will be signed")
	d.prepared[document] = preparedFile{sha: p.Items[0].SHA256, bytes: shown}
	return p
}

func (s *station) certificate(kind string) desktop.CertificateView {
	var list desktop.CertificateList
	s.must(s.call("Signing/Certificates", &list))
	for _, c := range list.Certificates {
		if c.Kind == kind && c.Problem == "" {
			return c
		}
	}
	claim(false, "no certificate of kind %q can sign: %+v", kind, list)
	return desktop.CertificateView{}
}

// sign signs what was prepared and insists on the result.
func (s *station) sign(p desktop.SignPreparation, certificate, pin string) {
	var begun desktop.BatchView
	s.must(s.call("Signing/Sign", &begun, desktop.SignForm{
		Items: p.Items, Certificate: certificate, PIN: pin, Agency: p.Agency, Position: "Chefe de Gabinete",
	}))
	over := s.batchOver(begun.ID)
	claim(over.State == "done" && over.Signed == len(p.Items), "the signature failed: %+v", over)
}

// batchOver waits until every document of a batch has been tried.
func (s *station) batchOver(id string) desktop.BatchView {
	var b desktop.BatchView
	s.await("the batch is over", "signing", func() bool {
		s.must(s.call("Signing/Batch", &b, id))
		return b.State != "running"
	})
	return b
}

func (d *demo) signWithToken() {
	s := d.ana
	p := d.prepareToSign(s, d.public, d.dispatch)
	claim(!p.Password.Allowed && p.Password.Reason != "", "the password may be used without network")
	c := s.certificate("token")
	err := s.call("Signing/Sign", nil, desktop.SignForm{Items: p.Items, Certificate: c.ID, PIN: "0000-errado", Agency: p.Agency, Position: "Chefe de Gabinete"})
	var f *callFailure
	claim(errors.As(err, &f) && f.Code == "keys.pin_wrong", "a wrong PIN is answered with %v", err)
	s.sign(p, c.ID, demoPIN)
	signed := d.signedCopy(s, d.public, d.dispatch)
	d.keep("despacho-token.pdf", signed)
	d.held("PDF mostrado é o assinado (sha256 %s…); PIN errado: “%s”; assinado com o token", d.prepared[d.dispatch].sha[:12], f.Message)
}

// signedCopy reads a signed minute: what was shown, and the signature after it.
func (d *demo) signedCopy(s *station, process, document string) []byte {
	signed := s.pdf(documentOf(s.look(process), document).ContentURL)
	shown := d.prepared[document].bytes
	claim(bytes.HasPrefix(signed, shown) && len(signed) > len(shown), "the signed file does not begin with what was shown")
	return signed
}

func (d *demo) signWithFile() {
	s := d.ana
	d.notice = d.addDispatch(d.restricted)
	d.write(s, d.restricted, d.notice, "Encaminho a avaliação para as providências cabíveis.")
	p := d.prepareToSign(s, d.restricted, d.notice)
	var list desktop.CertificateList
	s.must(s.call("Signing/AddPFX", &list, s.stage("ana.pfx", d.signer.pfx).ID, demoPFXPassword))
	s.sign(p, s.certificate("pfx").ID, demoPFXPassword)
	d.keep("despacho-pfx.pdf", d.signedCopy(s, d.restricted, d.notice))
	d.held("outro despacho assinado com um arquivo PFX")
}

// write saves a short text.
func (d *demo) write(s *station, process, document, text string) {
	var e desktop.EditorView
	s.must(s.call("Documents/Edit", &e, process, document))
	var r desktop.SaveResult
	s.must(s.call("Documents/Save", &r, process, document, e.Base, richDocument(paragraph(plain(text))), []string{}))
	claim(r.Queued, "saving says %q", r.Message)
}

func (s *station) unit(acronym string) string {
	var units []desktop.UnitView
	s.must(s.call("Catalogue/Units", &units, acronym, 20))
	for _, u := range units {
		if u.Acronym == acronym {
			return u.ID
		}
	}
	claim(false, "unit %s is not offered as a destination", acronym)
	return ""
}

const extinctUnit = "SEFAZ/TE"

// queueSendings queues one sending that will be accepted and one that will not:
// its destination ends while nobody here can know.
func (d *demo) queueSendings() {
	s := d.ana
	s.act("Processes/Send", desktop.SendForm{Process: d.public, To: []string{s.unit("SES/GAB")}})
	s.act("Processes/Send", desktop.SendForm{Process: d.restricted, To: []string{s.unit(extinctUnit)}, KeepOpen: true})
	d.operate("unit", "extinguish", "--agency", "SEFAZ", "--acronym", extinctUnit)
	d.held("envios na fila: para SES/GAB e para %s, que o operador extingue enquanto isso", extinctUnit)
}

func (d *demo) withdrawNote() {
	s := d.ana
	before := len(s.queue())
	q := s.act("Processes/NoteProgress", d.public, "Anotação que será retirada da fila.")
	s.await("the note can be withdrawn", "outbox", func() bool {
		list := s.queue()
		return slices.ContainsFunc(list, func(x desktop.QueueView) bool { return x.ID == q.ID && x.CanWithdraw })
	})
	s.must(s.call("Outbox/Withdraw", nil, q.ID))
	claim(len(s.queue()) == before, "the note is still in the queue")
	for _, h := range s.history(d.public) {
		claim(!strings.Contains(h.Text, "será retirada"), "the withdrawn note still shows")
	}
	d.held("uma anotação na fila foi retirada")
}

func (s *station) history(process string) []desktop.HistoryLine {
	var lines []desktop.HistoryLine
	s.must(s.call("Processes/History", &lines, process))
	return lines
}

func (d *demo) everythingWaits() {
	var list []desktop.QueueView
	d.ana.await("everything waits", "outbox", func() bool {
		list = d.ana.queue()
		return !slices.ContainsFunc(list, func(q desktop.QueueView) bool { return q.StateName != "aguardando envio" || !q.CanWithdraw })
	})
	for _, h := range d.ana.history(d.public) {
		claim(h.Pending, "the andamento %q shows as accepted before the central has it", h.Text)
	}
	st := d.ana.status()
	claim(st.Queued == len(list) && st.Phase == "offline", "the status bar says %+v with %d in the queue", st, len(list))
	d.held("os %d atos dizem “aguardando envio”, na lista e na barra de estado", len(list))
}

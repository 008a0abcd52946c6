package desktop

import (
	"net/url"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// projector turns states of the rulebook into views.
type projector struct {
	catalogue sei.Catalogue
	actor     sei.Actor
	publicURL string
	now       time.Time
	// userName names a user as known here, "" when unknown.
	userName func(sei.UserID) string
	// hasBlob says whether the bytes are on this workstation.
	hasBlob func(sei.SHA256) bool
}

func (p projector) unitPart(id sei.UnitID, s sei.UnitState) UnitPart {
	u, ok := p.catalogue.Unit(id)
	part := UnitPart{
		ID: string(id), Acronym: u.Acronym, Name: u.Name, Open: s.Open, Received: s.Received,
		AssignedTo: string(s.AssignedTo), Assigned: p.name(s.AssignedTo), Since: s.Since,
	}
	if !ok {
		part.Acronym = string(id)
	}
	if a, ok := p.catalogue.Agency(u.Agency); ok {
		part.Agency = a.Acronym
	}
	return part
}

func (p projector) name(id sei.UserID) string {
	if id == "" {
		return ""
	}
	return p.userName(id)
}

// process is the head, tree and permissions of an overlaid process.
func (p projector) process(o *overlay) ProcessView {
	s := o.process
	v := ProcessView{
		ID: string(s.ID), Number: processNumber(s), Official: s.Number != "", TypeID: s.Type,
		Specification: s.Specification, Level: int(s.GlobalLevel()), LevelName: s.GlobalLevel().String(),
		GeneratingUnit: p.unitPart(s.GeneratingUnit, s.Units[s.GeneratingUnit]), StartedAt: s.StartedAt, StartedBy: p.name(s.StartedBy),
		Here: p.unitPart(p.actor.Unit, s.Units[p.actor.Unit]), Acks: p.acks(s.Acks),
		Subjects: p.subjects(s.Subjects), Interested: people(s.Interested),
		OpenIn: []UnitPart{}, Documents: []DocumentView{}, Queue: []QueueView{},
	}
	if t, ok := p.catalogue.ProcessType(s.Type); ok {
		v.Type = t.Name
	}
	if h, ok := p.catalogue.LegalBasis(s.LegalBasis); ok {
		v.LegalBasis = h.Name + " (" + h.Law + ")"
	}
	for _, id := range s.OpenUnits() {
		v.OpenIn = append(v.OpenIn, p.unitPart(id, s.Units[id]))
	}
	for _, d := range s.DocumentsInOrder() {
		v.Documents = append(v.Documents, p.document(o, d))
	}
	v.Can = p.processPermissions(o)
	return v
}

func (p projector) subjects(ids []int) []string {
	out := []string{}
	for _, id := range ids {
		if s, ok := p.catalogue.Subject(id); ok {
			out = append(out, s.Code+" — "+s.Name)
		}
	}
	return out
}

func people(cs []sei.Contact) []PersonPart {
	out := []PersonPart{}
	for _, c := range cs {
		out = append(out, PersonPart{Name: c.Name, CPF: protocol.MaskCPF(c.CPF), CNPJ: protocol.FormatCNPJ(c.CNPJ)})
	}
	return out
}

func (p projector) acks(acks []sei.Ack) []AckView {
	out := []AckView{}
	for _, a := range acks {
		u, _ := p.catalogue.Unit(a.Unit)
		out = append(out, AckView{Name: a.Name, Unit: u.Acronym, At: a.At})
	}
	return out
}

// processPermissions asks the rulebook about each operation that the window offers.
func (p projector) processPermissions(o *overlay) map[string]Permission {
	can := map[string]Permission{}
	for name, body := range map[string]sei.CommandBody{
		"conclude":    sei.Conclude{},
		"reopen":      sei.Reopen{},
		"acknowledge": sei.Acknowledge{},
		"note":        sei.NoteProgress{Text: "…"},
		"assign":      sei.Assign{},
	} {
		can[name] = o.can(body, p.actor, p.catalogue, p.now)
	}
	// Sending and adding need a form; what they need of the process is that it
	// is open here, which a note needs too.
	can["send"], can["addDocument"], can["registerExternal"] = can["note"], can["note"], can["note"]
	return can
}

// document is one document of the tree.
func (p projector) document(o *overlay, d *sei.Document) DocumentView {
	u, _ := p.catalogue.Unit(d.GeneratingUnit)
	t, _ := p.catalogue.DocumentType(d.Type)
	v := DocumentView{
		ID: string(d.ID), Process: string(d.Process), Kind: string(d.Kind), SEINumber: seiNumber(d.SEINumber),
		Title: documentTitle(d, p.catalogue), Type: t.Name, TypeID: d.Type, TreeName: d.TreeName, Description: d.Description,
		Level: int(d.LocalLevel), LevelName: d.LocalLevel.String(), State: "registered",
		Minute: d.IsMinute(), Pen: string(o.penOf(d)), PenWaits: d.PenColour() != o.penOf(d), Cancelled: d.Cancelled, Unit: u.Acronym,
		AddedBy: p.name(d.AddedBy), AddedAt: d.AddedAt, Acks: p.acks(d.Acks), Signatures: []SignatureView{},
	}
	if queued, sending := o.entriesOf(d.ID); sending {
		v.State = "sending"
	} else if queued {
		v.State = "queued"
	}
	for _, s := range d.Signatures {
		v.Signatures = append(v.Signatures, p.signature(o, d, s))
	}
	p.addFile(&v, d)
	p.addContent(&v, o, d)
	if d.Frozen != nil && d.Signed() {
		v.Verification = &VerificationView{Code: seiNumber(d.SEINumber), CRC: d.Frozen.CRC, URL: p.publicURL}
	}
	v.Can = p.documentPermissions(o, d)
	return v
}

func (p projector) addFile(v *DocumentView, d *sei.Document) {
	if d.File == nil {
		return
	}
	c, _ := p.catalogue.ConferenceType(d.File.ConferenceType)
	v.File = &FileView{
		Name: d.File.Content.Name, Size: d.File.Content.Size, MIME: d.File.Content.MIME, SHA256: string(d.File.Content.SHA256),
		Date: d.File.Date, Format: string(d.File.Format), Conference: c.Name, Sender: d.File.Sender.Name,
	}
}

// addContent says where the viewer finds the document: the latest signed copy,
// the file, or a typeset preview of a minute.
func (p projector) addContent(v *DocumentView, o *overlay, d *sei.Document) {
	if !sei.ReadsDocument(o.process, d, p.actor) {
		v.Unavailable = "O conteúdo deste documento não está disponível para esta unidade."
		if d.Cancelled {
			v.Unavailable = "Documento cancelado: o conteúdo não está disponível."
		} else if d.IsMinute() {
			v.Unavailable = "Minuta da unidade " + v.Unit + ": o texto fica visível para outras unidades depois de assinado."
		}
		return
	}
	v.ContentURL, v.MIME = "/content/document/"+string(d.Process)+"/"+string(d.ID), "application/pdf"
	// The address changes with the content, so that what is shown stays while it does not.
	if d.IsMinute() {
		v.ContentURL = "/content/minute/" + string(d.Process) + "/" + string(d.ID) + "?v=" + url.QueryEscape(string(o.heads[d.ID].ID))
		return
	}
	blob := shownBlob(d)
	v.ContentURL += "?v=" + string(blob.SHA256)
	if p.hasBlob != nil && !p.hasBlob(blob.SHA256) {
		v.Unavailable = "O arquivo ainda não chegou a este computador; será buscado assim que houver conexão."
	}
	if d.File != nil && !d.Signed() {
		v.MIME = d.File.Content.MIME
	}
}

// shownBlob is what the viewer shows of a document that is no minute: the last
// signed copy, or the content itself when nobody signed with a certificate.
func shownBlob(d *sei.Document) sei.BlobRef {
	for _, s := range slices.Backward(d.Signatures) {
		if shown := s.Shown(); shown != nil && shown.MIME != sei.MIMEDetached {
			return *shown
		}
	}
	content, _ := d.Content()
	return content
}

func (p projector) documentPermissions(o *overlay, d *sei.Document) map[string]Permission {
	can := map[string]Permission{}
	can["acknowledge"] = o.can(sei.Acknowledge{Document: d.ID}, p.actor, p.catalogue, p.now)
	can["edit"] = p.mayEdit(o, d)
	can["sign"] = p.maySign(o, d)
	return can
}

func (p projector) mayEdit(o *overlay, d *sei.Document) Permission {
	if d.Kind != sei.Internal {
		return Permission{Reason: "Um documento externo não tem texto para editar."}
	}
	return o.can(sei.EditMinute{Document: d.ID, Base: o.heads[d.ID].ID, OnSigned: true, Text: emptyText}, p.actor, p.catalogue, p.now)
}

// maySign checks what can be known before the text is frozen.
func (p projector) maySign(o *overlay, d *sei.Document) Permission {
	t, _ := p.catalogue.DocumentType(d.Type)
	switch {
	case !p.actor.MaySign():
		return Permission{Reason: "Seu perfil nesta unidade não permite assinar documentos."}
	case !o.process.OpenIn(p.actor.Unit):
		return Permission{Reason: "O processo não está aberto nesta unidade."}
	case d.GeneratingUnit != p.actor.Unit:
		return Permission{Reason: "O documento é de outra unidade."}
	case d.Cancelled:
		return Permission{Reason: "O documento foi cancelado."}
	case slices.ContainsFunc(d.Signatures, func(s sei.Signature) bool { return s.Signer == p.actor.User }):
		return Permission{Reason: "Você já assinou este documento."}
	case d.IsMinute() && d.SEINumber == 0:
		return Permission{Reason: "O documento ainda não tem Nº SEI; a assinatura fica disponível quando o número chegar."}
	case d.IsMinute() && t.Numbering.Automatic() && d.Number == "":
		return Permission{Reason: "Este tipo de documento é numerado pela central; a assinatura fica disponível quando o número chegar."}
	}
	return Permission{Allowed: true}
}

var emptyText = []byte(`{"type":"doc","attrs":{"schema":1},"content":[{"type":"paragraph"}]}`)

func (p projector) signature(o *overlay, d *sei.Document, s sei.Signature) SignatureView {
	v := SignatureView{
		ID: string(s.ID), Name: s.SignerName, Position: s.Position, Method: string(s.Method), MethodName: methodName(s.Method),
		Level: string(s.Level), LevelName: s.Level.Name(), LegalBasis: s.LegalBasis, At: s.At, DeclaredAt: s.DeclaredAt,
		Verdict: string(s.Verdict), VerdictName: verdictName(s.Verdict), Reasons: append([]string{}, s.Reasons...),
	}
	if a, ok := p.catalogue.Agency(s.SigningAgency); ok {
		v.Agency = a.Acronym
	}
	v.Queued = slices.ContainsFunc(o.pending, func(e pendingEvent) bool { return e.Entry == s.ID })
	if v.Queued {
		v.At = time.Time{}
		v.VerdictName, v.Reasons = "aguardando envio", []string{"A central verificará a assinatura quando a receber."}
	}
	v.Reasons = append(v.Reasons, raisedWords(s)...)
	if s.Evidence != nil {
		v.EvidenceURL = "/content/evidence/" + string(d.Process) + "/" + string(d.ID) + "/" + string(s.ID)
	}
	if c := s.Certificate; c != nil {
		v.Certificate = &CertificateView{
			Name: c.Subject, Issuer: c.Issuer, Serial: c.Serial, NotBefore: c.NotBefore, NotAfter: c.NotAfter, ICPBrasil: c.ICPBrasil,
		}
	}
	return v
}

func methodName(m sei.SignatureMethod) string {
	switch m {
	case sei.ByPassword:
		return "Usuário e senha"
	case sei.ByToken:
		return "Certificado em token"
	case sei.ByFile:
		return "Certificado em arquivo"
	}
	return string(m)
}

func verdictName(v sei.SignatureVerdict) string {
	switch v {
	case sei.VerdictValid:
		return "válida"
	case sei.VerdictInvalid:
		return "inválida"
	case sei.VerdictIndeterminate:
		return "indeterminada"
	}
	return ""
}

package sei

import (
	"slices"
	"strings"
)

// signDocument accepts a signature over exactly what was shown to the signer,
// with evidence that is not invalid, at a level the document type asks for.
func (d *decision) signDocument(b SignDocument) *Refusal {
	if !d.a.MaySign() {
		return refuse(CodeNoRight, "Seu perfil nesta unidade não permite assinar documentos.")
	}
	if r := d.needOpen(); r != nil {
		return r
	}
	doc, r := d.findDocument(b.Document)
	if r != nil {
		return r
	}
	if doc.GeneratingUnit != d.a.Unit {
		return refuse(CodeOtherUnit, "O documento é de outra unidade; para assiná-lo, a unidade que o gerou deve incluí-lo em um bloco de assinatura.")
	}
	if r := d.checkSigned(doc, b); r != nil {
		return r
	}
	if r := checkPosition(b.Position); r != nil {
		return r
	}
	agency, ok := d.v.Catalogue.Agency(b.SigningAgency)
	if !ok {
		return refuse(CodeBadReference, "Escolha o órgão do assinante.")
	}
	sig, r := d.judgeEvidence(b, agency)
	if r != nil {
		return r
	}
	t, _ := d.v.Catalogue.DocumentType(doc.Type)
	if r := d.checkSignatureLevel(t, sig.Level); r != nil {
		return r
	}
	d.takeIn()
	d.emit(DocumentSigned{Document: doc.ID, SEINumber: doc.SEINumber, TypeName: t.Name, Frozen: d.frozenFor(doc, b), Signature: sig})
	return nil
}

// LeastLevel is what a signature must reach on a document of one type in a
// process of another: the higher of the two binds.
func LeastLevel(p ProcessType, t DocumentType) SignatureLevel {
	if t.MinSignLevel.Reaches(p.MinSignLevel) {
		return t.MinSignLevel
	}
	return p.MinSignLevel
}

// checkSignatureLevel holds the signature to what the types ask for.
func (d *decision) checkSignatureLevel(t DocumentType, level SignatureLevel) *Refusal {
	p, _ := d.v.Catalogue.ProcessType(d.v.Process.Type)
	least := LeastLevel(p, t)
	if level.Reaches(least) {
		return nil
	}
	who := "O tipo de documento “" + t.Name + "”"
	if !t.MinSignLevel.Reaches(least) {
		who = "O tipo de processo “" + p.Name + "”"
	}
	return refuse(CodeSignatureLevel, who+" exige assinatura "+least.Name()+leastMeans(least)+", e esta é "+level.Name()+". Assine de novo da forma exigida.")
}

// leastMeans says how a servant comes to a signature of the level.
func leastMeans(l SignatureLevel) string {
	switch l {
	case LevelQualified:
		return " (com certificado ICP-Brasil)"
	case LevelAdvanced:
		return " ou superior (com certificado digital)"
	}
	return ""
}

func checkPosition(position string) *Refusal {
	if strings.TrimSpace(position) == "" {
		return refuse(CodeInvalid, "Informe o cargo ou a função do assinante.")
	}
	return checkLengths(position, MaxPosition, "O cargo")
}

// frozenFor is the freezing to record: the first signature freezes a minute,
// later ones find it frozen.
func (d *decision) frozenFor(doc *Document, b SignDocument) *Frozen {
	if doc.Kind == External || doc.Signed() {
		return nil
	}
	return b.Frozen
}

// checkSigned proves that the bytes signed are the document's.
func (d *decision) checkSigned(doc *Document, b SignDocument) *Refusal {
	if slices.ContainsFunc(doc.Signatures, func(s Signature) bool { return s.Signer == d.a.User }) {
		return refuse(CodeSignatureTwice, "Você já assinou este documento.")
	}
	differs := refuse(CodeContentDiffers, "O documento mudou depois que você o conferiu. A sua assinatura não foi juntada; abra a versão atual, confira e assine de novo.")
	if doc.Kind == External || doc.Signed() {
		content, _ := doc.Content()
		if content.SHA256 != b.ContentSHA256 {
			return differs
		}
		return nil
	}
	return d.checkFreezing(doc, b, differs)
}

func (d *decision) checkFreezing(doc *Document, b SignDocument, differs *Refusal) *Refusal {
	f := b.Frozen
	switch {
	case f == nil || f.Content.SHA256 != b.ContentSHA256 || len(f.Salt) < 16 || f.QRToken == "":
		return refuse(CodeInvalid, "O pedido de assinatura está incompleto.")
	case doc.SEINumber == 0:
		return refuse(CodeNumberMissing, "O documento ainda não tem Nº SEI; a assinatura fica disponível quando o número chegar.")
	}
	if t, _ := d.v.Catalogue.DocumentType(doc.Type); t.Numbering.Automatic() && doc.Number == "" {
		return refuse(CodeNumberMissing, "Este tipo de documento é numerado pela central; a assinatura fica disponível quando o número chegar.")
	}
	if r := d.known(d.v.Facts.PairHolds, refuse(CodeInvalid, "O código de verificação do documento não confere.")); r != nil {
		return r
	}
	if r := d.known(d.blobPresent(f.Content), refuse(CodeBlobMissing, "O PDF do documento ainda não chegou à central; ele será enviado de novo.")); r != nil {
		return r
	}
	if r := d.known(d.v.Facts.ContentHolds, refuse(CodeContentBroken, "O PDF do documento não pode ser lido por inteiro, e a assinatura não foi feita. Abra o documento e assine de novo.")); r != nil {
		return r
	}
	head := d.v.Facts.Head
	if head == nil {
		return d.known(nil, differs)
	}
	if head.ID != f.Revision || head.Hash != f.RevisionHash {
		return differs
	}
	if head.Blank {
		return refuse(CodeBlank, "O documento está em branco, e a assinatura não foi feita. Escreva o texto e assine de novo.")
	}
	return nil
}

func (d *decision) judgeEvidence(b SignDocument, agency Agency) (Signature, *Refusal) {
	sig := Signature{
		ID: d.c.ID, Signer: d.a.User, SignerName: d.a.Name, SigningAgency: b.SigningAgency, Position: b.Position,
		Unit: d.a.Unit, Method: b.Method, ContentSHA256: b.ContentSHA256, Evidence: b.Evidence,
		At: d.now, DeclaredAt: d.c.DeclaredAt,
	}
	var r *Refusal
	switch b.Method {
	case ByPassword:
		r = d.judgePassword(&sig)
	case ByToken, ByFile:
		r = d.judgeCertificate(&sig, agency)
	default:
		r = refuse(CodeInvalid, "A forma de assinatura não é conhecida.")
	}
	sig.LegalBasis = agency.LegalBasisOf(sig.Level)
	return sig, r
}

func (d *decision) judgePassword(sig *Signature) *Refusal {
	sig.Level, sig.Verdict = LevelSimple, VerdictValid
	if sig.Evidence != nil {
		return refuse(CodeInvalid, "Uma assinatura com senha não leva arquivo assinado.")
	}
	checked := &d.v.Facts.PasswordChecked
	if !d.v.Authority {
		checked = nil
	}
	return d.known(checked, refuse(CodePassword, "A assinatura com senha só pode ser feita com conexão à central."))
}

func (d *decision) judgeCertificate(sig *Signature, agency Agency) *Refusal {
	if sig.Evidence == nil {
		return refuse(CodeInvalid, "O arquivo assinado não acompanhou o pedido.")
	}
	if r := d.known(d.blobPresent(*sig.Evidence), refuse(CodeBlobMissing, "O arquivo assinado ainda não chegou à central; ele será enviado de novo.")); r != nil {
		return r
	}
	e := d.v.Facts.Evidence
	if e == nil {
		// The forecast of a workstation: the central will judge.
		sig.Level, sig.Verdict = LevelQualified, VerdictIndeterminate
		return d.known(nil, refuse(CodeEvidence, "A assinatura não pôde ser verificada."))
	}
	switch {
	case e.Verdict == VerdictInvalid:
		return refuse(CodeEvidence, "A assinatura não é válida: "+strings.Join(e.Reasons, " ")+" O PDF assinado continua nesta estação e pode ser juntado como documento externo.")
	case !e.Extends:
		return refuse(CodeContentDiffers, "O arquivo assinado não corresponde ao documento.")
	case agency.ComparesCPF && e.CPF != "" && d.a.CPF != "" && e.CPF != d.a.CPF:
		return refuse(CodeSignatureCPF, "O CPF do certificado não é o do usuário que assina.")
	}
	sig.Level, sig.Verdict, sig.Reasons, sig.Certificate = e.Level, e.Verdict, e.Reasons, e.Certificate
	return nil
}

// recordRaising takes a raised copy of a signature that still stands as it was
// raised. Whoever acts in the process, and whether it is open, is no matter: a
// signature gains proof and nothing else.
func (d *decision) recordRaising(b RecordRaising) *Refusal {
	if !d.v.Authority {
		return refuse(CodeForbidden, "Só a central registra a elevação de uma assinatura.")
	}
	if d.v.Process == nil {
		return refuse(CodeNoProcess, "O processo não foi encontrado.")
	}
	doc, r := d.findDocument(b.Document)
	if r != nil {
		return r
	}
	i := slices.IndexFunc(doc.Signatures, func(s Signature) bool { return s.ID == b.Signature })
	if i < 0 {
		return refuse(CodeConflict, "A assinatura não está mais no documento.")
	}
	sig := doc.Signatures[i]
	switch shown := sig.Shown(); {
	case shown == nil || shown.SHA256 != b.Raising.From || len(sig.Raised) >= MaxRaisings:
		return refuse(CodeConflict, "A assinatura já é outra ou já foi elevada.")
	case b.Raising.Verdict == VerdictInvalid || !b.Raising.Evidence.SHA256.Valid() || b.Raising.Evidence.Size <= 0 || b.Raising.Evidence.SHA256 == b.Raising.From:
		return refuse(CodeEvidence, "O arquivo elevado não é válido.")
	}
	raising := b.Raising
	raising.At = d.now
	d.emit(SignatureRaised{Document: doc.ID, SEINumber: doc.SEINumber, TypeName: d.typeName(doc), Signature: sig.ID, SignerName: sig.SignerName, Raising: raising})
	return nil
}

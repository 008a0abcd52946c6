package sei

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

func (d *decision) addDocument(b AddDocument) (*Refusal, error) {
	if r := d.checkMinuteText(b.Text, b.Images); r != nil {
		return r, nil
	}
	added, r, err := d.newDocument(b.NewDocument, Internal)
	if r != nil || err != nil {
		return r, err
	}
	d.takeIn()
	d.emit(added)
	d.rev = RevisionOf(d.c, d.v.Facts.TextHash, false)
	return nil, nil
}

func (d *decision) checkMinuteText(text []byte, images []BlobRef) *Refusal {
	if len(text) > MaxMinuteBytes {
		return refuse(CodeTooLarge, fmt.Sprintf("O texto passa do limite de %d MB.", MaxMinuteBytes>>20))
	}
	if err := d.v.Facts.TextError; err != nil {
		return refuse(CodeText, MessageOf(err))
	}
	if len(images) > MaxImages {
		return refuse(CodeTooLarge, fmt.Sprintf("Um texto aceita no máximo %d imagens.", MaxImages))
	}
	for _, i := range images {
		if r := d.known(d.blobPresent(i), refuse(CodeBlobMissing, "Uma imagem do texto ainda não chegou à central; ela será enviada de novo.")); r != nil {
			return r
		}
	}
	return nil
}

func (d *decision) registerExternal(b RegisterExternal) (*Refusal, error) {
	if r := d.checkFile(b.File); r != nil {
		return r, nil
	}
	added, r, err := d.newDocument(b.NewDocument, External)
	if r != nil || err != nil {
		return r, err
	}
	d.takeIn()
	d.emit(ExternalRegistered{DocumentAdded: added, File: b.File})
	return nil, nil
}

func (d *decision) checkFile(f ExternalFile) *Refusal {
	date, err := time.Parse(time.DateOnly, f.Date)
	if err != nil {
		return refuse(CodeInvalid, "Informe a data do documento.")
	}
	// A day's grace: the workstation may stand in another zone than the central.
	if date.After(d.now.AddDate(0, 0, 1)) {
		return refuse(CodeInvalid, "A data do documento está no futuro.")
	}
	switch f.Format {
	case BornDigital:
		if f.ConferenceType != 0 {
			return refuse(CodeBadReference, "O tipo de conferência só vale para documento digitalizado.")
		}
	case Digitised:
		if c, ok := d.v.Catalogue.ConferenceType(f.ConferenceType); !ok || !c.Active {
			return refuse(CodeBadReference, "Informe o tipo de conferência do documento digitalizado.")
		}
	default:
		return refuse(CodeInvalid, "Informe o formato do documento: nato-digital ou digitalizado.")
	}
	if f.Sender.Name != "" {
		if r := checkContacts([]Contact{f.Sender}); r != nil {
			return r
		}
	}
	return d.checkFileContent(f.Content)
}

func (d *decision) checkFileContent(c BlobRef) *Refusal {
	if !c.SHA256.Valid() || c.Size <= 0 {
		return refuse(CodeInvalid, "O arquivo está vazio ou não foi anexado.")
	}
	if limit := d.v.Facts.MaxFileBytes; limit > 0 && c.Size > limit {
		return refuse(CodeTooLarge, fmt.Sprintf("O arquivo passa do limite de %d MB da central.", limit>>20))
	}
	ext := strings.ToLower(strings.TrimPrefix(fileExtension(c.Name), "."))
	x, ok := d.v.Catalogue.FileExtension(ext)
	if !ok || !x.Active {
		return refuse(CodeBadReference, "A central não aceita arquivos com a extensão \""+ext+"\".")
	}
	if x.MaxMB > 0 && c.Size > int64(x.MaxMB)<<20 {
		return refuse(CodeTooLarge, fmt.Sprintf("Arquivos %s são aceitos até %d MB.", ext, x.MaxMB))
	}
	return d.known(d.blobPresent(c), refuse(CodeBlobMissing, "O arquivo ainda não chegou à central; ele será enviado de novo."))
}

func (d *decision) blobPresent(c BlobRef) *bool {
	if d.v.Facts.BlobPresent == nil {
		return nil
	}
	return d.v.Facts.BlobPresent(c)
}

func fileExtension(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return ""
	}
	return name[i:]
}

// newDocument checks and numbers what both kinds of document share.
func (d *decision) newDocument(b NewDocument, kind DocumentKind) (DocumentAdded, *Refusal, error) {
	none := DocumentAdded{}
	if r := d.needOpen(); r != nil {
		return none, r, nil
	}
	t, r := d.checkNewDocument(b, kind)
	if r != nil {
		return none, r, nil
	}
	added := DocumentAdded{
		Document: b.Document, Type: b.Type, TypeName: t.Name, TreeName: b.TreeName, Description: b.Description,
		Interested: b.Interested, Recipients: b.Recipients, Level: b.Level, LegalBasis: b.LegalBasis,
	}
	var err error
	if added.SEINumber, r, err = d.seiNumber(b.SEINumber); r != nil || err != nil {
		return none, r, err
	}
	if added.Number, r, err = d.typeNumber(t, b.Number, kind); r != nil || err != nil {
		return none, r, err
	}
	return added, nil, nil
}

func (d *decision) checkNewDocument(b NewDocument, kind DocumentKind) (DocumentType, *Refusal) {
	p := d.v.Process
	t, ok := d.v.Catalogue.DocumentType(b.Type)
	if !ok || !t.Active || kind == Internal && !t.AllowsInternal() || kind == External && !t.AllowsExternal() {
		return t, refuse(CodeBadType, "O tipo de documento escolhido não está disponível. Escolha outro tipo.")
	}
	if _, exists := p.Documents[b.Document]; exists || b.Document == "" {
		return t, refuse(CodeExists, "Já existe um documento com esta identificação no processo.")
	}
	if len(p.Order) >= MaxDocuments {
		return t, refuse(CodeDocumentsLimit, fmt.Sprintf("O processo já tem %d documentos; abra um processo relacionado.", MaxDocuments))
	}
	if r := d.checkLevel(b.Level, b.LegalBasis); r != nil {
		return t, r
	}
	if r := checkLengths(b.Description, MaxDescription, "A descrição"); r != nil {
		return t, r
	}
	if r := checkLengths(b.TreeName, MaxTreeName, "O nome na árvore"); r != nil {
		return t, r
	}
	if r := checkContacts(slices.Concat(b.Interested, b.Recipients)); r != nil {
		return t, r
	}
	return t, nil
}

// seiNumber takes the leased number, or asks for one when the workstation had none.
func (d *decision) seiNumber(leased int64) (int64, *Refusal, error) {
	if leased != 0 {
		var fact *bool
		if d.v.Facts.SEINumberLeased != nil {
			fact = d.v.Facts.SEINumberLeased(leased)
		}
		r := d.known(fact, refuse(CodeNumber, "O Nº SEI reservado para este documento não pertence mais a esta estação. Inclua o documento de novo."))
		return leased, r, nil
	}
	if d.v.Numbers == nil {
		return 0, nil, nil
	}
	n, err := d.v.Numbers.NextSEINumber()
	if err != nil {
		return 0, nil, fmt.Errorf("numbering document: %w", err)
	}
	return n, nil, nil
}

var informedNumber = regexp.MustCompile(`^[0-9A-Za-zÀ-ÿ./ -]{1,50}$`)

// typeNumber: an external document keeps the number that it came with; an
// internal one is numbered as its type says.
func (d *decision) typeNumber(t DocumentType, informed string, kind DocumentKind) (string, *Refusal, error) {
	if kind == External || t.Numbering == NumberInformed {
		if informed == "" && kind == Internal {
			return "", refuse(CodeNumberMissing, "Informe o número do documento."), nil
		}
		if informed != "" && !informedNumber.MatchString(informed) {
			return "", refuse(CodeInvalid, "O número do documento tem caracteres inválidos."), nil
		}
		return informed, nil, nil
	}
	if !t.Numbering.Automatic() || d.v.Numbers == nil {
		return "", nil, nil
	}
	unit, ok := d.v.Catalogue.Unit(d.a.Unit)
	if !ok {
		return "", refuse(CodeNoRight, "A unidade não está ativa."), nil
	}
	n, err := d.v.Numbers.NextTypeNumber(t, unit, d.now)
	if err != nil {
		return "", nil, fmt.Errorf("numbering %s: %w", t.Name, err)
	}
	return n, nil, nil
}

// findDocument refuses documents that are not there or were cancelled.
func (d *decision) findDocument(id DocumentID) (*Document, *Refusal) {
	doc := d.v.Process.Documents[id]
	if doc == nil || doc.Cancelled {
		return nil, refuse(CodeNoDocument, "O documento não está mais no processo.")
	}
	return doc, nil
}

func (d *decision) typeName(doc *Document) string {
	t, _ := d.v.Catalogue.DocumentType(doc.Type)
	return t.Name
}

// editMinute stores a revision. A text based on an older revision is kept
// beside the current one; nobody's words are lost.
func (d *decision) editMinute(b EditMinute) *Refusal {
	if r := d.needOpen(); r != nil {
		return r
	}
	doc, r := d.findDocument(b.Document)
	if r != nil {
		return r
	}
	switch {
	case doc.Kind != Internal:
		return refuse(CodeOtherUnit, "Um documento externo não tem texto para editar.")
	case doc.GeneratingUnit != d.a.Unit:
		return refuse(CodeOtherUnit, "Só a unidade que gerou o documento pode editá-lo.")
	case doc.PenColour() == PenBlack:
		return refuse(CodePenBlack, "O documento já foi assinado e visto por outra unidade (caneta preta) e não pode mais ser editado. O seu texto foi guardado e pode ser usado em um novo documento.")
	case doc.Signed() && !b.OnSigned:
		return refuse(CodeSigned, "O documento foi assinado depois que esta edição começou. O seu texto foi guardado; abra o documento de novo no editor e confira: gravar uma alteração retira as assinaturas.")
	}
	if r := d.checkMinuteText(b.Text, b.Images); r != nil {
		return r
	}
	head := d.v.Facts.Head
	if head == nil {
		if r := d.known(nil, refuse(CodeNoDocument, "O texto do documento não foi encontrado na central. O seu texto foi guardado e pode ser usado em um novo documento.")); r != nil {
			return r
		}
	}
	side := head != nil && head.ID != b.Base
	// A text that lost the race must not undo a signature that it never saw.
	if doc.Signed() && side {
		return refuse(CodeSigned, "O documento foi alterado e assinado por outra pessoa. O seu texto foi guardado; confira a versão assinada antes de editar de novo.")
	}
	if doc.Signed() {
		d.emit(SignaturesWithdrawn{Document: doc.ID, SEINumber: doc.SEINumber, TypeName: d.typeName(doc)})
	}
	d.rev = RevisionOf(d.c, d.v.Facts.TextHash, side)
	return nil
}

// RevisionOf is the text that an accepted command left, nil where it carries
// none. hash is the text's, and side the decision that the text goes beside the
// current one.
func RevisionOf(c Command, hash SHA256, side bool) *Revision {
	switch b := c.Body.(type) {
	case AddDocument:
		return &Revision{ID: RevisionID(c.ID), Document: b.Document, Text: b.Text, Images: b.Images, Hash: hash}
	case EditMinute:
		return &Revision{
			ID: RevisionID(c.ID), Document: b.Document, Base: b.Base, Merges: b.Merges,
			Text: b.Text, Images: b.Images, Hash: hash, Side: side,
		}
	}
	return nil
}

// recordDelivery blackens the pen once; later readers change nothing.
func (d *decision) recordDelivery(b RecordDelivery) *Refusal {
	if d.v.Process == nil {
		return refuse(CodeNoProcess, "O processo não foi encontrado.")
	}
	doc, r := d.findDocument(b.Document)
	if r != nil {
		return r
	}
	if doc.Delivered || doc.IsMinute() || b.To == doc.GeneratingUnit {
		return nil
	}
	d.emit(ContentDelivered{Document: doc.ID, SEINumber: doc.SEINumber, TypeName: d.typeName(doc), To: b.To})
	return nil
}

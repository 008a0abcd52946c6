package sei

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// CommandKind names what a servant asks for.
type CommandKind string

// The commands. Every released kind is accepted for ever.
const (
	CmdStartProcess     CommandKind = "StartProcess"
	CmdAddDocument      CommandKind = "AddDocument"
	CmdRegisterExternal CommandKind = "RegisterExternal"
	CmdEditMinute       CommandKind = "EditMinute"
	CmdSignDocument     CommandKind = "SignDocument"
	CmdSend             CommandKind = "Send"
	CmdReceive          CommandKind = "Receive"
	CmdAssign           CommandKind = "Assign"
	CmdConclude         CommandKind = "Conclude"
	CmdReopen           CommandKind = "Reopen"
	CmdAcknowledge      CommandKind = "Acknowledge"
	CmdNoteProgress     CommandKind = "NoteProgress"
	// CmdRecordDelivery is issued by the central alone when it hands content out.
	CmdRecordDelivery CommandKind = "RecordDelivery"
	// CmdRecordRaising is issued by the central alone when it has raised a signature.
	CmdRecordRaising CommandKind = "RecordRaising"
)

// Command is one act asked for by a servant.
type Command struct {
	ID         CommandID
	Process    ProcessID
	DeclaredAt time.Time // the workstation's clock
	Body       CommandBody
}

// CommandBody is what a command says beyond who, where and when.
type CommandBody interface{ Kind() CommandKind }

// Limits of what a command may carry.
const (
	MaxSpecification = 100  // characters
	MaxDescription   = 250  // characters
	MaxTreeName      = 50   // characters
	MaxNote          = 1000 // characters, free andamento
	MaxPosition      = 200  // characters
	MaxFormerNumber  = 50   // characters
	MaxFormerNumbers = 20
	MaxContacts      = 200
	MaxSubjects      = 50
	MaxDestinations  = 200
	MaxMinuteBytes   = 4 << 20 // bytes of a minute's text
	MaxDocuments     = 5000    // in one process
	MaxImages        = 200     // in one text
	MaxRaisings      = 50      // of one signature
)

// Bodies of the commands.
type (
	// StartProcess opens a process in the acting unit.
	StartProcess struct {
		Type          int         `json:"type"`
		Specification string      `json:"specification,omitempty"`
		Subjects      []int       `json:"subjects"`
		Interested    []Contact   `json:"interested,omitempty"`
		Level         AccessLevel `json:"level"`
		LegalBasis    int         `json:"legalBasis,omitempty"`
		FormerNumbers []string    `json:"formerNumbers,omitempty"`
	}
	// NewDocument is what both kinds of new document share.
	NewDocument struct {
		Document    DocumentID  `json:"document"`
		SEINumber   int64       `json:"seiNumber,omitempty"` // leased; 0 asks the central for one
		Type        int         `json:"type"`
		Number      string      `json:"number,omitempty"` // typed by the servant where the type asks for it
		TreeName    string      `json:"treeName,omitempty"`
		Description string      `json:"description,omitempty"`
		Interested  []Contact   `json:"interested,omitempty"`
		Recipients  []Contact   `json:"recipients,omitempty"`
		Level       AccessLevel `json:"level"`
		LegalBasis  int         `json:"legalBasis,omitempty"`
	}
	// AddDocument puts a minute into the tree; its revision 1 is Text, stored
	// under the command's id.
	AddDocument struct {
		NewDocument
		Text json.RawMessage `json:"text"` // canonical richtext
		// Images are the pictures that Text cites.
		Images []BlobRef `json:"images,omitempty"`
	}
	// RegisterExternal puts a received file into the tree.
	RegisterExternal struct {
		NewDocument
		File ExternalFile `json:"file"`
	}
	// EditMinute stores a new revision of a minute under the command's id.
	EditMinute struct {
		Document DocumentID      `json:"document"`
		Base     RevisionID      `json:"base"`             // the revision that was edited
		Merges   []RevisionID    `json:"merges,omitempty"` // side revisions that this text takes up
		Text     json.RawMessage `json:"text"`
		Images   []BlobRef       `json:"images,omitempty"` // that Text cites
		// OnSigned is the servant's consent to withdraw the signatures of a yellow pen.
		OnSigned bool `json:"onSigned,omitempty"`
	}
	// SignDocument adds a signature.
	SignDocument struct {
		Document      DocumentID      `json:"document"`
		Method        SignatureMethod `json:"method"`
		SigningAgency AgencyID        `json:"signingAgency"`
		Position      string          `json:"position"`
		ContentSHA256 SHA256          `json:"contentSha256"` // what the signer saw
		Frozen        *Frozen         `json:"frozen,omitempty"`
		Evidence      *BlobRef        `json:"evidence,omitempty"`
	}
	// Send moves the process to other units.
	Send struct {
		To       []UnitID `json:"to"`
		KeepOpen bool     `json:"keepOpen,omitempty"`
	}
	// Receive takes what was sent to the unit.
	Receive struct{}
	// Assign gives the process to a user of the unit; "" to nobody.
	Assign struct {
		To UserID `json:"to"`
	}
	// Conclude closes the process in the unit.
	Conclude struct{}
	// Reopen opens it again.
	Reopen struct{}
	// Acknowledge is a ciência, in a document or in the process when "".
	Acknowledge struct {
		Document DocumentID `json:"document,omitempty"`
	}
	// NoteProgress is a free andamento.
	NoteProgress struct {
		Text string `json:"text"`
	}
	// RecordDelivery says that content was handed to a reader of another unit
	// or, with To empty, outside.
	RecordDelivery struct {
		Document DocumentID `json:"document"`
		To       UnitID     `json:"to,omitempty"`
	}
	// RecordRaising says that a signature has gained proof. The central has made
	// and judged the raised copy.
	RecordRaising struct {
		Document  DocumentID `json:"document"`
		Signature CommandID  `json:"signature"`
		Raising   Raising    `json:"raising"`
	}
)

// Kind of each body.
func (StartProcess) Kind() CommandKind     { return CmdStartProcess }
func (AddDocument) Kind() CommandKind      { return CmdAddDocument }
func (RegisterExternal) Kind() CommandKind { return CmdRegisterExternal }
func (EditMinute) Kind() CommandKind       { return CmdEditMinute }
func (SignDocument) Kind() CommandKind     { return CmdSignDocument }
func (Send) Kind() CommandKind             { return CmdSend }
func (Receive) Kind() CommandKind          { return CmdReceive }
func (Assign) Kind() CommandKind           { return CmdAssign }
func (Conclude) Kind() CommandKind         { return CmdConclude }
func (Reopen) Kind() CommandKind           { return CmdReopen }
func (Acknowledge) Kind() CommandKind      { return CmdAcknowledge }
func (NoteProgress) Kind() CommandKind     { return CmdNoteProgress }
func (RecordDelivery) Kind() CommandKind   { return CmdRecordDelivery }
func (RecordRaising) Kind() CommandKind    { return CmdRecordRaising }

// DecodeBody reads the body of a command of the given kind. An unknown kind is
// an error: nobody can decide what they do not understand.
func DecodeBody(kind CommandKind, data []byte) (CommandBody, error) {
	decode, known := bodyDecoders[kind]
	if !known {
		return nil, Errorf(CodeInvalid, "A central não conhece o comando %q.", string(kind))
	}
	body, err := decode(data)
	if err != nil {
		return nil, Wrap(fmt.Errorf("decoding body of %s: %w", kind, err), CodeInvalid, "O comando recebido está malformado.")
	}
	return body, nil
}

func bodyAs[B CommandBody](data []byte) (CommandBody, error) {
	var b B
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, err
	}
	return b, nil
}

// CommandKinds lists the kinds that a workstation may send, in alphabetical order.
func CommandKinds() []CommandKind { return slices.Sorted(maps.Keys(bodyDecoders)) }

// CmdRecordDelivery and CmdRecordRaising are missing on purpose: no workstation may send them.
var bodyDecoders = map[CommandKind]func([]byte) (CommandBody, error){
	CmdStartProcess:     bodyAs[StartProcess],
	CmdAddDocument:      bodyAs[AddDocument],
	CmdRegisterExternal: bodyAs[RegisterExternal],
	CmdEditMinute:       bodyAs[EditMinute],
	CmdSignDocument:     bodyAs[SignDocument],
	CmdSend:             bodyAs[Send],
	CmdReceive:          bodyAs[Receive],
	CmdAssign:           bodyAs[Assign],
	CmdConclude:         bodyAs[Conclude],
	CmdReopen:           bodyAs[Reopen],
	CmdAcknowledge:      bodyAs[Acknowledge],
	CmdNoteProgress:     bodyAs[NoteProgress],
}

// CommandTitle is the act in a servant's words, for lists of queued commands.
func CommandTitle(kind CommandKind) string {
	if t, ok := commandTitles[kind]; ok {
		return t
	}
	return string(kind)
}

var commandTitles = map[CommandKind]string{
	CmdStartProcess:     "Iniciar processo",
	CmdAddDocument:      "Incluir documento",
	CmdRegisterExternal: "Registrar documento externo",
	CmdEditMinute:       "Gravar minuta",
	CmdSignDocument:     "Assinar documento",
	CmdSend:             "Enviar processo",
	CmdReceive:          "Receber processo",
	CmdAssign:           "Atribuir processo",
	CmdConclude:         "Concluir processo",
	CmdReopen:           "Reabrir processo",
	CmdAcknowledge:      "Dar ciência",
	CmdNoteProgress:     "Atualizar andamento",
}

// CitedBlobs lists the stored files that must be at the central before the
// command can be decided.
func CitedBlobs(body CommandBody) []BlobRef {
	switch b := body.(type) {
	case AddDocument:
		return b.Images
	case EditMinute:
		return b.Images
	case RegisterExternal:
		return []BlobRef{b.File.Content}
	case SignDocument:
		var refs []BlobRef
		if b.Frozen != nil {
			refs = append(refs, b.Frozen.Content)
		}
		if b.Evidence != nil {
			refs = append(refs, *b.Evidence)
		}
		return refs
	}
	return nil
}

// DocumentOf is the document that a command is about, or "".
func DocumentOf(body CommandBody) DocumentID {
	switch b := body.(type) {
	case AddDocument:
		return b.Document
	case RegisterExternal:
		return b.Document
	case EditMinute:
		return b.Document
	case SignDocument:
		return b.Document
	case Acknowledge:
		return b.Document
	case RecordRaising:
		return b.Document
	case RecordDelivery:
		return b.Document
	}
	return ""
}

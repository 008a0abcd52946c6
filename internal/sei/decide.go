package sei

import (
	"encoding/json"
	"time"
)

// Verdict is the answer of [Decide].
type Verdict string

// Allowed and Refused are final at the central; Unknown is a workstation's
// answer when a fact is missing, and never blocks.
const (
	Allowed Verdict = "allowed"
	Refused Verdict = "refused"
	Unknown Verdict = "unknown"
)

// Numberer gives the next numbers; nil on a workstation, where numbers stay
// unknown until the central accepts. Each call consumes a number inside the
// deciding transaction.
type Numberer interface {
	// NextProcessNumber is the next number by the mask of the unit's agency.
	NextProcessNumber(u Unit, now time.Time) (string, error)
	// NextSEINumber is the next Nº SEI of the installation.
	NextSEINumber() (int64, error)
	// NextTypeNumber is the next number within a document type, e.g. "12/2026".
	NextTypeNumber(t DocumentType, u Unit, now time.Time) (string, error)
}

// RevisionInfo describes the current revision of a minute.
type RevisionInfo struct {
	ID     RevisionID
	Hash   SHA256 // of the canonical text
	Author UserID
	Name   string // of the author
	At     time.Time
	// Blank says that the text shows a reader nothing.
	Blank bool
}

// EvidenceFact is the judgement of a signed file, made before deciding.
type EvidenceFact struct {
	Verdict     SignatureVerdict
	Reasons     []string // for the servant, in Portuguese
	Level       SignatureLevel
	CPF         string // of the certificate, 11 digits or ""
	Certificate *Certificate
	// Extends says that the file begins with exactly the bytes that ContentSHA256
	// names, so that what was signed is what was shown.
	Extends bool
}

// Facts are what deciding needs to know beyond the state, gathered by the
// caller. A nil pointer is "not known here".
type Facts struct {
	// BlobPresent says whether the actor's own upload of the bytes is stored.
	BlobPresent func(BlobRef) *bool
	// SEINumberLeased says whether the number was leased to the actor's device
	// and not used yet.
	SEINumberLeased func(n int64) *bool
	// Head is the current revision of the minute that the command is about.
	Head *RevisionInfo
	// TextValid is the error of a minute's text under the schema, if any.
	TextError error
	// TextHash is the SHA-256 of the command's canonical text.
	TextHash SHA256
	// Evidence is the judged signed file.
	Evidence *EvidenceFact
	// PairHolds says that the verification pair follows from revision and salt.
	PairHolds *bool
	// ContentHolds says that the frozen content is a readable PDF with as many
	// pages as stated.
	ContentHolds *bool
	// PasswordChecked says that the central has just checked the signer's password.
	PasswordChecked bool
	// MaxFileBytes limits an external document; 0 is not known.
	MaxFileBytes int64
}

// View is what [Decide] looks at.
type View struct {
	Process   *Process // nil when it does not exist (or is not known here)
	Catalogue Catalogue
	Numbers   Numberer // nil on a workstation
	Facts     Facts
	// Authority is true at the central, where a missing fact refuses instead of
	// leaving the answer unknown.
	Authority bool
}

// Refusal is a stored answer: why, and what can be done.
type Refusal struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Error makes a refusal usable as an error for the window.
func (r Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// Revision is a minute's text to be stored outside the ledger.
type Revision struct {
	ID       RevisionID      `json:"id"`
	Document DocumentID      `json:"document"`
	Base     RevisionID      `json:"base,omitempty"`
	Merges   []RevisionID    `json:"merges,omitempty"`
	Text     json.RawMessage `json:"text"`
	Images   []BlobRef       `json:"images,omitempty"` // that Text cites
	Hash     SHA256          `json:"hash"`
	// Side is true when the text was based on an older revision: it is kept
	// beside the current one until somebody merges it.
	Side bool `json:"side,omitempty"`
}

// Outcome is what follows from a command.
type Outcome struct {
	Verdict  Verdict
	Events   []Event
	Revision *Revision
	Refusal  *Refusal
}

// Codes of refusals.
const (
	CodeNoProcess       Code = "process.not_found"
	CodeExists          Code = "process.exists"
	CodeClosedHere      Code = "process.closed_here"
	CodeNotNormal       Code = "process.state"
	CodeNoRight         Code = "actor.no_right"
	CodeNotYet          Code = "sealed.not_yet"
	CodeBadType         Code = "catalogue.type"
	CodeBadReference    Code = "catalogue.reference"
	CodeLevel           Code = "access.level"
	CodeLegalBasis      Code = "access.legal_basis"
	CodeText            Code = "text.invalid"
	CodeNoDocument      Code = "document.not_found"
	CodeOtherUnit       Code = "document.other_unit"
	CodePenBlack        Code = "document.pen_black"
	CodeSigned          Code = "document.signed"
	CodeContentDiffers  Code = "document.content_differs"
	CodeNumber          Code = "number.not_leased"
	CodeNumberMissing   Code = "number.missing"
	CodeBlobMissing     Code = "blob.missing"
	CodeContentBroken   Code = "document.content_broken"
	CodeBlank           Code = "document.blank"
	CodeEvidence        Code = "signature.invalid"
	CodeSignatureLevel  Code = "signature.level"
	CodeSignatureTwice  Code = "signature.twice"
	CodeSignatureCPF    Code = "signature.cpf"
	CodePassword        Code = "signature.password"
	CodeDestination     Code = "send.destination"
	CodeNeverHere       Code = "process.never_here"
	CodeAlreadyOpen     Code = "process.already_open"
	CodeDependency      Code = "command.dependency"
	CodeDocumentsLimit  Code = "process.too_many_documents"
	CodeUnknownAssignee Code = "assign.unknown_user"
)

// decision carries one call of Decide.
type decision struct {
	v       *View
	c       Command
	a       Actor
	now     time.Time
	events  []Event
	rev     *Revision
	unknown bool
}

// Decide judges command c of actor a on the current state and says what
// follows. The version the command was made on is a hint, never a lock: only
// declared preconditions refuse. now is the acceptance time.
//
// An error means that the decision could not be made (a counter failed); it is
// not an answer and nothing may be stored.
func Decide(v *View, c Command, a Actor, now time.Time) (Outcome, error) {
	d := &decision{v: v, c: c, a: a, now: now}
	refusal, err := d.run()
	switch {
	case err != nil:
		return Outcome{}, err
	case refusal != nil:
		return Outcome{Verdict: Refused, Refusal: refusal}, nil
	}
	out := Outcome{Verdict: Allowed, Events: d.events, Revision: d.rev}
	if d.unknown {
		out.Verdict = Unknown
	}
	return out, nil
}

func (d *decision) run() (*Refusal, error) {
	switch b := d.c.Body.(type) {
	case RecordDelivery:
		return d.recordDelivery(b), nil
	case RecordRaising:
		return d.recordRaising(b), nil
	}
	if !d.a.worksInProcesses() {
		return refuse(CodeNoRight, "Seu perfil nesta unidade não permite esta operação. Fale com o administrador do órgão."), nil
	}
	if b, ok := d.c.Body.(StartProcess); ok {
		return d.startProcess(b)
	}
	if r := d.findProcess(); r != nil {
		return r, nil
	}
	switch b := d.c.Body.(type) {
	case AddDocument:
		return d.addDocument(b)
	case RegisterExternal:
		return d.registerExternal(b)
	case EditMinute:
		return d.editMinute(b), nil
	case SignDocument:
		return d.signDocument(b), nil
	case Send:
		return d.send(b), nil
	case Receive:
		return d.receive(), nil
	case Assign:
		return d.assign(b), nil
	case Conclude:
		return d.conclude(), nil
	case Reopen:
		return d.reopen(), nil
	case Acknowledge:
		return d.acknowledge(b), nil
	case NoteProgress:
		return d.noteProgress(b), nil
	}
	return refuse(CodeInvalid, "A central não conhece este comando."), nil
}

// emit adds an event caused by the command.
func (d *decision) emit(p Payload) {
	d.events = append(d.events, Event{Kind: p.Kind(), Command: d.c.ID, Unit: d.a.Unit, User: d.a.User, At: d.now, Payload: p})
}

// findProcess refuses what the actor may not know of with the same words as
// what does not exist.
func (d *decision) findProcess() *Refusal {
	if d.v.Process == nil || Reads(d.v.Process, d.a) == ReadNothing {
		return refuse(CodeNoProcess, "O processo não foi encontrado ou esta unidade não tem acesso a ele.")
	}
	return nil
}

// needOpen refuses unless the process is open in the acting unit and not held,
// attached or blocked.
func (d *decision) needOpen() *Refusal {
	p := d.v.Process
	if !p.OpenIn(d.a.Unit) {
		return refuse(CodeClosedHere, "O processo não está mais aberto nesta unidade. Reabra-o, se ele já passou por aqui, e repita a operação.")
	}
	if p.State != StateNormal {
		return refuse(CodeNotNormal, "O processo está sobrestado, anexado ou bloqueado e não aceita esta operação.")
	}
	return nil
}

// known turns a missing fact into a refusal at the central and into an unknown
// answer on a workstation.
func (d *decision) known(fact *bool, refusal *Refusal) *Refusal {
	switch {
	case fact != nil && *fact:
		return nil
	case fact == nil && !d.v.Authority:
		d.unknown = true
		return nil
	}
	return refusal
}

func refuse(code Code, message string) *Refusal { return &Refusal{Code: code, Message: message} }

package sei

import (
	"slices"
	"time"
)

// Contact is a person or company; interested party, sender and recipient are
// roles of one.
type Contact struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name"`
	SocialName string `json:"socialName,omitempty"`
	CPF        string `json:"cpf,omitempty"`  // 11 digits
	CNPJ       string `json:"cnpj,omitempty"` // 14 characters
	Email      string `json:"email,omitempty"`
	Treatment  string `json:"treatment,omitempty"` // form of address
	Vocative   string `json:"vocative,omitempty"`
	Position   string `json:"position,omitempty"`
}

// ProcessState is the state of the whole process, not of one unit's part in it.
type ProcessState string

// The states of a process. Only the first is reachable today; the others have
// their place in the stored form.
const (
	StateNormal   ProcessState = "normal"
	StateOnHold   ProcessState = "on_hold"
	StateAttached ProcessState = "attached"
	StateBlocked  ProcessState = "blocked"
)

// Process is the state folded from a process's events. Its JSON form is stored
// and sent; documents travel apart from it.
type Process struct {
	ID             ProcessID            `json:"id"`
	Version        int64                `json:"version"` // events folded so far
	Number         string               `json:"number"`  // "" until the central numbered it
	Type           int                  `json:"type"`
	Specification  string               `json:"specification"`
	Subjects       []int                `json:"subjects"`
	Interested     []Contact            `json:"interested"`
	LocalLevel     AccessLevel          `json:"localLevel"`
	LegalBasis     int                  `json:"legalBasis,omitempty"`
	GeneratingUnit UnitID               `json:"generatingUnit"`
	Agency         AgencyID             `json:"agency"`
	StartedBy      UserID               `json:"startedBy"`
	StartedAt      time.Time            `json:"startedAt"`
	FilingDate     string               `json:"filingDate,omitempty"` // AAAA-MM-DD, informed numbers only
	FormerNumbers  []string             `json:"formerNumbers,omitempty"`
	State          ProcessState         `json:"state"`
	Units          map[UnitID]UnitState `json:"units"`
	Order          []DocumentID         `json:"order"` // of the tree
	Acks           []Ack                `json:"acks,omitempty"`
	// HighestDocumentLevel contaminates the global level.
	HighestDocumentLevel AccessLevel `json:"highestDocumentLevel"`
	LastEventAt          time.Time   `json:"lastEventAt"`

	Documents map[DocumentID]*Document `json:"-"`
}

// GlobalLevel is the most restrictive level of the process and its documents;
// it governs every read.
func (p *Process) GlobalLevel() AccessLevel { return max(p.LocalLevel, p.HighestDocumentLevel) }

// OpenIn says whether the process is open in unit u.
func (p *Process) OpenIn(u UnitID) bool { return p.Units[u].Open }

// OpenUnits lists the units in which the process is open, in a fixed order.
func (p *Process) OpenUnits() []UnitID {
	var open []UnitID
	for id, u := range p.Units {
		if u.Open {
			open = append(open, id)
		}
	}
	slices.Sort(open)
	return open
}

// DocumentsInOrder lists the documents in the order of the tree.
func (p *Process) DocumentsInOrder() []*Document {
	docs := make([]*Document, 0, len(p.Order))
	for _, id := range p.Order {
		if d := p.Documents[id]; d != nil {
			docs = append(docs, d)
		}
	}
	return docs
}

// UnitState is a unit's part in a process: it exists for every unit through
// which the process passed.
type UnitState struct {
	Open       bool      `json:"open"`
	Received   bool      `json:"received"`  // false: shown in red
	Generated  bool      `json:"generated"` // stands under Gerados
	AssignedTo UserID    `json:"assignedTo,omitempty"`
	From       UnitID    `json:"from,omitempty"` // last sender
	Since      time.Time `json:"since"`          // of being open or closed
}

// DocumentKind separates documents written here from files received.
type DocumentKind string

// The two kinds: gerado and externo.
const (
	Internal DocumentKind = "internal"
	External DocumentKind = "external"
)

// Format is how an external document came to be digital.
type Format string

// SEI's two formats.
const (
	BornDigital Format = "nato-digital"
	Digitised   Format = "digitalizado"
)

// Pen is the caneta of SEI beside a signed document.
type Pen string

// A yellow pen may still be undone by the generating unit; a black one only
// cancelled, because somebody else has seen or received the document.
const (
	PenNone   Pen = ""
	PenYellow Pen = "yellow"
	PenBlack  Pen = "black"
)

// ExternalFile describes an external document.
type ExternalFile struct {
	Date           string  `json:"date"` // of the document, AAAA-MM-DD
	Format         Format  `json:"format"`
	ConferenceType int     `json:"conferenceType,omitempty"` // digitised only
	Sender         Contact `json:"sender,omitzero"`
	Content        BlobRef `json:"content"`
}

// Frozen is the text of a minute as it was signed.
type Frozen struct {
	Revision     RevisionID `json:"revision"`
	RevisionHash SHA256     `json:"revisionHash"` // of the canonical text
	Content      BlobRef    `json:"content"`      // the PDF before any signature
	Salt         []byte     `json:"salt"`         // 16 random bytes
	CRC          string     `json:"crc"`          // 8 hexadecimal digits
	QRToken      string     `json:"qrToken"`      // 128 random bits
	Typesetter   string     `json:"typesetter"`   // which version made the bytes
	Pages        int        `json:"pages"`
}

// Document is the state of one document of a process.
type Document struct {
	ID             DocumentID    `json:"id"`
	Process        ProcessID     `json:"process"`
	Kind           DocumentKind  `json:"kind"`
	SEINumber      int64         `json:"seiNumber"` // 0 until known
	Type           int           `json:"type"`
	Number         string        `json:"number,omitempty"` // within its type, e.g. "12/2026"
	TreeName       string        `json:"treeName,omitempty"`
	Description    string        `json:"description,omitempty"`
	Interested     []Contact     `json:"interested,omitempty"`
	Recipients     []Contact     `json:"recipients,omitempty"`
	LocalLevel     AccessLevel   `json:"localLevel"`
	LegalBasis     int           `json:"legalBasis,omitempty"`
	GeneratingUnit UnitID        `json:"generatingUnit"`
	AddedBy        UserID        `json:"addedBy"`
	AddedAt        time.Time     `json:"addedAt"`
	File           *ExternalFile `json:"file,omitempty"`
	Frozen         *Frozen       `json:"frozen,omitempty"`
	Superseded     []Frozen      `json:"superseded,omitempty"` // earlier freezings, their pairs answer "versão substituída"
	Signatures     []Signature   `json:"signatures,omitempty"`
	Delivered      bool          `json:"delivered,omitempty"` // another unit or an outside reader has had it
	Acks           []Ack         `json:"acks,omitempty"`
	Cancelled      bool          `json:"cancelled,omitempty"`
	CancelReason   string        `json:"cancelReason,omitempty"`
}

// Signed says whether the document carries a signature in force.
func (d *Document) Signed() bool { return len(d.Signatures) > 0 }

// IsMinute says whether d is an internal document that nobody has signed.
func (d *Document) IsMinute() bool { return d.Kind == Internal && !d.Signed() }

// PenColour is the pen shown beside the document.
func (d *Document) PenColour() Pen {
	switch {
	case !d.Signed():
		return PenNone
	case d.Delivered:
		return PenBlack
	}
	return PenYellow
}

// Content is the unsigned content: the frozen PDF of an internal document or
// the file of an external one; the bool is false for a minute.
func (d *Document) Content() (BlobRef, bool) {
	switch {
	case d.File != nil:
		return d.File.Content, true
	case d.Frozen != nil:
		return d.Frozen.Content, true
	}
	return BlobRef{}, false
}

// Blobs lists every stored file that the document cites.
func (d *Document) Blobs() []BlobRef {
	var refs []BlobRef
	if c, ok := d.Content(); ok {
		refs = append(refs, c)
	}
	for _, s := range d.Signatures {
		if s.Evidence != nil {
			refs = append(refs, *s.Evidence)
		}
		for _, r := range s.Raised {
			refs = append(refs, r.Evidence)
		}
	}
	return refs
}

// SignatureLevel is the level of Lei 14.063/2020, art. 4º.
type SignatureLevel string

// The three levels.
const (
	LevelSimple    SignatureLevel = "simples"
	LevelAdvanced  SignatureLevel = "avancada"
	LevelQualified SignatureLevel = "qualificada"
)

// rank orders levels by strength; an unknown or empty level is the weakest.
func (l SignatureLevel) rank() int {
	switch l {
	case LevelQualified:
		return 3
	case LevelAdvanced:
		return 2
	case LevelSimple:
		return 1
	}
	return 0
}

// Reaches tells whether a signature of level l serves where least is asked for.
func (l SignatureLevel) Reaches(least SignatureLevel) bool { return l.rank() >= least.rank() }

// Name is how a servant reads the level.
func (l SignatureLevel) Name() string {
	switch l {
	case LevelQualified:
		return "qualificada"
	case LevelAdvanced:
		return "avançada"
	case LevelSimple:
		return "simples"
	}
	return "não informado"
}

// SignatureMethod is how the signer proved who they are.
type SignatureMethod string

// The methods in use.
const (
	ByPassword SignatureMethod = "senha"
	ByToken    SignatureMethod = "token" // a key that never leaves its device
	ByFile     SignatureMethod = "pfx"   // a key in a PKCS#12 file
)

// SignatureVerdict is the judgement of a signature's evidence.
type SignatureVerdict string

// The three verdicts.
const (
	VerdictValid         SignatureVerdict = "valid"
	VerdictInvalid       SignatureVerdict = "invalid"
	VerdictIndeterminate SignatureVerdict = "indeterminate"
)

// Certificate is what is shown of a signer's certificate.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"` // hexadecimal
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	ICPBrasil bool      `json:"icpBrasil"`
	SHA256    SHA256    `json:"sha256"`
}

// Signature is one signature in force on a document.
type Signature struct {
	ID            CommandID        `json:"id"`
	Signer        UserID           `json:"signer"`
	SignerName    string           `json:"signerName"`
	SigningAgency AgencyID         `json:"signingAgency"`
	Position      string           `json:"position"`
	Unit          UnitID           `json:"unit"`
	Method        SignatureMethod  `json:"method"`
	Level         SignatureLevel   `json:"level"`
	LegalBasis    string           `json:"legalBasis"`
	ContentSHA256 SHA256           `json:"contentSha256"`      // of the unsigned bytes
	Evidence      *BlobRef         `json:"evidence,omitempty"` // signed file; none for a password
	Certificate   *Certificate     `json:"certificate,omitempty"`
	Verdict       SignatureVerdict `json:"verdict"`
	Reasons       []string         `json:"reasons,omitempty"`
	At            time.Time        `json:"at"`         // acceptance: the legal time
	DeclaredAt    time.Time        `json:"declaredAt"` // by the workstation's clock
	// Raised are later copies of Evidence with more proof, the newest last. The
	// signature in them is the same; Evidence is kept as it was accepted.
	Raised []Raising `json:"raised,omitempty"`
}

// MIMEDetached is the type of evidence that is a signature beside the content
// (CAdES, .p7s) and not a copy of it.
const MIMEDetached = "application/pkcs7-signature"

// Shown is the signed file to hand out and to judge: the newest raised copy, or
// the file as it was accepted; nil for a password.
func (s Signature) Shown() *BlobRef {
	if n := len(s.Raised); n > 0 {
		return &s.Raised[n-1].Evidence
	}
	return s.Evidence
}

// Raising is proof added to a signature without its signer: a timestamp, or the
// data that judging it will need when its authorities are gone (DOC-ICP-15.03).
type Raising struct {
	Level    string           `json:"level"`    // "AD-RT", "AD-RC" or "AD-RA"
	From     SHA256           `json:"from"`     // the signed file that was raised
	Evidence BlobRef          `json:"evidence"` // the raised copy
	ProvenAt time.Time        `json:"provenAt"` // by the timestamp authority
	Verdict  SignatureVerdict `json:"verdict"`  // of the copy, judged when it was made
	Reasons  []string         `json:"reasons,omitempty"`
	At       time.Time        `json:"at"` // acceptance
}

// Ack is a ciência, irrevocable.
type Ack struct {
	User UserID    `json:"user"`
	Name string    `json:"name"`
	Unit UnitID    `json:"unit"`
	At   time.Time `json:"at"`
}

package desktop

import "time"

// The views are what the window is given: ready to show, in Portuguese where a
// servant reads them. Ids are opaque to the window.

// SessionView says which screen the window shows.
type SessionView struct {
	// Phase is "central" (no central chosen yet), "login", "locked" (a known
	// account, key not in memory) or "ready".
	Phase    string        `json:"phase"`
	Central  *CentralView  `json:"central,omitempty"`
	User     *PersonView   `json:"user,omitempty"`
	Units    []UnitView    `json:"units"`
	Unit     string        `json:"unit"` // acting unit
	Accounts []AccountView `json:"accounts"`
}

// CentralView describes the central that the workstation belongs to.
type CentralView struct {
	URL          string         `json:"url"`
	Name         string         `json:"name"`
	Version      string         `json:"version"`
	Training     bool           `json:"training"`
	Reachable    bool           `json:"reachable"`
	Agencies     []AgencyView   `json:"agencies"`
	DemoUsers    []DemoUserView `json:"demoUsers"`
	MaxFileBytes int64          `json:"maxFileBytes"`
	PublicURL    string         `json:"publicUrl"`
}

// AgencyView is an órgão of a list.
type AgencyView struct {
	ID      string `json:"id"`
	Acronym string `json:"acronym"`
	Name    string `json:"name"`
}

// DemoUserView is an account of the demonstration, shown on the login screen.
type DemoUserView struct {
	Agency   string `json:"agency"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Role     string `json:"role"`
}

// AccountView is an account that has logged in on this workstation.
type AccountView struct {
	Agency       string    `json:"agency"`
	Login        string    `json:"login"`
	Name         string    `json:"name"`
	LastLogin    time.Time `json:"lastLogin"`
	OfflineUntil time.Time `json:"offlineUntil"` // last moment of an unlock without network
}

// PersonView is the user.
type PersonView struct {
	ID                 string `json:"id"`
	Login              string `json:"login"`
	Name               string `json:"name"`
	Agency             string `json:"agency"` // acronym
	AgencyID           string `json:"agencyId"`
	MustChangePassword bool   `json:"mustChangePassword"`
}

// UnitView is a unidade of a list.
type UnitView struct {
	ID       string   `json:"id"`
	Acronym  string   `json:"acronym"`
	Name     string   `json:"name"`
	Agency   string   `json:"agency"` // acronym
	AgencyID string   `json:"agencyId"`
	Profiles []string `json:"profiles"` // names, for the user's own units
	Receives bool     `json:"receives"`
}

// LoginForm opens a session online.
type LoginForm struct {
	Central  string `json:"central"` // URL
	Agency   string `json:"agency"`  // acronym
	Login    string `json:"login"`
	Password string `json:"password"`
}

// StatusView is the status bar.
type StatusView struct {
	// Phase is "connected", "connecting", "syncing", "offline", "need_login",
	// "problem" or "closed" (no session).
	Phase    string    `json:"phase"`
	Text     string    `json:"text"` // one sentence
	Since    time.Time `json:"since"`
	LastSync time.Time `json:"lastSync"`
	Queued   int       `json:"queued"`
	Sending  int       `json:"sending"`
	Refused  int       `json:"refused"`
	Intake   int       `json:"intake"` // files waiting in the watched folder
	Token    string    `json:"token"`  // label of a token that is present, or ""
	Done     int64     `json:"done"`   // bytes of the current transfer
	Total    int64     `json:"total"`
}

// InboxQuery asks for a part of Controle de Processos.
type InboxQuery struct {
	Column string `json:"column"` // "received" or "generated"
	Mine   bool   `json:"mine"`   // assigned to me
	Text   string `json:"text"`   // filters number, type, specification, interested
	Sort   string `json:"sort"`   // "recent" (default), "oldest", "number", "type"
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"` // at most 500
}

// InboxPage is a part of the list and the size of the whole.
type InboxPage struct {
	Total int             `json:"total"`
	Lines []InboxLineView `json:"lines"`
}

// InboxLineView is one process of the list.
type InboxLineView struct {
	ID            string    `json:"id"`
	Number        string    `json:"number"`   // or the local reference
	Official      bool      `json:"official"` // false: not numbered yet
	Type          string    `json:"type"`
	Specification string    `json:"specification"`
	Level         int       `json:"level"` // 0 public, 1 restricted
	LevelName     string    `json:"levelName"`
	Received      bool      `json:"received"` // false: shown in red
	Assigned      string    `json:"assigned"` // name or ""
	AssignedTo    string    `json:"assignedTo"`
	From          string    `json:"from"` // acronym of the sender
	Since         time.Time `json:"since"`
	LastEventAt   time.Time `json:"lastEventAt"`
	Interested    []string  `json:"interested"`
	Documents     int       `json:"documents"`
	// Queue is "", "queued" (aguardando envio), "sending" or "refused".
	Queue string `json:"queue"`
	// QueueText names what waits, e.g. "Enviar processo".
	QueueText string `json:"queueText"`
}

// InboxCounts are the numbers of the side menu.
type InboxCounts struct {
	Received    int `json:"received"`
	NotReceived int `json:"notReceived"`
	Generated   int `json:"generated"`
	Mine        int `json:"mine"`
	Refused     int `json:"refused"`
	Queued      int `json:"queued"`
	Intake      int `json:"intake"`
	Drafts      int `json:"drafts"` // minutes with text not saved into the process
}

// Permission says whether an operation is possible now and, if not, why.
type Permission struct {
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason"` // for a tooltip when not allowed
}

// PersonPart is a contact's name with what identifies it.
type PersonPart struct {
	Name string `json:"name"`
	CPF  string `json:"cpf"` // masked
	CNPJ string `json:"cnpj"`
}

// UnitPart is a unit's part in a process.
type UnitPart struct {
	ID         string    `json:"id"`
	Acronym    string    `json:"acronym"`
	Name       string    `json:"name"`
	Agency     string    `json:"agency"`
	Open       bool      `json:"open"`
	Received   bool      `json:"received"`
	Assigned   string    `json:"assigned"`
	AssignedTo string    `json:"assignedTo"`
	Since      time.Time `json:"since"`
}

// ProcessView is an open process: head, tree and what may be done.
type ProcessView struct {
	ID             string         `json:"id"`
	Number         string         `json:"number"`
	Official       bool           `json:"official"`
	Type           string         `json:"type"`
	TypeID         int            `json:"typeId"`
	Specification  string         `json:"specification"`
	Subjects       []string       `json:"subjects"`
	Interested     []PersonPart   `json:"interested"`
	Level          int            `json:"level"`
	LevelName      string         `json:"levelName"`
	LegalBasis     string         `json:"legalBasis"`
	GeneratingUnit UnitPart       `json:"generatingUnit"`
	StartedAt      time.Time      `json:"startedAt"`
	StartedBy      string         `json:"startedBy"`
	Here           UnitPart       `json:"here"`
	OpenIn         []UnitPart     `json:"openIn"` // who has it now
	Documents      []DocumentView `json:"documents"`
	Acks           []AckView      `json:"acks"`
	Queue          []QueueView    `json:"queue"` // commands about it that wait or were refused
	// Can is by operation: "addDocument", "registerExternal", "send", "assign",
	// "conclude", "reopen", "acknowledge", "note".
	Can map[string]Permission `json:"can"`
}

// AckView is a ciência.
type AckView struct {
	Name string    `json:"name"`
	Unit string    `json:"unit"`
	At   time.Time `json:"at"`
}

// DocumentView is a document of the tree.
type DocumentView struct {
	ID          string `json:"id"`
	Process     string `json:"process"`
	Kind        string `json:"kind"`      // "internal" or "external"
	SEINumber   string `json:"seiNumber"` // formatted, or "" until known
	Title       string `json:"title"`     // type and number, e.g. "Ofício 12/2026"
	Type        string `json:"type"`
	TypeID      int    `json:"typeId"`
	TreeName    string `json:"treeName"`
	Description string `json:"description"`
	Level       int    `json:"level"`
	LevelName   string `json:"levelName"`
	// State is "draft" (rascunho), "queued" (aguardando envio), "sending",
	// "registered" or "refused".
	State        string            `json:"state"`
	Minute       bool              `json:"minute"` // internal and unsigned
	Pen          string            `json:"pen"`    // "", "yellow", "black"
	Signatures   []SignatureView   `json:"signatures"`
	Acks         []AckView         `json:"acks"`
	Cancelled    bool              `json:"cancelled"`
	Unit         string            `json:"unit"` // acronym of the generating unit
	AddedBy      string            `json:"addedBy"`
	AddedAt      time.Time         `json:"addedAt"`
	File         *FileView         `json:"file,omitempty"`
	Verification *VerificationView `json:"verification,omitempty"`
	// ContentURL serves what the viewer shows: the PDF, preview of a minute, or
	// the file; "" when it may not be read or is not here yet, see Unavailable.
	ContentURL  string `json:"contentUrl"`
	MIME        string `json:"mime"` // of ContentURL
	Unavailable string `json:"unavailable"`
	// EditingBy names a colleague who is editing the minute.
	EditingBy string `json:"editingBy"`
	// Sides is how many side revisions wait to be merged.
	Sides int `json:"sides"`
	// Can is by operation: "edit", "sign", "signPassword", "acknowledge".
	Can map[string]Permission `json:"can"`
}

// FileView describes an external document's file.
type FileView struct {
	Name       string `json:"name"`
	Size       int64  `json:"size"`
	MIME       string `json:"mime"`
	SHA256     string `json:"sha256"`
	Date       string `json:"date"` // AAAA-MM-DD
	Format     string `json:"format"`
	Conference string `json:"conference"`
	Sender     string `json:"sender"`
}

// VerificationView is the pair printed in the footer.
type VerificationView struct {
	Code string `json:"code"`
	CRC  string `json:"crc"`
	URL  string `json:"url"`
}

// SignatureView is a signature with its verdict.
type SignatureView struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Position    string           `json:"position"`
	Agency      string           `json:"agency"` // acronym
	Method      string           `json:"method"` // "senha", "token", "pfx"
	MethodName  string           `json:"methodName"`
	Level       string           `json:"level"`
	LevelName   string           `json:"levelName"`
	LegalBasis  string           `json:"legalBasis"`
	At          time.Time        `json:"at"` // zero while queued
	DeclaredAt  time.Time        `json:"declaredAt"`
	Queued      bool             `json:"queued"`
	Verdict     string           `json:"verdict"` // valid, invalid, indeterminate
	VerdictName string           `json:"verdictName"`
	Reasons     []string         `json:"reasons"`
	Certificate *CertificateView `json:"certificate,omitempty"`
	EvidenceURL string           `json:"evidenceUrl"` // signed file, for download
}

// CertificateView is a certificate card.
type CertificateView struct {
	ID        string    `json:"id"` // for signing; "" when only shown
	Name      string    `json:"name"`
	CPF       string    `json:"cpf"` // masked
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	ICPBrasil bool      `json:"icpBrasil"`
	Store     string    `json:"store"` // "SafeNet token", "Arquivo PFX", "Windows"
	Token     string    `json:"token"` // label
	PINPad    bool      `json:"pinPad"`
	PINState  string    `json:"pinState"` // "", "low", "final", "locked"
	Problem   string    `json:"problem"`  // why it cannot be used, or ""
	Kind      string    `json:"kind"`     // "token", "pfx", "windows"
}

// QueueView is one entry of the outbox.
type QueueView struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"` // "Enviar processo"
	Process     string    `json:"process"`
	Number      string    `json:"number"`   // of the process, or its local reference
	Document    string    `json:"document"` // label or ""
	State       string    `json:"state"`    // queued, sending, refused, accepted
	StateName   string    `json:"stateName"`
	Waiting     string    `json:"waiting"` // for what it waits
	At          time.Time `json:"at"`
	Code        string    `json:"code"`   // of a refusal
	Reason      string    `json:"reason"` // of a refusal, and what can be done
	CanWithdraw bool      `json:"canWithdraw"`
	// KeptURL offers a refused item's file (a signed PDF) for saving.
	KeptURL string `json:"keptUrl"`
	// KeptText says that the refused text can be used in a new document.
	KeptText bool `json:"keptText"`
	// WithIt names what would be withdrawn along.
	WithIt []string `json:"withIt"`
}

// HistoryLine is an andamento.
type HistoryLine struct {
	At      time.Time `json:"at"`
	Unit    string    `json:"unit"`
	User    string    `json:"user"`
	Text    string    `json:"text"`
	Pending bool      `json:"pending"` // forecast, not accepted yet
	Version int64     `json:"version"`
	Hash    string    `json:"hash"` // of the ledger header, hexadecimal
}

// ContactForm is a person or company typed by the servant.
type ContactForm struct {
	Name string `json:"name"`
	CPF  string `json:"cpf"`
	CNPJ string `json:"cnpj"`
}

// StartForm opens a process.
type StartForm struct {
	Type          int           `json:"type"`
	Specification string        `json:"specification"`
	Subjects      []int         `json:"subjects"`
	Interested    []ContactForm `json:"interested"`
	Level         int           `json:"level"`
	LegalBasis    int           `json:"legalBasis"`
}

// DocumentForm adds a minute.
type DocumentForm struct {
	Process     string        `json:"process"`
	Type        int           `json:"type"`
	Number      string        `json:"number"`
	TreeName    string        `json:"treeName"`
	Description string        `json:"description"`
	Interested  []ContactForm `json:"interested"`
	Recipients  []ContactForm `json:"recipients"`
	Level       int           `json:"level"`
	LegalBasis  int           `json:"legalBasis"`
	// Model is a document whose text is the initial one, or "".
	Model string `json:"model"`
	// FromRefused is an outbox entry whose kept text is the initial one, or "".
	FromRefused string `json:"fromRefused"`
}

// ExternalForm registers a received file.
type ExternalForm struct {
	Process     string      `json:"process"`
	Type        int         `json:"type"`
	Number      string      `json:"number"`
	TreeName    string      `json:"treeName"`
	Description string      `json:"description"`
	Date        string      `json:"date"`   // AAAA-MM-DD
	Format      string      `json:"format"` // "nato-digital", "digitalizado"
	Conference  int         `json:"conference"`
	Sender      ContactForm `json:"sender"`
	Level       int         `json:"level"`
	LegalBasis  int         `json:"legalBasis"`
	// Staged is the file: from Files.Stage, the watched folder or a refused item.
	Staged string `json:"staged"`
}

// StagedFile is a file that was taken in and waits to be registered.
type StagedFile struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	MIME   string `json:"mime"`
	SHA256 string `json:"sha256"`
	Pages  int    `json:"pages"` // of a PDF
	URL    string `json:"url"`
	// Signatures found in it, already judged.
	Signatures []SignatureView `json:"signatures"`
}

// EditorView opens a minute in the editor.
type EditorView struct {
	Document DocumentView `json:"document"`
	Text     string       `json:"text"` // richtext JSON
	Base     string       `json:"base"` // revision that Text continues
	// Unsaved is true when Text is an autosaved draft newer than Base.
	Unsaved bool           `json:"unsaved"`
	Sides   []RevisionView `json:"sides"` // texts of others to be merged
	// Fields are the values that fields have now, by name.
	Fields map[string]string `json:"fields"`
}

// RevisionView is one stored text of a minute.
type RevisionView struct {
	ID     string    `json:"id"`
	Seq    int64     `json:"seq"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
	Head   bool      `json:"head"`
	Side   bool      `json:"side"`
	Local  bool      `json:"local"` // saved here, not sent yet
}

// DiffBlock is a block of a comparison: words kept, added and removed.
type DiffBlock struct {
	Kind  string     `json:"kind"` // "same", "added", "removed", "changed"
	Words []DiffWord `json:"words"`
}

// DiffWord is a run of words with the same fate.
type DiffWord struct {
	Op   string `json:"op"` // "same", "added", "removed"
	Text string `json:"text"`
}

// SaveResult is the state after storing a text.
type SaveResult struct {
	Base    string `json:"base"` // revision to continue from
	Queued  bool   `json:"queued"`
	Message string `json:"message"`
}

// PreviewView is a typeset minute.
type PreviewView struct {
	URL    string `json:"url"`
	Pages  int    `json:"pages"`
	SHA256 string `json:"sha256"`
	// Problems are what stops the signing: characters that cannot be set, fields
	// without a value, a number that has not arrived.
	Problems []string `json:"problems"`
}

// SendForm moves the process.
type SendForm struct {
	Process  string   `json:"process"`
	To       []string `json:"to"`
	KeepOpen bool     `json:"keepOpen"`
}

// SendPreview is what to know before sending.
type SendPreview struct {
	Minutes  []string `json:"minutes"` // unsigned documents that the other side will not see
	Visible  []string `json:"visible"` // documents that it will see
	Warnings []string `json:"warnings"`
}

// Queued is the answer to an act: it is in the outbox.
type Queued struct {
	ID      string `json:"id"` // of the outbox entry
	Process string `json:"process"`
	Doc     string `json:"document"`
	Message string `json:"message"` // e.g. "Aguardando envio: será protocolado quando houver conexão."
	Warning string `json:"warning"` // a forecast refusal or doubt
}

// SignItem is one document of the signing dialog's list.
type SignItem struct {
	Document   string   `json:"document"`
	Title      string   `json:"title"`
	SEINumber  string   `json:"seiNumber"`
	Process    string   `json:"process"` // number
	PreviewURL string   `json:"previewUrl"`
	SHA256     string   `json:"sha256"` // of what will be signed
	Pages      int      `json:"pages"`
	Problems   []string `json:"problems"` // why it cannot be signed
}

// SignPreparation is what the signing dialog shows.
type SignPreparation struct {
	Items     []SignItem   `json:"items"`
	Agencies  []AgencyView `json:"agencies"`
	Agency    string       `json:"agency"` // suggested signing agency id
	Positions []string     `json:"positions"`
	Position  string       `json:"position"` // last used
	Signer    string       `json:"signer"`
	Password  Permission   `json:"password"` // whether the password way is open
	Minutes   int          `json:"-"`
}

// SignForm signs with a certificate. PIN is the token's PIN or the PFX's
// password; it is used once and forgotten.
type SignForm struct {
	Items       []SignItem `json:"items"` // as prepared
	Certificate string     `json:"certificate"`
	PIN         string     `json:"pin"`
	Agency      string     `json:"agency"`
	Position    string     `json:"position"`
}

// PasswordSignForm signs with the user's password, online.
type PasswordSignForm struct {
	Items    []SignItem `json:"items"`
	Password string     `json:"password"`
	Agency   string     `json:"agency"`
	Position string     `json:"position"`
}

// SignResult tells of one document.
type SignResult struct {
	Document string `json:"document"`
	Title    string `json:"title"`
	OK       bool   `json:"ok"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// CertificateList is what the stores offer.
type CertificateList struct {
	Certificates []CertificateView `json:"certificates"`
	// Problems are stores that could not be read, each with a reason.
	Problems []string `json:"problems"`
}

// IntakeView is the watched folder.
type IntakeView struct {
	Folder  string       `json:"folder"`
	Items   []IntakeItem `json:"items"`
	Problem string       `json:"problem"`
}

// IntakeItem is a file in the watched folder.
type IntakeItem struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Size   int64     `json:"size"`
	At     time.Time `json:"at"`
	State  string    `json:"state"` // "waiting", "incoming", "rejected"
	Reason string    `json:"reason"`
	URL    string    `json:"url"`
}

// SearchHit is a result with its snippet.
type SearchHit struct {
	Process  string `json:"process"`
	Document string `json:"document"`
	Number   string `json:"number"`
	Title    string `json:"title"`
	Detail   string `json:"detail"`
	// Snippet marks hits with U+2068 and U+2069 around the words.
	Snippet string `json:"snippet"`
	Remote  bool   `json:"remote"` // only at the central
}

// Choice is an entry of a list to choose from.
type Choice struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// ProcessTypeView is a process type with what it suggests.
type ProcessTypeView struct {
	ID           int      `json:"id"`
	Name         string   `json:"name"`
	Levels       []int    `json:"levels"`
	SuggestLevel int      `json:"suggestLevel"`
	SuggestBasis int      `json:"suggestBasis"`
	Subjects     []Choice `json:"subjects"`
	Used         bool     `json:"used"` // used in this unit before
}

// DocumentTypeView is a document type with what it asks for.
type DocumentTypeView struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	Numbering  string `json:"numbering"` // "none", "automatic", "informed"
	Recipient  bool   `json:"recipient"`
	Interested bool   `json:"interested"`
	MinLevel   string `json:"minLevel"`
	Used       bool   `json:"used"`
}

// MemberView is a colleague of the unit.
type MemberView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Preferences are remembered on this workstation.
type Preferences struct {
	Theme     string   `json:"theme"` // "system", "light", "dark"
	Density   string   `json:"density"`
	TreeWidth int      `json:"treeWidth"`
	OpenTabs  []string `json:"openTabs"`
	Split     bool     `json:"split"`
	InboxView string   `json:"inboxView"` // "columns", "list"
}

// AboutView is the Ajuda › Sobre dialog.
type AboutView struct {
	Version string       `json:"version"`
	Checks  []DoctorLine `json:"checks"`
}

// DoctorLine is one finding about this workstation.
type DoctorLine struct {
	Name   string `json:"name"`
	Level  string `json:"level"` // "ok", "warning", "problem"
	Detail string `json:"detail"`
}

// ErrorView is how every failure reaches the window.
type ErrorView struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

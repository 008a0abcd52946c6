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
	// Processes still to come, of how many; zero when nothing is.
	PullLeft   int  `json:"pullLeft"`
	PullTotal  int  `json:"pullTotal"`
	PullPaused bool `json:"pullPaused"`
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
	NotReceived int `json:"notReceived"` // in both columns
	Returned    int `json:"returned"`    // of these, generated by the unit: they came back
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
	Minute       bool              `json:"minute"`   // internal and unsigned
	Pen          string            `json:"pen"`      // "", "yellow", "black"
	PenWaits     bool              `json:"penWaits"` // a sending in the queue will turn it black
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

// QueueView is one entry of the outbox.
type QueueView struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"` // "Enviar processo"
	Process     string    `json:"process"`
	Number      string    `json:"number"`   // of the process, or its local reference
	Document    string    `json:"document"` // label or ""
	State       string    `json:"state"`    // queued, sending, refused, withdrawn, accepted
	StateName   string    `json:"stateName"`
	Waiting     string    `json:"waiting"` // for what it waits
	At          time.Time `json:"at"`
	LastTry     time.Time `json:"lastTry"` // zero: not tried, or sent at the first
	NextTry     time.Time `json:"nextTry"` // zero: as soon as it can go
	Code        string    `json:"code"`    // of a refusal
	Reason      string    `json:"reason"`  // of a refusal, and what can be done
	CanWithdraw bool      `json:"canWithdraw"`
	// KeptURL offers a refused or withdrawn item's file (a signed PDF) for saving.
	KeptURL string `json:"keptUrl"`
	// KeptText says that the refused or withdrawn text can be used in a new document.
	KeptText bool `json:"keptText"`
	// WithIt names what would be withdrawn along.
	WithIt []string `json:"withIt"`
}

// Queued is the answer to an act: it is in the outbox.
type Queued struct {
	ID      string `json:"id"` // of the outbox entry
	Process string `json:"process"`
	Doc     string `json:"document"`
	Message string `json:"message"` // e.g. "Aguardando envio: será protocolado quando houver conexão."
	Warning string `json:"warning"` // a forecast refusal or doubt
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
	// Panes are the processes shown side by side, left first; "" is the list. Empty without a split.
	Panes     []string `json:"panes"`
	TextSize  int      `json:"textSize"`  // percent of the usual size; 0 is the usual one
	SideWidth int      `json:"sideWidth"` // of the side panel, in pixels; 0 is the usual one
	SidePanel string   `json:"sidePanel"` // "open", "closed"; "" as there is room
	InboxView string   `json:"inboxView"` // "columns", "list"
}

// Gathered is what came of taking files in: those that are here, and why others are not.
type Gathered struct {
	Files    []StagedFile `json:"files"`
	Problems []string     `json:"problems"` // each names its file
	Stopped  bool         `json:"stopped"`  // the servant stopped it; what is in Files is whole
}

// TakingView is the file that is being taken in, in bytes.
type TakingView struct {
	Name  string `json:"name"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
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

package desktop

import "time"

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

// DocumentRef names a document of a process.
type DocumentRef struct {
	Process  string `json:"process"`
	Document string `json:"document"`
}

// SignItem is one document of the signing dialog's list.
type SignItem struct {
	Document   string   `json:"document"`
	ProcessID  string   `json:"processId"`
	Title      string   `json:"title"`
	SEINumber  string   `json:"seiNumber"`
	Process    string   `json:"process"` // number
	Type       int      `json:"type"`    // of the document
	PreviewURL string   `json:"previewUrl"`
	MIME       string   `json:"mime"`   // of what is shown; what is no PDF is signed in a file beside it
	SHA256     string   `json:"sha256"` // of what will be signed
	Pages      int      `json:"pages"`
	Problems   []string `json:"problems"` // why it cannot be signed
	// Stamp is where the visible stamp goes: as suggested by Prepare, as chosen in Sign.
	Stamp StampPlace `json:"stamp"`
	AtEnd bool       `json:"atEnd"` // whether the document has SEI's place for it
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
}

// SignForm signs with a certificate. PIN is the token's PIN or the PFX's
// password; it is used once and forgotten.
type SignForm struct {
	Items       []SignItem `json:"items"` // as prepared
	Certificate string     `json:"certificate"`
	PIN         string     `json:"pin"`
	Agency      string     `json:"agency"`
	Position    string     `json:"position"`
	// InPlaceOf are batches that were cut short and that this one takes up.
	InPlaceOf []string `json:"inPlaceOf"`
}

// PasswordSignForm signs with the user's password, online.
type PasswordSignForm struct {
	Items     []SignItem `json:"items"`
	Password  string     `json:"password"`
	Agency    string     `json:"agency"`
	Position  string     `json:"position"`
	InPlaceOf []string   `json:"inPlaceOf"`
}

// SignCheckForm asks what would come of signing so.
type SignCheckForm struct {
	Items       []SignItem `json:"items"`
	Certificate string     `json:"certificate"` // "" for the password
	Agency      string     `json:"agency"`
}

// SignCheck is what was found before signing.
type SignCheck struct {
	Findings  []SignFinding `json:"findings"`
	Level     string        `json:"level"` // that the signature would have
	LevelName string        `json:"levelName"`
}

// SignFinding is one thing found before signing.
type SignFinding struct {
	Document string `json:"document"` // "" when it is about the certificate
	Message  string `json:"message"`
	Blocks   bool   `json:"blocks"` // otherwise the servant is told and may go on
}

// BatchView is an act of signing, from its first document to the central's answers.
type BatchView struct {
	ID string `json:"id"`
	// State is "running", "done", "stopped" (before its end, see Code and Message) or
	// "interrupted" (by a crash or a closed window).
	State       string      `json:"state"`
	Started     time.Time   `json:"started"`
	Signer      string      `json:"signer"`
	Agency      string      `json:"agency"` // id
	Position    string      `json:"position"`
	Certificate string      `json:"certificate"` // its holder; "" with a password
	Code        string      `json:"code"`
	Message     string      `json:"message"`
	Lines       []BatchLine `json:"lines"`
	Total       int         `json:"total"`
	Signed      int         `json:"signed"`     // whatever the central has said
	Registered  int         `json:"registered"` // accepted by the central
	Refused     int         `json:"refused"`    // by the central, or taken back
	Failed      int         `json:"failed"`     // could not be signed
	Left        int         `json:"left"`       // not signed yet
}

// BatchLine is one document of a batch.
type BatchLine struct {
	Document  string `json:"document"`
	ProcessID string `json:"processId"`
	Process   string `json:"process"` // number
	Title     string `json:"title"`
	SEINumber string `json:"seiNumber"`
	// State is "waiting", "signing", "queued", "sending", "accepted", "refused",
	// "withdrawn", "failed", "left" or "unknown".
	State     string `json:"state"`
	StateName string `json:"stateName"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

// count adds a line to the batch's figures.
func (v *BatchView) count(l BatchLine) {
	switch l.State {
	case "queued", "sending":
		v.Signed++
	case "accepted":
		v.Signed++
		v.Registered++
	case "refused", "withdrawn":
		v.Signed++
		v.Refused++
	case "failed":
		v.Failed++
	default:
		v.Left++
	}
}

// ToSignList is "Minutas para assinar".
type ToSignList struct {
	Lines []ToSignLine `json:"lines"`
	// More says that there are others beside the ones listed.
	More bool `json:"more"`
}

// ToSignLine is a minute that the user may sign.
type ToSignLine struct {
	Document      string    `json:"document"`
	ProcessID     string    `json:"processId"`
	Process       string    `json:"process"` // number
	ProcessType   string    `json:"processType"`
	Specification string    `json:"specification"`
	Title         string    `json:"title"`
	SEINumber     string    `json:"seiNumber"`
	AddedBy       string    `json:"addedBy"`
	AddedAt       time.Time `json:"addedAt"`
	Reason        string    `json:"reason"` // why it cannot be signed yet, or ""
}

// CertificateList is what the stores offer.
type CertificateList struct {
	Certificates []CertificateView `json:"certificates"`
	// Problems are stores that could not be read, each with a reason.
	Problems []string `json:"problems"`
}

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

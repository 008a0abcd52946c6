package wire

import (
	"crypto/ed25519"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// LoginRequest opens a session.
type LoginRequest struct {
	Agency   string `json:"agency"` // acronym
	Login    string `json:"login"`
	Password string `json:"password"`
	// Device enrols this workstation, or names it when it is enrolled already.
	Device DeviceEnrolment `json:"device"`
}

// DeviceEnrolment presents a workstation's key; Proof is its signature over the
// login and the central's id, so that a key cannot be enrolled by who lacks it.
type DeviceEnrolment struct {
	ID     sei.DeviceID      `json:"id"` // UUIDv7 made by the desk
	Public ed25519.PublicKey `json:"public"`
	Name   string            `json:"name"` // of the machine, for the user's list of devices
	Proof  []byte            `json:"proof"`
}

// EnrolmentProofMessage is what a workstation signs to enrol.
func EnrolmentProofMessage(centralID, login string, device sei.DeviceID) []byte {
	return []byte("seirs/enrol/1\n" + centralID + "\n" + login + "\n" + string(device))
}

// LoginResponse gives the session and what a desk must know of central and user.
type LoginResponse struct {
	Token     string       `json:"token"` // opaque session token
	Expires   time.Time    `json:"expires"`
	User      Person       `json:"user"`
	Units     []MemberUnit `json:"units"`
	Central   CentralInfo  `json:"central"`
	Epoch     int64        `json:"epoch"`     // of the device
	PushToken string       `json:"pushToken"` // for the first push of the epoch; "" when the device holds one
}

// EpochResponse answers a workstation that begins a new epoch.
type EpochResponse struct {
	Epoch     int64  `json:"epoch"`
	PushToken string `json:"pushToken"`
}

// Person is the user of a session.
type Person struct {
	ID     sei.UserID   `json:"id"`
	Login  string       `json:"login"`
	Name   string       `json:"name"`
	CPF    string       `json:"cpf,omitempty"`
	Agency sei.AgencyID `json:"agency"`
	// MustChangePassword is set after a reset.
	MustChangePassword bool `json:"mustChangePassword,omitempty"`
}

// MemberUnit is a unit in which the user may act.
type MemberUnit struct {
	Unit     sei.Unit      `json:"unit"`
	Profiles []sei.Profile `json:"profiles"`
}

// CentralInfo is public knowledge about a central; it is served without login.
type CentralInfo struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Version     string       `json:"version"`
	Training    bool         `json:"training"`  // nothing has legal value
	PublicURL   string       `json:"publicUrl"` // of the verification page
	ReceiptKeys []ReceiptKey `json:"receiptKeys"`
	// SealCertificate (PEM) is of the key that seals the files which the central
	// makes itself, such as reading copies. It is the central's own, under no root.
	SealCertificate string `json:"sealCertificate,omitempty" doc:"Certificate (PEM) of the seal on reading copies"`

	MaxFileBytes int64        `json:"maxFileBytes"`
	CommandForm  int          `json:"commandForm"`
	MinPull      int          `json:"minPull"` // oldest pull form supported
	Agencies     []AgencyName `json:"agencies"`
	// OfflineDays is how long a desk may be unlocked without a login.
	OfflineDays int `json:"offlineDays"`
	// Recovery is set while the central takes back what a restore has lost.
	Recovery *RecoveryNotice `json:"recovery,omitempty"`
	// TrustRoots are certificates (PEM) that this central trusts beside
	// ICP-Brasil's: those of a training central, which verify nowhere else.
	TrustRoots string `json:"trustRoots,omitempty"`
	// TimestampURL is the timestamp authority (RFC 3161) that desks ask when they sign;
	// "" for none. TimestampPolicy is what they demand of it (OID), or "".
	TimestampURL    string `json:"timestampUrl,omitempty"`
	TimestampPolicy string `json:"timestampPolicy,omitempty"`
	// DemoUsers name the accounts of a demonstration central, else empty.
	DemoUsers []DemoUser `json:"demoUsers,omitempty"`
}

// AgencyName is an entry of the login screen's list.
type AgencyName struct {
	Acronym string `json:"acronym"`
	Name    string `json:"name"`
}

// DemoUser is an account that a demonstration central announces.
type DemoUser struct {
	Agency   string `json:"agency"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Role     string `json:"role"`
}

// ReceiptKey is a key that the central signs receipts with. A later key comes
// with a rotation sealed by the one before.
type ReceiptKey struct {
	ID       string            `json:"id"`
	Public   ed25519.PublicKey `json:"public"`
	From     time.Time         `json:"from"`
	Rotation *ledger.Sealed    `json:"rotation,omitempty"`
}

// PasswordSignature is a SignDocument with the signer's password beside it,
// for the one act that is never queued.
type PasswordSignature struct {
	Command  ledger.Sealed `json:"command"`
	Password string        `json:"password"`
}

// MaxPasswordBatch is how many signatures one password may prove: as many as a
// servant can answer for at once, and few enough that the central judges them in
// one breath.
const MaxPasswordBatch = 200

// PasswordBatch is a batch of SignDocument commands with the signer's password
// beside them. The central checks the password once, before it looks into any of
// them; a wrong one counts as one attempt and signs nothing. Sending the same
// commands again, after a lost answer, gives the same answers.
type PasswordBatch struct {
	Commands []ledger.Sealed `json:"commands"`
	Password string          `json:"password"`
}

// PasswordBatchResult answers each command of the batch, in its order.
type PasswordBatchResult struct {
	Results []PushResult `json:"results"`
}

// ChangePassword replaces the user's password; other sessions end.
type ChangePassword struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Problem is the body of every error answer (RFC 9457, with a code).
type Problem struct {
	Status int      `json:"status"`
	Title  string   `json:"title"`
	Code   sei.Code `json:"code"`
	Detail string   `json:"detail"` // for the servant
}

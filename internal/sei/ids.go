package sei

// Identifiers are opaque text. Processes, documents and commands are UUIDv7
// made at the workstation; agencies, units and users are given by the central.
type (
	// AgencyID names an órgão.
	AgencyID string
	// UnitID names a unidade; it never changes, even when the unit is renamed.
	UnitID string
	// UserID names a person with an account in the central.
	UserID string
	// DeviceID names an enrolled workstation.
	DeviceID string
	// ProcessID names a process before and after it has a number.
	ProcessID string
	// DocumentID names a document before and after it has a Nº SEI.
	DocumentID string
	// CommandID names a command; sending it again has no further effect.
	CommandID string
	// RevisionID names one stored text of a minute.
	RevisionID string
)

// Stream is the name of the ledger stream that holds a process's events.
func (p ProcessID) Stream() string { return "process/" + string(p) }

// SHA256 is a lower-case hexadecimal SHA-256 (64 characters).
type SHA256 string

// Valid says whether s has the form of a SHA-256.
func (s SHA256) Valid() bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// BlobRef cites stored bytes by their content.
type BlobRef struct {
	SHA256 SHA256 `json:"sha256"`
	Size   int64  `json:"size"` // bytes
	MIME   string `json:"mime,omitempty"`
	Name   string `json:"name,omitempty"` // file name as received
}

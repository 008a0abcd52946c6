package ledger

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ReceiptForm is the form of receipt that this release writes. Form 2 says where
// in the whole log the events stand, and which events of the central itself came
// before them; form 1 did not.
const ReceiptForm = 2

// Receipt is the central's stored answer to a command. One of an event that the
// central recorded by itself answers no command: its CommandHash is zero.
type Receipt struct {
	Form        int        `json:"form"` // of this structure, at most ReceiptForm
	Command     string     `json:"command"`
	CommandHash Hash       `json:"commandHash"` // Sealed.Hash of the command as received
	Accepted    bool       `json:"accepted"`
	Code        string     `json:"code,omitempty"`    // of a refusal
	Message     string     `json:"message,omitempty"` // of a refusal, for the servant
	At          time.Time  `json:"at"`                // acceptance or refusal, UTC
	Events      []Citation `json:"events,omitempty"`
	// Assigned are the numbers that the central gave.
	ProcessNumber string `json:"processNumber,omitempty"`
	SEINumber     int64  `json:"seiNumber,omitempty"`
	TypeNumber    string `json:"typeNumber,omitempty"`
	// Side says that an edited text was kept beside the current one.
	Side bool `json:"side,omitempty"`
	// Checkpoint and Inclusion prove the events' place in the whole log, when
	// the central has signed a checkpoint over them.
	Checkpoint *Sealed     `json:"checkpoint,omitempty"`
	Inclusion  []Inclusion `json:"inclusion,omitempty"`
}

// Citation names one event by its place and hash.
type Citation struct {
	Stream  string `json:"stream"`
	Version int64  `json:"version"`
	Hash    Hash   `json:"hash"`
	// Seq is the place in the whole log; 0 in receipts of form 1, which do not
	// say it.
	Seq int64 `json:"seq,omitempty"`
}

// Inclusion proves that a header is the log's entry Seq (RFC 6962, 2.1.1).
type Inclusion struct {
	Seq  int64  `json:"seq"`
	Path []Hash `json:"path"`
}

// SealReceipt signs r.
func SealReceipt(key ed25519.PrivateKey, r Receipt) (Sealed, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return Sealed{}, fmt.Errorf("encoding receipt: %w", err)
	}
	return Seal(key, TypeReceipt, data), nil
}

// OpenReceipt verifies a receipt for the command sent and returns it.
func OpenReceipt(pub ed25519.PublicKey, s Sealed, command string, sent Hash) (Receipt, error) {
	if err := s.Verify(pub, TypeReceipt); err != nil {
		return Receipt{}, fmt.Errorf("receipt of %s: %w", command, err)
	}
	var r Receipt
	if err := json.Unmarshal(s.Payload, &r); err != nil {
		return Receipt{}, fmt.Errorf("receipt of %s: %w", command, err)
	}
	switch {
	case r.Form < 1 || r.Form > ReceiptForm:
		return Receipt{}, fmt.Errorf("receipt of %s has the unknown form %d", command, r.Form)
	case r.Command != command:
		return Receipt{}, fmt.Errorf("receipt is for command %s, not %s", r.Command, command)
	case r.CommandHash != sent:
		return Receipt{}, fmt.Errorf("receipt of %s is for other bytes than were sent", command)
	case !r.Accepted && r.Code == "":
		return Receipt{}, errors.New("a refusal needs a code")
	}
	return r, nil
}

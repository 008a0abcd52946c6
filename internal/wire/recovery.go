package wire

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Limits of one give-back.
const (
	MaxGiveBack        = 50  // acts in one request
	MaxGiveBackNumbers = 400 // leased numbers in one request
	NonceSize          = 16  // bytes
)

// RecoveryNotice says to everybody that the central was restored from a backup
// and takes back what it has lost; new acts wait until that is over.
type RecoveryNotice struct {
	Since  time.Time `json:"since"`
	Backup time.Time `json:"backup"` // how old the backup is
}

// GiveBackRequest hands in what a restored central has lost.
type GiveBackRequest struct {
	Form int `json:"form"` // of this structure, 1
	// Recovery is the one that is meant; another one answers a conflict.
	Recovery string         `json:"recovery"`
	Nonce    []byte         `json:"nonce"` // random, of NonceSize bytes: the answer repeats it
	Acts     []GiveBackItem `json:"acts,omitempty"`
	// Numbers are Nº SEI that were leased to this workstation and stand in no
	// accepted document.
	Numbers []int64 `json:"numbers,omitempty"`
	// Checkpoint is the latest head of the log that the desk has seen.
	Checkpoint *ledger.Sealed `json:"checkpoint,omitempty"`
	Done       bool           `json:"done,omitempty"` // the desk has nothing more to give
	Epoch      int64          `json:"epoch"`          // of the workstation
}

// GiveBackItem is one answered act with its evidence: the command as it was
// sealed, the receipt that the central signed, and the events that it cites.
type GiveBackItem struct {
	// Command is absent for what the central recorded by itself.
	Command *ledger.Sealed  `json:"command,omitempty"`
	Receipt ledger.Sealed   `json:"receipt"`
	Records []ledger.Record `json:"records,omitempty"`
}

// GiveBackState is what became of an act that was given back.
type GiveBackState string

// The states.
const (
	GivenKnown    GiveBackState = "known"    // the central has it
	GivenRestored GiveBackState = "restored" // it has it again
	// GivenStaged waits for an earlier act of the same process.
	GivenStaged GiveBackState = "staged"
	// GivenLate came after the recovery was closed: kept as evidence, not in the
	// ledger.
	GivenLate GiveBackState = "late"
	// GivenRefused does not verify, or is not this user's to give.
	GivenRefused GiveBackState = "refused"
)

// GiveBackResult answers one act.
type GiveBackResult struct {
	Command string        `json:"command"`
	State   GiveBackState `json:"state"`
	Why     string        `json:"why,omitempty"` // for the servant
	// Blobs are files that this act cites and the central does not have.
	Blobs []sei.SHA256 `json:"blobs,omitempty"`
}

// GiveBackAnswer is sealed by the central, so that an answer to another request,
// or of another recovery, is not taken for this one's.
type GiveBackAnswer struct {
	Form     int              `json:"form"` // of this structure, 1
	Central  string           `json:"central"`
	Recovery string           `json:"recovery"`
	Device   sei.DeviceID     `json:"device"`
	Nonce    []byte           `json:"nonce"`
	Results  []GiveBackResult `json:"results"`
	// PushToken lets a workstation whose epoch the central still knows go on in
	// it; with the last request only.
	PushToken string `json:"pushToken,omitempty"`
}

// GiveBackResponse carries the sealed answer.
type GiveBackResponse struct {
	Answer ledger.Sealed `json:"answer"`
}

// Check refuses requests that no desk sends.
func (r GiveBackRequest) Check() error {
	switch {
	case r.Form != 1:
		return sei.Errorf(sei.CodeInvalid, "A central não conhece esta forma de devolução; atualize a central.")
	case r.Recovery == "" || len(r.Recovery) > 64 || len(r.Nonce) != NonceSize:
		return sei.Errorf(sei.CodeInvalid, "A devolução recebida está malformada.")
	case len(r.Acts) > MaxGiveBack || len(r.Numbers) > MaxGiveBackNumbers:
		return sei.Errorf(sei.CodeTooLarge, "Uma devolução leva no máximo %d atos e %d números.", MaxGiveBack, MaxGiveBackNumbers)
	}
	return nil
}

// OpenGiveBack verifies that a sealed answer is the central's to this very request.
func OpenGiveBack(pub ed25519.PublicKey, s ledger.Sealed, device sei.DeviceID, request GiveBackRequest) (GiveBackAnswer, error) {
	var a GiveBackAnswer
	if err := s.Verify(pub, ledger.TypeGiveBack); err != nil {
		return a, fmt.Errorf("answer to a give-back: %w", err)
	}
	if err := json.Unmarshal(s.Payload, &a); err != nil {
		return a, fmt.Errorf("answer to a give-back: %w", err)
	}
	switch {
	case a.Form != 1:
		return a, fmt.Errorf("answer to a give-back has the unknown form %d", a.Form)
	case a.Recovery != request.Recovery || a.Device != device || string(a.Nonce) != string(request.Nonce):
		return a, errors.New("the answer is to another give-back")
	case len(a.Results) != len(request.Acts):
		return a, fmt.Errorf("the answer is about %d acts and %d were given", len(a.Results), len(request.Acts))
	}
	return a, nil
}

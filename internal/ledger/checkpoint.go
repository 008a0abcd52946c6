package ledger

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Checkpoint is the signed head of the whole log.
type Checkpoint struct {
	Form int       `json:"form"` // of this structure, 1
	Size int64     `json:"size"` // headers covered
	Root Hash      `json:"root"`
	At   time.Time `json:"at"` // UTC
}

// SealCheckpoint signs c.
func SealCheckpoint(key ed25519.PrivateKey, c Checkpoint) (Sealed, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return Sealed{}, fmt.Errorf("encoding checkpoint: %w", err)
	}
	return Seal(key, TypeCheckpoint, data), nil
}

// OpenCheckpoint verifies a checkpoint and returns it.
func OpenCheckpoint(pub ed25519.PublicKey, s Sealed) (Checkpoint, error) {
	if err := s.Verify(pub, TypeCheckpoint); err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	var c Checkpoint
	if err := json.Unmarshal(s.Payload, &c); err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	if c.Form != 1 || c.Size < 0 || c.Size > MaxLogSize {
		return Checkpoint{}, fmt.Errorf("checkpoint of form %d covers %d headers", c.Form, c.Size)
	}
	return c, nil
}

// ReceiptProof is a receipt with the place of its events in the signed log.
// Whoever has it and the central's public key needs nobody else to verify it.
type ReceiptProof struct {
	Receipt Sealed `json:"receipt"`
	// Checkpoint is absent while the log's next checkpoint has not been signed,
	// and where the receipt cites no events.
	Checkpoint *Sealed `json:"checkpoint,omitempty"`
	// Inclusion proves the receipt's events, in the receipt's order.
	Inclusion []Inclusion `json:"inclusion,omitempty"`
}

// Open verifies the proof under the central's key. The checkpoint is nil when
// the proof has none: then the receipt alone was verified.
func (p ReceiptProof) Open(pub ed25519.PublicKey) (Receipt, *Checkpoint, error) {
	return p.OpenUnder(pub, pub)
}

// OpenUnder is Open for a central that has changed its key between the receipt,
// sealed under the first, and the checkpoint.
func (p ReceiptProof) OpenUnder(pub, later ed25519.PublicKey) (Receipt, *Checkpoint, error) {
	if err := p.Receipt.Verify(pub, TypeReceipt); err != nil {
		return Receipt{}, nil, fmt.Errorf("receipt: %w", err)
	}
	var r Receipt
	if err := json.Unmarshal(p.Receipt.Payload, &r); err != nil {
		return Receipt{}, nil, fmt.Errorf("receipt: %w", err)
	}
	if p.Checkpoint == nil {
		if len(p.Inclusion) > 0 {
			return Receipt{}, nil, errors.New("places in the log without a checkpoint prove nothing")
		}
		return r, nil, nil
	}
	c, err := OpenCheckpoint(later, *p.Checkpoint)
	if err != nil {
		return Receipt{}, nil, err
	}
	if len(p.Inclusion) != len(r.Events) {
		return Receipt{}, nil, fmt.Errorf("the receipt cites %d events and the proof has %d", len(r.Events), len(p.Inclusion))
	}
	for i, e := range r.Events {
		if err := CheckInclusion(c, e.Hash, p.Inclusion[i]); err != nil {
			return Receipt{}, nil, fmt.Errorf("%s version %d: %w", e.Stream, e.Version, err)
		}
	}
	return r, &c, nil
}

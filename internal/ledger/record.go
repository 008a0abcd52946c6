package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
)

// MaxPayload limits one event's payload, in bytes.
const MaxPayload = 1 << 20

// Record is one event whole, as the log holds it: whoever keeps it can give it
// back verbatim to a central that has lost it.
type Record struct {
	Seq     int64  `json:"seq"` // place in the log, from 1
	Header  Header `json:"header"`
	Salt    []byte `json:"salt"`
	Payload []byte `json:"payload"` // its exact bytes: the digest is over them, so no JSON library may write them anew
}

// Check says whether the record is whole and the payload its header's own.
func (r Record) Check() error {
	if r.Seq < 1 || r.Seq > MaxLogSize {
		return fmt.Errorf("a record cannot stand at place %d", r.Seq)
	}
	if len(r.Payload) > MaxPayload {
		return fmt.Errorf("a payload of %d bytes is over the limit of %d", len(r.Payload), MaxPayload)
	}
	if err := r.Header.Check(); err != nil {
		return err
	}
	return CheckPayload(r.Header, r.Salt, r.Payload)
}

// MatchRecords says whether records are the very events that a receipt cites, in
// the receipt's order, and follow each other where they share a stream.
func MatchRecords(r Receipt, records []Record) error {
	if len(records) != len(r.Events) {
		return fmt.Errorf("the receipt of %s cites %d events and %d came", r.Command, len(r.Events), len(records))
	}
	for i, e := range r.Events {
		h := records[i].Header
		switch {
		case h.Stream != e.Stream || h.Version != e.Version || h.Hash() != e.Hash:
			return fmt.Errorf("the receipt of %s cites %s version %d, and another event came", r.Command, e.Stream, e.Version)
		case e.Seq != 0 && e.Seq != records[i].Seq:
			return fmt.Errorf("the receipt of %s puts an event at place %d of the log, not %d", r.Command, e.Seq, records[i].Seq)
		case h.Command != r.Command:
			return fmt.Errorf("an event of %s was caused by another command", r.Command)
		}
		if err := records[i].Check(); err != nil {
			return err
		}
	}
	return nil
}

// OpenAnswer verifies a receipt whatever command it answers. The caller compares
// it with the command's bytes, where there are any.
func OpenAnswer(keys func(id string) ([]byte, bool), s Sealed) (Receipt, error) {
	pub, known := keys(s.Key)
	if !known {
		return Receipt{}, fmt.Errorf("receipt is signed by key %.64s, which is not the central's", s.Key)
	}
	if err := s.Verify(pub, TypeReceipt); err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	var r Receipt
	if err := json.Unmarshal(s.Payload, &r); err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	if r.Form < 1 || r.Form > ReceiptForm || r.Command == "" {
		return Receipt{}, fmt.Errorf("receipt of the unknown form %d", r.Form)
	}
	if !r.Accepted && r.Code == "" {
		return Receipt{}, errors.New("a refusal needs a code")
	}
	return r, nil
}

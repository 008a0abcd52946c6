package central

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Checkpoint is the log's latest signed head and, with from, the proof that an
// older head of that size is its beginning. Headers hold no personal data, so
// anybody may ask. Of a larger head than the latest nothing is proven: the desk
// that has one finds the reason in the recovery, or there is none.
func (s *Service) Checkpoint(ctx context.Context, from int64) (wire.CheckpointResponse, error) {
	var resp wire.CheckpointResponse
	err := s.store.viewing(ctx, func(r reader) error {
		head, err := latestCheckpoint(r)
		if errors.Is(err, errNoCheckpoint) {
			return sei.Wrap(err, sei.CodeNotFound, "A central ainda não assinou nenhum ponto do registro. Tente de novo em alguns segundos.")
		}
		if err != nil {
			return err
		}
		if from < 0 {
			return sei.Errorf(sei.CodeInvalid, "Não há prova a partir da posição pedida.")
		}
		resp.Checkpoint = head.sealed
		if resp.Backup, resp.Recovery, err = lastStatements(r); err != nil || from > head.size {
			return err
		}
		resp.Consistency, err = ledger.ProveConsistency(from, head.size, logNodes(r))
		return err
	})
	return resp, err
}

// ReceiptProof is the stored receipt of one of the user's own commands with the
// place of its events in the signed log.
func (s *Service) ReceiptProof(ctx context.Context, ses Session, id sei.CommandID) (ledger.ReceiptProof, error) {
	var proof ledger.ReceiptProof
	err := s.store.viewing(ctx, func(r reader) error {
		var user string
		var stored []byte
		err := r.row("SELECT user_id, receipt FROM commands WHERE id = ?", string(id)).Scan(&user, &stored)
		if found, err := noRows(err); err != nil {
			return fmt.Errorf("reading a receipt: %w", err)
		} else if !found || user != string(ses.User) {
			return sei.Errorf(sei.CodeNotFound, "A central não tem resposta a um comando seu com esta identificação.")
		}
		receipt, err := decodeReceipt(stored, &proof.Receipt)
		if err != nil || len(receipt.Events) == 0 {
			return err
		}
		places, err := placesOf(r, receipt.Events)
		if err != nil {
			return err
		}
		proof.Checkpoint, proof.Inclusion, err = provePlaces(r, places)
		return err
	})
	return proof, err
}

func decodeReceipt(stored []byte, sealed *ledger.Sealed) (ledger.Receipt, error) {
	var r ledger.Receipt
	if err := json.Unmarshal(stored, sealed); err != nil {
		return r, fmt.Errorf("decoding a stored receipt: %w", err)
	}
	if err := json.Unmarshal(sealed.Payload, &r); err != nil {
		return r, fmt.Errorf("decoding a stored receipt: %w", err)
	}
	return r, nil
}

func placesOf(r reader, events []ledger.Citation) ([]int64, error) {
	places := make([]int64, len(events))
	for i, e := range events {
		if err := r.row("SELECT seq FROM events WHERE stream = ? AND version = ?", e.Stream, e.Version).Scan(&places[i]); err != nil {
			return nil, fmt.Errorf("finding %s version %d in the log: %w", e.Stream, e.Version, err)
		}
	}
	return places, nil
}

// provePlaces proves all the places under the latest checkpoint, or gives
// nothing while one of them is not covered.
func provePlaces(r reader, places []int64) (*ledger.Sealed, []ledger.Inclusion, error) {
	head, err := latestCheckpoint(r)
	if errors.Is(err, errNoCheckpoint) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	proofs := make([]ledger.Inclusion, len(places))
	for i, seq := range places {
		if seq > head.size {
			return nil, nil, nil
		}
		if proofs[i], err = ledger.ProveInclusion(seq, head.size, logNodes(r)); err != nil {
			return nil, nil, err
		}
	}
	return &head.sealed, proofs, nil
}

// PublicRecord proves a signature's event to anybody: it is the log's entry
// Seq. The event's payload is not disclosed, and of documents that are not
// public the header is not either.
type PublicRecord struct {
	ledger.Inclusion
	Size       int64          `json:"size"` // headers that the checkpoint covers
	Hash       ledger.Hash    `json:"hash"` // of the header
	Header     *ledger.Header `json:"header,omitempty"`
	Checkpoint ledger.Sealed  `json:"checkpoint"`
}

// proveSignatures puts the place in the log beside each signature shown.
func proveSignatures(r reader, v *Verification) error {
	if v.document == nil {
		return nil
	}
	for i, sig := range v.document.Signatures {
		record, err := recordOf(r, sig.ID, v.Document != nil)
		if err != nil {
			return err
		}
		v.Signatures[i].Record = record
	}
	return nil
}

// recordOf proves the event of a signature, nil while no checkpoint covers it.
func recordOf(r reader, signature sei.CommandID, withHeader bool) (*PublicRecord, error) {
	var stored []byte
	err := r.row("SELECT receipt FROM commands WHERE id = ?", string(signature)).Scan(&stored)
	if found, err := noRows(err); err != nil || !found {
		return nil, err
	}
	var sealed ledger.Sealed
	receipt, err := decodeReceipt(stored, &sealed)
	if err != nil {
		return nil, err
	}
	for _, e := range receipt.Events {
		var seq int64
		var raw []byte
		if err := r.row("SELECT seq, header FROM events WHERE stream = ? AND version = ?", e.Stream, e.Version).Scan(&seq, &raw); err != nil {
			return nil, fmt.Errorf("reading the event of a signature: %w", err)
		}
		h, err := ledger.DecodeHeader(raw)
		if err != nil {
			return nil, err
		}
		if h.Kind != string(sei.EvDocumentSigned) {
			continue
		}
		checkpoint, proofs, err := provePlaces(r, []int64{seq})
		if err != nil || checkpoint == nil {
			return nil, err
		}
		record := &PublicRecord{Inclusion: proofs[0], Hash: e.Hash, Checkpoint: *checkpoint}
		if record.Size, err = sizeOf(*checkpoint); err == nil && withHeader {
			record.Header = &h
		}
		return record, err
	}
	return nil, nil
}

func sizeOf(checkpoint ledger.Sealed) (int64, error) {
	c, err := checkpointOf(checkpoint)
	return c.Size, err
}

// checkpointOf reads a checkpoint that was stored, and verified, before.
func checkpointOf(sealed ledger.Sealed) (ledger.Checkpoint, error) {
	var c ledger.Checkpoint
	if err := json.Unmarshal(sealed.Payload, &c); err != nil {
		return c, fmt.Errorf("decoding a stored checkpoint: %w", err)
	}
	return c, nil
}

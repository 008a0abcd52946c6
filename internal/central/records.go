package central

import (
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
)

// recordsOf reads the events that a receipt cites, whole. One whose payload was
// erased makes the answer go without: there is nothing to keep then.
func recordsOf(r reader, receipt ledger.Receipt) ([]ledger.Record, error) {
	records := make([]ledger.Record, 0, len(receipt.Events))
	for _, e := range receipt.Events {
		rec, whole, err := recordAt(r, e.Stream, e.Version)
		if err != nil || !whole {
			return nil, err
		}
		records = append(records, rec)
	}
	return records, nil
}

func recordAt(r reader, stream string, version int64) (rec ledger.Record, whole bool, err error) {
	var header, payload []byte
	err = r.row(`SELECT e.seq, e.header, p.salt, p.payload FROM events e LEFT JOIN event_payloads p ON p.seq = e.seq
		WHERE e.stream = ? AND e.version = ?`, stream, version).Scan(&rec.Seq, &header, &rec.Salt, &payload)
	if found, err := noRows(err); err != nil || !found {
		return rec, false, err
	}
	if rec.Header, err = ledger.DecodeHeader(header); err != nil {
		return rec, false, err
	}
	rec.Payload = payload
	return rec, rec.Salt != nil, nil
}

// keepIssued stores the receipt of what the central recorded by itself, so that
// whoever holds the event can prove it.
func (s *Service) keepIssued(w *writer, receipt ledger.Receipt) error {
	if len(receipt.Events) == 0 {
		return nil
	}
	receipt.Accepted = true
	sealed, err := ledger.SealReceipt(s.key, receipt)
	if err != nil {
		return err
	}
	data, err := encodeSealed(sealed)
	if err != nil {
		return err
	}
	return w.exec("INSERT INTO issued (command_id, receipt) VALUES (?, ?)", receipt.Command, data)
}

// writeRecord puts an event that was given back where it stood.
func writeRecord(w *writer, rec ledger.Record) error {
	h := rec.Header
	hash := h.Hash()
	err := w.exec("INSERT INTO streams (name, version, hash) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version, hash = excluded.hash",
		h.Stream, h.Version, hash[:])
	if err != nil {
		return err
	}
	err = w.exec("INSERT INTO events (seq, stream, version, header, hash, command_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		rec.Seq, h.Stream, h.Version, h.Encode(), hash[:], h.Command, micros(h.At))
	if err != nil {
		return err
	}
	return w.exec("INSERT INTO event_payloads (seq, salt, payload) VALUES (?, ?, ?)", rec.Seq, rec.Salt, rec.Payload)
}

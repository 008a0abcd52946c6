package central

import (
	"fmt"
	"io"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// appended is an event with its place in the ledger.
type appended struct {
	sei.Event
	header ledger.Header
	seq    int64
}

// appendEvents writes events to the end of a stream, each header chained to the
// one before, payloads apart.
func (s *Service) appendEvents(w *writer, stream string, events []sei.Event) ([]appended, error) {
	if len(events) == 0 {
		return nil, nil
	}
	version, last, err := openStream(w, stream)
	if err != nil {
		return nil, err
	}
	var seq int64
	if err := w.row("SELECT COALESCE(MAX(seq), 0) FROM events").Scan(&seq); err != nil {
		return nil, fmt.Errorf("reading the log's size: %w", err)
	}
	out := make([]appended, len(events))
	for i, e := range events {
		version++
		seq++
		h, err := s.appendEvent(w, stream, version, last, seq, e)
		if err != nil {
			return nil, fmt.Errorf("appending %s to %s: %w", e.Kind, stream, err)
		}
		last = h.Hash()
		out[i] = appended{Event: e, header: h, seq: seq}
	}
	return out, w.exec("UPDATE streams SET version = ?, hash = ? WHERE name = ?", version, last[:], stream)
}

// openStream is streamHead of a stream that is made if there is none.
func openStream(w *writer, stream string) (version int64, last ledger.Hash, err error) {
	if err := w.exec("INSERT INTO streams (name, version, hash) VALUES (?, 0, ?) ON CONFLICT (name) DO NOTHING", stream, last[:]); err != nil {
		return 0, last, err
	}
	return streamHead(w.reader, stream)
}

// streamHead is where a stream ends: zeros for one that does not exist.
func streamHead(r reader, stream string) (version int64, last ledger.Hash, err error) {
	var hash []byte
	err = r.row("SELECT version, hash FROM streams WHERE name = ?", stream).Scan(&version, &hash)
	if found, err := noRows(err); err != nil {
		return 0, last, fmt.Errorf("reading head of %s: %w", stream, err)
	} else if !found {
		return 0, last, nil
	}
	if copy(last[:], hash) != ledger.HashSize {
		return 0, last, fmt.Errorf("head of %s has a hash of %d bytes", stream, len(hash))
	}
	return version, last, nil
}

func (s *Service) appendEvent(w *writer, stream string, version int64, last ledger.Hash, seq int64, e sei.Event) (ledger.Header, error) {
	payload, err := sei.EncodePayload(e.Payload)
	if err != nil {
		return ledger.Header{}, err
	}
	salt := make([]byte, ledger.SaltSize)
	if _, err := io.ReadFull(s.cfg.Random, salt); err != nil {
		return ledger.Header{}, fmt.Errorf("reading a salt: %w", err)
	}
	h := ledger.Header{
		Stream: stream, Version: version, Prev: last, Kind: string(e.Kind), Command: string(e.Command),
		Unit: string(e.Unit), User: string(e.User), At: e.At, Digest: ledger.Digest(salt, payload),
	}
	if err := h.Check(); err != nil {
		return ledger.Header{}, err
	}
	hash := h.Hash()
	err = w.exec("INSERT INTO events (seq, stream, version, header, hash, command_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		seq, stream, version, h.Encode(), hash[:], string(e.Command), micros(e.At))
	if err != nil {
		return ledger.Header{}, err
	}
	return h, w.exec("INSERT INTO event_payloads (seq, salt, payload) VALUES (?, ?, ?)", seq, salt, payload)
}

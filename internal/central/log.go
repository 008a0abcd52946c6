package central

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
)

const (
	checkpointEvery = 2 * time.Second
	// checkpointBatch bounds how long one extension of the log holds up
	// acceptances, after an upgrade of an old central for instance.
	checkpointBatch = 1000
)

// checkpointing signs the log's head soon after it has grown, until ctx ends.
func (s *Service) checkpointing(ctx context.Context) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		if err := s.SignCheckpoint(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("checkpoint not signed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// SignCheckpoint signs the head of the whole log if headers came since the last
// one. It is safe at any time and from several processes.
func (s *Service) SignCheckpoint(ctx context.Context) error {
	for {
		grown := false
		err := s.store.viewing(ctx, func(r reader) error {
			covered, size, err := logSizes(r)
			if err != nil || size <= covered {
				return err
			}
			// A log with places that may yet come back must not be signed.
			open, err := openRecovery(r)
			grown = open == nil
			return err
		})
		if err != nil || !grown {
			return err
		}
		if err := s.commits.write(ctx, s.extendLog); err != nil {
			return fmt.Errorf("signing a checkpoint: %w", err)
		}
	}
}

// logSizes says how many headers the last checkpoint covers and how many there
// are.
func logSizes(r reader) (covered, size int64, err error) {
	err = r.row("SELECT (SELECT COALESCE(MAX(size), 0) FROM checkpoints), (SELECT COALESCE(MAX(seq), 0) FROM events)").Scan(&covered, &size)
	if err != nil {
		return 0, 0, fmt.Errorf("reading the log's size: %w", err)
	}
	return covered, size, nil
}

// extendLog takes the next headers into the tree and signs its new head.
func (s *Service) extendLog(w *writer) error {
	if open, err := openRecovery(w.reader); open != nil || err != nil {
		return err
	}
	covered, _, err := logSizes(w.reader)
	if err != nil {
		return err
	}
	head, err := ledger.ResumeLog(covered, logNodes(w.reader))
	if err != nil {
		return err
	}
	hashes, err := hashesAfter(w.reader, covered)
	if err != nil || len(hashes) == 0 {
		return err
	}
	for _, h := range hashes {
		err := head.Append(h, func(n ledger.Node, hash ledger.Hash) error {
			if n.Level == 0 {
				return nil
			}
			return w.exec("INSERT INTO log_nodes (level, position, hash) VALUES (?, ?, ?)", n.Level, n.Index, hash[:])
		})
		if err != nil {
			return err
		}
	}
	c := ledger.Checkpoint{Form: 1, Size: head.Size(), Root: head.Root(), At: s.now()}
	sealed, err := ledger.SealCheckpoint(s.key, c)
	if err != nil {
		return err
	}
	data, err := json.Marshal(sealed)
	if err != nil {
		return fmt.Errorf("encoding a sealed checkpoint: %w", err)
	}
	return w.exec("INSERT INTO checkpoints (size, sealed, at) VALUES (?, ?, ?)", c.Size, string(data), micros(c.At))
}

// hashesAfter reads the next headers' hashes; a place without a header stops
// everything, because the tree must never leave one out.
func hashesAfter(r reader, covered int64) ([]ledger.Hash, error) {
	var out []ledger.Hash
	err := r.each("SELECT seq, hash FROM events WHERE seq > ? ORDER BY seq LIMIT ?", []any{covered, checkpointBatch},
		func(scan func(...any) error) error {
			var seq int64
			var raw []byte
			if err := scan(&seq, &raw); err != nil {
				return err
			}
			if seq != covered+int64(len(out))+1 {
				return fmt.Errorf("the log has no header at place %d", covered+int64(len(out))+1)
			}
			h, err := asHash(raw)
			out = append(out, h)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	return out, nil
}

func asHash(raw []byte) (ledger.Hash, error) {
	if len(raw) != ledger.HashSize {
		return ledger.Hash{}, fmt.Errorf("a stored hash has %d bytes", len(raw))
	}
	return ledger.Hash(raw), nil
}

// logNodes looks up whole subtrees of the log in the reader's snapshot.
func logNodes(r reader) ledger.Nodes {
	return func(n ledger.Node) (ledger.Hash, error) {
		var raw []byte
		var err error
		if n.Level == 0 {
			err = r.row("SELECT hash FROM events WHERE seq = ?", n.Index+1).Scan(&raw)
		} else {
			err = r.row("SELECT hash FROM log_nodes WHERE level = ? AND position = ?", n.Level, n.Index).Scan(&raw)
		}
		if err != nil {
			return ledger.Hash{}, fmt.Errorf("reading node %d of level %d: %w", n.Index, n.Level, err)
		}
		h, err := asHash(raw)
		if err == nil && n.Level == 0 {
			h = ledger.LeafHash(h)
		}
		return h, err
	}
}

// signedHead is a stored checkpoint.
type signedHead struct {
	size   int64
	sealed ledger.Sealed
}

// errNoCheckpoint: nothing was signed yet.
var errNoCheckpoint = errors.New("no checkpoint yet")

// latestCheckpoint gives errNoCheckpoint in a log that was never signed.
func latestCheckpoint(r reader) (signedHead, error) {
	var h signedHead
	var data []byte
	err := r.row("SELECT size, sealed FROM checkpoints ORDER BY size DESC LIMIT 1").Scan(&h.size, &data)
	if found, err := noRows(err); err != nil {
		return h, fmt.Errorf("reading the last checkpoint: %w", err)
	} else if !found {
		return h, errNoCheckpoint
	}
	if err := json.Unmarshal(data, &h.sealed); err != nil {
		return h, fmt.Errorf("decoding a stored checkpoint: %w", err)
	}
	return h, nil
}

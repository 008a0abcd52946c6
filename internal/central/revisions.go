package central

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// storeRevision keeps a minute's text outside the ledger and gives it to the
// generating unit's bucket alone.
func (s *Service) storeRevision(w *writer, p *sei.Process, actor sei.Actor, cmd *prepared, rev sei.Revision, at time.Time) error {
	data, err := json.Marshal(rev)
	if err != nil {
		return fmt.Errorf("encoding revision: %w", err)
	}
	touched := []sei.RevisionID{rev.ID}
	if !rev.Side {
		old, err := demoteHead(w, rev.Document)
		if err != nil {
			return err
		}
		touched = append(touched, old...)
	}
	err = w.exec(`INSERT INTO revisions (id, document_id, process_id, seq, head, merged, author_id, author_name, at, hash, revision)
		VALUES (?, ?, ?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM revisions WHERE document_id = ?), ?, ?, ?, ?, ?, ?, ?)`,
		string(rev.ID), string(rev.Document), string(p.ID), string(rev.Document), !rev.Side, false,
		string(actor.User), actor.Name, micros(at), string(rev.Hash), string(data))
	if err != nil {
		return err
	}
	merged, err := markMerged(w, rev)
	if err != nil {
		return err
	}
	if err := storeImages(w, rev.Document, cmd.text); err != nil {
		return err
	}
	unit := p.Documents[rev.Document].GeneratingUnit
	_, err = changeBucket(w, wire.UnitBucket(unit), func(b *bucket) error {
		for _, id := range append(touched, merged...) {
			if err := b.put(minuteKey(rev.Document, id), nil); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func demoteHead(w *writer, doc sei.DocumentID) ([]sei.RevisionID, error) {
	var id string
	err := w.row("SELECT id FROM revisions WHERE document_id = ? AND head", string(doc)).Scan(&id)
	if found, err := noRows(err); !found || err != nil {
		return nil, err
	}
	return []sei.RevisionID{sei.RevisionID(id)}, w.exec("UPDATE revisions SET head = ? WHERE id = ?", false, id)
}

// markMerged says of side revisions that their words were taken up. Only those
// of the same document count, and never the head.
func markMerged(w *writer, rev sei.Revision) ([]sei.RevisionID, error) {
	if rev.Side {
		return nil, nil
	}
	var merged []sei.RevisionID
	for _, id := range rev.Merges {
		n, err := w.execCount("UPDATE revisions SET merged = ? WHERE id = ? AND document_id = ? AND NOT head AND NOT merged", true, string(id), string(rev.Document))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			merged = append(merged, id)
		}
	}
	return merged, nil
}

func storeImages(w *writer, doc sei.DocumentID, text *textFact) error {
	if text == nil {
		return nil
	}
	for _, sha := range text.images {
		if err := w.exec("INSERT INTO revision_blobs (document_id, sha256) VALUES (?, ?) ON CONFLICT (document_id, sha256) DO NOTHING", string(doc), string(sha)); err != nil {
			return err
		}
	}
	return nil
}

func minuteKey(doc sei.DocumentID, rev sei.RevisionID) string {
	return "minute/" + string(doc) + "/" + string(rev)
}

// minuteRow is the body of a minute's row.
func minuteRow(r reader, id sei.RevisionID) (*wire.MinuteRow, error) {
	var row wire.MinuteRow
	var process, author string
	var revision []byte
	var at int64
	err := r.row("SELECT process_id, seq, head, merged, author_id, author_name, at, revision FROM revisions WHERE id = ?", string(id)).
		Scan(&process, &row.Seq, &row.Head, &row.Merged, &author, &row.Name, &at, &revision)
	if err != nil {
		return nil, fmt.Errorf("reading revision %s: %w", id, err)
	}
	if row.Revision, err = decodeRevision(revision); err != nil {
		return nil, fmt.Errorf("revision %s: %w", id, err)
	}
	row.Process, row.Author, row.At = sei.ProcessID(process), sei.UserID(author), fromMicros(at)
	return &row, nil
}

func decodeRevision(data []byte) (sei.Revision, error) {
	var rev sei.Revision
	if err := json.Unmarshal(data, &rev); err != nil {
		return rev, fmt.Errorf("decoding a revision: %w", err)
	}
	return rev, nil
}

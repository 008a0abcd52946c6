package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// put keeps the derived tables in step with a row. A body that does not decode
// stays as a row and derives nothing: a later release may understand it, and
// one bad row must not stop the sync.
func (a *applied) put(ctx context.Context, tx *sql.Tx, r wire.Row) error {
	prefix, rest, _ := strings.Cut(r.Key, "/")
	switch a.kind + " " + prefix {
	case "catalogue " + prefix, "unit member":
		a.catalogue = true
	case "unit process":
		return a.putInbox(ctx, tx, r, rest)
	case "unit minute":
		return a.putMinute(ctx, tx, r, rest)
	case "unit editing":
		var e wire.EditingRow
		if json.Unmarshal(r.Body, &e) == nil {
			a.processes[e.Process] = true
		}
	case "process state":
		a.title(sei.ProcessID(a.id))
	case "process document":
		return a.putDocument(ctx, tx, r, rest)
	case "process event":
		return a.putEvent(ctx, tx, r, rest)
	}
	return nil
}

// drop takes back what put derived.
func (a *applied) drop(ctx context.Context, tx *sql.Tx, key string) error {
	prefix, rest, _ := strings.Cut(key, "/")
	switch a.kind + " " + prefix {
	case "catalogue " + prefix, "unit member":
		a.catalogue = true
	case "unit process":
		id := sei.ProcessID(rest)
		a.title(id)
		a.gone = append(a.gone, id)
		return exec(ctx, tx, `DELETE FROM inbox WHERE unit = ? AND process = ?`, a.id, rest)
	case "unit minute":
		doc, rev, _ := strings.Cut(rest, "/")
		a.documents[sei.DocumentID(doc)] = true
		if err := unlinkPictures(ctx, tx, `unit = ? AND document = ? AND revision = ?`, a.id, doc, rev); err != nil {
			return err
		}
		return exec(ctx, tx, `DELETE FROM minutes WHERE unit = ? AND document = ? AND revision = ?`, a.id, doc, rev)
	case "process state":
		a.title(sei.ProcessID(a.id))
	case "process document":
		a.documents[sei.DocumentID(rest)] = true
		if err := unlinkFiles(ctx, tx, `process = ? AND document = ?`, a.id, rest); err != nil {
			return err
		}
		return exec(ctx, tx, `DELETE FROM documents WHERE id = ? AND process = ?`, rest, a.id)
	case "process event":
		return exec(ctx, tx, `DELETE FROM events WHERE process = ? AND version = ?`, a.id, rest)
	}
	return nil
}

// title marks a process whose list entry or state changed.
func (a *applied) title(id sei.ProcessID) { a.processes[id], a.titles[id] = true, true }

func (a *applied) putInbox(ctx context.Context, tx *sql.Tx, r wire.Row, process string) error {
	var l wire.InboxLine
	if json.Unmarshal(r.Body, &l) != nil || string(l.Process) != process {
		return a.drop(ctx, tx, r.Key)
	}
	a.title(l.Process)
	if err := a.noteArrival(ctx, tx, l.Process); err != nil {
		return err
	}
	words := append([]string{l.Number, protocol.Normalize(l.Number), l.Specification}, l.Interested...)
	return exec(ctx, tx, `INSERT INTO inbox
		(unit, process, bucket_version, number, type, specification, level, open, received, generated, assigned, since, last_event, folded)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (unit, process) DO UPDATE SET bucket_version = excluded.bucket_version, number = excluded.number,
			type = excluded.type, specification = excluded.specification, level = excluded.level, open = excluded.open,
			received = excluded.received, generated = excluded.generated, assigned = excluded.assigned,
			since = excluded.since, last_event = excluded.last_event, folded = excluded.folded`,
		a.id, process, l.BucketVersion, l.Number, l.Type, l.Specification, int(l.Level), l.Open, l.Received, l.Generated,
		string(l.AssignedTo), stamp(l.Since), stamp(l.LastEventAt), fold(strings.Join(words, " ")))
}

// noteArrival notes a process that none of the user's units listed before: what
// is here of it was read by a stranger to it, who sees less of each row.
func (a *applied) noteArrival(ctx context.Context, tx *sql.Tx, id sei.ProcessID) error {
	var listed bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM inbox WHERE process = ?)`, string(id)).Scan(&listed)
	if err == nil && !listed {
		a.came = append(a.came, id)
	}
	return err
}

func (a *applied) putMinute(ctx context.Context, tx *sql.Tx, r wire.Row, id string) error {
	var m wire.MinuteRow
	if json.Unmarshal(r.Body, &m) != nil || string(m.Document)+"/"+string(m.ID) != id {
		return a.drop(ctx, tx, r.Key)
	}
	a.arrived = true
	a.documents[m.Document] = true
	a.processes[m.Process] = true
	err := exec(ctx, tx, `INSERT INTO minutes (unit, document, revision, process, seq, head) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (unit, document, revision) DO UPDATE SET process = excluded.process, seq = excluded.seq, head = excluded.head`,
		a.id, string(m.Document), string(m.ID), string(m.Process), m.Seq, m.Head)
	if err != nil {
		return err
	}
	// A revision's text never changes, and its pictures with it.
	for _, b := range m.Images {
		err := exec(ctx, tx, `INSERT INTO pictures (unit, document, revision, sha, process, size, mime, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, a.id, string(m.Document), string(m.ID), string(b.SHA256), string(m.Process), b.Size, b.MIME, b.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *applied) putDocument(ctx context.Context, tx *sql.Tx, r wire.Row, id string) error {
	var d sei.Document
	if json.Unmarshal(r.Body, &d) != nil || string(d.ID) != id {
		return a.drop(ctx, tx, r.Key)
	}
	a.documents[d.ID] = true
	a.processes[sei.ProcessID(a.id)] = true
	err := exec(ctx, tx, `INSERT INTO documents (id, process) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET process = excluded.process`, id, a.id)
	if err != nil {
		return err
	}
	if err := unlinkFiles(ctx, tx, `process = ? AND document = ?`, a.id, id); err != nil {
		return err
	}
	if d.Cancelled {
		return nil // its content is nobody's to read any more
	}
	for _, b := range d.Blobs() {
		err := exec(ctx, tx, `INSERT INTO cited (sha, process, document, size, mime, name) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			string(b.SHA256), a.id, id, b.Size, b.MIME, b.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *applied) putEvent(ctx context.Context, tx *sql.Tx, r wire.Row, version string) error {
	var e wire.EventRow
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || json.Unmarshal(r.Body, &e) != nil || e.Header.Version != n {
		return a.drop(ctx, tx, r.Key)
	}
	a.arrived = true
	a.processes[sei.ProcessID(a.id)] = true
	issued := int64(0)
	if e.Receipt != nil && e.Payload != nil {
		issued = stamp(e.Header.At)
	}
	return exec(ctx, tx, `INSERT INTO events (process, version, command, issued) VALUES (?, ?, ?, ?)
		ON CONFLICT (process, version) DO UPDATE SET command = excluded.command, issued = excluded.issued`, a.id, n, e.Header.Command, issued)
}

// derive does at the end of a page what needs more than one row.
func (s *Store) derive(ctx context.Context, tx *sql.Tx, a *applied) error {
	// What left the index may have been taken from this user: ask the central. It
	// may also be that less of each row may be read from now on, so all are asked for.
	for _, id := range a.gone {
		err := exec(ctx, tx, `UPDATE buckets SET wanted = 1, cursor = 0 WHERE bucket = ?
			AND NOT EXISTS (SELECT 1 FROM inbox WHERE process = ?)`, string(wire.ProcessBucket(id)), string(id))
		if err != nil {
			return err
		}
	}
	for _, id := range a.came {
		if err := exec(ctx, tx, `UPDATE buckets SET cursor = 0 WHERE bucket = ?`, string(wire.ProcessBucket(id))); err != nil {
			return err
		}
	}
	if err := s.reindex(ctx, tx, a); err != nil {
		return err
	}
	if !a.arrived {
		return nil
	}
	return markArrived(ctx, tx)
}

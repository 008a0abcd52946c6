package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	findProcess  = "process"
	findDocument = "document"
	maxIndexed   = 2 << 20 // bytes of one document's text
)

// findable is one entry of the index as it stands sealed beside it.
type findable struct {
	kind, ref string
	process   sei.ProcessID
	head      foundHead
	numbers   []string
	body      string
}

// foundHead is what a hit shows above its snippet.
type foundHead struct {
	Title  string `json:"title"`
	Number string `json:"number,omitempty"`
}

// reindex brings the index in step with what a page changed.
func (s *Store) reindex(ctx context.Context, tx *sql.Tx, a *applied) error {
	names := s.names(ctx)
	lines := lineCache{}
	for id := range a.titles {
		if err := s.indexProcess(ctx, tx, id, names); err != nil {
			return fmt.Errorf("indexing process %s: %w", id, err)
		}
	}
	for id := range a.documents {
		if err := s.indexDocument(ctx, tx, id, names, lines); err != nil {
			return fmt.Errorf("indexing document %s: %w", id, err)
		}
	}
	return nil
}

// names gives the catalogue for titles. It is read outside the transaction; a
// type that came in this very page is named when its document changes next.
func (s *Store) names(ctx context.Context) *Catalogue {
	c, err := s.Catalogue(ctx)
	if err != nil {
		return newCatalogue(0)
	}
	return c
}

// indexProcess enters a process by its state or, before that came, by its line
// in a unit's list. What is Sealed leaves the index with all its documents.
func (s *Store) indexProcess(ctx context.Context, tx *sql.Tx, id sei.ProcessID, names *Catalogue) error {
	l, found, err := processLine(ctx, tx, id)
	if err != nil {
		return err
	}
	if !found || l.Level == sei.Sealed {
		where := `process = ?`
		if !found {
			where += ` AND kind = 'process'`
		}
		return forgetFindable(ctx, tx, where, string(id))
	}
	t, _ := names.ProcessType(l.Type)
	return s.enter(ctx, tx, findable{
		kind: findProcess, ref: string(id), process: id,
		head:    foundHead{Title: joinWords(t.Name, l.Specification), Number: l.Number},
		numbers: append([]string{l.Number}, l.former...),
		body:    strings.Join(l.Interested, "; "),
	})
}

// indexLine is what the index takes from a process.
type indexLine struct {
	wire.InboxLine
	former []string
}

func processLine(ctx context.Context, q queryer, id sei.ProcessID) (indexLine, bool, error) {
	p, err := readState(ctx, q, id)
	if err != nil && sei.CodeOf(err) != CodeDamaged { // a state that does not decode must not stop the sync
		return indexLine{}, false, err
	}
	var l indexLine
	if p != nil {
		l.Number, l.Type, l.Specification, l.Level, l.former = p.Number, p.Type, p.Specification, p.GlobalLevel(), p.FormerNumbers
		for _, c := range p.Interested {
			l.Interested = append(l.Interested, joinWords(c.Name, c.SocialName))
		}
		return l, true, nil
	}
	var body []byte
	err = q.QueryRowContext(ctx, `SELECT s.body FROM inbox i JOIN synced s ON s.bucket = 'unit/' || i.unit
		AND s.key = 'process/' || i.process WHERE i.process = ? LIMIT 1`, string(id)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return l, false, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &l.InboxLine)
	}
	return l, err == nil, err
}

// lineCache keeps the lines of processes while documents of theirs are indexed
// one after the other.
type lineCache map[sei.ProcessID]cachedLine

type cachedLine struct {
	line  indexLine
	found bool
}

func (c lineCache) of(ctx context.Context, q queryer, id sei.ProcessID) (indexLine, bool, error) {
	if known, ok := c[id]; ok {
		return known.line, known.found, nil
	}
	l, found, err := processLine(ctx, q, id)
	if err == nil {
		c[id] = cachedLine{l, found}
	}
	return l, found, err
}

// indexDocument enters a document with the text of its current minute, or the
// text extracted from its file.
func (s *Store) indexDocument(ctx context.Context, tx *sql.Tx, id sei.DocumentID, names *Catalogue, lines lineCache) error {
	d, err := readDocument(ctx, tx, id)
	if err != nil && sei.CodeOf(err) != CodeDamaged {
		return err
	}
	m, hasMinute, err := s.headMinute(ctx, tx, id)
	if err != nil {
		return err
	}
	if d == nil && !hasMinute {
		return forgetFindable(ctx, tx, `kind = 'document' AND ref = ?`, string(id))
	}
	f := findable{kind: findDocument, ref: string(id), process: m.Process}
	level := sei.Public
	if d != nil {
		t, _ := names.DocumentType(d.Type)
		f.process, level = d.Process, d.LocalLevel
		f.head = foundHead{Title: joinWords(t.Name, d.Number, d.TreeName, d.Description)}
		f.numbers = []string{d.Number}
		if d.SEINumber > 0 {
			f.head.Number = protocol.FormatSEINumber(d.SEINumber)
			f.numbers = append(f.numbers, f.head.Number, strconv.FormatInt(d.SEINumber, 10))
		}
	}
	l, found, err := lines.of(ctx, tx, f.process)
	if err != nil {
		return err
	}
	if level == sei.Sealed || found && l.Level == sei.Sealed || d != nil && d.Cancelled {
		return forgetFindable(ctx, tx, `kind = 'document' AND ref = ?`, string(id))
	}
	if hasMinute {
		f.body = minuteText(m.Text)
	} else if f.body, err = s.indexedText(ctx, tx, id); err != nil {
		return err
	}
	return s.enter(ctx, tx, f)
}

// minuteText is the plain text of a minute; a tree of a later schema has none.
func minuteText(text json.RawMessage) string {
	doc, err := richtext.Parse(text)
	if err != nil {
		return ""
	}
	return doc.PlainText()
}

func readDocument(ctx context.Context, q queryer, id sei.DocumentID) (*sei.Document, error) {
	var body []byte
	err := q.QueryRowContext(ctx, `SELECT s.body FROM documents d JOIN synced s ON s.bucket = 'process/' || d.process
		AND s.key = 'document/' || d.id WHERE d.id = ?`, string(id)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d sei.Document
	if err := json.Unmarshal(body, &d); err != nil {
		return nil, damaged(fmt.Errorf("decoding document %s: %w", id, err))
	}
	return &d, nil
}

// IndexText makes a synced document's extracted text searchable; text over
// 2 MiB is cut. A document that is not here, or is Sealed or cancelled, is left
// out in silence.
func (s *Store) IndexText(ctx context.Context, doc sei.DocumentID, text string) error {
	names := s.names(ctx)
	return s.write(ctx, "indexing the text of "+string(doc), func(tx *sql.Tx) error {
		if err := s.indexDocument(ctx, tx, doc, names, lineCache{}); err != nil {
			return err
		}
		f, found, err := s.readFindable(ctx, tx, findDocument, string(doc))
		if err != nil || !found {
			return err
		}
		if _, hasMinute, err := s.headMinute(ctx, tx, doc); err != nil || hasMinute {
			return err
		}
		f.body = strings.ToValidUTF8(cut(text, maxIndexed), " ")
		if f.body == "" {
			f.body = " " // it was looked at, and has none
		}
		return s.enter(ctx, tx, f)
	})
}

// Unindexed is a document whose file is here and whose text is not searchable yet.
type Unindexed struct {
	Document sei.DocumentID
	Blob     sei.BlobRef
}

// Unindexed lists some of them, for the extraction of their texts.
func (s *Store) Unindexed(ctx context.Context, limit int) ([]Unindexed, error) {
	var out []Unindexed
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var u Unindexed
		var doc, sha string
		if err := scan(&doc, &sha, &u.Blob.Size, &u.Blob.MIME, &u.Blob.Name); err != nil {
			return err
		}
		u.Document, u.Blob.SHA256 = sei.DocumentID(doc), sei.SHA256(sha)
		out = append(out, u)
		return nil
	}, `SELECT c.document, c.sha, c.size, c.mime, c.name FROM findable f
			JOIN cited c ON c.process = f.process AND c.document = f.ref JOIN blobs b ON b.sha = c.sha
		WHERE f.kind = 'document' AND f.body IS NULL GROUP BY c.document ORDER BY c.document LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("listing texts to extract: %w", err)
	}
	return out, nil
}

func (s *Store) clearText(ctx context.Context, tx *sql.Tx, doc sei.DocumentID) error {
	f, found, err := s.readFindable(ctx, tx, findDocument, string(doc))
	if err != nil || !found {
		return err
	}
	f.body = ""
	return s.enter(ctx, tx, f)
}

func (s *Store) indexedText(ctx context.Context, q queryer, doc sei.DocumentID) (string, error) {
	f, _, err := s.readFindable(ctx, q, findDocument, string(doc))
	if sei.CodeOf(err) == CodeDamaged {
		return "", nil // it is extracted again
	}
	return f.body, err
}

func (s *Store) readFindable(ctx context.Context, q queryer, kind, ref string) (findable, bool, error) {
	f := findable{kind: kind, ref: ref}
	var process, numbers string
	var title, body []byte
	err := q.QueryRowContext(ctx, `SELECT process, title, numbers, body FROM findable WHERE kind = ? AND ref = ?`, kind, ref).
		Scan(&process, &title, &numbers, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	f.process, f.numbers = sei.ProcessID(process), []string{numbers}
	if err := s.unsealJSON(place("findable", "title", kind, ref), title, &f.head); err != nil {
		return f, false, err
	}
	f.body, err = s.openBody(kind, ref, body)
	return f, err == nil, err
}

func (s *Store) openBody(kind, ref string, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := s.unseal(place("findable", "body", kind, ref), sealed)
	return string(plain), err
}

// enter puts an entry into the index, unless it stands there already as it is.
func (s *Store) enter(ctx context.Context, tx *sql.Tx, f findable) error {
	numbers := numberWords(f.numbers)
	f.body = cut(f.body, maxIndexed)
	old, found, err := s.readFindable(ctx, tx, f.kind, f.ref)
	if err != nil && sei.CodeOf(err) != CodeDamaged { // a damaged entry is made anew
		return err
	}
	if found && old.process == f.process && old.head == f.head && old.body == f.body && old.numbers[0] == numbers {
		return nil
	}
	title, err := s.sealJSON(place("findable", "title", f.kind, f.ref), f.head)
	if err != nil {
		return err
	}
	var body []byte
	if f.body != "" {
		if body, err = s.seal(place("findable", "body", f.kind, f.ref), []byte(f.body)); err != nil {
			return err
		}
	}
	var row int64
	err = tx.QueryRowContext(ctx, `INSERT INTO findable (kind, ref, process, title, numbers, body) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (kind, ref) DO UPDATE SET process = excluded.process, title = excluded.title,
			numbers = excluded.numbers, body = excluded.body
		RETURNING id`, f.kind, f.ref, string(f.process), title, numbers, body).Scan(&row)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `INSERT OR REPLACE INTO search (rowid, title, numbers, body) VALUES (?, ?, ?, ?)`,
		row, f.head.Title, numbers, f.body)
}

// numberWords writes numbers so that they are found with and without their
// punctuation: as typed (the tokeniser splits it) and as bare digits.
func numberWords(numbers []string) string {
	var words []string
	for _, n := range numbers {
		if n = strings.TrimSpace(n); n == "" {
			continue
		}
		words = append(words, n)
		if bare := protocol.Normalize(n); bare != "" && bare != n {
			words = append(words, bare)
		}
	}
	return strings.Join(words, " ")
}

func forgetFindable(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	if err := exec(ctx, tx, `DELETE FROM search WHERE rowid IN (SELECT id FROM findable WHERE `+where+`)`, args...); err != nil {
		return err
	}
	return exec(ctx, tx, `DELETE FROM findable WHERE `+where, args...)
}

func joinWords(words ...string) string {
	var kept []string
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// compactSearch rewrites the index without the words of what was erased, in
// small steps, and then the log that still holds the old pages.
func (s *Store) compactSearch(ctx context.Context) error {
	due := false
	if found, err := fact(ctx, s.r, factCompact, &due); err != nil || !found {
		return err
	}
	const pages, steps = 500, 10_000
	for step := range steps {
		n := pages
		if step == 0 {
			n = -pages // a negative number begins a merge of everything
		}
		done := false
		err := s.write(ctx, "compacting the index", func(tx *sql.Tx) error {
			var before, after int64
			if err := tx.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&before); err != nil {
				return err
			}
			if err := exec(ctx, tx, `INSERT INTO search (search, rank) VALUES ('merge', ?)`, n); err != nil {
				return err
			}
			if err := tx.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&after); err != nil {
				return err
			}
			if done = after-before < 2; done {
				return exec(ctx, tx, `DELETE FROM facts WHERE name = ?`, factCompact)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	var busy, frames, moved int
	if err := s.w.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("truncating the log: %w", err)
	}
	return nil
}

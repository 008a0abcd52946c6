package local

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	keptTexts   = 100             // of each document
	textSpacing = 1 * time.Minute // between two kept by autosave
	maxMeta     = 256 << 10       // bytes
)

// Draft is what the editor holds and the central does not have: the text of a
// document that is in no process yet, or an unsaved change to a minute.
type Draft struct {
	Document sei.DocumentID
	Process  sei.ProcessID // "" while it is in none
	Unit     sei.UnitID
	Base     sei.RevisionID  // the revision that is being edited; "" for a new text
	Text     json.RawMessage // richtext
	Meta     json.RawMessage // whatever the window needs to show the form again
	Updated  time.Time
}

// draftBody is the sealed part.
type draftBody struct {
	Text json.RawMessage `json:"text,omitempty"`
	Meta json.RawMessage `json:"meta,omitempty"`
}

// KeptText is an earlier text of a document on this workstation.
type KeptText struct {
	ID     int64
	At     time.Time
	Origin string // "automático", "gravado", "enviado"
	Bytes  int
}

// SaveDraft keeps what the editor holds; killed in the middle, the store has
// the text before or this one. At most one a minute also joins the local texts.
// Over the limit of a minute it gives sei.CodeTooLarge.
func (s *Store) SaveDraft(ctx context.Context, d Draft) error {
	if d.Document == "" || len(d.Document) > maxKey {
		return sei.Errorf(sei.CodeInvalid, "O rascunho não tem identificação.")
	}
	if len(d.Text) > sei.MaxMinuteBytes || len(d.Meta) > maxMeta {
		return sei.Errorf(sei.CodeTooLarge, "O texto passa do limite de %d MB.", sei.MaxMinuteBytes>>20)
	}
	err := s.write(ctx, "saving a draft", func(tx *sql.Tx) error {
		body, err := s.sealJSON(place("drafts", string(d.Document)), draftBody{Text: d.Text, Meta: d.Meta})
		if err != nil {
			return err
		}
		err = exec(ctx, tx, `INSERT INTO drafts (document, process, unit, base, updated, body) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (document) DO UPDATE SET process = excluded.process, unit = excluded.unit, base = excluded.base,
				updated = excluded.updated, body = excluded.body`,
			string(d.Document), string(d.Process), string(d.Unit), string(d.Base), stamp(s.opts.Now()), body)
		if err != nil {
			return err
		}
		var last int64
		err = tx.QueryRowContext(ctx, `SELECT COALESCE(max(at), 0) FROM texts WHERE document = ?`, string(d.Document)).Scan(&last)
		if err != nil || len(d.Text) == 0 || s.opts.Now().Sub(moment(last)) < textSpacing {
			return err
		}
		return s.keepText(ctx, tx, d.Document, d.Text, "automático")
	})
	if err == nil {
		s.opts.Changed(Change{Drafts: true})
	}
	return err
}

// Draft gives what was saved last; the bool says whether there is one.
func (s *Store) Draft(ctx context.Context, doc sei.DocumentID) (Draft, bool, error) {
	all, err := s.drafts(ctx, `WHERE document = ?`, string(doc))
	if err != nil || len(all) == 0 {
		return Draft{}, false, err
	}
	return all[0], true, nil
}

// Drafts lists all, the last saved first.
func (s *Store) Drafts(ctx context.Context) ([]Draft, error) {
	return s.drafts(ctx, `ORDER BY updated DESC, document`)
}

func (s *Store) drafts(ctx context.Context, where string, args ...any) ([]Draft, error) {
	var out []Draft
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var d Draft
		var updated int64
		var sealed []byte
		if err := scan((*string)(&d.Document), (*string)(&d.Process), (*string)(&d.Unit), (*string)(&d.Base), &updated, &sealed); err != nil {
			return err
		}
		var body draftBody
		if err := s.unsealJSON(place("drafts", string(d.Document)), sealed, &body); err != nil {
			return err
		}
		d.Text, d.Meta, d.Updated = body.Text, body.Meta, moment(updated)
		out = append(out, d)
		return nil
	}, `SELECT document, process, unit, base, updated, body FROM drafts `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading drafts: %w", err)
	}
	return out, nil
}

// DropDraft removes a draft; its last text stays among the local texts.
func (s *Store) DropDraft(ctx context.Context, doc sei.DocumentID) error {
	err := s.write(ctx, "dropping a draft", func(tx *sql.Tx) error { return s.forgetDraft(ctx, tx, doc) })
	if err == nil {
		s.opts.Changed(Change{Drafts: true})
	}
	return err
}

func (s *Store) forgetDraft(ctx context.Context, tx *sql.Tx, doc sei.DocumentID) error {
	var sealed []byte
	err := tx.QueryRowContext(ctx, `SELECT body FROM drafts WHERE document = ?`, string(doc)).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	var body draftBody
	if err := s.unsealJSON(place("drafts", string(doc)), sealed, &body); err != nil {
		return err
	}
	if len(body.Text) > 0 {
		if err := s.keepText(ctx, tx, doc, body.Text, "automático"); err != nil {
			return err
		}
	}
	return exec(ctx, tx, `DELETE FROM drafts WHERE document = ?`, string(doc))
}

// keepText adds a text to a document's local history, unless it is the one
// kept last, and lets the oldest go.
func (s *Store) keepText(ctx context.Context, tx *sql.Tx, doc sei.DocumentID, text json.RawMessage, origin string) error {
	k, err := s.unlocked()
	if err != nil {
		return err
	}
	// A bare hash in clear would let anyone test a guess at the text.
	mac := hmac.New(sha256.New, k.texts)
	mac.Write(text)
	hash := hex.EncodeToString(mac.Sum(nil))
	var last string
	err = tx.QueryRowContext(ctx, `SELECT hash FROM texts WHERE document = ? ORDER BY id DESC LIMIT 1`, string(doc)).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if last == hash {
		return nil
	}
	body, err := s.seal(place("texts", string(doc), hash), text)
	if err != nil {
		return err
	}
	err = exec(ctx, tx, `INSERT INTO texts (document, at, hash, origin, body) VALUES (?, ?, ?, ?, ?)`,
		string(doc), stamp(s.opts.Now()), hash, origin, body)
	if err != nil {
		return err
	}
	return exec(ctx, tx, `DELETE FROM texts WHERE document = ?1 AND id NOT IN
		(SELECT id FROM texts WHERE document = ?1 ORDER BY id DESC LIMIT ?2)`, string(doc), keptTexts)
}

// KeptTexts lists the earlier texts of a document on this workstation, the
// latest first.
func (s *Store) KeptTexts(ctx context.Context, doc sei.DocumentID) ([]KeptText, error) {
	var out []KeptText
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var k KeptText
		var at int64
		err := scan(&k.ID, &at, &k.Origin, &k.Bytes)
		k.At = moment(at)
		out = append(out, k)
		return err
	}, `SELECT id, at, origin, length(body) FROM texts WHERE document = ? ORDER BY id DESC`, string(doc))
	if err != nil {
		return nil, fmt.Errorf("listing the texts of %s: %w", doc, err)
	}
	return out, nil
}

// KeptText gives one of them; sei.CodeNotFound when it is not there any more.
func (s *Store) KeptText(ctx context.Context, doc sei.DocumentID, id int64) (json.RawMessage, error) {
	var hash string
	var body []byte
	err := s.r.QueryRowContext(ctx, `SELECT hash, body FROM texts WHERE document = ? AND id = ?`, string(doc), id).Scan(&hash, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, sei.Errorf(sei.CodeNotFound, "Esta versão do texto não está mais guardada neste computador.")
	}
	if err != nil {
		return nil, fmt.Errorf("reading a text of %s: %w", doc, err)
	}
	return s.unseal(place("texts", string(doc), hash), body)
}

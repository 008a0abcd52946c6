package local

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Process is the accepted state of a process with its documents; nil when this
// workstation does not have it.
func (s *Store) Process(ctx context.Context, id sei.ProcessID) (*sei.Process, error) {
	var p *sei.Process
	err := s.view(ctx, "reading process "+string(id), func(tx *sql.Tx) error {
		var err error
		p, err = readProcess(ctx, tx, id)
		return err
	})
	return p, err
}

func readProcess(ctx context.Context, q queryer, id sei.ProcessID) (*sei.Process, error) {
	p, err := readState(ctx, q, id)
	if p == nil || err != nil {
		return nil, err
	}
	p.Documents = map[sei.DocumentID]*sei.Document{}
	// '0' is the character after '/'.
	err = each(ctx, q, func(scan func(...any) error) error {
		var body []byte
		if err := scan(&body); err != nil {
			return err
		}
		var d sei.Document
		if json.Unmarshal(body, &d) == nil && d.ID != "" {
			p.Documents[d.ID] = &d
		}
		return nil
	}, `SELECT body FROM synced WHERE bucket = ? AND key > 'document/' AND key < 'document0'`, string(wire.ProcessBucket(id)))
	return p, err
}

// readState reads a process without its documents; nil when it is not here.
func readState(ctx context.Context, q queryer, id sei.ProcessID) (*sei.Process, error) {
	var body []byte
	err := q.QueryRowContext(ctx, `SELECT body FROM synced WHERE bucket = ? AND key = 'state'`, string(wire.ProcessBucket(id))).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := sei.NewProcess()
	if err := json.Unmarshal(body, p); err != nil {
		return nil, damaged(fmt.Errorf("decoding state of process %s: %w", id, err))
	}
	if p.Units == nil {
		p.Units = map[sei.UnitID]sei.UnitState{}
	}
	return p, nil
}

// ProcessOf is the process that a document stands in, by the accepted state or
// by the outbox; "" when it is not known here.
func (s *Store) ProcessOf(ctx context.Context, doc sei.DocumentID) (sei.ProcessID, error) {
	var id string
	err := s.r.QueryRowContext(ctx, `SELECT process FROM documents WHERE id = ?1
		UNION ALL SELECT process FROM outbox WHERE document = ?1 LIMIT 1`, string(doc)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("finding the process of %s: %w", doc, err)
	}
	return sei.ProcessID(id), nil
}

// Events is the history of a process, oldest first. Events of kinds that this
// release does not know are among them.
func (s *Store) Events(ctx context.Context, id sei.ProcessID) ([]wire.EventRow, error) {
	var out []wire.EventRow
	bucket := wire.ProcessBucket(id)
	err := s.eachSealed(ctx, s.r, bucket, func(body []byte) error {
		var e wire.EventRow
		if err := json.Unmarshal(body, &e); err != nil {
			return damaged(fmt.Errorf("decoding an event: %w", err))
		}
		out = append(out, e)
		return nil
	}, `SELECT key, sealed, body FROM synced WHERE bucket = ? AND key > 'event/' AND key < 'event0'`, string(bucket))
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", id, err)
	}
	slices.SortFunc(out, func(a, b wire.EventRow) int { return cmp.Compare(a.Header.Version, b.Header.Version) })
	return out, nil
}

// eachSealed runs do on the plain body of every row of a query (key, sealed, body).
func (s *Store) eachSealed(ctx context.Context, q queryer, b wire.Bucket, do func(body []byte) error, query string, args ...any) error {
	return each(ctx, q, func(scan func(...any) error) error {
		var key string
		var sealed bool
		var body []byte
		if err := scan(&key, &sealed, &body); err != nil {
			return err
		}
		plain, err := s.openRow(b, key, sealed, body)
		if err != nil {
			return err
		}
		return do(plain)
	}, query, args...)
}

// Minutes are the revisions of a document's text that this user's units have,
// in the order of their acceptance.
func (s *Store) Minutes(ctx context.Context, doc sei.DocumentID) ([]wire.MinuteRow, error) {
	out, err := s.minutes(ctx, s.r, `document = ?`, string(doc))
	if err != nil {
		return nil, fmt.Errorf("reading the minutes of %s: %w", doc, err)
	}
	return out, nil
}

// HeadMinute is the current revision; the bool says whether there is one here.
func (s *Store) HeadMinute(ctx context.Context, doc sei.DocumentID) (wire.MinuteRow, bool, error) {
	m, ok, err := s.headMinute(ctx, s.r, doc)
	if err != nil {
		return m, false, fmt.Errorf("reading the minute of %s: %w", doc, err)
	}
	return m, ok, nil
}

func (s *Store) headMinute(ctx context.Context, q queryer, doc sei.DocumentID) (wire.MinuteRow, bool, error) {
	all, err := s.minutes(ctx, q, `document = ? AND head = 1`, string(doc))
	if err != nil || len(all) == 0 {
		return wire.MinuteRow{}, false, err
	}
	// Between two pages two may say so; the later acceptance is right.
	return all[len(all)-1], true, nil
}

func (s *Store) minutes(ctx context.Context, q queryer, where, of string) ([]wire.MinuteRow, error) {
	var out []wire.MinuteRow
	err := each(ctx, q, func(scan func(...any) error) error {
		var unit, key string
		var sealed bool
		var body []byte
		if err := scan(&unit, &key, &sealed, &body); err != nil {
			return err
		}
		plain, err := s.openRow(wire.UnitBucket(sei.UnitID(unit)), key, sealed, body)
		if err != nil {
			return err
		}
		var m wire.MinuteRow
		if err := json.Unmarshal(plain, &m); err != nil {
			return damaged(fmt.Errorf("decoding a minute: %w", err))
		}
		out = append(out, m)
		return nil
	}, `SELECT m.unit, s.key, s.sealed, s.body FROM minutes m JOIN synced s
		ON s.bucket = 'unit/' || m.unit AND s.key = 'minute/' || m.document || '/' || m.revision
		WHERE m.`+where+` ORDER BY m.seq, m.revision`, of)
	return out, err
}

// Units are the units in which the user may act, as last synced or, before the
// first sync, as the login said; in the order of their acronyms.
func (s *Store) Units(ctx context.Context) ([]wire.UserUnitRow, error) {
	identity, err := s.Identity(ctx)
	if err != nil {
		return nil, err
	}
	units, err := memberUnits(ctx, s.r, identity)
	if err != nil {
		return nil, fmt.Errorf("reading the user's units: %w", err)
	}
	c, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	acronym := func(u wire.UserUnitRow) string {
		unit, _ := c.Unit(u.Unit)
		return unit.Acronym
	}
	slices.SortFunc(units, func(a, b wire.UserUnitRow) int {
		return cmp.Or(strings.Compare(acronym(a), acronym(b)), strings.Compare(string(a.Unit), string(b.Unit)))
	})
	return units, nil
}

func memberUnits(ctx context.Context, q queryer, identity Identity) ([]wire.UserUnitRow, error) {
	bucket := string(wire.UserBucket(identity.User.ID))
	var cursor int64
	err := q.QueryRowContext(ctx, `SELECT cursor FROM buckets WHERE bucket = ? AND cursor > 0`, bucket).Scan(&cursor)
	if errors.Is(err, sql.ErrNoRows) {
		var out []wire.UserUnitRow
		for _, u := range identity.Units {
			out = append(out, wire.UserUnitRow{Unit: u.Unit.ID, Profiles: u.Profiles})
		}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	var out []wire.UserUnitRow
	err = each(ctx, q, func(scan func(...any) error) error {
		var body []byte
		if err := scan(&body); err != nil {
			return err
		}
		var u wire.UserUnitRow
		if json.Unmarshal(body, &u) == nil && u.Unit != "" {
			out = append(out, u)
		}
		return nil
	}, `SELECT body FROM synced WHERE bucket = ? AND key > 'unit/' AND key < 'unit0' ORDER BY key`, bucket)
	return out, err
}

// ProcessesWithMinutes lists the processes that are open in the unit and have texts
// of the unit here, synced or queued, the most recently moved first.
func (s *Store) ProcessesWithMinutes(ctx context.Context, unit sei.UnitID, limit int) ([]sei.ProcessID, error) {
	out, err := column[sei.ProcessID](ctx, s.r, `SELECT process FROM (
			SELECT process, last_event FROM inbox WHERE unit = ?1 AND open = 1
				AND EXISTS (SELECT 1 FROM minutes m WHERE m.process = inbox.process AND m.unit = ?1)
			UNION ALL
			SELECT process, max(created) FROM outbox WHERE unit = ?1 AND kind = 'AddDocument' AND state IN ('queued', 'sending', 'accepted')
				AND arrived = 0 GROUP BY process)
		GROUP BY process ORDER BY max(last_event) DESC, process LIMIT ?2`, string(unit), limit)
	if err != nil {
		return nil, fmt.Errorf("listing processes with minutes: %w", err)
	}
	return out, nil
}

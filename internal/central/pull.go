package central

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// maxPullBytes bounds the rows of one answer; a row larger than that still goes
// alone.
const maxPullBytes = 8 << 20

// puller answers one pull from one snapshot.
type puller struct {
	s     *Service
	r     reader
	ses   Session
	cat   *catalogue
	actor sei.Actor // in the unit that the request names
	// others is the user in each of their units, once it was needed.
	others []sei.Actor
	rows   int // still allowed
	bytes  int // still allowed
	// read are restricted processes whose rows are handed out, for the audit.
	read []string
}

// Pull answers what changed in the buckets after their cursors, as far as the
// user may read them now.
func (s *Service) Pull(ctx context.Context, ses Session, req wire.PullRequest) (wire.PullResponse, error) {
	resp := wire.PullResponse{Pages: []wire.Page{}, Time: s.cfg.Clock().UTC()}
	if len(req.Buckets) > wire.MaxPullBuckets {
		return resp, sei.Errorf(sei.CodeTooLarge, "Uma consulta leva no máximo %d conjuntos de dados.", wire.MaxPullBuckets)
	}
	p := &puller{s: s, ses: ses, rows: wire.MaxPullRows, bytes: maxPullBytes}
	err := s.store.viewing(ctx, func(r reader) error {
		p.r = r
		var err error
		if p.cat, err = s.catalogueAt(r); err != nil {
			return err
		}
		if p.actor, err = actorIn(r, p.cat, ses.User, req.Unit, ses.Device, s.cfg.Clock()); err != nil {
			return err
		}
		for _, c := range req.Buckets {
			if p.rows <= 0 || p.bytes <= 0 { // the answer is full: the rest is asked again
				resp.More = true
				break
			}
			page, err := p.page(c)
			if err != nil {
				return fmt.Errorf("pulling %s: %w", c.Bucket, err)
			}
			if page != nil {
				resp.Pages = append(resp.Pages, *page)
				resp.More = resp.More || page.More
			}
		}
		return nil
	})
	if err != nil {
		return wire.PullResponse{}, err
	}
	return resp, s.auditReads(ctx, ses, req.Unit, p.read)
}

func (s *Service) auditReads(ctx context.Context, ses Session, unit sei.UnitID, subjects []string) error {
	if len(subjects) == 0 {
		return nil
	}
	return s.commits.write(ctx, func(w *writer) error {
		for _, id := range subjects {
			if err := audit(w, auditEntry{at: s.cfg.Clock(), act: "read", user: ses.User, unit: unit, device: ses.Device, subject: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// page is what one bucket has to say; nil when it has nothing.
func (p *puller) page(c wire.Cursor) (*wire.Page, error) {
	look, err := p.access(c.Bucket)
	if err != nil {
		return nil, err
	}
	if look == nil {
		return &wire.Page{Bucket: c.Bucket, Revoked: true, Rows: []wire.Row{}}, nil
	}
	var version int64
	var sum []byte
	err = p.r.row("SELECT version, checksum FROM buckets WHERE name = ?", string(c.Bucket)).Scan(&version, &sum)
	if found, err := noRows(err); err != nil {
		return nil, err
	} else if !found {
		sum = make([]byte, ledger.HashSize)
	}
	page := &wire.Page{Bucket: c.Bucket, Rows: []wire.Row{}, Cursor: c.After}
	if c.After < 0 || c.After > version {
		page.Reset, page.Cursor = true, 0
	}
	if page.Cursor == version && !page.Reset {
		return nil, nil
	}
	if page.Rows, err = p.rowsAfter(c.Bucket, page.Cursor, look); err != nil {
		return nil, err
	}
	return p.finish(page, version, sum), nil
}

// finish sets the cursor and, on the last page, the checksum.
func (p *puller) finish(page *wire.Page, version int64, sum []byte) *wire.Page {
	if n := len(page.Rows); n > 0 {
		page.Cursor = page.Rows[n-1].Version
	}
	if page.More = p.rows <= 0 || p.bytes <= 0; page.More && page.Cursor < version {
		return page
	}
	page.More, page.Cursor = false, version
	hash := ledger.Hash(sum)
	page.Checksum = &hash
	return page
}

// content looks up the body of a row that is stored elsewhere, or withholds a
// part of it.
type content func(key string, stored []byte) (json.RawMessage, error)

func stored(_ string, body []byte) (json.RawMessage, error) { return body, nil }

func (p *puller) rowsAfter(b wire.Bucket, after int64, look content) ([]wire.Row, error) {
	rows := []wire.Row{}
	if p.rows <= 0 || p.bytes <= 0 {
		return rows, nil
	}
	bodies := [][]byte{}
	// From the beginning nobody needs tombstones.
	err := p.r.each("SELECT key, version, gone, body FROM bucket_rows WHERE bucket = ? AND version > ? AND (NOT gone OR ? > 0) ORDER BY version LIMIT ?",
		[]any{string(b), after, after, p.rows}, func(scan func(...any) error) error {
			var row wire.Row
			var body []byte
			if err := scan(&row.Key, &row.Version, &row.Gone, &body); err != nil {
				return err
			}
			rows, bodies = append(rows, row), append(bodies, body)
			return nil
		})
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if p.bytes <= 0 {
			return rows[:i], nil
		}
		if !rows[i].Gone {
			if rows[i].Body, err = look(rows[i].Key, bodies[i]); err != nil {
				return nil, fmt.Errorf("row %s: %w", rows[i].Key, err)
			}
		}
		p.rows--
		p.bytes -= len(rows[i].Body) + len(rows[i].Key) + 64
	}
	return rows, nil
}

// access says how the rows of a bucket are shown to the user now; nil when the
// user may not see the bucket.
func (p *puller) access(b wire.Bucket) (content, error) {
	kind, id := b.Parts()
	switch kind {
	case "catalogue":
		if b == wire.CatalogueBucket {
			return stored, nil
		}
	case "user":
		if sei.UserID(id) == p.ses.User {
			return stored, nil
		}
	case "unit":
		return p.unitAccess(sei.UnitID(id))
	case "process":
		return p.processAccess(sei.ProcessID(id))
	}
	return nil, nil
}

// unitAccess: a unit's index, with the texts of its minutes, is for who works in
// its processes.
func (p *puller) unitAccess(unit sei.UnitID) (content, error) {
	actor, err := actorIn(p.r, p.cat, p.ses.User, unit, p.ses.Device, p.s.cfg.Clock())
	if err != nil || !takesPart(actor) {
		return nil, err
	}
	return func(key string, body []byte) (json.RawMessage, error) {
		if rest, isMinute := strings.CutPrefix(key, "minute/"); isMinute {
			_, rev, _ := strings.Cut(rest, "/")
			row, err := minuteRow(p.r, sei.RevisionID(rev))
			if err != nil {
				return nil, err
			}
			return json.Marshal(row)
		}
		return body, nil
	}, nil
}

func (p *puller) processAccess(id sei.ProcessID) (content, error) {
	process, err := loadProcess(p.r, id, documentChoice{})
	if err != nil || process == nil {
		return nil, err
	}
	reading, err := p.reads(process)
	if err != nil || reading == sei.ReadNothing {
		return nil, err
	}
	if process.GlobalLevel() != sei.Public {
		p.read = append(p.read, string(id))
	}
	personal, err := p.readsPersonalData(process)
	if err != nil {
		return nil, err
	}
	return func(key string, _ []byte) (json.RawMessage, error) {
		return p.processRow(process, key, reading == sei.ReadContent && personal, personal)
	}, nil
}

// readsPersonalData asks for every unit of the user, as reads does.
func (p *puller) readsPersonalData(process *sei.Process) (bool, error) {
	if sei.ReadsPersonalData(process, p.actor) {
		return true, nil
	}
	others, err := p.otherUnits()
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(others, func(a sei.Actor) bool { return sei.ReadsPersonalData(process, a) }), nil
}

// otherUnits are the user's actors in all of their units.
func (p *puller) otherUnits() ([]sei.Actor, error) {
	if p.others == nil {
		var err error
		if p.others, err = unitsOf(p.r, p.cat, p.ses.User, p.s.cfg.Clock()); err != nil {
			return nil, err
		}
	}
	return p.others, nil
}

// reads is the most that the user may read in any of their units. A desk keeps
// one store for all of them: a process must not be erased there because the
// window shows another unit.
func (p *puller) reads(process *sei.Process) (sei.Reading, error) {
	most := sei.Reads(process, p.actor)
	if most == sei.ReadContent {
		return most, nil
	}
	others, err := p.otherUnits()
	if err != nil {
		return most, err
	}
	for _, a := range others {
		most = max(most, sei.Reads(process, a))
	}
	return most, nil
}

func (p *puller) processRow(process *sei.Process, key string, withContent, personal bool) (json.RawMessage, error) {
	kind, id, _ := strings.Cut(key, "/")
	switch kind {
	case stateKey:
		if !personal {
			process = process.NamesOnly()
		}
		return json.Marshal(process)
	case "document":
		return p.documentRow(id, personal)
	case "event":
		row, err := p.eventRow(process.ID.Stream(), id, withContent)
		if err != nil {
			return nil, err
		}
		return json.Marshal(row)
	}
	return nil, fmt.Errorf("a process has no row %q", key)
}

func (p *puller) documentRow(id string, personal bool) (json.RawMessage, error) {
	var state []byte
	if err := p.r.row("SELECT state FROM documents WHERE id = ?", id).Scan(&state); err != nil {
		return nil, fmt.Errorf("reading document: %w", err)
	}
	if personal {
		return state, nil
	}
	var d sei.Document
	if err := json.Unmarshal(state, &d); err != nil {
		return nil, fmt.Errorf("decoding document: %w", err)
	}
	return json.Marshal(d.NamesOnly())
}

// eventRow is one andamento. Who may not read all that it says gets the words
// but not the payload; the header and its chain stay whole.
func (p *puller) eventRow(stream, version string, withPayload bool) (*wire.EventRow, error) {
	var row wire.EventRow
	var header, salt, payload []byte
	err := p.r.row(`SELECT e.seq, e.header, p.salt, p.payload FROM events e LEFT JOIN event_payloads p ON p.seq = e.seq
		WHERE e.stream = ? AND e.version = ?`, stream, version).Scan(&row.Seq, &header, &salt, &payload)
	if err != nil {
		return nil, fmt.Errorf("reading event: %w", err)
	}
	if row.Header, err = ledger.DecodeHeader(header); err != nil {
		return nil, err
	}
	row.Unit, row.User = p.unitAcronym(row.Header.Unit), ""
	if row.User, err = p.userName(row.Header.User); err != nil {
		return nil, err
	}
	if payload == nil { // erased under a recorded act
		return &row, nil
	}
	decoded, err := sei.DecodePayload(sei.EventKind(row.Header.Kind), payload)
	if err != nil {
		return nil, err
	}
	h := row.Header
	row.Text = sei.Describe(sei.Event{
		Kind: sei.EventKind(h.Kind), Command: sei.CommandID(h.Command), Unit: sei.UnitID(h.Unit), User: sei.UserID(h.User), At: h.At, Payload: decoded,
	}, deciding{catalogue: p.cat, r: p.r, now: h.At})
	if !withPayload {
		return &row, nil
	}
	row.Payload, row.Salt = payload, salt
	if isIssued(h.Kind) { // nobody else has its receipt
		row.Receipt, err = sealedRow(p.r, "SELECT receipt FROM issued WHERE command_id = ?", h.Command)
	}
	return &row, err
}

func (p *puller) unitAcronym(id string) string {
	if u, ok := p.cat.Units[sei.UnitID(id)]; ok {
		return u.Acronym
	}
	return id
}

func (p *puller) userName(id string) (string, error) {
	var name string
	err := p.r.row("SELECT name FROM users WHERE id = ?", id).Scan(&name)
	_, err = noRows(err)
	return name, err
}

package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// book is what the simulator knows for itself: what was promised to servants,
// and the central's ledger as it was read, event by event, when it was written.
// It never asks the code that it judges.
type book struct {
	events    []event
	byCommand map[sei.CommandID][]int // places in events
	heads     map[string]head         // of streams
	processes map[sei.ProcessID]*kept
	documents map[sei.DocumentID]*document
	processNo map[string]sei.ProcessID
	seiNo     map[int64]sei.DocumentID
	typeNo    map[string]sei.DocumentID

	promised  map[sei.CommandID]promise // accepted receipts that a desk has stored
	abandoned map[sei.CommandID]bool    // whose desk was put back to an older copy
	texts     map[sei.RevisionID]text   // by the command that carries each
	markers   map[string]sei.UnitID     // in texts, with the unit that may read them
	secrets   map[string]sei.ProcessID  // in specifications of restricted processes
	nextWord  int

	// Numbers that any life of the central has given: they stay when the ledger is
	// read anew.
	everProcess map[string]sei.ProcessID
	everSEI     map[int64]sei.DocumentID
	torn        bool // a recovery is open: places of the log may be empty
	lossy       bool // an act was lost with the central and with its desk
}

type event struct {
	seq     int64
	header  ledger.Header
	hash    ledger.Hash
	payload sei.Payload
}

type head struct {
	version int64
	hash    ledger.Hash
}

// kept is a process folded from its events by the simulator's own few rules.
type kept struct {
	level sei.AccessLevel
	open  map[sei.UnitID]bool // every unit that it passed; true where it is open
}

type document struct {
	process sei.ProcessID
	unit    sei.UnitID
	minute  bool // internal and without signature
	blobs   []sei.BlobRef
}

// promise is a receipt that a servant has been shown.
type promise struct {
	desk    string
	receipt ledger.Receipt
	// lost: the central came back from a backup made before it.
	lost bool
}

type text struct {
	document sei.DocumentID
	text     string
	desk     string
}

func newBook() *book {
	b := &book{
		promised: map[sei.CommandID]promise{}, abandoned: map[sei.CommandID]bool{}, texts: map[sei.RevisionID]text{},
		markers: map[string]sei.UnitID{}, secrets: map[string]sei.ProcessID{},
		everProcess: map[string]sei.ProcessID{}, everSEI: map[int64]sei.DocumentID{},
	}
	b.clear()
	return b
}

// clear forgets what was read of the ledger.
func (b *book) clear() {
	b.events, b.byCommand, b.heads = nil, map[sei.CommandID][]int{}, map[string]head{}
	b.processes, b.documents = map[sei.ProcessID]*kept{}, map[sei.DocumentID]*document{}
	b.processNo, b.seiNo, b.typeNo = map[string]sei.ProcessID{}, map[int64]sei.DocumentID{}, map[string]sei.DocumentID{}
}

// marker is a word that stands in one text only.
func (b *book) marker(_ sei.DocumentID, unit sei.UnitID) string {
	b.nextWord++
	word := fmt.Sprintf("zq%06dqz", b.nextWord)
	b.markers[word] = unit
	return word
}

// secret is a word in the specification of a restricted process.
func (b *book) secret(id sei.ProcessID) string {
	b.nextWord++
	word := fmt.Sprintf("zr%06drz", b.nextWord)
	b.secrets[word] = id
	return word
}

// note keeps what a servant hands over, before the desk has it.
func (b *book) note(d *desk, c wire.Command, body sei.CommandBody) {
	switch x := body.(type) {
	case sei.AddDocument:
		b.texts[sei.RevisionID(c.ID)] = text{x.Document, string(x.Text), d.name}
	case sei.EditMinute:
		b.texts[sei.RevisionID(c.ID)] = text{x.Document, string(x.Text), d.name}
	}
}

// adopt reads the ledger that a run begins with.
func (b *book) adopt(c *centralNode) error {
	var n int
	if err := c.db.QueryRow("SELECT COUNT(*) FROM events").Scan(&n); err != nil || n > 0 {
		return fmt.Errorf("a run begins with %d events (%w)", n, err)
	}
	return nil
}

// follow folds one event by the simulator's own rules.
func (b *book) follow(e event) {
	stream := e.header.Stream
	if !strings.HasPrefix(stream, "process/") {
		return // of the log itself
	}
	unit := sei.UnitID(e.header.Unit)
	id := sei.ProcessID(strings.TrimPrefix(stream, "process/"))
	p := b.processes[id]
	if p == nil {
		p = &kept{open: map[sei.UnitID]bool{}}
		b.processes[id] = p
	}
	switch x := e.payload.(type) {
	case sei.ProcessStarted:
		p.level, p.open[unit] = x.Level, true
	case sei.DocumentAdded:
		b.documents[x.Document] = &document{process: id, unit: unit, minute: true}
		p.level = max(p.level, x.Level)
	case sei.ExternalRegistered:
		b.documents[x.Document] = &document{process: id, unit: unit, blobs: []sei.BlobRef{x.File.Content}}
		p.level = max(p.level, x.Level)
	case sei.DocumentSigned:
		doc := b.documents[x.Document]
		doc.minute = false
		if x.Frozen != nil {
			doc.blobs = append(doc.blobs, x.Frozen.Content)
		}
		if x.Signature.Evidence != nil {
			doc.blobs = append(doc.blobs, *x.Signature.Evidence)
		}
	case sei.SignaturesWithdrawn:
		b.documents[x.Document].minute = true
	case sei.ProcessSent:
		for _, to := range x.To {
			p.open[to] = true
		}
	case sei.UnitConcluded:
		p.open[unit] = false
	case sei.UnitReopened:
		p.open[unit] = true
	}
}

// restored is after the central came back from a backup: what it has now is
// read anew.
func (b *book) restored(w *world) {
	b.clear()
	w.readLedger()
}

// loss is after a recovery ended: what no desk could give back is lost, and that
// is right only where the desk that was told is itself an older copy, or where the
// act stands on one that is lost.
func (b *book) loss(w *world) {
	for _, id := range sortedKeys(b.promised) {
		p := b.promised[id]
		var n int
		w.must(w.central.db.QueryRow("SELECT COUNT(*) FROM commands WHERE id = ?", string(id)).Scan(&n))
		switch {
		case n > 0:
			continue
		case b.abandoned[id]:
			b.lossy = true
		case b.lossy && w.isEvidence(id):
		default:
			w.violate(Promises, "%s was acknowledged to %s, which still has it, and did not come back to the restored central", w.short(string(id)), p.desk)
		}
		p.lost = true
		b.promised[id] = p
		w.reached("promise lost with central and desk")
	}
	if b.lossy { // what was shown of what is lost cannot be shown on
		for _, d := range w.desks {
			clear(d.seen.versions)
		}
	}
}

// isEvidence says that the central keeps an act that was given back and could not
// be put in its place.
func (w *world) isEvidence(id sei.CommandID) bool {
	var n int
	w.must(w.central.db.QueryRow("SELECT COUNT(*) FROM returned WHERE id = ? AND state IN ('late', 'conflict')", string(id)).Scan(&n))
	return n > 0
}

// deskSeen is what the servant of a desk has seen or was told there.
type deskSeen struct {
	versions map[sei.ProcessID]int64
	entries  map[sei.CommandID]*entrySeen
	drafts   map[sei.DocumentID]string
}

// entrySeen is an entry of the outbox as it was last shown.
type entrySeen struct {
	process sei.ProcessID
	kind    sei.CommandKind
	state   local.OutboxState
	events  []ledger.Citation // of the receipt
}

func newDeskSeen() *deskSeen {
	return &deskSeen{map[sei.ProcessID]int64{}, map[sei.CommandID]*entrySeen{}, map[sei.DocumentID]string{}}
}

func (s *deskSeen) clone() *deskSeen {
	c := newDeskSeen()
	maps.Copy(c.versions, s.versions)
	maps.Copy(c.drafts, s.drafts)
	for id, e := range s.entries {
		copied := *e
		c.entries[id] = &copied
	}
	return c
}

func (s *deskSeen) queued(c wire.Command) {
	s.entries[c.ID] = &entrySeen{process: c.Process, kind: c.Kind, state: local.StateQueued}
	if c.Kind == sei.CmdEditMinute {
		if body, err := c.Decode(); err == nil {
			delete(s.drafts, sei.DocumentOf(body.Body))
		}
	}
}

// forget is after the right to a bucket was taken away.
func (s *deskSeen) forget(b wire.Bucket) {
	if kind, id := b.Parts(); kind == "process" {
		delete(s.versions, sei.ProcessID(id))
	}
}

// canonical writes JSON so that equal values are equal texts, without the
// members that a later release would add.
func canonical(data []byte) string {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return string(data)
	}
	if m, ok := v.(map[string]any); ok {
		delete(m, laterMember)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return string(data)
	}
	return string(out)
}

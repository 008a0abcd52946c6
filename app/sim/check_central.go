package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// readLedger reads what was appended since the last time and judges it:
// invariants 2, 3, 6 and 10 for the new events. While a central takes back what it
// lost, events come to their old places, and all is read anew.
func (w *world) readLedger() {
	c := w.central
	if !c.running() || w.making {
		return
	}
	whole := !w.recovering()
	if !whole || w.book.torn {
		w.book.clear()
	}
	w.book.torn = !whole
	fresh, err := w.newEvents()
	w.must(err)
	touched := map[sei.ProcessID]bool{}
	for _, e := range fresh {
		w.checkChained(e, whole)
		w.checkNumber(e)
		w.book.events = append(w.book.events, e)
		id := sei.CommandID(e.header.Command)
		w.book.byCommand[id] = append(w.book.byCommand[id], len(w.book.events)-1)
		w.book.follow(e)
		if whole {
			w.checkCited(e)
		}
		touched[sei.ProcessID(strings.TrimPrefix(e.header.Stream, "process/"))] = true
		w.reached("event " + e.header.Kind)
	}
	for _, id := range w.known {
		if touched[id] {
			w.checkOpen(id)
		}
	}
}

func (w *world) newEvents() (out []event, err error) {
	rows, err := w.central.db.Query(`SELECT e.seq, e.header, e.hash, p.salt, p.payload FROM events e JOIN event_payloads p ON p.seq = e.seq
		WHERE e.seq > ? ORDER BY e.seq`, len(w.book.events))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e event
		var header, hash, salt, payload []byte
		if err := rows.Scan(&e.seq, &header, &hash, &salt, &payload); err != nil {
			return nil, err
		}
		if e.header, err = ledger.DecodeHeader(header); err != nil {
			w.violate(TheChain, "event %d: %v", e.seq, err)
		}
		copy(e.hash[:], hash)
		// The digest and the hash are computed here, from their definition.
		if e.header.Digest != ledger.Digest(salt, payload) {
			w.violate(TheChain, "event %d: the payload is not what its header names", e.seq)
		}
		if e.payload, err = sei.DecodePayload(sei.EventKind(e.header.Kind), payload); err != nil {
			w.violate(TheChain, "event %d: %v", e.seq, err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// checkChained is invariant 3 for one event.
func (w *world) checkChained(e event, whole bool) {
	if whole && e.seq != int64(len(w.book.events))+1 {
		w.violate(TheChain, "after event %d comes event %d", len(w.book.events), e.seq)
	}
	before := w.book.heads[e.header.Stream]
	if e.header.Version != before.version+1 || e.header.Prev != before.hash {
		w.violate(TheChain, "event %d of %s (version %d) does not follow version %d", e.seq, w.short(e.header.Stream), e.header.Version, before.version)
	}
	if got := e.header.Hash(); got != e.hash {
		w.violate(TheChain, "event %d is stored under another hash", e.seq)
	}
	w.book.heads[e.header.Stream] = head{e.header.Version, e.hash}
}

// checkNumber is invariant 2 for one event: no number is given twice.
func (w *world) checkNumber(e event) {
	b := w.book
	once := func(doc sei.DocumentID, n int64, typed string, typ int) {
		if n <= 0 {
			w.violate(Numbers, "%s was accepted with Nº SEI %d", w.short(string(doc)), n)
		}
		if other, taken := b.everSEI[n]; taken && other != doc {
			w.violate(Numbers, "Nº SEI %d was given to %s and, by a central that came back, to %s", n, w.short(string(other)), w.short(string(doc)))
		}
		b.everSEI[n] = doc
		if other, taken := b.seiNo[n]; taken {
			w.violate(Numbers, "Nº SEI %d was given to %s and to %s", n, w.short(string(other)), w.short(string(doc)))
		}
		b.seiNo[n] = doc
		if typed == "" {
			return
		}
		key := fmt.Sprintf("%d/%s/%s", typ, e.header.Unit, typed)
		if other, taken := b.typeNo[key]; taken {
			w.violate(Numbers, "%s is the number of %s and of %s", key, w.short(string(other)), w.short(string(doc)))
		}
		b.typeNo[key] = doc
	}
	switch x := e.payload.(type) {
	case sei.ProcessStarted:
		if other, taken := b.processNo[x.Number]; taken || x.Number == "" {
			w.violate(Numbers, "process number %q was given to %s and to %s", x.Number, w.short(string(other)), w.short(string(x.Process)))
		}
		if other, taken := b.everProcess[x.Number]; taken && other != x.Process {
			w.violate(Numbers, "process number %q was given to %s and, by a central that came back, to %s", x.Number, w.short(string(other)), w.short(string(x.Process)))
		}
		b.processNo[x.Number], b.everProcess[x.Number] = x.Process, x.Process
	case sei.DocumentAdded:
		once(x.Document, x.SEINumber, x.Number, x.Type)
	case sei.ExternalRegistered:
		once(x.Document, x.SEINumber, x.Number, x.Type)
	}
}

// checkCited is invariant 10 for the files that one event cites.
func (w *world) checkCited(e event) {
	doc := w.book.documents[sei.EventDocument(e.payload)]
	if doc == nil {
		return
	}
	switch e.payload.(type) {
	case sei.ExternalRegistered, sei.DocumentSigned:
		for _, ref := range doc.blobs {
			w.checkStored(ref)
		}
	}
}

func (w *world) checkStored(ref sei.BlobRef) {
	data, err := w.central.files.readAll(context.Background(), ref.SHA256)
	if err != nil {
		w.violate(Blobs, "the cited file %.12s: %v", ref.SHA256, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != string(ref.SHA256) || int64(len(data)) != ref.Size {
		w.violate(Blobs, "the cited file %.12s holds other bytes (%d, not %d)", ref.SHA256, len(data), ref.Size)
	}
}

// checkOpen is invariant 6: the central's state and the lists of the units say
// what the events say.
func (w *world) checkOpen(id sei.ProcessID) {
	var data []byte
	if err := w.central.db.QueryRow("SELECT state FROM processes WHERE id = ?", string(id)).Scan(&data); err != nil {
		w.violate(Openness, "%s has events and no state: %v", w.short(string(id)), err)
	}
	state := sei.NewProcess()
	w.must(json.Unmarshal(data, state))
	for _, unit := range allUnits {
		open := w.book.processes[id].open[unit]
		if state.Units[unit].Open != open {
			w.violate(Openness, "the events say open=%v of %s in %s, the central's state says %v", open, w.short(string(id)), unit, !open)
		}
		line, listed := w.inboxLine(unit, id)
		if listed && line.Open != open || !listed && open {
			w.violate(Openness, "the events say open=%v of %s in %s, the unit's list says listed=%v open=%v", open, w.short(string(id)), unit, listed, line.Open)
		}
	}
}

func (w *world) inboxLine(unit sei.UnitID, id sei.ProcessID) (line wire.InboxLine, listed bool) {
	var body []byte
	err := w.central.db.QueryRow("SELECT body FROM bucket_rows WHERE bucket = ? AND key = ? AND NOT gone",
		string(wire.UnitBucket(unit)), "process/"+string(id)).Scan(&body)
	if err != nil {
		return line, false
	}
	w.must(json.Unmarshal(body, &line))
	return line, true
}

// checkPromise is invariant 1 for one receipt: its events are in the ledger, in
// their places, and no other event is of the command.
func (w *world) checkPromise(id sei.CommandID, p promise) {
	if w.book.torn {
		return // judged when the recovery is over
	}
	places := w.book.byCommand[id]
	if len(places) != len(p.receipt.Events) {
		w.violate(Promises, "%s was acknowledged to %s with %d events; the ledger has %d of it", w.short(string(id)), p.desk, len(p.receipt.Events), len(places))
	}
	for i, cited := range p.receipt.Events {
		h := w.book.events[places[i]]
		if h.hash != cited.Hash || h.header.Stream != cited.Stream || h.header.Version != cited.Version {
			w.violate(Promises, "%s was acknowledged to %s citing other events than the ledger's", w.short(string(id)), p.desk)
		}
	}
	var accepted bool
	if err := w.central.db.QueryRow("SELECT accepted FROM commands WHERE id = ?", string(id)).Scan(&accepted); err != nil || !accepted {
		w.violate(Promises, "%s was acknowledged to %s; the central's answer is accepted=%v (%v)", w.short(string(id)), p.desk, accepted, err)
	}
}

// checkPromises is invariant 1 for every receipt ever shown.
func (w *world) checkPromises() {
	for _, id := range sortedKeys(w.book.promised) {
		if p := w.book.promised[id]; !p.lost {
			w.checkPromise(id, p)
		}
	}
}

// checkGaps is invariant 2 as a whole: between 1 and the last number given, each
// is in a document or explained.
func (w *world) checkGaps() {
	explained := map[int64]string{}
	rows, err := w.central.db.Query("SELECT number, state FROM leased_numbers")
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var n int64
		var state string
		w.must(rows.Scan(&n, &state))
		explained[n] = state
	}
	w.must(rows.Err())
	last := int64(0)
	for n := range w.book.seiNo {
		last = max(last, n)
	}
	for n, state := range explained {
		last = max(last, n)
		if _, used := w.book.seiNo[n]; used != (state == "used") {
			w.violate(Numbers, "Nº SEI %d stands as %s, in a document: %v", n, state, used)
		}
	}
	passed := w.passedOver("= 'sei'")
	for n := int64(1); n <= last; n++ {
		if i := slices.IndexFunc(passed, func(r [2]int64) bool { return r[0] <= n && n <= r[1] }); i >= 0 {
			n = passed[i][1]
			continue
		}
		_, used := w.book.seiNo[n]
		if _, leased := explained[n]; !used && !leased {
			w.violate(Numbers, "Nº SEI %d is in no document and nothing explains it", n)
		}
	}
	w.checkProcessNumbers()
}

// passedOver lists the ranges that recoveries have passed over, in the scopes
// that the condition chooses.
func (w *world) passedOver(scopes string) (out [][2]int64) {
	rows, err := w.central.db.Query("SELECT first, last FROM number_ranges WHERE scope " + scopes + " ORDER BY first") //nolint:gosec // a constant of this file
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var r [2]int64
		w.must(rows.Scan(&r[0], &r[1]))
		out = append(out, r)
	}
	w.must(rows.Err())
	return out
}

// checkProcessNumbers: as many process numbers were given as processes have one.
// After a recovery, which passes over ranges, that cannot be said any more.
func (w *world) checkProcessNumbers() {
	var total int64
	w.must(w.central.db.QueryRow("SELECT COALESCE(SUM(value), 0) FROM counters WHERE scope LIKE 'process%'").Scan(&total))
	if len(w.passedOver("LIKE 'process%'")) == 0 && total != int64(len(w.book.processNo)) {
		w.violate(Numbers, "the counters gave %d process numbers, %d processes have one", total, len(w.book.processNo))
	}
}

// checkWhole lets the central's own inspection look, which reads everything from
// the first event: invariants 2, 3 and 10 as it judges them.
func (w *world) checkWhole() {
	c := w.central
	w.must(c.svc.SignCheckpoint(context.Background()))
	key, err := central.ReceiptPublicKey(c.dir)
	w.must(err)
	found, err := central.Inspect(context.Background(), central.InspectConfig{Database: filepath.Join(c.dir, "central.db"), Files: c.files, Key: key})
	w.must(err)
	w.judge("inspection", found)
}

// judge sorts the first finding of an inspection under its invariant.
func (w *world) judge(what string, found *central.Inspection) {
	if found.Sound() {
		return
	}
	f := found.Findings[0]
	which := TheChain
	switch f.Check {
	case central.CheckNumber:
		which = Numbers
	case central.CheckBlob:
		which = Blobs
	case central.CheckReceipt:
		which = Promises
	case central.CheckState:
		which = Openness
	case central.CheckBucket:
		which = Convergence
	}
	w.violate(which, "%s: %s at %s: %s", what, f.Check, f.Subject, f.Detail)
}

// checkTexts is invariant 5: every revision whose command was accepted is stored
// as it was written, and every other one can still be had at its desk.
func (w *world) checkTexts() {
	for _, id := range sortedKeys(w.book.texts) {
		t := w.book.texts[id]
		var data []byte
		err := w.central.db.QueryRow("SELECT revision FROM revisions WHERE id = ?", string(id)).Scan(&data)
		if p, promised := w.book.promised[sei.CommandID(id)]; promised && !p.lost && err != nil {
			w.violate(Texts, "the text %s of %s was accepted and is not at the central", w.short(string(id)), w.short(string(t.document)))
		}
		if err != nil {
			continue
		}
		var r sei.Revision
		w.must(json.Unmarshal(data, &r))
		if !bytes.Equal(r.Text, []byte(t.text)) {
			w.violate(Texts, "the text %s of %s was stored as another", w.short(string(id)), w.short(string(t.document)))
		}
	}
	for _, d := range w.desks {
		w.checkKept(d)
	}
}

// sortedKeys makes the order of a map's keys the same in every run.
func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Limits of the time after the faults.
const (
	maxRounds = 12   // of all desks
	maxSteps  = 1500 // of one desk in one round
)

// finish is invariant 9: without faults, every desk comes to rest, and every
// entry of every outbox has a verdict.
func (w *world) finish() {
	if w.recovering() {
		w.giveBack()
	}
	before := ""
	for range maxRounds {
		for _, d := range w.desks {
			d.engine.Nudge()
			if !w.settle(d, nil) {
				status, _ := d.engine.Status()
				w.violate(Liveness, "%s does not come to rest: %s; %s", d.name, statusText(status), w.openEntries(d))
			}
			w.check(d)
		}
		w.central.tick()
		now := w.progress()
		if now == before {
			break
		}
		before = now
	}
	for _, d := range w.desks {
		if open := w.openEntries(d); open != "" {
			w.violate(Liveness, "%s rests with open entries: %s", d.name, open)
		}
	}
}

// giveBack lets every desk hand in what it has, and ends the recovery.
func (w *world) giveBack() {
	report, err := w.central.svc.Recovery(context.Background())
	w.must(err)
	for _, d := range w.desks {
		d.engine.Nudge()
		given := func() bool {
			state, err := d.store.LogState(context.Background())
			w.must(err)
			return state.Done == report.ID && !w.lacks(d)
		}
		if !w.settle(d, given) {
			status, _ := d.engine.Status()
			w.violate(Liveness, "%s does not come to an end with giving back: %s", d.name, statusText(status))
		}
		w.check(d)
	}
	if w.finishRecovery(); w.recovering() {
		w.violate(Blobs, "every desk has given back what it holds, and files are missing")
	}
}

// lacks says whether a desk still has files to send again.
func (w *world) lacks(d *desk) bool {
	files, err := d.store.LackingFiles(context.Background(), 1)
	w.must(err)
	return len(files) > 0
}

func statusText(s sync.Status) string {
	return fmt.Sprintf("%s, %d queued, %d sending, %s", s.Phase, s.Queued, s.Sending, s.Problem)
}

// progress changes as long as anything does.
func (w *world) progress() string {
	var versions int64
	w.must(w.central.db.QueryRow("SELECT COALESCE(SUM(version), 0) FROM buckets").Scan(&versions))
	return fmt.Sprint(len(w.book.events), versions)
}

func (w *world) openEntries(d *desk) string {
	list, err := d.store.Outbox(context.Background(), 100)
	w.must(err)
	var open []string
	for _, e := range list {
		if !e.Arrived && e.State != "accepted" {
			open = append(open, fmt.Sprintf("%s %s %s (%s)", w.short(string(e.ID)), e.Kind, e.State, e.Why))
		}
	}
	return strings.Join(open, "; ")
}

// settle gives a desk's engine time until it wants none, or until enough says so.
func (w *world) settle(d *desk, enough func() bool) bool {
	ctx := context.Background()
	for range maxSteps {
		if status, _ := d.engine.Status(); status.Phase == sync.NeedLogin {
			if err := d.logIn(); err != nil {
				w.tracef("    %s cannot log in: %s", d.name, explain(err))
				w.now = w.now.Add(time.Minute)
			}
		}
		fetched := d.engine.Fetch(ctx)
		stepped := d.engine.Step(ctx)
		d.traceStep(stepped)
		d.traceStep(fetched)
		if enough != nil && enough() {
			return true
		}
		if fetched.Did != sync.Nothing || stepped.Did != sync.Nothing {
			continue
		}
		status, _ := d.engine.Status()
		if enough == nil && status.Phase == sync.Idle && stepped.Next.After(d.time().Add(61*time.Second)) && fetched.Next.IsZero() {
			return true
		}
		if next := soonest(stepped.Next, fetched.Next); next.After(d.time()) {
			w.now = w.now.Add(next.Sub(d.time()))
		}
	}
	return false
}

func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// checkViews is invariant 4: what a desk holds of each bucket is what the
// central shows its user in it now, row by row.
func (w *world) checkViews() {
	ctx := context.Background()
	for _, d := range w.desks {
		id, err := d.store.DeviceIdentity(ctx)
		w.must(err)
		answer, err := d.login(ctx, id)
		w.must(err)
		ses, err := w.central.svc.Authenticate(ctx, answer.Token)
		w.must(err)
		device, err := d.store.Device(ctx)
		w.must(err)
		pull := func(b wire.Bucket) wire.Page {
			resp, err := w.central.svc.Pull(ctx, ses, wire.PullRequest{Unit: device.Unit, Buckets: []wire.Cursor{{Bucket: b}}})
			w.must(err)
			if len(resp.Pages) == 0 {
				return wire.Page{Bucket: b}
			}
			return resp.Pages[0]
		}
		buckets := []wire.Bucket{wire.UserBucket(d.user)}
		for _, u := range allUnits {
			buckets = append(buckets, wire.UnitBucket(u))
		}
		for _, b := range buckets {
			w.checkBucket(d, b, pull(b))
		}
		for _, id := range w.known {
			if w.concerns(d, id) {
				b := wire.ProcessBucket(id)
				w.checkBucket(d, b, pull(b))
			}
		}
		w.checkFilesHere(d)
	}
}

// concerns says whether a desk must hold a process: it is listed in one of the
// units of its user.
func (w *world) concerns(d *desk, id sei.ProcessID) bool {
	return slices.ContainsFunc(allUnits, func(u sei.UnitID) bool {
		_, listed := w.inboxLine(u, id)
		return listed && w.member(d.user, u)
	})
}

func (w *world) checkBucket(d *desk, b wire.Bucket, page wire.Page) {
	rows, err := d.store.Bucket(context.Background(), b)
	w.must(err)
	here := map[string]wire.Row{}
	for _, r := range rows {
		here[r.Key] = r
	}
	if page.Revoked && len(rows) > 0 {
		w.violate(Secrecy, "%s still holds %d rows of %s, to which its user has no right", d.name, len(rows), w.bucket(b))
	}
	for _, r := range page.Rows {
		h, ok := here[r.Key]
		switch {
		case !ok:
			w.violate(Convergence, "%s lacks %s of %s", d.name, w.key(r.Key), w.bucket(b))
		case h.Version != r.Version || canonical(h.Body) != canonical(r.Body):
			w.violate(Convergence, "%s holds another %s of %s:\n%s\nthe central:\n%s", d.name, w.key(r.Key), w.bucket(b), h.Body, r.Body)
		}
		delete(here, r.Key)
	}
	for _, key := range sortedKeys(here) {
		w.violate(Convergence, "%s holds %s of %s, which the central has not", d.name, w.key(key), w.bucket(b))
	}
}

func (w *world) bucket(b wire.Bucket) string {
	kind, id := b.Parts()
	return kind + "/" + w.short(id)
}

func (w *world) key(key string) string {
	parts := strings.Split(key, "/")
	for i := range parts {
		parts[i] = w.short(parts[i])
	}
	return strings.Join(parts, "/")
}

// checkFilesHere is invariant 10 at a desk: a file that it holds is the one that
// was cited.
func (w *world) checkFilesHere(d *desk) {
	ctx := context.Background()
	for _, id := range sortedKeys(w.book.documents) {
		for _, ref := range w.book.documents[id].blobs {
			there, err := d.store.HasBlob(ctx, ref.SHA256)
			w.must(err)
			if !there {
				continue
			}
			b, err := d.store.OpenBlob(ctx, ref.SHA256)
			if err != nil {
				w.violate(Blobs, "%s says that it has %.12s and cannot open it: %v", d.name, ref.SHA256, err)
			}
			sum := sha256.New()
			_, err = io.Copy(sum, io.NewSectionReader(b, 0, b.Size()))
			w.must(b.Close())
			if err != nil || hex.EncodeToString(sum.Sum(nil)) != string(ref.SHA256) {
				w.violate(Blobs, "%s holds other bytes as %.12s (%v)", d.name, ref.SHA256, err)
			}
		}
	}
}

var words = regexp.MustCompile(`zq[0-9]{6}qz|zr[0-9]{6}rz`)

// heard is invariant 11 for every answer that leaves the central: a text goes
// only to who works in its unit, and what is restricted only to who works in a
// unit through which the process passed.
func (w *world) heard(s *sent, a *answer) {
	if w.making || a.status >= 300 || !w.central.running() {
		return
	}
	w.readLedger()
	user := s.desk.user
	for _, word := range words.FindAll(a.body, -1) {
		if !w.mayKnow(user, string(word)) {
			w.violate(Secrecy, "the answer to %s %s of %s holds %s, which %s may not read", s.method, route(s.url), s.desk.name, word, user)
		}
	}
	if s.method == http.MethodGet && strings.HasPrefix(s.url, "/v1/documents/") {
		id := sei.DocumentID(strings.Split(s.url, "/")[3])
		w.checkHanded(s, id, sei.UnitID(s.header.Get("X-Seirs-Unit")))
	}
}

func (w *world) mayKnow(user sei.UserID, word string) bool {
	if unit, isText := w.book.markers[word]; isText {
		return w.member(user, unit)
	}
	p := w.book.processes[w.book.secrets[word]]
	if p == nil {
		return false
	}
	for unit := range p.open {
		if w.member(user, unit) {
			return true
		}
	}
	return false
}

// checkHanded is invariant 11 for a file.
func (w *world) checkHanded(s *sent, id sei.DocumentID, unit sei.UnitID) {
	doc := w.book.documents[id]
	if doc == nil {
		w.violate(Secrecy, "%s was given a file of a document that is in no ledger", s.desk.name)
	}
	_, passed := w.book.processes[doc.process].open[unit]
	switch {
	case !w.member(s.desk.user, unit):
		w.violate(Secrecy, "%s was given a file of %s for unit %s, in which it does not work", s.desk.name, w.short(string(id)), unit)
	case doc.minute && unit != doc.unit:
		w.violate(Secrecy, "%s was given a file of the minute %s of %s", s.desk.name, w.short(string(id)), doc.unit)
	case w.book.processes[doc.process].level != sei.Public && !passed:
		w.violate(Secrecy, "%s was given a file of %s, restricted, which never was in %s", s.desk.name, w.short(string(id)), unit)
	}
	w.reached("file handed out")
}

// member asks the central's table of rights, not the code that judges by it.
func (w *world) member(user sei.UserID, unit sei.UnitID) bool {
	var n int
	w.must(w.central.db.QueryRow("SELECT COUNT(*) FROM memberships WHERE user_id = ? AND unit_id = ?", string(user), string(unit)).Scan(&n))
	return n > 0
}

// checkSecrets is invariant 11 at rest: what rests at a desk is what its user may
// read now. The servant's own queue and drafts are theirs.
func (w *world) checkSecrets() {
	ctx := context.Background()
	for _, d := range w.desks {
		for _, u := range allUnits {
			w.checkResting(d, wire.UnitBucket(u))
		}
		for _, id := range w.known {
			w.checkResting(d, wire.ProcessBucket(id))
			w.checkStranger(d, id)
		}
		for _, id := range sortedKeys(w.book.documents) {
			doc := w.book.documents[id]
			p := w.book.processes[doc.process]
			if p.level == sei.Public || w.related(d.user, p) {
				continue
			}
			for _, ref := range doc.blobs {
				if there, err := d.store.HasBlob(ctx, ref.SHA256); err != nil || there && !w.citedElsewhere(d, ref.SHA256, doc.process) {
					w.violate(Secrecy, "%s still holds a file of %s, which its user may not read (%v)", d.name, w.short(string(id)), err)
				}
			}
		}
	}
}

// checkStranger: of a public process that never was in a unit of theirs, or is no
// more, a user has the words of the history and not its payloads, in which people
// are named.
func (w *world) checkStranger(d *desk, id sei.ProcessID) {
	p := w.book.processes[id]
	if p == nil || w.related(d.user, p) {
		return
	}
	rows, err := d.store.Bucket(context.Background(), wire.ProcessBucket(id))
	w.must(err)
	for _, r := range rows {
		var e wire.EventRow
		if strings.HasPrefix(r.Key, "event/") && json.Unmarshal(r.Body, &e) == nil && e.Payload != nil {
			w.violate(Secrecy, "%s holds the payload of %s of %s, which only units that it passed may read", d.name, w.key(r.Key), w.short(string(id)))
		}
	}
	if len(rows) > 0 {
		w.reached("public process of strangers at a desk")
	}
}

func (w *world) related(user sei.UserID, p *kept) bool {
	for unit := range p.open {
		if w.member(user, unit) {
			return true
		}
	}
	return false
}

// citedElsewhere says whether the same bytes are in a document that the user may
// read, in an act of their own, or were typeset at this desk for one that failed.
func (w *world) citedElsewhere(d *desk, sha sei.SHA256, but sei.ProcessID) bool {
	if d.typed[sha] {
		return true
	}
	for _, doc := range w.book.documents {
		p := w.book.processes[doc.process]
		cites := slices.ContainsFunc(doc.blobs, func(b sei.BlobRef) bool { return b.SHA256 == sha })
		if cites && doc.process != but && (p.level == sei.Public || w.related(d.user, p)) {
			return true
		}
	}
	for id := range d.seen.entries {
		cmd, err := d.store.OutboxCommand(context.Background(), id)
		if err == nil && slices.ContainsFunc(sei.CitedBlobs(cmd.Body), func(b sei.BlobRef) bool { return b.SHA256 == sha }) {
			return true
		}
	}
	return false
}

func (w *world) checkResting(d *desk, b wire.Bucket) {
	rows, err := d.store.Bucket(context.Background(), b)
	w.must(err)
	data, err := json.Marshal(rows)
	w.must(err)
	for _, word := range words.FindAll(data, -1) {
		if !w.mayKnow(d.user, string(word)) {
			w.violate(Secrecy, "%s still holds %s in %s, which %s may not read", d.name, word, w.bucket(b), d.user)
		}
	}
}

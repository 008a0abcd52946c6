package central_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestACursorCannotSkipALateCommit(t *testing.T) {
	w := newWorld(t)
	reader := w.desk("SPGG", "carla.rodrigues", spggGab)
	const writers, each = 4, 6
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range writers {
		d := w.desk("SPGG", "ana.schneider", spggGab)
		wg.Go(func() {
			for range each {
				id := d.start(sei.Public)
				d.do(id, sei.NoteProgress{Text: "Andamento"})
			}
		})
	}
	go func() { wg.Wait(); close(done) }()
	seen := map[string]int64{}
	cursor := int64(0)
	follow := func() {
		page := reader.pull(wire.UnitBucket(spggGab), cursor)
		for _, r := range page.Rows {
			if r.Version <= cursor {
				t.Errorf("row %s has version %d after cursor %d", r.Key, r.Version, cursor)
			}
			seen[r.Key] = r.Version
		}
		cursor = page.Cursor
	}
	for finished := false; !finished; {
		select {
		case <-done:
			finished = true
		default:
		}
		follow()
	}
	follow()
	whole := reader.pull(wire.UnitBucket(spggGab), 0)
	checkSum(t, whole)
	for _, r := range whole.Rows {
		if seen[r.Key] != r.Version {
			t.Errorf("row %s is at %d, the follower has %d", r.Key, r.Version, seen[r.Key])
		}
	}
	if n := len(keysWith(whole, "process/")); n != writers*each {
		t.Errorf("%d processes, want %d", n, writers*each)
	}
}

func TestEveryBucketsChecksumEqualsItsRows(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	d.signedDocument(id, "Defiro.")
	d.do(id, sei.Send{To: []sei.UnitID{sesGab}})
	for _, b := range []wire.Bucket{wire.CatalogueBucket, wire.UserBucket(d.login.User.ID), wire.UnitBucket(spggGab), wire.ProcessBucket(id)} {
		p := d.pull(b, 0)
		if len(p.Rows) == 0 {
			t.Errorf("%s is empty", b)
		}
		checkSum(t, p)
	}
}

func TestWhoLeavesAUnitLeavesATombstone(t *testing.T) {
	w := newWorld(t)
	chief, leaver := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "bruno.machado", spggGab)
	key := "member/" + string(leaver.login.User.ID)
	before := chief.pull(wire.UnitBucket(spggGab), 0)
	if row(before, key) == nil {
		t.Fatal("the member has no row")
	}
	must(t, w.svc.Grant(t.Context(), "SPGG", "bruno.machado", "SPGG", "SPGG/GAB", nil, time.Time{}))
	after := chief.pull(wire.UnitBucket(spggGab), before.Cursor)
	if r := row(after, key); r == nil || !r.Gone {
		t.Errorf("the row is %+v", r)
	}
	fresh := chief.pull(wire.UnitBucket(spggGab), 0)
	checkSum(t, fresh)
	if row(fresh, key) != nil {
		t.Error("a new desk is told of what it never had")
	}
	if p := leaver.pull(wire.UnitBucket(spggGab), 0); !p.Revoked {
		t.Error("who left still pulls the unit")
	}
}

func TestAnUnknownCursorIsAnsweredWithEverything(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	p := d.pull(wire.UserBucket(d.login.User.ID), 1_000_000)
	if !p.Reset || len(p.Rows) == 0 {
		t.Fatalf("the answer is %+v", p)
	}
	checkSum(t, p)
}

func TestAnAnswerIsCutAtTheLimitOfRows(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	var resp wire.PullResponse
	twice := []wire.Cursor{{Bucket: wire.CatalogueBucket}, {Bucket: wire.CatalogueBucket}}
	must(t, d.call(http.MethodPost, "/v1/pull", wire.PullRequest{Unit: d.unit, Buckets: twice}, &resp))
	whole, part := resp.Pages[0], resp.Pages[1]
	if whole.More || whole.Checksum == nil {
		t.Errorf("the first page: more %v", whole.More)
	}
	if !part.More || !resp.More || part.Checksum != nil || len(whole.Rows)+len(part.Rows) != wire.MaxPullRows {
		t.Errorf("the second page has %d rows, more %v", len(part.Rows), part.More)
	}
	rest := d.pull(wire.CatalogueBucket, part.Cursor)
	if len(part.Rows)+len(rest.Rows) != len(whole.Rows) {
		t.Errorf("%d and %d rows, want %d", len(part.Rows), len(rest.Rows), len(whole.Rows))
	}
}

func TestNothingNewIsNoPage(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	p := d.pull(wire.CatalogueBucket, 0)
	var resp wire.PullResponse
	must(t, d.call(http.MethodPost, "/v1/pull", wire.PullRequest{Unit: d.unit, Buckets: []wire.Cursor{{Bucket: wire.CatalogueBucket, After: p.Cursor}}}, &resp))
	if len(resp.Pages) != 0 || resp.More {
		t.Errorf("the answer is %+v", resp)
	}
}

func TestAPlaceThatRanOutLeavesTheColleaguesList(t *testing.T) {
	w := newWorld(t)
	chief := w.desk("SPGG", "ana.schneider", spggGab)
	must(t, w.svc.Grant(t.Context(), "SPGG", "bruno.machado", "SPGG", "SPGG/GAB", []sei.Profile{sei.ProfileColleague}, w.clock.Now().Add(time.Hour)))
	before := chief.pull(wire.UnitBucket(spggGab), 0)
	w.clock.add(2 * time.Hour)
	must(t, w.svc.Sweep(t.Context()))
	if r := row(chief.pull(wire.UnitBucket(spggGab), before.Cursor), "member/demo-spgg-bruno.machado"); r == nil || !r.Gone {
		t.Errorf("the row is %+v", r)
	}
}

func TestAProcessIsNotErasedBecauseTheWindowShowsAnotherUnit(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Restricted)
	d.unit = "demo-spgg-deplan" // also hers
	if p := d.pull(wire.ProcessBucket(id), 0); p.Revoked {
		t.Error("the process was revoked")
	}
	d.refused(id, sei.NoteProgress{Text: "x"}, sei.CodeNoProcess) // acting there is another matter
}

package local

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestASyncedProcessIsReadWhole(t *testing.T) {
	w := newWorld(t)
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil), w.minute("p1", "d1", "r1", 1, false, "primeira versão"), w.minute("p1", "d1", "r2", 2, true, "segunda versão"))
	w.sync(wire.ProcessBucket("p1"),
		w.event("p1", 1, "c1", "Processo iniciado"), w.state("p1", func(p *sei.Process) { p.Order = []sei.DocumentID{"d1"} }),
		w.document("p1", "d1", nil), w.event("p1", 2, "c2", "Documento incluído"))

	w.reopen()
	p, err := w.Process(w.ctx, "p1")
	w.ok(err)
	if p == nil || len(p.DocumentsInOrder()) != 1 || p.Documents["d1"].SEINumber != 42 || !p.OpenIn(myUnit) {
		t.Fatalf("process %+v", p)
	}
	events, err := w.Events(w.ctx, "p1")
	w.ok(err)
	if len(events) != 2 || events[0].Text != "Processo iniciado" || events[1].Header.Command != "c2" {
		t.Fatalf("events %+v", events)
	}
	minutes, err := w.Minutes(w.ctx, "d1")
	w.ok(err)
	head, ok, err := w.HeadMinute(w.ctx, "d1")
	w.ok(err)
	if len(minutes) != 2 || minutes[0].ID != "r1" || !ok || head.ID != "r2" || string(head.Text) != string(text("segunda versão")) {
		t.Fatalf("minutes %+v, head %+v", minutes, head)
	}
	if of, err := w.ProcessOf(w.ctx, "d1"); err != nil || of != "p1" {
		t.Fatalf("document d1 stands in %q, %v", of, err)
	}
	if none, err := w.Process(w.ctx, "p2"); none != nil || err != nil {
		t.Fatalf("a process that is not here: %v, %v", none, err)
	}
}

func TestEventsAreInOrderOfTheirVersion(t *testing.T) {
	w := newWorld(t)
	var rows []wire.Row
	for v := int64(1); v <= 12; v++ {
		rows = append(rows, w.event("p1", v, "c", fmt.Sprint(v)))
	}
	w.sync(wire.ProcessBucket("p1"), rows...)
	events, err := w.Events(w.ctx, "p1")
	w.ok(err)
	for i, e := range events {
		if e.Header.Version != int64(i+1) {
			t.Fatalf("event %d has version %d", i, e.Header.Version)
		}
	}
}

func TestAPageAppliedTwiceChangesNothing(t *testing.T) {
	w := newWorld(t)
	b := wire.UnitBucket(myUnit)
	first := w.page(b, w.line("p1", nil), w.line("p2", nil))
	second := w.page(b, w.row(b, "process/p1", nil), w.line("p2", func(l *wire.InboxLine) { l.Specification = "nova" }))
	w.apply(first)
	w.apply(second)
	before, err := w.Bucket(w.ctx, b)
	w.ok(err)
	for _, p := range []wire.Page{first, second, first, second} {
		if _, err := w.ApplyPage(w.ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	after, err := w.Bucket(w.ctx, b)
	w.ok(err)
	if !reflect.DeepEqual(before, after) || len(after) != 1 {
		t.Fatalf("before %v, after %v", before, after)
	}
}

func TestAPageThatWasLostIsNoticedAndMendedByASnapshot(t *testing.T) {
	w := newWorld(t)
	b := wire.UnitBucket(myUnit)
	w.sync(b, w.line("p1", nil), w.line("p2", nil))
	_ = w.page(b, w.line("p3", nil), w.row(b, "process/p1", nil)) // never arrives
	mismatch, err := w.ApplyPage(w.ctx, w.page(b, w.line("p4", nil)))
	w.ok(err)
	if !mismatch {
		t.Fatal("a lost page went unnoticed")
	}
	cursors, err := w.Cursors(w.ctx, 100)
	w.ok(err)
	for _, c := range cursors {
		if c.Bucket == b && c.After != 0 {
			t.Fatalf("cursor %d after a mismatch", c.After)
		}
	}
	if page, err := w.Inbox(w.ctx, myUnit, InboxQuery{}); err != nil || page.Total != 3 {
		t.Fatalf("what was in view vanished: %d lines, %v", page.Total, err)
	}

	// The snapshot comes in two pages; until the second, nothing leaves the view.
	whole := w.page(b, wire.Row{}, wire.Row{}, wire.Row{})
	whole.Rows = []wire.Row{w.line("p2", nil), w.line("p3", nil)}
	whole.Cursor, whole.More, whole.Checksum = w.seq[b], true, nil
	w.apply(whole)
	if page, err := w.Inbox(w.ctx, myUnit, InboxQuery{}); err != nil || page.Total != 4 {
		t.Fatalf("in the middle of a snapshot: %d lines, %v", page.Total, err)
	}
	w.sync(b, w.line("p4", nil))
	page, err := w.Inbox(w.ctx, myUnit, InboxQuery{})
	w.ok(err)
	if page.Total != 3 {
		t.Fatalf("after the snapshot: %+v", page.Lines)
	}
	for _, l := range page.Lines {
		if l.Process == "p1" {
			t.Fatal("a deleted line survived the snapshot")
		}
	}
}

func TestAResetPageReplacesTheBucket(t *testing.T) {
	w := newWorld(t)
	b := wire.UnitBucket(myUnit)
	w.sync(b, w.line("p1", nil), w.line("p2", nil))
	w.seq[b], w.rows[b] = 0, nil // the central was restored and counts anew
	p := w.page(b, w.line("p2", nil))
	p.Reset = true
	w.apply(p)
	page, err := w.Inbox(w.ctx, myUnit, InboxQuery{})
	w.ok(err)
	if page.Total != 1 || page.Lines[0].Process != "p2" {
		t.Fatalf("lines %+v", page.Lines)
	}
}

func TestPagesInAnyOrderConverge(t *testing.T) {
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		b := wire.UnitBucket(sei.UnitID(fmt.Sprintf("u%d", n)))
		var pages []wire.Page
		for range rapid.IntRange(1, 6).Draw(rt, "pages") {
			var rows []wire.Row
			for range rapid.IntRange(1, 4).Draw(rt, "rows") {
				id := sei.ProcessID(fmt.Sprintf("p%d", rapid.IntRange(1, 4).Draw(rt, "process")))
				var body any
				if rapid.Bool().Draw(rt, "alive") {
					body = wire.InboxLine{Process: id, Open: true}
				}
				rows = append(rows, w.row(b, "process/"+string(id), body))
			}
			pages = append(pages, w.page(b, rows...))
		}
		snapshot := pages[len(pages)-1] // all that is alive at the end
		snapshot.Rows, snapshot.Reset = nil, true
		for key, version := range w.rows[b] {
			snapshot.Rows = append(snapshot.Rows, wire.Row{Key: key, Version: version, Body: []byte(`{"process":"` + strings.TrimPrefix(key, "process/") + `","open":true}`)})
		}
		for range rapid.IntRange(0, 12).Draw(rt, "deliveries") {
			p := pages[rapid.IntRange(0, len(pages)-1).Draw(rt, "which")]
			if _, err := w.ApplyPage(w.ctx, p); err != nil {
				rt.Fatal(err)
			}
		}
		// Then the line is good again, and a mismatch asks for a snapshot.
		mismatch, err := w.ApplyPage(w.ctx, pages[len(pages)-1])
		if err == nil && !mismatch {
			last := pages[len(pages)-1]
			last.Rows = nil
			mismatch, err = w.ApplyPage(w.ctx, last)
		}
		if err == nil && mismatch {
			mismatch, err = w.ApplyPage(w.ctx, snapshot)
		}
		if err != nil || mismatch {
			rt.Fatalf("mismatch %v, %v", mismatch, err)
		}
		_, id := b.Parts()
		page, err := w.Inbox(w.ctx, sei.UnitID(id), InboxQuery{})
		if err != nil || page.Total != len(w.rows[b]) {
			rt.Fatalf("%d lines, central has %d, %v", page.Total, len(w.rows[b]), err)
		}
	})
}

func TestRowsOfUnknownKindsAreKept(t *testing.T) {
	w := newWorld(t)
	b := wire.ProcessBucket("p1")
	w.sync(b, w.row(b, "hologram/1", map[string]int{"a": 1}), w.row(b, "state", "not a process"), w.row(wire.ProcessBucket("p1"), "event/x", 3))
	rows, err := w.Bucket(w.ctx, b)
	w.ok(err)
	if len(rows) != 3 || string(rows[1].Body) != `{"a":1}` {
		t.Fatalf("rows %v", rows)
	}
}

func TestAMalformedPageIsRefusedWhole(t *testing.T) {
	w := newWorld(t)
	for name, p := range map[string]wire.Page{
		"no bucket":  {},
		"no id":      {Bucket: "process/"},
		"empty key":  {Bucket: "catalogue", Rows: []wire.Row{{Version: 1}}},
		"no version": {Bucket: "catalogue", Rows: []wire.Row{{Key: "a"}}},
		"long key":   {Bucket: "catalogue", Rows: []wire.Row{{Key: strings.Repeat("k", 301), Version: 1}}},
		"too many":   {Bucket: "catalogue", Rows: make([]wire.Row, maxPageRows+1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.ApplyPage(w.ctx, p)
			w.refused(err, sei.CodeInvalid)
		})
	}
}

func TestTheCursorsAskForIndexesFirstAndThenForWhatMoved(t *testing.T) {
	w := newWorld(t)
	w.sync(wire.UnitBucket(myUnit),
		w.line("old", func(l *wire.InboxLine) { l.LastEventAt = w.clock.now.Add(-time.Hour) }),
		w.line("new", nil),
		w.line("known", func(l *wire.InboxLine) { l.BucketVersion = 1 }))
	w.sync(wire.ProcessBucket("known"), w.state("known", nil))
	w.ok(w.WantProcess(w.ctx, "public"))
	cursors, err := w.Cursors(w.ctx, 100)
	w.ok(err)
	var got []wire.Bucket
	for _, c := range cursors {
		got = append(got, c.Bucket)
	}
	want := []wire.Bucket{"catalogue", "user/ana", "unit/u-gab", "process/public", "process/new", "process/old"}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	w.sync(wire.ProcessBucket("public"), w.state("public", nil))
	if cursors, err = w.Cursors(w.ctx, 4); err != nil || len(cursors) != 4 || cursors[3].Bucket != "process/new" {
		t.Fatalf("after the wanted one came: %v, %v", cursors, err)
	}
}

func TestAProcessThatIsAskedAboutIsAnsweredOnce(t *testing.T) {
	w := newWorld(t)
	b := wire.ProcessBucket("p1")
	asked := func() (int64, bool) {
		t.Helper()
		cursors, err := w.Cursors(w.ctx, 100)
		w.ok(err)
		for _, c := range cursors {
			if c.Bucket == b {
				return c.After, true
			}
		}
		return 0, false
	}
	w.ok(w.WantProcess(w.ctx, "p1"))
	if after, ok := asked(); !ok || after != 0 {
		t.Fatalf("asked from %d, %v", after, ok)
	}
	first, last := w.event("p1", 1, "c", "um"), w.event("p1", 2, "c", "dois")
	w.sync(b, first, last)
	if _, ok := asked(); ok {
		t.Fatal("asked again after its rows came")
	}
	w.ok(w.WantProcess(w.ctx, "p1"))
	if after, ok := asked(); !ok || after != 1 {
		t.Fatalf("asked from %d, %v: the central would be silent", after, ok)
	}
	w.sync(b, last) // no news
	if _, ok := asked(); ok {
		t.Fatal("asked for ever")
	}
	w.ok(w.WantProcess(w.ctx, "p1"))
	w.apply(wire.Page{Bucket: b, Revoked: true})
	if _, ok := asked(); ok {
		t.Fatal("asked after the right was lost")
	}
}

func TestTenThousandProcessesAreListedQuickly(t *testing.T) {
	w := newWorld(t)
	b := wire.UnitBucket(myUnit)
	r := rand.New(rand.NewPCG(1, 2))
	var rows []wire.Row
	for i := range 10_000 {
		rows = append(rows, w.line(sei.ProcessID(fmt.Sprintf("p%05d", i)), func(l *wire.InboxLine) {
			l.Number = fmt.Sprintf("26/1300-%07d-%d", i, i%10)
			l.Generated, l.Received = i%3 == 0, i%5 != 0
			l.LastEventAt = w.clock.now.Add(-time.Duration(r.IntN(1e6)) * time.Second)
			l.Specification = fmt.Sprintf("Aquisição nº %d", i)
		}))
	}
	for at := 0; at < len(rows); at += 2000 {
		p := w.page(b, rows[at:at+2000]...)
		p.Cursor, p.Checksum, p.More = rows[at+1999].Version, nil, true
		w.apply(p)
	}
	for name, q := range map[string]InboxQuery{
		"latest":      {Column: ColumnReceived, Offset: 3000},
		"by number":   {Sort: SortNumber, Offset: 9000},
		"by words":    {Text: "aquisicao 77"},
		"by number's": {Text: "261300000777"},
	} {
		start := time.Now()
		page, err := w.Inbox(w.ctx, myUnit, q)
		took := time.Since(start)
		w.ok(err)
		if len(page.Lines) == 0 || page.Total < len(page.Lines) {
			t.Fatalf("%s: %d of %d", name, len(page.Lines), page.Total)
		}
		// Generous for a machine under load; it is about 10 ms.
		if took > time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	counts, err := w.InboxCounts(w.ctx, myUnit, myUser)
	w.ok(err)
	// Of the 2,000 that nobody opened, every third was made here and came back.
	if counts.Received != 6666 || counts.Generated != 3334 || counts.NotReceived != 2000 || counts.Returned != 667 {
		t.Fatalf("counts %+v", counts)
	}
}

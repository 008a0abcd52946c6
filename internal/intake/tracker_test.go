package intake

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestOnlyWhatHasBeenQuietIsExamined drives the tracker with random looks at a
// folder of a few files that come, grow, go and are examined.
func TestOnlyWhatHasBeenQuietIsExamined(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Quiet: 2 * time.Second, Patience: 10 * time.Second, Poll: time.Second}
		tr := newTracker(cfg)
		now := time.Unix(1_000_000, 0)
		size := map[string]int64{}
		changedAt := map[string]time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			path := fmt.Sprintf("%d.pdf", rapid.IntRange(0, 3).Draw(t, "file"))
			switch rapid.SampledFrom([]string{"write", "delete", "look"}).Draw(t, "what") {
			case "write":
				size[path]++
				changedAt[path] = now
			case "delete":
				delete(size, path)
			}
			var seen []sighting
			for p, n := range size {
				seen = append(seen, sighting{path: p, name: p, mark: fingerprint{size: n}})
			}
			tr.observe(now, seen)
			for _, s := range tr.due(now) {
				if quiet := now.Sub(changedAt[s.path]); quiet < cfg.Quiet || size[s.path] != s.mark.size {
					t.Fatalf("%s is examined %v after its last change", s.path, quiet)
				}
				tr.settle(now, s, rapid.SampledFrom([]finding{
					{sha256: fmt.Sprintf("%064x", s.mark.size)}, {reason: "busy"}, {reason: "no", final: true},
				}).Draw(t, "finding"))
			}
			requireSound(t, tr, now, size)
		}
	})
}

func requireSound(t *rapid.T, tr *tracker, now time.Time, size map[string]int64) {
	if len(tr.entries) != len(size) {
		t.Fatalf("%d files followed, %d there", len(tr.entries), len(size))
	}
	listed := 0
	for _, it := range tr.items() {
		listed += 1 + len(it.Copies)
		if (it.State == Waiting) != (it.SHA256 != "") || (it.State == Rejected && it.Reason == "") {
			t.Fatalf("item %+v", it)
		}
	}
	if listed != len(size) {
		t.Fatalf("%d files listed, %d there", listed, len(size))
	}
	for path, e := range tr.entries {
		if e.item.State == Incoming && (e.due.IsZero() || e.due.Sub(now) > tr.cfg.Quiet) {
			t.Fatalf("%s is incoming and will not be looked at in time", path)
		}
	}
}

func TestAnExaminationOfWhatHasChangedSinceCountsForNothing(t *testing.T) {
	cfg := Config{Quiet: time.Second, Patience: time.Minute}
	tr := newTracker(cfg)
	now := time.Unix(0, 0)
	old := sighting{path: "a.pdf", name: "a.pdf", mark: fingerprint{size: 1}}
	tr.observe(now, []sighting{old})
	tr.observe(now, []sighting{{path: "a.pdf", name: "a.pdf", mark: fingerprint{size: 2}}})
	if tr.settle(now, old, finding{sha256: "00"}) || tr.items()[0].State != Incoming {
		t.Fatal("an old hash was taken for the new content")
	}
}

func TestAFileLetGoUnchangedAfterItsRejectionIsTaken(t *testing.T) {
	tr := newTracker(Config{Quiet: time.Second, Patience: time.Minute, Poll: 5 * time.Second})
	now := time.Unix(0, 0)
	s := sighting{path: "a.pdf", name: "a.pdf", mark: fingerprint{size: 1}}
	tr.observe(now, []sighting{s})
	now = now.Add(time.Hour)
	tr.settle(now, s, finding{reason: "open elsewhere"})
	if got := tr.items()[0]; got.State != Rejected || got.Reason != "open elsewhere" {
		t.Fatalf("item %+v", got)
	}
	now = now.Add(5 * time.Second)
	due := tr.due(now)
	if len(due) != 1 {
		t.Fatal("it is not looked at any more")
	}
	tr.settle(now, due[0], finding{sha256: "ab"})
	if got := tr.items()[0]; got.State != Waiting || got.Reason != "" {
		t.Fatalf("item %+v", got)
	}
}

package central

import (
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func newCommitter(t *testing.T) *committer {
	t.Helper()
	s, err := openStore(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	c := startCommitter(s, func([]wire.Bucket) {}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		c.close()
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestJobsThatQueueWhileTheDiskWorksShareACommit(t *testing.T) {
	c := newCommitter(t)
	started, release := make(chan struct{}), make(chan struct{})
	first, err := c.submit(func(*writer) error { close(started); <-release; return nil })
	if err != nil {
		t.Fatal(err)
	}
	<-started
	transactions := map[runner]int{} // written by the one writing goroutine
	var jobs []*job
	for range 20 {
		j, err := c.submit(func(w *writer) error { transactions[w.run]++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	close(release)
	for _, j := range append(jobs, first) {
		if err := c.wait(t.Context(), j); err != nil {
			t.Error(err)
		}
	}
	if len(transactions) != 1 {
		t.Errorf("20 jobs took %d transactions", len(transactions))
	}
}

func TestAFailedJobLeavesNoTraceAndHarmsNoOther(t *testing.T) {
	c := newCommitter(t)
	boom := errors.New("boom")
	set := func(name string, fail error, dies bool) func(*writer) error {
		return func(w *writer) error {
			if err := setMeta(w, name, "x"); err != nil {
				return err
			}
			if dies {
				panic("a job dies")
			}
			return fail
		}
	}
	var wg sync.WaitGroup
	results := make([]error, 3)
	for i, do := range []func(*writer) error{set("good", nil, false), set("bad", boom, false), set("dead", nil, true)} {
		wg.Go(func() { results[i] = c.write(t.Context(), do) })
	}
	wg.Wait()
	if results[0] != nil || !errors.Is(results[1], boom) || results[2] == nil {
		t.Errorf("results: %v", results)
	}
	err := c.store.viewing(t.Context(), func(r reader) error {
		for name, want := range map[string]string{"good": "x", "bad": "", "dead": ""} {
			if got, err := getMeta(r, name); err != nil || got != want {
				t.Errorf("%s is %q, %v", name, got, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAfterStoppingNothingIsTaken(t *testing.T) {
	c := newCommitter(t)
	c.close()
	if _, err := c.submit(func(*writer) error { return nil }); sei.CodeOf(err) != sei.CodeUnavailable {
		t.Errorf("got %v", err)
	}
}

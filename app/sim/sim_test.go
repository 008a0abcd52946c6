package sim

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// TestMain runs the tests in a process without the file in which go test notes
// what they open: in the middle of a full disk it could not be written.
func TestMain(m *testing.M) {
	if code, again := withoutTestLog(); again {
		os.Exit(code)
	}
	code := m.Run()
	if err := RemoveTemplate(); err != nil {
		fmt.Println(err)
		code = 1
	}
	os.Exit(code)
}

func withoutTestLog() (code int, again bool) {
	args := slices.DeleteFunc(slices.Clone(os.Args[1:]), func(a string) bool { return strings.HasPrefix(a, "-test.testlogfile") })
	if len(args) == len(os.Args)-1 {
		return 0, false
	}
	cmd := exec.Command(os.Args[0], args...) //nolint:gosec,noctx // this very program, as long as it takes
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		return max(exit.ExitCode(), 1), true
	}
	if err != nil {
		fmt.Println(err)
		return 1, true
	}
	return 0, true
}

// run plays a schedule that the simulator itself must get through.
func run(t *testing.T, s Schedule) Result {
	t.Helper()
	r, err := Run(s)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", s.Seed, err, strings.Join(r.Trace, "\n"))
	}
	return r
}

func TestTheInvariantsHold(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		if r := run(t, Generate(seed)); r.Violation != nil {
			t.Fatalf("seed %d: %v\n%s", seed, r.Violation, strings.Join(r.Trace, "\n"))
		}
	}
}

//go:embed testdata
var found embed.FS

// regression is a shrunk schedule that once failed.
type regression struct {
	Seed     uint64   `json:"seed"`  // that found it
	Found    string   `json:"found"` // what was wrong
	Schedule Schedule `json:"schedule"`
}

func TestWhatWasFoundOnceDoesNotComeBack(t *testing.T) {
	entries, err := found.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(strings.TrimSuffix(e.Name(), ".json"), func(t *testing.T) {
			data, err := found.ReadFile(path.Join("testdata", e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			var r regression
			if err := json.Unmarshal(data, &r); err != nil {
				t.Fatal(err)
			}
			if got := run(t, r.Schedule); got.Violation != nil {
				t.Fatalf("%s\n%v\n%s", r.Found, got.Violation, strings.Join(got.Trace, "\n"))
			}
		})
	}
}

func TestTheSameSeedGivesTheSameRun(t *testing.T) {
	for seed := uint64(21); seed <= 26; seed++ {
		a, b := run(t, Generate(seed)), run(t, Generate(seed))
		if !slices.Equal(a.Trace, b.Trace) {
			for i := range min(len(a.Trace), len(b.Trace)) {
				if a.Trace[i] != b.Trace[i] {
					t.Fatalf("seed %d, line %d:\n%s\n%s", seed, i, a.Trace[i], b.Trace[i])
				}
			}
			t.Fatalf("seed %d: %d lines and %d lines", seed, len(a.Trace), len(b.Trace))
		}
	}
}

// A process concluded somewhere stands for a fault: it needs a start, its
// arrival at the central, and the conclusion; all the rest is chaff.
func TestAFailureIsShrunkToWhatItNeeds(t *testing.T) {
	planted := func(w *world) {
		for _, e := range w.book.events {
			if p, ok := e.payload.(sei.UnitConcluded); ok && !p.Automatic {
				w.violate(Openness, "planted")
			}
		}
	}
	plantedRun := func(s Schedule) (Result, error) { return play(s, planted) }
	for seed := uint64(1); seed < 100; seed++ {
		s := Generate(seed)
		r, err := plantedRun(s)
		if err != nil {
			t.Fatal(err)
		}
		if r.Violation == nil || r.Violation.Detail != "planted" || r.Played < 20 {
			continue
		}
		small, again := shrinkWith(plantedRun, s, r)
		if again.Violation == nil || again.Violation.Detail != "planted" {
			t.Fatalf("the shrunk schedule fails otherwise: %v", again.Violation)
		}
		if len(small.Actions) > 5 {
			t.Errorf("%d actions of %d are left:\n%v", len(small.Actions), len(s.Actions), small.Actions)
		}
		for _, a := range small.Actions {
			if a.Fault != "" {
				t.Errorf("a fault is left that nothing needs: %v", a)
			}
		}
		return
	}
	t.Fatal("no seed concludes a process")
}

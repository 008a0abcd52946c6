package sim

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// edit replaces one place of a file.
type edit struct{ file, old, with string }

// mutation is a fault put into the code on purpose.
type mutation struct {
	name      string
	invariant Invariant
	edits     []edit
}

// mutations break each invariant once. The first column of DESIGN.md's table
// names them.
var mutations = []mutation{
	{"a command that comes again is decided again", Promises, []edit{
		{"internal/central/accept.go", "if found, err := noRows(err); !found || err != nil {\n\t\treturn false, err\n\t}\n\tvar sealed", "if true || err != nil {\n\t\treturn false, nil\n\t}\n\tvar sealed"},
		{"internal/central/accept.go", "w.exec(`INSERT INTO commands", "w.exec(`INSERT OR REPLACE INTO commands"},
	}},
	{"a lease skips numbers", Numbers, []edit{{"internal/central/leases.go", "\t\tlast++\n", "\t\tlast += 2\n"}}},
	{"two events of one command have the same predecessor", TheChain, []edit{{"internal/central/append.go", "last = h.Hash()\n\t\tout", "_ = h.Hash()\n\t\tout"}}},
	{"what a stranger read is not asked for anew", Convergence, []edit{{"internal/local/derive.go", "if err == nil && !listed {", "if err == nil && !listed && false {"}}},
	{"a text that lost the race is not kept", Texts, []edit{{"internal/sei/decide_document.go", "\td.rev = RevisionOf(d.c, d.v.Facts.TextHash, side)", "\tif side {\n\t\treturn nil\n\t}\n\td.rev = RevisionOf(d.c, d.v.Facts.TextHash, side)"}}},
	{"a refusal shows as accepted", ReceiptFirst, []edit{{"internal/local/settle.go", "\tif !r.Accepted {\n\t\tstate = StateRefused\n\t}\n", ""}}},
	{"an accepted act leaves the overlay before its rows", Monotonic, []edit{{"internal/local/settle.go", "if err := s.awaitRows(ctx, tx, id, r); err != nil {", "if err := error(nil); err != nil {"}}},
	{"what was sent without an answer is not sent again", Liveness, []edit{{"internal/sync/plan.go", "if q.Sent != sent {", "if q.Sent || sent {"}}},
	{"an upload that broke counts as whole", Blobs, []edit{
		{"internal/central/uploads.go", "err != nil || after < total {", "err != nil && after < 0 {"},
		{"internal/central/uploads.go", "if err := s.cfg.Files.FinishUpload(ctx, uploadID(user, sha)); err != nil {", "if err := s.cfg.Files.FinishUpload(ctx, uploadID(user, sha)); err != nil && user == \"\" {"},
	}},
	{"a conclusion does not close", Openness, []edit{{"internal/sei/apply.go", "u.Open, u.Received, u.AssignedTo, u.Since = false, true, \"\", e.At", "u.Received, u.AssignedTo, u.Since = true, \"\", e.At"}}},
	{"restricted processes are read by everybody", Secrecy, []edit{{"internal/sei/access.go", "if level == Public && !onlyAudits {", "if !onlyAudits {"}}},
}

// maxSeeds is within how many seeds a mutation must be found.
const maxSeeds = 1000

// SEIRS_SIM_MUTATIONS says how many of the mutations are tried, from the last
// on, or that all are; each is a build of its own. make test tries two.
func TestEveryMutationIsFound(t *testing.T) {
	wanted := os.Getenv("SEIRS_SIM_MUTATIONS")
	n, err := strconv.Atoi(wanted)
	switch {
	case wanted == "all":
		n = len(mutations)
	case err != nil || n <= 0:
		t.Skip("SEIRS_SIM_MUTATIONS says how many are tried")
	}
	for _, m := range mutations[max(0, len(mutations)-n):] {
		t.Run(m.name, func(t *testing.T) { m.mustBeFound(t) })
	}
}

func TestEveryInvariantHasItsMutation(t *testing.T) {
	broken := map[Invariant]int{}
	for _, m := range mutations {
		broken[m.invariant]++
		for _, e := range m.edits {
			e.apply(t, read(t, e.file))
		}
	}
	for _, i := range Invariants() {
		if broken[i] != 1 {
			t.Errorf("%s is broken by %d mutations", i, broken[i])
		}
	}
}

const root = "../.."

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (e edit) apply(t *testing.T, source string) string {
	t.Helper()
	if strings.Count(source, e.old) != 1 {
		t.Fatalf("%s has not exactly one place like\n%s", e.file, e.old)
	}
	return strings.Replace(source, e.old, e.with, 1)
}

// mustBeFound builds the program with the mutation laid over its source, and
// lets it run until the invariant fails.
func (m mutation) mustBeFound(t *testing.T) {
	dir := t.TempDir()
	sources := map[string]string{}
	for _, e := range m.edits {
		if sources[e.file] == "" {
			sources[e.file] = read(t, e.file)
		}
		sources[e.file] = e.apply(t, sources[e.file])
	}
	overlay := map[string]string{}
	for file, source := range sources {
		full, err := filepath.Abs(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		overlay[full] = filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(overlay[full], []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "seirs")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-overlay", file, "-tags", "sqlite_fts5", "-o", program, "./app/seirs") //nolint:gosec // our own sources
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(ctx, program, "sim", "--seeds", strconv.Itoa(maxSeeds), "--shrink=false").CombinedOutput() //nolint:gosec // just built
	first, _, _ := strings.Cut(string(out), "\n\n")
	if err == nil {
		t.Fatalf("not found within %d seeds", maxSeeds)
	}
	if !strings.Contains(first, "invariant "+string(m.invariant)) {
		t.Fatalf("found as another: %v\n%s", err, first)
	}
	t.Logf("%s", first)
}

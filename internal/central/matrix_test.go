package central_test

import (
	"database/sql"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// fullMatrix is set for make test-full: every profile instead of one of each kind.
var fullMatrix = os.Getenv("SEIRS_MATRIX") == "full"

func TestEveryRouteHasItsRowInTheMatrix(t *testing.T) {
	m := &matrix{world: newWorld(t)}
	m.nobody = names{pictureSHA: strings.Repeat("0", 64), signedSHA: strings.Repeat("0", 64)}
	rows := slices.Sorted(maps.Keys(m.routeExpectations()))
	routes := m.svc.Routes()
	for _, r := range routes {
		if !slices.Contains(rows, r) {
			t.Errorf("%s has no row in the authorization matrix: say who may ask it and what a stranger is answered", r)
		}
	}
	for _, r := range rows {
		if !slices.Contains(routes, r) {
			t.Errorf("the matrix has a row for %s, which is not served", r)
		}
	}
	kinds := slices.Sorted(maps.Keys(m.commandBodies(m.nobody)))
	if !slices.Equal(kinds, sei.CommandKinds()) {
		t.Errorf("the matrix asks for %v, a workstation may send %v", kinds, sei.CommandKinds())
	}
}

func TestABlockGetsItsRowsInTheMatrixWhenItComes(t *testing.T) {
	for _, kind := range sei.CommandKinds() {
		if strings.Contains(string(kind), "Block") || strings.Contains(string(kind), "Credential") {
			t.Errorf("%s lets other units read: add the relation to relations and its rights to expected", kind)
		}
	}
}

func TestTheMatrixKnowsEveryProfile(t *testing.T) {
	for profile := range worksThere {
		if !profile.Valid() {
			t.Errorf("%q is no profile", profile)
		}
	}
	if len(worksThere) != len(sei.Profiles()) {
		t.Errorf("the matrix has %d profiles, the product %d", len(worksThere), len(sei.Profiles()))
	}
}

func TestNobodyLearnsWhatTheyMayNot(t *testing.T) {
	m := newMatrix(t)
	profiles := slices.Sorted(maps.Keys(worksThere))
	if !fullMatrix {
		profiles = []sei.Profile{sei.ProfileBasic, sei.ProfileAdmin, sei.ProfileAuditor}
	}
	rows := m.routeExpectations()
	run := &matrixRun{m: m, t: t, db: m.database()}
	for _, rel := range relations {
		for _, profile := range profiles {
			a := m.asker(profile, rel)
			for _, route := range slices.Sorted(maps.Keys(rows)) {
				if rows[route].session != open {
					run.route(route, rows[route], a)
				}
			}
		}
	}
	t.Logf("%d questions", run.asked)
}

func TestThePublicPageTellsStrangersNoMore(t *testing.T) {
	m := newMatrix(t)
	rows := m.routeExpectations()
	run := &matrixRun{m: m, t: t, db: m.database()}
	stranger := &desk{w: m.world, t: t, key: m.maker.key, device: m.maker.device}
	for _, route := range slices.Sorted(maps.Keys(rows)) {
		if rows[route].session != open {
			continue
		}
		for _, q := range rows[route].questions {
			for _, f := range m.files {
				m.clock.add(time.Hour) // the limit of attempts is asked elsewhere
				_, content := disclosed(f.level)
				run.one(route, q, asker{name: "publica", desk: stranger, level: f.level}, f, rights{know: content, content: content})
			}
		}
	}
	t.Logf("%d questions", run.asked)
}

func TestWithoutASessionOfOnesOwnEveryQuestionHasOneAnswer(t *testing.T) {
	m := newMatrix(t)
	rows := m.routeExpectations()
	outsiders := m.outsiders()
	run := &matrixRun{m: m, t: t, db: m.database()}
	for _, name := range slices.Sorted(maps.Keys(outsiders)) {
		for _, route := range slices.Sorted(maps.Keys(rows)) {
			run.outsider(route, rows[route], name, outsiders[name])
		}
	}
	t.Logf("%d questions", run.asked)
}

// matrixRun asks and judges.
type matrixRun struct {
	m     *matrix
	t     *testing.T
	db    *sql.DB
	asked int
}

func (x *matrixRun) route(route string, e expectation, a asker) {
	x.t.Helper()
	for _, q := range e.questions {
		if q.once {
			continue
		}
		for _, f := range x.m.files {
			r := expected(f.level, a.profile, a.relation)
			if q.skip == nil || !q.skip(a, r) {
				x.one(route, q, a, f, r)
			}
		}
	}
}

// one asks about one process and about nothing at all, and holds the two answers
// against each other.
func (x *matrixRun) one(route string, q question, a asker, f *caseFile, r rights) {
	x.t.Helper()
	where := fmt.Sprintf("%s, %s: %s asks about %s", route, q.name, a.name, f.level)
	before := x.m.audited(x.db)
	got := q.ask(a.desk, f.names)
	between := x.m.audited(x.db)
	x.asked++
	x.leaks(where, got, a, f, r)
	if q.allowed == nil {
		return
	}
	if q.allowed(a, r) {
		if q.shows == nil && !strings.HasPrefix(route, "POST /v1/push") && !strings.HasPrefix(route, "POST /v1/sign") && got.status >= http.StatusBadRequest {
			x.t.Errorf("%s: refused with %d %s", where, got.status, got.body)
		}
		if q.shows != nil && (got.status >= http.StatusBadRequest || !strings.Contains(got.body, q.shows(f.names))) {
			x.t.Errorf("%s: %d without %q: %s", where, got.status, q.shows(f.names), got.body)
		}
		return
	}
	nothing := q.ask(a.desk, x.m.nobody)
	after := x.m.audited(x.db)
	x.same(where, f.blinded(got), blinded(x.m.nobody, nothing))
	if one, other := between-before, after-between; one != other {
		x.t.Errorf("%s: %d lines of audit, and %d about what does not exist", where, one, other)
	}
}

func (f *caseFile) blinded(r reply) reply { return blinded(f.names, r) }

func blinded(n names, r reply) reply {
	out := reply{status: r.status, header: http.Header{}, body: n.blind(r.body)}
	for k, vs := range r.header {
		for _, v := range vs {
			out.header.Add(k, n.blind(v))
		}
	}
	return out
}

func (x *matrixRun) same(where string, got, nothing reply) {
	x.t.Helper()
	if got.status != nothing.status {
		x.t.Errorf("%s: status %d, and %d for what does not exist", where, got.status, nothing.status)
	}
	if got.body != nothing.body {
		x.t.Errorf("%s:\n%s\nand for what does not exist:\n%s", where, got.body, nothing.body)
	}
	if !reflect.DeepEqual(got.header, nothing.header) {
		x.t.Errorf("%s: headers %v, and %v for what does not exist", where, got.header, nothing.header)
	}
}

// leaks looks through an answer for the words of all processes.
func (x *matrixRun) leaks(where string, got reply, a asker, about *caseFile, r rights) {
	x.t.Helper()
	text := got.body + fmt.Sprint(got.header)
	for _, f := range x.m.files {
		may := r
		if f != about {
			may = rights{}
			if a.profile != "" {
				may = expected(f.level, a.profile, a.relation)
			}
		}
		for word, allowed := range f.told {
			if strings.Contains(text, word) && !allowed(may) && !(f == about && word == f.number && a.profile == "") {
				x.t.Errorf("%s: the answer tells %q of a process that is %s", where, word, f.level)
			}
		}
	}
}

// outsider holds every answer of a route against the one that outsiders get.
func (x *matrixRun) outsider(route string, e expectation, name string, d *desk) {
	x.t.Helper()
	if e.session == open {
		return
	}
	status, code := http.StatusUnauthorized, sei.CodeUnauthenticated
	if name == "senha provisória" {
		if e.session == evenUnsure {
			return
		}
		status, code = http.StatusForbidden, central.CodePasswordFirst
	}
	var first *reply
	for _, q := range e.questions {
		for _, n := range append([]names{x.m.nobody}, x.m.files[0].names, x.m.files[1].names, x.m.files[2].names) {
			got := blinded(n, q.ask(d, n))
			x.asked++
			where := fmt.Sprintf("%s, %s: %s", route, q.name, name)
			if got.status != status || got.body != "" && !strings.Contains(got.body, `"`+string(code)+`"`) {
				x.t.Errorf("%s: %d %s, want %d %s", where, got.status, got.body, status, code)
			}
			if first == nil {
				first = &got
			}
			x.same(where, got, *first)
		}
	}
}

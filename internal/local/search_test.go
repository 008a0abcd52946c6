package local

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// library is a store with two processes, a minute and a received file.
func library(t *testing.T) *world {
	w := newWorld(t)
	w.sync(wire.CatalogueBucket,
		w.row(wire.CatalogueBucket, "process-type/1", sei.ProcessType{ID: 1, Name: "Licitação"}),
		w.row(wire.CatalogueBucket, "document-type/2", sei.DocumentType{ID: 2, Name: "Ofício"}))
	w.sync(wire.UnitBucket(myUnit),
		w.line("p1", nil),
		w.line("p2", func(l *wire.InboxLine) { l.Number, l.Specification, l.Interested = "26/2000-0000777-3", "Férias", nil }),
		w.minute("p1", "d1", "r1", 1, false, "texto abandonado"),
		w.minute("p1", "d1", "r2", 2, true, "Solicitamos a AQUISIÇÃO de pães de queijo para o gabinete do secretário."))
	w.sync(wire.ProcessBucket("p1"),
		w.state("p1", func(p *sei.Process) {
			p.Type, p.FormerNumbers = 1, []string{"19/1300-0004321-0"}
			p.Interested = []sei.Contact{{Name: "João da Conceição", SocialName: "Joana"}}
		}),
		w.document("p1", "d1", func(d *sei.Document) { d.Type, d.SEINumber, d.Number = 2, 123456, "12/2026" }),
		w.document("p1", "d2", func(d *sei.Document) {
			d.Kind, d.SEINumber, d.TreeName = sei.External, 123457, "Nota fiscal"
			d.File = &sei.ExternalFile{Content: sei.BlobRef{SHA256: sei.SHA256(address([]byte("nf"))), Size: 2}}
		}))
	return w
}

func (w *world) find(query string) []string {
	w.t.Helper()
	hits, err := w.Search(w.ctx, query, 50)
	w.ok(err)
	var found []string
	for _, h := range hits {
		found = append(found, string(h.Process)+"/"+string(h.Document))
	}
	slices.Sort(found)
	return found
}

func TestSearchFindsWhatAServantTypes(t *testing.T) {
	w := library(t)
	for query, want := range map[string][]string{
		"aquisicao":               {"p1/d1"}, // no accents
		"AQUISIÇÃO":               {"p1/d1"},
		"paes queijo":             {"p1/d1"},
		"queijo pães":             {"p1/d1"}, // any order
		"solicit":                 {"p1/d1"}, // as it is typed
		`"paes de queijo"`:        {"p1/d1"},
		`"queijo de paes"`:        nil, // a phrase as it stands
		"conceicao":               {"p1/"},
		"joana":                   {"p1/"},
		"ferias":                  {"p2/"},
		"cafe licitacao":          {"p1/"},
		"26/1300-0000001-1":       {"p1/"},
		"26130000000011":          {"p1/"},
		"2613000000":              {"p1/"},
		"19/1300-0004321-0":       {"p1/"}, // its number in another system
		"19130000043210":          {"p1/"},
		"0123456":                 {"p1/d1"},
		"123456":                  {"p1/d1"},
		"12/2026":                 {"p1/d1"},
		"oficio 12/2026":          {"p1/d1"},
		"nota":                    {"p1/d2"},
		"abandonado":              nil, // an older revision is not the text
		"inexistente":             nil,
		"":                        nil,
		" \t ":                    nil,
		"***":                     nil,
		`"`:                       nil,
		`cafe"`:                   {"p1/"},
		"cafe OR ferias":          nil, // no operators: "or" is a word
		"title:cafe":              nil,
		"cafe NOT NEAR(":          nil,
		"caf*":                    {"p1/"},
		"'; DROP TABLE search;--": nil,
		"cafe\x00":                {"p1/"},
		"\xff\xfe cafe":           {"p1/"},
		strings.Repeat("x ", 999): nil,
	} {
		if got := w.find(query); !slices.Equal(got, want) {
			t.Errorf("%q found %v, want %v", query, got, want)
		}
	}
}

func FuzzAnyQueryIsSafe(f *testing.F) {
	for _, q := range []string{`"a" b`, "26/1300-1", "NEAR(a b)", `a"b"c"`, "-", "^a", "{a}", "a+b", "e\u0301", "½ ① ٣"} {
		f.Add(q)
	}
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() }) //nolint:errcheck // in memory
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE VIRTUAL TABLE search USING fts5 (title, numbers, body, tokenize = 'unicode61 remove_diacritics 2')`); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		terms := parseQuery(query)
		if len(terms) == 0 {
			return
		}
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM search WHERE search MATCH ?`, matchExpression(terms)).Scan(&n); err != nil {
			t.Fatalf("%q became %s: %v", query, matchExpression(terms), err)
		}
		snippet(query, terms)
	})
}

func TestAHitShowsWhereTheWordsStand(t *testing.T) {
	w := library(t)
	hits, err := w.Search(w.ctx, "paes secretario", 10)
	w.ok(err)
	if len(hits) != 1 {
		t.Fatalf("hits %+v", hits)
	}
	h := hits[0]
	if h.Title != "Ofício 12/2026" || h.Number != "0123456" || h.Process != "p1" || h.Document != "d1" {
		t.Fatalf("hit %+v", h)
	}
	var all, marked []string
	for _, p := range h.Snippet {
		all = append(all, p.Text)
		if p.Match {
			marked = append(marked, p.Text)
		}
	}
	if !slices.Equal(marked, []string{"pães", "secretário"}) || !strings.Contains(strings.Join(all, ""), "AQUISIÇÃO de pães de queijo") {
		t.Fatalf("snippet %+v", h.Snippet)
	}
}

func TestASnippetOfALongTextIsShort(t *testing.T) {
	parts := snippet(strings.Repeat("lorem ipsum\n", 5000)+"agulha "+strings.Repeat("dolor ", 5000), parseQuery("agulha"))
	length, found := 0, false
	for _, p := range parts {
		length += len([]rune(p.Text))
		found = found || p.Match && p.Text == "agulha"
	}
	if !found || length > snippetSize+2 || parts[0].Text != "…" || parts[len(parts)-1].Text != "…" {
		t.Fatalf("%d characters: %+v", length, parts)
	}
	if parts := snippet("", parseQuery("x")); len(parts) != 0 {
		t.Fatalf("nothing gives %+v", parts)
	}
	decomposed := snippet("o pa\u0303o frio", parseQuery("pao"))
	if len(decomposed) != 3 || decomposed[1].Text != "pa\u0303o" {
		t.Fatalf("combining accents: %+v", decomposed)
	}
}

func TestExtractedTextIsFoundAndAskedForOnce(t *testing.T) {
	w := library(t)
	if todo, err := w.Unindexed(w.ctx, 10); err != nil || len(todo) != 0 {
		t.Fatalf("a file that is not here: %v, %v", todo, err)
	}
	ref := sei.BlobRef{SHA256: sei.SHA256(address([]byte("nf"))), Size: 2}
	w.ok(w.SaveBlob(w.ctx, ref, strings.NewReader("nf")))
	todo, err := w.Unindexed(w.ctx, 10)
	w.ok(err)
	if len(todo) != 1 || todo[0].Document != "d2" || todo[0].Blob.SHA256 != ref.SHA256 {
		t.Fatalf("to extract: %+v", todo)
	}
	w.ok(w.IndexText(w.ctx, "d2", "Pagamento à vista de café torrado"))
	if got := w.find("torrado vista"); !slices.Equal(got, []string{"p1/d2"}) {
		t.Fatalf("found %v", got)
	}
	w.ok(w.IndexText(w.ctx, "d2", "")) // a picture
	if got := w.find("torrado"); got != nil {
		t.Fatalf("an earlier text is found: %v", got)
	}
	if todo, err = w.Unindexed(w.ctx, 10); err != nil || len(todo) != 0 {
		t.Fatalf("asked for again: %v, %v", todo, err)
	}
	w.ok(w.IndexText(w.ctx, "not here", "x"))
}

func TestTheIndexFollowsTheText(t *testing.T) {
	w := library(t)
	w.sync(wire.UnitBucket(myUnit), w.minute("p1", "d1", "r2", 2, false, "Solicitamos a aquisição"), w.minute("p1", "d1", "r3", 3, true, "Revogamos o pedido"))
	if w.find("aquisicao") != nil || !slices.Equal(w.find("revogamos"), []string{"p1/d1"}) {
		t.Fatal("the index did not follow the new revision")
	}
	w.sync(wire.ProcessBucket("p1"), w.document("p1", "d1", func(d *sei.Document) { d.Cancelled = true }))
	if got := w.find("revogamos"); got != nil {
		t.Fatalf("a cancelled document is found: %v", got)
	}
	w.sync(wire.ProcessBucket("p1"), w.row(wire.ProcessBucket("p1"), "document/d2", nil))
	if got := w.find("nota"); got != nil {
		t.Fatalf("a removed document is found: %v", got)
	}
}

func TestSealedContentIsNeverIndexed(t *testing.T) {
	w := library(t)
	w.sync(wire.ProcessBucket("p1"), w.state("p1", func(p *sei.Process) { p.LocalLevel = sei.Sealed }))
	for _, q := range []string{"cafe", "aquisicao", "nota", "26130000000011"} {
		if got := w.find(q); got != nil {
			t.Errorf("%q finds %v in a sealed process", q, got)
		}
	}
	w.sync(wire.UnitBucket(myUnit), w.minute("p1", "d1", "r4", 4, true, "sigilo absoluto"))
	w.ok(w.IndexText(w.ctx, "d2", "sigilo total"))
	if got := w.find("sigilo"); got != nil {
		t.Errorf("found %v", got)
	}
}

func TestRevokedAccessErasesRowsIndexAndFiles(t *testing.T) {
	w := library(t)
	shared := sei.BlobRef{SHA256: sei.SHA256(address([]byte("partilhado"))), Size: 10}
	only := sei.BlobRef{SHA256: sei.SHA256(address([]byte("nf"))), Size: 2}
	queued := sei.BlobRef{SHA256: sei.SHA256(address([]byte("fila"))), Size: 4}
	file := func(ref sei.BlobRef) func(*sei.Document) {
		return func(d *sei.Document) { d.Kind, d.File = sei.External, &sei.ExternalFile{Content: ref} }
	}
	w.sync(wire.ProcessBucket("p1"), w.document("p1", "d3", file(shared)), w.document("p1", "d5", file(queued)), w.event("p1", 1, "c", "andamento"))
	w.sync(wire.ProcessBucket("p2"), w.state("p2", func(p *sei.Process) { p.Specification = "Férias" }), w.document("p2", "d4", file(shared)))
	for ref, data := range map[sei.BlobRef]string{shared: "partilhado", only: "nf", queued: "fila"} {
		w.ok(w.SaveBlob(w.ctx, ref, strings.NewReader(data)))
	}
	w.ok(w.IndexText(w.ctx, "d2", "xilofonistas"))
	id := w.queue("p1", sei.RegisterExternal{NewDocument: sei.NewDocument{Document: "d9"}, File: sei.ExternalFile{Content: queued}})
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d8", Process: "p1", Text: text("meu")}))

	w.apply(wire.Page{Bucket: wire.ProcessBucket("p1"), Revoked: true})
	if p, err := w.Process(w.ctx, "p1"); p != nil || err != nil {
		t.Fatalf("process %+v, %v", p, err)
	}
	if events, err := w.Events(w.ctx, "p1"); len(events) != 0 || err != nil {
		t.Fatalf("events %+v, %v", events, err)
	}
	for _, q := range []string{"xilofonistas", "aquisicao", "nota", "cafe"} {
		if got := w.find(q); got != nil {
			t.Errorf("%q still finds %v", q, got)
		}
	}
	_, hasShared := w.blobs.files[string(shared.SHA256)]
	_, hasOnly := w.blobs.files[string(only.SHA256)]
	_, hasQueued := w.blobs.files[string(queued.SHA256)]
	if !hasShared || hasOnly || !hasQueued {
		t.Fatalf("files: shared %v, only here %v, in the queue %v", hasShared, hasOnly, hasQueued)
	}
	if has, err := w.HasBlob(w.ctx, only.SHA256); has || err != nil {
		t.Fatalf("the list still names the file, %v", err)
	}
	if w.entry(id).State != StateQueued {
		t.Fatal("the outbox lost an entry")
	}
	if _, ok, err := w.Draft(w.ctx, "d8"); !ok || err != nil {
		t.Fatalf("the draft is gone, %v", err)
	}
	for _, name := range []string{databaseName, databaseName + "-wal"} {
		data, err := os.ReadFile(filepath.Join(w.Dir(), name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("xilofonistas")) {
			t.Errorf("%s still holds a word of what was erased", name)
		}
	}
}

func TestALostUnitTakesItsMinutesAndAsksAboutItsProcesses(t *testing.T) {
	w := library(t)
	w.sync(wire.UnitBucket("u-2"), w.row(wire.UnitBucket("u-2"), "process/p2", wire.InboxLine{Process: "p2", Open: true}))
	w.sync(wire.ProcessBucket("p2"), w.state("p2", nil))
	id := w.queue("p1", sei.EditMinute{Document: "d1", Base: "r2", Text: text("x")})
	w.apply(wire.Page{Bucket: wire.UnitBucket(myUnit), Revoked: true})
	if minutes, err := w.Minutes(w.ctx, "d1"); err != nil || len(minutes) != 0 {
		t.Fatalf("minutes %v, %v", minutes, err)
	}
	if got := w.find("aquisicao"); got != nil {
		t.Fatalf("the minute's words are still found: %v", got)
	}
	if page, err := w.Inbox(w.ctx, myUnit, InboxQuery{}); err != nil || page.Total != 0 {
		t.Fatalf("list %+v, %v", page, err)
	}
	cursors, err := w.Cursors(w.ctx, 100)
	w.ok(err)
	var asked []wire.Bucket
	for _, c := range cursors {
		if kind, _ := c.Bucket.Parts(); kind == kindProcess {
			asked = append(asked, c.Bucket)
		}
	}
	if !slices.Equal(asked, []wire.Bucket{"process/p1"}) {
		t.Fatalf("asked about %v: p1 was known through this unit alone", asked)
	}
	if w.entry(id).State != StateQueued {
		t.Fatal("an unsent text was lost")
	}
}

func TestADocumentThatLeavesTheListIsAskedAbout(t *testing.T) {
	w := library(t)
	w.sync(wire.UnitBucket(myUnit), w.row(wire.UnitBucket(myUnit), "process/p1", nil))
	cursors, err := w.Cursors(w.ctx, 100)
	w.ok(err)
	if !slices.ContainsFunc(cursors, func(c wire.Cursor) bool { return c.Bucket == "process/p1" }) {
		t.Fatal("nobody asks whether the process may still be read")
	}
}

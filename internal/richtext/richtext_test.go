package richtext

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// full has everything of version 1 of the tree, full2 what version 2 added.
func full(t testing.TB) []byte { return sample(t, "full") }

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func doc(content string) []byte {
	return []byte(`{"type":"doc","attrs":{"schema":1},"content":[` + content + `]}`)
}

func mustParse(t testing.TB, data []byte) *Doc {
	t.Helper()
	d, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryNodeOfTheSchemaSurvivesTheCanonicalForm(t *testing.T) {
	seen := map[Type]bool{}
	marks := map[MarkType]bool{}
	for _, name := range []string{"full", "full2"} {
		d := mustParse(t, sample(t, name))
		d.Walk(func(n *Node) bool {
			seen[n.Type] = true
			for _, m := range n.Marks {
				marks[m.Type] = true
			}
			return true
		})
		if again := mustParse(t, d.Canonical()); !reflect.DeepEqual(d, again) {
			t.Fatalf("%s: reading back the canonical form gives another document", name)
		}
	}
	if len(seen) != len(models) || len(marks) != len(markOrder) {
		t.Fatalf("the sample covers %d of %d nodes, %d of %d marks", len(seen), len(models), len(marks), len(markOrder))
	}
}

// The hashes of the two samples, one for each version of the tree.
var frozenHashes = map[string]string{
	"full":  "10b7b038541781be4ab777d6199989cc4215abf17389bfb367878d8a6ce67518",
	"full2": "31e5e587e129ce0332b2c0fdc298b1d0a9a60301b7cad2241722d4bf7598331e",
}

// The canonical form identifies revisions for ever: if this hash changes, old
// revisions no longer match theirs.
func TestTheCanonicalFormIsFrozen(t *testing.T) {
	for name, want := range frozenHashes {
		if got := fmt.Sprintf("%x", mustParse(t, sample(t, name)).Hash()); got != want {
			t.Errorf("%s: hash is %s, was %s", name, got, want)
		}
	}
}

func TestTheSameTextWrittenDifferentlyIsTheSameRevision(t *testing.T) {
	a := mustParse(t, doc(`{"type":"paragraph","content":[{"type":"text","text":"um "},{"type":"text","text":"dois"},{"type":"text","text":""},
		{"type":"text","text":"x","marks":[{"type":"italic"},{"type":"bold"}]},{"type":"hardBreak","marks":[{"type":"bold"}]}]}`))
	b := mustParse(t, doc(`{"content":[{"text":"um dois","type":"text"},{"type":"text","text":"x","marks":[{"type":"bold","attrs":{}},{"type":"italic"}]},{"type":"hardBreak"}],
		"attrs":{"textAlign":null,"style":"Texto_Justificado"},"type":"paragraph"}`))
	if a.Hash() != b.Hash() {
		t.Fatalf("differ:\n%s\n%s", a.Canonical(), b.Canonical())
	}
}

func TestWhatIsOutsideTheSchemaIsRefusedWithItsPlace(t *testing.T) {
	image := func(attrs string) string { return `{"type":"image","attrs":{` + attrs + `}}` }
	para := func(content string) string { return `{"type":"paragraph","content":[` + content + `]}` }
	link := func(href string) string {
		return para(`{"type":"text","text":"x","marks":[{"type":"link","attrs":{"href":"` + href + `"}}]}`)
	}
	hash := strings.Repeat("ab", 32)
	for name, c := range map[string]struct{ content, place string }{
		"unknown node":           {`{"type":"paragraph"},{"type":"iframe"}`, "item 2"},
		"unknown mark":           {para(`{"type":"text","text":"x","marks":[{"type":"blink"}]}`), "parágrafo 1, trecho 1"},
		"unknown attribute":      {`{"type":"paragraph","attrs":{"onclick":"x"}}`, "parágrafo 1"},
		"unknown style":          {`{"type":"paragraph","attrs":{"style":"Vermelho"}}`, "Vermelho"},
		"unknown alignment":      {`{"type":"paragraph","attrs":{"textAlign":"middle"}}`, "parágrafo 1"},
		"heading level":          {`{"type":"heading","attrs":{"level":4}}`, "título 1"},
		"unknown key":            {`{"type":"paragraph","style":"x"}`, ""},
		"script link":            {link("javascript:alert(1)"), "trecho 1"},
		"relative link":          {link("/x"), "trecho 1"},
		"link without address":   {para(`{"type":"text","text":"x","marks":[{"type":"link"}]}`), "trecho 1"},
		"image by address":       {image(`"src":"https://x/y.png","sha256":"` + hash + `"`), "imagem 1"},
		"image without bytes":    {image(`"alt":"x"`), "imagem 1"},
		"image width":            {image(`"sha256":"` + hash + `","width":"5000mm"`), "imagem 1"},
		"image width respelled":  {image(`"sha256":"` + hash + `","width":"050%"`), "imagem 1"},
		"unknown field":          {para(`{"type":"field","attrs":{"name":"senha"}}`), "campo 1"},
		"block inside paragraph": {para(`{"type":"paragraph"}`), "parágrafo 1, parágrafo 1"},
		"text at the top":        {`{"type":"text","text":"x"}`, "trecho 1"},
		"text on a block":        {`{"type":"paragraph","text":"x"}`, "parágrafo 1"},
		"control character":      {para(`{"type":"text","text":"a\u0007b"}`), "trecho 1"},
		"repeated mark":          {para(`{"type":"text","text":"x","marks":[{"type":"bold"},{"type":"bold"}]}`), "trecho 1"},
		"empty list":             {`{"type":"bulletList"}`, "lista 1"},
		"item outside a list":    {`{"type":"listItem","content":[{"type":"paragraph"}]}`, "item de lista 1"},
		"no block at all":        {``, ""},
		"table within a cell": {`{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"table","content":[]}]}]}]}`,
			"tabela 1, linha 1, célula 1, tabela 1"},
		"overlapping spans": {`{"type":"table","content":[
			{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"paragraph"}]},{"type":"tableCell","attrs":{"rowspan":2},"content":[{"type":"paragraph"}]}]},
			{"type":"tableRow","content":[{"type":"tableCell","attrs":{"colspan":2},"content":[{"type":"paragraph"}]}]}]}`, "tabela 1"},
		"span below the table": {`{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","attrs":{"rowspan":2},"content":[{"type":"paragraph"}]}]}]}`, "tabela 1"},
		"huge span":            {`{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","attrs":{"colspan":9999999},"content":[{"type":"paragraph"}]}]}]}`, "tabela 1"},
		"widths do not match":  {`{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","attrs":{"colwidth":[1,2]},"content":[{"type":"paragraph"}]}]}]}`, "célula 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(doc(c.content))
			if sei.CodeOf(err) != CodeInvalid {
				t.Fatalf("accepted or failed otherwise: %v", err)
			}
			if !strings.Contains(sei.MessageOf(err), c.place) {
				t.Fatalf("%q does not name %q", sei.MessageOf(err), c.place)
			}
		})
	}
}

func TestAFileThatIsNoDocumentIsRefused(t *testing.T) {
	for _, s := range []string{``, `null`, `[]`, `{"type":"paragraph"}`, `{"type":"doc","content":[{"type":"paragraph"}]}`,
		`{"type":"doc","attrs":{"schema":3},"content":[{"type":"paragraph"}]}`, string(doc(`{"type":"paragraph"}`)) + `x`, `{"type":"doc"`} {
		if _, err := Parse([]byte(s)); sei.CodeOf(err) != CodeInvalid {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestLimitsHold(t *testing.T) {
	p := `{"type":"paragraph"}`
	quotes := func(n int) string {
		return strings.Repeat(`{"type":"blockquote","content":[`, n) + p + strings.Repeat(`]}`, n)
	}
	if _, err := Parse(doc(quotes(MaxDepth - 2))); err != nil {
		t.Errorf("the deepest allowed tree is refused: %v", err)
	}
	for name, data := range map[string][]byte{
		"depth":       doc(quotes(MaxDepth - 1)),
		"json depth":  bytes.Repeat([]byte(`{"content":[`), 1_000_000),
		"nodes":       doc(strings.Repeat(p+",", MaxNodes) + p),
		"text":        doc(`{"type":"paragraph","content":[{"type":"text","text":"` + strings.Repeat("a", MaxText+1) + `"}]}`),
		"bytes":       bytes.Repeat([]byte(" "), MaxBytes+1),
		"cell widths": doc(`{"type":"table","content":[{"type":"tableRow","content":[` + strings.TrimSuffix(strings.Repeat(`{"type":"tableCell","content":[{"type":"paragraph"}]},`, MaxColumns+1), ",") + `]}]}`),
	} {
		if _, err := Parse(data); sei.CodeOf(err) != CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASplinteredTextIsJoinedInTime(t *testing.T) {
	const n = 200_000
	start := time.Now()
	d := mustParse(t, doc(`{"type":"paragraph","content":[`+strings.Repeat(`{"type":"text","text":"é"},`, n)+`{"type":"text","text":"!"}]}`))
	if got := len(d.Content[0].Content); got != 1 || len(d.PlainText()) != 2*n+1 {
		t.Fatalf("%d runs", got)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Fatalf("took %v", took)
	}
}

func TestPlainTextKeepsReadingOrder(t *testing.T) {
	want, err := os.ReadFile("testdata/full.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := mustParse(t, full(t)).PlainText() + "\n"; got != string(want) {
		t.Fatalf("got:\n%s", got)
	}
}

func TestBlobsAndFieldsAreListedOnce(t *testing.T) {
	d := mustParse(t, full(t))
	if got := d.Blobs(); !reflect.DeepEqual(got, []string{strings.Repeat("0f", 32)}) {
		t.Errorf("blobs: %v", got)
	}
	if got := d.Fields(); !reflect.DeepEqual(got, []string{"processo", "data_extenso"}) {
		t.Errorf("fields: %v", got)
	}
}

func TestTextBecomesParagraphs(t *testing.T) {
	d := FromText("Olá,\r\n\r\nmundo\x00 \xff fim")
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	if got := d.PlainText(); got != "Olá,\n\nmundo \uFFFD fim" {
		t.Fatalf("%q", got)
	}
	if !Empty().IsBlank() || d.IsBlank() || Empty().Validate() != nil {
		t.Fatal("blankness or the empty document is wrong")
	}
	for _, invisible := range []string{" ", "\u00a0\u2003", "\u200b\u200d\ufeff"} {
		if !FromText(invisible).IsBlank() {
			t.Errorf("%q shows something", invisible)
		}
	}
}

func TestUnsupportedCharactersAreListedOnceInOrder(t *testing.T) {
	d := FromText("a→b☃→c\t")
	got := UnsupportedRunes(d, func(r rune) bool { return r < 0x2000 })
	if string(got) != "→☃" {
		t.Fatalf("%q", string(got))
	}
}

func TestADifferenceShowsTheWordsThatChanged(t *testing.T) {
	a := FromText("Prezado Senhor,\nSolicitamos o envio do relatório até sexta-feira.\nAtenciosamente,")
	b := FromText("Prezado Senhor,\nSolicitamos, com urgência, o envio do relatório até segunda-feira.\nParágrafo novo.\nAtenciosamente,")
	got := Diff(a, b)
	want := []BlockChange{
		{Op: Same, Kind: Paragraph, Words: []WordChange{{Same, "Prezado Senhor,"}}},
		{Op: Changed, Kind: Paragraph, Words: []WordChange{
			{Same, "Solicitamos"}, {Added, ","}, {Same, " "}, {Added, "com urgência, "}, {Same, "o envio do relatório até "},
			{Removed, "sexta"}, {Added, "segunda"}, {Same, "-feira."}}},
		{Op: Added, Kind: Paragraph, Words: []WordChange{{Added, "Parágrafo novo."}}},
		{Op: Same, Kind: Paragraph, Words: []WordChange{{Same, "Atenciosamente,"}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v", got)
	}
}

func TestComparingLargeVersionsEnds(t *testing.T) {
	old, new := &Doc{}, &Doc{}
	for i := range 20_000 {
		old.Content = append(old.Content, FromText(fmt.Sprintf("antiga%d", i)).Content...)
		new.Content = append(new.Content, FromText(fmt.Sprintf("nova%d", i)).Content...)
	}
	if got := len(Diff(old, new)); got != 40_000 {
		t.Fatalf("%d changes", got)
	}
	a, b := FromText(strings.Repeat("sim não ", 50_000)), FromText(strings.Repeat("não talvez ", 50_000))
	if got := Diff(a, b); len(got) != 1 || got[0].Op != Changed {
		t.Fatalf("%d changes", len(got))
	}
}

func TestAChangeOfFormAloneIsSeen(t *testing.T) {
	a := mustParse(t, doc(`{"type":"paragraph","content":[{"type":"text","text":"igual"}]}`))
	b := mustParse(t, doc(`{"type":"paragraph","content":[{"type":"text","text":"igual","marks":[{"type":"bold"}]}]}`))
	got := Diff(a, b)
	if len(got) != 1 || got[0].Op != Changed || !got[0].Form {
		t.Fatalf("%+v", got)
	}
}

// generate draws documents of every kind of node.
func generate(t *rapid.T) *Doc {
	word := rapid.SampledFrom([]string{"a", "ofício ", "não", " \"x\\y\" ", "<b>", "é\u0301", "☃", "\t"})
	g := &generator{t: t, word: word}
	d := &Doc{Schema: Schema}
	for range rapid.IntRange(1, 5).Draw(t, "blocks") {
		d.Content = append(d.Content, g.block(top, 0))
	}
	return d
}

type generator struct {
	t    *rapid.T
	word *rapid.Generator[string]

	sections, ids int
}

// id names every second place.
func (g *generator) id() string {
	if g.ids++; g.ids%2 == 0 {
		return fmt.Sprintf("p%d", g.ids)
	}
	return ""
}

func (g *generator) block(kinds []Type, depth int) *Node {
	if depth > 2 {
		kinds = []Type{Paragraph, HorizontalRule}
	}
	n := &Node{Type: rapid.SampledFrom(kinds).Draw(g.t, "kind")}
	setDefaults(n)
	align := rapid.SampledFrom([]Align{AlignNone, AlignLeft, AlignCenter, AlignRight, AlignJustify})
	switch n.Type {
	case Paragraph:
		n.Style, n.Align = rapid.SampledFrom(styles).Draw(g.t, "style"), align.Draw(g.t, "align")
		n.Content, n.ID = g.inline(), g.id()
	case Heading:
		n.Level = rapid.IntRange(1, 3).Draw(g.t, "level")
		n.Content = g.inline()
	case BulletList, OrderedList:
		n.Content = []*Node{{Type: ListItem, Content: []*Node{g.block(nested, depth+1), g.block(nested, depth+1)}}}
	case Blockquote:
		n.Content = []*Node{g.block(nested, depth+1)}
	case Image:
		n.Blob, n.Align = strings.Repeat("0a", 32), align.Draw(g.t, "align")
		n.Width = rapid.SampledFrom([]string{"", "80mm", "50%"}).Draw(g.t, "width")
	case Section:
		n.Name = fmt.Sprintf("parte %d", g.sections)
		n.Locked = rapid.Bool().Draw(g.t, "locked")
		g.sections++
		n.Content = []*Node{g.block(inSection, depth+1)}
	case Table:
		for range rapid.IntRange(1, 3).Draw(g.t, "rows") {
			row := &Node{Type: TableRow}
			for range 2 {
				c := &Node{Type: rapid.SampledFrom([]Type{TableCell, TableHeader}).Draw(g.t, "cell"), ColSpan: 1, RowSpan: 1}
				c.Content = []*Node{g.block(nested, depth+1)}
				if rapid.Bool().Draw(g.t, "sized") {
					c.ColWidth = []int{rapid.IntRange(1, 300).Draw(g.t, "px")}
				}
				row.Content = append(row.Content, c)
			}
			n.Content = append(n.Content, row)
		}
	}
	return n
}

func (g *generator) inline() []*Node {
	var out []*Node
	for i := range rapid.IntRange(0, 4).Draw(g.t, "runs") {
		switch rapid.IntRange(0, 9).Draw(g.t, "inline") {
		case 0:
			out = append(out, &Node{Type: HardBreak})
		case 1:
			out = append(out, &Node{Type: Field, Name: "processo"})
		case 2:
			out = append(out, &Node{Type: Footnote, Content: []*Node{{Type: Text, Text: g.word.Draw(g.t, "note")}}})
		case 3:
			out = append(out, &Node{Type: CrossReference, Target: "p2", Form: RefNumber})
		case 4:
			out = append(out, &Node{Type: Amount, Cents: 123, Words: i%2 == 0})
		case 5:
			out = append(out, &Node{Type: ProtocolLink, Form: LinkDocument, Target: "x", Label: "0470089"})
		default:
			n := &Node{Type: Text, Text: g.word.Draw(g.t, "word")}
			// Neighbours must differ in marks, as in the canonical shape.
			if i%2 == 1 {
				n.Marks = []Mark{{Type: Bold}, {Type: Link, Href: "https://rs.gov.br/"}}
			}
			if last := len(out) - 1; last >= 0 && out[last].Type == Text && reflect.DeepEqual(out[last].Marks, n.Marks) {
				continue
			}
			out = append(out, n)
		}
	}
	return out
}

func TestParsingTheCanonicalFormGivesTheDocumentBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := generate(t)
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		again, err := Parse(d.Canonical())
		if err != nil {
			t.Fatalf("%v\n%s", err, d.Canonical())
		}
		if !reflect.DeepEqual(d, again) {
			t.Fatalf("differs:\n%s\n%s", d.Canonical(), again.Canonical())
		}
	})
}

func TestADifferenceRebuildsBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := generate(t), generate(t)
		var old, new strings.Builder
		for _, c := range Diff(a, b) {
			for _, w := range c.Words {
				if w.Op != Added {
					old.WriteString(w.Text)
				}
				if w.Op != Removed {
					new.WriteString(w.Text)
				}
			}
		}
		if old.String() != leafText(a) || new.String() != leafText(b) {
			t.Fatalf("old %q want %q; new %q want %q", old.String(), leafText(a), new.String(), leafText(b))
		}
		for _, c := range Diff(a, a) {
			if c.Op != Same {
				t.Fatalf("a document differs from itself: %+v", c)
			}
		}
	})
}

func leafText(d *Doc) string {
	var b strings.Builder
	d.Walk(func(n *Node) bool {
		switch n.Type {
		case Paragraph, Heading:
			b.WriteString(inlineText(n))
		case Image:
			b.WriteString(n.Alt)
		}
		return true
	})
	return b.String()
}

func FuzzParse(f *testing.F) {
	f.Add(full(f))
	f.Add(Empty().Canonical())
	f.Add(doc(`{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","attrs":{"colspan":2,"colwidth":[0,0]},"content":[{"type":"paragraph"}]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			if sei.CodeOf(err) != CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		again, err := Parse(d.Canonical())
		if err != nil || !bytes.Equal(again.Canonical(), d.Canonical()) {
			t.Fatalf("the canonical form does not read back: %v\n%s", err, d.Canonical())
		}
	})
}

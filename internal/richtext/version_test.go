package richtext

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func doc2(content string) []byte {
	return []byte(`{"type":"doc","attrs":{"schema":2},"content":[` + content + `]}`)
}

// A desk of the release before reads whatever says that it is version 1.
func TestVersionOneHoldsNothingOfVersionTwo(t *testing.T) {
	para := func(content string) string { return `{"type":"paragraph","content":[` + content + `]}` }
	for name, content := range map[string]string{
		"footnote":  para(`{"type":"footnote","content":[{"type":"text","text":"x"}]}`),
		"reference": para(`{"type":"crossReference","attrs":{"target":"x"}}`),
		"link":      para(`{"type":"protocolLink","attrs":{"form":"process","label":"1","target":"x"}}`),
		"amount":    para(`{"type":"amount","attrs":{"cents":1}}`),
		"contents":  `{"type":"tableOfContents"}`,
		"section":   `{"type":"section","attrs":{"name":"corpo"},"content":[{"type":"paragraph"}]}`,
		"id":        `{"type":"paragraph","attrs":{"id":"x"}}`,
		"style":     `{"type":"paragraph","attrs":{"style":"Norma_Artigo"}}`,
		"field":     para(`{"type":"field","attrs":{"name":"ano"}}`),
	} {
		if _, err := Parse(doc(content)); sei.CodeOf(err) != CodeInvalid {
			t.Errorf("%s in version 1: %v", name, err)
		}
		if _, err := Parse(doc2(content)); err != nil {
			t.Errorf("%s in version 2: %v", name, err)
		}
	}
}

func TestWhatVersionTwoMayNotHoldIsRefused(t *testing.T) {
	for name, content := range map[string]string{
		"note in a note":     `{"type":"paragraph","content":[{"type":"footnote","content":[{"type":"footnote","content":[{"type":"text","text":"x"}]}]}]}`,
		"empty note":         `{"type":"paragraph","content":[{"type":"footnote"}]}`,
		"id twice":           `{"type":"paragraph","attrs":{"id":"a"}},{"type":"paragraph","attrs":{"id":"a"}}`,
		"odd id":             `{"type":"paragraph","attrs":{"id":"A b"}}`,
		"section in section": `{"type":"section","attrs":{"name":"a"},"content":[{"type":"section","attrs":{"name":"b"},"content":[{"type":"paragraph"}]}]}`,
		"section twice":      strings.Repeat(`{"type":"section","attrs":{"name":"a"},"content":[{"type":"paragraph"}]},`, 2) + `{"type":"paragraph"}`,
		"negative amount":    `{"type":"paragraph","content":[{"type":"amount","attrs":{"cents":-1}}]}`,
		"amount with point":  `{"type":"paragraph","content":[{"type":"amount","attrs":{"cents":1.5}}]}`,
		"unknown form":       `{"type":"paragraph","content":[{"type":"crossReference","attrs":{"target":"x","form":"colour"}}]}`,
		"link to elsewhere":  `{"type":"paragraph","content":[{"type":"protocolLink","attrs":{"form":"site","label":"1","target":"x"}}]}`,
		"nameless link":      `{"type":"paragraph","content":[{"type":"protocolLink","attrs":{"form":"process","target":"x"}}]}`,
	} {
		if _, err := Parse(doc2(content)); sei.CodeOf(err) != CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// labelCase is shared with the editor, which numbers while one types.
type labelCase struct {
	Name   string   `json:"name"`
	Styles []string `json:"styles"`
	Labels []string `json:"labels"`
	Names  []string `json:"names"`
}

func TestParagraphsNumberThemselves(t *testing.T) {
	data, err := os.ReadFile("testdata/labels.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []labelCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		d := &Doc{}
		for _, style := range c.Styles {
			d.Content = append(d.Content, &Node{Type: Paragraph, Style: Style(style)})
		}
		l := LabelsOf(d)
		for i, n := range d.Content {
			if l.Label(n) != c.Labels[i] || l.name[n] != c.Names[i] {
				t.Errorf("%s, paragraph %d: %q (%q), want %q (%q)", c.Name, i+1, l.Label(n), l.name[n], c.Labels[i], c.Names[i])
			}
		}
	}
}

func TestAReferenceFollowsItsPlace(t *testing.T) {
	d := mustParse(t, sample(t, "full2"))
	var ref *Node
	d.Walk(func(n *Node) bool {
		if n.Type == CrossReference && n.Form == RefNumber {
			ref = n
		}
		return true
	})
	if got := LabelsOf(d).Reference(ref); got != "art. 1º, parágrafo único" {
		t.Fatalf("%q", got)
	}
	// Another article before it, and a second paragraph: the reference follows.
	body := d.Content[2]
	body.Content = append([]*Node{{Type: Paragraph, Style: NormArticle}}, body.Content...)
	body.Content = append(body.Content, &Node{Type: Paragraph, Style: NormParagraph})
	l := LabelsOf(d)
	if got := l.Reference(ref); got != "art. 2º, § 1º" || len(l.Dangling(d)) != 0 {
		t.Fatalf("%q", got)
	}
	ref.Target = "apagado"
	if got := LabelsOf(d).Dangling(d); len(got) != 1 || got[0] != ref {
		t.Fatalf("%v", got)
	}
}

func TestSumsAreWrittenInFull(t *testing.T) {
	for cents, want := range map[int64]string{
		0: "zero reais", 1: "um centavo", 99: "noventa e nove centavos", 100: "um real", 101: "um real e um centavo",
		1600: "dezesseis reais", 2100: "vinte e um reais", 10000: "cem reais", 10100: "cento e um reais", 100000: "mil reais",
		110000: "mil e cem reais", 123456: "mil duzentos e trinta e quatro reais e cinquenta e seis centavos",
		200500: "dois mil e cinco reais", 12345678: "cento e vinte e três mil quatrocentos e cinquenta e seis reais e setenta e oito centavos",
		100_000_000: "um milhão de reais", 200_000_000: "dois milhões de reais", 100_000_100: "um milhão e um reais",
		150_000_000:     "um milhão e quinhentos mil reais",
		123_456_789_00:  "cento e vinte e três milhões quatrocentos e cinquenta e seis mil setecentos e oitenta e nove reais",
		100_000_000_000: "um bilhão de reais",
	} {
		if got := ReaisInWords(cents); got != want {
			t.Errorf("%d: %q, want %q", cents, got, want)
		}
	}
	n := &Node{Type: Amount, Cents: 123456789, Words: true}
	if got := n.AmountText(); !strings.HasPrefix(got, "R$\u00A01.234.567,89 (um milhão duzentos e trinta e quatro mil") {
		t.Error(got)
	}
}

func TestALockedPartIsTold(t *testing.T) {
	d := mustParse(t, sample(t, "full2"))
	before := d.LockedParts()
	if len(before) != 1 || before["cabecalho"] == "" {
		t.Fatalf("%v", before)
	}
	d.Content[0].Content[0].Style = Justified
	if d.LockedParts()["cabecalho"] == before["cabecalho"] {
		t.Fatal("a changed part has the same form")
	}
}

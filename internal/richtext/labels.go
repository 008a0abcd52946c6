package richtext

import (
	"strconv"
	"strings"
)

// Labels are the numbers that paragraphs carry by their style, and the names
// by which cross-references call them. They are part of no tree: they follow
// from it, so that a text renumbers itself and references follow.
//
// Normative acts are numbered by Lei Complementar 95/1998, art. 10, and the
// Manual de Redação da Presidência: articles with ordinals to the ninth and
// cardinals from the tenth (Art. 9º, Art. 10.); paragraphs likewise (§ 1º,
// § 10.), a single one "Parágrafo único."; incisos in Roman numbers, alíneas
// in letters, itens in Arabic numbers.
type Labels struct {
	label map[*Node]string // as printed before the paragraph: "Art. 5º"
	name  map[*Node]string // as a reference calls it: "art. 5º, § 1º, inciso II"
	byID  map[string]*Node
	note  map[*Node]int // number of each footnote, from 1
}

// LabelsOf numbers a document.
func LabelsOf(d *Doc) *Labels {
	c := counter{out: &Labels{label: map[*Node]string{}, name: map[*Node]string{}, byID: map[string]*Node{}, note: map[*Node]int{}}}
	blocks := numbered(d.Content, nil)
	for i, n := range blocks {
		c.next = blocks[i+1:]
		c.block(n)
	}
	return c.out
}

// Label is what is printed before the paragraph, "" when it carries no number.
func (l *Labels) Label(n *Node) string { return l.label[n] }

// Note is the footnote's number.
func (l *Labels) Note(n *Node) int { return l.note[n] }

// Place is the paragraph or heading that a cross-reference's target names,
// nil when there is none.
func (l *Labels) Place(id string) *Node { return l.byID[id] }

// Reference is what a cross-reference by number or text shows; it is "" when
// the place is gone or has nothing of the kind, and for references by page,
// which only the typesetter knows.
func (l *Labels) Reference(n *Node) string {
	place := l.byID[n.Target]
	switch {
	case place == nil:
		return ""
	case n.Form == RefNumber:
		return l.name[place]
	case n.Form == RefText:
		return strings.TrimSpace(strings.Join(strings.Fields(inlineText(place)), " "))
	}
	return ""
}

// Dangling returns the cross-references that show nothing: their place was
// deleted, or has no number or words.
func (l *Labels) Dangling(d *Doc) []*Node {
	var out []*Node
	d.Walk(func(n *Node) bool {
		if n.Type == CrossReference && (l.byID[n.Target] == nil || n.Form != RefPage && l.Reference(n) == "") {
			out = append(out, n)
		}
		return true
	})
	return out
}

// numbered lists paragraphs and headings in reading order.
func numbered(nodes []*Node, out []*Node) []*Node {
	for _, n := range nodes {
		switch n.Type {
		case Paragraph, Heading:
			out = append(out, n)
		default:
			out = numbered(n.Content, out)
		}
	}
	return out
}

// counter walks the paragraphs in order.
type counter struct {
	out  *Labels
	next []*Node // what follows the present one

	levels        [4]int // Paragrafo_Numerado
	letter, roman int    // Item_*

	title, chapter, section                 int
	article, paragraph, inciso, alinea, ite int
	only                                    bool // the present paragraph is its article's only one
}

func (c *counter) block(n *Node) {
	if n.ID != "" {
		c.out.byID[n.ID] = n
	}
	for _, in := range n.Content {
		if in.Type == Footnote {
			c.out.note[in] = len(c.out.note) + 1
		}
	}
	label, name := "", ""
	if n.Type == Paragraph {
		if label, name = c.norm(n.Style); label == "" {
			label = c.sei(n.Style)
			name = strings.TrimRight(label, ".) –")
		}
	}
	if label != "" {
		c.out.label[n], c.out.name[n] = label, name
	}
}

// sei numbers SEI's own styles. A numbered paragraph starts the levels below
// it and the items anew; any other text ends a sequence of items.
func (c *counter) sei(style Style) string {
	switch style {
	case NumberedParagraph1:
		return c.level(0)
	case NumberedParagraph2:
		return c.level(1)
	case NumberedParagraph3:
		return c.level(2)
	case NumberedParagraph4:
		return c.level(3)
	case NumberedItemLetter:
		c.letter++
		return Letters(c.letter) + ")"
	case NumberedItemRoman:
		c.roman++
		c.letter = 0
		return Roman(c.roman) + " –"
	}
	c.letter, c.roman = 0, 0
	return ""
}

func (c *counter) level(n int) string {
	c.letter, c.roman = 0, 0
	c.levels[n]++
	for i := n + 1; i < len(c.levels); i++ {
		c.levels[i] = 0
	}
	parts := make([]string, n+1)
	for i := range parts {
		// A level written without the one above it counts from that one's first.
		parts[i] = strconv.Itoa(max(c.levels[i], 1))
	}
	return strings.Join(parts, ".") + "."
}

// norm numbers the parts of a normative act.
func (c *counter) norm(style Style) (label, name string) {
	switch style {
	case NormTitle:
		c.title, c.chapter, c.section = c.title+1, 0, 0
		return "TÍTULO " + Roman(c.title), "título " + Roman(c.title)
	case NormChapter:
		c.chapter, c.section = c.chapter+1, 0
		return "CAPÍTULO " + Roman(c.chapter), "capítulo " + Roman(c.chapter)
	case NormSection:
		c.section++
		return "Seção " + Roman(c.section), "seção " + Roman(c.section)
	case NormArticle:
		c.article++
		c.paragraph, c.inciso, c.alinea, c.ite, c.only = 0, 0, 0, 0, false
		return "Art. " + ordinalTo9(c.article, "."), c.place()
	case NormParagraph:
		c.paragraph++
		c.inciso, c.alinea, c.ite = 0, 0, 0
		c.only = c.paragraph == 1 && !c.another()
		if c.only {
			return "Parágrafo único.", c.place()
		}
		return "§ " + ordinalTo9(c.paragraph, "."), c.place()
	case NormInciso:
		c.inciso++
		c.alinea, c.ite = 0, 0
		return Roman(c.inciso) + " –", c.place()
	case NormAlinea:
		c.alinea++
		c.ite = 0
		return Letters(c.alinea) + ")", c.place()
	case NormItem:
		c.ite++
		return strconv.Itoa(c.ite) + ".", c.place()
	}
	return "", ""
}

// another says whether the article goes on with a second paragraph.
func (c *counter) another() bool {
	for _, n := range c.next {
		switch n.Style {
		case NormParagraph:
			return true
		case NormArticle, NormTitle, NormChapter, NormSection:
			return false
		}
	}
	return false
}

// place names where the counter stands, the greater part first.
func (c *counter) place() string {
	var parts []string
	if c.article > 0 {
		parts = append(parts, "art. "+ordinalTo9(c.article, ""))
	}
	switch {
	case c.only && c.paragraph > 0:
		parts = append(parts, "parágrafo único")
	case c.paragraph > 0:
		parts = append(parts, "§ "+ordinalTo9(c.paragraph, ""))
	}
	if c.inciso > 0 {
		parts = append(parts, "inciso "+Roman(c.inciso))
	}
	if c.alinea > 0 {
		parts = append(parts, "alínea “"+Letters(c.alinea)+"”")
	}
	if c.ite > 0 {
		parts = append(parts, "item "+strconv.Itoa(c.ite))
	}
	return strings.Join(parts, ", ")
}

// ordinalTo9 writes 1º to 9º, and from ten on the number with what follows it.
func ordinalTo9(n int, after string) string {
	if n < 10 {
		return strconv.Itoa(n) + "º"
	}
	return strconv.Itoa(n) + after
}

// Letters counts a to z, aa, ab and so on.
func Letters(n int) string {
	if n < 1 {
		return strconv.Itoa(n)
	}
	var out string
	for ; n > 0; n = (n - 1) / 26 {
		out = string(rune('a'+(n-1)%26)) + out
	}
	return out
}

// Roman writes a number from 1 to 3999 in Roman figures, others in Arabic.
func Roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, d := range []struct {
		value int
		sign  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= d.value {
			b.WriteString(d.sign)
			n -= d.value
		}
	}
	return b.String()
}

package pdf

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

// frame is the column in which blocks are set.
type frame struct {
	left, width float64
	size        float64   // 0: the style's own
	quotes      []float64 // x of the thin rules at the left of quotations
	depth       int       // depth of lists
	indent      float64   // of the list around, where its labels stand
	bold        bool      // header cells
	tight       bool      // cells: little space between blocks
}

// look is how a paragraph style is set.
type look struct {
	size, leading float64 // leading in parts of the size
	before        float64
	align         richtext.Align
	left          float64 // indent of the whole paragraph
	first         float64 // further indent of its first line
	bold, upper   bool
	keepNext      bool
}

const (
	textSize    = 12.0
	textLeading = 1.3
	textBefore  = 7.0
)

func lookOf(style richtext.Style) look {
	l := look{size: textSize, leading: textLeading, before: textBefore, align: richtext.AlignJustify}
	switch style {
	case richtext.JustifiedIndent:
		l.first = 25 * mm
	case richtext.JustifiedUpper:
		l.upper = true
	case richtext.AlignedLeft:
		l.align = richtext.AlignLeft
	case richtext.AlignedLeftSingle:
		l.align, l.before, l.leading = richtext.AlignLeft, 0, 1.2
	case richtext.AlignedRight:
		l.align = richtext.AlignRight
	case richtext.Centered:
		l.align = richtext.AlignCenter
	case richtext.CenteredUpper:
		l.align, l.upper = richtext.AlignCenter, true
	case richtext.CenteredUpperBold:
		l.align, l.upper, l.bold = richtext.AlignCenter, true, true
	case richtext.Quotation:
		l.size, l.leading, l.left = 10.5, 1.2, 40*mm
	case richtext.Summary:
		l.size, l.left = 11, bodyWidth/2
	case richtext.SignatureStyle:
		l.align, l.before, l.leading, l.keepNext = richtext.AlignCenter, 0, 1.25, true
	case richtext.TableTextLeft:
		l.size, l.leading, l.before, l.align = 10.5, 1.2, 3, richtext.AlignLeft
	case richtext.TableTextCentered:
		l.size, l.leading, l.before, l.align = 10.5, 1.2, 3, richtext.AlignCenter
	case richtext.TableTextRight:
		l.size, l.leading, l.before, l.align = 10.5, 1.2, 3, richtext.AlignRight
	case richtext.NumberedItemLetter, richtext.NumberedItemRoman:
		l.left = 25 * mm
	}
	return l
}

// blocks sets nodes one below the other in the frame.
func (s *setter) blocks(nodes []*richtext.Node, fr frame) []atom {
	var out []atom
	for i, n := range nodes {
		if s.err != nil {
			return nil
		}
		switch n.Type {
		case richtext.Paragraph:
			set := s.paragraph(n, fr)
			// Styles without space of their own stand off what is not theirs.
			if i > 0 && set[0].before == 0 && nodes[i-1].Style != n.Style {
				set[0].before = textBefore
			}
			out = append(out, set...)
		case richtext.Heading:
			out = append(out, s.heading(n, fr)...)
		case richtext.BulletList, richtext.OrderedList:
			out = append(out, s.list(n, fr)...)
		case richtext.Blockquote:
			out = append(out, s.quotation(n, fr)...)
		case richtext.Image:
			out = append(out, s.image(n, fr)...)
		case richtext.HorizontalRule:
			out = append(out, rule(fr))
		case richtext.PageBreak:
			out = append(out, atom{newPage: true})
		case richtext.Table:
			out = append(out, s.table(n))
		}
	}
	return out
}

func (s *setter) paragraph(n *richtext.Node, fr frame) []atom {
	l := fr.paragraphLook(n)
	runs := s.runs(n, l)
	if label := s.numbers.label(n.Style); label != "" {
		k := ink{face: textFace(l.bold, false), size: l.size}
		runs = append([]run{{label + string(nbsp) + string(nbsp) + " ", k}}, runs...)
	}
	return s.lines(runs, l, fr)
}

// raggedBelow is the width under which justified text would be torn apart.
const raggedBelow = 150.0

// paragraphLook is how the paragraph is set in this frame: its style's look,
// its own alignment, and in cells no more than there is room for.
func (fr frame) paragraphLook(n *richtext.Node) look {
	l := lookOf(n.Style)
	if n.Align != richtext.AlignNone {
		l.align = n.Align
	}
	l.bold = l.bold || fr.bold
	if fr.size > 0 {
		l.size = min(l.size, fr.size)
	}
	if fr.tight {
		l.before, l.leading = min(l.before, 3), min(l.leading, 1.2)
		l.left, l.first = 0, 0
	}
	if l.align == richtext.AlignJustify && fr.width < raggedBelow {
		l.align = richtext.AlignLeft
	}
	l.left = min(l.left, fr.width/2)
	l.first = min(l.first, fr.width/3)
	return l
}

func (s *setter) heading(n *richtext.Node, fr frame) []atom {
	l := fr.headingLook(n)
	return s.lines(s.runs(n, l), l, fr)
}

func (fr frame) headingLook(n *richtext.Node) look {
	l := look{size: 14, leading: 1.25, before: 16, align: richtext.AlignLeft, bold: true, keepNext: true}
	switch n.Level {
	case 2:
		l.size, l.before = 12.75, 13
	case 3:
		l.size, l.before = 12, 10
	}
	if n.Align != richtext.AlignNone {
		l.align = n.Align
	}
	if fr.tight {
		l.size, l.before = min(l.size, 11.5), 4
	}
	return l
}

// runs turns a paragraph's content into runs, with the fields' values.
func (s *setter) runs(n *richtext.Node, l look) []run {
	var out []run
	for _, c := range n.Content {
		k := inkOf(c, l)
		text := c.Text
		switch c.Type {
		case richtext.HardBreak:
			text = "\n"
		case richtext.Field:
			text = s.fields[c.Name]
		}
		if l.upper {
			text = strings.ToUpper(text)
		}
		out = append(out, run{text, k})
	}
	return out
}

func inkOf(n *richtext.Node, l look) ink {
	k := ink{
		face: textFace(l.bold || n.Has(richtext.Bold), n.Has(richtext.Italic)), size: l.size,
		underline: n.Has(richtext.Underline), strike: n.Has(richtext.Strike), href: n.Href(),
	}
	switch {
	case n.Has(richtext.Superscript):
		k.rise, k.size = l.size*0.34, l.size*0.66
	case n.Has(richtext.Subscript):
		k.rise, k.size = -l.size*0.14, l.size*0.66
	}
	return k
}

// lines sets runs as a paragraph: one atom a line, with the first two and the
// last two lines kept together.
func (s *setter) lines(runs []run, l look, fr frame) []atom {
	width := fr.width - l.left
	boxes := s.canvas.boxes(runs, width-l.first)
	if len(boxes) == 0 {
		boxes = []box{{}} // an empty paragraph is a blank line
	}
	indent := func(n int) float64 {
		if n == 0 && (l.align == richtext.AlignJustify || l.align == richtext.AlignLeft) {
			return l.first
		}
		return 0
	}
	set := breakLines(boxes, func(n int) float64 { return width - indent(n) }, l.align == richtext.AlignJustify)
	out := make([]atom, len(set))
	for i, ln := range set {
		out[i] = s.lineAtom(ln, l, fr, indent(i))
		out[i].keepNext = l.keepNext || len(set) > 1 && (i == 0 || i == len(set)-2)
	}
	out[0].before = l.before
	return out
}

// loosest is the part of the width that spaces may fill in a justified line;
// a line that lacks more (before a long address) is left ragged.
const loosest = 0.25

func (s *setter) lineAtom(ln line, l look, fr frame, indent float64) atom {
	left, width := fr.left+l.left+indent, fr.width-l.left-indent
	extra := 0.0
	slack := width - ln.natural
	switch {
	case l.align == richtext.AlignRight:
		left += slack
	case l.align == richtext.AlignCenter:
		left += slack / 2
	case l.align == richtext.AlignJustify && ln.spaces > 0 && (!ln.last || slack < 0) && slack < width*loosest:
		extra = slack / float64(ln.spaces)
	}
	height := l.size * l.leading
	return atom{height: height, draw: func(c *canvas, x, y float64) {
		fr.quoteRules(c, x, y, height)
		ln.draw(c, x+left, y+baseline(l.size, l.leading), extra)
	}}
}

// baseline is how far below a line's top its letters stand.
func baseline(size, leading float64) float64 { return size * ((leading-1)/2 + 0.79) }

// quoteRules draws a thin rule at the left for each quotation around.
func (fr frame) quoteRules(c *canvas, x, y, height float64) {
	c.SetFillColor(170, 170, 170)
	for _, left := range fr.quotes {
		c.Rect(x+left, y-1, 1.2, height+2, "F")
	}
	c.SetFillColor(0, 0, 0)
}

const quoteIndent = 22.0

func (s *setter) quotation(n *richtext.Node, fr frame) []atom {
	inner := fr
	indent := min(quoteIndent, fr.width/4) // a narrow cell keeps most of its width
	inner.left += indent
	inner.width -= indent
	inner.quotes = append(slices.Clip(fr.quotes), fr.left+indent*0.36)
	inner.size = 11
	return s.blocks(n.Content, inner)
}

func rule(fr frame) atom {
	return atom{height: 1, before: 9, draw: func(c *canvas, x, y float64) {
		c.SetFillColor(120, 120, 120)
		c.Rect(x+fr.left, y, fr.width, 0.5, "F")
	}}
}

const listIndent = 22.0

func (s *setter) list(n *richtext.Node, fr frame) []atom {
	inner := fr
	inner.indent = min(listIndent, fr.width/4)
	inner.left += inner.indent
	inner.width -= inner.indent
	inner.depth++
	var out []atom
	for i, item := range n.Content {
		atoms := s.blocks(item.Content, inner)
		if len(atoms) == 0 {
			continue
		}
		label := bullet(fr.depth)
		if n.Type == richtext.OrderedList {
			label = ordinal(n.Numbering, n.Start+i)
		}
		if i > 0 || fr.depth > 0 {
			atoms[0].before = min(atoms[0].before, 4)
		}
		s.labelled(&atoms[0], label, inner)
		out = append(out, atoms...)
	}
	return out
}

// labelled sets a list's label at the left of the item's first line.
func (s *setter) labelled(a *atom, label string, fr frame) {
	size := textSize
	if fr.size > 0 {
		size = fr.size
	}
	leading := textLeading
	if fr.tight {
		leading = 1.2
	}
	width := s.canvas.width(faceRegular, size, label)
	// At the left of the indent, or as near to the text as a long number needs.
	left := fr.left - max(fr.indent-8, width+5)
	body := a.draw
	a.draw = func(c *canvas, x, y float64) {
		c.SetTextColor(0, 0, 0)
		c.text(faceRegular, size, x+left, y+baseline(size, leading), label)
		body(c, x, y)
	}
}

func bullet(depth int) string {
	return []string{"•", "◦", "▪"}[depth%3]
}

// ordinal writes a list's number in its kind: 1. a) A) i. I -
func ordinal(kind string, n int) string {
	switch kind {
	case "a":
		return letters(n) + ")"
	case "A":
		return strings.ToUpper(letters(n)) + ")"
	case "i":
		return strings.ToLower(roman(n)) + "."
	case "I":
		return roman(n) + " –"
	}
	return strconv.Itoa(n) + "."
}

// letters counts a to z, aa, ab and so on.
func letters(n int) string {
	if n < 1 {
		return strconv.Itoa(n)
	}
	var out string
	for ; n > 0; n = (n - 1) / 26 {
		out = string(rune('a'+(n-1)%26)) + out
	}
	return out
}

func roman(n int) string {
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

// numbering holds the counters of the styles that number.
type numbering struct {
	levels        [4]int
	letter, roman int
}

// label returns the number of the next paragraph of the style, "" for a style
// that does not number. A numbered paragraph starts the levels below it and
// the items anew; any other text ends a sequence of items.
func (c *numbering) label(style richtext.Style) string {
	switch style {
	case richtext.NumberedParagraph1:
		return c.level(0)
	case richtext.NumberedParagraph2:
		return c.level(1)
	case richtext.NumberedParagraph3:
		return c.level(2)
	case richtext.NumberedParagraph4:
		return c.level(3)
	case richtext.NumberedItemLetter:
		c.letter++
		return letters(c.letter) + ")"
	case richtext.NumberedItemRoman:
		c.roman++
		c.letter = 0
		return roman(c.roman) + " –"
	}
	c.letter, c.roman = 0, 0
	return ""
}

func (c *numbering) level(n int) string {
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

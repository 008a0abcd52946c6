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
	case richtext.NormTitle, richtext.NormChapter, richtext.NormSection:
		l.align, l.before, l.bold, l.keepNext = richtext.AlignCenter, 14, true, true
		l.upper = style != richtext.NormSection
	case richtext.NormArticle, richtext.NormParagraph, richtext.NormInciso, richtext.NormAlinea, richtext.NormItem:
		l.first = 25 * mm
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
		case richtext.TableOfContents:
			out = append(out, s.contents(fr)...)
		case richtext.Section:
			out = append(out, s.blocks(n.Content, fr)...)
		}
	}
	return out
}

func (s *setter) paragraph(n *richtext.Node, fr frame) []atom {
	l := fr.paragraphLook(n)
	runs := s.runs(n, l)
	if label := s.labels.Label(n); label != "" {
		gap := string(nbsp) + string(nbsp) + " "
		if l.align == richtext.AlignCenter && outlineLevel(n) > 0 {
			gap = "\n" // CAPÍTULO I stands on a line of its own
		}
		k := ink{face: textFace(l.bold, false), size: l.size}
		runs = append([]run{{text: label + gap, ink: k}}, runs...)
	}
	kind := "P"
	if level := outlineLevel(n); level > 0 {
		kind = headingKind(level)
	}
	return s.linesAt(n, kind, runs, l, fr)
}

// headingKind is the structure type of a heading. The document's title is the
// only one of the first level.
func headingKind(level int) string { return "H" + strconv.Itoa(min(level+1, 6)) }

// linesAt sets the lines of a paragraph or heading, which is then a place that
// references may name.
func (s *setter) linesAt(n *richtext.Node, kind string, runs []run, l look, fr frame) []atom {
	out := s.lines(kind, runs, l, fr)
	out[0].place = n
	return out
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
	return s.linesAt(n, headingKind(n.Level), s.runs(n, l), l, fr)
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
		case richtext.ProtocolLink:
			text = c.Label
		case richtext.Amount:
			text = c.AmountText()
		case richtext.CrossReference:
			text = s.reference(c)
		case richtext.Footnote:
			note := s.noteOf(c)
			k.rise, k.size = l.size*0.34, l.size*0.66
			out = append(out, run{text: note.label, ink: k, note: note})
			continue
		}
		if l.upper {
			text = strings.ToUpper(text)
		}
		out = append(out, run{text: text, ink: k})
	}
	return out
}

// reference is what a cross-reference shows.
func (s *setter) reference(n *richtext.Node) string {
	text := s.labels.Reference(n)
	if place := s.labels.Place(n.Target); n.Form == richtext.RefPage && place != nil {
		if text = strconv.Itoa(s.known[place]); s.known[place] == 0 {
			text = "00" // a first pass; the width of most numbers
		}
	}
	if text == "" {
		return "«referência perdida»"
	}
	return text
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

// lines sets runs as a paragraph, an element of the kind: one atom a line,
// with the first two and the last two lines kept together.
func (s *setter) lines(kind string, runs []run, l look, fr frame) []atom {
	out := s.linesOf(s.parent.child(kind), runs, l, fr)
	for _, a := range out {
		for _, k := range a.notes {
			s.setNote(k)
		}
	}
	return out
}

func (s *setter) linesOf(elem *element, runs []run, l look, fr frame) []atom {
	width := fr.width - l.left
	justify := l.align == richtext.AlignJustify
	boxes := s.canvas.boxes(runs, width-max(l.first, 0), justify)
	if len(boxes) == 0 {
		boxes = []box{{}} // an empty paragraph is a blank line
	}
	indent := func(n int) float64 {
		if n == 0 && (l.align == richtext.AlignJustify || l.align == richtext.AlignLeft) {
			return l.first
		}
		return 0
	}
	set := breakLines(boxes, func(n int) float64 { return width - indent(n) }, justify)
	out := make([]atom, len(set))
	for i, ln := range set {
		out[i] = s.lineAtom(elem, ln, l, fr, indent(i))
		out[i].keepNext = l.keepNext || len(set) > 1 && (i == 0 || i == len(set)-2)
	}
	out[0].before = l.before
	return out
}

// loosest is the part of the width that spaces may fill in a justified line;
// a line that lacks more (before a long address) is left ragged.
const loosest = 0.25

func (s *setter) lineAtom(elem *element, ln line, l look, fr frame, indent float64) atom {
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
	return atom{height: height, elem: elem, notes: ln.notes(), draw: func(c *canvas, x, y float64) {
		if len(fr.quotes) > 0 {
			c.tag(artifact)
			fr.quoteRules(c, x, y, height)
			c.tag(elem)
		}
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
	defer s.within(s.parent.child("BlockQuote"))()
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
	list := s.parent.child("L")
	var out []atom
	for i, item := range n.Content {
		li := list.child("LI")
		lbl, body := li.child("Lbl"), li.child("LBody")
		leave := s.within(body)
		atoms := s.blocks(item.Content, inner)
		leave()
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
		s.labelled(&atoms[0], lbl, label, inner)
		out = append(out, atoms...)
	}
	return out
}

// labelled sets a list's label at the left of the item's first line.
func (s *setter) labelled(a *atom, lbl *element, label string, fr frame) {
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
	body, elem := a.draw, a.elem
	if a.table != nil || body == nil {
		return
	}
	if elem == nil {
		elem = artifact
	}
	a.elem = lbl
	a.draw = func(c *canvas, x, y float64) {
		c.SetTextColor(0, 0, 0)
		c.text(faceRegular, size, x+left, y+baseline(size, leading), label)
		c.tag(elem)
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
		return richtext.Letters(n) + ")"
	case "A":
		return strings.ToUpper(richtext.Letters(n)) + ")"
	case "i":
		return strings.ToLower(richtext.Roman(n)) + "."
	case "I":
		return richtext.Roman(n) + " –"
	}
	return strconv.Itoa(n) + "."
}

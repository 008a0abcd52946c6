package pdf

import (
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

// maxOutline bounds a title in the bookmarks and the table of contents.
const maxOutline = 200

// outlineLevel is the place's level among the headings, 0 for what is none.
func outlineLevel(n *richtext.Node) int {
	if n.Type == richtext.Heading {
		return n.Level
	}
	switch n.Style {
	case richtext.NormTitle:
		return 1
	case richtext.NormChapter:
		return 2
	case richtext.NormSection:
		return 3
	}
	return 0
}

// titleOf is a heading in one line, with its number.
func (s *setter) titleOf(n *richtext.Node) string {
	var b strings.Builder
	if label := s.labels.Label(n); label != "" {
		b.WriteString(label + " – ")
	}
	for _, r := range s.runs(n, look{size: textSize}) {
		if r.note == nil {
			b.WriteString(r.text)
		}
	}
	title := strings.Join(strings.Fields(printable(b.String())), " ")
	if r := []rune(title); len(r) > maxOutline {
		title = string(r[:maxOutline-1]) + "…"
	}
	return strings.TrimSuffix(title, " –")
}

// contents sets the table of contents: a line for each heading, with dots to
// the number of its page, as the pass before found it.
func (s *setter) contents(fr frame) []atom {
	leave := s.within(s.parent.child("TOC"))
	defer leave()
	var out []atom
	for _, n := range s.headings {
		title := s.titleOf(n)
		if title == "" {
			continue
		}
		out = append(out, s.contentsEntry(n, title, fr)...)
	}
	if len(out) > 0 {
		out[0].before = textBefore
	}
	return out
}

// contentsEntry sets one heading's lines; the number stands on the last.
func (s *setter) contentsEntry(n *richtext.Node, title string, fr frame) []atom {
	const size, leading, step, numberRoom = 11.5, 1.3, 14.0, 40.0
	level := outlineLevel(n)
	k := ink{face: textFace(level == 1, false), size: size}
	left, right := fr.left+step*float64(level-1), fr.left+fr.width
	number := strconv.Itoa(s.known[n])
	if s.known[n] == 0 {
		number = "–"
	}
	elem := s.parent.child("TOCI")
	lines := s.canvas.wrap([]run{{text: title, ink: k}}, right-left-numberRoom)
	out := make([]atom, len(lines))
	for i, l := range lines {
		out[i] = atom{height: size * leading, elem: elem, keepNext: i < len(lines)-1, draw: func(c *canvas, x, y float64) {
			base := y + baseline(size, leading)
			l.draw(c, x+left, base, 0)
			if i < len(lines)-1 {
				return
			}
			numberAt := x + right - c.width(k.face, size, number)
			c.tag(artifact)
			c.dots(size, x+left+l.natural+5, numberAt-5, base)
			c.tag(elem)
			c.SetTextColor(0, 0, 0)
			c.text(k.face, size, numberAt, base, number)
		}}
	}
	return out
}

// dots leads from a title to its page. Those of all lines stand below each
// other: they are counted from the right.
func (c *canvas) dots(size, from, to, base float64) {
	dot := c.width(faceRegular, size, " .")
	n := int((to - from) / dot)
	if n < 1 {
		return
	}
	c.SetTextColor(110, 110, 110)
	c.text(faceRegular, size, to-float64(n)*dot, base, strings.Repeat(" .", n))
}

// headingsOf lists what a table of contents names, in reading order.
func headingsOf(d *richtext.Doc) []*richtext.Node {
	var out []*richtext.Node
	d.Walk(func(n *richtext.Node) bool {
		if (n.Type == richtext.Heading || n.Type == richtext.Paragraph) && outlineLevel(n) > 0 {
			out = append(out, n)
		}
		return true
	})
	return out
}

// namesPages says whether the text shows page numbers of its own, which are
// known only when it has been set once.
func namesPages(d *richtext.Doc) bool {
	found := false
	d.Walk(func(n *richtext.Node) bool {
		found = found || n.Type == richtext.TableOfContents || n.Type == richtext.CrossReference && n.Form == richtext.RefPage
		return !found
	})
	return found
}

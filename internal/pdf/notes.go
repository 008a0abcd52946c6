package pdf

import (
	"strconv"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

const (
	noteSize    = 9.5
	noteLeading = 1.2
	noteGap     = 7.0  // between the text and the rule above the notes
	noteRule    = 5.0  // between that rule and the first note
	noteBefore  = 2.0  // between two notes
	noteIndent  = 10.0 // of a note's lines, where its number stands
	// leastLines of a note stand on the page of its mark; a longer one goes
	// on at the foot of the next page.
	leastLines = 3
)

// note is a footnote: set once, drawn at the foot of the page where its mark
// came to stand.
type note struct {
	node  *richtext.Node
	label string
	elem  *element
	lines []atom
}

// noteOf sets a footnote, the first time that it is met.
func (s *setter) noteOf(n *richtext.Node) *note {
	if k, ok := s.notes[n]; ok {
		return k
	}
	k := &note{node: n, label: strconv.Itoa(s.labels.Note(n))}
	s.notes[n] = k
	return k
}

// setNote sets the note's lines. Its element stands behind the paragraph that
// cites it, where it is read.
func (s *setter) setNote(k *note) {
	if k.elem != nil {
		return
	}
	k.elem = s.parent.child("Note")
	l := look{size: noteSize, leading: noteLeading, align: richtext.AlignJustify, left: noteIndent, first: -noteIndent}
	mark := ink{face: faceRegular, size: noteSize * 0.7, rise: noteSize * 0.3}
	runs := append([]run{{text: k.label + string(nbsp) + " ", ink: mark}}, s.runs(k.node, l)...)
	k.lines = s.linesOf(k.elem, runs, l, frame{width: bodyWidth})
	for i := range k.lines {
		k.lines[i].keepNext = false
	}
	k.lines[0].before = noteBefore
}

// notesNeed is how much room at the foot must be free for the marks to stand
// on this page.
func (s *setter) notesNeed(notes []*note) float64 {
	total := 0.0
	for _, k := range notes {
		lines := k.lines
		if len(lines) > leastLines+1 {
			lines = lines[:leastLines]
		}
		for _, a := range lines {
			total += a.before + a.height
		}
	}
	if total > 0 && s.page().foot == 0 {
		total += noteGap + noteRule
	}
	return total
}

// addNotes puts notes at the foot of the page, behind those that wait.
func (s *setter) addNotes(notes []*note) {
	if len(notes) == 0 {
		return
	}
	for _, k := range notes {
		s.pending = append(s.pending, k.lines...)
	}
	s.placeNotes()
}

// mostFoot is how much of a page notes may fill: text goes on above them.
const mostFoot = bodyHeight * 2 / 3

// placeNotes takes what fits of the waiting lines to the foot of this page, in
// their order.
func (s *setter) placeNotes() {
	p := s.page()
	for len(s.pending) > 0 {
		a := s.pending[0]
		need := a.before + a.height
		if p.foot == 0 {
			need += noteGap + noteRule
		}
		if need > s.room() || p.foot+need > mostFoot {
			return
		}
		p.foot += need
		p.feet = append(p.feet, a)
		s.pending = s.pending[1:]
	}
}

// drawFeet draws the page's notes, the last line at the foot of the text.
func (p *page) drawFeet(c *canvas) {
	if len(p.feet) == 0 {
		return
	}
	y := bodyBottom - p.foot + noteGap
	c.tag(artifact)
	c.SetFillColor(120, 120, 120)
	c.Rect(marginLeft, y, bodyWidth/3, 0.5, "F")
	c.SetFillColor(0, 0, 0)
	y += noteRule
	for i := range p.feet {
		a := &p.feet[i]
		y += a.before
		a.drawAt(c, marginLeft, y)
		y += a.height
	}
}

package pdf

import (
	"time"

	"github.com/jung-kurt/gofpdf"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// The page: A4 in points, with the margins of an official letter (3 cm at the
// left, 2 cm at the right). The origin of the coordinates in this package is
// the upper left corner; only StampRect counts from below, as PDF does.
const (
	mm = 72 / 25.4

	pageWidth  = 595.28
	pageHeight = 841.89

	marginLeft  = 30 * mm
	marginRight = 20 * mm
	bodyWidth   = pageWidth - marginLeft - marginRight

	bodyTopFirst = 17 * mm // the header's lines come first
	bodyTop      = 25 * mm // below the running header
	bodyBottom   = pageHeight - 37*mm
	bodyHeight   = bodyBottom - bodyTop
)

// atom is the smallest piece that is never cut: a line of text, a picture, a
// rule. A table is handed over whole and cut by its rows.
type atom struct {
	height   float64
	before   float64                       // space above, dropped at the head of a page
	keepNext bool                          // stands on the page of the atom that follows
	draw     func(f *canvas, x, y float64) // x of the frame, y of the atom's top, after before; nil draws nothing
	elem     *element                      // whose content it is; nil for what is no part of the text
	table    *table
	newPage  bool // a page break asked for by the writer
	stamp    bool // the place of the visible signature
	notes    []*note
	place    *richtext.Node // the paragraph or heading whose first line it is
}

// drawAt draws the atom and marks it as its element's.
func (a *atom) drawAt(c *canvas, x, y float64) {
	if a.draw == nil {
		return
	}
	if a.elem == nil {
		c.tag(artifact)
	} else {
		c.tag(a.elem)
	}
	a.draw(c, x, y)
}

// drawUntagged draws the atom as what is no part of the text: a table's head
// that is drawn again.
func (a *atom) drawUntagged(c *canvas, x, y float64) {
	c.mute = true
	a.drawAt(c, x, y)
	c.mute = false
}

// canvas is what atoms draw on while a page is open.
type canvas struct {
	*gofpdf.Fpdf
	*metrics
	marks marking
	mute  bool // everything drawn is no part of the text
}

// text sets s with its baseline at y.
func (c *canvas) text(f *face, size, x, y float64, s string) {
	c.use(f, size)
	c.Text(x, y, drawn(s))
}

type placed struct {
	x, y float64
	draw func(c *canvas, x, y float64)
}

type page struct {
	placed []placed
	feet   []atom  // lines of footnotes, from the top
	foot   float64 // their height, with the rule above them
}

// setter lays atoms on pages. Nothing is drawn before the last page is known,
// so that "página x de y" needs no placeholder in the file.
type setter struct {
	canvas *canvas
	chrome chrome
	pages  []*page
	y      float64
	fresh  bool // nothing on the page yet
	err    error
	stamp  StampRect

	root, parent *element // of the structure tree: its top, and where the next element goes
	labels       *richtext.Labels
	notes        map[*richtext.Node]*note
	pending      []atom                 // lines of footnotes that found no room yet
	landed       map[*richtext.Node]int // the page on which a place came to stand, from 1
	known        map[*richtext.Node]int // the same, as the pass before found it
	outlines     []outline
	headings     []*richtext.Node // what the table of contents names

	images   func(sha256 string) ([]byte, error)
	fields   map[string]string
	draft    bool
	pictures map[string]*picture
}

func newSetter(c chrome) *setter {
	f := newPDF()
	root := &element{kind: "Document"}
	s := &setter{
		canvas: &canvas{Fpdf: f, metrics: newMetrics(f)}, chrome: c, pictures: map[string]*picture{},
		root: root, parent: root, labels: richtext.LabelsOf(&richtext.Doc{}),
		notes: map[*richtext.Node]*note{}, landed: map[*richtext.Node]int{},
	}
	s.openPage()
	return s
}

// within makes elements children of e until the function it returns is called.
func (s *setter) within(e *element) (leave func()) {
	before := s.parent
	s.parent = e
	return func() { s.parent = before }
}

func (s *setter) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *setter) openPage() {
	if len(s.pages) >= MaxPages {
		s.fail(sei.Errorf(CodeTooLong, "O documento passa de %d páginas. Divida-o em mais de um documento.", MaxPages))
		// Keep writing over the last page: the error ends the work.
		s.y, s.fresh = bodyTop, true
		return
	}
	s.pages = append(s.pages, &page{})
	s.y, s.fresh = bodyTop, true
	if len(s.pages) == 1 && !s.chrome.runningFirst {
		s.y = bodyTopFirst
	}
	if s.chrome.training {
		s.y = max(s.y, bodyTop)
	}
	s.placeNotes() // what is left of the page before's
}

func (s *setter) page() *page { return s.pages[len(s.pages)-1] }

func (s *setter) room() float64 { return bodyBottom - s.page().foot - s.y }

func (s *setter) put(x, y float64, draw func(c *canvas, x, y float64)) {
	p := s.page()
	p.placed = append(p.placed, placed{x, y, draw})
}

// flow places atoms one below the other from the left margin.
func (s *setter) flow(atoms []atom) {
	for i := range atoms {
		if s.err != nil {
			return
		}
		a := &atoms[i]
		if a.newPage {
			s.openPage()
			continue
		}
		if !s.fresh && s.chain(atoms[i:]) > s.room() {
			s.openPage()
		}
		if a.table != nil {
			s.placeTable(a)
			continue
		}
		if !s.fresh {
			s.y += a.before
		}
		if a.stamp {
			s.stampAt(s.y)
		}
		s.put(marginLeft, s.y, a.drawAt)
		s.land(a, s.y)
		s.y += a.height
		s.fresh = false
		s.addNotes(a.notes)
	}
}

// land notes where the paragraph or heading that begins with the atom stands,
// for references, the table of contents and the bookmarks.
func (s *setter) land(a *atom, y float64) {
	if a.place == nil {
		return
	}
	s.landed[a.place] = len(s.pages)
	if level := outlineLevel(a.place); level > 0 {
		if title := s.titleOf(a.place); title != "" {
			s.outlines = append(s.outlines, outline{title: title, level: level, page: len(s.pages) - 1, top: pageHeight - y})
		}
	}
}

// chain is the height that must fit on the page for the first atom to be
// placed on it: its own, that of those it must stay with, and of the first
// lines of their footnotes. A chain longer than a page binds nobody.
func (s *setter) chain(atoms []atom) float64 {
	total := 0.0
	for i := range atoms {
		a := &atoms[i]
		if a.newPage {
			break
		}
		total += a.before + a.height + s.notesNeed(a.notes)
		if !a.keepNext {
			break
		}
		if total > bodyHeight {
			return atoms[0].before + atoms[0].height
		}
	}
	if total > bodyHeight {
		return atoms[0].before + atoms[0].height
	}
	return total
}

const (
	stampHeight = 62.0
	stampGap    = 22.0
	// stampLines is how much text goes with the stamp to a new page, so that
	// no signature stands on a page without text.
	stampLines = 3
)

// withStamp ends the text with the place of the visible signature. Where it
// came to stand is in the setter's stamp afterwards.
func (s *setter) withStamp(atoms []atom) []atom {
	last := len(atoms)
	for i := last - 1; i >= 0 && i >= last-stampLines; i-- {
		if atoms[i].newPage || atoms[i].table != nil {
			break
		}
		atoms[i].keepNext = true
	}
	return append(atoms, atom{height: stampHeight, before: stampGap, stamp: true})
}

// stampAt records the place of the stamp, whose top is at y.
func (s *setter) stampAt(y float64) {
	s.stamp = StampRect{
		Page: len(s.pages),
		Left: round2(marginLeft), Right: round2(marginLeft + bodyWidth),
		Top: round2(pageHeight - y), Bottom: round2(pageHeight - y - stampHeight),
	}
}

func round2(v float64) float64 { return float64(int(v*100+0.5)) / 100 }

// finish draws every page and mends the file into PDF/A.
func (s *setter) finish(meta Metadata, date time.Time) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	for len(s.pending) > 0 && s.err == nil {
		s.openPage()
	}
	f, c := s.canvas.Fpdf, s.canvas
	for i, p := range s.pages {
		f.AddPage()
		c.marks.turn()
		c.tag(artifact)
		s.chrome.drawHead(c, i+1)
		for _, o := range p.placed {
			f.SetTextColor(0, 0, 0)
			f.SetDrawColor(0, 0, 0)
			f.SetFillColor(0, 0, 0)
			o.draw(c, o.x, o.y)
		}
		p.drawFeet(c)
		c.tag(artifact)
		s.chrome.drawFoot(c, i+1, len(s.pages))
		c.tag(nil)
	}
	if s.err != nil {
		return nil, s.err
	}
	raw, err := output(f)
	if err != nil {
		return nil, err
	}
	return conform(raw, meta, date, &structure{root: s.root, marks: &c.marks, outlines: s.outlines})
}

package pdf

import (
	"time"

	"github.com/jung-kurt/gofpdf"

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
	draw     func(f *canvas, x, y float64) // x of the frame, y of the atom's top, after before
	table    *table
	newPage  bool // a page break asked for by the writer
	stamp    bool // the place of the visible signature
}

// canvas is what atoms draw on while a page is open.
type canvas struct {
	*gofpdf.Fpdf
	*metrics
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

	images   func(sha256 string) ([]byte, error)
	fields   map[string]string
	pictures map[string]*picture
	numbers  numbering
}

func newSetter(c chrome) *setter {
	f := newPDF()
	s := &setter{canvas: &canvas{f, newMetrics(f)}, chrome: c, pictures: map[string]*picture{}}
	s.openPage()
	return s
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
}

func (s *setter) room() float64 { return bodyBottom - s.y }

func (s *setter) put(x, y float64, draw func(c *canvas, x, y float64)) {
	p := s.pages[len(s.pages)-1]
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
		s.put(marginLeft, s.y, a.draw)
		s.y += a.height
		s.fresh = false
	}
}

// chain is the height that must fit on the page for the first atom to be
// placed on it: its own and that of those it must stay with. A chain longer
// than a page binds nobody.
func (s *setter) chain(atoms []atom) float64 {
	total := 0.0
	for i := range atoms {
		a := &atoms[i]
		if a.newPage {
			break
		}
		total += a.before + a.height
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
	return append(atoms, atom{height: stampHeight, before: stampGap, draw: func(*canvas, float64, float64) {}, stamp: true})
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
	f := s.canvas.Fpdf
	for i, p := range s.pages {
		f.AddPage()
		s.chrome.drawHead(s.canvas, i+1)
		for _, o := range p.placed {
			f.SetTextColor(0, 0, 0)
			f.SetDrawColor(0, 0, 0)
			f.SetFillColor(0, 0, 0)
			o.draw(s.canvas, o.x, o.y)
		}
		s.chrome.drawFoot(s.canvas, i+1, len(s.pages))
	}
	if s.err != nil {
		return nil, s.err
	}
	raw, err := output(f)
	if err != nil {
		return nil, err
	}
	return conform(raw, meta, date)
}

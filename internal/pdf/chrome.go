package pdf

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// chrome is what stands around the text: running header, footer, banner.
type chrome struct {
	running      string // at the head of pages after the first, and of the first when runningFirst
	runningFirst bool
	foot         string // first line of the footer
	verification Verification
	training     bool
	ownPages     bool // pages are numbered apart from the document's
}

const trainingText = "SEM VALOR LEGAL — AMBIENTE DE TREINAMENTO"

func documentChrome(in Input) chrome {
	parts := []string{printable(in.Title)}
	if in.Process != "" {
		parts = append(parts, "Processo "+processText(in.Process))
	}
	if in.SEINumber != "" {
		parts = append(parts, "Nº SEI "+printable(in.SEINumber))
	}
	about := strings.Join(parts, "  ·  ")
	return chrome{running: about, foot: about, verification: in.Verification, training: in.Training}
}

func processText(number string) string {
	if number == ToBeFiled {
		return number
	}
	return "nº " + printable(number)
}

const footTop = pageHeight - 31*mm

// drawHead and drawFoot are called before and after the page's text, so that
// a reader that follows the file's order meets things as the eye does.
func (c chrome) drawHead(cv *canvas, number int) {
	if c.training {
		c.drawTraining(cv)
	}
	if number > 1 || c.runningFirst {
		c.drawRunning(cv)
	}
}

func (c chrome) drawTraining(cv *canvas) {
	const size, top, height = 9.5, 7 * mm, 15.0
	cv.SetDrawColor(160, 20, 20)
	cv.SetLineWidth(0.8)
	cv.Rect(marginLeft, top, bodyWidth, height, "D")
	cv.SetTextColor(160, 20, 20)
	w := cv.width(faceBold, size, trainingText)
	cv.text(faceBold, size, marginLeft+(bodyWidth-w)/2, top+10.9, trainingText)
}

func (c chrome) drawRunning(cv *canvas) {
	const size = 8.5
	y := bodyTop - 9.0
	cv.SetTextColor(85, 85, 85)
	cv.text(faceRegular, size, marginLeft, y-4, cv.shorten(c.running, faceRegular, size, bodyWidth))
	cv.SetFillColor(170, 170, 170)
	cv.Rect(marginLeft, y, bodyWidth, 0.4, "F")
}

// drawFoot prints what the page belongs to, its number, how to check it, and
// the QR code.
func (c chrome) drawFoot(cv *canvas, number, total int) {
	const size = 8.0
	cv.SetFillColor(170, 170, 170)
	cv.Rect(marginLeft, footTop, bodyWidth, 0.4, "F")
	cv.SetTextColor(70, 70, 70)
	left := marginLeft
	if c.verification.QRURL != "" {
		const side = 22 * mm
		if err := drawQR(cv, c.verification.QRURL, left-1.4*mm, footTop+1.5*mm, side); err != nil {
			cv.SetError(err)
		}
		left += side + 1.5*mm
	}
	width := marginLeft + bodyWidth - left
	page := fmt.Sprintf("página %d de %d", number, total)
	if c.ownPages {
		page = fmt.Sprintf("folha %d de %d", number, total)
	}
	pageW := cv.width(faceRegular, size, page)
	y := footTop + 15
	cv.SetTextColor(70, 70, 70)
	cv.text(faceBold, size, left, y, cv.shorten(c.foot, faceBold, size, width-pageW-12))
	cv.text(faceRegular, size, marginLeft+bodyWidth-pageW, y, page)
	y += 13
	for _, l := range cv.wrap(c.verification.runs(size), width) {
		l.draw(cv, left, y, 0)
		y += 10.2
	}
}

// runs is the sentence that tells how to check the document, as in SEI.
func (v Verification) runs(size float64) []run {
	if v.Code == "" {
		return nil
	}
	plain, strong := ink{face: faceRegular, size: size, gray: 70}, ink{face: faceBold, size: size, gray: 30}
	out := []run{{text: "A autenticidade deste documento pode ser conferida em ", ink: plain}, {text: v.URL, ink: strong},
		{text: ", informando o código verificador ", ink: plain}, {text: v.Code, ink: strong}}
	if v.CRC != "" {
		out = append(out, run{text: " e o código CRC ", ink: plain}, run{text: v.CRC, ink: strong})
	}
	return append(out, run{text: ".", ink: plain})
}

// wrap sets runs flush left in lines of the width.
func (c *canvas) wrap(runs []run, width float64) []line {
	boxes := c.boxes(runs, width, false)
	if len(boxes) == 0 {
		return nil
	}
	return breakLines(boxes, func(int) float64 { return width }, false)
}

// shorten cuts text with an ellipsis so that it is no wider than width.
func (c *canvas) shorten(s string, f *face, size, width float64) string {
	s = strings.ReplaceAll(printable(s), "\n", " ")
	if c.width(f, size, s) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 0 && c.width(f, size, string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ·") + "…"
}

// drawQR draws the code as filled rectangles: sharp at any size, and no image
// whose encoding could differ. side includes the quiet zone of four modules.
func drawQR(c *canvas, content string, x, y, side float64) error {
	code, err := qr.Encode(content, qr.M, qr.Unicode)
	if err != nil {
		return fmt.Errorf("making the QR code: %w", err)
	}
	n := code.Bounds().Dx()
	module := side / float64(n+8)
	dark := func(col, row int) bool {
		r, _, _, _ := code.At(col, row).RGBA()
		return r < 0x8000
	}
	c.SetFillColor(0, 0, 0)
	for row := range n {
		for col := 0; col < n; col++ {
			start := col
			for col < n && dark(col, row) {
				col++
			}
			if col > start {
				c.Rect(x+float64(start+4)*module, y+float64(row+4)*module, float64(col-start)*module, module+0.02, "F")
			}
		}
	}
	return nil
}

// frontMatter sets the header's lines and the document's title.
func (s *setter) frontMatter(in Input) {
	var out []atom
	for i, text := range in.Header {
		k := ink{face: faceBold, size: 12}
		if i == len(in.Header)-1 && i > 0 {
			k = ink{face: faceRegular, size: 11, gray: 40}
		}
		out = append(out, s.centred("P", []run{{text: printable(text), ink: k}}, 0)...)
	}
	if len(in.Header) > 0 {
		out = append(out, atom{height: 1, before: 9, draw: func(c *canvas, x, y float64) {
			c.SetFillColor(120, 120, 120)
			c.Rect(x, y, bodyWidth, 0.6, "F")
		}})
	}
	if in.Title != "" {
		out = append(out, s.centred("H1", []run{{text: strings.ToUpper(printable(in.Title)), ink: ink{face: faceBold, size: 14}}}, 20)...)
	}
	if about := subtitle(in); about != "" {
		out = append(out, s.centred("P", []run{{text: about, ink: ink{face: faceRegular, size: 10.5, gray: 60}}}, 2)...)
	}
	out = append(out, atom{height: 12})
	s.flow(out)
}

func subtitle(in Input) string {
	var parts []string
	if in.Process != "" {
		parts = append(parts, "Processo "+processText(in.Process))
	}
	if in.SEINumber != "" {
		parts = append(parts, "Nº SEI "+printable(in.SEINumber))
	}
	return strings.Join(parts, "  ·  ")
}

func (s *setter) centred(kind string, runs []run, before float64) []atom {
	l := look{size: runs[0].ink.size, leading: 1.25, before: before, align: "center", keepNext: true}
	return s.lines(kind, runs, l, frame{width: bodyWidth})
}

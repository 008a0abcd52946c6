package pades

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Stamp is a visible signature. Its text is drawn as outlines, so that the
// appearance needs no font resource and keeps PDF/A-1b; the same text can be
// read in the signature's own fields.
type Stamp struct {
	Page int // from 1; -1 is the last page
	// Rect is left, bottom, right, top in points, in the page's own space.
	Rect  [4]float64
	Lines []string // the first one is set in bold; at most maxStampLines
}

const (
	maxStampLines = 16
	maxStampRunes = 300
	stampPadding  = 4.0
	stampLeading  = 1.25
	stampMaxSize  = 11.0
	stampMinSize  = 2.0
	maxPageSide   = 14400.0 // ISO 32000-1, Annex C
)

// putAppearance writes the appearance stream and returns the widget's Rect.
// An invisible signature has an empty one, which PDF/A still asks for. On a page
// that readers turn by rotation degrees the text is drawn turned back, so that it
// is upright for whoever reads the page (ISO 32000-1, 12.5.5).
func (u *update) putAppearance(ref pdfRef, s *Stamp, rotation int) (pdfArray, error) {
	rect := [4]float64{}
	var content []byte
	w, h := 0.0, 0.0
	if s != nil {
		rect = s.Rect
		w, h = rect[2]-rect[0], rect[3]-rect[1]
		if rotation%180 != 0 {
			w, h = h, w
		}
		var err error
		if content, err = s.draw(w, h); err != nil {
			return nil, err
		}
	}
	dict := makeDict(
		pdfName("Type"), pdfName("XObject"), pdfName("Subtype"), pdfName("Form"),
		pdfName("BBox"), realArray(0, 0, w, h),
		pdfName("Resources"), &pdfDict{})
	if turn, ok := map[int]pdfArray{
		90:  realArray(0, 1, -1, 0, h, 0),
		180: realArray(-1, 0, 0, -1, w, h),
		270: realArray(0, -1, 1, 0, 0, w),
	}[rotation]; ok && s != nil {
		dict = dict.with("Matrix", turn)
	}
	if len(content) > 0 {
		dict = dict.with("Filter", pdfName("FlateDecode"))
		content = deflate(content)
	}
	u.putStream(ref, dict, content)
	return realArray(rect[:]...), nil
}

func deflate(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	// Neither call fails when writing to memory.
	_, _ = z.Write(data)
	_ = z.Close()
	return b.Bytes()
}

func realArray(v ...float64) pdfArray {
	out := make(pdfArray, len(v))
	for i, f := range v {
		out[i] = pdfReal(formatReal(f))
	}
	return out
}

func formatReal(f float64) string {
	f = math.Round(f*1000) / 1000
	if f == 0 {
		return "0" // never "-0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func (s *Stamp) check() error {
	for _, v := range s.Rect {
		if math.IsNaN(v) || math.Abs(v) > maxPageSide {
			return sei.Errorf(CodePage, "O lugar do carimbo está fora da página. Escolha outro lugar.")
		}
	}
	if s.Page == 0 || s.Rect[2]-s.Rect[0] < 2*stampPadding+1 || s.Rect[3]-s.Rect[1] < 2*stampPadding+1 {
		return sei.Errorf(CodePage, "O carimbo é pequeno demais. Escolha um espaço maior na página.")
	}
	if len(s.Lines) > maxStampLines {
		return sei.Errorf(CodePage, "O carimbo tem linhas demais (no máximo %d).", maxStampLines)
	}
	return nil
}

// draw makes the content for a box of w by h points: a thin frame and the
// lines, as large as fits.
func (s *Stamp) draw(w, h float64) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	lines, widest, err := shapeLines(s.Lines)
	if err != nil {
		return nil, err
	}
	size := stampMaxSize
	if n := float64(len(lines)); n > 0 {
		size = min(size, (h-2*stampPadding)/(n*stampLeading))
	}
	if widest > 0 {
		size = min(size, (w-2*stampPadding)/widest)
	}
	if size < stampMinSize {
		return nil, sei.Errorf(CodePage, "O texto não cabe no carimbo. Escolha um espaço maior na página.")
	}
	out := fmt.Appendf(nil, "q 0 G 0 g 0.5 w 0.25 0.25 %s %s re S\n", formatReal(w-0.5), formatReal(h-0.5))
	for i, l := range lines {
		y := h - stampPadding - size*(float64(i)*stampLeading+0.95)
		// What the outlines say, for readers that cannot see (ISO 32000-1, 14.9.4).
		out = fmt.Appendf(out, "/Span <</ActualText <FEFF%X>>> BDC\n", utf16BE(s.Lines[i]))
		out = append(l.appendPaths(out, stampPadding, y, size), "EMC\n"...)
	}
	return append(out, "Q\n"...), nil
}

func utf16BE(text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.BigEndian.AppendUint16(out, unit)
	}
	return out
}

// stampUnit is the resolution of the outlines: units to the em.
const stampUnit = 1000

// shaped is one line as glyph outlines with their places, in units of the em.
type shaped struct {
	glyphs  []sfnt.Segments
	offsets []float64
}

func shapeLines(texts []string) ([]shaped, float64, error) {
	var out []shaped
	widest := 0.0
	for i, t := range texts {
		data := goregular.TTF
		if i == 0 {
			data = gobold.TTF
		}
		f, err := sfnt.Parse(data)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the stamp's font: %w", err)
		}
		line, width, err := shape(f, t)
		if err != nil {
			return nil, 0, err
		}
		widest = max(widest, width)
		out = append(out, line)
	}
	return out, widest, nil
}

func shape(f *sfnt.Font, text string) (shaped, float64, error) {
	var buf sfnt.Buffer
	var out shaped
	x := 0.0
	runes := []rune(text)
	if len(runes) > maxStampRunes {
		return out, 0, sei.Errorf(CodePage, "Uma linha do carimbo é longa demais (no máximo %d letras).", maxStampRunes)
	}
	ppem := fixed.I(stampUnit)
	for _, r := range runes {
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			return out, 0, fmt.Errorf("shaping the stamp: %w", err)
		}
		segs, err := f.LoadGlyph(&buf, g, ppem, nil)
		if err != nil {
			return out, 0, fmt.Errorf("shaping the stamp: %w", err)
		}
		adv, err := f.GlyphAdvance(&buf, g, ppem, font.HintingNone)
		if err != nil {
			return out, 0, fmt.Errorf("shaping the stamp: %w", err)
		}
		out.glyphs = append(out.glyphs, append(sfnt.Segments(nil), segs...))
		out.offsets = append(out.offsets, x)
		x += float64(adv) / 64 / stampUnit
	}
	return out, x, nil
}

// appendPaths draws the line with its baseline at (x, y). The outlines are
// quadratic; PDF has cubic curves only, so each is raised exactly.
func (l shaped) appendPaths(out []byte, x, y, size float64) []byte {
	drawn := false
	for i, segs := range l.glyphs {
		ox := x + l.offsets[i]*size
		point := func(p fixed.Point26_6) (float64, float64) {
			return ox + float64(p.X)/64/stampUnit*size, y - float64(p.Y)/64/stampUnit*size
		}
		var cx, cy float64
		for _, s := range segs {
			x1, y1 := point(s.Args[0])
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				out = appendOp(out, "m", x1, y1)
				cx, cy = x1, y1
			case sfnt.SegmentOpLineTo:
				out = appendOp(out, "l", x1, y1)
				cx, cy = x1, y1
			case sfnt.SegmentOpQuadTo:
				x2, y2 := point(s.Args[1])
				out = appendOp(out, "c", cx+(x1-cx)*2/3, cy+(y1-cy)*2/3, x2+(x1-x2)*2/3, y2+(y1-y2)*2/3, x2, y2)
				cx, cy = x2, y2
			case sfnt.SegmentOpCubeTo:
				x2, y2 := point(s.Args[1])
				x3, y3 := point(s.Args[2])
				out = appendOp(out, "c", x1, y1, x2, y2, x3, y3)
				cx, cy = x3, y3
			}
			drawn = true
		}
	}
	if drawn {
		out = append(out, "f\n"...)
	}
	return out
}

func appendOp(out []byte, op string, v ...float64) []byte {
	for _, f := range v {
		out = append(append(out, formatReal(f)...), ' ')
	}
	return append(append(out, op...), '\n')
}

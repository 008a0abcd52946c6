package pdf

import (
	_ "embed" // the fonts
	"slices"
	"strings"
	"sync"

	"github.com/jung-kurt/gofpdf"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

// The fonts are strings so that nobody can write into them: gofpdf's subset
// writer appends into the slice that it is given, so each run gets a copy.
var (
	//go:embed fonts/Carlito-Regular.ttf
	carlitoRegular string
	//go:embed fonts/Carlito-Bold.ttf
	carlitoBold string
	//go:embed fonts/Carlito-Italic.ttf
	carlitoItalic string
	//go:embed fonts/Carlito-BoldItalic.ttf
	carlitoBoldItalic string
	//go:embed fonts/DejaVuSans.ttf
	dejaVuSans string
)

// face is one embedded font file.
type face struct {
	family, style string // as gofpdf knows it
	name          string // PostScript name, for the PDF's font dictionaries
	data          *string
}

var (
	faceRegular    = &face{"carlito", "", "Carlito", &carlitoRegular}
	faceBold       = &face{"carlito", "B", "Carlito-Bold", &carlitoBold}
	faceItalic     = &face{"carlito", "I", "Carlito-Italic", &carlitoItalic}
	faceBoldItalic = &face{"carlito", "BI", "Carlito-BoldItalic", &carlitoBoldItalic}
	faceSymbols    = &face{"symbols", "", "DejaVuSans", &dejaVuSans}
	allFaces       = []*face{faceRegular, faceBold, faceItalic, faceBoldItalic, faceSymbols}
)

func textFace(bold, italic bool) *face {
	switch {
	case bold && italic:
		return faceBoldItalic
	case bold:
		return faceBold
	case italic:
		return faceItalic
	}
	return faceRegular
}

// coverage tells which characters the fonts carry. The four text faces count
// as one: what one of them lacks is taken from the symbols for all.
var coverage = sync.OnceValue(func() func(r rune) *face {
	parsed := map[*face]*sfnt.Font{}
	for _, f := range allFaces {
		font, err := sfnt.Parse([]byte(*f.data))
		if err != nil {
			panic("pdf: embedded font " + f.name + ": " + err.Error()) // a broken build
		}
		parsed[f] = font
	}
	var mu sync.Mutex
	var buf sfnt.Buffer
	known := map[rune]*face{}
	has := func(f *face, r rune) bool {
		g, err := parsed[f].GlyphIndex(&buf, r)
		return err == nil && g != 0
	}
	return func(r rune) *face {
		mu.Lock()
		defer mu.Unlock()
		if f, ok := known[r]; ok {
			return f
		}
		var found *face
		switch {
		case r > 0xFFFF || r < ' ' || combining(r) || rightToLeft(r):
			// gofpdf writes two bytes a character and does no shaping.
		case !slices.ContainsFunc(allFaces[:4], func(f *face) bool { return !has(f, r) }):
			found = faceRegular
		case has(faceSymbols, r):
			found = faceSymbols
		}
		known[r] = found
		return found
	}
})

// combining says whether r needs to be placed over its neighbour, which
// happens only by shaping. Composed letters have been formed before.
func combining(r rune) bool {
	return r >= 0x0300 && r <= 0x036F || r >= 0x1AB0 && r <= 0x1AFF || r >= 0x20D0 && r <= 0x20FF || r >= 0xFE20 && r <= 0xFE2F
}

// rightToLeft covers the scripts and controls that would need reordering, and
// those whose letters join.
func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08FF || r >= 0x200E && r <= 0x200F || r >= 0x202A && r <= 0x202E ||
		r >= 0x2066 && r <= 0x2069 || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFE
}

// printable puts text in the form in which it is set: composed letters, and
// the spaces and hyphens that fonts do not carry replaced by those they do.
// Characters without ink or meaning in print are left out.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u00AD', '\u200B', '\u200C', '\u200D', '\u2060', '\uFEFF', '\uFE0E', '\uFE0F': // soft hyphen, zero-width marks, variants
			return -1
		case '\u2007', '\u202F': // figure and narrow space, both unbreakable
			return nbsp
		case '\u2000', '\u2001', '\u2002', '\u2003', '\u2004', '\u2005', '\u2006', '\u2008', '\u2009', '\u200A', '\u205F', '\u3000':
			return ' '
		case '\u2010':
			return '-'
		case '\u2028', '\u2029': // line and paragraph separator
			return '\n'
		}
		return r
	}, norm.NFC.String(s))
}

const (
	nbsp    = '\u00A0' // set as a space at which no line ends
	noBreak = '\u2011' // set as a hyphen at which no line ends
)

// drawn is the text as it goes to the font.
func drawn(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case nbsp:
			return ' '
		case noBreak:
			return '-'
		}
		return r
	}, s)
}

func supported(r rune) bool {
	return r == '\n' || r == '\t' || r == nbsp || r == noBreak || coverage()(r) != nil
}

func unsupportedIn(s string) []rune {
	var out []rune
	for _, r := range printable(s) {
		if !supported(r) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// UnsupportedRunes returns the characters of the text that the PDF cannot
// carry, each once, in order of appearance. The editor marks them; Typeset
// refuses them.
func UnsupportedRunes(d *richtext.Doc) []rune {
	var out []rune
	d.Walk(func(n *richtext.Node) bool {
		for _, r := range unsupportedIn(n.Text + n.Label) {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
		return true
	})
	return out
}

// metrics measures text with the widths that the PDF will declare, and loads
// a face into the file only when it is used.
type metrics struct {
	pdf    *gofpdf.Fpdf
	loaded map[*face]bool
	widths map[*face]map[rune]float64 // thousandths of the size
}

func newMetrics(f *gofpdf.Fpdf) *metrics {
	return &metrics{pdf: f, loaded: map[*face]bool{}, widths: map[*face]map[rune]float64{}}
}

func (m *metrics) use(f *face, size float64) {
	if !m.loaded[f] {
		m.pdf.AddUTF8FontFromBytes(f.family, f.style, []byte(*f.data))
		m.loaded[f] = true
		m.widths[f] = map[rune]float64{}
	}
	m.pdf.SetFont(f.family, f.style, size)
}

func (m *metrics) width(f *face, size float64, s string) float64 {
	total := 0.0
	for _, r := range s {
		w, ok := m.widths[f][r]
		if !ok {
			m.use(f, size)
			w = float64(m.pdf.GetStringSymbolWidth(string(r)))
			m.widths[f][r] = w
		}
		total += w
	}
	return total * size / 1000
}

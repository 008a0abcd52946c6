package pdf

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// textFont tells what the codes of a font say and how far they advance.
type textFont struct {
	wide     bool              // codes of two bytes (Type0)
	unicode  map[uint32]string // from /ToUnicode
	simple   [256]rune         // by /Encoding, for fonts of one byte
	widths   map[uint32]float64
	fallback float64 // width of the rest, thousandths
}

// maxCodes bounds the character maps that a file may ask for.
const maxCodes = 1 << 17

// glyph is one code of a shown string.
type glyph struct {
	text  string
	width float64 // of the em
	space bool    // the single-byte code 32, to which word spacing applies
}

func (f *textFont) glyphs(shown string) []glyph {
	var out []glyph
	for i := 0; i < len(shown); {
		code, size := uint32(shown[i]), 1
		if f.wide && i+1 < len(shown) {
			code, size = code<<8|uint32(shown[i+1]), 2
		}
		i += size
		g := glyph{width: f.fallback / 1000, space: size == 1 && code == ' '}
		if w, ok := f.widths[code]; ok {
			g.width = w / 1000
		}
		if s, ok := f.unicode[code]; ok {
			g.text = s
		} else if !f.wide && f.simple[code] != 0 {
			g.text = string(f.simple[code])
		}
		out = append(out, g)
	}
	return out
}

// readFont reads a font dictionary; what it lacks makes text that says nothing.
func (x *extraction) readFont(d types.Dict) *textFont {
	f := &textFont{unicode: map[uint32]string{}, widths: map[uint32]float64{}, fallback: 500}
	if kind := d.NameEntry("Subtype"); kind != nil && *kind == "Type0" {
		f.wide = true
		x.wideWidths(f, d)
	} else {
		x.simpleWidths(f, d)
		x.simpleEncoding(f, d)
	}
	if data := x.stream(d["ToUnicode"]); data != nil {
		readCharacterMap(f.unicode, data)
	}
	return f
}

func (x *extraction) simpleWidths(f *textFont, d types.Dict) {
	first, _ := x.number(d["FirstChar"])
	for i, w := range x.array(d["Widths"]) {
		if n, ok := x.number(w); ok && i < 256 {
			f.widths[uint32(first)+uint32(i)] = n
		}
	}
}

// wideWidths reads /DW and /W (ISO 32000-1, 9.7.4.3).
func (x *extraction) wideWidths(f *textFont, d types.Dict) {
	f.fallback = 1000
	below := x.array(d["DescendantFonts"])
	if len(below) == 0 {
		return
	}
	cid := x.dict(below[0])
	if w, ok := x.number(cid["DW"]); ok {
		f.fallback = w
	}
	w := x.array(cid["W"])
	for i := 0; i+1 < len(w) && len(f.widths) < maxCodes; {
		first, _ := x.number(w[i])
		if list := x.array(w[i+1]); list != nil {
			for j, o := range list {
				if n, ok := x.number(o); ok {
					f.widths[uint32(first)+uint32(j)] = n
				}
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			return
		}
		last, _ := x.number(w[i+1])
		n, _ := x.number(w[i+2])
		for c := first; c <= last && len(f.widths) < maxCodes; c++ {
			f.widths[uint32(c)] = n
		}
		i += 3
	}
}

// simpleEncoding reads /Encoding. Where a font has none, its own is nearly
// always a Latin one, and only marks differ.
func (x *extraction) simpleEncoding(f *textFont, d types.Dict) {
	table := charmap.Windows1252
	encoding, _ := x.ctx.Dereference(d["Encoding"])
	base := ""
	var differences types.Array
	switch e := encoding.(type) {
	case types.Name:
		base = string(e)
	case types.Dict:
		if n := e.NameEntry("BaseEncoding"); n != nil {
			base = *n
		}
		differences = x.array(e["Differences"])
	}
	if base == "MacRomanEncoding" {
		table = charmap.Macintosh
	}
	for c := range 256 {
		if r := table.DecodeByte(byte(c)); c >= ' ' && r != '\uFFFD' {
			f.simple[c] = r
		}
	}
	code := 0
	for _, o := range differences {
		if n, ok := x.number(o); ok {
			code = int(n)
			continue
		}
		o, _ := x.ctx.Dereference(o)
		if g, ok := o.(types.Name); ok {
			if code >= 0 && code < 256 {
				f.simple[code] = glyphRune(string(g))
			}
			code++
		}
	}
}

// readCharacterMap takes the mappings of a /ToUnicode stream (ISO 32000-1, 9.10.3).
func readCharacterMap(into map[uint32]string, data []byte) {
	l := &lexer{data: data}
	for {
		args, op, ok := l.next()
		if !ok || len(into) > maxCodes {
			return
		}
		switch op {
		case "endbfchar":
			for i := 0; i+1 < len(args); i += 2 {
				from, okFrom := args[i].(string)
				to, okTo := args[i+1].(string)
				if okFrom && okTo {
					into[codeOf(from)] = utf16Text(to)
				}
			}
		case "endbfrange":
			for i := 0; i+2 < len(args); i += 3 {
				mapRange(into, args[i], args[i+1], args[i+2])
			}
		}
	}
}

func mapRange(into map[uint32]string, from, to, target operand) {
	first, okFrom := from.(string)
	last, okTo := to.(string)
	if !okFrom || !okTo {
		return
	}
	low, high := codeOf(first), codeOf(last)
	if high < low || high-low > 0xffff {
		return
	}
	switch t := target.(type) {
	case string:
		text := []rune(utf16Text(t))
		if len(text) == 0 {
			return
		}
		for c := low; c <= high && len(into) <= maxCodes; c++ {
			into[c] = string(text)
			text[len(text)-1]++
		}
	case []operand:
		for i, o := range t {
			if s, ok := o.(string); ok && low+uint32(i) <= high {
				into[low+uint32(i)] = utf16Text(s)
			}
		}
	}
}

func codeOf(s string) (code uint32) {
	for i := range min(len(s), 4) {
		code = code<<8 | uint32(s[i])
	}
	return code
}

func utf16Text(s string) string {
	if len(s) == 1 {
		return string(rune(s[0]))
	}
	units := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(units))
}

// glyphRune reads the name of a Latin glyph (Adobe Glyph List): a letter, a
// letter with its accent, uniXXXX, or a mark of the short list; 0 for others.
func glyphRune(g string) rune {
	g, _, _ = strings.Cut(g, ".")
	if r := []rune(g); len(r) == 1 {
		return r[0]
	}
	if r, ok := glyphMarks[g]; ok {
		return r
	}
	if digits, ok := strings.CutPrefix(g, "uni"); ok && len(digits) >= 4 {
		if n, err := strconv.ParseUint(digits[:4], 16, 16); err == nil {
			return rune(n)
		}
	}
	if g == "" {
		return 0
	}
	if accent, ok := glyphAccents[g[1:]]; ok {
		if r := []rune(norm.NFC.String(g[:1] + string(accent))); len(r) == 1 {
			return r[0]
		}
	}
	return 0
}

var glyphAccents = map[string]rune{
	"acute": '\u0301', "grave": '\u0300', "circumflex": '\u0302', "tilde": '\u0303', "dieresis": '\u0308', "cedilla": '\u0327', "ring": '\u030A', "caron": '\u030C',
}

var glyphMarks = map[string]rune{
	"space": ' ', "nbspace": ' ', "exclam": '!', "quotedbl": '"', "numbersign": '#', "dollar": '$', "percent": '%', "ampersand": '&', "quotesingle": '\'',
	"parenleft": '(', "parenright": ')', "asterisk": '*', "plus": '+', "comma": ',', "hyphen": '-', "minus": '-', "period": '.', "slash": '/',
	"zero": '0', "one": '1', "two": '2', "three": '3', "four": '4', "five": '5', "six": '6', "seven": '7', "eight": '8', "nine": '9',
	"colon": ':', "semicolon": ';', "less": '<', "equal": '=', "greater": '>', "question": '?', "at": '@',
	"bracketleft": '[', "backslash": '\\', "bracketright": ']', "asciicircum": '^', "underscore": '_', "braceleft": '{', "bar": '|', "braceright": '}', "asciitilde": '~',
	"quoteleft": '‘', "quoteright": '’', "quotedblleft": '“', "quotedblright": '”', "endash": '–', "emdash": '—', "bullet": '•', "ellipsis": '…',
	"ordfeminine": 'ª', "ordmasculine": 'º', "degree": '°', "section": '§', "paragraph": '¶', "periodcentered": '·', "guillemotleft": '«', "guillemotright": '»',
	"fi": 'ﬁ', "fl": 'ﬂ', "ff": 'ﬀ', "ffi": 'ﬃ', "ffl": 'ﬄ', "AE": 'Æ', "ae": 'æ', "OE": 'Œ', "oe": 'œ', "germandbls": 'ß', "Oslash": 'Ø', "oslash": 'ø',
	"onesuperior": '¹', "twosuperior": '²', "threesuperior": '³', "onehalf": '½', "onequarter": '¼', "threequarters": '¾', "copyright": '©', "registered": '®', "Euro": '€', "dotlessi": 'ı',
}

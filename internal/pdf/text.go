package pdf

import (
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/text/unicode/norm"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// TextLimits bound what looking for a file's text may cost; zero values mean
// those of DefaultTextLimits.
type TextLimits struct {
	File    int64         // bytes of the file, which is held in memory
	Content int64         // decompressed bytes of pages and fonts, all together
	Text    int           // bytes of text to stop at
	Pages   int           // pages to stop at
	Time    time.Duration // after which to give what there is
}

// DefaultTextLimits fit a workstation that does this beside other work.
var DefaultTextLimits = TextLimits{File: 64 << 20, Content: 128 << 20, Text: 1 << 20, Pages: MaxPages, Time: 20 * time.Second}

func (l TextLimits) complete() TextLimits {
	d := DefaultTextLimits
	if l.File <= 0 {
		l.File = d.File
	}
	if l.Content <= 0 {
		l.Content = d.Content
	}
	if l.Text <= 0 {
		l.Text = d.Text
	}
	if l.Pages <= 0 {
		l.Pages = d.Pages
	}
	if l.Time <= 0 {
		l.Time = d.Time
	}
	return l
}

// Text gives the words of a PDF, for searching: line by line in the order in
// which the file draws them, composed (NFC), pages parted by a form feed. A file
// beyond the limits gives what was found up to them; a scanned one gives "".
// Errors carry CodeNotAPDF, CodeEncrypted, CodeDamaged or sei.CodeTooLarge.
func Text(in io.ReaderAt, size int64, limits TextLimits) (text string, err error) {
	defer guard(&err)
	limits = limits.complete()
	if size > limits.File {
		return "", sei.Errorf(sei.CodeTooLarge, "O PDF passa do tamanho em que o texto é pesquisado (%d MB).", limits.File>>20)
	}
	file := io.NewSectionReader(in, 0, size)
	if _, err := checkHeader(file); err != nil {
		return "", err
	}
	until := time.Now().Add(limits.Time)
	ctx, err := load(file, model.LISTINFO)
	if err != nil {
		return "", err
	}
	if ctx.Encrypt != nil {
		return "", sei.Errorf(CodeEncrypted, "O PDF é cifrado e o seu texto não é pesquisado.")
	}
	pages, err := countPages(ctx)
	if err != nil {
		return "", err
	}
	x := &extraction{ctx: ctx, limits: limits, until: until, content: limits.Content, fonts: map[types.IndirectRef]*textFont{}}
	for p := 1; p <= min(pages, limits.Pages) && !x.spent(); p++ {
		if p > 1 {
			x.out.WriteString("\n\f")
		}
		x.page(p)
	}
	whole := strings.ReplaceAll(x.out.String(), softHyphen+"\n", "") // divided words
	return norm.NFC.String(strings.ToValidUTF8(cutText(whole, limits.Text), "")), nil
}

const softHyphen = "\u00AD"

func cutText(s string, limit int) string {
	if len(s) > limit {
		return s[:limit]
	}
	return s
}

// extraction walks the pages of one file.
type extraction struct {
	ctx     *model.Context
	limits  TextLimits
	until   time.Time
	content int64 // decompressed bytes still allowed
	fonts   map[types.IndirectRef]*textFont
	out     strings.Builder

	lineY, endX float64 // where the last text ended, on the page
	lineEm      float64 // the size of its letters
	drawn       bool    // something is in the present line

	marks  []mark // marked content that is open
	inside int    // how many of them say what their content reads as
}

// mark is marked content; actual is what it reads as, where it says so.
type mark struct {
	says   bool
	actual string
}

// maxMarks bounds marked content inside marked content.
const maxMarks = 256

// begin opens marked content. What says its text (ActualText, ISO 32000-1,
// 14.9.4) is read as that: the hyphen of a divided word, for one.
func (x *extraction) begin(args []operand) {
	if len(x.marks) >= maxMarks {
		return
	}
	var m mark
	for i, a := range args {
		if key, ok := a.(name); ok && key == "ActualText" && i+1 < len(args) {
			if text, ok := args[i+1].(string); ok {
				m = mark{says: true, actual: textString(text)}
				x.inside++
			}
		}
	}
	x.marks = append(x.marks, m)
}

func (x *extraction) end() {
	n := len(x.marks)
	if n == 0 {
		return
	}
	m := x.marks[n-1]
	x.marks = x.marks[:n-1]
	if m.says {
		x.inside--
		x.out.WriteString(m.actual)
	}
}

// textString reads a text string (7.9.2.2): UTF-16 with a mark, else Latin.
func textString(s string) string {
	if rest, ok := strings.CutPrefix(s, "\xFE\xFF"); ok {
		units := make([]uint16, len(rest)/2)
		for i := range units {
			units[i] = uint16(rest[2*i])<<8 | uint16(rest[2*i+1])
		}
		return string(utf16.Decode(units))
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// spent says that a limit was reached. The clock is cheap beside an operator.
func (x *extraction) spent() bool {
	return x.out.Len() >= x.limits.Text || x.content <= 0 || time.Now().After(x.until)
}

// page adds the words of a page. One damaged page does not hide the others.
func (x *extraction) page(n int) {
	defer func() { _ = recover() }() // the library is fed files from anywhere
	d, _, inherited, err := x.ctx.PageDict(n, false)
	if err != nil || d == nil {
		return
	}
	resources := x.dict(d["Resources"])
	if resources == nil && inherited != nil {
		resources = inherited.Resources
	}
	x.drawn, x.marks, x.inside = false, nil, 0
	x.draw(x.contents(d["Contents"]), resources, identity, 0)
}

// contents joins the streams of a page.
func (x *extraction) contents(o types.Object) []byte {
	parts := x.array(o)
	if parts == nil {
		return x.stream(o)
	}
	var all []byte
	for _, p := range parts {
		all = append(append(all, x.stream(p)...), '\n')
	}
	return all
}

// stream decompresses a stream within what is left of the limit; nil when it
// cannot.
func (x *extraction) stream(o types.Object) []byte {
	if o == nil || x.content <= 0 {
		return nil
	}
	sd, _, err := x.ctx.DereferenceStreamDict(o)
	if err != nil || sd == nil {
		return nil
	}
	if err := sd.DecodeWithLimit(x.content); err != nil {
		return nil
	}
	data := sd.Content
	sd.Content = nil // a file's streams are not all held at once
	x.content -= int64(len(data)) + 1
	return data
}

func (x *extraction) dict(o types.Object) types.Dict {
	if o == nil {
		return nil
	}
	d, err := x.ctx.DereferenceDict(o)
	if err != nil {
		return nil
	}
	return d
}

func (x *extraction) array(o types.Object) types.Array {
	o, err := x.ctx.Dereference(o)
	if err != nil {
		return nil
	}
	a, _ := o.(types.Array)
	return a
}

func (x *extraction) number(o types.Object) (float64, bool) {
	o, err := x.ctx.Dereference(o)
	if err != nil {
		return 0, false
	}
	switch n := o.(type) {
	case types.Integer:
		return float64(n), true
	case types.Float:
		return float64(n), true
	}
	return 0, false
}

// matrix is a, b, c, d, e, f of ISO 32000-1, 8.3.3.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// after is the transformation m followed by n.
func (m matrix) after(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// pen is the part of the graphics state that places text.
type pen struct {
	ctm, text, line          matrix
	font                     *textFont
	size, leading, rise      float64
	charSpace, wordSpace, hz float64
}

// maxForms bounds forms drawn inside forms, and maxStates what q may save.
const (
	maxForms  = 6
	maxStates = 64
)

// draw interprets a content stream (ISO 32000-1, 8.2 and 9.4).
func (x *extraction) draw(data []byte, resources types.Dict, ctm matrix, depth int) {
	p := pen{ctm: ctm, text: identity, line: identity, hz: 1}
	var saved []pen
	fonts := x.dict(resources["Font"])
	l := &lexer{data: data}
	for !x.spent() {
		args, op, ok := l.next()
		if !ok {
			return
		}
		switch op {
		case "q":
			if len(saved) < maxStates {
				saved = append(saved, p)
			}
		case "Q":
			if n := len(saved); n > 0 {
				p, saved = saved[n-1], saved[:n-1]
			}
		case "Tf":
			if last := len(args) - 1; last >= 1 {
				n, _ := args[last-1].(name)
				p.font, p.size = x.font(fonts, string(n)), num(args, last)
			}
		case "Do":
			if len(args) == 1 {
				n, _ := args[0].(name)
				x.form(string(n), resources, p.ctm, depth)
			}
		case "BMC", "BDC":
			x.begin(args)
		case "EMC":
			x.end()
		case "Tj":
			x.show(&p, args)
		case "TJ":
			if len(args) == 1 {
				list, _ := args[0].([]operand)
				x.show(&p, list)
			}
		case "'":
			p.move(0, -p.leading)
			x.show(&p, args)
		case "\"":
			if len(args) == 3 {
				p.wordSpace, p.charSpace = num(args, 0), num(args, 1)
				p.move(0, -p.leading)
				x.show(&p, args[2:])
			}
		default:
			p.operate(op, args)
		}
	}
}

func num(args []operand, i int) float64 {
	if i < len(args) {
		n, _ := args[i].(float64)
		return n
	}
	return 0
}

func matrixOf(args []operand) (m matrix, ok bool) {
	if len(args) != 6 {
		return m, false
	}
	for i := range m {
		m[i] = num(args, i)
	}
	return m, true
}

// operate does what only moves the pen.
func (p *pen) operate(op string, args []operand) {
	switch op {
	case "cm":
		if m, ok := matrixOf(args); ok {
			p.ctm = m.after(p.ctm)
		}
	case "BT":
		p.text, p.line = identity, identity
	case "Tm":
		if m, ok := matrixOf(args); ok {
			p.text, p.line = m, m
		}
	case "Td":
		p.move(num(args, 0), num(args, 1))
	case "TD":
		p.leading = -num(args, 1)
		p.move(num(args, 0), num(args, 1))
	case "T*":
		p.move(0, -p.leading)
	case "TL":
		p.leading = num(args, 0)
	case "Tc":
		p.charSpace = num(args, 0)
	case "Tw":
		p.wordSpace = num(args, 0)
	case "Tz":
		p.hz = num(args, 0) / 100
	case "Ts":
		p.rise = num(args, 0)
	}
}

func (p *pen) move(x, y float64) {
	p.line = matrix{1, 0, 0, 1, x, y}.after(p.line)
	p.text = p.line
}

func (p *pen) advance(x float64) { p.text = matrix{1, 0, 0, 1, x * p.hz, 0}.after(p.text) }

// place is where the pen stands on the page and how large its letters are there.
func (p *pen) place() (x, y, em float64) {
	m := p.text.after(p.ctm)
	return m[4], m[5] + p.rise*m[3], math.Abs(p.size) * math.Hypot(m[2], m[3])
}

// show draws strings; numbers between them, in thousandths of the em, move the pen.
func (x *extraction) show(p *pen, args []operand) {
	for _, a := range args {
		switch v := a.(type) {
		case float64:
			p.advance(-v / 1000 * p.size)
		case string:
			if p.font == nil {
				continue
			}
			for _, g := range p.font.glyphs(v) {
				x.put(p, g.text)
				w := g.width*p.size + p.charSpace
				if g.space {
					w += p.wordSpace
				}
				p.advance(w)
				x.endX, _, _ = p.place()
			}
		}
	}
}

// put writes one glyph after the line break or space that its place asks for:
// PDF has neither, only places.
func (x *extraction) put(p *pen, text string) {
	px, py, em := p.place()
	if x.drawn {
		switch gap := px - x.endX; {
		case math.Abs(py-x.lineY) > 0.5*max(em, x.lineEm): // a raised figure does not begin a line
			x.out.WriteByte('\n')
		case gap > 0.2*em || gap < -em:
			x.out.WriteByte(' ')
		}
	}
	x.drawn, x.lineY, x.lineEm = true, py, em
	if x.inside == 0 {
		x.out.WriteString(text)
	}
}

// font finds and reads a font of the resources, each once.
func (x *extraction) font(fonts types.Dict, named string) *textFont {
	o := fonts[named]
	ref, indirect := o.(types.IndirectRef)
	if f, known := x.fonts[ref]; indirect && known {
		return f
	}
	d := x.dict(o)
	if d == nil {
		return nil
	}
	f := x.readFont(d)
	if indirect {
		x.fonts[ref] = f
	}
	return f
}

// form draws a form XObject in its place.
func (x *extraction) form(named string, resources types.Dict, ctm matrix, depth int) {
	if depth >= maxForms {
		return
	}
	o := x.dict(resources["XObject"])[named]
	if o == nil {
		return
	}
	sd, _, err := x.ctx.DereferenceStreamDict(o)
	if err != nil || sd == nil {
		return
	}
	if kind := sd.NameEntry("Subtype"); kind == nil || *kind != "Form" {
		return
	}
	if own := x.array(sd.Dict["Matrix"]); len(own) == 6 {
		var m matrix
		for i := range m {
			m[i], _ = x.number(own[i])
		}
		ctm = m.after(ctm)
	}
	inner := x.dict(sd.Dict["Resources"])
	if inner == nil {
		inner = resources
	}
	x.draw(x.stream(o), inner, ctm, depth+1)
}

package pdf

import (
	"slices"
	"strings"
	"unicode"
)

// ink is how a run of text looks.
type ink struct {
	face      *face
	size      float64
	rise      float64 // above the baseline
	underline bool
	strike    bool
	href      string
	gray      int // 0 is black
}

// run is text of one look. A newline in it ends the line.
type run struct {
	text string
	ink  ink
	note *note // the footnote whose mark it is
}

// frag is a piece of a word of one look and one font.
type frag struct {
	text  string
	ink   ink
	width float64
	note  *note
	soft  bool // the hyphen of a divided word
}

// box is what stands between two places where a line may end: a word or a
// part of one. glue is the space that follows it, zero inside a word.
type box struct {
	frags   []frag
	width   float64
	glue    float64
	glueInk ink
	spaces  int
	brk     bool    // the line ends here
	hyphen  float64 // width of the hyphen with which the word may be divided here, 0 where it may not
}

// boxes cuts runs at the places where a line may end; divide allows words to
// be divided by their syllables.
func (m *metrics) boxes(runs []run, width float64, divide bool) []box {
	var out []box
	var cur box
	end := func() {
		if len(cur.frags) > 0 || cur.spaces > 0 || cur.brk {
			out = append(out, m.fit(cur, width)...)
		}
		cur = box{}
	}
	for _, r := range runs {
		for i, piece := range pieces(printable(r.text)) {
			switch {
			case piece == "\n":
				cur.brk = true
				end()
			case piece[0] == ' ':
				cur.spaces += len(piece)
				cur.glue += m.width(r.ink.face, r.ink.size, piece)
				cur.glueInk = r.ink
			default:
				// A new word starts after a space, or where a hyphen let the line end.
				if cur.spaces > 0 || i > 0 {
					end()
				}
				if r.note != nil {
					m.appendNote(&cur, r)
					continue
				}
				parts := []string{piece}
				if divide {
					parts = syllables(piece)
				}
				for k, part := range parts {
					if k > 0 {
						cur.hyphen = m.width(r.ink.face, r.ink.size, hyphen)
						end()
					}
					m.append(&cur, part, r.ink)
				}
			}
		}
	}
	end()
	return out
}

// pieces splits text into words, parts of words after which a line may end,
// stretches of spaces, and newlines. A tab counts as four spaces.
func pieces(s string) []string {
	var out []string
	for word := range words(strings.ReplaceAll(s, "\t", "    ")) {
		start := 0
		runes := []rune(word)
		for i := 1; i < len(runes)-1; i++ {
			if endsLine(runes, i) {
				out = append(out, string(runes[start:i+1]))
				start = i + 1
			}
		}
		out = append(out, string(runes[start:]))
	}
	return out
}

// words yields the stretches of s that are words, spaces or one newline.
func words(s string) func(yield func(string) bool) {
	kind := func(r rune) int {
		switch r {
		case '\n':
			return 0
		case ' ':
			return 1
		}
		return 2
	}
	return func(yield func(string) bool) {
		start, last := 0, -1
		for i, r := range s {
			k := kind(r)
			if i > 0 && (k != last || k == 0) {
				if !yield(s[start:i]) {
					return
				}
				start = i
			}
			last = k
		}
		if start < len(s) {
			yield(s[start:])
		}
	}
}

// longWord is the number of characters from which a word is taken for an
// address or a path, which may be cut at its strokes.
const longWord = 24

// endsLine says whether a line may end after the i-th character of a word:
// after a hyphen or dash between letters, so that numbers stay whole, and
// after the strokes of an address.
func endsLine(word []rune, i int) bool {
	switch word[i] {
	case '-', '–', '—':
		return unicode.IsLetter(word[i-1]) && unicode.IsLetter(word[i+1])
	case '/', '?', '&':
		return len(word) >= longWord && word[i+1] != '/' && word[i-1] != '/'
	}
	return false
}

// append adds a piece to the box, split where the font has to change.
func (m *metrics) append(b *box, piece string, k ink) {
	covers := coverage()
	start, current := 0, k.face
	flush := func(end int) {
		if end == start {
			return
		}
		f := frag{text: piece[start:end], ink: k}
		f.ink.face = current
		f.width = m.width(current, k.size, drawn(f.text))
		b.frags = append(b.frags, f)
		b.width += f.width
		start = end
	}
	for i, r := range piece {
		want := k.face
		if covers(r) == faceSymbols {
			want = faceSymbols
		}
		if want != current {
			flush(i)
			current = want
		}
	}
	flush(len(piece))
}

// appendNote adds a footnote's mark, which stays with the word before it.
func (m *metrics) appendNote(b *box, r run) {
	w := m.width(r.ink.face, r.ink.size, r.text)
	b.frags = append(b.frags, frag{text: r.text, ink: r.ink, width: w, note: r.note})
	b.width += w
}

// fit cuts a word that is wider than the line into pieces that are not.
func (m *metrics) fit(b box, width float64) []box {
	if b.width <= width {
		return []box{b}
	}
	var out []box
	var cur box
	for _, f := range b.frags {
		if f.note != nil {
			cur.frags = append(cur.frags, f)
			cur.width += f.width
			continue
		}
		for _, r := range f.text {
			w := m.width(f.ink.face, f.ink.size, drawn(string(r)))
			if cur.width+w > width && cur.width > 0 {
				out = append(out, cur)
				cur = box{}
			}
			if n := len(cur.frags); n > 0 && cur.frags[n-1].ink == f.ink && cur.frags[n-1].note == nil {
				cur.frags[n-1].text += string(r)
				cur.frags[n-1].width += w
			} else {
				cur.frags = append(cur.frags, frag{text: string(r), ink: f.ink, width: w})
			}
			cur.width += w
		}
	}
	cur.glue, cur.glueInk, cur.spaces, cur.brk, cur.hyphen = b.glue, b.glueInk, b.spaces, b.brk, b.hyphen
	return append(out, cur)
}

// line is a stretch of boxes that stand on one line.
type line struct {
	boxes   []box
	natural float64 // width with spaces of their own size
	spaces  int     // stretchable spaces, those at the end left out
	last    bool    // of the paragraph, or before a forced break
}

func makeLine(boxes []box, last bool) line {
	l := line{boxes: join(boxes), last: last}
	for i, b := range l.boxes {
		l.natural += b.width
		if i < len(l.boxes)-1 {
			l.natural += b.glue
			l.spaces += b.spaces
		}
	}
	return l
}

// join puts the parts of words that came to stand on one line together again,
// and a hyphen where the last word goes on on the next line.
func join(boxes []box) []box {
	out := make([]box, 0, len(boxes))
	for i, b := range boxes {
		divided := b.hyphen > 0 && i == len(boxes)-1
		if n := len(out); n > 0 && out[n-1].hyphen > 0 {
			out[n-1] = glued(out[n-1], b)
		} else {
			out = append(out, b)
		}
		if divided {
			last := &out[len(out)-1]
			last.frags = slices.Clone(last.frags)
			last.frags = append(last.frags, frag{text: hyphen, ink: last.frags[len(last.frags)-1].ink, width: b.hyphen, soft: true})
			last.width += b.hyphen
			last.hyphen = 0
		}
	}
	return out
}

// glued is a word made of two of its parts.
func glued(a, b box) box {
	frags := slices.Clone(a.frags)
	for _, f := range b.frags {
		if last := len(frags) - 1; last >= 0 && frags[last].ink == f.ink && frags[last].note == nil && f.note == nil {
			frags[last].text += f.text
			frags[last].width += f.width
		} else {
			frags = append(frags, f)
		}
	}
	b.frags, b.width = frags, a.width+b.width
	return b
}

// notes are the footnotes whose marks stand on the line.
func (l line) notes() []*note {
	var out []*note
	for _, b := range l.boxes {
		for _, f := range b.frags {
			if f.note != nil {
				out = append(out, f.note)
			}
		}
	}
	return out
}

// shrink is how much of its width a space may lose in a justified line.
const shrink = 0.12

// breakLines distributes boxes over lines. widthOf gives the width of the
// n-th line. Justified text is set so that the spaces of the whole paragraph
// come out as even as can be, instead of filling each line greedily.
func breakLines(boxes []box, widthOf func(n int) float64, justify bool) []line {
	var out []line
	start := 0
	for i := range boxes {
		if boxes[i].brk || i == len(boxes)-1 {
			first := len(out)
			width := func(n int) float64 { return widthOf(first + n) }
			part := boxes[start : i+1]
			if justify {
				out = append(out, evenLines(part, width)...)
			} else {
				out = append(out, greedyLines(part, width)...)
			}
			start = i + 1
		}
	}
	return out
}

func greedyLines(boxes []box, widthOf func(int) float64) []line {
	var out []line
	start, used := 0, 0.0
	for i, b := range boxes {
		if i > start && used+b.width > widthOf(len(out))+0.01 {
			out = append(out, makeLine(boxes[start:i], false))
			start, used = i, 0
		}
		used += b.width + b.glue
	}
	return append(out, makeLine(boxes[start:], true))
}

// evenLines minimises the sum over all lines but the last of the squared
// stretch of their spaces. Only the first line may differ in width (its
// indent), so a line's cost depends on whether it is the first.
func evenLines(boxes []box, widthOf func(int) float64) []line {
	n := len(boxes)
	best := make([]float64, n+1) // cost of setting boxes[i:]
	next := make([]int, n+1)
	for i := n - 1; i >= 0; i-- {
		width := widthOf(1)
		if i == 0 {
			width = widthOf(0)
		}
		best[i] = -1
		natural, space, spaces := 0.0, 0.0, 0
		for j := i; j < n; j++ {
			natural += boxes[j].width
			if natural-shrink*space > width+0.01 && j > i {
				break
			}
			ends := natural
			if boxes[j].hyphen > 0 {
				ends += boxes[j].hyphen
				if ends-shrink*space > width+0.01 && j > i {
					continue
				}
			}
			cost := lineCost(width, ends, space, spaces, j == n-1) + best[j+1]
			if boxes[j].hyphen > 0 {
				cost += hyphenCost
				if i > 0 && boxes[i-1].hyphen > 0 {
					cost += ladderCost
				}
			}
			if j == n-1 && i > 0 && boxes[i-1].hyphen > 0 && spaces == 0 {
				cost += stubCost
			}
			if best[i] < 0 || cost < best[i] {
				best[i], next[i] = cost, j+1
			}
			natural += boxes[j].glue
			space += boxes[j].glue
			spaces += boxes[j].spaces
		}
	}
	var out []line
	for i := 0; i < n; i = next[i] {
		out = append(out, makeLine(boxes[i:next[i]], next[i] == n))
	}
	return out
}

// hyphenCost is what a divided word costs beside the stretch that it saves: as
// much as spaces wider by two fifths.
const hyphenCost = 0.16

// What a second hyphen right under another costs more, and one that leaves the
// end of a word alone on the paragraph's last line.
const (
	ladderCost = 1.0
	stubCost   = 0.7
)

func lineCost(width, natural, space float64, spaces int, last bool) float64 {
	slack := width - natural
	switch {
	case last && slack >= 0:
		return 0
	case spaces == 0:
		return 1000 + slack*slack
	}
	ratio := slack / space
	if slack < 0 {
		ratio /= shrink // a shrunk space looks worse than a stretched one
	}
	return ratio*ratio + 0.02 // each line costs a little, so that fewer win a tie
}

// draw sets the line with its baseline at y. extra is what each space gains.
func (l line) draw(c *canvas, x, y, extra float64) {
	for i, b := range l.boxes {
		last := i == len(l.boxes)-1
		for k, f := range b.frags {
			gap, end := 0.0, k == len(b.frags)-1
			if end && !last {
				gap = b.glue + float64(b.spaces)*extra
			}
			f.draw(c, x, y, gap, end && b.spaces > 0, b)
			x += f.width
		}
		if !last {
			x += b.glue + float64(b.spaces)*extra
		}
	}
}

// draw sets the piece. The space that follows is set with it, at the end of a
// line too, so that text copied from the PDF or read aloud keeps its words
// apart; gap is that space's width within the line.
func (f frag) draw(c *canvas, x, y, gap float64, space bool, b box) {
	c.SetTextColor(f.ink.gray, f.ink.gray, f.ink.gray)
	if f.ink.href != "" {
		c.SetTextColor(19, 81, 180)
	}
	text := f.text
	if space {
		text += " "
	}
	if f.soft {
		// Read as a soft hyphen: whoever copies the text or reads it aloud puts the word together again.
		c.RawWriteStr("/Span <</ActualText <FEFF00AD>>> BDC")
	}
	c.text(f.ink.face, f.ink.size, x, y-f.ink.rise, text)
	if f.soft {
		c.RawWriteStr("EMC")
	}
	ruled := f.width
	if b.glueInk == f.ink {
		ruled += gap
	}
	thick := f.ink.size * 0.055
	if f.ink.href != "" {
		c.SetFillColor(19, 81, 180)
		c.LinkString(x, y-f.ink.size*0.8, ruled, f.ink.size*1.05, f.ink.href)
	} else {
		c.SetFillColor(f.ink.gray, f.ink.gray, f.ink.gray)
	}
	if f.ink.underline || f.ink.href != "" {
		c.Rect(x, y-f.ink.rise+f.ink.size*0.12, ruled, thick, "F")
	}
	if f.ink.strike {
		c.Rect(x, y-f.ink.rise-f.ink.size*0.25, ruled, thick, "F")
	}
}

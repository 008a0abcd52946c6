package richtext

import (
	"strconv"
	"strings"
	"unicode"
)

// Op says what happened to a block or a word between two versions.
type Op string

// The operations. Changed is for blocks only: some of its words, or only its
// form (style, alignment, marks), differ.
const (
	Same    Op = "same"
	Added   Op = "added"
	Removed Op = "removed"
	Changed Op = "changed"
)

// WordChange is a stretch of words with one fate. Text keeps its spaces, so
// that the stretches that are not Removed, joined, are the new text, and
// those that are not Added the old one.
type WordChange struct {
	Op   Op     `json:"op"`
	Text string `json:"text"`
}

// BlockChange is one block (paragraph, heading, picture, rule or page break,
// also those inside lists and tables) and what happened to it.
type BlockChange struct {
	Op    Op           `json:"op"`
	Kind  Type         `json:"kind"`
	In    Type         `json:"in,omitempty"`   // what it stands in: listItem, tableCell…
	Form  bool         `json:"form,omitempty"` // the form changed (style, alignment, marks, size), with or without words
	Words []WordChange `json:"words,omitempty"`
}

// maxDiffCells bounds the work and memory of one comparison table; beyond it
// the parts are shown as removed and added whole.
const maxDiffCells = 4_000_000

// maxPairs is the same bound for the dearer comparison of changed blocks.
const maxPairs = 40_000

// Diff compares two versions block by block and, in the blocks that changed,
// word by word. The result lists the new version's blocks in order, with the
// removed ones where they stood.
func Diff(a, b *Doc) []BlockChange {
	as, bs := flatten(a.Content, "", nil), flatten(b.Content, "", nil)
	var out []BlockChange
	var gone, come []leaf
	flush := func() {
		out = append(out, pair(gone, come)...)
		gone, come = nil, nil
	}
	for _, s := range align(len(as), len(bs), maxDiffCells, func(i, j int) bool { return as[i].identity == bs[j].identity }) {
		switch s.op {
		case Same:
			flush()
			out = append(out, bs[s.b].whole(Same))
		case Removed:
			gone = append(gone, as[s.a])
		case Added:
			come = append(come, bs[s.b])
		}
	}
	flush()
	return out
}

// leaf is a block without blocks inside.
type leaf struct {
	kind, in Type
	text     string
	identity string // canonical form and surroundings: equal means unchanged
}

func (l leaf) whole(op Op) BlockChange {
	c := BlockChange{Op: op, Kind: l.kind, In: l.in}
	if l.text != "" {
		c.Words = []WordChange{{op, l.text}}
	}
	return c
}

func flatten(nodes []*Node, in Type, out []leaf) []leaf {
	for _, n := range nodes {
		switch n.Type {
		case Paragraph, Heading, Image, HorizontalRule, PageBreak:
			text := inlineText(n)
			if n.Type == Image {
				text = n.Alt
			}
			out = append(out, leaf{n.Type, in, text, string(in) + string(appendNode(nil, n))})
		case TableCell, TableHeader:
			// The cell's own attributes count as part of its first block.
			first := len(out)
			out = flatten(n.Content, n.Type, out)
			if first < len(out) {
				out[first].identity += string(appendAttrs(nil, n))
			}
		case BulletList, OrderedList:
			first := len(out)
			out = flatten(n.Content, in, out)
			if first < len(out) {
				out[first].identity += string(n.Type) + n.Numbering + strconv.Itoa(n.Start)
			}
		default:
			out = flatten(n.Content, n.Type, out)
		}
	}
	return out
}

// pair matches the removed and added blocks between two unchanged ones: those
// that share at least a third of their words are one block that changed.
func pair(gone, come []leaf) []BlockChange {
	var out []BlockChange
	a, b := vocabularies(gone), vocabularies(come)
	for _, s := range align(len(gone), len(come), maxPairs, func(i, j int) bool { return akin(gone[i], come[j], a[i], b[j]) }) {
		switch s.op {
		case Removed:
			out = append(out, gone[s.a].whole(Removed))
		case Added:
			out = append(out, come[s.b].whole(Added))
		case Same:
			out = append(out, change(gone[s.a], come[s.b]))
		}
	}
	return out
}

func change(old, new leaf) BlockChange {
	c := BlockChange{Op: Changed, Kind: new.kind, In: new.in, Words: diffWords(old.text, new.text)}
	c.Form = old.text == new.text || old.kind != new.kind || old.in != new.in
	return c
}

// vocabulary counts a block's words.
type vocabulary struct {
	count map[string]int
	total int
}

func vocabularies(leaves []leaf) []vocabulary {
	out := make([]vocabulary, len(leaves))
	for i, l := range leaves {
		out[i].count = map[string]int{}
		for _, w := range words(l.text) {
			if t := strings.TrimSpace(w); t != "" {
				out[i].count[t]++
				out[i].total++
			}
		}
	}
	return out
}

// akin says whether two blocks are versions of one.
func akin(a, b leaf, va, vb vocabulary) bool {
	if a.kind != b.kind && (a.kind == Image || b.kind == Image) {
		return false
	}
	if a.text == b.text {
		return true
	}
	shared := 0
	for w, n := range va.count {
		shared += min(n, vb.count[w])
	}
	return shared > 0 && 6*shared >= va.total+vb.total
}

func diffWords(a, b string) []WordChange {
	as, bs := words(a), words(b)
	var out []WordChange
	var text strings.Builder
	var op Op
	flush := func() {
		if text.Len() > 0 {
			out = append(out, WordChange{op, text.String()})
			text.Reset()
		}
	}
	for _, s := range align(len(as), len(bs), maxDiffCells, func(i, j int) bool { return as[i] == bs[j] }) {
		if s.op != op {
			flush()
			op = s.op
		}
		if s.op == Removed {
			text.WriteString(as[s.a])
		} else {
			text.WriteString(bs[s.b])
		}
	}
	flush()
	return out
}

// words splits a text into words, spaces and single punctuation marks, so
// that a comma put after a word does not change the word.
func words(s string) []string {
	var out []string
	start, class := 0, -1
	for i, r := range s {
		c := wordClass(r)
		if i > 0 && (c != class || c == 2) {
			out = append(out, s[start:i])
			start = i
		}
		class = c
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

func wordClass(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return 0
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return 1
	}
	return 2
}

// step is one move through two sequences; a and b index the old and the new.
type step struct {
	op   Op
	a, b int
}

// align finds a longest common subsequence. Equal ends are peeled off first,
// which makes the usual comparison of two near versions cheap.
func align(n, m, limit int, equal func(i, j int) bool) []step {
	out := make([]step, 0, n+m)
	head := 0
	for head < n && head < m && equal(head, head) {
		out = append(out, step{Same, head, head})
		head++
	}
	tail := 0
	for n-tail > head && m-tail > head && equal(n-tail-1, m-tail-1) {
		tail++
	}
	out = alignMiddle(out, head, n-tail, m-tail, limit, equal)
	for k := tail; k > 0; k-- {
		out = append(out, step{Same, n - k, m - k})
	}
	return out
}

func alignMiddle(out []step, head, n, m, limit int, equal func(i, j int) bool) []step {
	i, j := head, head
	if rows, cols := n-head, m-head; rows > 0 && cols > 0 && rows <= limit/cols {
		longest := lcsTable(head, n, m, equal)
		width := cols + 1
		at := func(i, j int) int32 { return longest[(i-head)*width+j-head] }
		for i < n && j < m {
			switch {
			case equal(i, j) && at(i, j) == at(i+1, j+1)+1:
				out = append(out, step{Same, i, j})
				i, j = i+1, j+1
			case at(i+1, j) >= at(i, j+1):
				out = append(out, step{Removed, i, j})
				i++
			default:
				out = append(out, step{Added, i, j})
				j++
			}
		}
	}
	for ; i < n; i++ {
		out = append(out, step{Removed, i, j})
	}
	for ; j < m; j++ {
		out = append(out, step{Added, n, j})
	}
	return out
}

// lcsTable holds, for each pair of positions, the length of the longest
// common subsequence of what follows them.
func lcsTable(head, n, m int, equal func(i, j int) bool) []int32 {
	width := m - head + 1
	t := make([]int32, (n-head+1)*width)
	for i := n - 1; i >= head; i-- {
		for j := m - 1; j >= head; j-- {
			k := (i-head)*width + j - head
			if equal(i, j) {
				t[k] = t[k+width+1] + 1
			} else {
				t[k] = max(t[k+width], t[k+1])
			}
		}
	}
	return t
}

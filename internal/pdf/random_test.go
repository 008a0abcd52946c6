package pdf

import (
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

// TestMain keeps the random checks, each of which starts a program, to what a
// test run can bear; -rapid.checks asks for more.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue {
		_ = f.Value.Set("12")
	}
	os.Exit(m.Run())
}

// maker builds random documents whose every word is its own, so that each can
// be looked for in the PDF.
type maker struct {
	t     *rapid.T
	words int
	heads map[int]bool // words in header cells, which may be repeated
}

func (m *maker) text(head bool, most int) []*richtext.Node {
	var out []*richtext.Node
	for range rapid.IntRange(1, 3).Draw(m.t, "runs") {
		n := &richtext.Node{Type: richtext.Text}
		if len(out)%2 == 1 {
			n.Marks = []richtext.Mark{{Type: richtext.Bold}}
		}
		for range rapid.IntRange(1, most).Draw(m.t, "length") {
			n.Text += fmt.Sprintf("«%d» ", m.words)
			m.heads[m.words] = head
			m.words++
		}
		out = append(out, n)
		if rapid.IntRange(0, 5).Draw(m.t, "note") == 0 {
			out = append(out, m.note())
		}
	}
	return out
}

// note is a footnote, now and then longer than a page.
func (m *maker) note() *richtext.Node {
	n := &richtext.Node{Type: richtext.Text}
	for range rapid.SampledFrom([]int{1, 12, 12, 12, 40, 40, 40, 2500}).Draw(m.t, "note's length") {
		n.Text += fmt.Sprintf("«%d» ", m.words)
		m.words++
	}
	return &richtext.Node{Type: richtext.Footnote, Content: []*richtext.Node{n}}
}

func (m *maker) paragraph(head bool, most int) *richtext.Node {
	return &richtext.Node{Type: richtext.Paragraph, Style: rapid.SampledFrom(richtext.Styles()).Draw(m.t, "style"), Content: m.text(head, most)}
}

func (m *maker) block(depth int) *richtext.Node {
	kind := rapid.IntRange(0, 9).Draw(m.t, "kind")
	switch {
	case kind < 4 || depth > 4:
		return m.paragraph(false, 60)
	case kind == 4:
		return &richtext.Node{Type: richtext.Heading, Level: 1, Content: m.text(false, 8)}
	case kind < 7:
		n := &richtext.Node{Type: richtext.OrderedList, Start: 98, Numbering: "1"}
		for range rapid.IntRange(1, 3).Draw(m.t, "items") {
			n.Content = append(n.Content, &richtext.Node{Type: richtext.ListItem, Content: []*richtext.Node{m.block(depth + 2), m.block(depth + 2)}})
		}
		return n
	case kind == 7:
		return &richtext.Node{Type: richtext.Blockquote, Content: []*richtext.Node{m.block(depth + 1)}}
	case depth > 0:
		return m.paragraph(false, 20)
	}
	return m.table()
}

// table has cells over several rows and columns, and sometimes cells taller
// than a page.
func (m *maker) table() *richtext.Node {
	n := &richtext.Node{Type: richtext.Table}
	cols := rapid.IntRange(1, 5).Draw(m.t, "columns")
	until := make([]int, cols)
	rows := rapid.IntRange(1, 14).Draw(m.t, "rows")
	for r := range rows {
		row := &richtext.Node{Type: richtext.TableRow}
		for c := 0; c < cols; c++ {
			if until[c] > r {
				continue
			}
			cell := &richtext.Node{Type: richtext.TableCell, ColSpan: 1, RowSpan: rapid.IntRange(1, min(4, rows-r)).Draw(m.t, "rowspan")}
			if r == 0 {
				cell.Type = richtext.TableHeader
			}
			for c+cell.ColSpan < cols && until[c+cell.ColSpan] <= r && rapid.Bool().Draw(m.t, "wider") {
				cell.ColSpan++
			}
			for i := range cell.ColSpan {
				until[c+i] = r + cell.RowSpan
			}
			most := rapid.SampledFrom([]int{3, 3, 10, 300}).Draw(m.t, "much")
			cell.Content = []*richtext.Node{m.paragraph(r == 0, most)}
			if r > 0 {
				cell.Content = append(cell.Content, m.block(3))
			}
			row.Content = append(row.Content, cell)
		}
		n.Content = append(n.Content, row)
	}
	return n
}

type bbox struct {
	Pages []struct {
		Words []struct {
			XMin float64 `xml:"xMin,attr"`
			XMax float64 `xml:"xMax,attr"`
			YMin float64 `xml:"yMin,attr"`
			YMax float64 `xml:"yMax,attr"`
			Text string  `xml:",chardata"`
		} `xml:"word"`
	} `xml:"body>doc>page"`
}

func TestNoWordIsLostRepeatedOrOutsideThePage(t *testing.T) {
	pdftotext := testtool.Path(t, "pdftotext")
	dir := t.TempDir()
	if *keep != "" {
		dir = *keep
	}
	rapid.Check(t, func(t *rapid.T) {
		m := &maker{t: t, heads: map[int]bool{}}
		d := &richtext.Doc{}
		for range rapid.IntRange(1, 6).Draw(t, "blocks") {
			d.Content = append(d.Content, m.block(0))
		}
		in := input(d)
		in.Verification.QRURL = ""
		r, err := Typeset(in)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "r.pdf")
		if err := os.WriteFile(path, r.PDF, 0o600); err != nil {
			t.Fatal(err)
		}
		raw, err := exec.Command(pdftotext, "-raw", path, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(string(raw)), "")
		for w := range m.words {
			n := strings.Count(text, fmt.Sprintf("«%d»", w))
			if n == 0 || n > 1 && !m.heads[w] {
				t.Fatalf("word %d of %d stands %d times on %d pages", w, m.words, n, r.Pages)
			}
		}
		checkBounds(t, pdftotext, path)
	})
}

func checkBounds(t *rapid.T, pdftotext, path string) {
	out, err := exec.Command(pdftotext, "-bbox", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	var b bbox
	if err := xml.Unmarshal(out, &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Pages) == 0 {
		t.Fatal("no pages")
	}
	for i, p := range b.Pages {
		for _, w := range p.Words {
			if !strings.Contains(w.Text, "«") {
				continue
			}
			if w.XMin < marginLeft-1 || w.XMax > pageWidth-marginRight+1 || w.YMin < bodyTopFirst-1 || w.YMax > footTop {
				t.Fatalf("page %d: %q at %.1f-%.1f, %.1f-%.1f", i+1, w.Text, w.XMin, w.XMax, w.YMin, w.YMax)
			}
		}
	}
}

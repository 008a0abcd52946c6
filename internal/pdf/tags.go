package pdf

import (
	"bytes"
	"fmt"
	"strings"
)

// element is a node of the file's structure tree (ISO 32000-1, 14.7): what a
// screen reader goes by. Elements are made when the text is set, in reading
// order; the places of their content on the pages are added while drawing.
type element struct {
	kind  string // a standard structure type (14.8.4): "P", "H2", "TD"
	alt   string // what a picture shows
	attrs string // further entries of the dictionary
	kids  []kid
}

// kid is a child element, or a stretch of marked content.
type kid struct {
	elem *element
	page int // from 0
	mcid int
}

func (e *element) child(kind string) *element {
	k := &element{kind: kind}
	e.kids = append(e.kids, kid{elem: k})
	return k
}

// empty says whether nothing of the element came to be drawn.
func (e *element) empty() bool {
	for _, k := range e.kids {
		if k.elem == nil || !k.elem.empty() {
			return false
		}
	}
	return true
}

// artifact stands for what is no part of the text: rules, running heads,
// boxes, the heads of a table where they are repeated.
var artifact = &element{kind: "Artifact"}

// marking keeps which element the canvas is drawing.
type marking struct {
	open  *element
	page  int          // from 0
	pages [][]*element // by page, the element of each marked stretch
}

// turn begins the marks of a new page.
func (m *marking) turn() {
	m.pages = append(m.pages, nil)
	m.page = len(m.pages) - 1
}

// tag says whose content is drawn from here on; nil is nobody's. What goes on
// being the same element's is one stretch.
func (c *canvas) tag(e *element) {
	if c.mute && e != nil {
		e = artifact
	}
	if c.marks.open == e {
		return
	}
	if c.marks.open != nil {
		c.RawWriteStr("EMC")
	}
	c.marks.open = e
	switch e {
	case nil:
	case artifact:
		c.RawWriteStr("/Artifact BMC")
	default:
		page := c.marks.page
		mcid := len(c.marks.pages[page])
		c.marks.pages[page] = append(c.marks.pages[page], e)
		e.kids = append(e.kids, kid{page: page, mcid: mcid})
		c.RawWriteStr(fmt.Sprintf("/%s <</MCID %d>> BDC", e.kind, mcid))
	}
}

// outline is a bookmark.
type outline struct {
	title string
	level int // from 1
	page  int // from 0
	top   float64
}

// structure is what the finishing pass writes beside gofpdf's objects.
type structure struct {
	root     *element
	marks    *marking
	outlines []outline
}

// write appends the objects of the structure tree and the bookmarks, and
// returns the catalogue's entries for them. pages are the numbers of the page
// objects.
func (s *structure) write(objects *[][]byte, pages []int) (catalogue string, err error) {
	if len(pages) != len(s.marks.pages) {
		return "", errForeign
	}
	w := &structureWriter{objects: objects, pages: pages, number: map[*element]int{}}
	root := w.reserve()
	top := w.element(s.root, root)
	parents := w.reserve()
	(*objects)[parents-1] = w.parentTree(s.marks.pages)
	(*objects)[root-1] = fmt.Appendf(nil, "<</Type /StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>", top, parents, len(pages))
	for i, p := range pages {
		o, ok := bytes.CutPrefix((*objects)[p-1], []byte("<</Type /Page\n"))
		if !ok {
			return "", errForeign
		}
		(*objects)[p-1] = append(fmt.Appendf(nil, "<</Type /Page\n/StructParents %d/Tabs /S\n", i), o...)
	}
	catalogue = fmt.Sprintf("/MarkInfo <</Marked true>>/StructTreeRoot %d 0 R", root)
	if len(s.outlines) > 0 {
		catalogue += fmt.Sprintf("/Outlines %d 0 R/PageMode /UseOutlines", w.bookmarks(s.outlines))
	}
	return catalogue, nil
}

type structureWriter struct {
	objects *[][]byte
	pages   []int
	number  map[*element]int
}

// reserve makes room for an object and returns its number.
func (w *structureWriter) reserve() int {
	*w.objects = append(*w.objects, nil)
	return len(*w.objects)
}

// element writes e and all under it, and returns e's object number.
func (w *structureWriter) element(e *element, parent int) int {
	n := w.reserve()
	w.number[e] = n
	var b bytes.Buffer
	fmt.Fprintf(&b, "<</S /%s/P %d 0 R%s", e.kind, parent, e.attrs)
	if e.alt != "" {
		b.WriteString("/Alt " + pdfText(e.alt))
	}
	page := -1
	for _, k := range e.kids {
		if k.elem == nil {
			page = k.page
			fmt.Fprintf(&b, "/Pg %d 0 R", w.pages[page])
			break
		}
	}
	b.WriteString("/K [")
	for i, k := range e.kids {
		if k.elem != nil {
			if !k.elem.empty() {
				fmt.Fprintf(&b, " %d 0 R", w.element(k.elem, n))
			}
			continue
		}
		switch {
		case k.page == page && i == 0:
			fmt.Fprintf(&b, "%d", k.mcid)
		case k.page == page:
			fmt.Fprintf(&b, " %d", k.mcid)
		default:
			fmt.Fprintf(&b, " <</Type /MCR/Pg %d 0 R/MCID %d>>", w.pages[k.page], k.mcid)
		}
	}
	b.WriteString("]>>")
	(*w.objects)[n-1] = b.Bytes()
	return n
}

// parentTree leads from each page's marked stretches back to their elements.
func (w *structureWriter) parentTree(pages [][]*element) []byte {
	var b bytes.Buffer
	b.WriteString("<</Nums [")
	for i, stretches := range pages {
		fmt.Fprintf(&b, "%d [", i)
		for _, e := range stretches {
			fmt.Fprintf(&b, "%d 0 R ", w.number[e])
		}
		b.WriteString("]")
	}
	b.WriteString("]>>")
	return b.Bytes()
}

// bookmark is an entry of the outline tree while it is written.
type bookmark struct {
	number, parent, level   int
	count                   int // entries right under it
	first, last, prev, next *bookmark
}

// bookmarks writes the outline tree (12.3.3) and returns its root's number. A
// level that skips one hangs under the nearest above it.
func (w *structureWriter) bookmarks(marks []outline) int {
	root := &bookmark{number: w.reserve()}
	nodes := make([]*bookmark, len(marks))
	path := []*bookmark{root}
	for i, m := range marks {
		for len(path) > 1 && path[len(path)-1].level >= m.level {
			path = path[:len(path)-1]
		}
		up := path[len(path)-1]
		n := &bookmark{number: w.reserve(), parent: up.number, level: m.level, prev: up.last}
		if up.last == nil {
			up.first = n
		} else {
			up.last.next = n
		}
		up.last = n
		up.count++
		nodes[i] = n
		path = append(path, n)
	}
	for i, n := range nodes {
		m := marks[i]
		var b strings.Builder
		fmt.Fprintf(&b, "<</Title %s/Parent %d 0 R/Dest [%d 0 R /XYZ %.2f %.2f null]", pdfText(m.title), n.parent, w.pages[m.page], marginLeft, m.top)
		for _, l := range []struct {
			key string
			to  *bookmark
		}{{"Prev", n.prev}, {"Next", n.next}, {"First", n.first}, {"Last", n.last}} {
			if l.to != nil {
				fmt.Fprintf(&b, "/%s %d 0 R", l.key, l.to.number)
			}
		}
		if n.count > 0 {
			fmt.Fprintf(&b, "/Count %d", -n.count) // closed
		}
		b.WriteString(">>")
		(*w.objects)[n.number-1] = []byte(b.String())
	}
	(*w.objects)[root.number-1] = fmt.Appendf(nil, "<</Type /Outlines/First %d 0 R/Last %d 0 R/Count %d>>", root.first.number, root.last.number, root.count)
	return root.number
}

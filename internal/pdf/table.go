package pdf

import (
	"fmt"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

const (
	cellPadX   = 5.0
	cellPadY   = 3.5
	cellSize   = 10.5
	tableSpace = 8.0
	minColumn  = 24.0
)

// table is a table ready to be placed: its columns' edges and its cells' set
// contents.
type table struct {
	edges   []float64 // x of each column's left edge, and of the right end
	rows    [][]*cell // by the row in which the cell starts
	headers int       // rows repeated at the head of each page
}

type cell struct {
	row, col, rowspan, colspan int
	header                     bool
	content                    []atom
}

// last is the row in which the cell ends.
func (c *cell) last() int { return c.row + c.rowspan - 1 }

func (s *setter) table(n *richtext.Node) atom {
	g, ok := richtext.GridOf(n)
	if !ok {
		return atom{} // Validate has refused it before
	}
	t := &table{rows: make([][]*cell, g.Rows)}
	t.edges = s.columns(g)
	elem := s.parent.child("Table")
	rows := make([]*element, g.Rows)
	for r := range rows {
		rows[r] = elem.child("TR")
	}
	for _, gc := range g.Cells {
		c := &cell{row: gc.Row, col: gc.Col, rowspan: gc.Node.RowSpan, colspan: gc.Node.ColSpan, header: gc.Node.Type == richtext.TableHeader}
		width := t.edges[c.col+c.colspan] - t.edges[c.col] - 2*cellPadX
		leave := s.within(cellElement(rows[c.row], c))
		c.content = s.blocks(gc.Node.Content, cellFrame(gc.Node, width))
		leave()
		if len(c.content) > 0 {
			c.content[0].before = 0
		}
		t.rows[c.row] = append(t.rows[c.row], c)
	}
	t.headers = t.headerRows()
	first := t.rowsHeight(0, min(t.headers+1, len(t.rows)))
	return atom{table: t, before: tableSpace, height: min(first, bodyHeight/2)}
}

func cellElement(row *element, c *cell) *element {
	kind := "TD"
	if c.header {
		kind = "TH"
	}
	e := row.child(kind)
	if c.rowspan > 1 || c.colspan > 1 {
		e.attrs = fmt.Sprintf("/A <</O /Table/RowSpan %d/ColSpan %d>>", c.rowspan, c.colspan)
	}
	return e
}

func cellFrame(n *richtext.Node, width float64) frame {
	return frame{width: width, size: cellSize, tight: true, bold: n.Type == richtext.TableHeader}
}

// headerRows counts the leading rows made of header cells only. A head that
// would fill a third of the page is not repeated.
func (t *table) headerRows() int {
	n := 0
	for ; n < len(t.rows)-1; n++ {
		for _, c := range t.rows[n] {
			if !c.header || c.last() > n && !t.headerThrough(n+1, c.last()) {
				return t.capped(n)
			}
		}
		if len(t.rows[n]) == 0 {
			break
		}
	}
	return t.capped(n)
}

func (t *table) headerThrough(from, to int) bool {
	for r := from; r <= to; r++ {
		for _, c := range t.rows[r] {
			if !c.header {
				return false
			}
		}
	}
	return true
}

func (t *table) capped(n int) int {
	for n > 0 && (t.rowsHeight(0, n) > bodyHeight/3 || t.spansOut(n)) {
		n--
	}
	return n
}

// spansOut says whether a cell of the first n rows goes on below them.
func (t *table) spansOut(n int) bool {
	for _, row := range t.rows[:n] {
		for _, c := range row {
			if c.last() >= n {
				return true
			}
		}
	}
	return false
}

// rowsHeight is the height of rows from..to when nothing cuts them.
func (t *table) rowsHeight(from, to int) float64 {
	var active []*openCell
	total := 0.0
	for r := from; r < to; r++ {
		active = append(active, t.opening(r)...)
		h := rowHeight(active, r)
		total += h
		for _, a := range active {
			a.given += h
		}
		active = ending(active, r)
	}
	return total
}

// columns gives the table's column edges: the widths asked for where there
// are any, else shares by content between the longest word and the longest
// line of each column.
func (s *setter) columns(g richtext.Grid) []float64 {
	least, most, asked := s.measure(g)
	widths := make([]float64, g.Cols)
	fixed, free := 0.0, 0
	for i := range widths {
		if asked[i] > 0 {
			widths[i] = max(asked[i], minColumn)
			fixed += widths[i]
		} else {
			free++
		}
	}
	switch {
	case free == 0 && fixed <= bodyWidth:
	case free == 0:
		scale(widths, bodyWidth/fixed)
	default:
		share := bodyWidth - fixed
		if floor := float64(free) * 2 * minColumn; share < floor {
			scale(widths, max(bodyWidth-floor, minColumn)/max(fixed, 1))
			share = min(floor, bodyWidth)
		}
		distribute(widths, asked, least, most, share)
	}
	total := 0.0
	for _, w := range widths {
		total += w
	}
	if total > bodyWidth {
		scale(widths, bodyWidth/total)
	}
	edges := []float64{0}
	for _, w := range widths {
		edges = append(edges, edges[len(edges)-1]+w)
	}
	return edges
}

func scale(widths []float64, by float64) {
	for i := range widths {
		widths[i] *= by
	}
}

// distribute gives the columns without an asked width their part of share.
// Columns whose content fits in an even part get just what they need; the
// others divide the rest between their least and their most.
func distribute(widths, asked, least, most []float64, share float64) {
	var open []int
	for i := range widths {
		if asked[i] == 0 {
			open = append(open, i)
		}
	}
	if sum(most, open) <= share {
		for all, i := sum(most, open), 0; i < len(open); i++ {
			widths[open[i]] = most[open[i]] * share / all
		}
		return
	}
	for satisfied := true; satisfied; {
		satisfied = false
		for k, i := range open {
			if most[i] <= share/float64(len(open)) && sum(least, open)-least[i] <= share-most[i] {
				widths[i] = most[i]
				share -= most[i]
				open = slices.Delete(open, k, k+1)
				satisfied = true
				break
			}
		}
	}
	low, high := sum(least, open), sum(most, open)
	for _, i := range open {
		switch {
		case low >= share:
			widths[i] = least[i] * share / low
		default:
			widths[i] = least[i] + (most[i]-least[i])*(share-low)/max(high-low, 1)
		}
	}
}

func sum(of []float64, at []int) float64 {
	total := 0.0
	for _, i := range at {
		total += of[i]
	}
	return total
}

// measure finds each column's longest word and longest line, and the width
// asked for, all with padding. What a cell over several columns needs beyond
// theirs is shared between them.
func (s *setter) measure(g richtext.Grid) (least, most, asked []float64) {
	least, most, asked = make([]float64, g.Cols), make([]float64, g.Cols), make([]float64, g.Cols)
	for i := range least {
		least[i], most[i] = minColumn, minColumn
	}
	cells := slices.Clone(g.Cells)
	slices.SortStableFunc(cells, func(a, b richtext.Cell) int { return a.Node.ColSpan - b.Node.ColSpan })
	for _, c := range cells {
		for i, px := range c.Node.ColWidth {
			if px > 0 && asked[c.Col+i] == 0 {
				asked[c.Col+i] = float64(px) * 0.75
			}
		}
		word, text := s.extent(c.Node, cellFrame(c.Node, bodyWidth))
		// One long text must not starve its neighbours.
		widen(least[c.Col:c.Col+c.Node.ColSpan], min(word+2*cellPadX+0.5, bodyWidth/3))
		widen(most[c.Col:c.Col+c.Node.ColSpan], min(text+2*cellPadX+0.5, bodyWidth*1.2))
	}
	for i := range most {
		most[i] = max(most[i], least[i])
	}
	return least, most, asked
}

// widen makes columns together as wide as need, in equal parts.
func widen(columns []float64, need float64) {
	total := 0.0
	for _, w := range columns {
		total += w
	}
	for i := range columns {
		columns[i] += max(0, need-total) / float64(len(columns))
	}
}

// extent measures the longest word and the longest line of a cell's text.
func (s *setter) extent(n *richtext.Node, fr frame) (word, text float64) {
	for _, c := range n.Content {
		switch c.Type {
		case richtext.Paragraph:
			w, t := s.runsExtent(s.runs(c, fr.paragraphLook(c)))
			word, text = max(word, w), max(text, t)
		case richtext.Heading:
			w, t := s.runsExtent(s.runs(c, fr.headingLook(c)))
			word, text = max(word, w), max(text, t)
		case richtext.Image:
			word, text = max(word, 60), max(text, 120)
		default:
			w, t := s.extent(c, fr)
			if c.Type != richtext.ListItem {
				w, t = w*4/3, t+listIndent // an indent takes at most a quarter
			}
			word, text = max(word, w), max(text, t)
		}
	}
	return word, text
}

func (s *setter) runsExtent(runs []run) (word, text float64) {
	at := 0.0
	for _, b := range s.canvas.boxes(runs, bodyWidth, false) {
		word = max(word, b.width)
		at += b.width
		text = max(text, at)
		if at += b.glue; b.brk {
			at = 0
		}
	}
	return word, text
}

// openCell is a cell while its rows are being placed.
type openCell struct {
	*cell
	rest  []atom  // content not yet placed
	top   float64 // y at which the cell starts on this page
	given float64 // height of the rows placed for it on this page

	repeated bool // a head drawn again, which is no part of the text
}

// endingNotes are the footnotes of the cells that end in row r.
func endingNotes(active []*openCell, r int) []*note {
	var out []*note
	for _, c := range active {
		if c.last() == r {
			for _, a := range c.rest {
				out = append(out, a.notes...)
			}
		}
	}
	return out
}

func (t *table) opening(r int) []*openCell {
	var out []*openCell
	for _, c := range t.rows[r] {
		out = append(out, &openCell{cell: c, rest: c.content})
	}
	return out
}

func ending(active []*openCell, r int) []*openCell {
	var out []*openCell
	for _, a := range active {
		if a.last() > r {
			out = append(out, a)
		}
	}
	return out
}

// rowHeight is what row r needs so that the cells that end in it hold their
// content.
func rowHeight(active []*openCell, r int) float64 {
	h := 2*cellPadY + cellSize*1.2
	for _, a := range active {
		if a.last() == r {
			h = max(h, stackHeight(a.rest)+2*cellPadY-a.given)
		}
	}
	return h
}

func stackHeight(atoms []atom) float64 {
	h := 0.0
	for i, a := range atoms {
		if i > 0 {
			h += a.before
		}
		h += a.height
	}
	return h
}

// placeTable places a table's rows, going on to the next page where they do
// not fit. A row is moved whole when it fits on a page, and cut between the
// lines of its cells when it does not.
func (s *setter) placeTable(a *atom) {
	t := a.table
	if !s.fresh {
		s.y += a.before
	}
	var active []*openCell
	for r := range t.rows {
		for _, c := range t.opening(r) {
			c.top = s.y
			active = append(active, c)
		}
		h := rowHeight(active, r)
		if h+s.notesNeed(endingNotes(active, r)) > s.room() && !s.fresh && t.movable(active, r, h) {
			s.turn(t, active, r)
			h = rowHeight(active, r)
		}
		for h > s.room() && s.err == nil {
			s.cut(t, active, r)
			h = rowHeight(active, r)
		}
		if s.err != nil {
			return
		}
		s.y += h
		s.fresh = false
		for _, c := range active {
			c.given += h
			if c.last() == r {
				s.drawCell(t, c, c.rest)
			}
		}
		active = ending(active, r)
	}
	// The text that follows stands off the table by its own space before.
	s.y += 2
}

// movable says whether row r may go to the next page whole: it fits there,
// and it does not leave the head of the table alone on this page.
func (t *table) movable(active []*openCell, r int, h float64) bool {
	room := bodyHeight - t.rowsHeight(0, t.headers)
	if r < t.headers {
		room = bodyHeight
	}
	return h <= room && h <= bodyHeight/2
}

// turn ends the page between two rows. Cells that go on are drawn so far.
func (s *setter) turn(t *table, active []*openCell, r int) {
	for _, c := range active {
		if c.row == r {
			continue // begins on the next page
		}
		s.part(t, c)
	}
	s.turnPage(t, active, r)
}

// cut ends the page inside row r.
func (s *setter) cut(t *table, active []*openCell, r int) {
	room := s.room()
	if !s.fresh && room < 2*cellPadY+cellSize*2.4 {
		s.turn(t, active, r) // too little to be worth a part of a row
		return
	}
	progress := false
	for _, c := range active {
		c.given += room
		before := len(c.rest)
		s.part(t, c)
		progress = progress || len(c.rest) < before
	}
	if !progress && s.fresh {
		s.overfull(active)
	}
	s.turnPage(t, active, r)
}

// overfull ends the work rather than turn pages for ever. It cannot happen
// while pictures are kept smaller than a page.
func (s *setter) overfull(active []*openCell) {
	for _, c := range active {
		if len(c.rest) > 0 {
			s.fail(errTallCell)
		}
	}
}

// part draws as much of the cell as fits in what it was given on this page.
func (s *setter) part(t *table, c *openCell) {
	if c.given <= 0 {
		return
	}
	n, h := 0, 2*cellPadY
	for n < len(c.rest) {
		need := c.rest[n].height
		if n > 0 {
			need += c.rest[n].before
		}
		if h+need > c.given+0.01 {
			break
		}
		h += need
		n++
	}
	s.drawCell(t, c, c.rest[:n])
	c.rest = c.rest[n:]
}

func (s *setter) turnPage(t *table, active []*openCell, r int) {
	s.openPage()
	if r >= t.headers {
		s.repeatHead(t)
	}
	for _, c := range active {
		c.top, c.given = s.y, 0
	}
}

// repeatHead draws the header rows again at the head of a page.
func (s *setter) repeatHead(t *table) {
	var active []*openCell
	for r := range t.headers {
		for _, c := range t.opening(r) {
			c.top, c.repeated = s.y, true
			active = append(active, c)
		}
		h := rowHeight(active, r)
		s.y += h
		for _, c := range active {
			c.given += h
			if c.last() == r {
				s.drawCell(t, c, c.rest)
			}
		}
		active = ending(active, r)
	}
}

// drawCell draws a cell's box, as high as it was given, with content in it.
func (s *setter) drawCell(t *table, c *openCell, content []atom) {
	left, right := t.edges[c.col], t.edges[c.col+c.colspan]
	width, height := right-left, c.given
	header := c.header
	offset := 0.0
	if header && c.last() == c.row+c.rowspan-1 {
		offset = max(0, (height-2*cellPadY-stackHeight(content))/2) // heads stand in the middle
	}
	if !c.repeated {
		at := c.top + cellPadY + offset
		for i := range content {
			s.land(&content[i], at)
			s.addNotes(content[i].notes)
			at += content[i].height
		}
	}
	repeated := c.repeated
	s.put(marginLeft+left, c.top, func(cv *canvas, x, y float64) {
		cv.tag(artifact)
		cv.SetLineWidth(0.5)
		cv.SetDrawColor(110, 110, 110)
		if header {
			cv.SetFillColor(236, 238, 241)
			cv.Rect(x, y, width, height, "FD")
		} else {
			cv.Rect(x, y, width, height, "D")
		}
		cv.SetFillColor(0, 0, 0)
		cv.SetDrawColor(0, 0, 0)
		at := y + cellPadY + offset
		for i, a := range content {
			if i > 0 {
				at += a.before
			}
			if repeated {
				a.drawUntagged(cv, x+cellPadX, at)
			} else {
				a.drawAt(cv, x+cellPadX, at)
			}
			at += a.height
		}
	})
}

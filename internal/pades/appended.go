package pades

import (
	"bytes"
	"context"
	"fmt"
)

// appended is one incremental update that stands after a signed revision.
type appended struct {
	k          int // index of its section in the document: 0 is the newest
	start, end int64
	objects    map[uint32]int64 // object number -> offset, as found in the bytes
}

// changeError says, in Portuguese, why later bytes are more than signatures.
type changeError struct{ what string }

func (e *changeError) Error() string { return e.what }

func changedf(format string, args ...any) error {
	return &changeError{fmt.Sprintf(format, args...)}
}

// boundary finds the section of the revision that ends at end: the bytes
// before end close with "startxref N %%EOF", and N is a section of the chain
// that readers follow today. Anything else means that the signed revision is
// not the one shown.
func (d *document) boundary(end int64) (int, error) {
	n := min(end, tailWindow)
	tail, err := d.src.readAt(end-n, n)
	if err != nil {
		return 0, err
	}
	tail = bytes.TrimRight(tail, " \t\r\n\x00\f")
	body, ok := bytes.CutSuffix(tail, []byte("%%EOF"))
	i := bytes.LastIndex(body, []byte("startxref"))
	if !ok || i < 0 {
		return 0, changedf("a parte assinada não termina como um PDF completo")
	}
	c := d.src.cursorAt(end - n + int64(i) + int64(len("startxref")))
	off, ok := readUint(c)
	c.skipBlank()
	if !ok || c.pos != end-n+int64(len(body)) {
		return 0, changedf("a parte assinada não termina como um PDF completo")
	}
	for k, s := range d.sections {
		if s.off == off {
			return k, d.within(end, k)
		}
	}
	return 0, changedf("a parte assinada foi trocada por outra versão do documento")
}

// within asks that the revision of section k lies whole before end: entries
// that point further on would take their content from whoever adds to the file.
func (d *document) within(end int64, k int) error {
	if end == d.src.size {
		return nil
	}
	beyond := changedf("a parte assinada aponta para dados que vieram depois")
	for i, s := range d.sections[k:] {
		if s.end > end {
			return beyond
		}
		view := d.at(k)
		err := s.each(func(num uint32, e xrefEntry) error {
			if e.kind == entryInFile && e.off >= end && !view.shadowed(num, i) {
				return beyond
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// scanAppended reads everything from the end of a revision (section k) to the
// end of the file. Each byte has to belong to an object that the cross-
// reference section of its update lists, to that section, or to white space:
// what readers might find by searching would otherwise escape judgement.
func (d *document) scanAppended(ctx context.Context, from int64, k int) ([]appended, error) {
	var out []appended
	c := d.src.cursorAt(from)
	cur := appended{start: from, objects: map[uint32]int64{}}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.skipSpace()
		if c.err != nil {
			return nil, c.err
		}
		if c.pos >= d.src.size {
			break
		}
		closed, err := d.scanItem(c, &cur, k-1)
		if err != nil {
			return nil, err
		}
		if closed {
			cur.k, cur.end = k-1, c.pos
			out = append(out, cur)
			k--
			cur = appended{start: c.pos, objects: map[uint32]int64{}}
		}
	}
	if len(cur.objects) > 0 || k != 0 {
		return nil, changedf("há dados soltos depois da assinatura")
	}
	return out, nil
}

// scanItem passes one item at the cursor; closed tells that it ended the
// update, whose section must be the one numbered k.
func (d *document) scanItem(c *cursor, cur *appended, k int) (closed bool, err error) {
	if k < 0 {
		return false, changedf("há dados soltos depois da assinatura")
	}
	s := d.sections[k]
	start := c.pos
	if b := c.peek(); b >= '0' && b <= '9' {
		ind, err := d.parseIndirect(start, 0)
		if err != nil {
			return false, changedf("há dados ilegíveis depois da assinatura")
		}
		if _, again := cur.objects[ind.ref.num]; again {
			return false, changedf("o objeto %d aparece duas vezes na mesma atualização", ind.ref.num)
		}
		if len(cur.objects) > maxElements {
			return false, tooComplex("objetos demais")
		}
		cur.objects[ind.ref.num] = start
		c.pos = ind.end
		if s.isStream && start == s.off {
			return true, d.scanEnd(c, s)
		}
		return false, nil
	}
	// An update with a second table behind /XRefStm is not judged: no signer
	// writes one, and readers differ on which table they believe.
	if !s.isStream && start == s.off && s.hybrid == nil && c.take("xref") {
		c.pos = s.end
		return true, d.scanEnd(c, s)
	}
	return false, changedf("há dados soltos depois da assinatura")
}

// scanEnd passes "startxref N %%EOF" for section s.
func (d *document) scanEnd(c *cursor, s *section) error {
	c.skipBlank()
	ok := c.take("startxref")
	off, isInt := readUint(c)
	c.skipBlank()
	mark, err := d.src.readAt(c.pos, min(5, d.src.size-c.pos))
	if err != nil {
		return err
	}
	if !ok || !isInt || off != s.off || string(mark) != "%%EOF" {
		return changedf("uma atualização posterior está incompleta")
	}
	c.pos += 5
	return nil
}

// precedingEnd returns where the revision before section k ends, with its line
// break, or 0 when there is none or its end cannot be told.
func (d *document) precedingEnd(k int) int64 {
	if k+1 >= len(d.sections) {
		return 0
	}
	prev := d.sections[k+1]
	c := d.src.cursorAt(prev.end)
	if d.scanEnd(c, prev) != nil {
		return 0
	}
	if c.peek() == '\r' {
		c.pos++
	}
	if c.peek() == '\n' {
		c.pos++
	}
	return c.pos
}

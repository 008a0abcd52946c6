package pades

import (
	"context"
	"sort"
)

// Cross-reference entry kinds (ISO 32000-1, 7.5.8.3).
const (
	entryFree       = 0
	entryInFile     = 1
	entryCompressed = 2
)

// xrefEntry says where an object is: off is its place in the file, or the
// number of its object stream with gen as the index inside.
type xrefEntry struct {
	off  int64
	gen  uint16
	kind uint8
}

type subsection struct {
	first   uint32
	entries []xrefEntry
}

// section is one cross-reference section: a table or a stream, with the
// stream that hides behind a table in hybrid files.
type section struct {
	off       int64
	end       int64 // one past the trailer dictionary or the stream object
	isStream  bool
	streamNum uint32
	trailer   *pdfDict
	subs      []subsection
	hybrid    *section
}

func (s *section) find(num uint32) (xrefEntry, bool) {
	i := sort.Search(len(s.subs), func(i int) bool { return s.subs[i].first > num }) - 1
	e, ok := xrefEntry{}, false
	if i >= 0 && int64(num-s.subs[i].first) < int64(len(s.subs[i].entries)) {
		e, ok = s.subs[i].entries[num-s.subs[i].first], true
	}
	if s.hybrid != nil && (!ok || e.kind == entryFree) {
		if he, hok := s.hybrid.find(num); hok {
			return he, true
		}
	}
	return e, ok
}

// each calls f for every entry of the section, those of its hybrid stream last.
func (s *section) each(f func(num uint32, e xrefEntry) error) error {
	for _, sub := range s.subs {
		for i, e := range sub.entries {
			if err := f(sub.first+uint32(i), e); err != nil {
				return err
			}
		}
	}
	if s.hybrid != nil {
		return s.hybrid.each(f)
	}
	return nil
}

// document is a PDF opened for reading. sections go from the newest to the
// oldest; an earlier revision is the same document with fewer of them.
type document struct {
	src      *source
	sections []*section
	store    *streamStore
}

// at returns the document as it was before the k newest sections.
func (d *document) at(k int) *document {
	return &document{src: d.src, sections: d.sections[k:], store: d.store}
}

func (d *document) trailer() *pdfDict { return d.sections[0].trailer }

func (d *document) lookup(num uint32) xrefEntry {
	for _, s := range d.sections {
		if e, ok := s.find(num); ok {
			if e.kind == entryInFile && e.off == 0 {
				return xrefEntry{}
			}
			return e
		}
	}
	return xrefEntry{}
}

// openDocument reads the header and the chain of cross-reference sections.
func openDocument(ctx context.Context, src *source) (*document, error) {
	head, err := src.readAt(0, min(src.size, 8))
	if err != nil {
		return nil, err
	}
	if len(head) < 8 || string(head[:5]) != "%PDF-" {
		return nil, damaged("o arquivo não começa como um PDF")
	}
	off, err := lastStartXref(src)
	if err != nil {
		return nil, err
	}
	d := &document{src: src, store: &streamStore{}}
	if err := d.readChain(ctx, off); err != nil {
		return nil, err
	}
	for _, s := range d.sections {
		if s.trailer.has("Encrypt") {
			return nil, encrypted()
		}
	}
	if _, ok := d.trailer().get("Root").(pdfRef); !ok {
		return nil, damaged("falta o catálogo")
	}
	return d, nil
}

// lastStartXref reads the offset after the last "startxref" near the end.
func lastStartXref(src *source) (int64, error) {
	n := min(src.size, tailWindow)
	tail, err := src.readAt(src.size-n, n)
	if err != nil {
		return 0, err
	}
	for i := len(tail) - len("startxref"); i >= 0; i-- {
		if string(tail[i:i+len("startxref")]) != "startxref" {
			continue
		}
		c := src.cursorAt(src.size - n + int64(i) + int64(len("startxref")))
		return readOffset(c)
	}
	return 0, damaged("o fim do arquivo está incompleto")
}

func readOffset(c *cursor) (int64, error) {
	o, err := newParser(c, true).object(0)
	if err != nil {
		return 0, err
	}
	off, ok := o.(int64)
	if !ok || off < 0 || off >= c.src.size {
		return 0, damaged("posição da tabela de objetos fora do arquivo")
	}
	return off, nil
}

func (d *document) readChain(ctx context.Context, off int64) error {
	seen := map[int64]bool{}
	total := 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if seen[off] {
			return damaged("tabelas de objetos em círculo")
		}
		seen[off] = true
		if len(d.sections) >= maxSections {
			return tooComplex("revisões demais")
		}
		s, err := d.readSection(off, &total)
		if err != nil {
			return err
		}
		d.sections = append(d.sections, s)
		prev := s.trailer.get("Prev")
		if prev == nil {
			return nil
		}
		n, ok := prev.(int64)
		if !ok || n < 0 || n >= d.src.size {
			return damaged("tabela de objetos anterior fora do arquivo")
		}
		off = n
	}
}

func (d *document) readSection(off int64, total *int) (*section, error) {
	c := d.src.cursorAt(off)
	c.skipBlank()
	if !c.take("xref") {
		return d.readXrefStream(off, total)
	}
	s := &section{off: off}
	if err := readTable(c, s, total); err != nil {
		return nil, err
	}
	o, err := newParser(c, true).object(0)
	if err != nil {
		return nil, err
	}
	t, ok := o.(*pdfDict)
	if !ok {
		return nil, damaged("trailer ilegível")
	}
	s.trailer, s.end = t, c.pos
	if x, ok := t.integer("XRefStm"); ok {
		if s.hybrid, err = d.readXrefStream(x, total); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readTable reads the subsections of a classic table up to and including the
// word "trailer".
func readTable(c *cursor, s *section, total *int) error {
	for {
		c.skipSpace()
		if c.take("trailer") {
			return s.sortSubs()
		}
		first, ok1 := readUint(c)
		count, ok2 := readUint(c)
		if !ok1 || !ok2 || first > maxObjects*4 || first+count > maxObjects*4 {
			return damaged("tabela de objetos ilegível")
		}
		if *total += int(count); *total > maxObjects {
			return tooComplex("objetos demais")
		}
		// Each entry takes at least 18 bytes: a count that the file cannot
		// hold must not reserve memory.
		if count*18 > c.src.size-c.pos {
			return damaged("tabela de objetos maior que o arquivo")
		}
		sub := subsection{first: uint32(first), entries: make([]xrefEntry, 0, count)}
		for range count {
			e, ok := readTableEntry(c)
			if !ok {
				return damaged("linha ilegível na tabela de objetos")
			}
			sub.entries = append(sub.entries, e)
		}
		s.subs = append(s.subs, sub)
	}
}

func readTableEntry(c *cursor) (xrefEntry, bool) {
	off, ok1 := readUint(c)
	gen, ok2 := readUint(c)
	c.skipBlank()
	kind := c.next()
	if !ok1 || !ok2 || kind != 'n' && kind != 'f' || isRegular(c.peek()) {
		return xrefEntry{}, false
	}
	e := xrefEntry{off: off, gen: uint16(min(gen, 65535))}
	if kind == 'n' {
		e.kind = entryInFile
	}
	return e, true
}

// readUint reads up to 12 digits after white space.
func readUint(c *cursor) (int64, bool) {
	c.skipBlank()
	var n int64
	digits := 0
	for b := c.peek(); b >= '0' && b <= '9' && digits < 13; b = c.peek() {
		n = n*10 + int64(b-'0')
		digits++
		c.pos++
	}
	return n, digits > 0 && digits < 13
}

// sortSubs orders the subsections and refuses overlaps: two entries for one
// object in one section mean different things to different readers.
func (s *section) sortSubs() error {
	subs := s.subs[:0]
	for _, sub := range s.subs {
		if len(sub.entries) > 0 {
			subs = append(subs, sub)
		}
	}
	sort.SliceStable(subs, func(i, j int) bool { return subs[i].first < subs[j].first })
	for i := 1; i < len(subs); i++ {
		if int64(subs[i-1].first)+int64(len(subs[i-1].entries)) > int64(subs[i].first) {
			return damaged("objeto repetido na tabela de objetos")
		}
	}
	s.subs = subs
	return nil
}

func (d *document) readXrefStream(off int64, total *int) (*section, error) {
	ind, err := d.parseIndirect(off, 0)
	if err != nil {
		return nil, err
	}
	st, ok := ind.obj.(*pdfStream)
	if !ok || st.dict.name("Type") != "XRef" {
		return nil, damaged("não há tabela de objetos na posição %d", off)
	}
	data, err := d.decode(st)
	if err != nil {
		return nil, err
	}
	s := &section{off: off, end: ind.end, isStream: true, streamNum: ind.ref.num, trailer: st.dict}
	return s, s.fill(data, total)
}

// fill reads the entries of a cross-reference stream (7.5.8.2).
func (s *section) fill(data []byte, total *int) error {
	w, ok := widths(s.trailer)
	if !ok {
		return damaged("tabela de objetos comprimida ilegível")
	}
	row := w[0] + w[1] + w[2]
	index, ok := s.trailer.get("Index").(pdfArray)
	if !ok {
		size, _ := s.trailer.integer("Size")
		index = pdfArray{int64(0), size}
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(int64)
		count, ok2 := index[i+1].(int64)
		if !ok1 || !ok2 || first < 0 || count < 0 || first > maxObjects*4 || count > int64(len(data)/row) {
			return damaged("tabela de objetos comprimida ilegível")
		}
		if *total += int(count); *total > maxObjects {
			return tooComplex("objetos demais")
		}
		sub := subsection{first: uint32(first), entries: make([]xrefEntry, count)}
		for j := range sub.entries {
			e, ok := decodeEntry(data[:row], w)
			if !ok {
				return damaged("posição ilegível na tabela de objetos")
			}
			sub.entries[j] = e
			data = data[row:]
		}
		s.subs = append(s.subs, sub)
	}
	return s.sortSubs()
}

func widths(trailer *pdfDict) (w [3]int, ok bool) {
	a, _ := trailer.get("W").(pdfArray)
	if len(a) != 3 {
		return w, false
	}
	for i := range w {
		n, isInt := a[i].(int64)
		if !isInt || n < 0 || n > 8 {
			return w, false
		}
		w[i] = int(n)
	}
	return w, w[1] > 0
}

func decodeEntry(b []byte, w [3]int) (xrefEntry, bool) {
	f := [3]uint64{entryInFile, 0, 0}
	for i := range w {
		if w[i] > 0 {
			f[i] = 0
		}
		for _, x := range b[:w[i]] {
			f[i] = f[i]<<8 | uint64(x)
		}
		b = b[w[i]:]
	}
	if f[1] > 1<<48 {
		return xrefEntry{}, false
	}
	e := xrefEntry{off: int64(f[1]), gen: uint16(min(f[2], 65535))}
	switch f[0] {
	case entryFree:
	case entryInFile, entryCompressed:
		e.kind = uint8(f[0])
	default:
		return xrefEntry{}, true // unknown kinds are null (7.5.8.3)
	}
	return e, true
}

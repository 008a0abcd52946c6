package pades

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math"
)

// indirect is an object with its number and the end of what was read: past
// "endobj" for plain objects, past the data for streams.
type indirect struct {
	ref pdfRef
	obj object
	end int64
}

// parseIndirect reads "n g obj … endobj" at off. A stream is checked to end
// where its Length says.
func (d *document) parseIndirect(off int64, depth int) (*indirect, error) {
	if off < 0 || off >= d.src.size {
		return nil, damaged("objeto fora do arquivo")
	}
	c := d.src.cursorAt(off)
	c.skipBlank()
	num, ok1 := readUint(c)
	gen, ok2 := readUint(c)
	c.skipSpace()
	if !ok1 || !ok2 || num > math.MaxUint32 || gen > math.MaxUint16 || !c.take("obj") && !takeGlued(c) {
		return nil, damaged("não há objeto na posição %d", off)
	}
	ind := &indirect{ref: pdfRef{uint32(num), uint16(gen)}}
	var err error
	if ind.obj, err = newParser(c, true).object(0); err != nil {
		return nil, err
	}
	c.skipSpace()
	if dict, ok := ind.obj.(*pdfDict); ok && c.take("stream") {
		if ind.obj, err = d.streamData(c, dict, depth); err != nil {
			return nil, err
		}
		c.skipBlank()
		if !c.take("endstream") {
			return nil, damaged("fluxo de dados com tamanho errado na posição %d", off)
		}
		c.skipSpace()
	}
	if !c.take("endobj") {
		return nil, damaged("objeto sem fim na posição %d", off)
	}
	ind.end = c.pos
	return ind, nil
}

// takeGlued accepts "obj" directly followed by the object ("1 0 obj5").
func takeGlued(c *cursor) bool {
	save := c.pos
	if c.next() == 'o' && c.next() == 'b' && c.next() == 'j' {
		return true
	}
	c.pos = save
	return false
}

func (d *document) streamData(c *cursor, dict *pdfDict, depth int) (*pdfStream, error) {
	if c.peek() == '\r' {
		c.pos++
	}
	if c.peek() == '\n' {
		c.pos++
	}
	length := dict.get("Length")
	if ref, ok := length.(pdfRef); ok {
		if depth > 0 {
			return nil, damaged("tamanho de fluxo ilegível")
		}
		var err error
		if length, err = d.fetch(ref, depth+1); err != nil {
			return nil, err
		}
	}
	n, ok := length.(int64)
	if !ok || n < 0 || n > d.src.size-c.pos {
		return nil, damaged("fluxo de dados com tamanho errado")
	}
	st := &pdfStream{dict: dict, off: c.pos, length: n}
	c.pos += n
	return st, nil
}

// fetch returns the object of a reference; null when there is none.
func (d *document) fetch(ref pdfRef, depth int) (object, error) {
	e := d.lookup(ref.num)
	switch e.kind {
	case entryInFile:
		if e.gen != ref.gen {
			return nil, nil
		}
		ind, err := d.parseIndirect(e.off, depth)
		if err != nil {
			return nil, err
		}
		if ind.ref != ref {
			return nil, damaged("o objeto %d não está onde a tabela diz", ref.num)
		}
		return ind.obj, nil
	case entryCompressed:
		if ref.gen != 0 {
			return nil, nil
		}
		return d.compressed(ref.num, e, depth)
	}
	return nil, nil
}

// resolve follows references until an object that is not one.
func (d *document) resolve(o object) (object, error) {
	for range 16 {
		ref, ok := o.(pdfRef)
		if !ok {
			return o, nil
		}
		var err error
		if o, err = d.fetch(ref, 0); err != nil {
			return nil, err
		}
	}
	return nil, damaged("referências em círculo")
}

// dict resolves o to a dictionary, or nil. A stream is not one: an object that
// served as both could change its data while its dictionary is compared.
func (d *document) dict(o object) (*pdfDict, error) {
	o, err := d.resolve(o)
	v, _ := o.(*pdfDict)
	return v, err
}

func (d *document) array(o object) (pdfArray, error) {
	o, err := d.resolve(o)
	a, _ := o.(pdfArray)
	return a, err
}

func (d *document) root() (pdfRef, *pdfDict, error) {
	ref, ok := d.trailer().get("Root").(pdfRef)
	if !ok {
		return ref, nil, damaged("falta o catálogo")
	}
	cat, err := d.dict(ref)
	if err == nil && cat == nil {
		err = damaged("falta o catálogo")
	}
	return ref, cat, err
}

// objectStream is a decoded object stream: numbers and places of its objects.
type objectStream struct {
	data    []byte
	nums    []uint32
	offsets []int
}

// streamStore holds decoded object streams by their place in the file, and
// counts what decoding has cost so far.
type streamStore struct {
	cached  map[int64]*objectStream
	bytes   int
	decoded int64
}

func (d *document) compressed(num uint32, e xrefEntry, depth int) (object, error) {
	container := d.lookup(uint32(e.off))
	if e.off > math.MaxUint32 || container.kind != entryInFile {
		return nil, damaged("objeto %d em fluxo inexistente", num)
	}
	os, err := d.objectStream(container.off, depth)
	if err != nil {
		return nil, err
	}
	i := int(e.gen)
	if i >= len(os.nums) || os.nums[i] != num {
		return nil, damaged("o objeto %d não está onde a tabela diz", num)
	}
	src := &source{r: bytes.NewReader(os.data), size: int64(len(os.data))}
	return newParser(src.cursorAt(int64(os.offsets[i])), false).object(0)
}

// objectStream decodes the object stream at off. depth keeps a stream whose
// Length lies inside itself from being followed for ever.
func (d *document) objectStream(off int64, depth int) (*objectStream, error) {
	if os := d.store.cached[off]; os != nil {
		return os, nil
	}
	ind, err := d.parseIndirect(off, depth)
	if err != nil {
		return nil, err
	}
	st, ok := ind.obj.(*pdfStream)
	if !ok || st.dict.name("Type") != "ObjStm" {
		return nil, damaged("fluxo de objetos ilegível")
	}
	data, err := d.decode(st)
	if err != nil {
		return nil, err
	}
	os, err := readObjectStream(st.dict, data)
	if err != nil {
		return nil, err
	}
	if d.store.bytes += len(data); d.store.bytes > maxCachedStream || d.store.cached == nil {
		d.store.cached, d.store.bytes = map[int64]*objectStream{}, len(data)
	}
	d.store.cached[off] = os
	return os, nil
}

func readObjectStream(dict *pdfDict, data []byte) (*objectStream, error) {
	n, ok1 := dict.integer("N")
	first, ok2 := dict.integer("First")
	if !ok1 || !ok2 || n < 0 || first < 0 || first > int64(len(data)) || n > first {
		return nil, damaged("fluxo de objetos ilegível")
	}
	os := &objectStream{data: data}
	src := &source{r: bytes.NewReader(data), size: first}
	c := src.cursorAt(0)
	for range n {
		num, ok1 := readUint(c)
		off, ok2 := readUint(c)
		if !ok1 || !ok2 || num > math.MaxUint32 || first+off > int64(len(data)) {
			return nil, damaged("fluxo de objetos ilegível")
		}
		os.nums = append(os.nums, uint32(num))
		os.offsets = append(os.offsets, int(first+off))
	}
	return os, nil
}

// decode undoes the one filter that structural streams use, FlateDecode with
// its predictors.
func (d *document) decode(st *pdfStream) ([]byte, error) {
	filter, parms := st.dict.get("Filter"), st.dict.get("DecodeParms")
	if a, ok := filter.(pdfArray); ok {
		if len(a) > 1 {
			return nil, damaged("fluxo de objetos com filtros em série")
		}
		filter = nil
		if len(a) == 1 {
			filter = a[0]
		}
		if pa, ok := parms.(pdfArray); ok && len(pa) == 1 {
			parms = pa[0]
		}
	}
	if st.length > maxDecoded {
		return nil, tooComplex("fluxo de objetos grande demais")
	}
	raw, err := d.src.readAt(st.off, st.length)
	if err != nil || filter == nil {
		return raw, err
	}
	if filter != pdfName("FlateDecode") {
		return nil, damaged("fluxo de objetos com filtro desconhecido")
	}
	data, err := d.inflate(raw)
	if err != nil {
		return nil, err
	}
	pd, err := d.dict(parms)
	if err != nil || pd == nil {
		return data, err
	}
	return unpredict(data, pd)
}

func (d *document) inflate(raw []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, damaged("dados comprimidos ilegíveis")
	}
	data, err := io.ReadAll(io.LimitReader(z, maxDecoded+1))
	if len(data) > maxDecoded {
		return nil, tooComplex("dados comprimidos grandes demais")
	}
	if d.store.decoded += int64(len(data)); d.store.decoded > maxDecodedTotal {
		return nil, tooComplex("dados comprimidos grandes demais")
	}
	// Some producers leave out the checksum; what was read is whole all the same.
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, zlib.ErrChecksum) {
		return nil, damaged("dados comprimidos ilegíveis")
	}
	return data, nil
}

// unpredict undoes the PNG predictors (7.4.4.4).
func unpredict(data []byte, parms *pdfDict) ([]byte, error) {
	pred, _ := parms.integer("Predictor")
	if pred < 2 {
		return data, nil
	}
	cols, bpc, colors := int64(1), int64(8), int64(1)
	for key, p := range map[pdfName]*int64{"Columns": &cols, "BitsPerComponent": &bpc, "Colors": &colors} {
		if v, ok := parms.integer(key); ok {
			*p = v
		}
	}
	if pred < 10 || bpc != 8 || colors != 1 || cols < 1 || cols > 1<<16 {
		return nil, damaged("dados comprimidos com preditor desconhecido")
	}
	row := int(cols)
	out := make([]byte, 0, len(data))
	prev := make([]byte, row)
	for len(data) > row {
		line := data[1 : row+1]
		if !unfilter(data[0], line, prev) {
			return nil, damaged("dados comprimidos com preditor desconhecido")
		}
		out = append(out, line...)
		prev = line
		data = data[row+1:]
	}
	return out, nil
}

func unfilter(kind byte, line, prev []byte) bool {
	var left, upLeft byte
	for i := range line {
		switch up := prev[i]; kind {
		case 0:
		case 1:
			line[i] += left
		case 2:
			line[i] += up
		case 3:
			line[i] += byte((int(left) + int(up)) / 2)
		case 4:
			line[i] += paeth(left, up, upLeft)
		default:
			return false
		}
		left, upLeft = line[i], prev[i]
	}
	return true
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	if pa <= pb && pa <= pc {
		return a
	}
	if pb <= pc {
		return b
	}
	return c
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

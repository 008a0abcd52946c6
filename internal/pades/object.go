package pades

import (
	"bytes"
	"strconv"
)

// A PDF object is one of: nil (null), bool, int64, pdfReal, pdfName, pdfString,
// pdfArray, *pdfDict, pdfRef, *pdfStream (ISO 32000-1, 7.3).
type object any

// pdfReal keeps a real number's own text, so that a dictionary written again
// is the one that was read.
type pdfReal string

// pdfName is a name without its slash, #xx sequences decoded.
type pdfName string

// pdfString is a decoded string. pos and end are the absolute offsets of its
// delimiters in the file (end is one past the closing one), or -1 when it came
// from an object stream: the verifier compares them with the ByteRange.
type pdfString struct {
	val      []byte
	hex      bool
	pos, end int64
}

type pdfArray []object

type pdfRef struct {
	num uint32
	gen uint16
}

type dictEntry struct {
	key pdfName
	val object
}

// pdfDict keeps the order of its keys.
type pdfDict struct{ entries []dictEntry }

// pdfStream is a dictionary and the place of its raw bytes in the file.
type pdfStream struct {
	dict   *pdfDict
	off    int64 // first byte of the data
	length int64
}

func (d *pdfDict) get(key pdfName) object {
	if d == nil {
		return nil
	}
	for i := range d.entries {
		if d.entries[i].key == key {
			return d.entries[i].val
		}
	}
	return nil
}

func (d *pdfDict) has(key pdfName) bool { return d.get(key) != nil }

// with returns a copy of d in which key has the value val.
func (d *pdfDict) with(key pdfName, val object) *pdfDict {
	out := &pdfDict{entries: make([]dictEntry, 0, len(d.entries)+1)}
	found := false
	for _, e := range d.entries {
		if e.key == key {
			e.val, found = val, true
		}
		out.entries = append(out.entries, e)
	}
	if !found {
		out.entries = append(out.entries, dictEntry{key, val})
	}
	return out
}

func (d *pdfDict) name(key pdfName) pdfName {
	n, _ := d.get(key).(pdfName)
	return n
}

func (d *pdfDict) integer(key pdfName) (int64, bool) {
	n, ok := d.get(key).(int64)
	return n, ok
}

// makeDict builds a dictionary from alternating keys and values.
func makeDict(kv ...any) *pdfDict {
	d := &pdfDict{}
	for i := 0; i+1 < len(kv); i += 2 {
		d.entries = append(d.entries, dictEntry{kv[i].(pdfName), kv[i+1]})
	}
	return d
}

// sameObject compares by value: numbers by magnitude, strings by bytes,
// dictionaries without regard to the order of keys.
func sameObject(a, b object) bool {
	switch x := a.(type) {
	case pdfString:
		y, ok := b.(pdfString)
		return ok && bytes.Equal(x.val, y.val)
	case pdfArray:
		y, ok := b.(pdfArray)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameObject(x[i], y[i]) {
				return false
			}
		}
		return true
	case *pdfDict:
		y, ok := b.(*pdfDict)
		return ok && len(changedKeys(x, y)) == 0
	case *pdfStream:
		y, ok := b.(*pdfStream)
		return ok && x.off == y.off && sameObject(x.dict, y.dict)
	case int64, pdfReal:
		fa, oka := number(a)
		fb, okb := number(b)
		return oka && okb && fa == fb
	}
	return a == b
}

// changedKeys lists the keys whose values differ between two dictionaries; a
// key with the value null is the same as an absent one.
func changedKeys(a, b *pdfDict) []pdfName {
	var out []pdfName
	for _, e := range a.entries {
		if !sameObject(e.val, b.get(e.key)) {
			out = append(out, e.key)
		}
	}
	inA := make(map[pdfName]bool, len(a.entries))
	for _, e := range a.entries {
		inA[e.key] = true
	}
	for _, e := range b.entries {
		if !inA[e.key] && e.val != nil {
			out = append(out, e.key)
		}
	}
	return out
}

func number(o object) (float64, bool) {
	switch v := o.(type) {
	case int64:
		return float64(v), true
	case pdfReal:
		f, err := strconv.ParseFloat(string(v), 64)
		return f, err == nil
	}
	return 0, false
}

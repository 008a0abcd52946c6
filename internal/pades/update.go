package pades

import (
	"crypto/sha256"
	"fmt"
	"slices"
)

// update is an incremental update under construction: the objects to append
// after a file's own bytes (ISO 32000-1, 7.5.6). Only the update is held in
// memory, never the file.
type update struct {
	doc     *document
	base    int64 // where the update starts: the size of the file
	out     []byte
	next    uint32
	offsets map[uint32]xrefEntry
	// catalog is the changed catalog that placeField writes; nil for the document's own.
	catalog *pdfDict
}

// newUpdate starts an update after size bytes; needsBreak asks for a line
// break first, for files that end in the middle of a line.
func newUpdate(doc *document, size int64, needsBreak bool) (*update, error) {
	u := &update{doc: doc, base: size, offsets: map[uint32]xrefEntry{}}
	if needsBreak {
		u.out = append(u.out, '\n')
	}
	n, ok := doc.trailer().integer("Size")
	if !ok || n < 1 || n > maxObjects*4 {
		return nil, damaged("número de objetos ilegível")
	}
	// A Size that is too small would make new objects replace old ones.
	for _, s := range doc.sections {
		for _, sub := range s.subs {
			n = max(n, int64(sub.first)+int64(len(sub.entries)))
		}
		if s.hybrid != nil {
			for _, sub := range s.hybrid.subs {
				n = max(n, int64(sub.first)+int64(len(sub.entries)))
			}
		}
	}
	u.next = uint32(n)
	return u, nil
}

func (u *update) newRef() pdfRef {
	u.next++
	return pdfRef{num: u.next - 1}
}

// open starts an object and returns the length of the update before it.
func (u *update) open(ref pdfRef) {
	u.offsets[ref.num] = xrefEntry{off: u.base + int64(len(u.out)), gen: ref.gen, kind: entryInFile}
	u.out = fmt.Appendf(u.out, "%d %d obj\n", ref.num, ref.gen)
}

func (u *update) close() { u.out = append(u.out, "\nendobj\n"...) }

func (u *update) put(ref pdfRef, o object) {
	u.open(ref)
	u.out = appendObject(u.out, o)
	u.close()
}

func (u *update) putStream(ref pdfRef, dict *pdfDict, data []byte) {
	u.open(ref)
	u.out = appendObject(u.out, dict.with("Length", int64(len(data))))
	u.out = append(u.out, "\nstream\n"...)
	u.out = append(u.out, data...)
	u.out = append(u.out, "\nendstream"...)
	u.close()
}

// finish appends the cross-reference section, of the kind that the file's
// last one is, and the end of the file.
func (u *update) finish(idSeed string) {
	newest := u.doc.sections[0]
	trailer := makeDict(pdfName("Size"), int64(u.next), pdfName("Prev"), newest.off)
	for _, k := range []pdfName{"Root", "Info"} {
		if v := newest.trailer.get(k); v != nil {
			trailer = trailer.with(k, v)
		}
	}
	trailer = trailer.with("ID", u.fileID(idSeed))
	start := u.base + int64(len(u.out))
	if newest.isStream {
		u.xrefStream(trailer)
	} else {
		u.xrefTable(trailer)
	}
	u.out = fmt.Appendf(u.out, "startxref\n%d\n%%%%EOF\n", start)
}

// fileID keeps the file's first identifier and changes the second (14.4).
func (u *update) fileID(seed string) pdfArray {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d/", seed, u.base, len(u.out)))
	fresh := pdfString{val: sum[:16], hex: true}
	if old, err := u.doc.array(u.doc.trailer().get("ID")); err == nil && len(old) == 2 {
		if first, ok := old[0].(pdfString); ok {
			return pdfArray{pdfString{val: first.val, hex: true}, fresh}
		}
	}
	return pdfArray{fresh, fresh}
}

// runs groups the updated object numbers into consecutive runs.
func (u *update) runs() [][]uint32 {
	nums := make([]uint32, 0, len(u.offsets))
	for n := range u.offsets {
		nums = append(nums, n)
	}
	slices.Sort(nums)
	var out [][]uint32
	for i, n := range nums {
		if i == 0 || nums[i-1]+1 != n {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], n)
	}
	return out
}

func (u *update) xrefTable(trailer *pdfDict) {
	u.out = append(u.out, "xref\n"...)
	for _, run := range u.runs() {
		u.out = fmt.Appendf(u.out, "%d %d\n", run[0], len(run))
		for _, n := range run {
			e := u.offsets[n]
			u.out = fmt.Appendf(u.out, "%010d %05d n\r\n", e.off, e.gen)
		}
	}
	u.out = append(u.out, "trailer\n"...)
	u.out = append(appendObject(u.out, trailer), '\n')
}

func (u *update) xrefStream(trailer *pdfDict) {
	ref := u.newRef()
	trailer = trailer.with("Size", int64(u.next))
	u.offsets[ref.num] = xrefEntry{off: u.base + int64(len(u.out)), kind: entryInFile}
	var index pdfArray
	var data []byte
	for _, run := range u.runs() {
		index = append(index, int64(run[0]), int64(len(run)))
		for _, n := range run {
			e := u.offsets[n]
			data = append(data, entryInFile)
			for shift := 40; shift >= 0; shift -= 8 {
				data = append(data, byte(e.off>>shift))
			}
			data = append(data, byte(e.gen>>8), byte(e.gen))
		}
	}
	dict := makeDict(pdfName("Type"), pdfName("XRef"), pdfName("W"), pdfArray{int64(1), int64(6), int64(2)}, pdfName("Index"), index)
	dict.entries = append(dict.entries, trailer.entries...)
	u.putStream(ref, dict, data)
}

package pades

import (
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// placeField adds the widget to the form and to the page, changing as little
// as possible: the smallest indirect object that holds each list.
func (u *update) placeField(widget pdfRef, page pdfRef, certification pdfRef) error {
	rootRef, cat, err := u.doc.root()
	if err != nil {
		return err
	}
	changed := cat
	if u.catalog != nil {
		changed = u.catalog
	}
	newCat, err := u.addToForm(changed, widget)
	if err != nil {
		return err
	}
	if certification.num != 0 {
		newCat = newCat.with("Perms", makeDict(pdfName("DocMDP"), certification))
	}
	if newCat != cat {
		u.put(rootRef, newCat)
	}
	return u.addToPage(page, widget)
}

func (u *update) addToForm(cat *pdfDict, widget pdfRef) (*pdfDict, error) {
	held := cat.get("AcroForm")
	form, err := u.doc.dict(held)
	if err != nil {
		return nil, err
	}
	if form == nil {
		ref := u.newRef()
		u.put(ref, makeDict(pdfName("Fields"), pdfArray{widget}, pdfName("SigFlags"), int64(3)))
		return cat.with("AcroForm", ref), nil
	}
	next, err := u.appendTo(form, "Fields", widget)
	if err != nil {
		return nil, err
	}
	if flags, _ := form.integer("SigFlags"); flags&3 != 3 {
		next = next.with("SigFlags", flags|3)
	}
	if next == form {
		return cat, nil
	}
	if ref, ok := held.(pdfRef); ok {
		u.put(ref, next)
		return cat, nil
	}
	return cat.with("AcroForm", next), nil
}

// appendTo adds item to the array under key. When the array is an object of
// its own that object is written again and dict is returned as it was.
func (u *update) appendTo(dict *pdfDict, key pdfName, item object) (*pdfDict, error) {
	held := dict.get(key)
	list, err := u.doc.array(held)
	if err != nil {
		return nil, err
	}
	grown := append(append(pdfArray{}, list...), item)
	if ref, ok := held.(pdfRef); ok && list != nil {
		u.put(ref, grown)
		return dict, nil
	}
	return dict.with(key, grown), nil
}

func (u *update) addToPage(page, widget pdfRef) error {
	dict, err := u.doc.dict(page)
	if err != nil {
		return err
	}
	next, err := u.appendTo(dict, "Annots", widget)
	if err != nil {
		return err
	}
	if next != dict {
		u.put(page, next)
	}
	return nil
}

// findPage returns the page with the given number from 1; a negative number
// counts from the end.
func (d *document) findPage(number int) (pdfRef, error) {
	_, cat, err := d.root()
	if err != nil {
		return pdfRef{}, err
	}
	root, ok := cat.get("Pages").(pdfRef)
	if !ok {
		return pdfRef{}, damaged("faltam as páginas")
	}
	w := pageWalk{doc: d, left: number, fromEnd: number < 0, seen: map[pdfRef]bool{}}
	if w.fromEnd {
		w.left = -number
	}
	if err := w.visit(root, 0); err != nil {
		return pdfRef{}, err
	}
	if w.left != 0 {
		return pdfRef{}, sei.Errorf(CodePage, "O PDF não tem a página %d pedida para o carimbo.", number)
	}
	return w.found, nil
}

// pageRotation is how far readers turn a page clockwise: 0, 90, 180 or 270
// degrees. It may be inherited (7.7.3.4).
func (d *document) pageRotation(page pdfRef) (int, error) {
	o := object(page)
	for range maxDepth {
		node, err := d.dict(o)
		if err != nil || node == nil {
			return 0, err
		}
		if r, err := d.resolve(node.get("Rotate")); err != nil {
			return 0, err
		} else if f, ok := number(r); ok {
			return ((int(f)%360 + 360) % 360) / 90 * 90, nil
		}
		o = node.get("Parent")
	}
	return 0, nil
}

type pageWalk struct {
	doc     *document
	left    int
	fromEnd bool
	found   pdfRef
	seen    map[pdfRef]bool
}

func (w *pageWalk) visit(ref pdfRef, depth int) error {
	if depth > maxDepth || len(w.seen) > maxPages {
		return tooComplex("árvore de páginas grande demais")
	}
	if w.seen[ref] {
		return damaged("árvore de páginas em círculo")
	}
	w.seen[ref] = true
	node, err := w.doc.dict(ref)
	if err != nil {
		return err
	}
	if node == nil {
		return damaged("falta uma página")
	}
	if node.get("Kids") == nil {
		if w.left--; w.left == 0 {
			w.found = ref
		}
		return nil
	}
	kids, err := w.doc.array(node.get("Kids"))
	if err != nil {
		return err
	}
	for i := range kids {
		kid := kids[i]
		if w.fromEnd {
			kid = kids[len(kids)-1-i]
		}
		kr, ok := kid.(pdfRef)
		if !ok {
			return damaged("página sem número de objeto")
		}
		if err := w.visit(kr, depth+1); err != nil || w.left == 0 {
			return err
		}
	}
	return nil
}

// field is one signature field and the dictionary of its value.
type field struct {
	ref   pdfRef
	name  string
	dict  *pdfDict
	value pdfRef // zero when the value is not an indirect object
	sig   *pdfDict
}

// signatureFields lists the signature fields of the form, signed or not.
func (d *document) signatureFields() ([]field, error) {
	_, cat, err := d.root()
	if err != nil {
		return nil, err
	}
	form, err := d.dict(cat.get("AcroForm"))
	if err != nil || form == nil {
		return nil, err
	}
	list, err := d.array(form.get("Fields"))
	if err != nil {
		return nil, err
	}
	w := fieldWalk{doc: d, seen: map[pdfRef]bool{}}
	for _, o := range list {
		if err := w.visit(o, "", "", 0); err != nil {
			return nil, err
		}
	}
	return w.out, nil
}

type fieldWalk struct {
	doc   *document
	seen  map[pdfRef]bool
	count int
	out   []field
}

func (w *fieldWalk) visit(o object, path string, kind pdfName, depth int) error {
	if w.count++; depth > 32 || w.count > maxFields {
		return tooComplex("campos demais no formulário")
	}
	ref, _ := o.(pdfRef)
	if ref.num != 0 {
		if w.seen[ref] {
			return nil
		}
		w.seen[ref] = true
	}
	dict, err := w.doc.dict(o)
	if err != nil || dict == nil {
		return err
	}
	if t, ok := dict.get("T").(pdfString); ok {
		if path != "" {
			path += "."
		}
		path += decodeText(t.val)
	}
	if k := dict.name("FT"); k != "" {
		kind = k
	}
	kids, err := w.doc.array(dict.get("Kids"))
	if err != nil {
		return err
	}
	if kind == "Sig" && (len(kids) == 0 || dict.has("V")) {
		return w.add(ref, path, dict)
	}
	for _, k := range kids {
		if err := w.visit(k, path, kind, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *fieldWalk) add(ref pdfRef, path string, dict *pdfDict) error {
	f := field{ref: ref, name: path, dict: dict}
	f.value, _ = dict.get("V").(pdfRef)
	var err error
	if f.sig, err = w.doc.dict(dict.get("V")); err != nil {
		return err
	}
	w.out = append(w.out, f)
	return nil
}

// freeFieldName finds a field name that the form does not use yet.
func (d *document) freeFieldName() (string, error) {
	_, cat, err := d.root()
	if err != nil {
		return "", err
	}
	form, err := d.dict(cat.get("AcroForm"))
	if err != nil {
		return "", err
	}
	list, err := d.array(form.get("Fields"))
	if err != nil {
		return "", err
	}
	if len(list) > maxFields {
		return "", tooComplex("campos demais no formulário")
	}
	used := map[string]bool{}
	for _, o := range list {
		f, err := d.dict(o)
		if err != nil {
			return "", err
		}
		if t, ok := f.get("T").(pdfString); ok {
			used[decodeText(t.val)] = true
		}
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("Assinatura%d", i); !used[name] {
			return name, nil
		}
	}
}

// certificationLevel is the P of the document's certification (12.8.2.2), 0
// when it has none.
func (d *document) certificationLevel() (int64, error) {
	_, cat, err := d.root()
	if err != nil {
		return 0, err
	}
	perms, err := d.dict(cat.get("Perms"))
	if err != nil {
		return 0, err
	}
	sig, err := d.dict(perms.get("DocMDP"))
	if err != nil || sig == nil {
		return 0, err
	}
	return d.transformLevel(sig)
}

func (d *document) transformLevel(sig *pdfDict) (int64, error) {
	refs, err := d.array(sig.get("Reference"))
	if err != nil {
		return 0, err
	}
	for _, o := range refs {
		r, err := d.dict(o)
		if err != nil {
			return 0, err
		}
		if r == nil || r.name("TransformMethod") != "DocMDP" {
			continue
		}
		params, err := d.dict(r.get("TransformParams"))
		if err != nil {
			return 0, err
		}
		if p, ok := params.integer("P"); ok {
			return p, nil
		}
		return 2, nil
	}
	return 0, nil
}

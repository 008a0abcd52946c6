package pades

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// step judges one update: before and after are the document without and with
// it. Everything changed must be a signature, a timestamp, validation data or
// the marks that signers leave (ModDate, Producer).
type step struct {
	before, after *document
	up            *appended
	changed       map[uint32]bool // objects in use before that have a new entry
	fresh         map[uint32]bool // objects that were not in use before
	newFields     map[uint32]bool // new signature fields and their widgets
	out           []Change
}

// judgeUpdate returns what an update adds, or a changeError.
func (d *document) judgeUpdate(up *appended) ([]Change, map[uint32]bool, error) {
	s := &step{before: d.at(up.k + 1), after: d.at(up.k), up: up,
		changed: map[uint32]bool{}, fresh: map[uint32]bool{}, newFields: map[uint32]bool{}}
	for _, f := range []func() error{s.entries, s.trailer, s.catalog, s.objects} {
		if err := f(); err != nil {
			return nil, nil, err
		}
	}
	return s.out, s.fresh, nil
}

// entries compares the update's section with the bytes found and with the
// document before it.
func (s *step) entries() error {
	sec := s.after.sections[0]
	listed := map[uint32]bool{}
	err := sec.each(func(num uint32, e xrefEntry) error {
		old := s.before.lookup(num)
		if num == 0 || e == old || e.kind == entryFree && old.kind == entryFree {
			listed[num] = true
			return nil
		}
		switch e.kind {
		case entryFree:
			return changedf("o objeto %d foi apagado", num)
		case entryInFile:
			if off, ok := s.up.objects[num]; !ok || off != e.off {
				return changedf("o objeto %d aponta para dados que não são desta atualização", num)
			}
		case entryCompressed:
			if _, ok := s.up.objects[uint32(e.off)]; !ok {
				return changedf("o objeto %d aponta para dados que não são desta atualização", num)
			}
		}
		listed[num] = true
		if old.kind == entryFree {
			s.fresh[num] = true
		} else {
			s.changed[num] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for num, off := range s.up.objects {
		if !listed[num] && off != sec.off {
			return changedf("o objeto %d não consta da tabela de objetos", num)
		}
	}
	return nil
}

func (s *step) trailer() error {
	a, b := s.before.trailer(), s.after.trailer()
	if !sameObject(a.get("Root"), b.get("Root")) {
		return changedf("o catálogo do documento foi trocado")
	}
	if !sameObject(a.get("Info"), b.get("Info")) && b.get("Info") != nil {
		return changedf("as informações do documento foram trocadas")
	}
	return nil
}

// catalog compares the catalogs by meaning: the form, the validation data and
// declarations of extensions may change, nothing else.
func (s *step) catalog() error {
	_, a, err := s.before.root()
	if err != nil {
		return err
	}
	_, b, err := s.after.root()
	if err != nil {
		return err
	}
	for _, key := range changedKeys(a, b) {
		switch key {
		case "AcroForm", "DSS":
		case "Extensions", "Version":
			if b.get(key) == nil {
				return changedf("o catálogo do documento foi alterado (/%s)", string(key))
			}
		default:
			return changedf("o catálogo do documento foi alterado (/%s)", string(key))
		}
	}
	if err := s.form(a, b); err != nil {
		return err
	}
	return s.security(a, b)
}

func (s *step) form(catA, catB *pdfDict) error {
	a, err := s.before.dict(catA.get("AcroForm"))
	if err != nil {
		return err
	}
	b, err := s.after.dict(catB.get("AcroForm"))
	if err != nil {
		return err
	}
	if a == nil {
		a = &pdfDict{}
	}
	if b == nil {
		b = &pdfDict{}
	}
	for _, key := range changedKeys(a, b) {
		ok := key == "Fields" || key == "SigFlags" ||
			(key == "DR" || key == "DA") && a.get(key) == nil ||
			key == "NeedAppearances" && b.get(key) != true
		if !ok {
			return changedf("o formulário foi alterado (/%s)", string(key))
		}
	}
	return s.fields(a, b)
}

// fields asks that the old fields stand first and unchanged in the list, and
// that each new one is a signed signature field.
func (s *step) fields(a, b *pdfDict) error {
	old, err := s.before.array(a.get("Fields"))
	if err != nil {
		return err
	}
	list, err := s.after.array(b.get("Fields"))
	if err != nil {
		return err
	}
	extra, ok := grown(old, list)
	if !ok {
		return changedf("campos do formulário foram trocados")
	}
	for _, ref := range extra {
		if err := s.newField(ref); err != nil {
			return err
		}
	}
	return nil
}

// grown returns what list has after old, all references; false when old is
// not its beginning.
func grown(old, list pdfArray) ([]pdfRef, bool) {
	if len(list) < len(old) || !sameObject(old, list[:len(old)]) {
		return nil, false
	}
	var out []pdfRef
	for _, o := range list[len(old):] {
		ref, ok := o.(pdfRef)
		if !ok {
			return nil, false
		}
		out = append(out, ref)
	}
	return out, true
}

func (s *step) newField(ref pdfRef) error {
	d, err := s.after.dict(ref)
	if err != nil {
		return err
	}
	if d == nil || !s.fresh[ref.num] || d.name("FT") != "Sig" {
		return changedf("foi acrescentado um campo que não é de assinatura")
	}
	if d.has("Parent") || d.has("A") || d.has("AA") {
		return changedf("foi acrescentado um campo de assinatura com ações")
	}
	s.newFields[ref.num] = true
	kids, err := s.after.array(d.get("Kids"))
	if err != nil {
		return err
	}
	visible := hasArea(d)
	for _, k := range kids {
		kr, _ := k.(pdfRef)
		kd, err := s.after.dict(k)
		if err != nil {
			return err
		}
		if kd == nil || !s.fresh[kr.num] || kd.name("Subtype") != "Widget" || kd.has("A") || kd.has("AA") || kd.has("Kids") {
			return changedf("foi acrescentado um campo de assinatura com ações")
		}
		s.newFields[kr.num] = true
		visible = visible || hasArea(kd)
	}
	return s.signed(d, visible)
}

// signed notes the signature that fills a field.
func (s *step) signed(field *pdfDict, visible bool) error {
	v, _ := field.get("V").(pdfRef)
	sig, err := s.after.dict(v)
	if err != nil {
		return err
	}
	if sig == nil || !s.fresh[v.num] || !sig.has("ByteRange") || !sig.has("Contents") {
		return changedf("foi acrescentado um campo de assinatura sem assinatura")
	}
	c := Change{Kind: "signature", Visible: visible}
	if isTimestamp(sig) {
		c.Kind = "timestamp"
	}
	if t, ok := field.get("T").(pdfString); ok {
		c.Field = decodeText(t.val)
	}
	s.out = append(s.out, c)
	return nil
}

func isTimestamp(sig *pdfDict) bool {
	return sig.name("Type") == "DocTimeStamp" || sig.name("SubFilter") == "ETSI.RFC3161"
}

func hasArea(widget *pdfDict) bool {
	r, _ := widget.get("Rect").(pdfArray)
	if len(r) != 4 {
		return len(r) > 0
	}
	var v [4]float64
	for i := range v {
		v[i], _ = number(r[i])
	}
	return v[0] != v[2] && v[1] != v[3]
}

// objects judges each object that was in use before and has changed.
func (s *step) objects() error {
	held := s.heldObjects()
	for _, n := range sortedKeys(s.changed) {
		if held[n] {
			continue // judged by meaning above
		}
		if err := s.object(n); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[uint32]V) []uint32 { return slices.Sorted(maps.Keys(m)) }

// heldObjects are the objects whose changes catalog() has judged already: the
// catalog, the form, its list of fields, and the validation data.
func (s *step) heldObjects() map[uint32]bool {
	held := map[uint32]bool{}
	// Only what stands in the same place before and after was compared.
	mark := func(o, now object) {
		if r, ok := o.(pdfRef); ok && now == o {
			held[r.num] = true
		}
	}
	mark(s.before.trailer().get("Root"), s.after.trailer().get("Root"))
	_, a, err1 := s.before.root()
	_, b, err2 := s.after.root()
	if err1 != nil || err2 != nil {
		return held
	}
	mark(a.get("AcroForm"), b.get("AcroForm"))
	formA, err1 := s.before.dict(a.get("AcroForm"))
	formB, err2 := s.after.dict(b.get("AcroForm"))
	if err1 == nil && err2 == nil {
		mark(formA.get("Fields"), formB.get("Fields"))
	}
	s.markSecurity(a, b, mark)
	return held
}

func (s *step) object(num uint32) error {
	old, err := s.read(s.before, num)
	if err != nil {
		return err
	}
	now, err := s.read(s.after, num)
	if err != nil {
		return err
	}
	if sameObject(old, now) {
		return nil
	}
	if info, ok := s.before.trailer().get("Info").(pdfRef); ok && info.num == num {
		return s.info(old, now)
	}
	switch a := old.(type) {
	case pdfArray:
		b, ok := now.(pdfArray)
		if !ok {
			break
		}
		return s.annotations(a, b)
	case *pdfDict:
		b, ok := now.(*pdfDict)
		if !ok {
			break
		}
		return s.dictionary(num, a, b)
	case *pdfStream:
		b, ok := now.(*pdfStream)
		if ok && s.isMetadata(num) {
			return s.metadata(a, b)
		}
		// Some writers give every cross-reference stream the same number.
		if ok && a.dict.name("Type") == "XRef" && b.dict.name("Type") == "XRef" && s.after.sections[0].streamNum == num {
			return nil
		}
	}
	return changedf("o objeto %d foi substituído", num)
}

func (s *step) read(d *document, num uint32) (object, error) {
	e := d.lookup(num)
	gen := e.gen
	if e.kind == entryCompressed {
		gen = 0
	}
	return d.fetch(pdfRef{num, gen}, 0)
}

func (s *step) info(a, b object) error {
	x, ok1 := a.(*pdfDict)
	y, ok2 := b.(*pdfDict)
	if !ok1 || !ok2 {
		return changedf("as informações do documento foram trocadas")
	}
	for _, k := range changedKeys(x, y) {
		if k != "ModDate" && k != "Producer" {
			return changedf("as informações do documento foram alteradas (/%s)", string(k))
		}
	}
	s.out = append(s.out, Change{Kind: "info"})
	return nil
}

// annotations judges a page's list of annotations: only the widgets of new
// signature fields may follow the old ones.
func (s *step) annotations(a, b pdfArray) error {
	extra, ok := grown(a, b)
	if !ok {
		return changedf("as anotações de uma página foram trocadas")
	}
	for _, r := range extra {
		if !s.newFields[r.num] {
			return changedf("foi acrescentada uma anotação a uma página")
		}
	}
	return nil
}

func (s *step) dictionary(num uint32, a, b *pdfDict) error {
	switch {
	case a.name("Type") == "Page":
		return s.page(a, b)
	case a.name("FT") == "Sig" && !a.has("V"):
		return s.filled(a, b)
	case a.name("Subtype") == "Widget" && a.has("Parent"):
		return s.filledWidget(a, b)
	}
	return changedf("o objeto %d foi alterado", num)
}

func (s *step) page(a, b *pdfDict) error {
	for _, key := range changedKeys(a, b) {
		if key != "Annots" {
			return changedf("uma página foi alterada (/%s)", string(key))
		}
	}
	old, err := s.before.array(a.get("Annots"))
	if err != nil {
		return err
	}
	list, err := s.after.array(b.get("Annots"))
	if err != nil {
		return err
	}
	return s.annotations(old, list)
}

// filled judges a field that stood empty and is signed now.
func (s *step) filled(a, b *pdfDict) error {
	for _, key := range changedKeys(a, b) {
		if key != "V" && key != "AP" && key != "F" && key != "M" {
			return changedf("um campo de assinatura foi alterado (/%s)", string(key))
		}
	}
	return s.signed(b, hasArea(b))
}

func (s *step) filledWidget(a, b *pdfDict) error {
	parent, err := s.before.dict(a.get("Parent"))
	if err != nil {
		return err
	}
	if parent.name("FT") != "Sig" || parent.has("V") {
		return changedf("uma anotação foi alterada")
	}
	for _, key := range changedKeys(a, b) {
		if key != "AP" && key != "F" && key != "M" {
			return changedf("um campo de assinatura foi alterado (/%s)", string(key))
		}
	}
	return nil
}

// changesSince judges every update after the revision that ends at end. The
// result is per update, from the oldest.
func (d *document) changesSince(ctx context.Context, end int64, k int) ([]judgedUpdate, error) {
	ups, err := d.scanAppended(ctx, end, k)
	if err != nil {
		return nil, err
	}
	out := make([]judgedUpdate, len(ups))
	fresh := map[uint32]int{} // object number -> the update that brings it
	for i := range ups {
		out[i].k = ups[i].k
		var nums map[uint32]bool
		out[i].changes, nums, out[i].err = d.judgeUpdate(&ups[i])
		for n := range nums {
			if _, ok := fresh[n]; !ok {
				fresh[n] = i
			}
		}
	}
	return out, d.checkDangling(ctx, end, k, ups, fresh, out)
}

type judgedUpdate struct {
	k       int
	changes []Change
	err     error
}

// errUnread marks what could not be judged because older objects do not read.
var errUnread = errors.New("the signed revision has unreadable objects")

// checkDangling refuses new objects whose numbers the document already
// referred to before they existed: content prepared to appear after signing.
// On the way it reads every object of the signed revision within that
// revision's own bytes; one that does not end there cannot be vouched for.
func (d *document) checkDangling(ctx context.Context, end int64, k int, ups []appended, fresh map[uint32]int, out []judgedUpdate) error {
	if len(ups) == 0 {
		return nil
	}
	note := func(at int) func(pdfRef) {
		return func(r pdfRef) {
			if i, ok := fresh[r.num]; ok && i > at && out[i].err == nil {
				out[i].err = changedf("o objeto %d já era citado antes de existir", r.num)
			}
		}
	}
	for i := range ups {
		view := d.at(ups[i].k)
		for _, num := range sortedKeys(ups[i].objects) {
			if err := view.eachRef(num, note(i)); err != nil {
				return err
			}
		}
	}
	signed := &document{src: &source{r: d.src.r, size: end}, sections: d.sections[k:], store: &streamStore{}}
	return signed.walkRefs(ctx, note(-1))
}

// walkRefs calls f for every reference in every object in use.
func (d *document) walkRefs(ctx context.Context, f func(pdfRef)) error {
	for i, sec := range d.sections {
		err := sec.each(func(num uint32, e xrefEntry) error {
			if e.kind == entryFree || num == 0 || d.shadowed(num, i) {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			return d.eachRef(num, f)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// shadowed tells that a newer section has its own entry for num.
func (d *document) shadowed(num uint32, i int) bool {
	for _, s := range d.sections[:i] {
		if _, ok := s.find(num); ok {
			return true
		}
	}
	return false
}

func (d *document) eachRef(num uint32, f func(pdfRef)) error {
	e := d.lookup(num)
	gen := e.gen
	if e.kind == entryCompressed {
		gen = 0
	}
	o, err := d.fetch(pdfRef{num, gen}, 0)
	if err != nil {
		return errors.Join(errUnread, err)
	}
	visitRefs(o, f)
	return nil
}

func visitRefs(o object, f func(pdfRef)) {
	switch v := o.(type) {
	case pdfRef:
		f(v)
	case pdfArray:
		for _, e := range v {
			visitRefs(e, f)
		}
	case *pdfDict:
		for _, e := range v.entries {
			visitRefs(e.val, f)
		}
	case *pdfStream:
		visitRefs(v.dict, f)
	}
}

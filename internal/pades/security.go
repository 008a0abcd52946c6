package pades

import "encoding/hex"

// The document security store (EN 319 142-1, 5.4): certificates, CRLs and OCSP
// answers added after signing. It may grow; its forms are closed, so that
// nothing else can hide behind its objects.

// security judges the change of /DSS between two catalogs.
func (s *step) security(catA, catB *pdfDict) error {
	b, err := s.after.dict(catB.get("DSS"))
	if err != nil {
		return err
	}
	a, err := s.before.dict(catA.get("DSS"))
	if err != nil {
		return err
	}
	if b == nil {
		if a != nil {
			return changedf("os dados de validação foram apagados")
		}
		return nil
	}
	if err := checkStore(s.after, b); err != nil {
		return err
	}
	if a != nil {
		if err := checkStore(s.before, a); err != nil {
			return err
		}
		if !s.touchesSecurity(catA, catB) && sameObject(catA.get("DSS"), catB.get("DSS")) {
			return nil
		}
	}
	s.out = append(s.out, Change{Kind: "dss"})
	return nil
}

func (s *step) touchesSecurity(a, b *pdfDict) bool {
	touched := false
	s.markSecurity(a, b, func(o, _ object) {
		if r, ok := o.(pdfRef); ok && s.changed[r.num] {
			touched = true
		}
	})
	return touched
}

// markSecurity calls mark for the references that hold the store's own
// dictionaries and arrays, before and after. security has checked the forms of
// both, so an object held here was and is a part of the store.
func (s *step) markSecurity(a, b *pdfDict, mark func(o, now object)) {
	old, err1 := s.before.dict(a.get("DSS"))
	now, err2 := s.after.dict(b.get("DSS"))
	if err1 != nil || err2 != nil || old == nil || now == nil {
		return
	}
	mark(a.get("DSS"), b.get("DSS"))
	for _, key := range []pdfName{"Certs", "CRLs", "OCSPs", "VRI"} {
		mark(old.get(key), now.get(key))
	}
	vriA, err1 := s.before.dict(old.get("VRI"))
	vriB, err2 := s.after.dict(now.get("VRI"))
	if err1 != nil || err2 != nil || vriA == nil {
		return
	}
	for _, e := range vriA.entries {
		mark(e.val, vriB.get(e.key))
	}
}

func checkStore(d *document, dss *pdfDict) error {
	bad := changedf("os dados de validação acrescentados não têm a forma prevista")
	for _, e := range dss.entries {
		switch e.key {
		case "Type":
			if e.val != pdfName("DSS") {
				return bad
			}
		case "Certs", "CRLs", "OCSPs", "PBAD_PolicyArtifacts", "PBAD_LpaArtifacts", "PBAD_LpaSignatures":
			if err := checkRefList(d, e.val); err != nil {
				return err
			}
		case "VRI":
			if err := checkVRI(d, e.val); err != nil {
				return err
			}
		default:
			return bad
		}
	}
	return nil
}

func checkRefList(d *document, o object) error {
	list, err := d.array(o)
	if err != nil {
		return err
	}
	if list == nil {
		return changedf("os dados de validação acrescentados não têm a forma prevista")
	}
	for _, e := range list {
		if _, ok := e.(pdfRef); !ok {
			return changedf("os dados de validação acrescentados não têm a forma prevista")
		}
	}
	return nil
}

// checkRefs takes a list of references, or one reference to a stream.
func checkRefs(d *document, o object) error {
	if ref, ok := o.(pdfRef); ok {
		v, err := d.resolve(ref)
		if err != nil {
			return err
		}
		if _, ok := v.(*pdfStream); ok {
			return nil
		}
	}
	return checkRefList(d, o)
}

func checkVRI(d *document, o object) error {
	bad := changedf("os dados de validação acrescentados não têm a forma prevista")
	vri, err := d.dict(o)
	if err != nil {
		return err
	}
	if vri == nil || len(vri.entries) > maxFields {
		return bad
	}
	for _, e := range vri.entries {
		if e.key == "Type" && e.val == pdfName("VRI") {
			continue
		}
		if raw, err := hex.DecodeString(string(e.key)); err != nil || len(raw) != 20 {
			return bad
		}
		item, err := d.dict(e.val)
		if err != nil {
			return err
		}
		if item == nil {
			return bad
		}
		for _, f := range item.entries {
			switch f.key {
			case "Cert", "CRL", "OCSP", "PBAD_PolicyArtifact", "PBAD_LpaArtifact", "PBAD_LpaSignature":
				if err := checkRefs(d, f.val); err != nil {
					return err
				}
			case "Type", "TU", "TS":
			default:
				return bad
			}
		}
	}
	return nil
}

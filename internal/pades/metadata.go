package pades

import (
	"bytes"
	"regexp"
)

// Programs that sign also touch the XMP packet: the times of change, the
// producer and the identifier of the instance. These may differ between
// revisions; everything else in the packet may not.

const maxMetadata = 1 << 20

var (
	xmpElement   = regexp.MustCompile(`<(xmp:ModifyDate|xmp:MetadataDate|xmpMM:InstanceID|pdf:Producer)>[^<>]*</(xmp:ModifyDate|xmp:MetadataDate|xmpMM:InstanceID|pdf:Producer)>`)
	xmpAttribute = regexp.MustCompile(`\s(xmp:ModifyDate|xmp:MetadataDate|xmpMM:InstanceID|pdf:Producer)="[^"<>]*"`)
)

// isMetadata tells whether num is the catalog's XMP packet, before and after.
func (s *step) isMetadata(num uint32) bool {
	for _, d := range []*document{s.before, s.after} {
		_, cat, err := d.root()
		if ref, ok := cat.get("Metadata").(pdfRef); err != nil || !ok || ref.num != num {
			return false
		}
	}
	return true
}

func (s *step) metadata(a, b *pdfStream) error {
	replaced := changedf("os metadados do documento foram alterados")
	for _, st := range []*pdfStream{a, b} {
		if st.dict.name("Type") != "Metadata" || st.dict.name("Subtype") != "XML" || st.length > maxMetadata {
			return replaced
		}
	}
	old, err1 := s.before.decode(a)
	now, err2 := s.after.decode(b)
	if err1 != nil || err2 != nil || len(old) > maxMetadata || len(now) > maxMetadata {
		return replaced
	}
	if !bytes.Equal(withoutTimes(old), withoutTimes(now)) {
		return replaced
	}
	s.out = append(s.out, Change{Kind: "info"})
	return nil
}

func withoutTimes(xmp []byte) []byte {
	xmp = xmpElement.ReplaceAll(xmp, nil)
	xmp = xmpAttribute.ReplaceAll(xmp, nil)
	return bytes.Join(bytes.Fields(xmp), []byte(" "))
}

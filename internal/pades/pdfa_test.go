package pades

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

// pdfaSample is a small valid PDF/A-1b: XMP, identifiers, an output intent
// with a grey profile made here, and a page with a line on it.
func pdfaSample() []byte {
	const xmp = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`
	icc := greyProfile()
	content := "0 G 10 10 m 100 100 l S"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R /OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (Grey) /DestOutputProfile 6 0 R >>] >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		fmt.Sprintf("<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream", len(xmp), xmp),
		fmt.Sprintf("<< /N 1 /Length %d >>\nstream\n%s\nendstream", len(icc), icc),
	}
	b := []byte("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var offs []int
	for i, o := range objects {
		offs = append(offs, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 7\n0000000000 65535 f \n")
	for _, o := range offs {
		b = fmt.Appendf(b, "%010d 00000 n \n", o)
	}
	const id = "<00112233445566778899AABBCCDDEEFF>"
	return fmt.Appendf(b, "trailer\n<< /Size 7 /Root 1 0 R /ID [%s %s] >>\nstartxref\n%d\n%%%%EOF\n", id, id, start)
}

// greyProfile is the smallest ICC v2 profile for grey with gamma 2.2.
func greyProfile() []byte {
	desc := append([]byte("desc\x00\x00\x00\x00\x00\x00\x00\x05Grey\x00"), make([]byte, 78)...)
	tags := []struct {
		sig  string
		data []byte
	}{
		{"desc", desc},
		{"cprt", []byte("text\x00\x00\x00\x00none\x00")},
		{"wtpt", []byte("XYZ \x00\x00\x00\x00\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d")},
		{"kTRC", []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33")},
	}
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var body []byte
	for _, t := range tags {
		for len(t.data)%4 != 0 {
			t.data = append(t.data, 0)
		}
		table = append(table, t.sig...)
		table = binary.BigEndian.AppendUint32(table, uint32(128+4+12*len(tags)+len(body)))
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))
		body = append(body, t.data...)
	}
	h := make([]byte, 128)
	binary.BigEndian.PutUint32(h, uint32(128+len(table)+len(body)))
	copy(h[8:], "\x02\x10\x00\x00prtrGRAYXYZ \x07\xea\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00acsp")
	copy(h[68:], "\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d")
	return append(append(h, table...), body...)
}

// On a page that readers turn, the stamp is drawn turned back: upright for who
// reads it, and still PDF/A.
func TestAStampOnATurnedPageIsUpright(t *testing.T) {
	var paths []string
	for _, turn := range []int{0, 90, 180, 270} {
		in := pdfaSample()
		if turn != 0 {
			in = updated(t, in, func(d *document, u *update) {
				page, err := d.findPage(1)
				if err != nil {
					t.Fatal(err)
				}
				u.put(page, get(t, d, page.num).with("Rotate", int64(turn)))
			})
		}
		o := pki().options(1)
		o.Stamp = stamp()
		signed, _ := mustSign(t, in, o)
		requireVerdict(t, mustVerify(t, signed, trusting()), VerdictValid)
		paths = append(paths, writeFile(t, signed))
		// What is drawn, seen as a reader shows it, is wider than high exactly
		// when the box is, turned with the page.
		doc := open(t, signed)
		fields, err := doc.signatureFields()
		if err != nil {
			t.Fatal(err)
		}
		ap, err := doc.dict(fields[0].dict.get("AP"))
		if err != nil {
			t.Fatal(err)
		}
		o2, err := doc.resolve(ap.get("N"))
		if err != nil {
			t.Fatal(err)
		}
		form := o2.(*pdfStream).dict
		box := form.get("BBox").(pdfArray)
		w, _ := number(box[2])
		h, _ := number(box[3])
		if wide := w > h; wide != (turn%180 == 0) || form.has("Matrix") != (turn != 0) {
			t.Errorf("turned by %d the stamp is %v by %v, matrix %v", turn, w, h, form.get("Matrix"))
		}
	}
	testtool.RequirePDFA(t, paths...)
}

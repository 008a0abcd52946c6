package pades

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// victim is a document with text, a form and one good signature.
func victim(t testing.TB) []byte {
	out, _ := mustSign(t, victimUnsigned(), pki().options(1))
	requireVerdict(t, mustVerify(t, out, trusting()), VerdictValid)
	return out
}

// Object numbers of the victim, for the attacks to aim at.
const (
	objCatalog, objPages, objPage, objText, objForm, objContent, objInfo = 1, 2, 3, 4, 5, 6, 7
)

func victimUnsigned() []byte {
	content := "BT /F 12 Tf 50 700 Td (Pague R$ 100,00) Tj ET"
	pdf := buildPDF(
		"<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [4 0 R] /Resources << /XObject << /X 99 0 R >> >> /Contents 6 0 R >>",
		"<< /FT /Tx /T (valor) /V (100) /Type /Annot /Subtype /Widget /Rect [50 600 200 620] /P 3 0 R /F 4 >>",
		"<< /Fields [4 0 R] >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Title (Ordem) /Producer (x) >>",
	)
	return bytes.Replace(pdf, []byte("/Root 1 0 R >>"), []byte("/Root 1 0 R /Info 7 0 R >>"), 1)
}

func open(t testing.TB, pdf []byte) *document {
	t.Helper()
	doc, err := openDocument(context.Background(), &source{r: bytes.NewReader(pdf), size: int64(len(pdf))})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// updated appends an incremental update made by f.
func updated(t testing.TB, pdf []byte, f func(d *document, u *update)) []byte {
	t.Helper()
	doc := open(t, pdf)
	u, err := newUpdate(doc, int64(len(pdf)), false)
	if err != nil {
		t.Fatal(err)
	}
	f(doc, u)
	u.finish("attack")
	return append(slices.Clone(pdf), u.out...)
}

func get(t testing.TB, d *document, num uint32) *pdfDict {
	t.Helper()
	v, err := d.dict(pdfRef{num: num})
	if err != nil || v == nil {
		t.Fatalf("object %d: %v", num, err)
	}
	return v
}

func parse(t testing.TB, s string) object {
	t.Helper()
	o, err := newParser((&source{r: strings.NewReader(s), size: int64(len(s))}).cursorAt(0), false).object(0)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func parseDict(t testing.TB, s string) *pdfDict { return parse(t, s).(*pdfDict) }

func replaced(t testing.TB, pdf []byte, old, now string) []byte {
	t.Helper()
	if len(old) != len(now) || bytes.Count(pdf, []byte(old)) == 0 {
		t.Fatalf("%q cannot be replaced by %q", old, now)
	}
	return bytes.Replace(pdf, []byte(old), []byte(now), 1)
}

// newRange rewrites the first ByteRange of pdf.
func newRange(t testing.TB, pdf []byte, text string) []byte {
	t.Helper()
	i := bytes.Index(pdf, []byte("/ByteRange ")) + len("/ByteRange ")
	j := i + bytes.Index(pdf[i:], []byte("/Contents"))
	if len(text) > j-i {
		t.Fatal("ByteRange too long")
	}
	out := slices.Clone(pdf)
	copy(out[i:j], text+strings.Repeat(" ", j-i-len(text)))
	return out
}

func firstRange(t testing.TB, pdf []byte) [4]int64 {
	return mustVerify(t, pdf, VerifyOptions{}).Signatures[0].ByteRange
}

// signedWith signs the victim with options that Sign would refuse.
func signedWith(t testing.TB, change func(o *SignOptions)) []byte {
	t.Helper()
	o := pki().options(1)
	o.unchecked = true
	change(&o)
	out, _ := mustSign(t, victimUnsigned(), o)
	return out
}

func issue(t testing.TB, o trainingca.IssueOptions) *trainingca.Identity {
	t.Helper()
	if o.Key == "" && o.Public == nil {
		o.Key = trainingca.ECDSAP256
	}
	id, err := pki().ca.Issue(trainingca.Person{Name: "FULANO", CPF: "12345678909"}, o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func utcTime(t time.Time) []byte {
	b, err := asn1.Marshal(t.UTC())
	if err != nil {
		panic(err)
	}
	return b
}

type negative struct {
	name string
	make func(t *testing.T) []byte
	code sei.Code // a reason of the report, or the code of Verify's error
	want Verdict  // invalid when empty
}

func bytesAttacks() []negative {
	return []negative{
		{"signed text altered", func(t *testing.T) []byte { return replaced(t, victim(t), "R$ 100,00", "R$ 900,00") }, ReasonDigest, ""},
		{"declared time altered", func(t *testing.T) []byte { return replaced(t, victim(t), "D:20260615143000", "D:20260614143000") }, ReasonDigest, ""},
		{"field of the update altered", func(t *testing.T) []byte { return replaced(t, victim(t), "/SigFlags 3", "/SigFlags 1") }, ReasonDigest, ""},
		{"data hidden after the CMS", func(t *testing.T) []byte {
			pdf := victim(t)
			r := firstRange(t, pdf)
			copy(pdf[r[2]-20:], "DEADBEEF")
			return pdf
		}, ReasonFormat, ""},
		{"signature value altered", func(t *testing.T) []byte {
			pdf := victim(t)
			cms, err := ExtractCMS(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			at := firstRange(t, pdf)[1] + 1 + int64(2*len(cms)) - 1 // the last digit of s
			pdf[at] = "0123456789abcdef"[(unhex(int(pdf[at]))+1)%16]
			return pdf
		}, ReasonCrypto, ""},
		{"contents emptied", func(t *testing.T) []byte {
			pdf := victim(t)
			r := firstRange(t, pdf)
			copy(pdf[r[1]+1:r[2]-1], bytes.Repeat([]byte{'0'}, int(r[2]-r[1]-2)))
			return pdf
		}, ReasonFormat, ""},
		{"white space inside the contents", func(t *testing.T) []byte {
			pdf := victim(t)
			r := firstRange(t, pdf)
			copy(pdf[r[2]-5:], "    ")
			return pdf
		}, ReasonByteRange, ""},
		{"truncated", func(t *testing.T) []byte { pdf := victim(t); return pdf[:len(pdf)-60] }, CodeDamaged, ""},
		{"torn in the signature", func(t *testing.T) []byte { pdf := victim(t); return pdf[:firstRange(t, pdf)[1]+500] }, ReasonLooseData, VerdictUnsigned},
		{"two contents in one dictionary", func(t *testing.T) []byte {
			return replaced(t, victim(t), "/Name (Ana Maria)", "/Contents <00AA>   "[:17])
		}, CodeDamaged, ""},
		{"not a PDF", func(t *testing.T) []byte { return []byte("PK\x03\x04 not a pdf at all, but a zip") }, CodeDamaged, ""},
		{"bytes before the header", func(t *testing.T) []byte { return append([]byte("MZ"), victim(t)...) }, CodeDamaged, ""},
	}
}

func rangeAttacks() []negative {
	shift := func(d [4]int64, cut ...string) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			pdf := victim(t)
			r := firstRange(t, pdf)
			return newRange(t, pdf, fmt.Sprintf("[%d %d %d %d]", r[0]+d[0], r[1]+d[1], r[2]+d[2], r[3]+d[3]))
		}
	}
	raw := func(s string) func(t *testing.T) []byte {
		return func(t *testing.T) []byte { return newRange(t, victim(t), s) }
	}
	return []negative{
		{"range does not start at zero", shift([4]int64{1, 0, 0, 0}), ReasonByteRange, ""},
		{"hole wider than the contents", shift([4]int64{0, -50, 0, 0}), ReasonByteRange, ""},
		{"hole runs past the contents", shift([4]int64{0, 0, 40, -40}), ReasonByteRange, ""},
		{"brackets of the contents signed", shift([4]int64{0, 1, -1, 1}), ReasonByteRange, ""},
		{"end of the file left out", shift([4]int64{0, 0, 0, -30}), ReasonChanged, ""},
		{"range past the end of the file", shift([4]int64{0, 0, 0, 10}), ReasonByteRange, ""},
		{"negative length", raw("[0 100 200 -5]"), ReasonByteRange, ""},
		{"overflowing length", raw("[0 100 200 9223372036854775807]"), ReasonByteRange, ""},
		{"two numbers only", raw("[0 100]"), ReasonByteRange, ""},
		{"six numbers", raw("[0 10 20 30 40 50]"), ReasonByteRange, ""},
		{"two signatures over the same bytes", func(t *testing.T) []byte {
			// The first of two claims to cover the file up to its end.
			two, _ := mustSign(t, victim(t), pki().options(2))
			r := firstRange(t, two)
			return newRange(t, two, fmt.Sprintf("[0 %d %d %d]", r[1], r[2], int64(len(two))-r[2]))
		}, ReasonByteRange, ""},
		{"range is null", raw("null"), ReasonByteRange, ""},
		{"range by reference", raw("[0 6 0 R 6 0 R 6 0 R]"), ReasonByteRange, ""},
	}
}

func updateAttacks() []negative {
	put := func(num uint32, change func(t *testing.T, d *document) *pdfDict) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			return updated(t, victim(t), func(d *document, u *update) { u.put(pdfRef{num: num}, change(t, d)) })
		}
	}
	return []negative{
		{"page content replaced", func(t *testing.T) []byte {
			return updated(t, victim(t), func(_ *document, u *update) {
				u.putStream(pdfRef{num: objContent}, &pdfDict{}, []byte("BT (Pague R$ 900,00) Tj ET"))
			})
		}, ReasonChanged, ""},
		{"page pointed at other content", put(objPage, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objPage).with("Contents", pdfRef{num: 7})
		}), ReasonChanged, ""},
		{"page enlarged", put(objPage, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objPage).with("MediaBox", parse(t, "[0 0 5950 8420]"))
		}), ReasonChanged, ""},
		{"page tree replaced", put(objPages, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objPages).with("Count", int64(2))
		}), ReasonChanged, ""},
		{"catalog given an action", put(objCatalog, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objCatalog).with("OpenAction", parse(t, "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"))
		}), ReasonChanged, ""},
		{"catalog swapped for another", func(t *testing.T) []byte {
			pdf := updated(t, victim(t), func(d *document, u *update) {
				u.put(u.newRef(), get(t, d, objCatalog))
			})
			i := bytes.LastIndex(pdf, []byte("/Root 1 0 R"))
			n := open(t, pdf).trailer()
			size, _ := n.integer("Size")
			return append(pdf[:i:i], append(fmt.Appendf(nil, "/Root %d 0 R", size-1), pdf[i+len("/Root 1 0 R"):]...)...)
		}, ReasonChanged, ""},
		{"annotation over the text", func(t *testing.T) []byte {
			return updated(t, victim(t), func(d *document, u *update) {
				ref := u.newRef()
				u.put(ref, parseDict(t, "<< /Type /Annot /Subtype /FreeText /Rect [50 690 300 720] /Contents (R$ 900,00) >>"))
				p := get(t, d, objPage)
				u.put(pdfRef{num: objPage}, p.with("Annots", append(slices.Clone(p.get("Annots").(pdfArray)), ref)))
			})
		}, ReasonChanged, ""},
		{"form field filled in", put(objText, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objText).with("V", textString("900"))
		}), ReasonChanged, ""},
		{"form field added", func(t *testing.T) []byte {
			return updated(t, victim(t), func(d *document, u *update) {
				ref := u.newRef()
				u.put(ref, parseDict(t, "<< /FT /Tx /T (outro) /Type /Annot /Subtype /Widget /Rect [0 0 500 500] >>"))
				f := get(t, d, objForm)
				u.put(pdfRef{num: objForm}, f.with("Fields", append(slices.Clone(f.get("Fields").(pdfArray)), ref)))
			})
		}, ReasonChanged, ""},
		{"empty signature field added", func(t *testing.T) []byte {
			return updated(t, victim(t), func(d *document, u *update) {
				ref := u.newRef()
				u.put(ref, parseDict(t, "<< /FT /Sig /T (outro) /Type /Annot /Subtype /Widget /Rect [0 0 500 500] >>"))
				f := get(t, d, objForm)
				u.put(pdfRef{num: objForm}, f.with("Fields", append(slices.Clone(f.get("Fields").(pdfArray)), ref)))
			})
		}, ReasonChanged, ""},
		{"fields of the form reordered", put(objForm, func(t *testing.T, d *document) *pdfDict {
			f := get(t, d, objForm)
			list := slices.Clone(f.get("Fields").(pdfArray))
			slices.Reverse(list)
			return f.with("Fields", list)
		}), ReasonChanged, ""},
		{"viewer told to redraw the form", put(objForm, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objForm).with("NeedAppearances", true)
		}), ReasonChanged, ""},
		{"title altered", put(objInfo, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objInfo).with("Title", textString("Outra"))
		}), ReasonChanged, ""},
		{"object deleted", func(t *testing.T) []byte {
			pdf := updated(t, victim(t), func(_ *document, u *update) {
				u.put(pdfRef{num: objText}, nil)
			})
			i := bytes.LastIndex(pdf, []byte(" n\r\n"))
			pdf[i+1] = 'f'
			return pdf
		}, ReasonChanged, ""},
		{"prepared object brought to light", func(t *testing.T) []byte {
			// The signed page already names object 99, which does not exist.
			return updated(t, victim(t), func(_ *document, u *update) {
				u.putStream(pdfRef{num: 99}, parseDict(t, "<< /Type /XObject /Subtype /Form /BBox [0 0 500 500] >>"), []byte("0 g 0 0 500 500 re f"))
			})
		}, ReasonChanged, ""},
		{"entry aimed back into the signed bytes", func(t *testing.T) []byte {
			return updated(t, victim(t), func(d *document, u *update) {
				u.offsets[objContent] = d.lookup(objText)
			})
		}, ReasonChanged, ""},
		{"object outside the table", func(t *testing.T) []byte {
			return updated(t, victim(t), func(_ *document, u *update) {
				u.put(u.newRef(), int64(1))
				u.put(pdfRef{num: objContent}, int64(2))
				delete(u.offsets, objContent)
			})
		}, ReasonChanged, ""},
		{"loose object without a table", func(t *testing.T) []byte {
			return append(victim(t), "6 0 obj\n(outro)\nendobj\n"...)
		}, ReasonChanged, ""},
		{"second end of file pointing back", func(t *testing.T) []byte {
			pdf := victim(t)
			return append(pdf, pdf[bytes.LastIndex(pdf, []byte("startxref")):]...)
		}, ReasonChanged, ""},
		{"another PDF glued behind", func(t *testing.T) []byte { return append(victim(t), samplePDF(t, 1)...) }, "", ""},
		{"text after the end", func(t *testing.T) []byte { return append(victim(t), "<html>"...) }, ReasonChanged, ""},
		{"signed table pointing past its own end", func(t *testing.T) []byte {
			// Object 7 of the signed file lies where the next update will put it.
			pdf := victimUnsigned()
			at := bytes.LastIndex(pdf, []byte(" 00000 n"))
			copy(pdf[at-10:], fmt.Sprintf("%010d", len(victim(t))))
			pdf, _ = mustSign(t, pdf, pki().options(1))
			return updated(t, pdf, func(_ *document, u *update) {
				u.put(pdfRef{num: objInfo}, parseDict(t, "<< /Title (Outra) >>"))
			})
		}, ReasonChanged, ""},
		{"signed stream running past its own end", func(t *testing.T) []byte {
			pdf := bytes.Replace(victimUnsigned(), []byte("/Length 45"), []byte("/Length 40000"), 1)
			// The longer number moves what follows by three bytes.
			fix := regexp.MustCompile(`(?m)^(\d{10}) 00000 n`)
			last := bytes.LastIndex(pdf, []byte(" 00000 n"))
			off, err := strconv.Atoi(string(pdf[last-10 : last]))
			if err != nil || len(fix.FindAll(pdf, -1)) != 7 {
				t.Fatal(err)
			}
			copy(pdf[last-10:], fmt.Sprintf("%010d", off+3))
			start := bytes.Index(pdf, []byte("\nxref")) + 1
			i := bytes.Index(pdf, []byte("startxref\n")) + len("startxref\n")
			pdf = append(pdf[:i:i], fmt.Sprintf("%d\n%%%%EOF\n", start)...)
			pdf, _ = mustSign(t, pdf, pki().options(1))
			two, _ := mustSign(t, pdf, pki().options(2))
			return two
		}, ReasonChanged, VerdictIndeterminate},
		{"metadata replaced", func(t *testing.T) []byte {
			pdf, _ := mustSign(t, pdfaSample(), pki().options(1))
			return updated(t, pdf, func(_ *document, u *update) {
				u.putStream(pdfRef{num: 5}, parseDict(t, "<< /Type /Metadata /Subtype /XML >>"), []byte("<x/>"))
			})
		}, ReasonChanged, ""},
		{"content behind a second table", func(t *testing.T) []byte {
			var table pdfRef
			pdf := updated(t, victim(t), func(_ *document, u *update) {
				table = u.newRef()
				at := u.base
				u.putStream(pdfRef{num: objContent}, &pdfDict{}, []byte("BT (Pague R$ 900,00) Tj ET"))
				delete(u.offsets, objContent)
				u.putStream(table, makeDict(pdfName("Type"), pdfName("XRef"), pdfName("W"), parse(t, "[1 4 1]"), pdfName("Index"), parse(t, "[6 1]"), pdfName("Size"), int64(7)),
					[]byte{1, byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at), 0})
			})
			at := bytes.LastIndex(pdf, fmt.Appendf(nil, "%d 0 obj", table.num))
			i := bytes.LastIndex(pdf, []byte("/Root 1 0 R"))
			return append(pdf[:i:i], append(fmt.Appendf(nil, "/XRefStm %d ", at), pdf[i:]...)...)
		}, ReasonChanged, ""},
		{"validation data with a stowaway", put(objCatalog, func(t *testing.T, d *document) *pdfDict {
			return get(t, d, objCatalog).with("DSS", parse(t, "<< /Type /DSS /Certs [] /Page 3 0 R >>"))
		}), ReasonChanged, ""},
		{"one signature in two fields", func(t *testing.T) []byte {
			pdf := victim(t)
			v := open(t, pdf)
			fields, err := v.signatureFields()
			if err != nil {
				t.Fatal(err)
			}
			return updated(t, pdf, func(d *document, u *update) {
				ref := u.newRef()
				u.put(ref, makeDict(pdfName("FT"), pdfName("Sig"), pdfName("T"), textString("x"), pdfName("V"), fields[0].value))
				f := get(t, d, objForm)
				u.put(pdfRef{num: objForm}, f.with("Fields", append(slices.Clone(f.get("Fields").(pdfArray)), ref)))
			})
		}, ReasonByteRange, ""},
		{"signature removed by a later revision", func(t *testing.T) []byte {
			two, _ := mustSign(t, victim(t), pki().options(2))
			return updated(t, two, func(d *document, u *update) {
				f := get(t, d, objForm)
				list := f.get("Fields").(pdfArray)
				u.put(pdfRef{num: objForm}, f.with("Fields", list[:len(list)-1]))
			})
		}, ReasonChanged, ""},
		{"signature field with an action", func(t *testing.T) []byte {
			o := pki().options(2)
			pdf := victim(t)
			two, _ := mustSign(t, pdf, o)
			// As long as what it replaces, so that every offset still holds;
			// only the first signature can speak of this change.
			i := len(pdf) + bytes.Index(two[len(pdf):], []byte("/Subtype /Widget"))
			copy(two[i:], "/AA << >>       ")
			return two
		}, ReasonChanged, ""},
	}
}

func certificateAttacks() []negative {
	with := func(change func(o *SignOptions)) func(t *testing.T) []byte {
		return func(t *testing.T) []byte { return signedWith(t, change) }
	}
	extra := func(oid asn1.ObjectIdentifier, value []byte) func(t *testing.T) []byte {
		return with(func(o *SignOptions) { o.extraAttributes = [][]byte{attribute(oid, value)} })
	}
	as := func(issueOpts trainingca.IssueOptions, change func(o *SignOptions)) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			id := issue(t, issueOpts)
			return signedWith(t, func(o *SignOptions) {
				o.Signer, o.Certificate = id.Key, id.Certificate
				change(o)
			})
		}
	}
	none := func(*SignOptions) {}
	return []negative{
		{"policy with another hash", with(func(o *SignOptions) { o.Policy.Hash = make([]byte, 32) }), ReasonPolicyHash, ""},
		{"policy with the hash of its file", with(func(o *SignOptions) {
			o.Policy.Hash = []byte(strings.Repeat("\x23", 32))
		}), ReasonPolicyHash, ""},
		{"policy nobody knows", with(func(o *SignOptions) { o.Policy.OID = "2.16.76.1.7.1.11.9.9" }), ReasonPolicyUnknown, VerdictIndeterminate},
		{"policy not in force yet", with(func(o *SignOptions) { o.Time = time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC) }), ReasonPolicyPeriod, ""},
		{"policy asks for a timestamp", with(func(o *SignOptions) { p, _ := PolicyByOID("2.16.76.1.7.1.12.1.3"); o.Policy = &p }), ReasonPolicyAttribute, ""},
		{"forbidden signingTime", extra(oidSigningTime, utcTime(testNow)), ReasonPolicyAttribute, ""},
		{"forbidden signerLocation", extra(oidSignerLoc, derSeq()), ReasonPolicyAttribute, ""},
		{"forbidden revocation data", extra(oidAdobeRevInfo, derSeq()), ReasonPolicyAttribute, ""},
		{"forbidden signingCertificate v1", extra(oidSigningCert, derSeq()), ReasonPolicyAttribute, ""},
		{"repeated attribute", extra(oidContentType, derOID(oidData)), ReasonFormat, ""},
		{"expired when signed", as(trainingca.IssueOptions{NotBefore: testNow.AddDate(-3, 0, 0), NotAfter: testNow.AddDate(0, -1, 0)}, none), ReasonExpired, ""},
		{"not valid yet when signed", as(trainingca.IssueOptions{NotBefore: testNow.AddDate(0, 1, 0)}, none), ReasonNotYetValid, ""},
		{"expired now and the time unproven", as(trainingca.IssueOptions{NotBefore: testNow.AddDate(-1, 0, 0), NotAfter: testNow.AddDate(0, 0, -1)}, func(o *SignOptions) {
			o.Time = testNow.AddDate(0, 0, -10)
		}), ReasonTimeUnproven, VerdictIndeterminate},
		{"certificate not meant for signing", as(trainingca.IssueOptions{NotBefore: testNow.AddDate(-1, 0, 0), KeyUsage: x509.KeyUsageKeyEncipherment}, none), ReasonKeyUsage, VerdictIndeterminate},
		{"key that is not the certificate's", with(func(o *SignOptions) { o.Signer = issue2048() }), "", ""},
		{"weak key", func(t *testing.T) []byte {
			t.Setenv("GODEBUG", "rsa1024min=0")
			key, err := rsa.GenerateKey(rand.Reader, 1024)
			if err != nil {
				t.Fatal(err)
			}
			id := issue(t, trainingca.IssueOptions{Public: key.Public(), NotBefore: testNow.AddDate(-1, 0, 0)})
			return signedWith(t, func(o *SignOptions) { o.Signer, o.Certificate = key, id.Certificate })
		}, ReasonPolicyAlgorithm, ""},
		{"digest that the policy does not allow", with(func(o *SignOptions) { o.Digest = 6 /* SHA384 */ }), ReasonPolicyAlgorithm, ""},
		{"later signature on a closed certification", func(t *testing.T) []byte {
			o := pki().options(0)
			o.Certify = 2
			pdf, _ := mustSign(t, victimUnsigned(), o)
			i := bytes.Index(pdf, []byte("/P 2 /V"))
			pdf[i+3] = '1' // before this is signed again below the digest is wrong as well
			return pdf
		}, ReasonDigest, ""},
	}
}

func issue2048() *rsa.PrivateKey { return pki().ids[0].Key.(*rsa.PrivateKey) }

func TestEveryForgeryIsCaught(t *testing.T) {
	n := 0
	for _, list := range [][]negative{bytesAttacks(), rangeAttacks(), updateAttacks(), certificateAttacks()} {
		for _, c := range list {
			n++
			t.Run(c.name, func(t *testing.T) { caught(t, c) })
		}
	}
	if n < 60 {
		t.Errorf("only %d cases", n)
	}
}

func caught(t *testing.T, c negative) {
	pdf := c.make(t)
	r, err := Verify(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), trusting())
	if err != nil {
		if code := sei.CodeOf(err); code == sei.CodeInternal || c.code != "" && code != c.code {
			t.Fatalf("Verify: %v", err)
		}
		return
	}
	want := c.want
	if want == "" {
		want = VerdictInvalid
	}
	requireVerdict(t, r, want)
	reasons := r.Reasons
	for _, s := range r.Signatures {
		reasons = append(reasons, s.Reasons...)
	}
	if slices.ContainsFunc(reasons, func(x Reason) bool { return x.Code == c.code || c.code == "" }) {
		return
	}
	t.Fatalf("reason %s is missing: %+v", c.code, r.Signatures)
}

func TestNoFlippedByteGoesUnnoticed(t *testing.T) {
	pdf := victim(t)
	r := firstRange(t, pdf)
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.Int64Range(0, int64(len(pdf))-1).Draw(rt, "at")
		bit := rapid.IntRange(0, 7).Draw(rt, "bit")
		if at > r[1] && at < r[2]-1 {
			return // inside the contents: hexadecimal digits have two cases
		}
		bad := slices.Clone(pdf)
		bad[at] ^= 1 << bit
		rep, err := Verify(context.Background(), bytes.NewReader(bad), int64(len(bad)), trusting())
		if err == nil && rep.Verdict == VerdictValid {
			rt.Fatalf("a flipped bit %d at %d reads as valid", bit, at)
		}
		if err != nil && sei.CodeOf(err) == sei.CodeInternal {
			rt.Fatalf("an internal error: %v", err)
		}
	})
}

func TestAnUnknownRootLeavesTheVerdictOpen(t *testing.T) {
	store, err := trust.NewICPBrasil()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []VerifyOptions{{Now: testNow}, {Now: testNow, Chains: store}} {
		r := mustVerify(t, victim(t), o)
		requireVerdict(t, r, VerdictIndeterminate)
		if s := r.Signatures[0]; s.Level != LevelUnknown || !slices.ContainsFunc(s.Reasons, func(x Reason) bool { return x.Code == CodeChainUnknown }) {
			t.Errorf("%+v", s)
		}
	}
}

type revokedSource struct{}

func (revokedSource) Check(_ context.Context, cert, _ *x509.Certificate, _ time.Time) error {
	if cert.IsCA {
		return nil
	}
	return sei.Errorf(trust.CodeRevoked, "O certificado foi revogado.")
}

func TestARevokedCertificateIsInvalid(t *testing.T) {
	store := trust.New([]trust.Root{{Certificate: pki().ca.Root}}, nil).WithRevocation(revokedSource{})
	r := mustVerify(t, victim(t), VerifyOptions{Now: testNow, Chains: store})
	requireVerdict(t, r, VerdictInvalid)
}

package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	digiverify "github.com/digitorus/pdfsign/verify"

	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// formPDF has a form with a filled text field, /DR and /DA, all of which a
// signature has to leave alone.
func formPDF() []byte {
	return buildPDF(
		"<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots 7 0 R /Resources << >> >>",
		"<< /FT /Tx /T (nome) /V (Jos\\351) /Type /Annot /Subtype /Widget /Rect [50 700 200 720] /P 3 0 R /F 4 /DA (/Helv 12 Tf 0 g) >>",
		"<< /Fields 8 0 R /DR << /Font << /Helv 6 0 R >> >> /DA (/Helv 0 Tf 0 g) >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		"[4 0 R]",
		"[4 0 R]",
	)
}

// buildPDF writes objects 1, 2, 3… with a classic table; the first is the catalog.
func buildPDF(objects ...string) []byte {
	b := []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offs []int
	for i, o := range objects {
		offs = append(offs, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offs {
		b = fmt.Appendf(b, "%010d 00000 n \n", o)
	}
	return fmt.Appendf(b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
}

// hybridPDF hides object 4 (a font) in an object stream behind /XRefStm.
func hybridPDF() []byte {
	b := []byte("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	offs := map[int]int{}
	put := func(n int, body string) {
		offs[n] = len(b)
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", n, body)
	}
	put(1, "<< /Type /Catalog /Pages 2 0 R >>")
	put(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	put(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 4 0 R >> >> >>")
	inner := "4 0 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
	put(5, fmt.Sprintf("<< /Type /ObjStm /N 1 /First 4 /Length %d >>\nstream\n%s\nendstream", len(inner), inner))
	offs[6] = len(b)
	rows := []byte{2, 0, 0, 5, 0, 1, byte(offs[5] >> 16), byte(offs[5] >> 8), byte(offs[5]), 0}
	put(6, fmt.Sprintf("<< /Type /XRef /Size 7 /W [1 3 1] /Index [4 2] /Length %d >>\nstream\n%s\nendstream", len(rows), rows))
	start := len(b)
	b = append(b, "xref\n0 4\n0000000000 65535 f \n"...)
	for n := 1; n <= 3; n++ {
		b = fmt.Appendf(b, "%010d 00000 n \n", offs[n])
	}
	b = fmt.Appendf(b, "4 3\n0000000000 65535 f \n0000000000 65535 f \n0000000000 65535 f \n")
	return fmt.Appendf(b, "trailer\n<< /Size 7 /Root 1 0 R /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n", offs[6], start)
}

// inputs are the kinds of file that a signature has to be added to.
func inputs(t testing.TB) map[string][]byte {
	plain := samplePDF(t, 3)
	return map[string][]byte{
		"table":                  plain,
		"stream":                 convert(t, plain, "--object-streams=generate"),
		"linearized":             convert(t, plain, "--linearize"),
		"linearized stream":      convert(t, plain, "--linearize", "--object-streams=generate"),
		"form":                   formPDF(),
		"form in object streams": convert(t, formPDF(), "--object-streams=generate"),
		"hybrid":                 hybridPDF(),
		"no final line break":    bytes.TrimRight(plain, "\r\n"),
	}
}

func stamp() *Stamp {
	return &Stamp{Page: -1, Rect: [4]float64{300, 40, 560, 120}, Lines: []string{"Ana Maria de Souza", "Diretora — Seção de Gestão", "15/06/2026 14:30"}}
}

func TestEverySecondOpinionAcceptsEverySignature(t *testing.T) {
	for name, pdf := range inputs(t) {
		t.Run(name, func(t *testing.T) {
			signed := pdf
			for i := range 3 {
				o := pki().options(i)
				if i == 1 {
					o.Stamp = stamp()
				}
				if i == 2 {
					o.Digest = crypto.SHA512
				}
				signed, _ = mustSign(t, signed, o)
				if !bytes.HasPrefix(signed, pdf) {
					t.Fatal("the original bytes were not kept")
				}
			}
			requireVerdict(t, mustVerify(t, signed, trusting()), VerdictValid)
			acceptedByOthers(t, signed, 3)
		})
	}
}

func acceptedByOthers(t *testing.T, signed []byte, count int) {
	t.Helper()
	acceptedUnder(t, signed, pki().ca.Root, count)
}

// acceptedUnder asks every other verifier at hand about a file whose
// signatures, count in number, are those of people.
func acceptedUnder(t *testing.T, signed []byte, root *x509.Certificate, count int) {
	t.Helper()
	p := writeFile(t, signed)
	if out := run(t, "pdfsig", p); strings.Count(out, "Signature is Valid") != count || strings.Count(out, "- Total document signed") != 1 {
		t.Errorf("pdfsig:\n%s", out)
	}
	run(t, "qpdf", "--check", p)
	out, _ := exec.Command(testtool.Path(t, "mutool"), "sign", "-v", p).CombinedOutput()
	if strings.Count(string(out), "unchanged since signing") != 1 || strings.Count(string(out), "there have been edits since signing") != count-1 {
		t.Errorf("mutool:\n%s", out)
	}
	for i := range count {
		opensslAccepts(t, signed, root, i)
	}
	digitorusAccepts(t, p, count)
}

func opensslAccepts(t *testing.T, signed []byte, root *x509.Certificate, i int) {
	t.Helper()
	var content bytes.Buffer
	cms, err := ExtractCMS(context.Background(), bytes.NewReader(signed), int64(len(signed)), i, &content)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"cms": cms, "content": content.Bytes(), "root": trainingca.CertificatePEM(root)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "openssl", "cms", "-verify", "-binary", "-cades", "-purpose", "any", "-attime", fmt.Sprint(testNow.Unix()), "-inform", "DER",
		"-in", filepath.Join(dir, "cms"), "-content", filepath.Join(dir, "content"), "-CAfile", filepath.Join(dir, "root"), "-out", os.DevNull)
}

func digitorusAccepts(t *testing.T, path string, count int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := digiverify.VerifyFile(f)
	if err != nil {
		t.Fatalf("pdfsign: %v", err)
	}
	if len(r.Signers) != count {
		t.Errorf("pdfsign sees %d signers, want %d", len(r.Signers), count)
	}
	for _, s := range r.Signers {
		if !s.ValidSignature {
			t.Errorf("pdfsign refuses %q", s.Name)
		}
	}
}

func TestFormsAndTheirResourcesAreKept(t *testing.T) {
	signed, _ := mustSign(t, formPDF(), pki().options(0))
	doc, err := openDocument(context.Background(), &source{r: bytes.NewReader(signed), size: int64(len(signed))})
	if err != nil {
		t.Fatal(err)
	}
	_, cat, _ := doc.root()
	form, _ := doc.dict(cat.get("AcroForm"))
	fields, _ := doc.array(form.get("Fields"))
	if !form.has("DR") || !form.has("DA") || len(fields) != 2 {
		t.Fatalf("form after signing: %s", appendObject(nil, form))
	}
	text, _ := doc.dict(fields[0])
	if v, _ := text.get("V").(pdfString); decodeText(v.val) != "José" {
		t.Fatalf("field value %q", v.val)
	}
}

func TestStringsInAnyScriptSurvive(t *testing.T) {
	for _, s := range []string{"alínea a) não \\ (§ 1º)", "Ω ≤ 日本語 😀", "((", "\\", "linha\nnova", "plain"} {
		o := pki().options(0)
		o.Reason, o.Name, o.Location = s, s, s
		signed, _ := mustSign(t, samplePDF(t, 1), o)
		sig := mustVerify(t, signed, trusting()).Signatures[0]
		want := strings.ReplaceAll(s, "\n", "")
		if sig.Reason != want || sig.Name != want || sig.Location != want {
			t.Errorf("%q came back as %q, %q, %q", s, sig.Reason, sig.Name, sig.Location)
		}
		run(t, "qpdf", "--check", writeFile(t, signed))
	}
}

func TestPreflightStillAcceptsPDFA(t *testing.T) {
	signed := pdfaSample()
	testtool.RequirePDFA(t, writeFile(t, signed)) // the sample itself
	for i := range 3 {
		o := pki().options(i)
		if i > 0 {
			o.Stamp = stamp()
		}
		signed, _ = mustSign(t, signed, o)
	}
	testtool.RequirePDFA(t, writeFile(t, signed))
}

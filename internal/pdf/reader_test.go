package pdf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

func sheet() Sheet {
	in := input(nil)
	return Sheet{
		Header: in.Header, Title: in.Title, SEINumber: in.SEINumber, Process: in.Process, Verification: in.Verification, Date: in.Date,
		Signatures: []Signature{
			{Name: "João Antônio Gonçalves", Position: "Diretor Administrativo", Agency: "SPGG", At: time.Date(2026, 3, 13, 1, 5, 0, 0, time.UTC),
				Level: LevelSimple, LegalBasis: "no art. 6º, § 1º, do Decreto nº 8.539/2015"},
			{Name: "Maria da Conceição Araújo", Position: "Secretária-Adjunta", At: time.Date(2026, 3, 13, 12, 40, 0, 0, time.UTC),
				Level: LevelQualified, ICP: true, CertificateSerial: "5A3F09C17D22", LegalBasis: "no art. 10, § 1º, da Medida Provisória nº 2.200-2/2001"},
			{Name: "Zoé Müller", Position: "Protocolo", At: time.Date(2026, 3, 13, 13, 0, 0, 0, time.UTC), Level: LevelAdvanced,
				Authenticates: "documento original", Remark: "A cadeia do certificado ainda não pôde ser verificada."},
		},
	}
}

func readingCopy(t *testing.T, content []byte, sh Sheet) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := ReadingCopy(&out, bytes.NewReader(content), sh); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAReadingCopyEndsWithTheSignatures(t *testing.T) {
	content := typeset(t, input(corpusDoc(t, "oficio"))).PDF
	kept := bytes.Clone(content)
	out := readingCopy(t, content, sheet())
	if !bytes.Equal(content, kept) {
		t.Fatal("the signed bytes were changed")
	}
	path := write(t, "via-de-leitura", out)
	if got, err := exec.Command(testtool.Path(t, "qpdf"), "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, got)
	}
	inOrder(t, pdftotext(t, path, "-layout"), "OFÍCIO Nº 12/2026", "Atenciosamente,", "FOLHA DE ASSINATURAS",
		"por João Antônio Gonçalves, Diretor", "Administrativo, SPGG, em 12/03/2026, às 22:05, conforme",
		"ICP-Brasil", "Maria da Conceição Araújo, Secretária-Adjunta, em", "13/03/2026, às 09:40", "5A3F09C17D22", "autenticado", "ainda não pôde ser verificada",
		"código verificador 0470089 e o código CRC 64ADCB9D")
	info, err := Inspect(bytes.NewReader(out))
	if err != nil || info.Pages != 2 || info.Encrypted || info.Size != int64(len(out)) {
		t.Errorf("%+v, %v", info, err)
	}
	base := filepath.Join(t.TempDir(), "p")
	if got, err := exec.Command(testtool.Path(t, "pdftoppm"), "-f", "2", "-r", "110", "-png", path, base).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, got)
	}
	pictures, _ := filepath.Glob(base + "*.png")
	got, err := exec.Command(testtool.Path(t, "zbarimg"), "-q", "--raw", pictures[0]).Output()
	if err != nil || strings.TrimSpace(string(got)) != sheet().Verification.QRURL {
		t.Errorf("QR code of the sheet: %q, %v", got, err)
	}
}

// signedLike appends to a file the form field of a signature, without a true
// signature in it: what counts here is that it does not pass into the copy.
func signedLike(t *testing.T, raw []byte) []byte {
	t.Helper()
	objects, err := reparse(raw)
	if err != nil {
		t.Fatal(err)
	}
	root, page := -1, -1
	for i, o := range objects {
		if bytes.HasPrefix(o, []byte("<</Type /Page\n")) {
			page = i
		}
		if bytes.HasPrefix(o, []byte("<</Type /Catalog/")) {
			root = i + 1
		}
	}
	field := len(objects) + 1
	objects[page] = bytes.Replace(objects[page], []byte("/Resources"), []byte("/Annots ["+itoa(field)+" 0 R]\n/Resources"), 1)
	objects[root-1] = bytes.Replace(objects[root-1], []byte("/Pages 1 0 R"), []byte("/Pages 1 0 R/AcroForm <</SigFlags 3/Fields ["+itoa(field)+" 0 R]>>"), 1)
	objects = append(objects, []byte("<</Type /Annot/Subtype /Widget/FT /Sig/T (Assinatura)/F 4/Rect [0 0 0 0]/P "+itoa(page+1)+" 0 R/V "+itoa(field+1)+" 0 R>>"),
		[]byte("<</Type /Sig/Filter /Adobe.PPKLite/SubFilter /ETSI.CAdES.detached/ByteRange [0 1 2 3]/Contents <"+strings.Repeat("00", 64)+">>>"))
	return assemble(objects, root)
}

func TestASignatureFieldDoesNotPassIntoTheReadingCopy(t *testing.T) {
	signed := signedLike(t, typeset(t, input(corpusDoc(t, "despacho"))).PDF)
	before, err := Inspect(bytes.NewReader(signed))
	if err != nil || !before.Signed {
		t.Fatalf("the sample does not look signed: %+v, %v", before, err)
	}
	out := readingCopy(t, signed, sheet())
	after, err := Inspect(bytes.NewReader(out))
	if err != nil || after.Signed || after.Pages != before.Pages+1 {
		t.Fatalf("%+v, %v", after, err)
	}
	plain, err := exec.Command(testtool.Path(t, "qpdf"), "--qdf", "--object-streams=disable", write(t, "assinado", out), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(plain, []byte("/FT /Sig")) || bytes.Contains(plain, []byte("/AcroForm")) {
		t.Error("the copy still has a signature field")
	}
}

func TestOnlyAReadablePDFPassesInspection(t *testing.T) {
	good := typeset(t, input(corpusDoc(t, "tabela-longa"))).PDF
	info, err := Inspect(bytes.NewReader(good))
	if err != nil || info.Pages < 5 || info.Encrypted || info.Signed {
		t.Fatalf("%+v, %v", info, err)
	}
	for name, c := range map[string]struct {
		data []byte
		code sei.Code
	}{
		"empty":       {nil, CodeNotAPDF},
		"text":        {[]byte("olá"), CodeNotAPDF},
		"zip":         {[]byte("PK\x03\x04" + strings.Repeat("x", 4000) + "%PDF-1.4"), CodeNotAPDF},
		"header only": {[]byte("%PDF-1.4\n"), CodeDamaged},
		"first half":  {good[:len(good)/2], CodeDamaged},
		"no pages":    {[]byte("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 9>>\nendobj\ntrailer\n<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF"), CodeDamaged},
	} {
		if _, err := Inspect(bytes.NewReader(c.data)); sei.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if err := ReadingCopy(&bytes.Buffer{}, bytes.NewReader(c.data), sheet()); sei.CodeOf(err) != c.code {
			t.Errorf("reading copy of %s: %v", name, err)
		}
	}
}

func TestALockedPDFIsNamedAsSuch(t *testing.T) {
	path := write(t, "aberto", typeset(t, input(corpusDoc(t, "despacho"))).PDF)
	encrypt := func(user string) []byte {
		out := filepath.Join(t.TempDir(), "e.pdf")
		if got, err := exec.Command(testtool.Path(t, "qpdf"), "--encrypt", user, "dono", "256", "--", path, out).CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v\n%s", err, got)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if _, err := Inspect(bytes.NewReader(encrypt("segredo"))); sei.CodeOf(err) != CodeEncrypted {
		t.Errorf("with a password: %v", err)
	}
	info, err := Inspect(bytes.NewReader(encrypt("")))
	if err != nil || !info.Encrypted || info.Pages != 1 {
		t.Errorf("without a password to open: %+v, %v", info, err)
	}
}

func TestReadingFilesLeavesNoFolderBehind(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	if _, err := Inspect(bytes.NewReader(typeset(t, input(corpusDoc(t, "despacho"))).PDF)); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(home); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func FuzzInspect(f *testing.F) {
	r, err := Typeset(Input{Title: "Despacho", Body: richtext.FromText("Texto."), Date: time.Unix(0, 0)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.PDF)
	f.Add([]byte("%PDF-1.4\ntrailer\n<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Inspect(bytes.NewReader(data))
		switch code := sei.CodeOf(err); {
		case err == nil && info.Pages > 0:
		case code == CodeNotAPDF, code == CodeDamaged, code == CodeEncrypted, code == sei.CodeTooLarge:
		default:
			t.Fatalf("%+v, %v", info, err)
		}
	})
}

func TestADamagedFileNeverCrashesTheProgram(t *testing.T) {
	good := readingCopy(t, typeset(t, input(corpusDoc(t, "despacho"))).PDF, sheet())
	rapid.Check(t, func(t *rapid.T) {
		bad := bytes.Clone(good)
		for range rapid.IntRange(1, 40).Draw(t, "blows") {
			at := rapid.IntRange(0, len(bad)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				bad[at] = rapid.Byte().Draw(t, "byte")
			case 1:
				bad = append(bad[:at:at], bad[min(len(bad), at+rapid.IntRange(1, 300).Draw(t, "gap")):]...)
			default:
				bad = append(bad[:at:at], append([]byte("9 0 R /Count 1000000000 [["), bad[at:]...)...)
			}
			if len(bad) == 0 {
				return
			}
		}
		info, err := Inspect(bytes.NewReader(bad))
		switch code := sei.CodeOf(err); {
		case err == nil && info.Pages > 0, code == CodeNotAPDF, code == CodeDamaged, code == CodeEncrypted:
		default:
			t.Fatalf("%+v, %v", info, err)
		}
		err = ReadingCopy(&bytes.Buffer{}, bytes.NewReader(bad), sheet())
		if code := sei.CodeOf(err); err != nil && code != CodeNotAPDF && code != CodeDamaged && code != CodeEncrypted {
			t.Fatal(err)
		}
	})
}

package pdf

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

func textOf(t testing.TB, data []byte) string {
	t.Helper()
	text, err := Text(bytes.NewReader(data), int64(len(data)), TextLimits{})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// share is how many of the wanted words stand in the text.
func share(text, wanted string) float64 {
	have := map[string]int{}
	// Programs differ in whether a point behind a raised figure begins a line.
	words := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	for _, w := range words(text) {
		have[w]++
	}
	found, all := 0, words(wanted)
	for _, w := range all {
		if have[w] > 0 {
			have[w]--
			found++
		}
	}
	return float64(found) / float64(max(len(all), 1))
}

func TestTheWordsOfWhatIsTypesetHereAreFound(t *testing.T) {
	for _, name := range corpus {
		data := corpusPDF(t, name).PDF
		text := textOf(t, data)
		if s := share(text, pdftotext(t, write(t, name, data), "-raw")); s < 0.98 {
			t.Errorf("%s: %.0f %% of the words are found in:\n%.2000s", name, 100*s, text)
		}
	}
	inOrder(t, textOf(t, typeset(t, input(corpusDoc(t, "oficio"))).PDF), "GOVERNANÇA E GESTÃO", "OFÍCIO Nº 12/2026", "26/1300-0000123-4",
		"Ao cumprimentá-la cordialmente, dirigimo-nos", "art. 6º, § 1º", "João Antônio Gonçalves")
}

func TestTheWordsOfAReadingCopyAreFound(t *testing.T) {
	out := readingCopy(t, typeset(t, input(corpusDoc(t, "oficio"))).PDF, sheet())
	inOrder(t, textOf(t, out), "Atenciosamente,", "FOLHA DE ASSINATURAS", "Maria da Conceição Araújo", "64ADCB9D")
}

// A stranger's PDF: fonts of one byte, codes by the names of their glyphs.
func TestTheWordsOfAForeignPDFAreFound(t *testing.T) {
	dir := t.TempDir()
	script := `/Helvetica findfont dup length dict begin { 1 index /FID ne { def } { pop pop } ifelse } forall
/Encoding ISOLatin1Encoding def currentdict end /L exch definefont pop
/L findfont 12 scalefont setfont
72 700 moveto (Certid` + "\xe3" + `o de tramita` + "\xe7\xe3" + `o) show
72 680 moveto (` + "\xd3" + `rg` + "\xe3" + `o: Secretaria da Sa` + "\xfa" + `de, art. 6` + "\xba" + `) show showpage`
	ps, out := filepath.Join(dir, "a.ps"), filepath.Join(dir, "a.pdf")
	if err := os.WriteFile(ps, []byte("%!PS\n"+script), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := exec.Command(testtool.Path(t, "ps2pdf"), ps, out).CombinedOutput(); err != nil {
		t.Fatalf("ps2pdf: %v\n%s", err, got)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, data); text != "Certidão de tramitação\nÓrgão: Secretaria da Saúde, art. 6º" {
		t.Errorf("the text is %q", text)
	}
}

// handmade is a one-page PDF with the given content, fonts and form.
func handmade(content, fonts, form string) []byte {
	stream := func(dict, data string) string {
		return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
	}
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<<" + fonts + ">>/XObject<</X1 5 0 R>>>>>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R]>>", stream("", content), stream("/Type/XObject/Subtype/Form/BBox[0 0 500 500]", form),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

const helvetica = "/F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>" +
	"/F2<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[1/A/ccedilla/atilde/o/uni00E9/hyphen]>>>>"

func TestHowTextIsReadFromItsPlaces(t *testing.T) {
	for rule, c := range map[string]struct{ content, form, want string }{
		"a wide gap between strings is a space": {"BT /F1 10 Tf 50 700 Td [(Ofi)20(cio)-400(circular)] TJ ET", "", "Oficio circular"},
		"a new line is a line":                  {"BT /F1 10 Tf 14 TL 50 700 Td (um) Tj T* (dois) Tj (tr\\352s) ' ET", "", "um\ndois\ntrês"},
		"escapes and hexadecimal are characters": {`BT /F1 10 Tf 1 0 0 1 50 700 Tm (a\(b\)\\c\
d\101) Tj <E7E36F> Tj ET`, "", `a(b)\cdAção`},
		"differences name their glyphs":             {"BT /F2 10 Tf 50 700 Td <010203040605> Tj ET", "", "Ação-é"},
		"a form is part of the page":                {"BT /F1 10 Tf 50 700 Td (antes) Tj ET /X1 Do", "BT /F1 10 Tf 50 600 Td (dentro) Tj ET", "antes\ndentro"},
		"a form in itself ends":                     {"/X1 Do", "BT /F1 10 Tf 50 600 Td (a) Tj ET /X1 Do", "a"},
		"an image in the content is passed over":    {"BI /W 2 /H 2 ID \x00EI(\xff EI BT /F1 10 Tf 50 700 Td (texto) Tj ET", "", "texto"},
		"wrong operands are passed over":            {"BT Td /F1 Tf TJ (a) ] >> /F1 10 Tf Q Q (x) Tj 1 2 cm (y) Tj ET", "", "xy"},
		"a text that never ends is read to its end": {"BT /F1 10 Tf 50 700 Td (aberto", "", ""},
	} {
		t.Run(rule, func(t *testing.T) {
			got := textOf(t, handmade(c.content, helvetica, c.form))
			if rule == "a form in itself ends" {
				got = got[:1]
			}
			if got != c.want {
				t.Errorf("%q was read, not %q", got, c.want)
			}
		})
	}
}

func TestWhatIsNoReadablePDFHasNoText(t *testing.T) {
	good := typeset(t, input(corpusDoc(t, "oficio"))).PDF
	for name, c := range map[string]struct {
		data []byte
		code sei.Code
	}{
		"a text":         {[]byte("olá, mundo"), CodeNotAPDF},
		"a torn PDF":     {good[:len(good)/3], CodeDamaged},
		"nothing at all": {nil, CodeNotAPDF},
	} {
		if _, err := Text(bytes.NewReader(c.data), int64(len(c.data)), TextLimits{}); sei.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Text(bytes.NewReader(good), int64(len(good)), TextLimits{File: 100}); sei.CodeOf(err) != sei.CodeTooLarge {
		t.Errorf("a file over the limit: %v", err)
	}
	locked := filepath.Join(t.TempDir(), "cifrado.pdf")
	if got, err := exec.Command(testtool.Path(t, "qpdf"), "--encrypt", "segredo", "dono", "256", "--", write(t, "oficio", good), locked).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, got)
	}
	data, err := os.ReadFile(locked)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Text(bytes.NewReader(data), int64(len(data)), TextLimits{}); sei.CodeOf(err) != CodeEncrypted {
		t.Errorf("a locked PDF: %v", err)
	}
}

func TestTheTextStopsAtItsLimits(t *testing.T) {
	data := typeset(t, input(corpusDoc(t, "longo"))).PDF
	whole := textOf(t, data)
	for name, c := range map[string]struct {
		limits TextLimits
		most   int
	}{
		"bytes of text":    {TextLimits{Text: 100}, 100},
		"pages":            {TextLimits{Pages: 1}, len(whole) / 2},
		"time":             {TextLimits{Time: time.Nanosecond}, 0},
		"bytes of content": {TextLimits{Content: 1}, 100},
	} {
		if got, err := Text(bytes.NewReader(data), int64(len(data)), c.limits); err != nil || len(got) > c.most {
			t.Errorf("with few %s, %d bytes were read of %d (%v)", name, len(got), len(whole), err)
		}
	}
}

func TestDamageAnywhereNeverStopsTheProgram(t *testing.T) {
	good := typeset(t, input(corpusDoc(t, "despacho"))).PDF
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		data := bytes.Clone(good)
		for range 1 + r.IntN(20) {
			data[r.IntN(len(data))] = byte(r.Uint32())
		}
		_, _ = Text(bytes.NewReader(data), int64(len(data)), TextLimits{Time: time.Second})
	}
}

func FuzzTextContent(f *testing.F) {
	f.Add("BT /F1 10 Tf 50 700 Td [(a)-300(b)] TJ ET")
	f.Add("BI ID EI (((\\")
	f.Add("[[[[[[[[[[[[ << /A >> <")
	f.Fuzz(func(t *testing.T, content string) {
		data := handmade(content, helvetica, "")
		_, _ = Text(bytes.NewReader(data), int64(len(data)), TextLimits{Time: time.Second})
	})
}

package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

var keep = flag.String("keep", "", "folder in which the PDFs of the tests are left, to look at them")

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	dir := *keep
	if dir == "" {
		dir = t.TempDir()
	}
	path := filepath.Join(dir, name+".pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var (
	gradientPNG = testPNG()
	photoJPEG   = testJPEG()
)

// testPNG has transparency, which has to be laid on white.
func testPNG() []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 240, 120))
	for y := range 120 {
		for x := range 240 {
			m.SetNRGBA(x, y, color.NRGBA{R: uint8(x), G: uint8(2 * y), B: 120, A: uint8(255 - y)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func testJPEG() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			m.SetRGBA(x, y, color.RGBA{R: uint8(x / 2), G: uint8(y / 2), B: uint8((x + y) / 3), A: 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func testImages(hash string) ([]byte, error) {
	for _, data := range [][]byte{gradientPNG, photoJPEG} {
		if hashOf(data) == hash {
			return data, nil
		}
	}
	return nil, os.ErrNotExist
}

// corpusDoc reads a document of testdata; PNG and JPEG stand for the test
// pictures' hashes.
func corpusDoc(t testing.TB, name string) *richtext.Doc {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("@PNG"), []byte(hashOf(gradientPNG)))
	data = bytes.ReplaceAll(data, []byte("@JPEG"), []byte(hashOf(photoJPEG)))
	d, err := richtext.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

func input(d *richtext.Doc) Input {
	return Input{
		Header:    []string{"ESTADO DO RIO GRANDE DO SUL", "SECRETARIA DE PLANEJAMENTO, GOVERNANÇA E GESTÃO", "Departamento Administrativo — DA/SPGG"},
		Title:     "Ofício nº 12/2026",
		SEINumber: "0470089",
		Process:   "26/1300-0000123-4",
		Body:      d,
		Images:    testImages,
		Fields: map[string]string{"processo": "26/1300-0000123-4", "data_extenso": "12 de março de 2026", "unidade": "Departamento Administrativo",
			"orgao": "Secretaria de Planejamento, Governança e Gestão", "interessados": "Maria da Conceição Araújo"},
		Verification: Verification{URL: "https://sei.exemplo.rs.gov.br/conferir", Code: "0470089", CRC: "64ADCB9D",
			QRURL: "https://sei.exemplo.rs.gov.br/d/9f8c2b7e41d04a5c8be6d1f0a3c57e92"},
		Date:     time.Date(2026, 3, 12, 14, 30, 0, 0, time.UTC),
		Metadata: Metadata{Subject: "Solicitação de informações"},
	}
}

var typesetCorpus sync.Map // by name: the corpus is typeset once for all tests that only read it

// corpusPDF is a document of testdata, typeset.
func corpusPDF(t testing.TB, name string) *Result {
	t.Helper()
	if r, ok := typesetCorpus.Load(name); ok {
		return r.(*Result)
	}
	r := typeset(t, input(corpusDoc(t, name)))
	typesetCorpus.Store(name, r)
	return r
}

func typeset(t testing.TB, in Input) *Result {
	t.Helper()
	r, err := Typeset(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var dividedWord = regexp.MustCompile("\u00AD\\s*\n\\s*")

func pdftotext(t *testing.T, path string, args ...string) string {
	t.Helper()
	out, err := exec.Command(testtool.Path(t, "pdftotext"), append(args, path, "-")...).CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v\n%s", err, out)
	}
	return dividedWord.ReplaceAllString(string(out), "") // as a reader does
}

// corpus is every document of testdata, by name.
var corpus = corpusNames()

func corpusNames() []string {
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) < 40 {
		panic(fmt.Sprintf("the corpus has %d documents: %v", len(paths), err))
	}
	var out []string
	for _, p := range paths {
		if name := strings.TrimSuffix(filepath.Base(p), ".json"); name != "golden" {
			out = append(out, name)
		}
	}
	return out
}

var update = flag.Bool("update", false, "write testdata/golden.json anew")

func writeGolden(t *testing.T) {
	golden := map[string]string{}
	for _, name := range corpus {
		golden[name] = fmt.Sprintf("%x", typeset(t, input(corpusDoc(t, name))).SHA256)
	}
	data, err := json.MarshalIndent(golden, "", "\t")
	if err == nil {
		err = os.WriteFile("testdata/golden.json", append(data, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The bytes are the same on every system and in every run. A change of fonts,
// libraries or layout changes them; then look at the pages and run with -update.
func TestTheCorpusKeepsItsBytes(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for _, name := range corpus {
		r := corpusPDF(t, name)
		if got := fmt.Sprintf("%x", r.SHA256); got != golden[name] {
			t.Errorf("%s: bytes changed: %s, were %s", name, got, golden[name])
		}
	}
}

func TestQpdfFindsNoFaultInTheCorpus(t *testing.T) {
	for _, name := range corpus {
		path := write(t, name, corpusPDF(t, name).PDF)
		if out, err := exec.Command(testtool.Path(t, "qpdf"), "--check", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestTheSameInputGivesTheSameBytesAtTheSameTime(t *testing.T) {
	want := typeset(t, input(corpusDoc(t, "estilos"))).SHA256
	done := make(chan [32]byte)
	for range 4 {
		go func() {
			r, err := Typeset(input(corpusDoc(t, "estilos")))
			if err != nil {
				t.Error(err)
				r = &Result{}
			}
			done <- r.SHA256
		}()
	}
	for range 4 {
		if got := <-done; got != want {
			t.Errorf("%x, want %x", got, want)
		}
	}
}

func TestEveryPartOfTheInputIsPartOfTheBytes(t *testing.T) {
	seen := map[[32]byte]string{typeset(t, input(corpusDoc(t, "despacho"))).SHA256: "nothing"}
	for name, change := range map[string]func(*Input){
		"date":       func(in *Input) { in.Date = in.Date.Add(time.Second) },
		"number":     func(in *Input) { in.SEINumber = "0470090" },
		"pair":       func(in *Input) { in.Verification.CRC = "00000000" },
		"qr":         func(in *Input) { in.Verification.QRURL += "0" },
		"training":   func(in *Input) { in.Training = true },
		"field":      func(in *Input) { in.Fields["unidade"] = "Gabinete" },
		"properties": func(in *Input) { in.Metadata.Subject = "Outro" },
	} {
		in := input(corpusDoc(t, "despacho"))
		change(&in)
		sum := typeset(t, in).SHA256
		if other, ok := seen[sum]; ok {
			t.Errorf("changing %s gives the same bytes as changing %s", name, other)
		}
		seen[sum] = name
	}
}

func TestTheTextComesOutInReadingOrder(t *testing.T) {
	path := write(t, "oficio", typeset(t, input(corpusDoc(t, "oficio"))).PDF)
	for _, args := range [][]string{nil, {"-raw"}} {
		inOrder(t, pdftotext(t, path, args...), "ESTADO DO RIO GRANDE DO SUL", "GOVERNANÇA E GESTÃO", "OFÍCIO Nº 12/2026",
			"Processo nº 26/1300-0000123-4", "Porto Alegre, 12 de março de 2026.", "À Senhora", "Maria da Conceição Araújo",
			"Assunto: Solicitação", "Ao cumprimentá-la cordialmente, dirigimo-nos", "art. 6º, § 1º", "relação dos bens",
			"atribuições constitucionais e legais", "Atenciosamente,", "João Antônio Gonçalves", "Diretor Administrativo", "página 1 de 1",
			"código verificador 0470089 e o código CRC 64ADCB9D")
	}
}

func inOrder(t *testing.T, text string, phrases ...string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	rest := text
	for _, p := range phrases {
		_, after, ok := strings.Cut(rest, p)
		if !ok {
			t.Fatalf("%q is missing or out of order in:\n%s", p, text)
		}
		rest = after
	}
}

func TestEveryPageNamesTheDocumentAndItsPair(t *testing.T) {
	in := input(corpusDoc(t, "longo"))
	in.Training = true
	r := typeset(t, in)
	if r.Pages < 5 {
		t.Fatalf("only %d pages", r.Pages)
	}
	path := write(t, "longo-treinamento", r.PDF)
	for n := 1; n <= r.Pages; n++ {
		text := pdftotext(t, path, "-f", fmt.Sprint(n), "-l", fmt.Sprint(n), "-layout")
		inOrder(t, text, "SEM VALOR LEGAL — AMBIENTE DE TREINAMENTO", "Ofício nº 12/2026", fmt.Sprintf("página %d de %d", n, r.Pages),
			"https://sei.exemplo.rs.gov.br/conferir", "0470089", "64ADCB9D")
	}
	if plain := pdftotext(t, write(t, "longo", typeset(t, input(corpusDoc(t, "longo"))).PDF)); strings.Contains(plain, "TREINAMENTO") {
		t.Error("an official document says it is training")
	}
}

func TestTheQRCodeCarriesItsAddressOnEveryPage(t *testing.T) {
	in := input(corpusDoc(t, "listas"))
	r := typeset(t, in)
	base := filepath.Join(t.TempDir(), "p")
	if out, err := exec.Command(testtool.Path(t, "pdftoppm"), "-r", "110", "-png", write(t, "listas", r.PDF), base).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, out)
	}
	pages, _ := filepath.Glob(base + "*.png")
	if len(pages) != r.Pages {
		t.Fatalf("%d pictures of %d pages", len(pages), r.Pages)
	}
	for _, p := range pages {
		out, err := exec.Command(testtool.Path(t, "zbarimg"), "-q", "--raw", p).Output()
		if err != nil || strings.TrimSpace(string(out)) != in.Verification.QRURL {
			t.Errorf("%s: %q, %v", filepath.Base(p), out, err)
		}
	}
}

func TestTheTableHeadIsRepeatedAndNoRowIsLost(t *testing.T) {
	r := typeset(t, input(corpusDoc(t, "tabela-longa")))
	path := write(t, "tabela-longa", r.PDF)
	text := strings.Join(strings.Fields(pdftotext(t, path, "-layout")), " ")
	for n := 1; n <= r.Pages; n++ {
		page := strings.Join(strings.Fields(pdftotext(t, path, "-f", fmt.Sprint(n), "-l", fmt.Sprint(n), "-layout")), " ")
		rows := strings.Contains(page, "Almoxarifado") || strings.Contains(page, "eficiência.") || strings.Contains(page, "linha 0")
		if heads := strings.Count(page, "Nº Descrição Local"); rows && heads != 1 {
			t.Errorf("page %d has %d heads", n, heads)
		}
	}
	for i := 1; i <= 70; i++ {
		if strings.Count(text, fmt.Sprintf("Bem patrimonial nº %05d,", i)) != 1 {
			t.Errorf("row %d is not there once", i)
		}
	}
	// Of the cell that is taller than a page, every line.
	if got := strings.Count(text, "eficiência."); got != 7+16 {
		t.Errorf("%d paragraphs of 23", got)
	}
	inOrder(t, text, "72 a b", "linha 0", "linha 4", "Encerra-se o inventário.")
}

func TestListsCountAsTheEditorShows(t *testing.T) {
	text := pdftotext(t, write(t, "listas", typeset(t, input(corpusDoc(t, "listas"))).PDF), "-layout")
	inOrder(t, text, "instalações elétricas:", "1. quadro geral;", "2. aterramento", "hastes;", "cabos.", "3. luminárias.", "rede lógica.",
		"1. Notificar", "2. Aguardar", "3. Concluir.", "9. item nove", "10. item dez", "11. item onze", "a) primeira alínea;", "b) segunda alínea.",
		"I – inciso;", "II – inciso;", "III – inciso.")
	text = pdftotext(t, write(t, "numerado", typeset(t, input(corpusDoc(t, "numerado"))).PDF), "-layout")
	inOrder(t, text, "1. A Adm", "1.1. Subitem", "1.2. Outro", "1.2.1. Nível", "a) primeira", "b) segunda", "I – primeiro", "II – segundo",
		"2. A Adm", "2.1. Subitem", "a) primeira", "I – primeiro", "3. A Adm")
}

func TestASignatureStampHasItsPlaceBelowTheText(t *testing.T) {
	for _, name := range corpus {
		r := corpusPDF(t, name)
		s := r.StampRect
		if s.Page != r.Pages || s.Left < marginLeft-1 || s.Right > pageWidth-marginRight+1 || s.Top-s.Bottom < 50 ||
			s.Bottom < pageHeight-bodyBottom-1 || s.Top > pageHeight-bodyTopFirst {
			t.Errorf("%s: %+v of %d pages", name, s, r.Pages)
		}
	}
}

func TestNoStampStandsOnAPageWithoutText(t *testing.T) {
	d := richtext.FromText("Primeira linha.")
	for n := 1; n < 60; n++ {
		d.Content = append(d.Content, richtext.FromText(fmt.Sprintf("Linha número %d do texto.", n)).Content...)
		in := input(d)
		r := typeset(t, in)
		if r.StampRect.Page != r.Pages {
			t.Fatalf("%d lines: %+v of %d pages", n, r.StampRect, r.Pages)
		}
		if r.Pages == 2 {
			text := pdftotext(t, write(t, "viuva", r.PDF), "-f", "2")
			inOrder(t, text, fmt.Sprintf("Linha número %d do texto.", n))
			return
		}
	}
	t.Fatal("never reached a second page")
}

func TestPreflightAcceptsTheCorpusAsPDFA(t *testing.T) {
	// One document with every font, table, picture and mark, to start Java once.
	var all []*richtext.Node
	for _, name := range corpus {
		all = append(all, corpusDoc(t, name).Content...)
	}
	in := input(&richtext.Doc{Content: all})
	in.Training = true
	testtool.RequirePDFA(t, write(t, "tudo", typeset(t, in).PDF))
}

func TestCharactersThatTheFontsLackStopTheTypesetting(t *testing.T) {
	in := input(richtext.FromText("Tudo certo 😀 e também שלום."))
	_, err := Typeset(in)
	if sei.CodeOf(err) != CodeUnsupportedCharacter || !strings.Contains(sei.MessageOf(err), "U+1F600") {
		t.Fatal(err)
	}
	if got := UnsupportedRunes(in.Body); string(got) != "😀שלום" {
		t.Errorf("%q", string(got))
	}
	if got := UnsupportedRunes(corpusDoc(t, "simbolos")); len(got) != 0 {
		t.Errorf("%q", string(got))
	}
	in = input(corpusDoc(t, "despacho"))
	in.Fields["unidade"] = "Unidade 😀"
	if _, err := Typeset(in); sei.CodeOf(err) != CodeUnsupportedCharacter {
		t.Errorf("in a field: %v", err)
	}
}

func TestAllOfPortugueseIsSupported(t *testing.T) {
	const letters = "aáàâãäbcçdeéèêëfghiíìîïjklmnñoóòôõöpqrstuúùûüvwxyýÿz"
	d := richtext.FromText(letters + strings.ToUpper(letters) + "0123456789ªº°§¶–—“”‘’«»…•€$%&@#*/\\|~^´`¨{}[]()<>=+-_.,;:!?\"'¹²³½¼¾±×÷µ")
	if bad := UnsupportedRunes(d); len(bad) > 0 {
		t.Fatalf("%q", string(bad))
	}
}

func TestAPictureThatIsNotWhatItClaimsIsRefused(t *testing.T) {
	huge := bytes.Clone(gradientPNG)
	copy(huge[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 points each way, in the header only
	for name, data := range map[string][]byte{
		"no picture": []byte("<svg/>"), "cut off": gradientPNG[:len(gradientPNG)/2], "cut off jpeg": photoJPEG[:len(photoJPEG)/2],
		"huge": huge, "too many bytes": make([]byte, MaxImageBytes+1), "empty": nil,
	} {
		if _, _, err := CheckImage(data); sei.CodeOf(err) != CodeBadImage {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := input(corpusDoc(t, "imagens"))
	in.Images = func(string) ([]byte, error) { return photoJPEG, nil }
	if _, err := Typeset(in); sei.CodeOf(err) != CodeBadImage {
		t.Errorf("a picture with another hash: %v", err)
	}
	in.Images = nil
	if _, err := Typeset(in); sei.CodeOf(err) != CodeBadImage {
		t.Errorf("no pictures at hand: %v", err)
	}
}

func TestAPhotographIsTurnedUpright(t *testing.T) {
	// An Exif segment that says the camera was held turned (orientation 6).
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	turned := append(append(bytes.Clone(photoJPEG[:2]), exif...), photoJPEG[2:]...)
	if w, h, err := CheckImage(turned); err != nil || w != 300 || h != 400 {
		t.Fatalf("%d × %d, %v", w, h, err)
	}
}

func TestADocumentWithoutEndIsRefused(t *testing.T) {
	d := &richtext.Doc{}
	for range MaxPages + 5 {
		d.Content = append(d.Content, &richtext.Node{Type: richtext.PageBreak})
	}
	if _, err := Typeset(input(d)); sei.CodeOf(err) != CodeTooLong {
		t.Fatal(err)
	}
}

func TestATextSignedBeforeItsNumberSaysSo(t *testing.T) {
	in := input(richtext.FromText("Texto."))
	in.Process, in.SEINumber = ToBeFiled, ""
	text := pdftotext(t, write(t, "a-autuar", typeset(t, in).PDF))
	if !strings.Contains(text, "Processo a autuar") || strings.Contains(text, "Nº SEI") {
		t.Fatal(text)
	}
}

func TestAFieldWithoutValueStopsTheTypesetting(t *testing.T) {
	in := input(corpusDoc(t, "oficio"))
	in.Fields = map[string]string{"processo": "x"}
	_, err := Typeset(in)
	if sei.CodeOf(err) != CodeFieldWithoutValue || !strings.Contains(sei.MessageOf(err), "data por extenso") {
		t.Fatal(err)
	}
}

func BenchmarkTypesetLetter(b *testing.B) {
	in := input(corpusDoc(b, "oficio"))
	for b.Loop() {
		typeset(b, in)
	}
}

func BenchmarkTypesetHundredPages(b *testing.B) {
	d := &richtext.Doc{}
	for range 9 {
		d.Content = append(d.Content, corpusDoc(b, "longo").Content...)
	}
	in := input(d)
	for b.Loop() {
		typeset(b, in)
	}
}

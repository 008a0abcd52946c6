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
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

var keep = flag.String("keep", "", "folder in which the PDFs of the tests are left, to look at them")

// tool returns a program's path. Where the checks run for real (CI=true) a
// missing one fails the test.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

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

func typeset(t testing.TB, in Input) *Result {
	t.Helper()
	r, err := Typeset(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pdftotext(t *testing.T, path string, args ...string) string {
	t.Helper()
	out, err := exec.Command(tool(t, "pdftotext"), append(args, path, "-")...).CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v\n%s", err, out)
	}
	return string(out)
}

var corpus = []string{"oficio", "despacho", "listas", "tabelas", "tabela-longa", "imagens", "estilos", "numerado", "longo", "simbolos"}

func TestTheCorpusKeepsItsBytes(t *testing.T) {
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for _, name := range corpus {
		t.Run(name, func(t *testing.T) {
			r := typeset(t, input(corpusDoc(t, name)))
			path := write(t, name, r.PDF)
			if got := fmt.Sprintf("%x", r.SHA256); got != golden[name] {
				t.Errorf("bytes changed: %s, were %s", got, golden[name])
			}
			if out, err := exec.Command(tool(t, "qpdf"), "--check", path).CombinedOutput(); err != nil {
				t.Errorf("qpdf: %v\n%s", err, out)
			}
		})
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

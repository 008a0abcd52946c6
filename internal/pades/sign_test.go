package pades

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jung-kurt/gofpdf"

	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

var testNow = time.Date(2026, 6, 15, 14, 30, 0, 0, time.FixedZone("BRT", -3*3600))

// pki is made once: keys are slow and all tests may share them.
var pki = sync.OnceValue(func() *testPKI {
	ca, err := trainingca.New("dos testes", testNow.AddDate(-5, 0, 0), trainingca.ECDSAP256)
	if err != nil {
		panic(err)
	}
	p := &testPKI{ca: ca}
	for i, kind := range []trainingca.KeyKind{trainingca.RSA2048, trainingca.ECDSAP256, trainingca.ECDSAP384} {
		id, err := ca.Issue(trainingca.Person{Name: []string{"ANA MARIA DE SOUZA", "JOÃO CONCEIÇÃO", "ZILÁ NUÑEZ"}[i], CPF: "12345678909", BirthDate: time.Date(1980, 3, 1, 0, 0, 0, 0, time.UTC), RG: "1234567890", RGIssuer: "SSPRS"},
			trainingca.IssueOptions{Key: kind, NotBefore: testNow.AddDate(-1, 0, 0)})
		if err != nil {
			panic(err)
		}
		p.ids = append(p.ids, id)
	}
	return p
})

type testPKI struct {
	ca  *trainingca.CA
	ids []*trainingca.Identity
}

func (p *testPKI) options(i int) SignOptions {
	id := p.ids[i%len(p.ids)]
	return SignOptions{Signer: id.Key, Certificate: id.Certificate, Chain: id.Chain[:1], Name: "Ana Maria", Reason: "alínea a) não (§ 1º)", Location: "Porto Alegre", Time: testNow, Policy: DefaultPolicy()}
}

// samplePDF makes a small document with the given number of pages.
func samplePDF(t testing.TB, pages int) []byte {
	t.Helper()
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetFont("Helvetica", "", 12)
	for range pages {
		f.AddPage()
		f.Cell(40, 10, "Despacho de teste")
	}
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustSign(t testing.TB, pdf []byte, o SignOptions) ([]byte, *Signed) {
	t.Helper()
	var out bytes.Buffer
	s, err := Sign(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), &out, o)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	return out.Bytes(), s
}

// convert passes a PDF through qpdf.
func convert(t testing.TB, pdf []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(testtool.Path(t, "qpdf"), append(args, in, out)...).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(testtool.Path(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func writeFile(t testing.TB, data []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "assinado.pdf")
	if err := os.WriteFile(p, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

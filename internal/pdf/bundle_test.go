package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func partOf(title string, data []byte) Part {
	return Part{Title: title, Open: func() (io.ReadSeekCloser, error) { return memory{bytes.NewReader(data)}, nil }}
}

func bundle(parts ...Part) Bundle {
	return Bundle{Process: "43.007001.000003/2026-41", Parts: parts,
		Cover: Sheet{Header: []string{"ESTADO DO RIO GRANDE DO SUL"}, Title: "Processo", Date: time.Date(2026, 3, 12, 14, 30, 0, 0, time.UTC)}}
}

func encrypted(t *testing.T, data []byte) []byte {
	t.Helper()
	in := write(t, "aberto", data)
	out := in + ".enc.pdf"
	if msg, err := exec.Command(testtool.Path(t, "qpdf"), "--encrypt", "senha", "senha", "256", "--", in, out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	locked, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return locked
}

func TestAProcessIsOnePDFInItsOrderAndWhatCannotBeReadIsNamed(t *testing.T) {
	letter, order := corpusPDF(t, "oficio"), corpusPDF(t, "portaria")
	b := bundle(
		partOf("0000001 – Ofício nº 12/2026", signedLike(t, letter.PDF)),
		partOf("0000002 – Contrato cifrado", encrypted(t, letter.PDF)),
		Part{Title: "0000003 – Planilha", Note: "É uma planilha (ods), que não vira página; está no ZIP."},
		partOf("0000004 – Estragado", letter.PDF[:len(letter.PDF)/2]),
		Part{Title: "0000005 – Ausente", Open: func() (io.ReadSeekCloser, error) {
			return nil, sei.Errorf(sei.CodeNotFound, "O arquivo não está neste computador.")
		}},
		partOf("0000006 – Portaria", order.PDF),
	)
	var told []int
	b.Progress = func(done, of int) { told = append(told, done); _ = of }
	var out bytes.Buffer
	left, err := Join(context.Background(), &out, b)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 4 || len(told) != 6 {
		t.Fatalf("%d left out, progress %v", len(left), told)
	}
	path := write(t, "processo", out.Bytes())
	if msg, err := exec.Command(testtool.Path(t, "qpdf"), "--check", path).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, msg)
	}
	pages := 1 + letter.Pages + order.Pages
	text := pdftotext(t, path)
	inOrder(t, text, "PROCESSO", "As assinaturas eletrônicas estão nos documentos originais", "fl. 2", "Ofício nº 12/2026", fmt.Sprintf("fl. %d", 2+letter.Pages), "Portaria",
		"não estão nesta cópia", "Contrato cifrado", "protegido por senha", "Planilha", "não vira página", "Estragado", "danificado", "Ausente", "não está neste computador",
		"OFÍCIO Nº 12/2026", "Maria da Conceição Araújo", "CAPÍTULO I")
	for n := 1; n <= pages; n++ {
		inOrder(t, pdftotext(t, path, "-f", itoa(n), "-l", itoa(n), "-raw"), fmt.Sprintf("Processo 43.007001.000003/2026-41 - fl. %d de %d", n, pages))
	}
	outlines, err := exec.Command(testtool.Path(t, "mutool"), "show", path, "outline").CombinedOutput()
	if err != nil {
		t.Fatalf("mutool: %v\n%s", err, outlines)
	}
	inOrder(t, string(outlines), "Relação dos documentos", "#page=1", "0000001 – Ofício nº 12/2026", "#page=2", "0000006 – Portaria", fmt.Sprintf("#page=%d", 2+letter.Pages))
	info, err := Inspect(bytes.NewReader(out.Bytes()))
	if err != nil || info.Signed || info.Pages != pages {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestAProcessThatIsGivenUpEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	b := bundle(partOf("um", corpusPDF(t, "despacho").PDF), partOf("dois", corpusPDF(t, "despacho").PDF))
	b.Progress = func(int, int) { cancel() }
	if _, err := Join(ctx, io.Discard, b); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestAProcessWithoutAnyReadableDocumentIsStillItsList(t *testing.T) {
	var out bytes.Buffer
	left, err := Join(context.Background(), &out, bundle(partOf("nada 😀", []byte("x"))))
	if err != nil || len(left) != 1 {
		t.Fatalf("%v, %v", left, err)
	}
	if !strings.Contains(pdftotext(t, write(t, "lista", out.Bytes())), "nada ?") {
		t.Error("the list does not name it")
	}
}

func BenchmarkJoinTwoHundred(b *testing.B) {
	data := corpusPDF(b, "oficio").PDF
	parts := make([]Part, 200)
	for i := range parts {
		parts[i] = partOf(fmt.Sprintf("%07d – Ofício", i), data)
	}
	for b.Loop() {
		if _, err := Join(context.Background(), io.Discard, bundle(parts...)); err != nil {
			b.Fatal(err)
		}
	}
}

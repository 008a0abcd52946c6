package pdf

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

// structText is the structure tree as another program reads it.
func structText(t *testing.T, name string) string {
	t.Helper()
	path := write(t, name, corpusPDF(t, name).PDF)
	out, err := exec.Command(testtool.Path(t, "pdfinfo"), "-struct-text", path).CombinedOutput()
	if err != nil {
		t.Fatalf("pdfinfo: %v\n%s", err, out)
	}
	return strings.ReplaceAll(string(out), softHyphen, "")
}

func TestAScreenReaderFindsTheTextInOrderByItsParts(t *testing.T) {
	text := structText(t, "parecer")
	inOrder(t, text, "H1", "OFÍCIO Nº 12/2026", "TOC", "TOCI", "Relatório", "TOCI", "Fundamentação", "H2", "Relatório", "P (block)", "Trata-se de consulta",
		"26/1300-0000123-4", "Note", "BRASIL. Constituição (1988).", "H3", "Da competência", "Note", "MEIRELLES", "BlockQuote", "É lícito")
	if strings.Contains(text, "página 1 de") || strings.Contains(text, "A autenticidade deste documento") {
		t.Error("what stands around the text is read as the text")
	}
	inOrder(t, structText(t, "listas"), "L (block)", "LI (block)", "Lbl (block)", "1.", "LBody (block)", "quadro geral;")
	inOrder(t, structText(t, "celulas-mescladas"), "Table (block)", "TR", "TH: /RowSpan 2", "Exercício", "/ColSpan 2", "Valores", "TD", "2020")
	if text = structText(t, "notas-em-tabela"); strings.Count(text, "\"Descrição\"") != 1 {
		t.Errorf("the head of a table over several pages is read %d times", strings.Count(text, "\"Descrição\""))
	}
}

func TestEveryPictureSaysWhatItShows(t *testing.T) {
	data := corpusPDF(t, "so-imagens").PDF
	for _, alt := range []string{"Figura 0", "Figura 4"} {
		if !strings.Contains(string(data), "/S /Figure") || !strings.Contains(string(data), "/Alt "+pdfText(alt)) {
			t.Errorf("%s is missing", alt)
		}
	}
}

func TestHeadingsAreBookmarks(t *testing.T) {
	path := write(t, "portaria", corpusPDF(t, "portaria").PDF)
	out, err := exec.Command(testtool.Path(t, "mutool"), "show", path, "outline").CombinedOutput()
	if err != nil {
		t.Fatalf("mutool: %v\n%s", err, out)
	}
	inOrder(t, string(out), "CAPÍTULO I – Disposições gerais", "#page=1", "CAPÍTULO II – Da autorização", "Seção I – Do pedido")
}

func TestTheTableOfContentsNamesThePages(t *testing.T) {
	r := corpusPDF(t, "sumario-longo")
	path := write(t, "sumario-longo", r.PDF)
	text := strings.Join(strings.Fields(strings.ReplaceAll(pdftotext(t, path, "-layout", "-f", "1", "-l", "2"), ".", "")), " ")
	for _, chapter := range []int{1, 2, 30, 60} {
		title := "Capítulo " + itoa(chapter)
		page := 0
		for n := 1; n <= r.Pages && page == 0; n++ {
			words := strings.Join(strings.Fields(pdftotext(t, path, "-f", itoa(n), "-l", itoa(n))), " ")
			if strings.Contains(words, title+" A Administração") {
				page = n
			}
		}
		if want := title + " " + itoa(page); page == 0 || !strings.Contains(text+" ", want+" ") {
			t.Errorf("%q is not in the contents", want)
		}
	}
}

func TestReferencesShowTheNumberOfTheirPlace(t *testing.T) {
	text := pdftotext(t, write(t, "portaria", corpusPDF(t, "portaria").PDF))
	inOrder(t, text, "CAPÍTULO I", "DISPOSIÇÕES GERAIS", "Art. 1º", "Art. 2º", "I –", "II –", "a)", "b)", "1.", "2.", "III –",
		"Parágrafo único.", "O disposto no art. 2º, caput, não", "Seção I", "Art. 9º", "Art. 10.", "até o limite de R$ 1.500.000,00 (um milhão e quinhentos mil reais), ressalvado o art. 2º, parágrafo único.",
		"§ 1º", "observada a art. 2º, inciso II, alínea “a” e a página 1.", "§ 2º", "Art. 11.")
}

func TestAReferenceWhosePlaceIsGoneStopsTheSigningAndIsShownInADraft(t *testing.T) {
	d := corpusDoc(t, "portaria")
	d.Walk(func(n *richtext.Node) bool {
		if n.ID == "a2" {
			n.ID = ""
		}
		return true
	})
	in := input(d)
	if _, err := Typeset(in); sei.CodeOf(err) != CodeLostReference {
		t.Fatal(err)
	}
	in.Draft = true
	if text := pdftotext(t, write(t, "rascunho", typeset(t, in).PDF)); !strings.Contains(text, "«referência perdida»") {
		t.Error("the draft does not show it")
	}
}

func TestEveryFootnoteStandsOnThePageOfItsMark(t *testing.T) {
	r := corpusPDF(t, "notas-200")
	path := write(t, "notas-200", r.PDF)
	marks, notes := 0, 0
	for n := 1; n <= r.Pages; n++ {
		text := strings.Join(strings.Fields(pdftotext(t, path, "-f", itoa(n), "-l", itoa(n))), " ")
		for i := 1; i <= 200; i++ {
			mark := strings.Contains(text, "Afirmação de número "+itoa(i)+",")
			note := strings.Contains(text, "Fonte "+itoa(i)+":")
			if mark != note {
				t.Errorf("page %d: mark %d %v, note %v", n, i, mark, note)
			}
			if mark {
				marks++
			}
			if note {
				notes++
			}
		}
	}
	if marks != 200 || notes != 200 {
		t.Errorf("%d marks, %d notes", marks, notes)
	}
}

func TestFootnotesInATableStandOnce(t *testing.T) {
	table := corpusPDF(t, "notas-em-tabela")
	text := pdftotext(t, write(t, "notas-em-tabela", table.PDF))
	for i := 1; i < 60; i++ {
		if strings.Count(text, "Observação do item "+itoa(i)+".") != 1 {
			t.Errorf("note %d is not there once", i)
		}
	}
}

func TestPreflightAcceptsEachKindOfDocument(t *testing.T) {
	for _, name := range []string{"portaria", "parecer", "notas-200", "vazio", "so-imagens", "titulos"} {
		testtool.RequirePDFA(t, write(t, name, corpusPDF(t, name).PDF))
	}
}

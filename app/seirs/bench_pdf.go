package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// The sizes that are compared, in pages.
const (
	benchPages     = 10
	benchLongPages = 1000
	benchJoined    = 200
)

type benchPDFFlags struct {
	runs   int
	asJSON bool
	child  int // pages to typeset once, for the measure of memory
}

// pdfReport is what the comparison came to. Times are medians, in milliseconds.
type pdfReport struct {
	Pages     int                `json:"pages"`
	Runs      int                `json:"runs"`
	Times     map[string]float64 `json:"ms"`
	RatioBare float64            `json:"ratio_bare_gofpdf"`      // ours / a bare program's
	RatioWk   float64            `json:"ratio_wkhtmltopdf"`      // wkhtmltopdf's / ours; 0 when it is not installed
	PerPage   float64            `json:"per_page_ratio_1000_10"` // cost of a page at 1,000 pages / at 10
	MemoryMB  float64            `json:"rss_mb_1000_pages"`      // of the whole process
	RatioJoin float64            `json:"ratio_mutool_join"`      // ours / mutool's; 0 when it is not installed
	CPUs      int                `json:"cpus"`
	Missing   []string           `json:"missing,omitempty"` // programs that are not installed
}

func newBenchPDFCommand() *cobra.Command {
	var f benchPDFFlags
	cmd := &cobra.Command{
		Use:   "pdf",
		Short: "Compara a composição de documentos com outros programas",
		Long: `Compõe o mesmo texto de dez páginas com este programa, com um programa simples
sobre a mesma biblioteca e com os que estiverem instalados (wkhtmltopdf,
weasyprint, chromium, libreoffice); mede o custo por página e a memória em mil
páginas, e a junção de duzentos PDFs ao lado de mutool.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.child > 0 {
				return benchPDFChild(cmd.OutOrStdout(), f.child)
			}
			return benchPDF(cmd, f)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.runs, "runs", 7, "quantas vezes cada um")
	flags.BoolVar(&f.asJSON, "json", false, "escreve o resultado em JSON")
	flags.IntVar(&f.child, "child", 0, "")
	_ = flags.MarkHidden("child")
	return cmd
}

// benchSentence is set over and over. It has what official texts have: long
// words, figures, abbreviations.
const benchSentence = "A Administração Pública estadual, no exercício de suas atribuições constitucionais e legais (art. 37, § 6º), deve assegurar a continuidade dos serviços prestados à população, inclusive em situações de calamidade, observados os princípios da legalidade, impessoalidade, moralidade, publicidade e eficiência, no valor de R$ 1.234.567,89. "

// benchParagraphs is the text of about so many pages.
func benchParagraphs(pages int) []string {
	out := make([]string, 0, pages*5)
	for i := range pages * 5 {
		out = append(out, strconv.Itoa(i+1)+". "+strings.Repeat(benchSentence, 2))
	}
	return out
}

func benchInput(paragraphs []string) pdf.Input {
	d := &richtext.Doc{}
	for i, text := range paragraphs {
		if i%12 == 0 {
			d.Content = append(d.Content, &richtext.Node{Type: richtext.Heading, Level: 1, Content: []*richtext.Node{{Type: richtext.Text, Text: "Seção " + strconv.Itoa(i/12+1)}}})
		}
		d.Content = append(d.Content, &richtext.Node{Type: richtext.Paragraph, Style: richtext.JustifiedIndent, Content: []*richtext.Node{{Type: richtext.Text, Text: text}}})
	}
	return pdf.Input{
		Header: []string{"ESTADO DO RIO GRANDE DO SUL"}, Title: "Parecer 1/2026", SEINumber: "0000001", Process: "43.021007.000123/2026-00", Body: d,
		Verification: pdf.Verification{URL: "https://sei.exemplo.rs.gov.br/conferir", Code: "0000001", CRC: "64ADCB9D", QRURL: "https://sei.exemplo.rs.gov.br/q/9f8c2b7e41d04a5c8be6d1f0a3c57e92"},
		Date:         time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC),
	}
}

// median times act over the runs, in milliseconds.
func median(runs int, act func() error) (float64, error) {
	var all []time.Duration
	for range runs {
		began := time.Now()
		if err := act(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return milliseconds(all[len(all)/2]), nil
}

func benchPDF(cmd *cobra.Command, f benchPDFFlags) (err error) {
	if f.runs < 1 || f.runs > maxRuns {
		return sei.Errorf(sei.CodeInvalid, "Meça de 1 a %d vezes.", maxRuns)
	}
	work, err := os.MkdirTemp("", "seirs-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	r := pdfReport{Runs: f.runs, CPUs: runtime.NumCPU(), Times: map[string]float64{}}
	for _, part := range []func(context.Context, string) error{r.letters, r.others, r.long, r.join} {
		if err := part(cmd.Context(), work); err != nil {
			return err
		}
	}
	if f.asJSON {
		return writeJSON(cmd.OutOrStdout(), r)
	}
	return r.print(cmd.OutOrStdout())
}

// letters compares ten pages with the bare library, turn by turn.
func (r *pdfReport) letters(_ context.Context, _ string) error {
	paragraphs := benchParagraphs(benchPages)
	in := benchInput(paragraphs)
	ours := func() error {
		out, err := pdf.Typeset(in)
		if err == nil {
			r.Pages = out.Pages
		}
		return err
	}
	simple := func() error { _, err := pdf.Bare(paragraphs); return err }
	if err := errors.Join(ours(), simple()); err != nil { // the first of each loads what is used later
		return err
	}
	var a, b []float64
	for range r.Runs {
		x, err := median(1, ours)
		if err != nil {
			return err
		}
		y, err := median(1, simple)
		if err != nil {
			return err
		}
		a, b = append(a, x), append(b, y)
	}
	slices.Sort(a)
	slices.Sort(b)
	r.Times["ours"], r.Times["bare_gofpdf"] = a[len(a)/2], b[len(b)/2]
	r.RatioBare = round(r.Times["ours"] / r.Times["bare_gofpdf"])
	return nil
}

func round(v float64) float64 { return float64(int(v*100+0.5)) / 100 }

// others are the programs that make PDFs of HTML.
func (r *pdfReport) others(ctx context.Context, work string) error {
	page := filepath.Join(work, "texto.html")
	var html strings.Builder
	html.WriteString(`<!doctype html><html lang="pt-BR"><meta charset="utf-8"><style>@page{size:A4;margin:25mm 20mm 37mm 30mm}p{text-align:justify;font:12pt Carlito,Liberation Sans;line-height:1.3}</style>`)
	for _, p := range benchParagraphs(benchPages) {
		html.WriteString("<p>" + p + "</p>\n")
	}
	if err := os.WriteFile(page, []byte(html.String()), 0o600); err != nil {
		return fmt.Errorf("writing the text: %w", err)
	}
	out := filepath.Join(work, "texto.pdf")
	runs := min(r.Runs, 3)
	for _, tool := range []struct {
		name string
		args []string
	}{
		{"wkhtmltopdf", []string{"-q", page, out}},
		{"weasyprint", []string{page, out}},
		{"chromium", []string{"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--user-data-dir=" + filepath.Join(work, "chromium"), "--print-to-pdf=" + out, "file://" + page}},
		{"libreoffice", []string{"--headless", "-env:UserInstallation=file://" + filepath.Join(work, "office"), "--convert-to", "pdf", "--outdir", work, page}},
	} {
		path, err := exec.LookPath(tool.name)
		if err != nil {
			r.Missing = append(r.Missing, tool.name)
			continue
		}
		run := func() error {
			cmd := exec.CommandContext(ctx, path, tool.args...)
			cmd.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen")
			if msg, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w: %.300s", tool.name, err, msg)
			}
			return nil
		}
		if err := run(); err != nil {
			r.Missing = append(r.Missing, tool.name+" (falhou: "+err.Error()+")")
			continue
		}
		if r.Times[tool.name], err = median(runs, run); err != nil {
			return err
		}
	}
	if t := r.Times["wkhtmltopdf"]; t > 0 {
		r.RatioWk = round(t / r.Times["ours"])
	}
	return nil
}

// benchPDFChild typesets a text of so many pages and prints what it took.
func benchPDFChild(w io.Writer, pages int) error {
	in := benchInput(benchParagraphs(pages))
	if _, err := pdf.Typeset(benchInput(benchParagraphs(1))); err != nil { // loads the fonts
		return err
	}
	began := time.Now()
	out, err := pdf.Typeset(in)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d %d %.1f\n", out.Pages, time.Since(began).Microseconds(), peakMemoryMB(os.Getpid()))
	return err
}

// long compares a page's cost at a thousand pages with that at ten, each in a
// process of its own.
func (r *pdfReport) long(ctx context.Context, _ string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	cost := map[int]float64{}
	for _, pages := range []int{benchPages, benchLongPages} {
		var best float64
		for range 3 {
			out, err := exec.CommandContext(ctx, self, "bench", "pdf", "--child", strconv.Itoa(pages)).Output()
			if err != nil {
				return fmt.Errorf("typesetting %d pages: %w", pages, err)
			}
			var n, micros int
			var memory float64
			if _, err := fmt.Sscanf(string(out), "%d %d %f", &n, &micros, &memory); err != nil {
				return fmt.Errorf("reading what %d pages took: %w", pages, err)
			}
			if c := float64(micros) / float64(n); best == 0 || c < best {
				best = c
			}
			if pages == benchLongPages {
				r.MemoryMB = memory
				r.Times["ours_1000_pages"] = round(float64(micros) / 1000)
			}
		}
		cost[pages] = best
	}
	r.PerPage = round(cost[benchLongPages] / cost[benchPages])
	return nil
}

type benchFile struct{ *bytes.Reader }

func (benchFile) Close() error { return nil }

// join compares a process of two hundred documents with mutool's merge.
func (r *pdfReport) join(ctx context.Context, work string) error {
	letter, err := pdf.Typeset(benchInput(benchParagraphs(1)))
	if err != nil {
		return err
	}
	b := pdf.Bundle{Process: "43.021007.000123/2026-00", Cover: pdf.Sheet{Title: "Processo", Date: time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)}}
	args := []string{"merge", "-o", filepath.Join(work, "junto.pdf")}
	for i := range benchJoined {
		path := filepath.Join(work, fmt.Sprintf("p%d.pdf", i))
		if err := os.WriteFile(path, letter.PDF, 0o600); err != nil {
			return fmt.Errorf("writing a document: %w", err)
		}
		args = append(args, path)
		b.Parts = append(b.Parts, pdf.Part{Title: fmt.Sprintf("%07d – Ofício", i), Open: func() (io.ReadSeekCloser, error) {
			data, err := os.ReadFile(path)
			return benchFile{bytes.NewReader(data)}, err
		}})
	}
	runs := min(r.Runs, 5)
	if r.Times["join_200"], err = median(runs, func() error { _, err := pdf.Join(ctx, io.Discard, b); return err }); err != nil {
		return err
	}
	path, err := exec.LookPath("mutool")
	if err != nil {
		r.Missing = append(r.Missing, "mutool")
		return nil
	}
	if r.Times["mutool_join_200"], err = median(runs, func() error { return exec.CommandContext(ctx, path, args...).Run() }); err != nil {
		return err
	}
	r.RatioJoin = round(r.Times["join_200"] / r.Times["mutool_join_200"])
	return nil
}

func (r *pdfReport) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d páginas, mediana de %d vezes, %d processadores\n\n", r.Pages, r.Runs, r.CPUs)
	for _, name := range []string{"ours", "bare_gofpdf", "wkhtmltopdf", "weasyprint", "chromium", "libreoffice", "ours_1000_pages", "join_200", "mutool_join_200"} {
		if t, ok := r.Times[name]; ok {
			fmt.Fprintf(&b, "%-18s %10.1f ms\n", name, t)
		}
	}
	fmt.Fprintf(&b, "\nratio_bare_gofpdf %.2f\nratio_wkhtmltopdf %.2f\nper_page_ratio_1000_10 %.2f\nrss_mb_1000_pages %.0f\nratio_mutool_join %.2f\n", r.RatioBare, r.RatioWk, r.PerPage, r.MemoryMB, r.RatioJoin)
	if len(r.Missing) > 0 {
		fmt.Fprintf(&b, "não instalados: %s\n", strings.Join(r.Missing, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

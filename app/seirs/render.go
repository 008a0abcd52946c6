package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

type renderFlags struct {
	out       string
	force     bool
	headers   []string
	title     string
	process   string
	seiNumber string
	fields    []string
	images    string
	date      string
	training  bool
}

func newRenderCommand() *cobra.Command {
	var f renderFlags
	cmd := &cobra.Command{
		Use:   "render TEXTO.json -o SAÍDA.pdf",
		Short: "Compõe o PDF de um texto do editor (JSON), como a janela o assinaria",
		Long: `Compõe o PDF/A de um texto do editor. O mesmo texto e as mesmas opções dão
sempre os mesmos bytes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return render(cmd, args[0], f) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "output", "o", "", "arquivo de saída")
	flags.BoolVar(&f.force, "force", false, "substitui o arquivo de saída")
	flags.StringArrayVar(&f.headers, "header", []string{state}, "linha do cabeçalho; pode repetir")
	flags.StringVar(&f.title, "title", "", "tipo e número do documento, como \"Ofício nº 12/2026\"")
	flags.StringVar(&f.process, "process", pdf.ToBeFiled, "número do processo")
	flags.StringVar(&f.seiNumber, "sei-number", "", "Nº SEI do documento")
	flags.StringArrayVar(&f.fields, "field", nil, "valor de um campo do texto, como unidade=Gabinete; pode repetir")
	flags.StringVar(&f.images, "images", "", "pasta com as imagens que o texto cita, achadas pelo conteúdo (SHA-256)")
	flags.StringVar(&f.date, "date", "", "data de criação no arquivo, AAAA-MM-DD (padrão: hoje)")
	flags.BoolVar(&f.training, "training", false, "imprime em cada página que o documento não tem valor legal")
	return cmd
}

func render(cmd *cobra.Command, path string, f renderFlags) error {
	in, err := renderInput(path, f)
	if err != nil {
		return err
	}
	result, err := pdf.Typeset(in)
	if err != nil {
		return err
	}
	err = writeOutput(f.out, f.force, func(w io.Writer) error {
		_, err := w.Write(result.PDF)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d página(s), SHA-256 %x\n", f.out, result.Pages, result.SHA256)
	return err
}

func renderInput(path string, f renderFlags) (pdf.Input, error) {
	body, err := readText(path)
	if err != nil {
		return pdf.Input{}, err
	}
	in := pdf.Input{
		Header: f.headers, Title: f.title, SEINumber: f.seiNumber, Process: f.process, Body: body,
		Fields: map[string]string{}, Training: f.training, Date: time.Now().UTC().Truncate(24 * time.Hour),
	}
	if f.process != pdf.ToBeFiled {
		in.Fields["processo"] = f.process
	}
	for _, field := range f.fields {
		name, value, ok := strings.Cut(field, "=")
		if !ok {
			return in, sei.Errorf(sei.CodeInvalid, "O campo %q deve ter a forma nome=valor.", field)
		}
		in.Fields[name] = value
	}
	if f.date != "" {
		if in.Date, err = time.Parse(time.DateOnly, f.date); err != nil {
			return in, sei.Wrap(err, sei.CodeInvalid, "A data deve ter a forma AAAA-MM-DD.")
		}
	}
	if f.images != "" {
		in.Images, err = imagesIn(f.images)
	}
	return in, err
}

func readText(path string) (*richtext.Doc, error) {
	file, _, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(file, richtext.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return richtext.Parse(data)
}

// imagesIn finds pictures by what they contain, as texts cite them.
func imagesIn(folder string) (func(string) ([]byte, error), error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não foi possível ler a pasta de imagens %s.", folder))
	}
	paths := map[string]string{}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > pdf.MaxImageBytes {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading an image: %w", err)
		}
		sum := sha256.Sum256(data)
		paths[hex.EncodeToString(sum[:])] = path
	}
	return func(sha string) ([]byte, error) {
		path, ok := paths[sha]
		if !ok {
			return nil, os.ErrNotExist
		}
		return os.ReadFile(path)
	}, nil
}

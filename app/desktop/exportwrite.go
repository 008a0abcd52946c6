package desktop

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// maxZIPBytes bounds a ZIP, which is held in memory until it is saved.
const maxZIPBytes = 1 << 30

// write makes the copy and tells of each document that is done.
func (m material) write(ctx context.Context, kind string, done func(int)) ([]byte, []pdf.Left, error) {
	var out bytes.Buffer
	var left []pdf.Left
	var err error
	if kind == exportPDF {
		left, err = pdf.Join(ctx, &out, m.bundle(done))
	} else {
		left, err = m.writeZIP(ctx, &out, done)
	}
	return out.Bytes(), left, err
}

func (m material) bundle(done func(int)) pdf.Bundle {
	b := pdf.Bundle{Process: m.label, Cover: m.cover, Progress: func(n, _ int) { done(n) }}
	for _, p := range m.parts {
		part := pdf.Part{Title: p.title, Note: p.note, Open: func() (io.ReadSeekCloser, error) { return p.open(p.shown.SHA256) }}
		if kind := p.shown.MIME; part.Note == "" && kind != "" && kind != "application/pdf" {
			part.Note = "É um arquivo de outro tipo (" + strings.TrimPrefix(path.Ext(p.shown.Name), ".") + "), que não vira página; está no ZIP do processo."
		}
		b.Parts = append(b.Parts, part)
	}
	return b
}

// writeZIP stores the documents' files untouched, with a list of their hashes.
func (m material) writeZIP(ctx context.Context, w io.Writer, done func(int)) ([]pdf.Left, error) {
	z := zip.NewWriter(w)
	var left []pdf.Left
	rows := [][]string{{"arquivo", "documento", "sha256", "bytes"}}
	var total int64
	for i, p := range m.parts {
		if p.note != "" {
			left = append(left, pdf.Left{Title: p.title, Reason: p.note})
		}
		for k, ref := range p.all {
			if total += ref.Size; total > maxZIPBytes {
				return nil, sei.Errorf(sei.CodeTooLarge, "Os arquivos juntos passam de %d GB. Escolha parte dos documentos.", maxZIPBytes>>30)
			}
			name := p.entry(k, ref)
			err := copyInto(ctx, z, name, p, ref)
			if sei.CodeOf(err) == sei.CodeNotFound {
				left = append(left, pdf.Left{Title: p.title, Reason: sei.MessageOf(err)})
				continue
			}
			if err != nil {
				return nil, err
			}
			rows = append(rows, []string{name, p.title, string(ref.SHA256), fmt.Sprint(ref.Size)})
		}
		done(i + 1)
	}
	if err := writeList(z, rows); err != nil {
		return nil, err
	}
	return left, z.Close()
}

// entry names a file in the ZIP. Further signed copies of a document are numbered.
func (p exportPart) entry(k int, ref sei.BlobRef) string {
	name := p.file
	if k > 0 {
		name = fmt.Sprintf("%s_arquivo_%d", name, k+1)
	}
	switch ending := path.Ext(ref.Name); {
	case ending != "" && len(ending) <= 8:
		name += strings.ToLower(strings.Map(safeInName, ending))
	case ref.MIME == "application/pdf", ref.MIME == "":
		name += ".pdf"
	}
	return name
}

func copyInto(ctx context.Context, z *zip.Writer, name string, p exportPart, ref sei.BlobRef) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in, err := p.open(ref.SHA256)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = io.Copy(out, in)
	}
	if err != nil {
		return fmt.Errorf("copying %s: %w", name, err)
	}
	return nil
}

func writeList(z *zip.Writer, rows [][]string) error {
	out, err := z.Create("relacao.csv")
	if err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	w := csv.NewWriter(out)
	w.Comma = ';' // as Brazilian spreadsheets read it
	return errors.Join(w.WriteAll(rows), w.Error())
}

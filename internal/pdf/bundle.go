package pdf

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Limits of a whole process as one PDF: the library beneath holds it in memory.
const (
	MaxBundleParts = 2000
	MaxBundleBytes = 512 << 20
	MaxBundlePages = 20_000
)

// Part is one document of a process, in the order of its tree.
type Part struct {
	Title string // the bookmark: "0000123 – Ofício nº 12/2026"
	// Open gives the file; an error leaves the document out and names why.
	Open func() (io.ReadSeekCloser, error)
	// Note says why the document cannot be a part of a PDF (a spreadsheet, a
	// film); it is then only mentioned. Empty for PDFs.
	Note string
}

// Bundle is a whole process as one PDF.
type Bundle struct {
	Process string // its number, stamped on every page
	Cover   Sheet  // header and title of the list that begins the file
	Parts   []Part
	// Progress is told after each part; it may be nil.
	Progress func(done, of int)
}

// Left is a part that is not in the file, and why, in words for the servant.
type Left struct {
	Title  string
	Reason string
}

// Join writes the process as one PDF: a list of the documents, then their
// pages in order, each page stamped with the process and its running number,
// a bookmark for each document. What cannot be read is left out and named in
// the list and in the result; the rest is delivered. Signatures do not pass into
// the copy, because in it they could not be valid: the list says so. It ends
// early with the context's error.
func Join(ctx context.Context, w io.Writer, b Bundle) (left []Left, err error) {
	defer guard(&err)
	if len(b.Parts) > MaxBundleParts {
		return nil, sei.Errorf(CodeTooLong, "O processo tem documentos demais para um só PDF (%d; o limite é %d). Escolha parte deles.", len(b.Parts), MaxBundleParts)
	}
	read, left, err := b.read(ctx)
	if err != nil {
		return nil, err
	}
	whole, err := b.cover(read, left)
	if err != nil {
		return nil, err
	}
	whole.EnsureVersionForWriting()
	marks := []pdfcpu.Bookmark{{PageFrom: 1, Title: "Relação dos documentos"}}
	at := whole.PageCount + 1
	for _, p := range read {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := pdfcpu.MergeXRefTables("", p.file, whole, false, false); err != nil {
			return nil, damaged(fmt.Errorf("joining %q: %w", p.Title, err))
		}
		marks = append(marks, pdfcpu.Bookmark{PageFrom: at, Title: p.Title})
		at += p.pages
	}
	if err := whole.EnsurePageCount(); err != nil {
		return nil, damaged(err)
	}
	if err := untag(whole); err != nil {
		return nil, err
	}
	if err := pdfcpu.AddBookmarks(whole, marks, true); err != nil {
		return nil, fmt.Errorf("adding bookmarks: %w", err)
	}
	if err := stampPages(whole, b.Process); err != nil {
		return nil, fmt.Errorf("numbering the pages: %w", err)
	}
	if err := api.WriteContext(whole, w); err != nil {
		return nil, fmt.Errorf("writing the process: %w", err)
	}
	return left, nil
}

// readPart is a part whose pages are in memory.
type readPart struct {
	Part
	file  *model.Context
	pages int
}

// read opens every part, within the limits of the whole.
func (b Bundle) read(ctx context.Context) (read []readPart, left []Left, err error) {
	var size int64
	pages := 0
	for i, p := range b.Parts {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		r, n, why := p.load()
		switch {
		case why != "":
			left = append(left, Left{p.Title, why})
		case size+n > MaxBundleBytes || pages+r.pages > MaxBundlePages:
			return nil, nil, sei.Errorf(sei.CodeTooLarge, "Os documentos juntos passam do limite de um só PDF (%d MB ou %d páginas). Escolha parte deles ou gere o ZIP.", MaxBundleBytes>>20, MaxBundlePages)
		default:
			size += n
			pages += r.pages
			read = append(read, r)
		}
		if b.Progress != nil {
			b.Progress(i+1, len(b.Parts))
		}
	}
	return read, left, nil
}

func (p Part) load() (r readPart, size int64, why string) {
	if p.Note != "" {
		return r, 0, p.Note
	}
	file, err := p.Open()
	if err != nil {
		return r, 0, sei.MessageOf(err)
	}
	defer file.Close()
	if size, err = checkHeader(file); err != nil {
		return r, 0, sei.MessageOf(err)
	}
	r = readPart{Part: p}
	if r.file, err = loadForMerge(file); err != nil {
		return r, 0, sei.MessageOf(err)
	}
	if r.file, err = rewritten(r.file); err != nil {
		return r, 0, sei.MessageOf(err)
	}
	if r.pages, err = countPages(r.file); err != nil {
		return r, 0, sei.MessageOf(err)
	}
	return r, size, ""
}

// rewritten writes a file that had a form and reads it back. The library goes
// on looking for fields that were taken out, and joins no such file to another.
func rewritten(file *model.Context) (*model.Context, error) {
	root, err := file.Catalog()
	if err != nil {
		return nil, damaged(err)
	}
	if _, form := root.Find("AcroForm"); !form && file.Form == nil {
		return file, nil
	}
	root.Delete("AcroForm") // a copy to be read has no fields to fill in
	file.Form = nil
	var plain bytes.Buffer
	if err := api.WriteContext(file, &plain); err != nil {
		return nil, damaged(err)
	}
	return loadForMerge(bytes.NewReader(plain.Bytes()))
}

// cover sets the list of the documents, with the page on which each begins.
func (b Bundle) cover(read []readPart, left []Left) (*model.Context, error) {
	// The list's own length moves the pages: it is set until it settles.
	own := 1
	for range maxPasses {
		data, pages, err := b.list(read, left, own)
		if err != nil {
			return nil, err
		}
		if pages == own {
			return loadForMerge(bytes.NewReader(data))
		}
		own = pages
	}
	return nil, fmt.Errorf("the list of documents does not settle")
}

func (b Bundle) list(read []readPart, left []Left, own int) ([]byte, int, error) {
	about := documentChrome(Input{Title: "Processo " + b.Process})
	s := newSetter(chrome{running: about.running, foot: "Processo " + b.Process, training: b.Cover.Training, ownPages: true})
	s.frontMatter(Input{Header: b.Cover.Header, Title: b.Cover.Title, Process: b.Process})
	whole := frame{width: bodyWidth}
	text := look{size: 11, leading: textLeading, align: "justify"}
	plain, strong := ink{face: faceRegular, size: text.size}, ink{face: faceBold, size: text.size}
	s.flow(s.lines("P", []run{{text: "Cópia do processo para leitura. As assinaturas eletrônicas estão nos documentos originais, que são guardados sem alteração e podem ser conferidos na página pública ou obtidos no arquivo ZIP do processo.", ink: plain}}, text, whole))
	at := own + 1
	text.align, text.before = "left", 5
	for _, p := range read {
		s.flow(s.lines("P", []run{{text: "fl. " + strconv.Itoa(at) + string(nbsp) + string(nbsp) + " ", ink: strong}, {text: settable(p.Title), ink: plain}}, text, whole))
		at += p.pages
	}
	if len(left) > 0 {
		text.before, text.keepNext = 14, true
		s.flow(s.lines("P", []run{{text: "Documentos que não estão nesta cópia", ink: strong}}, text, whole))
		text.before, text.keepNext = 5, false
		for _, l := range left {
			s.flow(s.lines("P", []run{{text: settable(l.Title) + ": ", ink: strong}, {text: settable(l.Reason), ink: plain}}, text, whole))
		}
	}
	data, err := s.finish(Metadata{Title: "Processo " + b.Process}, b.Cover.Date)
	return data, len(s.pages), err
}

// settable leaves out what the fonts cannot carry: a title from elsewhere must
// not keep a whole process from being read.
func settable(s string) string {
	return strings.Map(func(r rune) rune {
		if !supported(r) {
			return '?'
		}
		return r
	}, printable(s))
}

// untag takes the structure tree of the list away: those of the documents do
// not come along, and half a tree would hide their text from screen readers.
func untag(ctx *model.Context) error {
	root, err := ctx.Catalog()
	if err != nil {
		return damaged(err)
	}
	root.Delete("StructTreeRoot")
	root.Delete("MarkInfo")
	return nil
}

// stampPages writes the process and the running number at the head of every
// page, over whatever stands there.
func stampPages(ctx *model.Context, process string) error {
	mark, err := pdfcpu.ParseTextWatermarkDetails("Processo "+process+" - fl. %p de %P",
		"font:Helvetica, points:8, scale:1 abs, rot:0, pos:tr, off:-18 -10, fillc:#333333", true, types.POINTS)
	if err != nil {
		return err
	}
	return pdfcpu.AddWatermarks(ctx, nil, mark)
}

package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	gosync "sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Kinds of a copy of a whole process.
const (
	exportPDF = "pdf"
	exportZIP = "zip"
)

// Exports makes copies of a whole process: one PDF to be read, or a ZIP with
// the files as they were signed and received.
type Exports struct{ desk *Desk }

// ExportView is how far a copy is.
type ExportView struct {
	ID      string       `json:"id"`
	Process string       `json:"process"`
	Kind    string       `json:"kind"`
	Done    int          `json:"done"` // documents
	Of      int          `json:"of"`
	Ready   bool         `json:"ready"`
	URL     string       `json:"url"`
	Name    string       `json:"name"` // for saving
	Size    int64        `json:"size"`
	Left    []ExportLeft `json:"left"`
	Problem string       `json:"problem"`
}

// ExportLeft is a document that is not in the copy, and why.
type ExportLeft struct {
	Title  string `json:"title"`
	Reason string `json:"reason"`
}

// exports holds the one copy that is being made or waits to be fetched. It
// stays in memory, since it is opened content, and goes when the account is
// locked or another is made.
type exports struct {
	mu     gosync.Mutex
	view   ExportView
	data   []byte
	cancel context.CancelFunc
}

// Start makes a copy of the chosen documents, in the order of the tree. One is
// made at a time: a new one ends the one before.
func (x *Exports) Start(process string, documents []string, kind string) (ExportView, error) {
	a, err := x.desk.current()
	if err != nil {
		return ExportView{}, err
	}
	if kind != exportPDF && kind != exportZIP {
		return ExportView{}, sei.Errorf(sei.CodeInvalid, "A janela pediu uma cópia de um tipo desconhecido.")
	}
	m, err := a.exportOf(x.desk.ctx(), sei.ProcessID(process), documents)
	if err != nil {
		return ExportView{}, err
	}
	ctx, cancel := context.WithCancel(a.working)
	view := a.exports.begin(process, kind, m, cancel)
	a.work.Go(func() {
		defer cancel()
		data, left, err := m.write(ctx, kind, func(done int) { a.exported(view.ID, func(v *ExportView) { v.Done = done }) })
		a.finishExport(view.ID, data, left, err)
	})
	return view, nil
}

// State says how far the copy is; CodeNotFound once another was begun.
func (x *Exports) State(id string) (ExportView, error) {
	a, err := x.desk.current()
	if err != nil {
		return ExportView{}, err
	}
	a.exports.mu.Lock()
	defer a.exports.mu.Unlock()
	if a.exports.view.ID != id {
		return ExportView{}, errNoExport
	}
	return a.exports.view, nil
}

// Cancel gives the copy up and frees it. Giving up what is gone is no fault.
func (x *Exports) Cancel(id string) error {
	a, err := x.desk.current()
	if err != nil {
		return err
	}
	a.exports.mu.Lock()
	defer a.exports.mu.Unlock()
	if a.exports.view.ID == id {
		a.exports.drop()
	}
	return nil
}

var errNoExport = sei.Errorf(sei.CodeNotFound, "A cópia não está mais aqui; gere-a de novo.")

// clear is drop for when the account closes.
func (e *exports) clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drop()
}

// drop ends and frees what there is; with the lock held.
func (e *exports) drop() {
	if e.cancel != nil {
		e.cancel()
	}
	e.view, e.data, e.cancel = ExportView{}, nil, nil
}

func (e *exports) begin(process, kind string, m material, cancel context.CancelFunc) ExportView {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drop()
	id := randomText()[:22]
	e.cancel = cancel
	e.view = ExportView{ID: id, Process: process, Kind: kind, Of: len(m.parts), Name: m.name + "." + kind, Left: []ExportLeft{}}
	return e.view
}

// exported changes what is said of the copy, if it is still wanted.
func (a *account) exported(id string, change func(*ExportView)) {
	a.exports.mu.Lock()
	if a.exports.view.ID == id {
		change(&a.exports.view)
	}
	a.exports.mu.Unlock()
	a.desk.changes.say(topicExport)
}

func (a *account) finishExport(id string, data []byte, left []pdf.Left, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		a.desk.log.Error("making a copy of a process", "error", err)
	}
	a.exported(id, func(v *ExportView) {
		if err != nil {
			v.Problem = sei.MessageOf(err)
			return
		}
		a.exports.data = data
		v.Done, v.Ready, v.Size, v.URL = v.Of, true, int64(len(data)), "/content/export/"+id
		for _, l := range left {
			v.Left = append(v.Left, ExportLeft{l.Title, l.Reason})
		}
	})
}

// serveExport hands the copy over.
func (d *Desk) serveExport(w http.ResponseWriter, r *http.Request) {
	a, err := d.current()
	if err != nil {
		writeFailure(w, err)
		return
	}
	a.exports.mu.Lock()
	view, data := a.exports.view, a.exports.data
	a.exports.mu.Unlock()
	if view.ID != r.PathValue("id") || !view.Ready {
		writeFailure(w, errNoExport)
		return
	}
	kind := "application/pdf"
	if view.Kind == exportZIP {
		kind = "application/zip"
	}
	contentHeaders(w.Header(), kind, view.Name)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// material is what a copy is made of.
type material struct {
	name  string // of the file, without its ending
	cover pdf.Sheet
	label string // the process number
	parts []exportPart
}

// exportPart is one document of the tree.
type exportPart struct {
	title string
	file  string        // name in the ZIP, without its ending
	shown sei.BlobRef   // what the viewer shows
	all   []sei.BlobRef // every file of the document, the one shown first
	note  string        // why it cannot be read here; empty when it can
	open  func(sei.SHA256) (io.ReadSeekCloser, error)
}

// exportOf gathers the chosen documents. Minutes are no part of a copy, as in
// SEI; what the unit may not read is named and left out.
func (a *account) exportOf(ctx context.Context, id sei.ProcessID, documents []string) (material, error) {
	o, c, err := a.view(ctx, id)
	if err != nil {
		return material{}, err
	}
	wanted := map[string]bool{}
	for _, d := range documents {
		wanted[d] = true
	}
	number := o.process.Number
	if number == "" {
		number = pdf.ToBeFiled
	}
	m := material{label: number, name: "Processo_" + strings.Map(safeInName, number)}
	unit, _ := c.Unit(a.here())
	agency, _ := c.Agency(unit.Agency)
	m.cover = pdf.Sheet{
		Header: []string{"ESTADO DO RIO GRANDE DO SUL", strings.ToUpper(agency.Name), unit.Name}, Title: "Relação dos documentos do processo",
		Training: a.central.Info.Training, Date: time.Now().In(legalZone),
	}
	for _, d := range o.process.DocumentsInOrder() {
		if !wanted[string(d.ID)] {
			continue
		}
		p := exportPart{title: documentLabel(d, c), shown: shownBlob(d), open: a.openBlob}
		p.file = fmt.Sprintf("%03d_%s", len(m.parts)+1, strings.Map(safeInName, documentLabel(d, c)))
		switch {
		case d.Cancelled:
			p.note = "Documento cancelado: o conteúdo não está disponível."
		case d.IsMinute():
			p.note = "Minuta ainda não assinada."
		case !sei.ReadsDocument(o.process, d, a.actor()):
			p.note = "O conteúdo não está disponível para esta unidade."
		default:
			p.all = allBlobs(d)
		}
		m.parts = append(m.parts, p)
	}
	if len(m.parts) == 0 {
		return material{}, sei.Errorf(sei.CodeInvalid, "Escolha ao menos um documento para a cópia.")
	}
	return m, nil
}

// allBlobs are the files of a document: what was signed, and every signed copy.
func allBlobs(d *sei.Document) []sei.BlobRef {
	out := []sei.BlobRef{shownBlob(d)}
	add := func(b sei.BlobRef) {
		for _, have := range out {
			if have.SHA256 == b.SHA256 {
				return
			}
		}
		if b.SHA256.Valid() {
			out = append(out, b)
		}
	}
	if content, ok := d.Content(); ok {
		add(content)
	}
	for _, s := range d.Signatures {
		if s.Evidence != nil {
			add(*s.Evidence)
		}
	}
	return out
}

// safeInName keeps what every file system takes in a name.
func safeInName(r rune) rune {
	if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
		return '_'
	}
	return r
}

// openBlob opens a file of this workstation for reading from any place.
func (a *account) openBlob(sha sei.SHA256) (io.ReadSeekCloser, error) {
	in, err := a.store.OpenBlob(a.desk.ctx(), sha)
	if err != nil {
		return nil, sei.Wrap(err, sei.CodeNotFound, "O arquivo ainda não chegou a este computador. Abra o documento com conexão e gere a cópia de novo.")
	}
	return sectionFile{io.NewSectionReader(in, 0, in.Size()), in}, nil
}

type sectionFile struct {
	*io.SectionReader
	io.Closer
}

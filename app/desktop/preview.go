package desktop

import (
	"errors"
	gosync "sync"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// maxPreviews is how many typeset previews are kept for the viewer to fetch.
const maxPreviews = 8

// previews keeps the latest previews in memory: they are texts of minutes and
// touch no disk.
type previews struct {
	mu    gosync.Mutex
	order []string
	data  map[string][]byte
}

func (p *previews) add(data []byte) string {
	id := randomText()[:22]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.data == nil {
		p.data = map[string][]byte{}
	}
	p.data[id] = data
	p.order = append(p.order, id)
	if len(p.order) > maxPreviews {
		delete(p.data, p.order[0])
		p.order = p.order[1:]
	}
	return id
}

func (p *previews) get(id string) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	data, ok := p.data[id]
	return data, ok
}

// preview typesets a text that may not be ready to be signed: a field without a
// value shows its name, a character that the fonts lack shows a box.
func (l letter) preview(body *richtext.Doc) (*pdf.Result, error) {
	fields := l.fields()
	for _, name := range body.Fields() {
		if fields[name] == "" {
			fields[name] = "«" + richtext.FieldLabel(name) + "»"
		}
	}
	in := l.input(body, nil, fields)
	in.Draft = true
	return l.set(in)
}

// Preview typesets the text exactly as it would be signed, and lists what
// would stop the signing.
func (x *Documents) Preview(process, document, text string) (PreviewView, error) {
	a, err := x.desk.current()
	if err != nil {
		return PreviewView{}, err
	}
	ctx := x.desk.ctx()
	body, err := richtext.Parse([]byte(text))
	if err != nil {
		return PreviewView{}, err
	}
	o, c, err := a.view(ctx, sei.ProcessID(process))
	if err != nil {
		return PreviewView{}, err
	}
	d := o.process.Documents[sei.DocumentID(document)]
	if d == nil {
		return PreviewView{}, sei.Errorf(sei.CodeNotFound, "O documento não está mais no processo.")
	}
	l, err := a.letter(ctx, o, c, d)
	if err != nil {
		return PreviewView{}, err
	}
	v := PreviewView{Problems: l.problems(body)}
	if may := a.projector(ctx, c).maySign(o, d); !may.Allowed {
		v.Problems = append(v.Problems, may.Reason)
	}
	result, err := l.preview(body)
	if err != nil {
		if e, ok := errors.AsType[*sei.Error](err); ok {
			v.Problems = append(v.Problems, e.Message)
			return v, nil
		}
		return v, err
	}
	v.URL, v.Pages, v.SHA256 = "/content/preview/"+a.previews.add(result.PDF), result.Pages, string(hexHash(result.SHA256))
	return v, nil
}

// problems are what stops the signing of a text.
func (l letter) problems(body *richtext.Doc) []string {
	out := []string{}
	if body.IsBlank() {
		out = append(out, blankMessage)
	}
	fields := l.fields()
	for _, name := range body.Fields() {
		switch {
		case fields[name] != "":
		case name == "processo":
			out = append(out, "O texto usa o número do processo, que ainda não existe. Espere o número chegar da central ou retire o campo.")
		default:
			out = append(out, "O campo «"+richtext.FieldLabel(name)+"» ainda não tem valor.")
		}
	}
	if lost := richtext.LabelsOf(body).Dangling(body); len(lost) > 0 {
		out = append(out, "O texto cita uma parte que não existe mais ou que não tem número. Refaça a referência ou retire-a.")
	}
	if bad := pdf.UnsupportedRunes(body); len(bad) > 0 {
		out = append(out, "O texto tem caracteres que o PDF não pode representar: "+string(bad))
	}
	return out
}

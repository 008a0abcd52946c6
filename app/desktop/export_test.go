package desktop

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func (d *testDesk) exported(process string, documents []string, kind string) ExportView {
	d.t.Helper()
	x := &Exports{d.Desk}
	v, err := x.Start(process, documents, kind)
	must(d.t, err)
	d.await("the copy is ready", func() bool {
		v, err = x.State(v.ID)
		must(d.t, err)
		return v.Ready || v.Problem != ""
	})
	return v
}

func (d *testDesk) fetch(url string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.contentHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w
}

func TestACopyOfAProcessHasWhatMayBeReadAndNamesTheRest(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	process, minute := d.start()
	typeset, err := pdf.Typeset(pdf.Input{Title: "Anexo", Body: richtext.FromText("Relação dos bens.")})
	must(t, err)
	scan, err := d.stageReader(t.Context(), "relação.pdf", int64(len(typeset.PDF)), bytes.NewReader(typeset.PDF))
	must(t, err)
	first, err := d.docs.RegisterExternal(d.external(process, scan.ID))
	must(t, err)
	const content = "um;dois\n"
	sheet, err := d.stageReader(t.Context(), "planilha.csv", int64(len(content)), strings.NewReader(content))
	must(t, err)
	second, err := d.docs.RegisterExternal(d.external(process, sheet.ID))
	must(t, err)
	all := []string{minute, first.Doc, second.Doc}

	v := d.exported(process, all, exportPDF)
	if v.Problem != "" || len(v.Left) != 2 || v.Done != 3 {
		t.Fatalf("%+v", v)
	}
	answer := d.fetch(v.URL)
	text, err := pdf.Text(bytes.NewReader(answer.Body.Bytes()), int64(answer.Body.Len()), pdf.TextLimits{})
	must(t, err)
	for _, words := range []string{"Relação dos bens.", "Minuta ainda não assinada.", "outro tipo (csv)", "fl. 2 de 2"} {
		if !strings.Contains(strings.ReplaceAll(text, "\n", " "), words) {
			t.Errorf("%q is missing in:\n%s", words, text)
		}
	}

	v = d.exported(process, all, exportZIP)
	if v.Problem != "" || len(v.Left) != 1 {
		t.Fatalf("%+v", v)
	}
	answer = d.fetch(v.URL)
	z, err := zip.NewReader(bytes.NewReader(answer.Body.Bytes()), int64(answer.Body.Len()))
	must(t, err)
	files := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		must(t, err)
		data, err := io.ReadAll(in)
		must(t, err)
		files[f.Name[:3]] = string(data)
	}
	if files["002"] != string(typeset.PDF) || files["003"] != content || !strings.Contains(files["rel"], scan.SHA256) {
		t.Errorf("%d files; the originals are not there untouched", len(files))
	}

	// It is opened content: given up, it is gone.
	must(t, (&Exports{d.Desk}).Cancel(v.ID))
	if code := d.fetch(v.URL).Code; code != http.StatusNotFound {
		t.Errorf("what was given up answers %d", code)
	}
	_, err = (&Exports{d.Desk}).Start(process, nil, exportPDF)
	wantCode(t, err, sei.CodeInvalid)
}

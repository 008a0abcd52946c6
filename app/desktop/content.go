package desktop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// contentRoutes serves bytes to the viewer: through the asset handler in the
// desktop window, never through a binding, and with Range.
func (d *Desk) contentRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /content/document/{process}/{document}", d.content(func(a *account, r *http.Request) (sei.BlobRef, error) {
		doc, err := a.readable(r)
		if err != nil {
			return sei.BlobRef{}, err
		}
		return shownBlob(doc), nil
	}))
	mux.HandleFunc("GET /content/evidence/{process}/{document}/{signature}", d.content((*account).evidenceOf))
	mux.HandleFunc("GET /content/prepared/{document}", d.content(func(a *account, r *http.Request) (sei.BlobRef, error) {
		a.mu.RLock()
		defer a.mu.RUnlock()
		p, ok := a.prepared[sei.DocumentID(r.PathValue("document"))]
		if !ok {
			return sei.BlobRef{}, sei.Errorf(sei.CodeNotFound, "Abra a assinatura de novo para ver o documento.")
		}
		return p.base, nil
	}))
	mux.HandleFunc("GET /content/staged/{id}", d.content(func(_ *account, r *http.Request) (sei.BlobRef, error) {
		item, err := d.stage.get(r.PathValue("id"))
		if err != nil {
			return sei.BlobRef{}, err
		}
		return item.ref, nil
	}))
	mux.HandleFunc("GET /content/kept/{entry}", d.content(func(a *account, r *http.Request) (sei.BlobRef, error) {
		return a.keptFile(r.Context(), sei.CommandID(r.PathValue("entry")))
	}))
	mux.HandleFunc("GET /content/image/{sha}", d.content(func(a *account, r *http.Request) (sei.BlobRef, error) {
		return a.picture(r.Context(), sei.SHA256(r.PathValue("sha")))
	}))
	mux.HandleFunc("GET /content/minute/{process}/{document}", d.serveMinute)
	mux.HandleFunc("GET /content/preview/{id}", d.servePreview)
	mux.HandleFunc("GET /content/intake/{id}", d.serveIntake)
	mux.HandleFunc("GET /content/reading-copy/{document}", d.serveReadingCopy)
	mux.HandleFunc("GET /content/export/{id}", d.serveExport)
	mux.HandleFunc("POST /files", d.takeFile)
}

// content serves the stored file that find names.
func (d *Desk) content(find func(*account, *http.Request) (sei.BlobRef, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := d.current()
		if err != nil {
			writeFailure(w, err)
			return
		}
		ref, err := find(a, r)
		if err == nil {
			err = a.serveBlob(w, r, ref)
		}
		if err != nil {
			writeFailure(w, err)
		}
	}
}

func (a *account) serveBlob(w http.ResponseWriter, r *http.Request, ref sei.BlobRef) error {
	if !ref.SHA256.Valid() {
		return sei.Errorf(sei.CodeNotFound, "O arquivo não foi encontrado.")
	}
	in, err := a.store.OpenBlob(r.Context(), ref.SHA256)
	if err != nil {
		return err
	}
	defer closeQuietly(in, a.desk.log, "a file")
	section := io.NewSectionReader(in, 0, in.Size())
	if ref.MIME == "" {
		if ref.MIME, err = sniff(ref.Name, in); err != nil {
			return err
		}
	}
	contentHeaders(w.Header(), ref.MIME, ref.Name)
	http.ServeContent(w, r, "", time.Time{}, section)
	return nil
}

// contentHeaders keeps what came from outside from acting as a page of ours:
// only kinds that the viewer shows are named, everything else is a download.
func contentHeaders(h http.Header, kind, name string) {
	kind, _, _ = strings.Cut(kind, ";")
	switch kind {
	case "application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp":
	case "text/plain", "text/csv":
		kind = "text/plain; charset=utf-8"
	default:
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": name}))
	}
}

// readable finds a document of the request that the user may read here.
func (a *account) readable(r *http.Request) (*sei.Document, error) {
	o, _, err := a.view(r.Context(), sei.ProcessID(r.PathValue("process")))
	if err != nil {
		return nil, err
	}
	doc := o.process.Documents[sei.DocumentID(r.PathValue("document"))]
	if doc == nil || !sei.ReadsDocument(o.process, doc, a.actor()) || doc.IsMinute() {
		return nil, sei.Errorf(sei.CodeNotFound, "O documento não foi encontrado ou não pode ser lido por esta unidade.")
	}
	return doc, nil
}

// picture finds a picture of a text. Nothing else is given by its hash alone:
// whether a document may be read is asked under its process.
func (a *account) picture(ctx context.Context, sha sei.SHA256) (sei.BlobRef, error) {
	none := sei.Errorf(sei.CodeNotFound, "A imagem não foi encontrada.")
	if !sha.Valid() {
		return sei.BlobRef{}, none
	}
	in, err := a.store.OpenBlob(ctx, sha)
	if err != nil {
		return sei.BlobRef{}, err
	}
	defer closeQuietly(in, a.desk.log, "a picture")
	kind, err := sniff("", in)
	if err != nil {
		return sei.BlobRef{}, err
	}
	if kind != "image/png" && kind != "image/jpeg" {
		return sei.BlobRef{}, none
	}
	return sei.BlobRef{SHA256: sha, MIME: kind}, nil
}

func (a *account) evidenceOf(r *http.Request) (sei.BlobRef, error) {
	doc, err := a.readable(r)
	if err != nil {
		return sei.BlobRef{}, err
	}
	for _, s := range doc.Signatures {
		if shown := s.Shown(); string(s.ID) == r.PathValue("signature") && shown != nil {
			return *shown, nil
		}
	}
	return sei.BlobRef{}, sei.Errorf(sei.CodeNotFound, "A assinatura não foi encontrada.")
}

// serveMinute typesets the current text of a minute for the viewer.
func (d *Desk) serveMinute(w http.ResponseWriter, r *http.Request) {
	a, err := d.current()
	if err != nil {
		writeFailure(w, err)
		return
	}
	data, err := a.minutePDF(r, nil)
	if err != nil {
		writeFailure(w, err)
		return
	}
	servePDF(w, r, data)
}

func servePDF(w http.ResponseWriter, r *http.Request, data []byte) {
	contentHeaders(w.Header(), "application/pdf", "")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// minutePDF typesets text, or the minute's current text when nil.
func (a *account) minutePDF(r *http.Request, text []byte) ([]byte, error) {
	ctx, id := r.Context(), sei.DocumentID(r.PathValue("document"))
	o, c, err := a.view(ctx, sei.ProcessID(r.PathValue("process")))
	if err != nil {
		return nil, err
	}
	doc := o.process.Documents[id]
	if doc == nil || !sei.ReadsDocument(o.process, doc, a.actor()) {
		return nil, sei.Errorf(sei.CodeNotFound, "O documento não foi encontrado.")
	}
	if text == nil {
		if text, _, err = a.textOf(ctx, o, id); err != nil {
			return nil, err
		}
	}
	body, err := richtext.Parse(text)
	if err != nil {
		return nil, err
	}
	l, err := a.letter(ctx, o, c, doc)
	if err != nil {
		return nil, err
	}
	result, err := l.preview(body)
	if err != nil {
		return nil, err
	}
	return result.PDF, nil
}

// servePreview serves what Documents.Preview typeset last.
func (d *Desk) servePreview(w http.ResponseWriter, r *http.Request) {
	a, err := d.current()
	if err != nil {
		writeFailure(w, err)
		return
	}
	data, ok := a.previews.get(r.PathValue("id"))
	if !ok {
		writeFailure(w, sei.Errorf(sei.CodeNotFound, "A prévia foi substituída por outra mais nova."))
		return
	}
	servePDF(w, r, data)
}

// serveIntake shows a file of the watched folder, read where it lies.
func (d *Desk) serveIntake(w http.ResponseWriter, r *http.Request) {
	a, err := d.current()
	if err != nil {
		writeFailure(w, err)
		return
	}
	f, err := a.intake.open(r.PathValue("id"))
	if err != nil {
		writeFailure(w, err)
		return
	}
	defer closeQuietly(f, d.log, "a file")
	contentHeaders(w.Header(), "application/pdf", "")
	http.ServeContent(w, r, "", time.Time{}, f)
}

// serveReadingCopy passes on the central's via de leitura.
func (d *Desk) serveReadingCopy(w http.ResponseWriter, r *http.Request) {
	a, err := d.current()
	if err != nil {
		writeFailure(w, err)
		return
	}
	body, err := a.client.ReadingCopy(r.Context(), a.here(), sei.DocumentID(r.PathValue("document")))
	if err != nil {
		writeFailure(w, err)
		return
	}
	defer closeQuietly(body, d.log, "a reading copy")
	// Whole first: a line that breaks within must not look like a short file.
	data, err := readAllLimited(body, a.maxFile()+maxSheetBytes)
	if err != nil {
		writeFailure(w, sei.Wrap(err, sei.CodeUnavailable, "A via de leitura não chegou inteira. Tente de novo."))
		return
	}
	contentHeaders(w.Header(), "application/pdf", "via-de-leitura.pdf")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// maxSheetBytes is what the sheet of signatures may add to a reading copy.
const maxSheetBytes = 16 << 20

// takeFile takes in a file that the page sends.
func (d *Desk) takeFile(w http.ResponseWriter, r *http.Request) {
	staged, err := d.stageReader(r.Context(), r.URL.Query().Get("name"), r.ContentLength, r.Body)
	if err != nil {
		if limit, ok := errors.AsType[*http.MaxBytesError](err); ok {
			err = sei.Errorf(sei.CodeTooLarge, "O arquivo passa do limite de %d MB.", limit.Limit>>20)
		}
		writeFailure(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(staged) //nolint:errcheck // the window has gone
}

package central

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Headers of the resumable upload and of the acting unit.
const (
	headerOffset   = "Upload-Offset"
	headerLength   = "Upload-Length"
	headerComplete = "Upload-Complete"
	headerUnit     = "X-Seirs-Unit"
	complete       = "?1"
	uploadTimeout  = 15 * time.Minute // of one piece
)

func (s *Service) fileRoutes(mux *routeTable) {
	mux.HandleFunc("HEAD /v1/blobs/{sha256}", s.sessionOnly(s.serveUploadOffset))
	mux.HandleFunc("PATCH /v1/blobs/{sha256}", s.sessionOnly(s.serveUpload))
	mux.HandleFunc("GET /v1/documents/{document}/blobs/{sha256}", s.sessionOnly(s.serveBlob))
	mux.HandleFunc("GET /v1/documents/{document}/reading-copy", s.sessionOnly(s.serveReadingCopy))
}

// sessionOnly lets a handler speak the domain's errors and know who asks.
func (s *Service) sessionOnly(handle func(http.ResponseWriter, *http.Request, Session) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ses, err := s.Authenticate(r.Context(), Credentials{r.Header.Get("Authorization")}.token())
		if err == nil {
			err = handle(w, r, ses)
		}
		if err != nil {
			s.writeProblem(w, r, err)
		}
	}
}

func (s *Service) serveUploadOffset(w http.ResponseWriter, r *http.Request, ses Session) error {
	offset, done, err := s.UploadOffset(r.Context(), ses, sei.SHA256(r.PathValue("sha256")))
	if err != nil {
		return err
	}
	writeOffset(w, offset, done)
	w.WriteHeader(http.StatusOK)
	return nil
}

func writeOffset(w http.ResponseWriter, offset int64, done bool) {
	w.Header().Set(headerOffset, strconv.FormatInt(offset, 10))
	if done {
		w.Header().Set(headerComplete, complete)
	}
}

func (s *Service) serveUpload(w http.ResponseWriter, r *http.Request, ses Session) error {
	offset, errOffset := strconv.ParseInt(r.Header.Get(headerOffset), 10, 64)
	total, errTotal := strconv.ParseInt(r.Header.Get(headerLength), 10, 64)
	if errOffset != nil || errTotal != nil || offset < 0 {
		return sei.Errorf(sei.CodeInvalid, "O envio do arquivo não diz de onde continua.")
	}
	// The piece may take long on a bad line; the server's own timeout is for
	// everything else.
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTimeout)); err != nil {
		return fmt.Errorf("extending the read deadline: %w", err)
	}
	sha := sei.SHA256(r.PathValue("sha256"))
	after, done, err := s.Upload(r.Context(), ses, sha, offset, total, r.Body)
	if err != nil {
		return s.answerBrokenUpload(w, r, ses, sha, err)
	}
	writeOffset(w, after, done)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// answerBrokenUpload tells the right offset where the piece did not fit, so
// that the desk goes on from there.
func (s *Service) answerBrokenUpload(w http.ResponseWriter, r *http.Request, ses Session, sha sei.SHA256, cause error) error {
	code := sei.CodeOf(cause)
	if code == sei.CodeInvalid || code == sei.CodeTooLarge || code == sei.CodeInternal {
		return cause
	}
	offset, done, err := s.UploadOffset(r.Context(), ses, sha)
	if err != nil {
		return cause
	}
	writeOffset(w, offset, done)
	if statusOf(code) == http.StatusUnprocessableEntity { // the files' own codes: wrong offset, other content
		return sei.Wrap(cause, sei.CodeConflict, sei.MessageOf(cause))
	}
	return cause
}

func (s *Service) serveBlob(w http.ResponseWriter, r *http.Request, ses Session) error {
	unit, doc, sha := sei.UnitID(r.Header.Get(headerUnit)), sei.DocumentID(r.PathValue("document")), sei.SHA256(r.PathValue("sha256"))
	f, ref, err := s.OpenBlob(r.Context(), ses, unit, doc, sha)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	// Never rendered by a browser as this origin's own page.
	w.Header().Set("Content-Type", blobType(ref))
	w.Header().Set("Content-Disposition", disposition("attachment", safeName(ref)))
	w.Header().Set("ETag", `"`+string(sha)+`"`)
	s.noDeadlines(w)
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

func (s *Service) serveReadingCopy(w http.ResponseWriter, r *http.Request, ses Session) error {
	f, err := s.ReadingCopy(r.Context(), ses, sei.UnitID(r.Header.Get(headerUnit)), sei.DocumentID(r.PathValue("document")))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	s.noDeadlines(w)
	servePDF(w, r, "via-de-leitura.pdf", f)
	return nil
}

// servePDF shows a PDF. One that was made for this answer is given whole: it is
// made differently the next time, and pieces of the two would not fit together.
func servePDF(w http.ResponseWriter, r *http.Request, name string, pdf io.ReadSeeker) {
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", disposition("inline", name))
	if f, ok := pdf.(made); ok {
		w.Header().Set("Accept-Ranges", "none")
		w.Header().Set("Content-Length", strconv.FormatInt(f.Size(), 10))
		if r.Method != http.MethodHead {
			_, _ = f.WriteTo(w) // nobody is left to tell
		}
		return
	}
	http.ServeContent(w, r, "", time.Time{}, pdf)
}

// noDeadlines: a large file on a slow line takes longer than an answer, and an
// open stream has no end. The read deadline goes too, because the server's
// watch for a lost connection reads under it.
func (s *Service) noDeadlines(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	if err := errors.Join(c.SetWriteDeadline(time.Time{}), c.SetReadDeadline(time.Time{})); err != nil {
		s.cfg.Log.Debug("deadlines not changed", "error", err)
	}
}

func blobType(ref sei.BlobRef) string {
	if t, _, err := mime.ParseMediaType(ref.MIME); err == nil && !strings.HasPrefix(t, "text/html") {
		return t
	}
	return "application/octet-stream"
}

// disposition names a download in both forms of RFC 6266: as it is, accents and
// all, and in ASCII for programs that know no other.
func disposition(kind, name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%;`, r) {
			return '_'
		}
		return r
	}, dropAccents(name))
	return kind + `; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// pdfName names the PDF of a document as a servant would look for it.
func pdfName(typeName, number, seiNumber, remark string) string {
	name := strings.Join(strings.Fields(typeName+" "+number+" "+seiNumber+" "+remark), "_")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, name) + ".pdf"
}

// safeName keeps a received file name from naming folders.
func safeName(ref sei.BlobRef) string {
	name := path.Base(strings.ReplaceAll(ref.Name, `\`, "/"))
	if name == "." || name == "/" || ref.Name == "" {
		return string(ref.SHA256)
	}
	return name
}

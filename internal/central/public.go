package central

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

//go:embed public
var publicAssets embed.FS

const maxFormField = 200 // bytes of a typed code

// publicSite is the verification page: HTML made here, no script, one style
// sheet.
type publicSite struct {
	s    *Service
	page *template.Template
}

// publicPage is what the template shows.
type publicPage struct {
	Name, Code, CRC, Token string
	Training               bool
	Asked                  bool
	Problem                string
	Answer                 *Verification
	File                   string // "", "match", "copy" (a reading copy, whole) or "other"
	FileName               string
}

// Found and the others spare the template comparing words.
func (p publicPage) Found() bool      { return p.Answer != nil && p.Answer.Result == ResultFound }
func (p publicPage) Superseded() bool { return p.Answer != nil && p.Answer.Result == ResultSuperseded }

// DocumentURL is where the reading copy is opened or, with a hash, that file.
func (p publicPage) DocumentURL(sha string) string {
	q := url.Values{}
	if sha != "" {
		q.Set("arquivo", sha)
	}
	if p.Token != "" {
		return strings.TrimSuffix("/q/"+url.PathEscape(p.Token)+"/documento?"+q.Encode(), "?")
	}
	q.Set("codigo", p.Code)
	q.Set("crc", p.CRC)
	return "/conferir/documento?" + q.Encode()
}

// ProofURL is where a program reads the same answer with the proofs of the log.
func (p publicPage) ProofURL() string {
	return "/v1/public/verify?" + url.Values{"code": {p.Answer.Code}, "crc": {p.Answer.CRC}}.Encode()
}

func (s *Service) publicRoutes(mux *routeTable) {
	page := template.Must(template.New("page.html").Funcs(template.FuncMap{
		"horario": func(t time.Time) string { return t.In(s.zone).Format("02/01/2006 15:04:05") },
		"dia":     func(t time.Time) string { return t.In(s.zone).Format("02/01/2006") },
		"situacao": func(verdict string) string {
			switch sei.SignatureVerdict(verdict) {
			case sei.VerdictValid:
				return "válida"
			case sei.VerdictInvalid:
				return "inválida"
			}
			return "indeterminada"
		},
	}).ParseFS(publicAssets, "public/page.html"))
	site := &publicSite{s: s, page: page}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/conferir", http.StatusSeeOther) })
	mux.HandleFunc("GET /conferir", site.form)
	mux.HandleFunc("POST /conferir/arquivo", site.file)
	mux.HandleFunc("GET /conferir/documento", site.document)
	mux.HandleFunc("GET /conferir/estilo.css", site.style)
	mux.HandleFunc("GET /q/{token}", site.code)
	mux.HandleFunc("GET /q/{token}/documento", site.document)
	mux.HandleFunc("GET /v1/public/verify", site.json)
}

func (p *publicSite) style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=3600")
	http.ServeFileFS(w, r, publicAssets, "public/estilo.css")
}

// pairOf reads what the visitor shows; long input is cut, it is wrong anyway.
func pairOf(r *http.Request) pair {
	q := r.URL.Query()
	return pair{code: cut(q.Get("codigo")), crc: cut(q.Get("crc")), token: cut(r.PathValue("token"))}
}

func cut(s string) string { return s[:min(len(s), maxFormField)] }

func (p *publicSite) form(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !q.Has("codigo") && !q.Has("crc") {
		p.render(w, http.StatusOK, publicPage{})
		return
	}
	p.answer(w, r, pairOf(r))
}

func (p *publicSite) code(w http.ResponseWriter, r *http.Request) { p.answer(w, r, pairOf(r)) }

func (p *publicSite) answer(w http.ResponseWriter, r *http.Request, asked pair) {
	v, err := p.s.verify(r.Context(), callerOf(r.Context()), asked)
	page := publicPage{Code: asked.code, CRC: asked.crc, Token: asked.token, Asked: true, Answer: &v}
	if err != nil {
		p.fail(w, r, page, err)
		return
	}
	p.render(w, statusFor(v), page)
}

func statusFor(v Verification) int {
	if v.Result == ResultNotFound {
		return http.StatusNotFound
	}
	return http.StatusOK
}

func (p *publicSite) fail(w http.ResponseWriter, r *http.Request, page publicPage, err error) {
	problem := p.s.problemOf(r.Context(), err)
	for k, v := range problem.GetHeaders() {
		w.Header()[k] = v
	}
	page.Problem, page.Answer = problem.Detail, nil
	p.render(w, problem.Status, page)
}

func (p *publicSite) render(w http.ResponseWriter, status int, page publicPage) {
	page.Name, page.Training = p.s.name, p.s.training
	var out bytes.Buffer
	if err := p.page.Execute(&out, page); err != nil {
		p.s.cfg.Log.Error("public page not rendered", "error", err)
		http.Error(w, "A página não pôde ser montada. Tente de novo.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // nobody is left to tell
}

// document opens a public document.
func (p *publicSite) document(w http.ResponseWriter, r *http.Request) {
	asked := pairOf(r)
	file := sei.SHA256(cut(r.URL.Query().Get("arquivo")))
	f, name, err := p.s.openPublic(r.Context(), callerOf(r.Context()), asked, file)
	if err != nil {
		p.fail(w, r, publicPage{Code: asked.code, CRC: asked.crc, Token: asked.token, Asked: true}, err)
		return
	}
	defer func() { _ = f.Close() }() // only read
	p.s.noDeadlines(w)
	servePDF(w, r, name, f)
}

// json is the same answer for programs.
func (p *publicSite) json(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v, err := p.s.verify(r.Context(), callerOf(r.Context()), pair{code: cut(q.Get("code")), crc: cut(q.Get("crc"))})
	if err != nil {
		p.s.writeProblem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // nobody is left to tell
}

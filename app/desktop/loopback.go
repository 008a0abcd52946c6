package desktop

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// contentSecurityPolicy lets the window run its own scripts and read its own
// bytes, nothing else. Style attributes are set by the editor; the PDF viewer
// decodes images in WebAssembly.
const contentSecurityPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; " +
	"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const (
	sessionCookie = "seirs_window"
	maxCallBytes  = 16 << 20 // of one call's arguments
	maxListeners  = 16       // windows that listen for changes at once
)

// Loopback serves the window over HTTP on a loopback address, for machines
// without a display and for tests.
type Loopback struct {
	desk     *Desk
	listener net.Listener
	server   *http.Server

	mu     sync.Mutex
	ticket string // single-use, in the printed URL
	cookie string
}

// ListenLoopback opens the address, which must be a loopback one.
func ListenLoopback(desk *Desk, dist fs.FS, address string) (*Loopback, error) {
	if err := requireLoopback(address); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for the window: %w", err)
	}
	lo := &Loopback{desk: desk, listener: l, ticket: randomText(), cookie: randomText()}
	lo.server = &http.Server{Handler: lo.guard(lo.routes(dist)), ReadHeaderTimeout: 10 * time.Second}
	return lo, nil
}

func requireLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("reading address %q: %w", address, err)
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() {
		return sei.Errorf(sei.CodeInvalid, "A janela só pode ser servida neste computador (127.0.0.1 ou ::1), não em %q.", address)
	}
	return nil
}

func randomText() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// URL opens the window once; the ticket in it is spent by the first visit.
func (l *Loopback) URL() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return "http://" + l.listener.Addr().String() + "/?ticket=" + l.ticket
}

// Serve answers until ctx ends.
func (l *Loopback) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		// Open event streams would hold up a graceful end.
		shutdown, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if l.server.Shutdown(shutdown) != nil {
			l.server.Close()
		}
	})
	defer stop()
	l.server.BaseContext = func(net.Listener) context.Context { return ctx }
	if err := l.server.Serve(l.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the window: %w", err)
	}
	return nil
}

func (l *Loopback) routes(dist fs.FS) http.Handler {
	mux := http.NewServeMux()
	calls := newCalls(l.desk.bound())
	mux.HandleFunc("POST /api/{area}/{method}", func(w http.ResponseWriter, r *http.Request) { serveCall(w, r, calls) })
	mux.HandleFunc("GET /events", l.serveEvents)
	content := l.desk.contentHandler()
	mux.Handle("/content/", content)
	mux.Handle("/files", content)
	mux.Handle("/", http.FileServerFS(dist))
	return mux
}

// guard lets in only the one browser that spent the ticket, and only requests
// that the window's own pages made (DNS rebinding, cross-site requests).
func (l *Loopback) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setWindowHeaders(w.Header())
		host := l.listener.Addr().String()
		switch {
		case r.Host != host:
			http.Error(w, "host", http.StatusMisdirectedRequest)
		case r.Header.Get("Origin") != "" && r.Header.Get("Origin") != "http://"+host:
			http.Error(w, "origin", http.StatusForbidden)
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get("Origin") == "":
			http.Error(w, "origin", http.StatusForbidden)
		case r.URL.Path == "/" && r.URL.Query().Get("ticket") != "":
			l.spendTicket(w, r)
		case !l.hasCookie(r):
			http.Error(w, "Abra a janela pelo endereço mostrado no terminal; ele vale uma única vez.", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func setWindowHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

func (l *Loopback) spendTicket(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	given := r.URL.Query().Get("ticket")
	good := l.ticket != "" && subtle.ConstantTimeCompare([]byte(given), []byte(l.ticket)) == 1
	if good {
		l.ticket = ""
	}
	l.mu.Unlock()
	if !good {
		http.Error(w, "Este endereço já foi usado. Inicie o programa de novo para receber outro.", http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: l.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	// A page and not a redirect: a strict cookie does not follow a redirect that
	// began on another site, such as a click in a terminal or a mail.
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><html lang="pt-BR"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>SEI RS</title><p><a href="/">Abrir o SEI RS</a></p></html>`)
}

func (l *Loopback) hasCookie(r *http.Request) bool {
	c, err := r.Cookie(sessionCookie)
	return err == nil && subtle.ConstantTimeCompare([]byte(c.Value), []byte(l.cookie)) == 1
}

func serveCall(w http.ResponseWriter, r *http.Request, c calls) {
	var args []json.RawMessage
	body := http.MaxBytesReader(w, r.Body, maxCallBytes)
	if err := json.NewDecoder(body).Decode(&args); err != nil {
		writeFailure(w, sei.Wrap(err, sei.CodeInvalid, "A janela fez um pedido malformado."))
		return
	}
	result, err := c.invoke(r.PathValue("area")+"/"+r.PathValue("method"), args)
	if err != nil {
		writeFailure(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(result) //nolint:errcheck // the window has gone
}

func writeFailure(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	status := http.StatusUnprocessableEntity
	if sei.CodeOf(err) == sei.CodeNotFound {
		status = http.StatusNotFound
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(errorView(err)) //nolint:errcheck // the window has gone
}

// serveEvents streams the topics that changed; the window reads again what it shows.
func (l *Loopback) serveEvents(w http.ResponseWriter, r *http.Request) {
	topics, cancel, ok := l.desk.changes.listen()
	if !ok {
		http.Error(w, "too many windows", http.StatusServiceUnavailable)
		return
	}
	defer cancel()
	flush := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, ": ready\n\n")
	flush.Flush() //nolint:errcheck // seen at the next write
	for {
		select {
		case <-r.Context().Done():
			return
		case t := <-topics:
			data, _ := json.Marshal(t)
			if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil {
				return
			}
			flush.Flush() //nolint:errcheck // seen at the next write
		}
	}
}

// errorView is what the window learns of a failure: its code and one sentence.
func errorView(err error) ErrorView {
	msg := sei.MessageOf(err)
	if r, ok := errors.AsType[*sei.Refusal](err); ok {
		return ErrorView{Code: string(r.Code), Message: r.Message}
	}
	return ErrorView{Code: string(sei.CodeOf(err)), Message: strings.TrimSpace(msg)}
}

package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

const centralURL = "http://127.0.0.1:1"

// line is one desk's way to the central, and all that can go wrong on it.
type line struct {
	d     *desk
	fault Fault
	at    int // requests until the fault
	last  map[string]*answer
}

// sent is a request on its way; body is read, because it may arrive twice.
type sent struct {
	desk   *desk
	method string
	url    string
	header http.Header
	body   []byte
	cut    bool // the connection breaks in the middle of the body
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// RoundTrip carries a request of a desk's client to the central.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.d.mustLive("before a request")
	s := &sent{desk: l.d, method: r.Method, url: r.URL.RequestURI(), header: r.Header.Clone()}
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		s.body = data
	}
	a, err := l.carry(s)
	l.d.mustLive("after a request")
	if err != nil {
		return nil, err
	}
	response := &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}
	if r.Method == http.MethodHead {
		response.Body = http.NoBody
	}
	if a.status == statusCut {
		response.StatusCode = http.StatusOK
		response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body), brokenReader{}))
		response.ContentLength = int64(len(a.body)) * 2
	}
	return response, nil
}

// statusCut marks an answer of which only the first half arrives.
const statusCut = -1

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

var (
	errBroken  = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errNobody  = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errTimeout = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("i/o timeout")}
)

// carry applies the fault that this request meets, if any.
func (l *line) carry(s *sent) (*answer, error) {
	fault := l.meets(s)
	w := l.d.w
	if fault != "" {
		w.tracef("  %s %s meets %s", s.method, route(s.url), fault)
	}
	switch fault {
	case Unsent:
		return nil, errNobody
	case Dropped:
		return nil, errBroken
	case Delayed:
		w.late = append(w.late, s)
		return nil, errTimeout
	case Lost:
		_, _ = w.deliver(s)
		return nil, errBroken
	case Busy:
		return &answer{status: http.StatusServiceUnavailable, header: http.Header{"Retry-After": {"2"}}}, nil
	case Portal:
		return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("<html>Entre na rede</html>")}, nil
	case OldAnswer:
		if old := l.last[s.method+" "+route(s.url)]; old != nil {
			_, _ = w.deliver(s)
			return old, nil
		}
	case Repeated:
		if _, err := w.deliver(s); err != nil {
			return nil, err
		}
	case Cut:
		return l.cut(s)
	case Skew:
		s.body = later(s.body)
	}
	a, err := w.deliver(s)
	if err != nil {
		return nil, err
	}
	if fault == Skew {
		a = &answer{a.status, a.header, later(a.body)}
	}
	l.remember(s, a)
	return a, nil
}

func (l *line) remember(s *sent, a *answer) {
	if a.status < 300 && s.method == http.MethodPost && !strings.HasPrefix(s.url, "/v1/login") {
		l.last[s.method+" "+route(s.url)] = a
	}
}

func (l *line) meets(s *sent) Fault {
	f := l.fault
	if f == "" || f == DeskDies || f == CentralDies || f == DeskIsFull || f == CentralIsFull {
		return ""
	}
	if f == Cut && s.method != http.MethodPatch && (s.method != http.MethodGet || !strings.Contains(s.url, "/blobs/")) {
		return ""
	}
	if l.at--; l.at >= 0 {
		return ""
	}
	if f != Skew && f != Unsent { // these last for the whole action
		l.fault = ""
	}
	return f
}

// cut lets half of an upload's or a download's bytes pass.
func (l *line) cut(s *sent) (*answer, error) {
	if s.method == http.MethodPatch {
		s.body, s.cut = s.body[:len(s.body)/2], true
		_, _ = l.d.w.deliver(s)
		return nil, errBroken
	}
	a, err := l.d.w.deliver(s)
	if err != nil || a.status >= 300 {
		return a, err
	}
	return &answer{statusCut, a.header, a.body[:len(a.body)/2]}, nil
}

// route is a path without its query and the ids in it.
func route(url string) string {
	path, _, _ := strings.Cut(url, "?")
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) > 20 {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// later writes a message as a later release might: with members and values that
// this one does not know.
func later(body []byte) []byte {
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return body
	}
	addMembers(v)
	out, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return out
}

// opened are the members whose objects may grow. What is signed or hashed, and
// what is keyed by ids, is not touched.
var opened = map[string]bool{"pages": true, "rows": true, "results": true, "leases": true, "body": true}

func addMembers(v any) {
	switch x := v.(type) {
	case map[string]any:
		for name, inner := range x {
			if opened[name] {
				addMembers(inner)
			}
		}
		x[laterMember] = map[string]any{"kind": "unknown", "list": []any{1, "two"}}
	case []any:
		for _, inner := range x {
			addMembers(inner)
		}
	}
}

const laterMember = "fromALaterRelease"

// recorder is the central's side of a connection.
type recorder struct {
	answer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	r.body = append(r.body, p...)
	return len(p), nil
}

// SetReadDeadline and SetWriteDeadline are those of a real connection.
func (r *recorder) SetReadDeadline(time.Time) error  { return nil }
func (r *recorder) SetWriteDeadline(time.Time) error { return nil }

// deliver hands a request to the central, if there is one.
func (w *world) deliver(s *sent) (*answer, error) {
	c := w.central
	if !c.running() {
		return nil, errNobody
	}
	r, err := http.NewRequest(s.method, centralURL+s.url, s.reader()) //nolint:noctx // it ends with the handler
	if err != nil {
		return nil, err
	}
	r.Header = s.header.Clone()
	r.ContentLength = int64(len(s.body))
	r.RemoteAddr, r.RequestURI = "192.0.2.1:1000", s.url
	rec := &recorder{answer{header: http.Header{}}}
	serve := func() { c.handler.ServeHTTP(rec, r) }
	if s.desk.fillCentral > 0 {
		err = withFullDisk(s.desk.fillCentral-1, serve)
	} else {
		err = withRoom(serve)
	}
	if err != nil {
		return nil, err
	}
	if c.dead() {
		w.tracef("  the central dies at %s", c.where)
		w.must(c.bury())
		c.down = 2
		return nil, errBroken
	}
	rec.WriteHeader(http.StatusOK)
	rec.body = bytes.Clone(rec.body)
	w.heard(s, &rec.answer)
	return &rec.answer, nil
}

func (s *sent) reader() io.Reader {
	if s.cut {
		return io.MultiReader(bytes.NewReader(s.body), brokenReader{})
	}
	return bytes.NewReader(s.body)
}

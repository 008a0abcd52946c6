package desktop

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
)

// servedWindow is a window over loopback HTTP.
type servedWindow struct {
	t      *testing.T
	base   string
	ticket string // path of the first visit
}

func serveWindow(t *testing.T) servedWindow {
	t.Helper()
	d, err := New(Options{Profile: t.TempDir(), Version: "test"})
	must(t, err)
	l, err := ListenLoopback(d, fstest.MapFS{"index.html": {Data: []byte("janela")}}, "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		must(t, <-ended)
		must(t, d.Close())
	})
	u, err := url.Parse(l.URL())
	must(t, err)
	return servedWindow{t: t, base: "http://" + u.Host, ticket: u.RequestURI()}
}

func (s servedWindow) do(method, path string, header map[string]string, cookies ...*http.Cookie) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader("[]"))
	must(s.t, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if host := header["Host"]; host != "" {
		r.Host = host
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	must(s.t, err)
	s.t.Cleanup(func() { must(s.t, answer.Body.Close()) })
	return answer
}

// enter spends the ticket.
func (s servedWindow) enter() *http.Cookie {
	s.t.Helper()
	answer := s.do(http.MethodGet, s.ticket, nil)
	if answer.StatusCode != http.StatusOK || len(answer.Cookies()) != 1 {
		s.t.Fatalf("the ticket is answered with %s and %v", answer.Status, answer.Cookies())
	}
	return answer.Cookies()[0]
}

func TestTheTicketOpensTheWindowOnceWithACookieThatScriptsAndOtherSitesNeverSee(t *testing.T) {
	s := serveWindow(t)
	c := s.enter()
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || len(c.Value) < 40 || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
	if answer := s.do(http.MethodGet, s.ticket, nil); answer.StatusCode != http.StatusUnauthorized || len(answer.Cookies()) > 0 {
		t.Errorf("the second visit is answered with %s", answer.Status)
	}
	if answer := s.do(http.MethodGet, "/?ticket=adivinhado", nil, c); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a made-up ticket is answered with %s", answer.Status)
	}
	if answer := s.do(http.MethodGet, "/", nil, c); answer.StatusCode != http.StatusOK {
		t.Errorf("the window is answered with %s", answer.Status)
	}
}

func TestOnlyTheWindowsOwnPagesAreAnswered(t *testing.T) {
	s := serveWindow(t)
	c := s.enter()
	const call = "/api/Session/State"
	own := map[string]string{"Origin": s.base}
	for name, x := range map[string]struct {
		method, path string
		header       map[string]string
		cookie       *http.Cookie
		want         int
	}{
		"the window":                  {http.MethodPost, call, own, c, http.StatusOK},
		"without the cookie":          {http.MethodPost, call, own, nil, http.StatusUnauthorized},
		"with another cookie":         {http.MethodPost, call, own, &http.Cookie{Name: c.Name, Value: c.Value + "x"}, http.StatusUnauthorized},
		"without an origin":           {http.MethodPost, call, nil, c, http.StatusForbidden},
		"from another site":           {http.MethodPost, call, map[string]string{"Origin": "https://exemplo.com"}, c, http.StatusForbidden},
		"from a page without origin":  {http.MethodPost, call, map[string]string{"Origin": "null"}, c, http.StatusForbidden},
		"reading from another site":   {http.MethodGet, "/", map[string]string{"Origin": "https://exemplo.com"}, c, http.StatusForbidden},
		"under a rebound name":        {http.MethodPost, call, map[string]string{"Origin": s.base, "Host": "exemplo.com"}, c, http.StatusMisdirectedRequest},
		"under the name localhost":    {http.MethodGet, "/", map[string]string{"Host": "localhost"}, c, http.StatusMisdirectedRequest},
		"the events without a cookie": {http.MethodGet, "/events", nil, nil, http.StatusUnauthorized},
		"content without a cookie":    {http.MethodGet, "/content/prepared/x", nil, nil, http.StatusUnauthorized},
		"a file without a cookie":     {http.MethodPost, "/files?name=a.pdf", own, nil, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			cookies := []*http.Cookie{}
			if x.cookie != nil {
				cookies = append(cookies, x.cookie)
			}
			answer := s.do(x.method, x.path, x.header, cookies...)
			if answer.StatusCode != x.want {
				t.Errorf("answered with %s, want %d", answer.Status, x.want)
			}
			if answer.Header.Get("Content-Security-Policy") == "" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("answered without the window's headers")
			}
			if answer.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("other sites are let in")
			}
		})
	}
}

func TestAnAddressBeyondThisComputerIsRefused(t *testing.T) {
	d, err := New(Options{Profile: t.TempDir(), Version: "test"})
	must(t, err)
	defer func() { must(t, d.Close()) }()
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "exemplo.com:0", "127.0.0.1"} {
		if l, err := ListenLoopback(d, fstest.MapFS{}, address); err == nil {
			t.Errorf("%s is listened on", address)
			must(t, l.listener.Close())
		}
	}
}

func TestAFailedCallSaysWhyAndAChangeIsTold(t *testing.T) {
	s := serveWindow(t)
	c := s.enter()
	own := map[string]string{"Origin": s.base}
	answer := s.do(http.MethodPost, "/api/Inbox/Counts", own, c)
	var e ErrorView
	must(t, json.NewDecoder(answer.Body).Decode(&e))
	if answer.StatusCode != http.StatusUnprocessableEntity || e.Code != "unauthenticated" || e.Message == "" {
		t.Errorf("%s %+v", answer.Status, e)
	}
	if answer := s.do(http.MethodPost, "/api/Session/unlock", own, c); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a method that is not offered is answered with %s", answer.Status)
	}
	events := s.do(http.MethodGet, "/events", nil, c)
	lines := bufio.NewScanner(events.Body)
	for lines.Scan() && lines.Text() != ": ready" {
	}
	s.do(http.MethodPost, "/api/Session/Lock", own, c)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			if !strings.Contains(lines.Text(), topicSession) {
				t.Errorf("told %s", lines.Text())
			}
			return
		}
	}
	t.Error("the change was not told")
}

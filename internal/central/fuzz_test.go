package central_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzBodies: no body that somebody with a session sends makes the central fail.
func FuzzBodies(f *testing.F) {
	w := newWorld(f)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	handler := w.svc.Handler()
	var routes []string
	for _, r := range w.svc.Routes() {
		if strings.HasPrefix(r, "POST /v1/") && r != "POST /v1/logout" && r != "POST /v1/password" && r != "POST /v1/login" {
			routes = append(routes, strings.TrimPrefix(r, "POST "))
		}
	}
	for i := range routes {
		for _, body := range []string{`{}`, `null`, `[]`, `{"token":"x","commands":[{"type":"seirs/command","payload":"e30=","key":"k","sig":"AA=="}]}`,
			`{"unit":"demo-spgg-gab","buckets":[{"bucket":"process/x","after":-9223372036854775808},{"bucket":"","after":1}]}`,
			`{"want":-1,"return":[0]}`, `{"unit":"u","document":"d","editing":true}`, `{"command":{"payload":"bnVsbA=="},"password":"x"}`, `{"a":`} {
			f.Add(i, body)
		}
	}
	f.Fuzz(func(t *testing.T, i int, body string) {
		if i < 0 {
			i = -(i + 1)
		}
		path := routes[i%len(routes)]
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+d.token)
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code >= http.StatusInternalServerError {
			t.Fatalf("%s with %q: %d %s", path, body, answer.Code, answer.Body)
		}
	})
}

// FuzzQuestions: nor does what is asked in an address or a header.
func FuzzQuestions(f *testing.F) {
	w := newWorld(f)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	handler := w.svc.Handler()
	paths := []func(a, b string) string{
		func(a, _ string) string { return "/v1/search?q=" + url.QueryEscape(a) },
		func(a, b string) string { return "/v1/documents/" + url.PathEscape(a) + "/blobs/" + url.PathEscape(b) },
		func(a, _ string) string { return "/v1/documents/" + url.PathEscape(a) + "/reading-copy" },
		func(a, _ string) string { return "/v1/receipts/" + url.PathEscape(a) + "/proof" },
		func(a, _ string) string { return "/v1/checkpoint?from=" + url.QueryEscape(a) },
		func(a, b string) string {
			return "/v1/public/verify?code=" + url.QueryEscape(a) + "&crc=" + url.QueryEscape(b)
		},
		func(a, b string) string {
			return "/conferir?codigo=" + url.QueryEscape(a) + "&crc=" + url.QueryEscape(b)
		},
		func(a, b string) string {
			return "/q/" + url.PathEscape(a) + "/documento?arquivo=" + url.QueryEscape(b)
		},
	}
	for i := range paths {
		f.Add(i, "0000001", "0A1B2C3D", "bytes=0-1")
		f.Add(i, "%", "'\"", "bytes=-,5")
		f.Add(i, "..", "\x00", "")
	}
	f.Fuzz(func(t *testing.T, i int, a, b, header string) {
		if i < 0 {
			i = -(i + 1)
		}
		r := httptest.NewRequest(http.MethodGet, paths[i%len(paths)](a, b), nil)
		r.Header["Authorization"] = []string{"Bearer " + d.token}
		r.Header["Range"], r.Header["X-Seirs-Unit"] = []string{header}, []string{header}
		r.RemoteAddr = header + ":1"
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		// This central makes no reading copies, and says so.
		if answer.Code >= http.StatusInternalServerError && !strings.HasSuffix(r.URL.Path, "/reading-copy") {
			t.Fatalf("%s: %d %s", r.URL, answer.Code, answer.Body)
		}
	})
}

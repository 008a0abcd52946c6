package remote

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// FuzzProblem: an answer that is no answer of the central, of whatever form, is
// an outage or a sentence; it is never taken for a verdict without a code.
func FuzzProblem(f *testing.F) {
	f.Add(404, "application/problem+json", "3", []byte(`{"status":404,"code":"not_found","detail":"Nada."}`))
	f.Add(502, "text/html", "", []byte(`<html>`))
	f.Add(429, "application/problem+json; charset=utf-8", "999999999999", []byte(`{"code":"too_many"}`))
	f.Add(401, "a/b;c", "-1", []byte(`null`))
	f.Fuzz(func(t *testing.T, status int, kind, retry string, body []byte) {
		request := httptest.NewRequest(http.MethodGet, "/v1/x", nil)
		response := &http.Response{
			StatusCode: status, Status: "x", Request: request, Body: io.NopCloser(bytes.NewReader(body)),
			Header: http.Header{"Content-Type": {kind}, "Retry-After": {retry}},
		}
		err := problemOf(response)
		if err == nil || sei.CodeOf(err) == sei.CodeInternal || sei.MessageOf(err) == "" {
			t.Fatalf("%d %q %q became %v", status, kind, body, err)
		}
	})
}

// FuzzAddress: no address that is typed reaches the network without TLS, but loopback.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"https://sei.rs.gov.br", "http://localhost:1", "http://localhost.example", "http://127.0.0.1@x", "https://a b", " https://x/ ", "HTTP://X"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		u, err := parseAddress(address)
		if err != nil {
			if sei.CodeOf(err) != CodeAddress {
				t.Fatalf("%q: %v", address, err)
			}
			return
		}
		if u.Scheme != "https" && !isLoopback(u.Hostname()) || u.User != nil || u.Host == "" {
			t.Fatalf("%q was taken as %s", address, u)
		}
	})
}

// FuzzProxySetting: what the system says of proxies is anything that was typed there.
func FuzzProxySetting(f *testing.F) {
	f.Add("https", "http=a:1;https=b:2", "sei.rs.gov.br", "*.gov.br;<local>")
	f.Add("http", "socks=x", "10.0.0.1", "10.*")
	f.Fuzz(func(t *testing.T, scheme, setting, host, list string) {
		if u, err := proxyFor(scheme, setting); err == nil && u != nil && u.Host == "" {
			t.Fatalf("%q gives a proxy without a host: %s", setting, u)
		}
		if bypassed(host, list) && list == "" {
			t.Fatalf("%q goes around no list", host)
		}
	})
}

// FuzzUploadState: the headers of an upload.
func FuzzUploadState(f *testing.F) {
	f.Add("12", "?0")
	f.Add("-1", "?1")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, offset, complete string) {
		response := &http.Response{Header: http.Header{"Upload-Offset": {offset}, "Upload-Complete": {complete}}}
		at, done, err := uploadState(response)
		if err == nil && at < 0 && !done {
			t.Fatalf("%q is an offset of %d", offset, at)
		}
	})
}

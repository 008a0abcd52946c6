package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// CodeAddress says that the central's address cannot be used.
const CodeAddress sei.Code = "central.address"

// Limits of answers, in bytes after decompression.
const (
	maxSmallAnswer = 4 << 20  // login, push, lease
	maxPullAnswer  = 64 << 20 // wire.MaxPullRows rows
	maxProblem     = 64 << 10
)

// maxCall ends an exchange that goes on drop by drop.
const maxCall = 15 * time.Minute

// Options are what a client may be told beyond the address. Zero fields take
// sensible values.
type Options struct {
	UserAgent string
	// CallTimeout bounds the silence within one exchange of messages; on a slow
	// line, as long as bytes move, it may take up to fifteen minutes.
	CallTimeout time.Duration
	// StallTimeout bounds the silence within a transfer of a file or of hints.
	StallTimeout time.Duration
	// Roots are certificates (PEM) of authorities that are trusted for TLS beside the
	// system's: those of an agency whose central, or whose inspecting proxy, has
	// a certificate of its own authority.
	Roots []byte
	// Transport replaces the way to the network, for tests.
	Transport http.RoundTripper
}

// Client speaks to one central. All methods may be called at the same time.
type Client struct {
	base    *url.URL
	http    *http.Client
	options Options
	session session
}

// New makes a client for the central at the address, such as
// https://sei.rs.gov.br; without TLS only loopback addresses are taken.
// Errors have [CodeAddress].
func New(address string, o Options) (*Client, error) {
	base, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if o.UserAgent == "" {
		o.UserAgent = "SEI-RS-Desktop"
	}
	if o.CallTimeout <= 0 {
		o.CallTimeout = time.Minute
	}
	if o.StallTimeout <= 0 {
		o.StallTimeout = time.Minute
	}
	if o.Transport == nil {
		roots, err := trustedRoots(o.Roots)
		if err != nil {
			return nil, err
		}
		o.Transport = newTransport(roots)
	}
	c := &Client{base: base, options: o}
	c.http = &http.Client{Transport: o.Transport, CheckRedirect: sameHostOnly}
	return c, nil
}

// Transport is the way to the network, with its proxy and trusted authorities, for
// questions to others. It carries no session.
func (c *Client) Transport() http.RoundTripper { return c.options.Transport }

func parseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, sei.Wrap(err, CodeAddress, "O endereço da central não é válido. Use a forma https://nome-da-central.")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		return nil, sei.Errorf(CodeAddress, "O endereço da central deve começar com https://.")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func newTransport(roots *x509.CertPool) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  systemProxy,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           8,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

var errRedirect = errors.New("redirect to another address refused")

// sameHostOnly keeps tokens and bodies with the host that they were meant for.
func sameHostOnly(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	if r.URL.Scheme != first.Scheme || r.URL.Host != first.Host || len(via) > 3 {
		return errRedirect
	}
	return nil
}

// request is one exchange in the making.
type request struct {
	method string
	path   string // already escaped
	query  url.Values
	unit   sei.UnitID
	body   any       // JSON
	stream io.Reader // raw bytes instead, of length bytes
	length int64
	header map[string]string
	open   bool   // needs no session
	stall  *stall // that the JSON body moves, if set
}

// send makes the exchange and gives back an answer of the 2xx class; anything
// else is an error in the servant's terms. The caller closes the body.
func (c *Client) send(ctx context.Context, q request) (*http.Response, error) {
	token := c.session.get()
	if !q.open && token == "" {
		return nil, noSession(nil)
	}
	r, err := c.build(ctx, q)
	if err != nil {
		return nil, err
	}
	if !q.open {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, unreachable(ctx, err)
	}
	if response.StatusCode >= 200 && response.StatusCode < 300 {
		return response, nil
	}
	defer response.Body.Close()
	err = problemOf(response)
	if sei.CodeOf(err) == sei.CodeUnauthenticated {
		c.session.end(token)
	}
	return nil, err
}

func (c *Client) build(ctx context.Context, q request) (*http.Request, error) {
	body := q.stream
	var open func() (io.ReadCloser, error) // again, on another connection
	if q.body != nil {
		data, err := json.Marshal(q.body)
		if err != nil {
			return nil, fmt.Errorf("encoding the request to %s: %w", q.path, err)
		}
		q.length = int64(len(data))
		open = func() (io.ReadCloser, error) { return io.NopCloser(q.stall.watch(bytes.NewReader(data))), nil }
		body, _ = open()
	}
	target := c.base.String() + q.path
	if len(q.query) > 0 {
		target += "?" + q.query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, q.method, target, body)
	if err != nil {
		return nil, fmt.Errorf("making the request to %s: %w", q.path, err)
	}
	r.ContentLength, r.GetBody = q.length, open
	if q.stream != nil {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("User-Agent", c.options.UserAgent)
	if q.unit != "" {
		r.Header.Set("X-Seirs-Unit", string(q.unit))
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	return r, nil
}

// call exchanges JSON messages; out may be nil.
func (c *Client) call(ctx context.Context, q request, out any, limit int64) error {
	ctx, cancel := context.WithTimeout(ctx, maxCall)
	defer cancel()
	ctx, q.stall = newStall(ctx, c.options.CallTimeout)
	defer q.stall.stop()
	response, err := c.send(ctx, q)
	if err != nil {
		return q.stall.explain(err)
	}
	defer response.Body.Close()
	if out == nil {
		return nil
	}
	data, err := io.ReadAll(q.stall.watch(io.LimitReader(response.Body, limit+1)))
	switch {
	case err != nil:
		return q.stall.explain(unreachable(ctx, err))
	case int64(len(data)) > limit:
		return unexpected(fmt.Errorf("answer to %s has over %d bytes", q.path, limit))
	}
	if err := json.Unmarshal(data, out); err != nil {
		return unexpected(fmt.Errorf("decoding the answer to %s: %w", q.path, err))
	}
	return nil
}

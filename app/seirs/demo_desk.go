package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
)

// station is a workstation: a `seirs desk` with a profile of its own, driven
// over loopback HTTP exactly as the window in a browser drives it.
type station struct {
	d       *demo
	name    string
	args    []string
	program *program
	base    string
	http    *http.Client
	news    *news
}

// callLimit bounds one call; a wait for news has its own limit.
const (
	callLimit = 30 * time.Second
	newsLimit = 45 * time.Second
)

func (d *demo) newStation(name string, args ...string) *station {
	return &station{d: d, name: name, args: args}
}

// start opens the station and spends the ticket as a browser does.
func (s *station) start() {
	p, err := s.d.crew.launch(s.d.ctx, launch{
		name: "desk " + s.name, ready: "desk: ", exe: s.d.exe, log: filepath.Join(s.d.work, "desk-"+s.name+".log"),
		args: append([]string{"desk", "--profile", s.profile(), "--central", s.d.url, "--verbose"}, s.args...),
		env: []string{
			"SOFTHSM2_CONF=" + s.d.signer.token.Config,
			// The keyring of whoever runs the demonstration is left alone.
			"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(s.d.work, "no-keyring"),
		},
	})
	must(err, "starting the desk")
	s.program = p
	ticket, err := url.Parse(p.address)
	must(err, "reading the desk's address")
	s.base = ticket.Scheme + "://" + ticket.Host
	jar, err := cookiejar.New(nil)
	must(err, "making a cookie jar")
	s.http = &http.Client{Jar: jar}
	_, err = s.get(ticket.RequestURI())
	must(err, "spending the ticket")
	s.news, err = s.listen()
	must(err, "listening for changes")
}

func (s *station) profile() string { return filepath.Join(s.d.work, "profile-"+s.name) }

// kill ends the station as a power cut would.
func (s *station) kill() {
	s.news.close()
	must(s.program.kill(), "killing the desk")
}

// close ends the station as closing the window does.
func (s *station) close() {
	s.news.close()
	must(s.program.stop(), "closing the desk")
}

// callFailure is what the window is told of a failed call.
type callFailure struct {
	Method  string `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *callFailure) Error() string {
	return fmt.Sprintf("%s: %s (%s)", f.Method, f.Message, f.Code)
}

// call calls a bound method.
func (s *station) call(method string, out any, args ...any) error {
	if args == nil {
		args = []any{}
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return s.post("/api/"+method, method, bytes.NewReader(body), out)
}

func (s *station) post(path, method string, body io.Reader, out any) error {
	ctx, cancel := context.WithTimeout(s.d.ctx, callLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Origin", s.base)
	answer, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	if answer.StatusCode != http.StatusOK {
		failure := &callFailure{Method: method}
		if err := json.NewDecoder(answer.Body).Decode(failure); err != nil {
			return fmt.Errorf("%s: %s", method, answer.Status)
		}
		return failure
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// must ends the step if a call failed.
func (s *station) must(err error) { must(err, s.name) }

// stage gives a file to the desk as dropping it on the window does.
func (s *station) stage(name string, data []byte) desktop.StagedFile {
	var f desktop.StagedFile
	s.must(s.post("/files?name="+url.QueryEscape(name), "files", bytes.NewReader(data), &f))
	return f
}

// get reads what the viewer reads.
func (s *station) get(path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(s.d.ctx, callLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, answer.Status, data)
	}
	return data, err
}

// pdf reads a document and insists that it is a PDF.
func (s *station) pdf(path string) []byte {
	data, err := s.get(path)
	s.must(err)
	claim(bytes.HasPrefix(data, []byte("%PDF-")), "%s is no PDF", path)
	return data
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// news gathers the topics that the desk says have changed.
type news struct {
	cancel context.CancelFunc
	wake   chan struct{}

	mu     sync.Mutex
	topics []string
	ended  error
}

func (s *station) listen() (*news, error) {
	ctx, cancel := context.WithCancel(s.d.ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/events", nil)
	if err != nil {
		cancel()
		return nil, err
	}
	answer, err := s.http.Do(r) //nolint:bodyclose // read closes it
	if err != nil {
		cancel()
		return nil, err
	}
	n := &news{cancel: cancel, wake: make(chan struct{}, 1)}
	go n.read(answer.Body)
	return n, nil
}

func (n *news) close() { n.cancel() }

func (n *news) read(body io.ReadCloser) {
	defer func() { _ = body.Close() }() // only read
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var topics []string
		if json.Unmarshal([]byte(data), &topics) != nil {
			continue
		}
		n.mu.Lock()
		n.topics = append(n.topics, topics...)
		n.mu.Unlock()
		n.poke()
	}
	n.mu.Lock()
	n.ended = io.EOF
	n.mu.Unlock()
	n.poke()
}

func (n *news) poke() {
	select {
	case n.wake <- struct{}{}:
	default: // awake already
	}
}

// take gives the topics said since the last take.
func (n *news) take() ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	topics := n.topics
	n.topics = nil
	return topics, n.ended
}

// await reads again each time that the desk says that the topic changed, as the
// window does, until what is awaited is so. Nothing is asked in between: a
// change that is not announced is a change that the window would not show.
func (s *station) await(what, topic string, so func() bool) {
	deadline := time.NewTimer(newsLimit)
	defer deadline.Stop()
	_, _ = s.news.take() // said before: what it was about is read now
	if so() {
		return
	}
	for {
		select {
		case <-s.news.wake:
			topics, ended := s.news.take()
			if slices.Contains(topics, topic) && so() {
				return
			}
			claim(ended == nil, "%s: the desk stopped telling changes while waiting until %s", s.name, what)
		case <-deadline.C:
			claim(false, "%s: waited %s until %s; last state: %v", s.name, newsLimit, what, s.state())
		case <-s.d.ctx.Done():
			must(s.d.ctx.Err(), "waiting until "+what)
		}
	}
}

// state describes the station for a failure.
func (s *station) state() string {
	var status, queue json.RawMessage
	_ = s.call("Session/Status", &status) // only words for a failure
	_ = s.call("Outbox/List", &queue)
	return string(status) + " " + string(queue)
}

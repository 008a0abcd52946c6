//go:build linux

package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
)

// account names an account of the demonstration.
type account struct{ agency, login string }

// desk is a workstation: `seirs desk` with a profile of its own, driven over
// loopback exactly as its window drives it.
type desk struct {
	t       *testing.T
	who     account
	profile string
	url     string // of the central, or of what stands before it
	log     string

	mu      sync.Mutex // guards what follows: a kill comes from elsewhere
	program *process
	base    string
	http    *http.Client
	lives   int // grows when it is killed and when it is open again
	// acks are the acts that the servant was told are in the queue, by their id,
	// with the method that queued them.
	acks map[string]string
	// texts are those acts that stored a text, and files the content handed in.
	texts map[string]bool
	files map[string]bool
}

func newDesk(t *testing.T, folder, url string, who account) *desk {
	t.Helper()
	d := &desk{
		t: t, who: who, url: url, profile: filepath.Join(folder, "desk-"+who.login), log: filepath.Join(t.TempDir(), who.login+".log"),
		acks: map[string]string{}, texts: map[string]bool{}, files: map[string]bool{},
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the last messages of %s's desk:\n%s", who.login, tail(d.log))
		}
	})
	return d
}

// start opens the program and spends the ticket as a browser does.
func (d *desk) start() error {
	p, err := launch(d.t, "desk of "+d.who.login, "desk: ", d.log, "desk", "--profile", d.profile, "--central", d.url)
	if err != nil {
		return err
	}
	ticket, err := url.Parse(p.address)
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.program, d.base, d.http = p, ticket.Scheme+"://"+ticket.Host, &http.Client{Jar: jar}
	d.mu.Unlock()
	answer, err := d.http.Get(d.base + ticket.RequestURI())
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func (d *desk) login() error {
	return d.call("Session/Login", nil, desktop.LoginForm{Central: d.url, Agency: d.who.agency, Login: d.who.login, Password: central.DemoPassword})
}

// unlock opens the account as after a crash, without the central.
func (d *desk) unlock() error {
	return d.call("Session/Unlock", nil, d.who.agency, d.who.login, central.DemoPassword)
}

// falls says that the desk is about to be killed: what it answers from now on
// is no fault.
func (d *desk) falls() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lives++
}

// kill ends the desk at once.
func (d *desk) kill() {
	d.falls()
	d.program.kill()
}

// revive opens the desk again, as the servant does after a crash.
func (d *desk) revive() error {
	if err := d.start(); err != nil {
		return err
	}
	if err := d.unlock(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lives++
	return nil
}

// life tells one life of the desk from the next, and from being away.
func (d *desk) life() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lives
}

// failure is what the window is told of a failed call.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	method  string
}

func (f *failure) Error() string { return fmt.Sprintf("%s: %s (%s)", f.method, f.Message, f.Code) }

// call calls a bound method. An error that is no [failure] means that the desk
// was not there, or went away: whether the act was queued is then unknown.
func (d *desk) call(method string, out any, args ...any) error {
	if args == nil {
		args = []any{}
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return d.post("/api/"+method, method, body, out)
}

func (d *desk) post(path, method string, body []byte, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	d.mu.Lock()
	base, client := d.base, d.http
	d.mu.Unlock()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Origin", base)
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		f := &failure{method: method}
		if json.Unmarshal(data, f) != nil {
			return fmt.Errorf("%s: %s: %.200s", method, answer.Status, data)
		}
		return f
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// act queues something and notes what the servant was told.
func (d *desk) act(method string, args ...any) (desktop.Queued, error) {
	var q desktop.Queued
	err := d.call(method, &q, args...)
	if err == nil {
		d.note(method, q.ID)
	}
	return q, err
}

func (d *desk) note(method, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.acks[id] = method
}

// save stores a text of a minute.
func (d *desk) save(process, document, text string) error {
	var e desktop.EditorView
	if err := d.call("Documents/Edit", &e, process, document); err != nil {
		return err
	}
	var r desktop.SaveResult
	if err := d.call("Documents/Save", &r, process, document, e.Base, text, []string{}); err != nil || !r.Queued {
		return err
	}
	d.note("Documents/Save", r.Base)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.texts[r.Base] = true
	return nil
}

// register hands a file in.
func (d *desk) register(process, name string, content []byte) error {
	var f desktop.StagedFile
	if err := d.post("/files?name="+url.QueryEscape(name), "files", content, &f); err != nil {
		return err
	}
	_, err := d.act("Documents/RegisterExternal", desktop.ExternalForm{
		Process: process, Type: typeExternal, Date: "2026-03-02", Format: "nato-digital", Staged: f.ID,
	})
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.files[f.SHA256] = true
	}
	return err
}

func (d *desk) queue() ([]desktop.QueueView, error) {
	var list []desktop.QueueView
	err := d.call("Outbox/List", &list)
	return list, err
}

// await asks again whenever the desk says that something changed, until what is
// awaited is so; stuck gives words for the failure.
func (d *desk) await(so func() bool, stuck func() string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/events", nil)
	fatal(d.t, err)
	answer, err := d.http.Do(r)
	fatal(d.t, err)
	defer answer.Body.Close()
	for part := make([]byte, 4096); !so(); {
		if _, err := answer.Body.Read(part); err != nil {
			var status json.RawMessage
			_ = d.call("Session/Status", &status) // only words for the failure
			d.t.Fatalf("%s's desk: %s; status %s: %v", d.who.login, stuck(), status, err)
		}
	}
}

// awaitEmpty waits until the central has answered everything in the queue.
func (d *desk) awaitEmpty() {
	d.t.Helper()
	var list []desktop.QueueView
	d.await(func() bool {
		var err error
		list, err = d.queue()
		fatal(d.t, err)
		return len(list) == 0
	}, func() string {
		return fmt.Sprintf("the queue is stuck with %d entries, the first: %+v", len(list), list[0])
	})
}

// awaitPhase waits until the status bar is so.
func (d *desk) awaitPhase(phase string) {
	d.t.Helper()
	d.awaitStatus(phase, func(v desktop.StatusView) bool { return v.Phase == phase })
}

// awaitText waits until the servant reads it in the status bar.
func (d *desk) awaitText(text string) {
	d.t.Helper()
	d.awaitStatus(text, func(v desktop.StatusView) bool { return strings.HasPrefix(v.Text, text) })
}

func (d *desk) awaitStatus(what string, so func(desktop.StatusView) bool) {
	d.t.Helper()
	d.await(func() bool {
		var v desktop.StatusView
		fatal(d.t, d.call("Session/Status", &v))
		return so(v)
	}, func() string { return "the status is not: " + what })
}

// storePath is the desk's database.
func (d *desk) storePath() string {
	d.t.Helper()
	found := ""
	err := filepath.WalkDir(d.profile, func(path string, _ os.DirEntry, err error) error {
		if err == nil && filepath.Base(path) == "store.db" {
			found = path
		}
		return err
	})
	fatal(d.t, err)
	if found == "" {
		d.t.Fatalf("%s's desk has no store", d.who.login)
	}
	return found
}

// refused tells a failure of the desk itself from a desk that is not there.
func refused(err error) bool {
	_, ok := errors.AsType[*failure](err)
	return ok
}

// pause lets time pass where it is part of what is tried, such as the moment of
// a kill.
func pause(d time.Duration) { time.Sleep(d) }

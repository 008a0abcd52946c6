package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// run executes the program as a shell would.
func run(ctx context.Context, stdin string, args ...string) (stdout string, err error) {
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(io.Discard)
	err = root.ExecuteContext(ctx)
	return out.String(), err
}

// running is a central started by its command.
type running struct {
	url  string
	rest *bufio.Reader // what it writes after the line with its address
	stop func() error
}

func startCentral(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	root := newRootCommand()
	root.SetArgs(append([]string{"central", "--listen", "127.0.0.1:0"}, args...))
	root.SetOut(writer)
	go func() {
		err := root.ExecuteContext(ctx)
		_ = writer.Close()
		done <- err
	}()
	out := bufio.NewReader(reader)
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatalf("the central wrote %q and ended: %v", line, <-done)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "central: ")
	if !ok {
		t.Fatalf("the central wrote %q", line)
	}
	stopped := false
	c := &running{url: url, rest: out}
	c.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() { _ = c.stop() })
	return c
}

func (c *running) info(t *testing.T) wire.CentralInfo {
	t.Helper()
	resp, err := http.Get(c.url + "/v1/info")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var info wire.CentralInfo
	if err := json.NewDecoder(resp.Body).Decode(&info); err != nil {
		t.Fatal(err)
	}
	return info
}

func (c *running) login(t *testing.T, agency, login, password string) error {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	device := sei.DeviceID(newID())
	body, err := json.Marshal(wire.LoginRequest{Agency: agency, Login: login, Password: password, Device: wire.DeviceEnrolment{
		ID: device, Public: pub, Name: "teste", Proof: ed25519.Sign(key, wire.EnrolmentProofMessage(c.info(t).ID, login, device)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(c.url+"/v1/login", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	var p wire.Problem
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return sei.Errorf(p.Code, "%s", p.Detail)
}

func TestTheCentralWritesOneLineWhenReadyAndStopsWhenAsked(t *testing.T) {
	c := startCentral(t, "--data", t.TempDir(), "--demo")
	info := c.info(t)
	if !info.Training || len(info.DemoUsers) < 9 || len(info.Agencies) < 3 || info.PublicURL != c.url+"/conferir" {
		t.Errorf("info: %+v", info)
	}
	for _, u := range []int{0, 7} {
		if err := c.login(t, info.DemoUsers[u].Agency, info.DemoUsers[u].Login, info.DemoUsers[u].Password); err != nil {
			t.Errorf("%s: %v", info.DemoUsers[u].Login, err)
		}
	}
	if err := c.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	if more, _ := io.ReadAll(c.rest); len(more) > 0 {
		t.Errorf("it also wrote %q", more)
	}
}

func TestListeningBeyondLoopbackNeedsTLSOrADeclaredProxy(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.org:0"} {
		if _, err := run(t.Context(), "", "central", "--data", t.TempDir(), "--listen", listen); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("%s: %v", listen, err)
		}
	}
	for _, f := range []serveFlags{
		{listen: "127.0.0.1:0"}, {listen: "[::1]:0"}, {listen: "localhost:0"},
		{listen: "0.0.0.0:0", behindProxy: true}, {listen: ":443", tlsCert: "c.pem", tlsKey: "k.pem"},
	} {
		if err := checkListener(f); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := run(t.Context(), "", "central", "--data", t.TempDir(), "--tls-cert", "c.pem"); err == nil {
		t.Error("a certificate without its key was taken")
	}
}

func TestUsersAreAdministeredBesideARunningCentral(t *testing.T) {
	data := t.TempDir()
	must := func(out string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	must(run(t.Context(), "", "central", "init", "--data", data, "--name", "SEI de teste"))
	c := startCentral(t, "--data", data)
	if info := c.info(t); info.Name != "SEI de teste" || info.Training || len(info.DemoUsers) > 0 {
		t.Errorf("info: %+v", info)
	}
	must(run(t.Context(), "", "central", "unit", "add", "--data", data, "--agency", "SPGG", "--acronym", "GAB", "--full-name", "Gabinete"))
	add := []string{"central", "user", "add", "--data", data, "--agency", "SPGG", "--login", "maria", "--full-name", "Maria Souza", "--unit", "GAB", "--password-stdin"}
	must(run(t.Context(), "uma frase bem longa\n", add...))
	if _, err := run(t.Context(), "uma frase bem longa\n", add...); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("a second user of the same name: %v", err)
	}
	if err := c.login(t, "spgg", "Maria ", "uma frase bem longa"); err != nil {
		// The proof is over the login as typed.
		t.Errorf("login: %v", err)
	}
	out := must(run(t.Context(), "", "central", "user", "reset", "--data", data, "--agency", "SPGG", "--login", "maria"))
	_, password, found := strings.Cut(strings.TrimSpace(out), "senha provisória: ")
	if !found {
		t.Fatalf("reset wrote %q", out)
	}
	if err := c.login(t, "SPGG", "maria", password); err != nil {
		t.Errorf("the new password: %v", err)
	}
	must(run(t.Context(), "", "central", "user", "disable", "--data", data, "--agency", "SPGG", "--login", "maria"))
	if err := c.login(t, "SPGG", "maria", password); sei.CodeOf(err) != "login.wrong" {
		t.Errorf("a disabled user: %v", err)
	}
}

func TestTrainingRootsAreOnlyForTrainingCentrals(t *testing.T) {
	data := t.TempDir()
	_, err := run(t.Context(), "", "central", "init", "--data", data, "--trust-roots", filepath.Join(data, "root.pem"))
	if sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestAnErrorForThePersonIsOneSentence(t *testing.T) {
	_, err := run(t.Context(), "curta\n", "central", "user", "add", "--data", t.TempDir(), "--agency", "SPGG", "--login", "x1", "--full-name", "X", "--password-stdin")
	if e, ok := errors.AsType[*sei.Error](err); !ok || !strings.Contains(e.Message, "senha") {
		t.Errorf("got %v", err)
	}
}

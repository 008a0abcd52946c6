//go:build linux

package crash

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Limits of waits. They are generous: a busy machine is no fault.
const (
	startLimit  = 60 * time.Second
	stopLimit   = 30 * time.Second
	callLimit   = 60 * time.Second
	settleLimit = 2 * time.Minute // until every queue is empty after the faults
)

// builtProgram is the program under test; without SEIRS_PROGRAM it is built.
var builtProgram = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("SEIRS_PROGRAM"); given != "" {
		return filepath.Abs(given)
	}
	path := filepath.Join(workFolder, "seirs")
	out, err := exec.Command("go", "build", "-tags", "sqlite_fts5", "-trimpath", "-buildvcs=false", "-o", path, "../seirs").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return path, nil
})

// workFolder holds what the tests share.
var workFolder string

func TestMain(m *testing.M) {
	var err error
	if workFolder, err = os.MkdirTemp("", "seirs-crash-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(workFolder)
	os.Exit(code)
}

func theProgram(t *testing.T) string {
	t.Helper()
	path, err := builtProgram()
	fatal(t, err)
	return path
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// process is one running program.
type process struct {
	name    string
	address string // what it announced when it was ready
	cmd     *exec.Cmd
	exited  chan struct{}
}

// launch starts the program and waits for the line that begins with ready. Its
// messages go to the log, which a failed test shows.
func launch(t *testing.T, name, ready, log string, args ...string) (*process, error) {
	t.Helper()
	out, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &process{name: name, cmd: exec.Command(theProgram(t), args...), exited: make(chan struct{})}
	// The keyring of whoever runs the tests is left alone.
	p.cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(workFolder, "no-keyring"))
	p.cmd.Stderr = out
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(p.kill)
	announced := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(pipe)
		said := ""
		for said == "" && lines.Scan() {
			said, _ = strings.CutPrefix(lines.Text(), ready)
		}
		announced <- said
		_, _ = io.Copy(io.Discard, pipe) // ends with the program
		_ = p.cmd.Wait()                 // how it ended is read from its state
		close(p.exited)
	}()
	select {
	case p.address = <-announced:
	case <-time.After(startLimit):
		p.kill()
		return nil, fmt.Errorf("%s was not ready after %s", name, startLimit)
	}
	if p.address == "" {
		<-p.exited
		return nil, fmt.Errorf("%s ended before it was ready: %s\n%s", name, p.cmd.ProcessState, tail(log))
	}
	return p, nil
}

// kill ends the program at once, wherever it is; it is none that has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.exited
}

// stop asks the program to end, and expects it to end well.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping %s: %w", p.name, err)
	}
	select {
	case <-p.exited:
	case <-time.After(stopLimit):
		return fmt.Errorf("%s did not end within %s", p.name, stopLimit)
	}
	if !p.cmd.ProcessState.Success() {
		return fmt.Errorf("%s ended with %s when asked to stop", p.name, p.cmd.ProcessState)
	}
	return nil
}

// tail is the end of a log, for a failure.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-4000):])
}

// ports are those that tests of this run were given.
var ports sync.Map

// freePort finds a loopback port that nobody listens on and that the system
// gives to no outgoing connection: a central that was killed comes back on it.
func freePort(t *testing.T) string {
	t.Helper()
	for n := range 10_000 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20_000+(os.Getpid()*7+n)%10_000))
		if _, given := ports.LoadOrStore(address, true); given {
			continue
		}
		l, err := net.Listen("tcp", address)
		if err == nil {
			fatal(t, l.Close())
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

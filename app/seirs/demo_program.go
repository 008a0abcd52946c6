package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// crew are the programs that the demonstration runs.
type crew struct{ programs []*program }

// program is one running process.
type program struct {
	launch
	address string // what it announced when it was ready
	cmd     *exec.Cmd
	exited  chan struct{} // closed when it has ended
}

// launch says how a program is started.
type launch struct {
	name  string
	exe   string
	args  []string
	env   []string // beside the demonstration's own
	ready string   // what the line begins with that says it is ready
	log   string   // file for its messages
}

const (
	startLimit = 30 * time.Second
	stopLimit  = 10 * time.Second
	tailBytes  = 3000 // of a log shown after a failure
)

// launch starts a program and waits for its ready line.
func (c *crew) launch(ctx context.Context, l launch) (*program, error) {
	log, err := os.OpenFile(l.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the program has its own
	p := &program{launch: l, cmd: exec.CommandContext(ctx, l.exe, l.args...), exited: make(chan struct{})}
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), l.env...), log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	c.programs = append(c.programs, p)
	announced := make(chan string, 1)
	go p.follow(out, announced)
	select {
	case p.address = <-announced:
		if p.address != "" {
			return p, nil
		}
		return nil, fmt.Errorf("%s ended before it was ready", l.name)
	case <-time.After(startLimit):
		return nil, fmt.Errorf("%s was not ready after %s", l.name, startLimit)
	}
}

// follow reads the program's output to its end, so that it never waits for a
// reader, and then its exit.
func (p *program) follow(out io.Reader, announced chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), p.ready); ok {
			announced <- address
			break
		}
	}
	_, _ = io.Copy(io.Discard, out) // ends with the program
	_ = p.cmd.Wait()                // the exit code is read from its state
	close(p.exited)
	select {
	case announced <- "":
	default:
	}
}

// kill ends the program as a power cut would.
func (p *program) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("killing %s: %w", p.name, err)
	}
	return p.gone()
}

// stop asks the program to end and expects it to end well.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping %s: %w", p.name, err)
	}
	if err := p.gone(); err != nil {
		return err
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %d when asked to stop", p.name, code)
	}
	return nil
}

func (p *program) gone() error {
	select {
	case <-p.exited:
		return nil
	case <-time.After(stopLimit):
		return fmt.Errorf("%s did not end within %s", p.name, stopLimit)
	}
}

// stopAll ends whatever still runs.
func (c *crew) stopAll() {
	for _, p := range slices.Backward(c.programs) {
		select {
		case <-p.exited:
		default:
			if p.stop() != nil {
				_ = p.kill() // nothing more can be done
			}
		}
	}
}

// writeTails shows the last messages of every program.
func (c *crew) writeTails(w io.Writer) {
	shown := map[string]bool{}
	for _, p := range c.programs {
		if shown[p.log] {
			continue
		}
		shown[p.log] = true
		data, err := os.ReadFile(p.log)
		if err != nil {
			continue
		}
		data = data[max(0, len(data)-tailBytes):]
		fmt.Fprintf(w, "--- %s\n%s\n", p.name, data)
	}
}

// freePort finds a loopback port that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if closed := l.Close(); err == nil {
		err = closed
	}
	return port, err
}

// runTool runs a program to its end.
func runTool(ctx context.Context, name string, args ...string) error {
	_, err := toolOutput(ctx, name, args...)
	return err
}

// toolOutput gives what the program wrote; its complaints explain a failure.
func toolOutput(ctx context.Context, name string, args ...string) (string, error) {
	var out, complaints strings.Builder
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(out.String()+complaints.String()))
	}
	return out.String(), nil
}

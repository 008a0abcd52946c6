package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// windowLook is how often the display is asked whether the window is there, and
// how often something is typed; it is the measure's grain.
const windowLook = 10 * time.Millisecond

// findDisplay is the display of this session, or a new one in memory; stop ends it.
func findDisplay(ctx context.Context) (display string, stop func(), err error) {
	if runtime.GOOS != "linux" {
		return "", nil, sei.Errorf(sei.CodeUnavailable, "A janela própria só é medida no Linux.")
	}
	if _, err := exec.LookPath("xdotool"); err != nil {
		return "", nil, sei.Errorf(sei.CodeUnavailable, "A janela própria não foi medida: falta o programa xdotool.")
	}
	if d := os.Getenv("DISPLAY"); d != "" {
		return d, func() {}, nil
	}
	if _, err := exec.LookPath("Xvfb"); err != nil {
		return "", nil, sei.Errorf(sei.CodeUnavailable, "A janela própria não foi medida: não há tela nem o programa Xvfb.")
	}
	return startDisplay(ctx)
}

func startDisplay(ctx context.Context) (display string, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	number, tell, err := os.Pipe()
	if err != nil {
		cancel()
		return "", nil, fmt.Errorf("starting a display: %w", err)
	}
	defer func() { _ = number.Close() }() // read whole, or given up
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1366x768x24", "-nolisten", "tcp",
		"-noreset") // a display that begins anew after its last program refuses the next one for a moment
	cmd.ExtraFiles = []*os.File{tell}
	err = cmd.Start()
	_ = tell.Close() // the display has its own
	if err != nil {
		cancel()
		return "", nil, fmt.Errorf("starting a display: %w", err)
	}
	stop = func() {
		cancel()
		_ = cmd.Wait() // killed: its end says nothing
	}
	line, err := bufio.NewReader(io.LimitReader(number, 64)).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the display did not start: %w", err)
	}
	return ":" + strings.TrimSpace(line), stop, nil
}

// timeWindow starts the program with a window of its own and waits for it to be
// shown, and for its first screen to take what is typed.
func timeWindow(ctx context.Context, program, profile, central, display string) (startTimes, error) {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	args := []string{"-say-usable", "-profile", profile}
	if central != "" {
		args = append(args, "-central", central)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "NO_AT_BRIDGE=1", "WEBKIT_DISABLE_DMABUF_RENDERER=1", "LIBGL_ALWAYS_SOFTWARE=1")
	// A window that is asked to close takes its helpers with it.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 5*time.Second
	usable := &lineWatch{line: desktop.UsableLine, seen: make(chan struct{})}
	var problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = usable, &problems
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the window: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	w := shownWindow{ctx: ctx, display: display, ended: ended}
	t := startTimes{}
	id, err := w.find(cmd.Process.Pid)
	t[momentWindow] = time.Since(begun)
	if err == nil {
		err = w.typeUntil(id, usable.seen)
		t[momentUsable] = time.Since(begun)
	}
	if !w.over {
		cancel() // it is stopped from here
		<-ended  //nolint:errcheck // how it ended says nothing
	}
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, problems.Bytes())
	}
	return t, nil
}

// lineWatch waits for a line in a program's output and drops the rest.
type lineWatch struct {
	line string
	last []byte
	seen chan struct{}
	done bool
}

// Write is called by one goroutine, that of the program's output.
func (l *lineWatch) Write(p []byte) (int, error) {
	l.last = append(l.last, p...)
	if !l.done && bytes.Contains(l.last, []byte(l.line+"\n")) {
		l.done = true
		close(l.seen)
	}
	l.last = l.last[max(0, len(l.last)-len(l.line)-1):]
	return len(p), nil
}

// shownWindow is a window on a display, as somebody before it sees it.
type shownWindow struct {
	ctx     context.Context
	display string
	ended   chan error
	over    bool // the program has ended
}

// find polls, because a display tells a console program of nothing.
func (w *shownWindow) find(pid int) (id string, err error) {
	err = w.repeat("A janela não apareceu", nil, func() bool {
		out, err := w.xdotool("search", "--onlyvisible", "--all", "--pid", fmt.Sprint(pid), "--name", "SEI RS").Output()
		if found := strings.Fields(string(out)); err == nil && len(found) > 0 {
			id = found[0]
		}
		return id != ""
	})
	return id, err
}

// typeUntil types at the window, as an impatient person does, until it says that
// a field took it.
func (w *shownWindow) typeUntil(id string, seen <-chan struct{}) error {
	return w.repeat("A janela não aceitou o que foi digitado", seen, func() bool {
		_ = w.xdotool("windowfocus", id, "key", "--clearmodifiers", "x").Run() // too early is no failure
		return false
	})
}

func (w *shownWindow) xdotool(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(w.ctx, "xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+w.display)
	return cmd
}

// repeat tries until it holds or seen is closed.
func (w *shownWindow) repeat(otherwise string, seen <-chan struct{}, try func() bool) error {
	tick := time.NewTicker(windowLook)
	defer tick.Stop()
	for !try() {
		select {
		case <-seen:
			return nil
		case err := <-w.ended:
			w.over = true
			return fmt.Errorf("the window's program ended by itself: %w", errors.Join(err, w.ctx.Err()))
		case <-w.ctx.Done():
			return sei.Errorf(sei.CodeUnavailable, "%s em %v.", otherwise, startWait)
		case <-tick.C:
		}
	}
	return nil
}

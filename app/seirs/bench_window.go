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

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// windowLook is how often the display is asked whether the window is there; it
// is the measure's grain.
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
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1366x768x24", "-nolisten", "tcp")
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
// shown.
func timeWindow(ctx context.Context, program, profile, central, display string) (startTimes, error) {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	args := []string{"-profile", profile}
	if central != "" {
		args = append(args, "-central", central)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "NO_AT_BRIDGE=1", "WEBKIT_DISABLE_DMABUF_RENDERER=1", "LIBGL_ALWAYS_SOFTWARE=1")
	// A window that is asked to close takes its helpers with it.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 5*time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the window: %w", err)
	}
	ended := make(chan exit, 1)
	go func() { ended <- exit{cmd.Wait()} }()
	err := awaitWindow(ctx, display, cmd.Process.Pid, ended)
	t := startTimes{momentWindow: time.Since(begun)}
	if err == nil {
		cancel()
		<-ended // it was stopped from here
		return t, nil
	}
	return nil, fmt.Errorf("%w\n%s", err, said.Bytes())
}

// exit is how a program ended.
type exit struct{ err error }

// awaitWindow polls, because a display tells a console program of nothing.
func awaitWindow(ctx context.Context, display string, pid int, ended chan exit) error {
	tick := time.NewTicker(windowLook)
	defer tick.Stop()
	for {
		look := exec.CommandContext(ctx, "xdotool", "search", "--onlyvisible", "--all", "--pid", fmt.Sprint(pid), "--name", "SEI RS")
		look.Env = append(os.Environ(), "DISPLAY="+display)
		if found, err := look.Output(); err == nil && len(found) > 0 {
			return nil
		}
		select {
		case e := <-ended:
			return fmt.Errorf("the window's program ended before showing it: %w", errors.Join(e.err, ctx.Err()))
		case <-ctx.Done():
			<-ended // of a program that was stopped
			return sei.Errorf(sei.CodeUnavailable, "A janela não apareceu em %v.", startWait)
		case <-tick.C:
		}
	}
}

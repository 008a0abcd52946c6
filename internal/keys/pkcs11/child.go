package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// child is a driver's process as the program sees it. One call at a time.
type child struct {
	module string
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser

	calling sync.Mutex
	once    sync.Once
	gone    chan struct{} // closed when the process has ended
	exit    error         // how, once gone is closed
}

// passedOn are the only variables that a worker inherits: what drivers need to
// find their files, the card service and the servant's screen.
var passedOn = []string{
	"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
	"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
	"PCSCLITE_CSOCK_NAME", "OPENSC_CONF", "SOFTHSM2_CONF",
	"SystemRoot", "SystemDrive", "windir", "TEMP", "TMP", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA",
	"ProgramData", "ProgramFiles", "ProgramFiles(x86)", "CommonProgramFiles",
}

// workerMark stands in every worker's environment. A program that forgot to ask
// IsWorker would start itself again and again; with the mark the second
// generation refuses.
const workerMark = "SEIRS_PKCS11_WORKER"

var errWorkerNotAsked = errors.New("this program was started as a driver's process and did not ask pkcs11.IsWorker")

func workerEnvironment(extra []string) []string {
	env := []string{
		"GOTRACEBACK=none", // a crash must not print memory
		workerMark + "=1",
	}
	for _, name := range passedOn {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return append(env, extra...)
}

// startChild starts a worker for the module. Its standard error is dropped:
// drivers in debug mode write PINs there.
func startChild(module string, env []string) (*child, error) {
	if os.Getenv(workerMark) != "" {
		return nil, errWorkerNotAsked
	}
	self, err := selfPath()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	cmd := exec.Command(self, workerArgument)
	cmd.Env = workerEnvironment(env)
	detach(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the driver's process: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the driver's process: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the driver's process: %w", err)
	}
	return &child{module: module, cmd: cmd, in: in, out: out, gone: make(chan struct{})}, nil
}

type answer struct {
	response
	blob []byte
	err  error
}

// call sends one request and waits for its answer, at most limit. Any failure
// of the process itself ends it.
func (c *child) call(ctx context.Context, limit time.Duration, req request, blob []byte) (response, []byte, error) {
	c.calling.Lock()
	defer c.calling.Unlock()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if ctx.Err() != nil {
		return response{}, nil, keys.ErrDone(ctx, c.module)
	}
	answers := make(chan answer, 1)
	go func() { answers <- c.roundTrip(req, blob) }()
	select {
	case a := <-answers:
		if a.err != nil {
			return response{}, nil, c.died(a.err)
		}
		if a.Failure != nil {
			return response{}, nil, explain(a.Failure, c.module)
		}
		return a.response, a.blob, nil
	case <-ctx.Done():
		c.kill()
		select {
		case <-answers: // the PIN in blob is not in use any more
		case <-time.After(time.Second):
		}
		return response{}, nil, keys.ErrDone(ctx, c.module)
	}
}

func (c *child) roundTrip(req request, blob []byte) answer {
	if err := writeFrame(c.in, req, blob); err != nil {
		return answer{err: err}
	}
	var a answer
	a.blob, a.err = readFrame(c.out, &a.response)
	return a
}

// died reports a process that broke off; how it ended is for the log.
func (c *child) died(cause error) error {
	c.kill()
	select {
	case <-c.gone:
		if c.exit != nil {
			cause = fmt.Errorf("%w (%w)", cause, c.exit)
		}
	case <-time.After(time.Second): // stuck in the kernel; it is reaped later
	}
	return keys.ErrModuleCrashed(c.module, cause)
}

// kill ends the process at once.
func (c *child) kill() { c.end(0) }

// end closes the worker's input, which asks it to leave, and kills it after grace.
func (c *child) end(grace time.Duration) {
	c.once.Do(func() {
		_ = c.in.Close()
		if grace == 0 {
			_ = c.cmd.Process.Kill()
		}
		go func() { // apart, because the kernel may not let go of the process
			_ = c.out.Close()
			c.exit = c.cmd.Wait()
			close(c.gone)
		}()
		if grace > 0 {
			select {
			case <-c.gone:
			case <-time.After(grace):
				_ = c.cmd.Process.Kill()
			}
		}
	})
}

// close asks the driver to log out and ends the worker, at once if a call is
// under way. The key is locked either way: it was open in that process only.
func (c *child) close(limit time.Duration) {
	if !c.calling.TryLock() {
		c.kill()
		return
	}
	c.calling.Unlock()
	select {
	case <-c.gone:
	default:
		_, _, _ = c.call(context.Background(), limit, request{Op: opClose}, nil)
		c.end(limit)
	}
}

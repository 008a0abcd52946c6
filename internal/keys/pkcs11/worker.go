package pkcs11

import (
	"crypto"
	"io"
	"runtime"
	"syscall"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// workerArgument is the hidden mode's only argument; nothing else reaches the
// worker but what comes through its standard input.
const workerArgument = "__pkcs11-worker"

// IsWorker says whether the program was started as a driver's process; args is
// os.Args. Main programs ask it before anything else.
func IsWorker(args []string) bool { return len(args) == 2 && args[1] == workerArgument }

// WorkerMain serves one driver over standard input and output until the input
// closes, and never returns.
func WorkerMain() {
	in, out, err := privateStdio()
	if err != nil {
		leave(3)
	}
	hardenProcess()
	runtime.LockOSThread() // some drivers tie a session to the thread that opened it
	leave(serve(in, out))
}

// leave ends the process without the runtime's hooks, which may wait, while a
// driver's threads still run.
func leave(code int) { syscall.Exit(code) }

type incoming struct {
	request
	blob []byte
}

// serve answers requests one after the other. The reader stands apart, so that
// a worker whose driver hangs still dies with the program that started it.
func serve(in io.Reader, out io.Writer) int {
	requests := make(chan incoming)
	go func() {
		for {
			var req request
			blob, err := readFrame(in, &req)
			if err != nil {
				leave(0)
			}
			requests <- incoming{req, blob}
		}
	}()
	w := &worker{}
	for req := range requests {
		resp, blob := w.handle(req)
		if err := writeFrame(out, resp, blob); err != nil {
			return 4
		}
		if req.Op == opClose {
			break
		}
	}
	return 0
}

// worker is the state of a driver's process: the driver and the open key.
type worker struct {
	driver *driver
	open   *unlocked
}

func (w *worker) handle(req incoming) (response, []byte) {
	defer clear(req.blob)
	if w.driver == nil && req.Op != opClose {
		d, f := loadDriver(req.Module)
		if f != nil {
			return response{Failure: f}, nil
		}
		w.driver = d
	}
	switch req.Op {
	case opProbe:
		tokens, f := w.driver.tokens()
		return response{Failure: f, Tokens: tokens}, nil
	case opOpen:
		return w.login(req), nil
	case opSign:
		signature, f := w.sign(req)
		return response{Failure: f}, signature
	case opClose:
		w.close()
		return response{}, nil
	}
	return response{Failure: &failure{Code: keys.CodeModuleFailed, Detail: "unknown operation " + req.Op}}, nil
}

func (w *worker) login(req incoming) response {
	if w.open != nil {
		return response{Failure: &failure{Code: keys.CodeModuleFailed, Detail: "a key is open already"}}
	}
	u, f := w.driver.unlock(req.Fingerprint, req.blob)
	if f != nil {
		return response{Failure: f}
	}
	w.open = u
	if req.Lifetime > 0 {
		// The program closes the session before; this holds if it cannot.
		time.AfterFunc(req.Lifetime, func() { leave(0) })
	}
	return response{Tokens: []tokenSeen{u.token}}
}

func (w *worker) sign(req incoming) ([]byte, *failure) {
	if w.open == nil {
		return nil, &failure{Code: keys.CodeSessionEnded, Detail: "no key is open"}
	}
	signature, f := w.open.sign(crypto.Hash(req.Hash), req.blob)
	if f != nil {
		w.open.lock() // never a second try with the same PIN
		w.open = nil
	}
	return signature, f
}

func (w *worker) close() {
	if w.open != nil {
		w.open.lock()
	}
	if w.driver != nil {
		_ = w.driver.ctx.Finalize()
	}
}

// Command seirs is the console program of SEI RS Desktop: the central service
// and the tools around it. `seirs help` lists what it can do.
//
// It needs no display and no display libraries.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func main() {
	// A driver of a token runs in a process of its own, which is this program.
	if pkcs11.IsWorker(os.Args) {
		pkcs11.WorkerMain()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		os.Exit(exitCode(err))
	}
}

// exitCode tells a failure to a person and to the shell.
func exitCode(err error) int {
	if status, ok := errors.AsType[exitStatus](err); ok {
		return int(status)
	}
	report(os.Stderr, err)
	return 1
}

// report writes an error for a person: the sentence that is meant for them, or
// the whole chain where there is none.
func report(w io.Writer, err error) {
	text := err.Error()
	if e, ok := errors.AsType[*sei.Error](err); ok && e.Code != sei.CodeInternal {
		text = e.Message
	} else if errors.Is(err, syscall.ENOSPC) {
		text = "O disco está cheio. Libere espaço e tente de novo; nada do que já estava guardado foi perdido. (" + text + ")"
	}
	fmt.Fprintln(w, "seirs: "+text)
}

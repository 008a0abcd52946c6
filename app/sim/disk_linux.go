package sim

import (
	"fmt"
	"math"
	"os/signal"
	"sync"
	"syscall"
)

// ignoreSignal: a process that writes beyond its limit is told by a signal
// before the write fails; here the failure is what is wanted.
var ignoreSignal = sync.OnceFunc(func() { signal.Ignore(syscall.SIGXFSZ) })

// withFullDisk runs do while no file of this process can grow beyond limit
// bytes: the disk is full for it, and SQLite and the files' store find that out
// from the operating system. Only one call runs at a time.
func withFullDisk(limit uint64, do func()) error {
	ignoreSignal()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return fmt.Errorf("asking for the limit of files: %w", err)
	}
	full := before
	full.Cur = min(limit, full.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		return fmt.Errorf("filling the disk: %w", err)
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before) }() // it was valid before
	do()
	return nil
}

// withRoom runs do with all the room there is, within a call of withFullDisk:
// the disk of another machine.
func withRoom(do func()) error { return withFullDisk(math.MaxUint64, do) }

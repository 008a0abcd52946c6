//go:build unix

package central

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// hold keeps the file for this process until it is closed or the process ends,
// however it ends.
func hold(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator chooses the folder
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(errHeld, f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking: %w", err), f.Close())
	}
	return heldFile{f}, nil
}

// heldFile is a locked file. A child process shares the open file between fork
// and exec, so that closing alone would leave it held for that moment.
type heldFile struct{ *os.File }

func (h heldFile) Close() error {
	return errors.Join(syscall.Flock(int(h.Fd()), syscall.LOCK_UN), h.File.Close())
}

//go:build unix

package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// acquire holds the file for this process until it is closed or the process
// ends, however it ends.
func acquire(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the program chooses the folder
	if err != nil {
		return nil, lockFailed(err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(inUse(), f.Close())
	}
	if err != nil {
		return nil, errors.Join(lockFailed(fmt.Errorf("locking: %w", err)), f.Close())
	}
	return heldFile{f}, nil
}

// heldFile is a locked file. The lock belongs to the open file, which a child
// process shares between fork and exec: closing alone would leave it held for
// that moment.
type heldFile struct{ *os.File }

func (h heldFile) Close() error {
	return errors.Join(syscall.Flock(int(h.Fd()), syscall.LOCK_UN), h.File.Close())
}

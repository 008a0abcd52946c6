//go:build !windows

package intake

import (
	"os"
	"syscall"
)

// openShared opens a file for reading. Links are not followed, and a pipe put in
// the file's place cannot hold the program up.
func openShared(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// requireNoWriter always succeeds: this system does not tell whether a program
// has the file open for writing.
func requireNoWriter(string) error { return nil }

// hidden files begin with a point here, which their names tell.
func hidden(os.FileInfo) bool { return false }

package blob

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// Windows error numbers that package syscall does not name.
const (
	errorSharingViolation = syscall.Errno(32)
	errorLockViolation    = syscall.Errno(33)
	errorHandleDiskFull   = syscall.Errno(39)
	errorDiskFull         = syscall.Errno(112)
	errorDiskQuota        = syscall.Errno(1295)
)

const (
	fileShareDelete = 0x4
	renameTries     = 6
	renameWait      = 10 * time.Millisecond // doubled at each try: 0.3 s in all
)

// openShared opens for reading and lets others rename over and delete the file
// meanwhile, as is natural elsewhere; os.Open does not share deletion.
func openShared(path string) (*os.File, error) {
	p, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	h, err := syscall.CreateFile(p, syscall.GENERIC_READ,
		syscall.FILE_SHARE_READ|syscall.FILE_SHARE_WRITE|fileShareDelete, nil,
		syscall.OPEN_EXISTING, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

// rename tries again for a moment when a virus scanner or the search indexer
// holds the new file or the old one.
func rename(from, to string) error {
	wait := renameWait
	for try := 1; ; try++ {
		err := os.Rename(from, to)
		if err == nil || try == renameTries || !isInUse(err) {
			return err
		}
		time.Sleep(wait)
		wait *= 2
	}
}

func isDiskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskQuota)
}

func isInUse(err error) bool {
	return errors.Is(err, errorSharingViolation) || errors.Is(err, errorLockViolation) ||
		errors.Is(err, syscall.ERROR_ACCESS_DENIED)
}

// syncDir does nothing: Windows cannot flush a folder without administrator
// rights, and NTFS journals names.
func syncDir(string) error { return nil }

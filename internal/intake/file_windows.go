package intake

import (
	"errors"
	"os"
	"syscall"
)

const (
	errorSharingViolation = syscall.Errno(32)
	errorLockViolation    = syscall.Errno(33)
	fileShareDelete       = 0x4
)

// openShared opens a file for reading and leaves everybody else free to write,
// rename and delete it: the folder is not ours. Only another file cannot always
// take its name before it is closed again. Links are not followed.
func openShared(path string) (*os.File, error) {
	return open(path, syscall.FILE_SHARE_READ|syscall.FILE_SHARE_WRITE|fileShareDelete)
}

// requireNoWriter gives errBusy while a program has the file open for writing.
// To find out, it has to keep writers away itself, which it does no longer than
// it takes to open and close.
func requireNoWriter(path string) error {
	f, err := open(path, syscall.FILE_SHARE_READ|fileShareDelete)
	if errors.Is(err, errorSharingViolation) || errors.Is(err, errorLockViolation) {
		return errBusy
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func open(path string, share uint32) (*os.File, error) {
	p, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	h, err := syscall.CreateFile(p, syscall.GENERIC_READ, share, nil,
		syscall.OPEN_EXISTING, syscall.FILE_ATTRIBUTE_NORMAL|syscall.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

func hidden(info os.FileInfo) bool {
	data, ok := info.Sys().(*syscall.Win32FileAttributeData)
	return ok && data.FileAttributes&(syscall.FILE_ATTRIBUTE_HIDDEN|syscall.FILE_ATTRIBUTE_SYSTEM) != 0
}

package pkcs11

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// selfPath is this program's own image.
func selfPath() (string, error) { return os.Executable() }

// detach keeps a console window from flashing up. Windows of the driver itself
// (a PIN dialog) still show.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
}

// privateStdio keeps the protocol's handles and takes them out of the driver's
// sight: some drivers print. A C runtime that a driver brings along reads the
// standard handles when it is loaded, which is after this.
func privateStdio() (in, out *os.File, err error) {
	in, out = os.Stdin, os.Stdout
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, std := range []uint32{windows.STD_INPUT_HANDLE, windows.STD_OUTPUT_HANDLE, windows.STD_ERROR_HANDLE} {
		if err := windows.SetStdHandle(std, windows.Handle(null.Fd())); err != nil {
			return nil, nil, err
		}
	}
	return in, out, nil
}

// hardenProcess keeps a crash silent and off the disk: no dialog, no report.
func hardenProcess() {
	windows.SetErrorMode(windows.SEM_FAILCRITICALERRORS | windows.SEM_NOGPFAULTERRORBOX | windows.SEM_NOOPENFILEERRORBOX)
}

// keepInMemory asks the system not to swap b out.
func keepInMemory(b []byte) {
	if len(b) > 0 {
		_ = windows.VirtualLock(uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	}
}

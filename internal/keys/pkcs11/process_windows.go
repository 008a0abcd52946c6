package pkcs11

/*
#include <fcntl.h>
#include <io.h>

// The C runtime that this program shares with many drivers has bound its
// descriptors to the standard handles already.
static int sei_quiet(void)
{
	int null = _open("NUL", _O_RDWR);
	return null >= 0 && _dup2(null, 0) == 0 && _dup2(null, 1) == 0 && _dup2(null, 2) == 0;
}
*/
import "C"

import (
	"errors"
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

// privateStdio moves the protocol to handles of its own and gives the driver the
// null device instead: some drivers print. A C runtime that a driver brings
// along takes the standard handles when it is loaded, which is after this.
func privateStdio() (in, out *os.File, err error) {
	if in, err = duplicate(os.Stdin, "requests"); err != nil {
		return nil, nil, err
	}
	if out, err = duplicate(os.Stdout, "answers"); err != nil {
		return nil, nil, err
	}
	if C.sei_quiet() == 0 {
		return nil, nil, errors.New("silencing the C runtime")
	}
	null, err := windows.Open(os.DevNull, windows.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, std := range []uint32{windows.STD_INPUT_HANDLE, windows.STD_OUTPUT_HANDLE, windows.STD_ERROR_HANDLE} {
		if err := windows.SetStdHandle(std, null); err != nil {
			return nil, nil, err
		}
	}
	return in, out, nil
}

func duplicate(f *os.File, name string) (*os.File, error) {
	self := windows.CurrentProcess()
	var copied windows.Handle
	err := windows.DuplicateHandle(self, windows.Handle(f.Fd()), self, &copied, 0, false, windows.DUPLICATE_SAME_ACCESS)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(copied), name), nil
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

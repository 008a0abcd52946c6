package pkcs11

import (
	"os"
	"os/exec"
	"syscall"
)

// selfPath is this program's own image, even after an update replaced the file.
func selfPath() (string, error) { return "/proc/self/exe", nil }

// detach needs nothing here: the worker ends when its standard input closes.
func detach(*exec.Cmd) {}

// privateStdio moves the protocol to descriptors of its own and gives the
// driver /dev/null and standard error instead: some drivers print.
func privateStdio() (in, out *os.File, err error) {
	inFD, err := syscall.Dup(0)
	if err != nil {
		return nil, nil, err
	}
	outFD, err := syscall.Dup(1)
	if err != nil {
		return nil, nil, err
	}
	syscall.CloseOnExec(inFD)
	syscall.CloseOnExec(outFD)
	null, err := syscall.Open(os.DevNull, syscall.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range []int{0, 1} {
		if err := syscall.Dup3(null, fd, 0); err != nil {
			return nil, nil, err
		}
	}
	return os.NewFile(uintptr(inFD), "requests"), os.NewFile(uintptr(outFD), "answers"), nil
}

// hardenProcess keeps a crash from writing memory, and so a PIN, to the disk.
func hardenProcess() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}

// keepInMemory asks the system not to swap b out.
func keepInMemory(b []byte) {
	if len(b) > 0 {
		_ = syscall.Mlock(b)
	}
}

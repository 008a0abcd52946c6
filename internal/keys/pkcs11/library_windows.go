package pkcs11

import (
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"
)

// nativePath gives the path as the system's loader takes it.
func nativePath(path string) (unsafe.Pointer, func(), error) {
	p, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, nil, err
	}
	return unsafe.Pointer(p), func() { runtime.KeepAlive(p) }, nil
}

// loadedName is how a module that is already loaded is named to the wrapper
// library, which loads by the ANSI call and so stumbles over accents in
// folders: a loaded module is found by its bare name.
func loadedName(path string) string { return filepath.Base(path) }

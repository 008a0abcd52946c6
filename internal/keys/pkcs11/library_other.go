//go:build !windows

package pkcs11

/*
#include <stdlib.h>
*/
import "C"

import "unsafe"

// nativePath gives the path as the system's loader takes it.
func nativePath(path string) (unsafe.Pointer, func(), error) {
	p := unsafe.Pointer(C.CString(path))
	return p, func() { C.free(p) }, nil
}

// loadedName is how a module that is already loaded is named to the wrapper library.
func loadedName(path string) string { return path }

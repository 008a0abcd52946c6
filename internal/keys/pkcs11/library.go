package pkcs11

/*
#cgo linux LDFLAGS: -ldl

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Only what the wrapper library cannot do: say why a module does not load, and
// log in with a NULL PIN, which the standard asks for with a PIN pad.
typedef unsigned long sei_ulong; // CK_ULONG: 32 bits on Windows, 64 on Linux

#ifdef _WIN32
#pragma pack(push, 1)
#endif
struct sei_functions {
	unsigned char version[2];
	void *entry[68];
};
#ifdef _WIN32
#pragma pack(pop)
#endif

enum { SEI_C_LOGIN = 18 }; // its place in CK_FUNCTION_LIST, the same since version 2.0

typedef sei_ulong (*sei_get_list)(struct sei_functions **);
typedef sei_ulong (*sei_c_login)(sei_ulong, sei_ulong, unsigned char *, sei_ulong);

#ifdef _WIN32
#include <windows.h>

// Dependencies are looked for beside the module first, as its installer meant.
static void *sei_load(const void *path, char *why, size_t size, sei_ulong *code)
{
	HMODULE m = LoadLibraryExW((const wchar_t *)path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
	if (m == NULL) {
		*code = GetLastError();
		snprintf(why, size, "LoadLibraryEx: error %lu", (unsigned long)*code);
	}
	return (void *)m;
}
static void *sei_symbol(void *m, const char *name) { return (void *)GetProcAddress((HMODULE)m, name); }
#else
#include <dlfcn.h>

static void *sei_load(const void *path, char *why, size_t size, sei_ulong *code)
{
	void *m = dlopen((const char *)path, RTLD_LAZY | RTLD_LOCAL);
	if (m == NULL) {
		const char *e = dlerror();
		snprintf(why, size, "%s", e ? e : "dlopen failed");
		*code = 1;
	}
	return m;
}
static void *sei_symbol(void *m, const char *name) { return dlsym(m, name); }
#endif

static struct sei_functions *sei_list(void *m)
{
	struct sei_functions *list = NULL;
	sei_get_list get = (sei_get_list)sei_symbol(m, "C_GetFunctionList");
	if (get == NULL || get(&list) != 0)
		return NULL;
	return list;
}

static sei_ulong sei_login(struct sei_functions *list, sei_ulong session, sei_ulong user, unsigned char *pin, sei_ulong length)
{
	return ((sei_c_login)list->entry[SEI_C_LOGIN])(session, user, pin, length);
}
*/
import "C"

import (
	"os"
	"unsafe"

	p11 "github.com/miekg/pkcs11"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// library is a module loaded into this process, for good: unloading drivers is
// a known way to crash, and the process ends soon anyway.
type library struct{ functions *C.struct_sei_functions }

// loadLibrary loads the module, or says why it cannot be loaded.
func loadLibrary(path string) (*library, *failure) {
	if _, err := os.Stat(path); err != nil {
		return nil, &failure{Code: keys.CodeModuleNotLoadable, Reason: loadMissing, Detail: err.Error()}
	}
	native, free, err := nativePath(path)
	if err != nil {
		return nil, &failure{Code: keys.CodeModuleNotLoadable, Reason: loadMissing, Detail: err.Error()}
	}
	defer free()
	why := make([]byte, 512)
	var code C.sei_ulong
	handle := C.sei_load(native, (*C.char)(unsafe.Pointer(&why[0])), C.size_t(len(why)), &code)
	if handle == nil {
		return nil, diagnose(path, C.GoString((*C.char)(unsafe.Pointer(&why[0]))))
	}
	functions := C.sei_list(handle)
	if functions == nil {
		return nil, &failure{Code: keys.CodeModuleNotLoadable, Reason: loadForeign, Detail: "C_GetFunctionList is missing or failed"}
	}
	return &library{functions}, nil
}

// login calls C_Login with the PIN's own bytes, without a copy that could not
// be erased; a nil pin is the NULL that a protected authentication path asks for.
func (l *library) login(session p11.SessionHandle, user uint, pin []byte) error {
	var first *C.uchar
	if len(pin) > 0 {
		first = (*C.uchar)(unsafe.Pointer(&pin[0]))
	}
	rv := C.sei_login(l.functions, C.sei_ulong(session), C.sei_ulong(user), first, C.sei_ulong(len(pin)))
	if rv != 0 {
		return p11.Error(rv)
	}
	return nil
}

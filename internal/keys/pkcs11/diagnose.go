package pkcs11

import (
	"debug/elf"
	"debug/pe"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// diagnose finds why a file that exists could not be loaded: servants are told
// of drivers "found but not working" with no word why.
func diagnose(path, loaderSays string) *failure {
	f := &failure{Code: keys.CodeModuleNotLoadable, Reason: loadOther, Detail: loaderSays}
	if dll, err := pe.Open(path); err == nil {
		defer dll.Close()
		diagnosePE(f, dll, libraryFolders(path))
		return f
	}
	if so, err := elf.Open(path); err == nil {
		defer so.Close()
		diagnoseELF(f, so)
		return f
	}
	f.Reason = loadForeign
	return f
}

var missingShared = regexp.MustCompile(`([^\s:/]+): cannot open shared object file`)

func diagnoseELF(f *failure, so *elf.File) {
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "386": elf.EM_386}
	if so.Machine != machines[runtime.GOARCH] {
		f.Reason = loadArchitecture
		return
	}
	if m := missingShared.FindStringSubmatch(f.Detail); m != nil {
		f.Reason, f.Name = loadDependency, m[1]
	}
}

// diagnosePE looks at the machine and at the imported libraries, because
// Windows says only "error 126" without the name of the one that is missing.
func diagnosePE(f *failure, dll *pe.File, folders []string) {
	machines := map[string]uint16{"amd64": pe.IMAGE_FILE_MACHINE_AMD64, "arm64": pe.IMAGE_FILE_MACHINE_ARM64, "386": pe.IMAGE_FILE_MACHINE_I386}
	if dll.Machine != machines[runtime.GOARCH] || runtime.GOOS != "windows" {
		f.Reason = loadArchitecture
		return
	}
	if name := missingImport(dll, folders); name != "" {
		f.Reason, f.Name = loadDependency, name
	}
}

// missingImport is the first imported library that stands in none of folders.
// API sets (api-ms-…, ext-ms-…) are not files.
func missingImport(dll *pe.File, folders []string) string {
	symbols, err := dll.ImportedSymbols()
	if err != nil {
		return ""
	}
	for _, symbol := range symbols {
		_, library, found := strings.Cut(symbol, ":")
		lower := strings.ToLower(library)
		if !found || strings.HasPrefix(lower, "api-ms-") || strings.HasPrefix(lower, "ext-ms-") {
			continue
		}
		if !inFolders(library, folders) {
			return library
		}
	}
	return ""
}

func inFolders(name string, folders []string) bool {
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return true
		}
	}
	return false
}

func libraryFolders(module string) []string {
	folders := []string{filepath.Dir(module)}
	if root := os.Getenv("SystemRoot"); root != "" {
		folders = append(folders, filepath.Join(root, "System32"), root)
	}
	return append(folders, filepath.SplitList(os.Getenv("PATH"))...)
}

package pkcs11

import (
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
)

// Module is a driver found on this workstation.
type Module struct {
	Path   string `json:"path"`
	Origin Origin `json:"origin"`
}

// Origin says how a module became known.
type Origin string

// Origins, in order of preference.
const (
	OriginSetting Origin = "setting" // named by the servant or the administrator
	OriginP11Kit  Origin = "p11-kit" // registered with p11-kit (Linux)
	OriginTable   Origin = "table"   // a driver known in Brazil, at its usual place
)

// Discover lists the drivers to use: those in configured, whether they exist or
// not (a wrong path has to be told), and those found on the system. Each file
// stands once, whatever its names. Nothing is loaded.
func Discover(configured []string) []Module {
	f := finder{goos: runtime.GOOS, getenv: os.Getenv}
	return f.find(configured)
}

// finder looks under root, so that tests can lay out a workstation of either system.
type finder struct {
	goos   string
	root   string
	getenv func(string) string
}

// maxModules bounds the processes that one refresh may start.
const maxModules = 24

func (f finder) find(configured []string) []Module {
	var modules []Module
	known := map[string]bool{}
	add := func(path string, origin Origin, mustExist bool) {
		real, err := filepath.EvalSymlinks(f.at(path))
		if err != nil {
			if mustExist {
				return
			}
			real = path
		}
		if !known[real] && len(modules) < maxModules {
			known[real] = true
			modules = append(modules, Module{Path: f.at(path), Origin: origin})
		}
	}
	for _, path := range configured {
		if path = strings.TrimSpace(path); path != "" {
			add(path, OriginSetting, false)
		}
	}
	if f.goos == "windows" {
		for _, path := range f.windowsTable() {
			add(path, OriginTable, true)
		}
		return modules
	}
	for _, path := range f.p11kit() {
		add(path, OriginP11Kit, true)
	}
	for _, path := range f.linuxTable() {
		add(path, OriginTable, true)
	}
	return modules
}

func (f finder) at(path string) string {
	if f.root == "" {
		return path
	}
	return filepath.Join(f.root, path)
}

// Folders where Linux drivers are installed.
var linuxFolders = []string{
	"/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/local/lib", "/usr/local/lib64",
	"/usr/lib/pkcs11", "/usr/lib64/pkcs11", "/usr/lib/x86_64-linux-gnu/pkcs11",
	"/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib64/softhsm", "/usr/local/lib/softhsm",
}

// Drivers met in Brazil, makers' own before OpenSC: two drivers on one card get in each other's way.
var linuxModules = []string{
	"libaetpkss.so", "libaetpkss.so.3", // SafeSign (G&D StarSign, Certisign, Serasa)
	"libgpkcs11.so",                  // Gemalto Classic
	"libepsng_p11.so",                // ePass NG
	"libeTPkcs11.so", "libeToken.so", // SafeNet eToken
	"libcmP11.so",                        // CryptoMate
	"libwdpkcs.so",                       // WatchData ProxKey
	"libscmccid.so",                      // SCM
	"libneoidp11.so",                     // Serpro NeoID
	"libcastle.so.1.0.0", "libcastle.so", // ePass2003
	"libOcsCryptoki.so", // Oberthur
	"opensc-pkcs11.so",  // OpenSC
	"libsofthsm2.so",    // SoftHSM, for tests
}

func (f finder) linuxTable() []string {
	var paths []string
	for _, module := range linuxModules {
		for _, folder := range linuxFolders {
			paths = append(paths, folder+"/"+module)
		}
	}
	for _, pattern := range []string{"/opt/Assistente Desktop birdID/*/vault-pkcs11.so", "/opt/Assistente Desktop birdID/*/*/vault-pkcs11.so", "/opt/Assistente Desktop birdID/*/*/*/*/vault-pkcs11.so"} {
		paths = append(paths, f.glob(pattern)...)
	}
	return paths
}

// glob matches below root and gives paths as seen from it, sorted.
func (f finder) glob(pattern string) []string {
	matches, _ := filepath.Glob(f.at(pattern))
	for i, m := range matches {
		matches[i] = strings.TrimPrefix(m, f.root)
	}
	sort.Strings(matches)
	return matches
}

// Drivers met in Brazil, under the system's folder.
var windowsModules = []string{
	"ngp11v211", "aetpkss1", "gclib", "pk2priv", "w32pk2ig", "eTPkcs11", "acospkcs11", "dkck201", "dkck232",
	"cryptoki22", "acpkcs", "slbck", "cmP11", "WDPKCS", "Watchdata/Watchdata Brazil CSP v1.0/WDPKCS",
	"WDICP_P11_CCID_v34", "asepkcs", "OcsCryptoki", "desktopID_Provider", "SerproPkcs11", "DXSafePKCS11",
	"eps2003csp11", "SignatureP11", "opensc-pkcs11",
}

// The same under Program Files.
var windowsProgramModules = []string{
	"Gemplus/GemSafe Libraries/BIN/gclib.dll",
	"Oberthur Technologies/AWP/DLLs/OcsCryptolib_P11.dll",
	"Gemalto/IDGo 800 PKCS#11/IDPrimePKCS1164.dll",
	"Gemalto/IDGo 800 PKCS#11/IDPrimePKCS11.dll",
	"Assistente Desktop birdID/resources/extraResources/windows/x64/vault-pkcs11.dll",
	"Watchdata/Watchdata ICP CSP v1.0/WDPKCS.dll",
	"OpenSC Project/OpenSC/pkcs11/opensc-pkcs11.dll",
}

// windowsTable names a driver of 32 bits (SysWOW64) only where the one of 64 is
// missing, so that its error can say so.
func (f finder) windowsTable() []string {
	system := f.envOr("SystemRoot", `C:\Windows`)
	var paths []string
	for _, module := range windowsModules {
		path := filepath.Join(system, "System32", filepath.FromSlash(module)+".dll")
		if !f.exists(path) {
			path = filepath.Join(system, "SysWOW64", filepath.FromSlash(module)+".dll")
		}
		paths = append(paths, path)
	}
	for _, module := range windowsProgramModules {
		path := filepath.Join(f.envOr("ProgramFiles", `C:\Program Files`), filepath.FromSlash(module))
		if !f.exists(path) {
			path = filepath.Join(f.envOr("ProgramFiles(x86)", `C:\Program Files (x86)`), filepath.FromSlash(module))
		}
		paths = append(paths, path)
	}
	return paths
}

func (f finder) envOr(name, fallback string) string {
	if value := f.getenv(name); value != "" {
		return value
	}
	return fallback
}

func (f finder) exists(path string) bool {
	_, err := os.Stat(f.at(path))
	return err == nil
}

package pkcs11

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// workstation lays out files below a folder; "a -> b" is a link.
func workstation(t *testing.T, goos string, files map[string]string) finder {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			err = os.Symlink(filepath.Join(root, target), path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"SystemRoot": "/Windows", "ProgramFiles": "/Program Files", "ProgramFiles(x86)": "/Program Files (x86)"}
	return finder{goos: goos, root: root, getenv: func(name string) string { return env[name] }}
}

// paths gives what was found as seen from the workstation.
func paths(f finder, modules []Module) []string {
	var all []string
	for _, m := range modules {
		all = append(all, string(m.Origin)+" "+filepath.ToSlash(strings.TrimPrefix(m.Path, f.root)))
	}
	return all
}

func TestLinuxDriversAreFoundOnceWhateverTheirNames(t *testing.T) {
	f := workstation(t, "linux", map[string]string{
		"/usr/lib/libaetpkss.so.3.0":                       "x",
		"/usr/lib/libaetpkss.so":                           "-> /usr/lib/libaetpkss.so.3.0",
		"/usr/lib/libaetpkss.so.3":                         "-> /usr/lib/libaetpkss.so.3.0",
		"/usr/lib/x86_64-linux-gnu/pkcs11/vendor.so":       "x",
		"/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so":       "x",
		"/usr/share/p11-kit/modules/vendor.module":         "# a comment\nmodule: vendor.so\n",
		"/usr/share/p11-kit/modules/trust.module":          "module: p11-kit-trust.so\ntrust-policy: yes\n",
		"/usr/share/p11-kit/modules/only.module":           "module: /usr/lib/libaetpkss.so\nenable-in: firefox\n",
		"/usr/share/p11-kit/modules/replaced.module":       "module: vendor.so\n",
		"/etc/pkcs11/modules/replaced.module":              "module: /usr/lib/gone.so\n",
		"/opt/Assistente Desktop birdID/x/vault-pkcs11.so": "x",
	})
	got := paths(f, f.find(nil))
	want := []string{
		"p11-kit /usr/lib/x86_64-linux-gnu/pkcs11/vendor.so",
		"table /usr/lib/libaetpkss.so",
		"table /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
		"table /opt/Assistente Desktop birdID/x/vault-pkcs11.so",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestAConfiguredDriverComesFirstAndStaysEvenIfMissing(t *testing.T) {
	f := workstation(t, "linux", map[string]string{"/usr/lib/libeToken.so": "x", "/usr/lib/libcmP11.so": "x"})
	got := paths(f, f.find([]string{" /usr/lib/libcmP11.so ", "", "/nada.so"}))
	want := []string{"setting /usr/lib/libcmP11.so", "setting /nada.so", "table /usr/lib/libeToken.so"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWindowsDriversOf32BitsAreNamedOnlyWithoutTheOneOf64(t *testing.T) {
	f := workstation(t, "windows", map[string]string{
		"/Windows/System32/aetpkss1.dll":                                   "x",
		"/Windows/SysWOW64/aetpkss1.dll":                                   "x",
		"/Windows/SysWOW64/WDICP_P11_CCID_v34.dll":                         "x",
		"/Program Files/Gemalto/IDGo 800 PKCS#11/IDPrimePKCS1164.dll":      "x",
		"/Program Files (x86)/Watchdata/Watchdata ICP CSP v1.0/WDPKCS.dll": "x",
	})
	got := paths(f, f.find(nil))
	want := []string{
		"table /Windows/System32/aetpkss1.dll",
		"table /Windows/SysWOW64/WDICP_P11_CCID_v34.dll",
		"table /Program Files/Gemalto/IDGo 800 PKCS#11/IDPrimePKCS1164.dll",
		"table /Program Files (x86)/Watchdata/Watchdata ICP CSP v1.0/WDPKCS.dll",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestTheNumberOfDriversIsBounded(t *testing.T) {
	var many []string
	for i := range 3 * maxModules {
		many = append(many, filepath.Join("/x", string(rune('a'+i%26)), strings.Repeat("y", i+1)))
	}
	if n := len(workstation(t, "linux", nil).find(many)); n != maxModules {
		t.Errorf("%d modules", n)
	}
}

func FuzzP11KitFilesNeverNameAForbiddenModule(f *testing.F) {
	f.Add("module: opensc-pkcs11.so\n")
	f.Add("# x\nmodule: /a/b.so\ntrust-policy: yes\n")
	f.Add("remote: |cmd\nmodule: x\n")
	f.Fuzz(func(t *testing.T, text string) {
		module := parseP11Kit(strings.NewReader(text))
		if strings.ContainsAny(module, "\x00\n") || strings.HasPrefix(filepath.Base(module), "p11-kit") {
			t.Errorf("named %q", module)
		}
	})
}

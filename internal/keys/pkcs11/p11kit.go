package pkcs11

import (
	"bufio"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// Where p11-kit keeps one file per module; the administrator's come first and
// replace the packages' of the same name (pkcs11.conf(5)).
var p11kitConfigs = []string{"/etc/pkcs11/modules", "/usr/share/p11-kit/modules"}

// Where p11-kit looks for a module that is named without a folder.
var p11kitFolders = []string{"/usr/lib/x86_64-linux-gnu/pkcs11", "/usr/lib64/pkcs11", "/usr/lib/pkcs11", "/usr/local/lib/pkcs11"}

// maxConfig bounds a module's configuration file, in bytes.
const maxConfig = 64 << 10

// p11kit lists the modules that p11-kit knows, without those that hold trust
// anchors only or are disabled for programs in general.
func (f finder) p11kit() []string {
	seen := map[string]bool{}
	var modules []string
	for _, folder := range p11kitConfigs {
		entries, err := os.ReadDir(f.at(folder))
		if err != nil {
			continue
		}
		sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
		for _, entry := range entries {
			name := entry.Name()
			if seen[name] || !strings.HasSuffix(name, ".module") {
				continue
			}
			seen[name] = true
			if module := f.p11kitModule(folder + "/" + name); module != "" {
				modules = append(modules, module)
			}
		}
	}
	return modules
}

func (f finder) p11kitModule(config string) string {
	file, err := os.Open(f.at(config))
	if err != nil {
		return ""
	}
	defer file.Close()
	module := parseP11Kit(io.LimitReader(file, maxConfig))
	if module == "" || path.IsAbs(module) {
		return module
	}
	for _, folder := range p11kitFolders {
		if candidate := path.Join(folder, module); f.exists(candidate) {
			return candidate
		}
	}
	return ""
}

// parseP11Kit reads "field: value" lines and gives the module's path; "" when
// there is none to use.
func parseP11Kit(r io.Reader) string {
	fields := map[string]string{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "#") {
			continue
		}
		if field, value, ok := strings.Cut(line, ":"); ok {
			fields[strings.TrimSpace(field)] = strings.TrimSpace(value)
		}
	}
	base := filepath.Base(fields["module"])
	_, restricted := fields["enable-in"]
	if restricted || fields["trust-policy"] == "yes" || fields["remote"] != "" ||
		strings.HasPrefix(base, "p11-kit") || strings.Contains(base, "spy") || strings.ContainsRune(fields["module"], 0) {
		return ""
	}
	return fields["module"]
}

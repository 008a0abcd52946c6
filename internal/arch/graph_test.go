package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	module = "github.com/sei-rs/sei-rs-desktop"
	// The tags of the released programs; pins.go (tag pins) stays out.
	tags = "desktop,production,webkit2_41,sqlite_fts5"
)

// listed is the part of "go list -json" that the rules look at.
type listed struct {
	ImportPath   string
	Name         string
	Dir          string
	Standard     bool
	Imports      []string
	Deps         []string
	GoFiles      []string
	CgoFiles     []string
	TestGoFiles  []string
	XTestGoFiles []string
	Error        *struct{ Err string }
}

// graph is every package that the module's packages reach, by import path.
type graph map[string]listed

// own returns the module's own packages.
func (g graph) own() []listed {
	var packages []listed
	for path, p := range g {
		if path == module || strings.HasPrefix(path, module+"/") {
			packages = append(packages, p)
		}
	}
	return packages
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// eachSystem runs a rule on the graph of each system that the program is built for.
func eachSystem(t *testing.T, rule func(t *testing.T, g graph)) {
	for _, system := range []string{"linux", "windows"} {
		t.Run(system, func(t *testing.T) { rule(t, load(t, system)) })
	}
}

func load(t *testing.T, system string) graph {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-e", "-tags", tags,
		"-json=ImportPath,Name,Dir,Standard,Imports,Deps,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Error", "./...")
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	g, err := decode(strings.NewReader(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.own()) == 0 {
		t.Fatal("go list found none of the module's packages")
	}
	for _, p := range g.own() {
		if p.Error != nil {
			t.Errorf("%s: %s", short(p.ImportPath), p.Error.Err)
		}
	}
	return g
}

func decode(r io.Reader) (graph, error) {
	g := graph{}
	for decoder := json.NewDecoder(r); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return g, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading go list: %w", err)
		}
		g[p.ImportPath] = p
	}
}

// short is the path inside the module: "" is the root, "internal/sei" the domain.
func short(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// area is the part of the layout that a package belongs to: internal/keys/keytest is in internal/keys.
func area(path string) string {
	parts := strings.SplitN(short(path), "/", 3)
	if len(parts) > 2 {
		parts = parts[:2]
	}
	return strings.Join(parts, "/")
}

func isOwn(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

const (
	module = "github.com/sei-rs/sei-rs-desktop"
	// The tags of the released window.
	windowTags = "desktop,production,webkit2_41,sqlite_fts5"
	// The tags of the released console program.
	consoleTags = "sqlite_fts5"
	root        = "../.."
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

// systems holds the graph of each system that the program is built for, read once.
var systems = map[string]func() (graph, error){
	"linux":   sync.OnceValues(func() (graph, error) { return load("linux", windowTags) }),
	"windows": sync.OnceValues(func() (graph, error) { return load("windows", windowTags) }),
}

// eachSystem runs a rule on each graph.
func eachSystem(t *testing.T, rule func(t *testing.T, g graph)) {
	for system, read := range systems {
		t.Run(system, func(t *testing.T) {
			g, err := read()
			if err != nil {
				t.Fatal(err)
			}
			rule(t, g)
		})
	}
}

func TestEveryPackageCanBeListed(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		if len(g.own()) == 0 {
			t.Fatal("go list found none of the module's packages")
		}
		for _, p := range g.own() {
			if p.Error != nil {
				t.Errorf("%s: %s", short(p.ImportPath), p.Error.Err)
			}
		}
	})
}

func load(system, tags string) (graph, error) {
	cmd := exec.Command("go", "list", "-buildvcs=false", "-deps", "-e", "-tags", tags,
		"-json=ImportPath,Name,Dir,Standard,Imports,Deps,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Error", "./...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &stderr)
	}
	return decode(strings.NewReader(string(out)))
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

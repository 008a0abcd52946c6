package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// registrars may have an init function, because a registry that is not ours asks for one.
var registrars = []string{"internal/local", "internal/central"}

// source is one parsed file of the module that is not a test.
type source struct {
	packagePath string
	name        string
	file        *ast.File
}

func sources(t *testing.T, g graph) []source {
	t.Helper()
	var all []source
	for _, p := range g.own() {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, source{packagePath: short(p.ImportPath), name: name, file: file})
		}
	}
	return all
}

func TestEveryPackageHasExactlyOnePackageComment(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		comments := map[string][]string{}
		for _, s := range sources(t, g) {
			if _, known := comments[s.packagePath]; !known {
				comments[s.packagePath] = nil
			}
			if s.file.Doc != nil && strings.TrimSpace(s.file.Doc.Text()) != "" {
				comments[s.packagePath] = append(comments[s.packagePath], s.name)
			}
		}
		for pkg, files := range comments {
			if len(files) != 1 {
				t.Errorf("package %q has %d package comments, in %v", pkg, len(files), files)
			}
		}
	})
}

func TestNothingHappensBeforeMain(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, s := range sources(t, g) {
			for _, declaration := range s.file.Decls {
				function, ok := declaration.(*ast.FuncDecl)
				if ok && function.Recv == nil && function.Name.Name == "init" && !slices.Contains(registrars, s.packagePath) {
					t.Errorf("%s/%s has an init function", s.packagePath, s.name)
				}
			}
		}
	})
}

// The core and the client engine run in simulated time and with given randomness.
func TestTheCoreAndTheSyncEngineAreGivenTheTime(t *testing.T) {
	wall := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}
	eachSystem(t, func(t *testing.T, g graph) {
		for _, s := range sources(t, g) {
			if _, isCore := core[s.packagePath]; !isCore && s.packagePath != "internal/sync" {
				continue
			}
			ast.Inspect(s.file, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if from, ok := selector.X.(*ast.Ident); ok && from.Name == "time" && slices.Contains(wall, selector.Sel.Name) {
					t.Errorf("%s/%s uses time.%s: the clock is given", s.packagePath, s.name, selector.Sel.Name)
				}
				return true
			})
		}
	})
}

// One file of the frontend talks to Go, so that the window, the browser and the tests can each give it another bridge.
func TestOneFrontendFileImportsTheBindings(t *testing.T) {
	bindings := regexp.MustCompile(`(?m)(from\s+|import\s*\(?\s*)['"][^'"]*wailsjs/|window\s*(\.|\[\s*['"])go\b|\bwindow\s*(\.|\[\s*['"])runtime\b`)
	var users []string
	err := filepath.WalkDir(filepath.Join(root, "frontend", "src"), func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() || strings.Contains(name, ".test.") || !slices.Contains([]string{".ts", ".js", ".mjs", ".svelte"}, filepath.Ext(name)) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && bindings.Match(text) {
			users = append(users, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(users) > 1 {
		t.Errorf("the bindings are imported by %d files: %v", len(users), users)
	}
}

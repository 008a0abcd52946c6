package arch

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// core maps each pure package to the other pure packages it may import.
var core = map[string][]string{
	"internal/sei":      {},
	"internal/protocol": {"internal/sei"},
	"internal/richtext": {"internal/sei"},
	"internal/holder":   {"internal/protocol"},
	"internal/ledger":   {"internal/sei", "internal/protocol"},
	"internal/wire":     {"internal/sei", "internal/protocol", "internal/richtext", "internal/ledger"},
}

// adapters each stand for one technology or one boundary of the program.
var adapters = []string{
	"internal/pdf", "internal/pades", "internal/keys", "internal/trust", "internal/blob",
	"internal/local", "internal/sync", "internal/central", "internal/intake",
}

// confined names the packages that may import a library; everybody else goes through them.
var confined = map[string][]string{
	"github.com/wailsapp/wails/v2":       {"", "app/desktop"},
	"github.com/jung-kurt/gofpdf":        {"internal/pdf"},
	"github.com/miekg/pkcs11":            {"internal/keys"},
	"github.com/tailscale/certstore":     {"internal/keys"},
	"software.sslmate.com/src/go-pkcs12": {"internal/keys", "internal/trust"}, // trust makes the training PFX
	"github.com/fsnotify/fsnotify":       {"internal/intake"},
	"github.com/mattn/go-sqlite3":        {"internal/local", "internal/central"},
	"github.com/danielgtaylor/huma/v2":   {"internal/central"},
	"github.com/spf13/cobra":             {"app/seirs"},
	// Second opinions for tests; the program's own code does not lean on them.
	"github.com/digitorus/pdfsign": {"build/pdfsignbench"},
	"go.uber.org/goleak":           {},
}

// worldly are the standard packages that reach outside the program.
var worldly = []string{"os", "os/exec", "os/signal", "os/user", "net", "net/http", "database/sql", "syscall", "log", "log/slog", "plugin"}

func TestTheCoreImportsOnlyTheStandardLibraryAndTheCoreBelowIt(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, p := range g.own() {
			below, isCore := core[area(p.ImportPath)]
			if !isCore {
				continue
			}
			for _, imported := range p.Imports {
				switch {
				case isOwn(imported):
					if area(imported) != area(p.ImportPath) && !slices.Contains(below, area(imported)) {
						t.Errorf("%s imports %s, which is not below it", short(p.ImportPath), short(imported))
					}
				case !g[imported].Standard:
					t.Errorf("%s imports %s: the core uses the standard library only", short(p.ImportPath), imported)
				case slices.Contains(worldly, imported):
					t.Errorf("%s imports %s: the core does no input or output", short(p.ImportPath), imported)
				}
			}
		}
	})
}

func TestAnAdapterImportsTheCoreButNoOtherAdapter(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, p := range g.own() {
			if !slices.Contains(adapters, area(p.ImportPath)) {
				continue
			}
			for _, imported := range p.Imports {
				if !isOwn(imported) || area(imported) == area(p.ImportPath) {
					continue
				}
				if _, isCore := core[area(imported)]; !isCore {
					t.Errorf("%s imports %s: declare the interface it needs and let app/* compose", short(p.ImportPath), short(imported))
				}
			}
		}
	})
}

// The client engine runs in the simulator, where clock, disk and network are simulated.
func TestTheSyncEngineDoesNoInputOrOutput(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		p, found := g[module+"/internal/sync"]
		if !found {
			t.Fatal("internal/sync is not where this rule looks for it")
		}
		for _, imported := range p.Imports {
			if slices.Contains(worldly, imported) && imported != "log/slog" {
				t.Errorf("internal/sync imports %s: transport, store and clock are given to it", imported)
			}
		}
	})
}

func TestTheDesktopProgramImportsOnlyItsComposition(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, imported := range g[module].Imports {
			if isOwn(imported) && short(imported) != "app/desktop" {
				t.Errorf("main imports %s: it calls app/desktop and nothing else", short(imported))
			}
		}
	})
}

func TestTheBuiltFrontendImportsNothing(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, imported := range g[module+"/frontend"].Imports {
			if !g[imported].Standard {
				t.Errorf("frontend imports %s: it only carries the built files", imported)
			}
		}
	})
}

func TestOnlyTestsAskOtherProgramsForASecondOpinion(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, p := range g.own() {
			if slices.Contains(p.Imports, module+"/internal/testtool") {
				t.Errorf("%s imports internal/testtool outside its tests", short(p.ImportPath))
			}
		}
	})
}

func TestOnlyAppsComposeAndNothingImportsAnApp(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, p := range g.own() {
			if p.ImportPath == module || strings.HasPrefix(short(p.ImportPath), "app/") {
				continue
			}
			for _, imported := range p.Imports {
				if strings.HasPrefix(short(imported), "app/") {
					t.Errorf("%s imports %s", short(p.ImportPath), short(imported))
				}
			}
		}
	})
}

func TestALibraryIsImportedOnlyWhereItIsAtHome(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		for _, p := range g.own() {
			for _, imported := range p.Imports {
				library, homes := home(imported)
				if library != "" && !slices.Contains(homes, area(p.ImportPath)) {
					t.Errorf("%q imports %s, which belongs to %q", short(p.ImportPath), imported, homes)
				}
			}
		}
	})
}

func home(imported string) (library string, homes []string) {
	for library, homes := range confined {
		if imported == library || strings.HasPrefix(imported, library+"/") {
			return library, homes
		}
	}
	return "", nil
}

// A server has no display libraries: seirs must start there.
func TestTheConsoleProgramNeedsNoDisplay(t *testing.T) {
	g, err := load("linux", consoleTags)
	if err != nil {
		t.Fatal(err)
	}
	p, found := g[module+"/app/seirs"]
	if !found {
		t.Fatal("app/seirs is not where this rule looks for it")
	}
	for _, dep := range p.Deps {
		if strings.HasPrefix(dep, "github.com/wailsapp/wails/v2/internal/frontend/desktop") {
			t.Errorf("app/seirs reaches %s", dep)
		}
	}
}

func TestEveryPackageHasAPlaceInTheLayout(t *testing.T) {
	vague := []string{"util", "utils", "common", "helper", "helpers", "types", "models", "misc", "shared", "base", "lib"}
	eachSystem(t, func(t *testing.T, g graph) {
		for _, p := range g.own() {
			if name := path.Base(p.ImportPath); slices.Contains(vague, name) || slices.Contains(vague, p.Name) {
				t.Errorf("%s: the name %q says nothing about what is inside", short(p.ImportPath), name)
			}
			if !placed(area(p.ImportPath)) {
				t.Errorf("%s has no place in the layout: name its layer in internal/arch", short(p.ImportPath))
			}
		}
	})
}

func placed(where string) bool {
	_, isCore := core[where]
	return isCore || slices.Contains(adapters, where) || where == "" || where == "internal/arch" || where == "internal/testtool" || where == "frontend" ||
		strings.HasPrefix(where, "app/") || where == "build" || strings.HasPrefix(where, "build/")
}

// A test suite in a program is weight, flags and a temptation.
func TestNoProgramLinksATestingPackage(t *testing.T) {
	eachSystem(t, func(t *testing.T, g graph) {
		seen := map[string]bool{}
		var follow func(path, by string)
		follow = func(path, by string) {
			if path == "testing" {
				t.Errorf("%s imports testing and is part of a program", short(by))
			}
			if seen[path] || !isOwn(path) {
				return
			}
			seen[path] = true
			for _, imported := range g[path].Imports {
				follow(imported, path)
			}
		}
		for _, program := range []string{module, module + "/app/seirs"} {
			if _, found := g[program]; !found {
				t.Errorf("%s is not where this rule looks for it", program)
			}
			follow(program, program)
		}
	})
}

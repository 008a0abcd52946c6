package intake

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// sighted looks at a file as the folder would.
func sighted(t *testing.T, path string) sighting {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return sighting{path: path, name: filepath.Base(path), mark: fingerprint{info.Size(), info.ModTime()}}
}

func TestAFileThatChangesWhileItIsExaminedIsNotTaken(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, path string){
		"rewritten in place, as long as before": func(t *testing.T, path string) {
			write(t, path, pdfOf("b"))
			later := time.Now().Add(time.Hour)
			if err := os.Chtimes(path, later, later); err != nil {
				t.Fatal(err)
			}
		},
		"grown": func(t *testing.T, path string) { appendTo(t, path, []byte("more %%EOF")) },
		"replaced": func(t *testing.T, path string) {
			write(t, path+".new", pdfOf("another"))
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		},
		"deleted": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && (name == "replaced" || name == "deleted") {
				t.Skip("Windows lets a name go when the last handle is closed; the next look finds it gone")
			}
			path := filepath.Join(t.TempDir(), "a.pdf")
			write(t, path, pdfOf("a"))
			cfg := Config{MaxBytes: 1 << 20, Check: func(string) error { change(t, path); return nil }}
			if got := examine(t.Context(), cfg, sighted(t, path)); got.sha256 != "" || got.final || got.reason == "" {
				t.Fatalf("found %+v", got)
			}
		})
	}
}

func TestAnUnreadableFileIsNotBlamedOnItsContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pdf")
	write(t, path, pdfOf("a"))
	s := sighted(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	got := examine(t.Context(), Config{MaxBytes: 1 << 20}, s)
	if got.final || got.err == nil || !strings.Contains(got.reason, "não pôde ser lido") {
		t.Fatalf("found %+v", got)
	}
}

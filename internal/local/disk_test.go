package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestAFullDiskIsNamedAndLosesNothing(t *testing.T) {
	w := newWorld(t)
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d", Text: text("antes")}))
	if _, err := w.w.ExecContext(w.ctx, `PRAGMA max_page_count = 1`); err != nil { // SQLite raises it to what is in use
		t.Fatal(err)
	}
	err := w.SaveDraft(w.ctx, Draft{Document: "d", Text: text(strings.Repeat("depois ", 200_000))})
	w.refused(err, CodeDiskFull)
	if !strings.Contains(sei.MessageOf(err), "disco está cheio") {
		t.Fatalf("message %q", sei.MessageOf(err))
	}
	if d, ok, err := w.Draft(w.ctx, "d"); err != nil || !ok || string(d.Text) != string(text("antes")) {
		t.Fatalf("the draft before is %s, %v", d.Text, err)
	}
}

func TestAFileThatIsNoDatabaseIsNamedAndLeftAlone(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	path := filepath.Join(dir, databaseName)
	junk := []byte(strings.Repeat("isto não é um banco de dados ", 500))
	w.ok(os.WriteFile(path, junk, 0o600))
	_, err := Open(w.ctx, dir, w.options())
	w.refused(err, CodeDamaged)
	if after, err := os.ReadFile(path); err != nil || string(after) != string(junk) {
		t.Fatalf("the file was changed, %v", err)
	}
	if _, err := Open(w.ctx, dir, w.options()); sei.CodeOf(err) != CodeDamaged {
		t.Fatalf("a failed opening kept the lock: %v", err)
	}
}

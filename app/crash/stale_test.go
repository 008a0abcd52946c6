//go:build linux

package crash

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

// A workstation that comes back from a copy of weeks ago knows nothing of what it
// did since. It must revert none of it, and what is written on it now must not
// be lost either.
func TestADeskFromAnOldCopyRevertsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	d := w.enter(t.TempDir(), ana)
	started, err := d.act("Processes/Start", desktop.StartForm{Type: typePublic, Specification: "Cópia antiga", Subjects: []int{subject}})
	fatal(t, err)
	minute, err := d.act("Documents/AddInternal", desktop.DocumentForm{Process: started.Process, Type: typeDispatch})
	fatal(t, err)
	write := func(text string) {
		t.Helper()
		fatal(t, d.save(started.Process, minute.Doc, string(richtext.FromText(text).Canonical())))
	}
	write("Texto da semana passada.")
	d.awaitEmpty()
	d.awaitPhase("connected")
	fatal(t, d.program.stop())
	copied := filepath.Join(t.TempDir(), "copy")
	fatal(t, os.CopyFS(copied, os.DirFS(d.profile)))

	fatal(t, d.revive())
	write("Texto de muito trabalho.")
	d.awaitEmpty()
	l := newLoad(d, rand.New(rand.NewPCG(21, 21)), unitOfHelena)
	l.mine = []string{started.Process}
	for range 15 {
		fatal(t, l.one())
	}
	d.awaitEmpty()
	d.kill()
	since := d.acks
	d.profile, d.acks, d.texts, d.files = copied, map[string]string{}, map[string]bool{}, map[string]bool{}

	w.killCentral() // the servant writes before anything can be synchronised
	fatal(t, d.revive())
	write("Texto escrito sobre a cópia antiga.")
	fatal(t, w.startCentral())
	d.awaitEmpty()
	w.settle()

	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.data, "central.db")+"?mode=rw&_query_only=true")
	fatal(t, err)
	defer db.Close()
	for id, method := range since {
		var accepted bool
		if err := db.QueryRow("SELECT accepted FROM commands WHERE id = ?", id).Scan(&accepted); err != nil || !accepted {
			t.Errorf("%s (%s), done since the copy, is not there any more: %v", method, id, err)
		}
	}
	rows, err := db.Query("SELECT revision, head FROM revisions WHERE document_id = ? ORDER BY seq", minute.Doc)
	fatal(t, err)
	defer rows.Close()
	heads, texts := "", ""
	for rows.Next() {
		var text string
		var head bool
		fatal(t, rows.Scan(&text, &head))
		texts += text
		if head {
			heads += text
		}
	}
	fatal(t, rows.Err())
	if !strings.Contains(heads, "Texto de muito trabalho.") || strings.Contains(heads, "cópia antiga") {
		t.Errorf("the current text is %s", heads)
	}
	if !strings.Contains(texts, "Texto escrito sobre a cópia antiga.") {
		t.Error("the text that was written on the old copy is lost")
	}
}

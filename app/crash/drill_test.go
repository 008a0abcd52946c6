//go:build linux

package crash

import (
	"database/sql"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The drill: a central is copied while desks work, then its folder is destroyed,
// and it comes back from the copy with everything that was answered before the
// copy began: the chain from the first event, files, numbers.
func TestADestroyedCentralComesBackFromABackupMadeUnderLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	d := w.enter(t.TempDir(), ana)
	l := newLoad(d, rand.New(rand.NewPCG(41, 41)), unitOfHelena)
	for range 30 {
		fatal(t, l.one())
	}
	d.awaitEmpty()
	covered, files := maps.Clone(d.acks), maps.Clone(d.files)

	operate := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(theProgram(t), args...).CombinedOutput(); err != nil {
			t.Fatalf("seirs %v: %v\n%s", args, err, out)
		}
	}
	copied := filepath.Join(t.TempDir(), "copy")
	done := w.working(l)
	operate("central", "backup", "--data", w.data, "--to", copied)
	done()
	w.killCentral()
	d.kill()
	fatal(t, os.RemoveAll(w.data))
	operate("central", "check", "--from", copied)
	operate("central", "restore", "--from", copied, "--data", w.data)

	fatal(t, w.startCentral())
	answer, err := http.Get(w.url + "/v1/info")
	fatal(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the restored central answers %s", answer.Status)
	}
	fatal(t, w.central.stop())
	w.audit()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.data, "central.db")+"?mode=rw&_query_only=true")
	fatal(t, err)
	defer db.Close()
	for id, method := range covered {
		var accepted bool
		if err := db.QueryRow("SELECT accepted FROM commands WHERE id = ?", id).Scan(&accepted); err != nil || !accepted {
			t.Errorf("%s (%s) was answered before the copy began and did not come back: %v", method, id, err)
		}
	}
	stored := w.storedFiles()
	for sha := range files {
		if !stored[sha] {
			t.Errorf("the file %s did not come back", sha)
		}
	}
}

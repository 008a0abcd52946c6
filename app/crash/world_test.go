//go:build linux

package crash

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/mattn/go-sqlite3" // registers the driver

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Accounts, units and reference data of the demonstration.
var (
	ana    = account{"SPGG", "ana.schneider"}
	helena = account{"SES", "helena.moraes"}
)

const (
	unitOfAna    = "demo-spgg-gab"
	unitOfHelena = "demo-ses-gab"
	typePublic   = 100000103
	subject      = 58
	typeDispatch = 5
	typeNumbered = 11 // by unit and year
	typeExternal = 14
)

// world is one central and the desks before it.
type world struct {
	t      *testing.T
	data   string // the central's folder
	listen string
	url    string // where desks find it
	log    string
	desks  []*desk

	mu      sync.Mutex
	central *process
}

// newWorld makes a demonstration central with its data in folder and starts it;
// desks are added by enter.
func newWorld(t *testing.T, folder string) *world {
	t.Helper()
	w := &world{t: t, data: filepath.Join(folder, "central"), listen: freePort(t), log: filepath.Join(t.TempDir(), "central.log")}
	w.url = "http://" + w.listen
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the last messages of the central:\n%s", tail(w.log))
		}
	})
	fatal(t, w.startCentral())
	return w
}

func (w *world) startCentral() error {
	p, err := launch(w.t, "central", "central: ", w.log, "central", "--demo", "--samples=false", "--data", w.data, "--listen", w.listen)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.central = p
	return nil
}

func (w *world) killCentral() {
	w.mu.Lock()
	p := w.central
	w.mu.Unlock()
	p.kill()
}

// enter starts a desk and logs in.
func (w *world) enter(folder string, who account) *desk {
	w.t.Helper()
	d := newDesk(w.t, folder, w.url, who)
	fatal(w.t, d.start())
	fatal(w.t, d.login())
	d.awaitPhase("connected") // has the reference data
	w.desks = append(w.desks, d)
	return d
}

// settle waits until all queues are empty, stops everything and looks at what is
// there: the faults have ended before.
func (w *world) settle() {
	w.t.Helper()
	for _, d := range w.desks {
		d.awaitEmpty()
	}
	for _, d := range w.desks {
		fatal(w.t, d.program.stop())
	}
	fatal(w.t, w.central.stop())
	w.verify()
}

// resume starts everything again after settle.
func (w *world) resume() {
	w.t.Helper()
	fatal(w.t, w.startCentral())
	for _, d := range w.desks {
		fatal(w.t, d.start())
		fatal(w.t, d.unlock())
	}
}

// verify looks at the stores of the stopped programs.
func (w *world) verify() {
	w.t.Helper()
	w.audit()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.data, "central.db")+"?mode=rw&_query_only=true")
	fatal(w.t, err)
	defer db.Close()
	blobs := w.storedFiles()
	numbers := map[string]string{} // who was given a number, over all desks
	for _, d := range w.desks {
		w.verifyDesk(d, db, blobs, numbers)
	}
	w.verifyNumbers(db)
}

// audit asks the program itself: the chain from the first event, every digest,
// every cited file, counters, receipts.
func (w *world) audit() {
	w.t.Helper()
	out, err := exec.Command(theProgram(w.t), "audit", "--data", w.data).CombinedOutput()
	if err != nil {
		w.t.Fatalf("the audit found something: %v\n%s", err, out)
	}
}

// verifyDesk holds what a desk was told against what the central has.
func (w *world) verifyDesk(d *desk, db *sql.DB, blobs map[string]bool, numbers map[string]string) {
	t := w.t
	t.Helper()
	ctx := context.Background()
	store, err := local.Open(ctx, filepath.Dir(d.storePath()), local.Options{
		OpenBlobs: func(string, []byte) (local.Blobs, error) { return nil, nil }, // no file is looked at
	})
	fatal(t, err)
	defer store.Close()
	fatal(t, store.Unlock(ctx, central.DemoPassword))
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, method := range d.acks {
		e, found, err := store.OutboxEntry(ctx, sei.CommandID(id))
		fatal(t, err)
		if !found {
			t.Fatalf("%s: the servant was told that %s (%s) is in the queue, and it is not there", d.who.login, method, id)
		}
		if e.State != local.StateAccepted {
			t.Fatalf("%s: %s (%s) ended %s: %s %s", d.who.login, method, id, e.State, e.Code, e.Why)
		}
	}
	for _, id := range w.receiptsOf(d) {
		r := w.sameReceipt(d, store, db, id)
		for _, n := range []string{"processo " + r.ProcessNumber, fmt.Sprintf("SEI %d", r.SEINumber)} {
			if n == "processo " || n == "SEI 0" {
				continue
			}
			if other, twice := numbers[n]; twice {
				t.Fatalf("%s was given twice: to %s and to %s", n, other, id)
			}
			numbers[n] = string(id)
		}
	}
	for id := range d.texts {
		var there int
		fatal(t, db.QueryRow("SELECT count(*) FROM revisions WHERE id = ?", id).Scan(&there))
		if there != 1 {
			t.Fatalf("%s: the text saved as %s is %d times at the central", d.who.login, id, there)
		}
	}
	for sha := range d.files {
		if !blobs[sha] {
			t.Fatalf("%s: the file %s was registered and is not at the central", d.who.login, sha)
		}
	}
}

// receiptsOf lists what the desk holds as answered.
func (w *world) receiptsOf(d *desk) []sei.CommandID {
	w.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+d.storePath()+"?mode=rw&_query_only=true")
	fatal(w.t, err)
	defer db.Close()
	rows, err := db.Query("SELECT id FROM outbox WHERE receipt IS NOT NULL")
	fatal(w.t, err)
	defer rows.Close()
	var ids []sei.CommandID
	for rows.Next() {
		var id sei.CommandID
		fatal(w.t, rows.Scan(&id))
		ids = append(ids, id)
	}
	fatal(w.t, rows.Err())
	return ids
}

// sameReceipt demands that the central has, for what the desk holds, the same
// answer to the same bytes, and the events that it cites.
func (w *world) sameReceipt(d *desk, store *local.Store, db *sql.DB, id sei.CommandID) ledger.Receipt {
	t := w.t
	t.Helper()
	held, _, err := store.Receipt(context.Background(), id)
	fatal(t, err)
	key, known, err := store.ReceiptKey(context.Background(), held.Key)
	fatal(t, err)
	if !known {
		t.Fatalf("%s: the receipt of %s is signed by an unknown key", d.who.login, id)
	}
	var ofBytes ledger.Hash
	var raw []byte
	if err := db.QueryRow("SELECT hash FROM commands WHERE id = ?", string(id)).Scan(&raw); err != nil {
		t.Fatalf("%s holds a receipt for %s that the central does not know: %v", d.who.login, id, err)
	}
	copy(ofBytes[:], raw)
	r, err := ledger.OpenReceipt(key, held, string(id), ofBytes)
	fatal(t, err)
	for _, e := range r.Events {
		var hash []byte
		err := db.QueryRow("SELECT hash FROM events WHERE stream = ? AND version = ? AND command_id = ?", e.Stream, e.Version, string(id)).Scan(&hash)
		if err != nil || string(hash) != string(e.Hash[:]) {
			t.Fatalf("%s: the receipt of %s cites %s/%d, which is not in the ledger as cited: %v", d.who.login, id, e.Stream, e.Version, err)
		}
	}
	return r
}

// verifyNumbers counts by hand what the audit counts too: every Nº SEI up to the
// counter is in a document or explained, and process numbers have no gap.
func (w *world) verifyNumbers(db *sql.DB) {
	t := w.t
	t.Helper()
	var unexplained int
	fatal(t, db.QueryRow(`WITH RECURSIVE every(n) AS (
			SELECT 1 UNION ALL SELECT n + 1 FROM every WHERE n < (SELECT value FROM counters WHERE scope = 'sei'))
		SELECT count(*) FROM every WHERE n NOT IN (SELECT sei_number FROM documents WHERE sei_number IS NOT NULL)
			AND n NOT IN (SELECT number FROM leased_numbers WHERE state <> 'used') AND (SELECT count(*) FROM counters WHERE scope = 'sei') > 0`).Scan(&unexplained))
	if unexplained > 0 {
		t.Fatalf("%d Nº SEI are in no document and not explained", unexplained)
	}
	var given, processes int
	fatal(t, db.QueryRow("SELECT coalesce(sum(value), 0) FROM counters WHERE scope LIKE 'process/%'").Scan(&given))
	fatal(t, db.QueryRow("SELECT count(DISTINCT number) FROM processes").Scan(&processes))
	if given != processes {
		t.Fatalf("%d process numbers were given and %d processes have one", given, processes)
	}
}

// storedFiles hashes every file of the central's store.
func (w *world) storedFiles() map[string]bool {
	w.t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(w.data, "blobs"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return err
		}
		found[hex.EncodeToString(h.Sum(nil))] = true
		return nil
	})
	fatal(w.t, err)
	return found
}

package central_test

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// history gives a central something of everything and stops it.
type history struct {
	folder  string
	process sei.ProcessID
	number  string
	content sei.SHA256 // of a signed document
	key     ed25519.PublicKey
	middle  ledger.Sealed // a checkpoint, as somebody outside kept it
}

var told struct {
	sync.Mutex
	history
}

// tellHistory gives each test its own copy of a history that was told once.
func tellHistory(t *testing.T) history {
	t.Helper()
	told.Lock()
	defer told.Unlock()
	if told.folder == "" {
		h := makeHistory(t)
		kept, err := os.MkdirTemp("", "seirs-history-")
		must(t, err)
		must(t, os.CopyFS(kept, os.DirFS(h.folder)))
		h.folder = kept
		told.history = h
	}
	return told.copyOf(t)
}

func makeHistory(t *testing.T) history {
	t.Helper()
	w := newWorld(t)
	d, other := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SES", "joana.vargas", sesGab)
	h := history{folder: w.folder, process: sei.ProcessID(newID(w))}
	h.number = d.do(h.process, startBody(sei.Public)).ProcessNumber
	_, frozen, _ := d.signedDocument(h.process, "Encaminhe-se.")
	h.content = frozen.Content.SHA256
	w.sign()
	h.middle = latest(t, w)
	w.visit("/q/" + frozen.QRToken + "/documento") // an event that no desk asked for
	d.addExternal(h.process, pdfBytes("anexo"))
	numbered := sei.DocumentID(newID(w))
	d.do(h.process, sei.AddDocument{NewDocument: sei.NewDocument{Document: numbered, Type: oficio}, Text: minuteText("ofício")})
	l := d.lease(5)[0]
	d.do(h.process, withNumber(l.From+1, sei.DocumentID(newID(w))))
	d.lease(0, l.From)
	d.addMinute(h.process, "primeira")
	d.do(h.process, sei.Send{To: []sei.UnitID{sesGab}, KeepOpen: true})
	other.do(h.process, sei.Receive{})
	other.refused(h.process, sei.Send{To: []sei.UnitID{"nenhuma"}}, sei.CodeDestination)
	d.start(sei.Restricted)
	w.sign()
	d.do(h.process, sei.NoteProgress{Text: "Depois do ponto."})
	h.key = d.login.Central.ReceiptKeys[0].Public
	w.stop()
	return h
}

func latest(t *testing.T, w *world) ledger.Sealed {
	t.Helper()
	resp, err := w.svc.Checkpoint(t.Context(), 0)
	must(t, err)
	return resp.Checkpoint
}

func (h history) inspect(t *testing.T, known ...ledger.Sealed) *central.Inspection {
	t.Helper()
	store, err := blob.NewFiles(filepath.Join(h.folder, "blobs"))
	must(t, err)
	out, err := central.Inspect(t.Context(), central.InspectConfig{
		Database: filepath.Join(h.folder, "central.db"), Files: testFiles{blobs: store}, Key: h.key, Known: known,
	})
	must(t, err)
	return out
}

// copyOf is the same central in another folder, to be spoiled.
func (h history) copyOf(t *testing.T) history {
	t.Helper()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(h.folder)))
	h.folder = folder
	return h
}

// spoil runs statements as somebody with the database's file could.
func (h history) spoil(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.folder, "central.db")+"?_foreign_keys=off")
	must(t, err)
	for _, s := range statements {
		r, err := db.Exec(s)
		must(t, err)
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s changed nothing (%v)", s, err)
		}
	}
	must(t, db.Close())
}

func checksOf(out *central.Inspection) map[string]int {
	checks := map[string]int{}
	for _, f := range out.Findings {
		checks[f.Check]++
	}
	return checks
}

func TestASoundCentralHasNoFindings(t *testing.T) {
	h := tellHistory(t)
	out := h.inspect(t, h.middle)
	if !out.Sound() {
		t.Errorf("findings: %+v", out.Findings)
	}
	if out.Processes != 2 || out.Documents != 5 || out.Events != 12 || out.Checkpoints != 2 || out.Covered != 11 || out.Files != 2 || out.Receipts != 12 || out.Numbers != 8 {
		t.Errorf("looked at %+v", out)
	}
}

func TestACentralOfTheFirstSchemaIsInspectedAsItIs(t *testing.T) {
	h := history{folder: unpack(t, "testdata/schema-00001.tar.gz")}
	var err error
	h.key, err = central.ReceiptPublicKey(h.folder)
	must(t, err)
	out := h.inspect(t)
	if !out.Sound() || out.Schema != 1 || out.Events != 10 {
		t.Errorf("%+v", out)
	}
	if again := h.inspect(t); again.Schema != 1 {
		t.Error("the inspection changed what it looked at")
	}
}

// Each corruption is one that a person with the disk, or the disk itself, can
// make; each is found, and named.
func TestEveryCorruptionIsFoundAndNamed(t *testing.T) {
	whole := tellHistory(t)
	other := newKey(t)
	for _, c := range []struct {
		name  string
		check string
		named string // in the subject or the detail
		spoil func(t *testing.T, h history)
	}{
		{"a byte of a payload", central.CheckPayload, whole.process.Stream() + " versão 2", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE event_payloads SET payload = replace(payload, 'document', 'documenT') WHERE seq = 2")
		}},
		{"a payload taken away", central.CheckPayload, whole.process.Stream() + " versão 3", func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM event_payloads WHERE seq = 3")
		}},
		{"a header deleted in the middle", central.CheckLog, "posição 4", func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM event_payloads WHERE seq = 4", "DELETE FROM events WHERE seq = 4")
		}},
		{"the end of the log cut off", central.CheckCheckpoint, "o fim do registro falta", func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM event_payloads WHERE seq > 9", "DELETE FROM events WHERE seq > 9")
		}},
		{"the newest event cut off with its receipt", central.CheckChain, whole.process.Stream(), func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM commands WHERE id = (SELECT command_id FROM events WHERE seq = 12)",
				"DELETE FROM event_payloads WHERE seq = 12", "DELETE FROM events WHERE seq = 12")
		}},
		{"a header altered", central.CheckLog, "posição 5", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE events SET header = CAST(substr(header, 1, length(header) - 1) || x'00' AS BLOB) WHERE seq = 5")
		}},
		{"a header's hash altered", central.CheckLog, "posição 6", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE events SET hash = zeroblob(32) WHERE seq = 6")
		}},
		{"a process number changed", central.CheckNumber, whole.number, func(t *testing.T, h history) {
			h.spoil(t, "UPDATE processes SET number = '99.999' WHERE number = '"+h.number+"'")
		}},
		{"a Nº SEI changed", central.CheckNumber, "0000099", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE documents SET sei_number = 99 WHERE sei_number = 1")
		}},
		{"a counter put back", central.CheckNumber, "Nº SEI", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE counters SET value = 2 WHERE scope = 'sei'")
		}},
		{"a counter put forward", central.CheckNumber, "de 2026", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE counters SET value = value + 1 WHERE scope LIKE 'process/%'")
		}},
		{"a counter of a document type put forward", central.CheckNumber, "type/11/", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE counters SET value = value + 30 WHERE scope LIKE 'type/%'")
		}},
		{"a counter put absurdly far forward", central.CheckNumber, "Faltam 1152921504606", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE counters SET value = value + 1152921504606000000 WHERE scope = 'sei'")
		}},
		{"an event moved to the end of time", central.CheckLog, "posição 12 a 1152921504606", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE event_payloads SET seq = seq + 1152921504606000000 WHERE seq = 12", "UPDATE events SET seq = seq + 1152921504606000000 WHERE seq = 12")
		}},
		{"two headers deleted in a row", central.CheckLog, "posição 4 a 5", func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM event_payloads WHERE seq IN (4, 5)", "DELETE FROM events WHERE seq IN (4, 5)")
		}},
		{"a lease forgotten", central.CheckNumber, "Nº SEI", func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM leased_numbers WHERE state = 'returned'")
		}},
		{"the state of a process", central.CheckState, whole.number, func(t *testing.T, h history) {
			h.spoil(t, "UPDATE processes SET state = replace(state, 'mobiliário', 'imobiliário') WHERE number = '"+h.number+"'")
		}},
		{"the state of a document", central.CheckState, "documento 0000001", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE documents SET state = replace(state, 'Chefe', 'Chefa') WHERE sei_number = 1")
		}},
		{"a document without history", central.CheckState, "inventado", func(t *testing.T, h history) {
			h.spoil(t, `INSERT INTO documents (id, process_id, sei_number, state) SELECT 'inventado', process_id, 77, replace(state, id, 'inventado') FROM documents WHERE sei_number = 1`)
		}},
		{"a process without history", central.CheckState, "1234", func(t *testing.T, h history) {
			h.spoil(t, `INSERT INTO processes SELECT 'inventado', '1234', '1234', '', '', state, 0 FROM processes LIMIT 1`)
		}},
		{"a checkpoint tampered with", central.CheckCheckpoint, "a assinatura do ponto", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE checkpoints SET sealed = replace(sealed, '\"sig\":\"', '\"sig\":\"AAAA') WHERE size = 11")
		}},
		{"a checkpoint of another key", central.CheckCheckpoint, "a assinatura do ponto", func(t *testing.T, h history) {
			forged, err := ledger.SealCheckpoint(other, ledger.Checkpoint{Form: 1, Size: 3})
			must(t, err)
			data, err := json.Marshal(forged)
			must(t, err)
			h.spoil(t, "UPDATE checkpoints SET sealed = '"+string(data)+"' WHERE size = 11")
		}},
		{"a checkpoint moved", central.CheckCheckpoint, "outra posição", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE checkpoints SET size = 9 WHERE size = 11")
		}},
		{"a node of the tree", central.CheckLog, "nível 1", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 1 AND position = 0")
		}},
		{"a receipt altered", central.CheckReceipt, "comando ", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE commands SET receipt = replace(receipt, '\"sig\":\"', '\"sig\":\"AAAA') WHERE id = (SELECT command_id FROM events WHERE seq = 2)")
		}},
		{"a refusal turned into an acceptance", central.CheckReceipt, "contrário", func(t *testing.T, h history) {
			h.spoil(t, "UPDATE commands SET accepted = 1 WHERE NOT accepted")
		}},
		{"a receipt taken away", central.CheckReceipt, "não são citados", func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM commands WHERE id = (SELECT command_id FROM events WHERE seq = 2)")
		}},
		{"a file removed", central.CheckBlob, string(whole.content), func(t *testing.T, h history) { must(t, os.Remove(h.blob(h.content))) }},
		{"a file altered", central.CheckBlob, string(whole.content), func(t *testing.T, h history) {
			data, err := os.ReadFile(h.blob(h.content))
			must(t, err)
			data[5] ^= 1
			must(t, os.WriteFile(h.blob(h.content), data, 0o600))
		}},
		{"a file cut short", central.CheckBlob, string(whole.content), func(t *testing.T, h history) { must(t, os.Truncate(h.blob(h.content), 7)) }},
		{"a row that desks pull", central.CheckBucket, "process/" + string(whole.process), func(t *testing.T, h history) {
			h.spoil(t, "DELETE FROM bucket_rows WHERE bucket = 'process/"+string(h.process)+"' AND key = 'event/2'")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := whole.copyOf(t)
			c.spoil(t, h)
			out := h.inspect(t)
			for _, f := range out.Findings {
				if f.Check == c.check && strings.Contains(strings.ToLower(f.Subject+" "+f.Detail), strings.ToLower(c.named)) {
					return
				}
			}
			t.Errorf("findings: %+v", out.Findings)
		})
	}
}

func (h history) blob(sha sei.SHA256) string {
	return filepath.Join(h.folder, "blobs", "objects", string(sha[:2]), string(sha))
}

// Whoever holds the central's disk and key can write a new history that is
// consistent in itself. A checkpoint kept outside gives it away.
func TestARewrittenHistoryIsGivenAwayByACheckpointFromOutside(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	w.stop()
	branch := history{folder: w.folder}.copyOf(t)
	w.start()
	d.signIn("SPGG", "ana.schneider")
	d.start(sei.Public)
	d.start(sei.Public)
	w.sign()
	kept := latest(t, w)
	w.stop()
	w.folder = branch.folder
	w.start()
	d = w.desk("SPGG", "ana.schneider", spggGab)
	d.start(sei.Restricted)
	w.sign()
	branch.key = d.login.Central.ReceiptKeys[0].Public
	short := branch.inspect(t, kept)
	d.start(sei.Restricted)
	w.sign()
	w.stop()
	if out := branch.inspect(t); !out.Sound() {
		t.Errorf("in itself the new history has findings: %+v", out.Findings)
	}
	for name, out := range map[string]*central.Inspection{"shorter": short, "as long": branch.inspect(t, kept)} {
		if checks := checksOf(out); checks[central.CheckCheckpoint] != 1 || len(out.Findings) != 1 {
			t.Errorf("%s: %+v", name, out.Findings)
		}
	}
	foreign, err := ledger.SealCheckpoint(newKey(t), ledger.Checkpoint{Form: 1})
	must(t, err)
	if out := branch.inspect(t, foreign); out.Sound() {
		t.Error("another central's checkpoint was taken")
	}
}

func TestAnInspectionRunsBesideAWorkingCentral(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	h := history{folder: w.folder, key: d.login.Central.ReceiptKeys[0].Public}
	for range 5 {
		d.signedDocument(d.start(sei.Public), "Defiro.")
		w.sign()
		if out := h.inspect(t); !out.Sound() {
			t.Errorf("findings: %+v", out.Findings)
		}
	}
}

func TestWhatIsNoCentralIsNotInspected(t *testing.T) {
	folder := t.TempDir()
	_, err := central.Inspect(t.Context(), central.InspectConfig{Database: filepath.Join(folder, "central.db"), Key: newKey(t).Public().(ed25519.PublicKey)})
	if sei.CodeOf(err) != sei.CodeNotFound {
		t.Errorf("got %v", err)
	}
	if _, err := central.ReceiptPublicKey(folder); sei.CodeOf(err) != sei.CodeNotFound {
		t.Errorf("the key: %v", err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("the folder now has %v (%v)", entries, err)
	}
}

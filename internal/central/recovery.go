package central

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// CodeRecovering says that the central was restored from a backup and records
// nothing new until it has taken back what was lost.
const CodeRecovering sei.Code = "central.recovering"

func errRecovering() error {
	return sei.Errorf(CodeRecovering, "A central foi restaurada de uma cópia de segurança e está recebendo de volta os atos feitos depois dela. Tente de novo quando a recuperação terminar.")
}

// recovery is a row of the table of that name.
type recovery struct {
	id                  string
	since, backup, till time.Time
	size, seen          int64
	generation          int64
	finished            time.Time
	sealed              string
}

const recoveryColumns = "SELECT id, since, backup_at, until, size, seen, generation, finished_at, sealed FROM recoveries "

func readRecovery(r reader, where string, args ...any) (*recovery, error) {
	var v recovery
	var since, backup, until, finished int64
	err := r.row(recoveryColumns+where, args...).
		Scan(&v.id, &since, &backup, &until, &v.size, &v.seen, &v.generation, &finished, &v.sealed)
	if found, err := noRows(err); !found || err != nil {
		return nil, err
	}
	v.since, v.backup, v.till, v.finished = fromMicros(since), fromMicros(backup), fromMicros(until), fromMicros(finished)
	return &v, nil
}

// openRecovery is the one that goes on, nil when there is none.
func openRecovery(r reader) (*recovery, error) {
	v, err := readRecovery(r, "WHERE finished_at = 0 ORDER BY since DESC LIMIT 1")
	if err != nil {
		return nil, fmt.Errorf("reading the recovery: %w", err)
	}
	return v, nil
}

// lastRecovery is the latest, open or closed, nil when there was none.
func lastRecovery(r reader) (*recovery, error) {
	v, err := readRecovery(r, "ORDER BY since DESC, id LIMIT 1")
	if err != nil {
		return nil, fmt.Errorf("reading the last recovery: %w", err)
	}
	return v, nil
}

// beginRecovery notes in a restored database that it is one.
func beginRecovery(w *writer, random io.Reader, since time.Time, m BackupManifest) error {
	id := make([]byte, 16)
	if _, err := io.ReadFull(random, id); err != nil {
		return fmt.Errorf("naming the recovery: %w", err)
	}
	var size, until int64
	err := w.row("SELECT (SELECT COALESCE(MAX(seq), 0) FROM events), (SELECT COALESCE(MAX(at), 0) FROM commands)").Scan(&size, &until)
	if err != nil {
		return fmt.Errorf("measuring the backup: %w", err)
	}
	// A recovery that was open when the backup was made ends in this one.
	if err := w.exec("UPDATE recoveries SET finished_at = ? WHERE finished_at = 0", micros(since)); err != nil {
		return err
	}
	if err := w.exec("UPDATE counters SET covered = value"); err != nil {
		return err
	}
	return w.exec(`INSERT INTO recoveries (id, since, backup_at, until, size, seen, generation, finished_at, sealed)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')`, hex.EncodeToString(id), micros(since), micros(m.At), until, size, size, m.Restores)
}

// prepareRecovery signs what a restore, which ran without the service, could not.
func (s *Service) prepareRecovery(w *writer) error {
	v, err := openRecovery(w.reader)
	if err != nil || v == nil || v.sealed != "" {
		return err
	}
	return s.sealRecovery(w, v, ledger.RecoveryStatement{Open: true})
}

// sealRecovery signs what st adds to what the row says.
func (s *Service) sealRecovery(w *writer, v *recovery, st ledger.RecoveryStatement) error {
	st.Form, st.Central, st.ID = 1, s.id, v.id
	st.Since, st.Backup, st.Until, st.Size = v.since, v.backup, v.till, v.size
	sealed, err := ledger.SealStatement(s.key, ledger.TypeRecovery, st)
	if err != nil {
		return err
	}
	data, err := json.Marshal(sealed)
	if err != nil {
		return fmt.Errorf("encoding a statement: %w", err)
	}
	return w.exec("UPDATE recoveries SET sealed = ? WHERE id = ?", string(data), v.id)
}

// recoveryNotice is what everybody may know of an open recovery.
func recoveryNotice(r reader) (*wire.RecoveryNotice, error) {
	v, err := openRecovery(r)
	if err != nil || v == nil {
		return nil, err
	}
	return &wire.RecoveryNotice{Since: v.since, Backup: v.backup}, nil
}

// lastStatements are the latest signed words about a backup and a recovery.
func lastStatements(r reader) (backup, recovered *ledger.Sealed, err error) {
	if backup, err = sealedRow(r, "SELECT sealed FROM backups ORDER BY id DESC LIMIT 1"); err != nil {
		return nil, nil, fmt.Errorf("reading the last backup: %w", err)
	}
	recovered, err = sealedRow(r, "SELECT sealed FROM recoveries WHERE sealed <> '' ORDER BY since DESC, id LIMIT 1")
	if err != nil {
		return nil, nil, fmt.Errorf("reading the last recovery: %w", err)
	}
	return backup, recovered, nil
}

func sealedRow(r reader, query string, args ...any) (*ledger.Sealed, error) {
	var data []byte
	err := r.row(query, args...).Scan(&data)
	if found, err := noRows(err); !found || err != nil {
		return nil, err
	}
	sealed := new(ledger.Sealed)
	if err := json.Unmarshal(data, sealed); err != nil {
		return nil, fmt.Errorf("decoding a stored statement: %w", err)
	}
	return sealed, nil
}

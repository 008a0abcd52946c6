package central

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
)

// covered is what a sound backup holds.
type covered struct {
	central  string
	until    int64
	size     int64
	root     ledger.Hash
	counters map[counterKey]int64
	// partial: the backup was made in a recovery; acts that still come back will
	// be older than it, and not in it.
	partial bool
	schema  int64
}

// stateBackup signs, in the central that works, that the backup covers what it
// holds. It comes last: before it, nobody may rely on the backup. The counters
// learn what the backup knows, so that they give no number that a central
// restored from it could give again.
func stateBackup(ctx context.Context, data, database string, m BackupManifest) error {
	var c covered
	if err := lookInto(ctx, database, func(r reader) error { return c.read(r) }); err != nil {
		return err
	}
	var live int64
	err := lookInto(ctx, filepath.Join(data, databaseFile), func(r reader) (err error) {
		live, err = schemaVersion(r)
		return err
	})
	// A central of an earlier release has no place for it, and is not brought up
	// to date by its backup.
	if err != nil || live < recoverySchema || c.schema < recoverySchema || c.partial {
		return err
	}
	key, _, err := receiptKey(data, nil, time.Time{})
	if err != nil {
		return err
	}
	sealed, err := ledger.SealStatement(key, ledger.TypeBackup, ledger.BackupStatement{
		Form: 1, Central: c.central, Until: fromMicros(c.until), Size: c.size, Root: c.root, At: m.At,
	})
	if err != nil {
		return err
	}
	statement, err := encodeSealed(sealed)
	if err != nil {
		return err
	}
	return writeInto(ctx, filepath.Join(data, databaseFile), func(w *writer) error {
		for key, value := range c.counters {
			err := w.exec("UPDATE counters SET covered = ? WHERE scope = ? AND year = ? AND covered < ?", value, key.scope, key.year, value)
			if err != nil {
				return err
			}
		}
		return w.exec("INSERT INTO backups (until, size, sealed, at) VALUES (?, ?, ?, ?)", c.until, c.size, statement, micros(m.At))
	})
}

func (c *covered) read(r reader) error {
	var err error
	if c.schema, err = schemaVersion(r); err != nil || c.schema < recoverySchema {
		return err
	}
	if c.central, err = getMeta(r, "id"); err != nil {
		return err
	}
	if err := r.row("SELECT COALESCE(MAX(at), 0) FROM commands").Scan(&c.until); err != nil {
		return fmt.Errorf("reading the last answer: %w", err)
	}
	open, err := openRecovery(r)
	if err != nil {
		return err
	}
	c.partial = open != nil
	head, err := latestCheckpoint(r)
	switch {
	case errors.Is(err, errNoCheckpoint):
		c.root = (&ledger.LogHead{}).Root()
	case err != nil:
		return err
	default:
		signed, err := checkpointOf(head.sealed)
		if err != nil {
			return err
		}
		c.size, c.root = signed.Size, signed.Root
	}
	c.counters = map[counterKey]int64{}
	return r.each("SELECT scope, year, value FROM counters", nil, func(scan func(...any) error) error {
		var key counterKey
		var value int64
		err := scan(&key.scope, &key.year, &value)
		c.counters[key] = value
		return err
	})
}

// writeInto changes a central's database that another process may have open.
func writeInto(ctx context.Context, database string, change func(*writer) error) error {
	d := sqliteDialect{}
	write, read, err := d.open(database)
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	s := &store{write: write, read: read, dialect: d}
	tx, err := s.write.BeginTx(ctx, nil)
	if err == nil {
		if err = change(&writer{reader: reader{ctx: ctx, run: tx, dialect: d}}); err == nil {
			err = tx.Commit()
		} else {
			err = errors.Join(err, tx.Rollback())
		}
	}
	return errors.Join(err, s.close())
}

package central

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Restore makes a central from a backup, in a folder that holds none. The
// database comes last, so that a restore that was interrupted is begun again and
// never looks like a central. The sessions of the moment of the backup are
// ended. What was accepted after the backup is not here: the central begins in
// recovery, in which the desks give it back.
func Restore(ctx context.Context, cfg BackupConfig) (BackupManifest, error) {
	m, err := soundManifest(cfg.Copy)
	if err != nil {
		return m, err
	}
	if err := prepareRestore(cfg.Data); err != nil {
		return m, err
	}
	if err := cfg.CopyFiles(ctx); err != nil {
		return m, fmt.Errorf("copying files: %w", err)
	}
	if err := copyKeys(cfg.Copy, cfg.Data); err != nil {
		return m, err
	}
	made := filepath.Join(cfg.Data, databaseFile+".restore")
	for _, journal := range []string{made + "-wal", made + "-shm"} { // of an attempt that was cut off
		if err := removeIfThere(journal); err != nil {
			return m, fmt.Errorf("clearing an earlier attempt: %w", err)
		}
	}
	if err := copyDatabase(filepath.Join(cfg.Copy, m.Database), made, m.SHA256); err != nil {
		return m, errors.Join(err, removeIfThere(made))
	}
	m.Restores++
	if err := writeManifest(cfg.Copy, m); err != nil {
		return m, errors.Join(fmt.Errorf("noting the restore beside the backup, whose folder must be writable: %w", err), removeIfThere(made))
	}
	if err := markRestored(ctx, made, cfg.now(), m); err != nil {
		return m, errors.Join(err, removeIfThere(made))
	}
	if err := os.Rename(made, filepath.Join(cfg.Data, databaseFile)); err != nil {
		return m, fmt.Errorf("putting the database in place: %w", err)
	}
	return m, nil
}

func prepareRestore(data string) error {
	for _, name := range []string{databaseFile, databaseFile + "-wal"} {
		_, err := os.Stat(filepath.Join(data, name))
		if err == nil {
			return sei.Errorf(sei.CodeConflict, "A pasta %s já tem uma central. A restauração só é feita em uma pasta sem central.", data)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("looking at the data folder: %w", err)
		}
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return nil
}

func copyDatabase(from, to, sum string) error {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("opening the backup: %w", err)
	}
	defer func() { _ = src.Close() }() // only read
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("restoring the database: %w", err)
	}
	_, err = io.Copy(dst, src)
	if err := errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return fmt.Errorf("restoring the database: %w", err)
	}
	got, err := hashFile(to)
	if err == nil && got != sum {
		err = errors.New("the restored database differs from the backup")
	}
	return err
}

// markRestored notes in the copy that it is one, and ends its sessions: who
// logged out after the backup stays logged out.
func markRestored(ctx context.Context, database string, at time.Time, m BackupManifest) error {
	s, err := openStore(ctx, database) // brings the schema up to date
	if err == nil {
		err = s.close()
	}
	if err == nil {
		// Closing the last connection puts the journal into the database's file,
		// which then is all there is.
		err = writeInto(ctx, database, func(w *writer) error {
			return errors.Join(
				w.exec("DELETE FROM sessions"),
				setMeta(w, "restored_at", at.Format(restoredFormat)),
				setMeta(w, "restored_from", m.At.Format(restoredFormat)),
				beginRecovery(w, rand.Reader, at, m),
			)
		})
	}
	if err != nil {
		return fmt.Errorf("preparing the restored database: %w", err)
	}
	return nil
}

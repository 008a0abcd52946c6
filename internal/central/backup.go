package central

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	databaseFile   = "central.db"
	manifestFile   = "backup.json"
	backupPattern  = "central-*.db"
	backupBlobs    = "blobs" // where the program keeps the copied files
	restoredFormat = time.RFC3339
)

// BackupManifest says what a backup is of. It is written last: a folder
// without one holds no backup yet, and one beside files of an interrupted newer
// backup still describes a whole older one.
type BackupManifest struct {
	Form     int       `json:"form"` // of this structure, 1
	Central  string    `json:"central"`
	At       time.Time `json:"at"`
	Version  string    `json:"version"`  // of the program that made it
	Database string    `json:"database"` // file name
	SHA256   string    `json:"sha256"`   // of the database
	Events   int64     `json:"events"`
	Key      string    `json:"key"` // id of the receipt key
	// Checkpoint is the log's last signed head. Kept elsewhere too, it shows
	// later whether the log was rewritten.
	Checkpoint *ledger.Sealed `json:"checkpoint,omitempty"`
	Findings   int            `json:"findings"` // of the inspection of the copy
	// Restores counts how often a central was made from this backup. Each gives
	// numbers from a range of its own, so that two of them never give the same.
	Restores int64 `json:"restores,omitempty"`
}

// BackupConfig composes a backup or its way back.
type BackupConfig struct {
	Data string // folder of the central
	Copy string // folder of the backup
	// CopyFiles brings every stored file to the other side, those that are there
	// already excepted. For a backup it runs after the database was copied, so
	// that every file that the copy cites was stored before.
	CopyFiles func(ctx context.Context) error
	// Files are those of the side that is written to.
	Files   StoredContent
	Version string           // of the program
	Clock   func() time.Time // nil is time.Now
}

// Backup copies a central while it works. The database is copied as it is at
// one moment, then the files that it can cite; the copy is inspected, without
// reading the files' content, and only then takes the place of the one before.
// A central with findings is backed up too, and the backup before is kept.
func Backup(ctx context.Context, cfg BackupConfig) (BackupManifest, *Inspection, error) {
	if err := prepareBackup(ctx, cfg); err != nil {
		return BackupManifest{}, nil, err
	}
	key, err := ReceiptPublicKey(cfg.Data)
	if err != nil {
		return BackupManifest{}, nil, err
	}
	at := cfg.now()
	m := BackupManifest{
		Form: 1, At: at, Version: cfg.Version, Key: ledger.KeyID(key),
		Database: "central-" + strings.ReplaceAll(at.Format("20060102T150405.000000"), ".", "") + "Z.db",
	}
	database := filepath.Join(cfg.Copy, m.Database)
	if err := (sqliteDialect{}).snapshot(ctx, filepath.Join(cfg.Data, databaseFile), database); err != nil {
		return m, nil, errors.Join(fmt.Errorf("copying the database: %w", err), removeIfThere(database))
	}
	if m.SHA256, err = syncAndHash(database); err != nil {
		return m, nil, err
	}
	if now, err := ReceiptPublicKey(cfg.Data); err != nil || !now.Equal(key) {
		return m, nil, errors.Join(err, removeIfThere(database),
			sei.Errorf(sei.CodeConflict, "A chave dos recibos foi trocada durante a cópia. Repita a cópia de segurança."))
	}
	if err := copyKeys(cfg.Data, cfg.Copy); err != nil {
		return m, nil, err
	}
	if err := cfg.CopyFiles(ctx); err != nil {
		return m, nil, fmt.Errorf("copying files: %w", err)
	}
	found, err := Inspect(ctx, InspectConfig{Database: database, Files: cfg.Files, Key: key, SkipContent: true})
	if err != nil {
		return m, nil, err
	}
	m.Central, m.Events, m.Findings = found.Central, found.Events, len(found.Findings)+found.Omitted
	err = lookInto(ctx, database, func(r reader) (err error) {
		m.Checkpoint, err = lastCheckpointOf(r)
		return err
	})
	if err != nil {
		return m, found, err
	}
	if err := writeManifest(cfg.Copy, m); err != nil {
		return m, found, err
	}
	if !found.Sound() {
		return m, found, nil
	}
	if err := stateBackup(ctx, cfg.Data, database, m); err != nil {
		return m, found, fmt.Errorf("telling the desks of the backup: %w", err)
	}
	return m, found, removeOlder(cfg.Copy, m.Database)
}

func (cfg BackupConfig) now() time.Time {
	if cfg.Clock == nil {
		return time.Now().UTC()
	}
	return cfg.Clock().UTC()
}

// prepareBackup makes the folder and refuses one that holds something else, the
// backup of another central above all.
func prepareBackup(ctx context.Context, cfg BackupConfig) error {
	if _, err := os.Stat(filepath.Join(cfg.Data, databaseFile)); err != nil {
		return sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não há banco de uma central em %s. Confira a pasta.", cfg.Data))
	}
	inside, err := within(cfg.Data, cfg.Copy)
	if err != nil {
		return err
	}
	if inside {
		return sei.Errorf(sei.CodeInvalid, "A cópia deve ficar fora da pasta da central, de preferência em outro disco.")
	}
	if err := os.MkdirAll(cfg.Copy, 0o700); err != nil {
		return fmt.Errorf("making the folder of the backup: %w", err)
	}
	entries, err := os.ReadDir(cfg.Copy)
	if err != nil {
		return fmt.Errorf("reading the folder of the backup: %w", err)
	}
	for _, e := range entries {
		if !partOfBackup(e.Name()) {
			return sei.Errorf(sei.CodeConflict, "A pasta %s tem outras coisas (%s). Escolha uma pasta vazia ou a de uma cópia anterior.", cfg.Copy, e.Name())
		}
	}
	m, err := ReadBackupManifest(cfg.Copy)
	if sei.CodeOf(err) == sei.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return lookInto(ctx, filepath.Join(cfg.Data, databaseFile), func(r reader) error {
		id, err := getMeta(r, "id")
		if err == nil && id != m.Central {
			err = sei.Errorf(sei.CodeConflict, "A pasta %s guarda a cópia de outra central. Escolha outra pasta.", cfg.Copy)
		}
		return err
	})
}

func partOfBackup(name string) bool {
	database, _ := filepath.Match(backupPattern, name)
	return database || name == backupBlobs || strings.HasPrefix(name, keyFile) || strings.HasPrefix(name, sealFile) ||
		strings.HasPrefix(name, manifestFile) || strings.HasPrefix(name, "central-") // journals of an interrupted copy
}

// within says whether path is folder or lies in it.
func within(folder, path string) (bool, error) {
	a, errA := filepath.Abs(folder)
	b, errB := filepath.Abs(path)
	if err := errors.Join(errA, errB); err != nil {
		return false, fmt.Errorf("finding the folders: %w", err)
	}
	rel, err := filepath.Rel(a, b)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)), nil
}

// ReadBackupManifest reads what a folder holds a backup of; sei.CodeNotFound
// where there is none.
func ReadBackupManifest(folder string) (BackupManifest, error) {
	var m BackupManifest
	data, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não há cópia de segurança completa em %s. Confira a pasta.", folder))
	}
	if err != nil {
		return m, fmt.Errorf("reading the manifest: %w", err)
	}
	named := func() bool { ok, err := filepath.Match(backupPattern, m.Database); return ok && err == nil }
	if err := json.Unmarshal(data, &m); err != nil || m.Form != 1 || !named() || filepath.Base(m.Database) != m.Database {
		return BackupManifest{}, sei.Wrap(err, sei.CodeInvalid, fmt.Sprintf("O arquivo %s da cópia de segurança está danificado.", manifestFile))
	}
	return m, nil
}

func writeManifest(folder string, m BackupManifest) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	return writeSecret(filepath.Join(folder, manifestFile), append(data, '\n'))
}

// CheckBackup verifies a backup by itself: the database is the one that was
// copied, and an inspection of everything, the files' content included.
func CheckBackup(ctx context.Context, folder string, files StoredContent) (BackupManifest, *Inspection, error) {
	m, err := soundManifest(folder)
	if err != nil {
		return m, nil, err
	}
	key, err := ReceiptPublicKey(folder)
	if err != nil {
		return m, nil, err
	}
	cfg := InspectConfig{Database: filepath.Join(folder, m.Database), Files: files, Key: key}
	if m.Checkpoint != nil {
		cfg.Known = []ledger.Sealed{*m.Checkpoint}
	}
	found, err := Inspect(ctx, cfg)
	return m, found, err
}

// soundManifest reads the manifest and verifies the database's bytes.
func soundManifest(folder string) (BackupManifest, error) {
	m, err := ReadBackupManifest(folder)
	if err != nil {
		return m, err
	}
	sum, err := hashFile(filepath.Join(folder, m.Database))
	if err != nil {
		return m, sei.Wrap(err, sei.CodeNotFound, "O banco da cópia de segurança não pode ser lido.")
	}
	if sum != m.SHA256 {
		return m, sei.Errorf(sei.CodeInvalid, "O banco da cópia de segurança foi alterado ou está danificado. Use outra cópia.")
	}
	return m, nil
}

// lookInto reads a database that is not to be changed.
func lookInto(ctx context.Context, database string, look func(reader) error) error {
	d := sqliteDialect{}
	db, err := d.inspect(database)
	if err != nil {
		return fmt.Errorf("opening %s: %w", database, err)
	}
	return errors.Join(look(reader{ctx: ctx, run: db, dialect: d}), db.Close())
}

// lastCheckpointOf is nil in a log that was not signed yet.
func lastCheckpointOf(r reader) (*ledger.Sealed, error) {
	signs, err := schemaSigns(r)
	if err != nil || !signs {
		return nil, err
	}
	head, err := latestCheckpoint(r)
	if errors.Is(err, errNoCheckpoint) {
		return nil, nil
	}
	return &head.sealed, err
}

// schemaSigns says whether the schema has checkpoints.
func schemaSigns(r reader) (bool, error) {
	version, err := schemaVersion(r)
	return version >= logSchema, err
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// syncAndHash makes a file that another wrote durable, closed to others, and
// tells its hash.
func syncAndHash(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", fmt.Errorf("opening the copy: %w", err)
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("keeping the copy: %w", err)
	}
	return hashFile(path)
}

// copyKeys takes along what the central proves with that a file is its own.
func copyKeys(from, to string) error {
	if err := copySecret(filepath.Join(from, keyFile), filepath.Join(to, keyFile)); err != nil {
		return err
	}
	return copySeal(from, to)
}

func copySecret(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("copying the receipt key: %w", err)
	}
	return writeSecret(to, data)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeOlder removes the databases that the manifest does not name.
func removeOlder(folder, keep string) error {
	names, err := filepath.Glob(filepath.Join(folder, backupPattern))
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return filepath.Base(n) == keep })
	for _, n := range names {
		err = errors.Join(err, removeIfThere(n))
	}
	return err
}

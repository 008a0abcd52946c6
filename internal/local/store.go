package local

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	databaseName = "store.db"
	lockName     = "store.lock"
	blobsName    = "blobs"
	readers      = 4 // connections for reading beside the one that writes
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options are what a store needs from outside. The zero value works, but for
// files: without OpenBlobs every use of them fails.
type Options struct {
	// OpenBlobs gives the sealed store of files in dir under a 32-byte key; it is
	// called at each unlocking.
	OpenBlobs func(dir string, key []byte) (Blobs, error)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Random is the source of keys, salts and nonces; nil means crypto/rand.
	Random io.Reader
	// Changed is told after every transaction that a view may depend on. It is
	// called on the writer's goroutine and must not call the store.
	Changed func(Change)

	// Passwords is the cost of guessing a password; zero is the shipped one.
	Passwords PasswordCost
}

// Change says what a committed transaction touched.
type Change struct {
	Bucket wire.Bucket // of an applied page, or ""
	Outbox bool
	Drafts bool
	// Processes that the change is about, when it is known.
	Processes []sei.ProcessID
}

// Store is one user's store of one central. Close it.
type Store struct {
	dir  string
	opts Options
	lock io.Closer
	w    *sql.DB // one connection, every transaction begins IMMEDIATE
	r    *sql.DB // readers, each statement or transaction its own snapshot

	vaultMu sync.RWMutex
	open    *secrets // nil while locked

	catalogueMu  sync.Mutex
	catalogue    atomic.Pointer[Catalogue]
	catalogueAge atomic.Int64 // grows with every change to reference data
}

// Open opens the store in dir, making the folder and bringing the schema up to
// date as need be. It gives [CodeInUse] when another window has it and
// [CodeNewer] when a later release wrote it.
func Open(ctx context.Context, dir string, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.Changed == nil {
		opts.Changed = func(Change) {}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the store's folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the program chooses the folder
		return nil, sei.Wrap(err, sei.CodeUnavailable, "A pasta dos dados do programa não pode ser criada. Verifique a permissão e o espaço em disco.")
	}
	lock, err := acquire(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, opts: opts, lock: lock}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) start(ctx context.Context) error {
	path := filepath.Join(s.dir, databaseName)
	// SQLite would make the file readable for others.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return sei.Wrap(err, sei.CodeUnavailable, "O arquivo de dados do programa não pode ser aberto. Verifique a permissão da pasta e o espaço em disco.")
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("closing %s: %w", databaseName, err)
	}
	if s.w, err = connect(path, "_txlock=immediate", 1); err != nil {
		return err
	}
	if err := migrate(ctx, s.w); err != nil {
		return err
	}
	if s.r, err = connect(path, "_query_only=1", readers); err != nil {
		return err
	}
	return nil
}

// Close forgets the key and frees the folder.
func (s *Store) Close() error {
	s.Lock()
	var errs []error
	for _, db := range []*sql.DB{s.r, s.w} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
		s.lock = nil
	}
	return errors.Join(errs...)
}

// Dir is the store's folder.
func (s *Store) Dir() string { return s.dir }

func connect(path, extra string, connections int) (*sql.DB, error) {
	dsn := databaseURL(path, runtime.GOOS) +
		"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_busy_timeout=5000&_secure_delete=on&_stmt_cache_size=100&" + extra
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, failed("opening the database", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// databaseURL writes an absolute path as SQLite's URI form, in which a
// question mark or a percent sign in a folder's name is only a character.
func databaseURL(path, system string) string {
	if system == "windows" {
		path = "/" + strings.ReplaceAll(path, `\`, "/")
	}
	return (&url.URL{Scheme: "file", Path: path, OmitHost: false}).String()
}

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("preparing the schema: %w", err)
	}
	current, known, err := p.GetVersions(ctx)
	if err != nil {
		return failed("reading the schema's version", err)
	}
	if current > known {
		return sei.Errorf(CodeNewer, "Os dados deste computador foram gravados por uma versão mais nova do programa. Atualize o programa para abri-los.")
	}
	if _, err := p.Up(ctx); err != nil {
		return failed("bringing the schema up to date", err)
	}
	return nil
}

// write runs do in the one writing transaction.
func (s *Store) write(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return failed(doing, err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // the first error is the one that matters
		return failed(doing, err)
	}
	if err := tx.Commit(); err != nil {
		return failed(doing, err)
	}
	return nil
}

// view runs do on one consistent snapshot.
func (s *Store) view(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	tx, err := s.r.BeginTx(ctx, nil)
	if err != nil {
		return failed(doing, err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	if err := do(tx); err != nil {
		return failed(doing, err)
	}
	return nil
}

// queryer is a database handle or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each runs scan for every row of a query.
func each(ctx context.Context, q queryer, scan func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// column collects the single column of a query.
func column[T any](ctx context.Context, q queryer, query string, args ...any) ([]T, error) {
	var all []T
	err := each(ctx, q, func(scan func(...any) error) error {
		var v T
		err := scan(&v)
		all = append(all, v)
		return err
	}, query, args...)
	return all, err
}

// exec runs a statement of a transaction.
func exec(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}

// execs runs one statement for each query with the same arguments.
func execs(ctx context.Context, tx *sql.Tx, args []any, queries ...string) error {
	for _, q := range queries {
		if _, err := tx.ExecContext(ctx, q, args...); err != nil {
			return err
		}
	}
	return nil
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

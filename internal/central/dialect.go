package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

// dialect holds all that differs between database engines. Queries are written
// once, with ? for arguments, ON CONFLICT for upserts and SAVEPOINT for nesting.
type dialect interface {
	// open gives the pool that writes (one connection) and the pool that reads.
	open(where string) (write, read *sql.DB, err error)
	// inspect opens a database that is not to be changed, nor brought up to date.
	inspect(where string) (*sql.DB, error)
	// sound asks the engine whether what it stores can be read; it names what
	// cannot.
	sound(ctx context.Context, db runner) ([]string, error)
	// snapshot copies the database, as it is at one moment, into a new file
	// while others write.
	snapshot(ctx context.Context, from, to string) error
	// full says whether the engine failed because its disk has no room.
	full(err error) bool
	// bind puts the engine's own placeholders into a query.
	bind(query string) string
	goose() goose.Dialect
	migrations() string
}

// readers is how many snapshots may be read at once.
const readers = 8

type sqliteDialect struct{}

func (sqliteDialect) open(path string) (write, read *sql.DB, err error) {
	name, err := sqliteName(path)
	if err != nil {
		return nil, nil, err
	}
	// BEGIN IMMEDIATE: a writer that would have to upgrade its lock could fail
	// half way when another process (seirs central user …) writes too.
	base := name + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=15000&_stmt_cache_size=100"
	if write, err = sql.Open("sqlite3", base+"&_txlock=immediate"); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if read, err = sql.Open("sqlite3", base+"&_query_only=true"); err != nil {
		return nil, nil, err
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return write, read, nil
}

// sqliteName is a database's file as SQLite's URIs have it.
func sqliteName(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", path, err)
	}
	return "file:" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath(), nil
}

// inspect does not ask for a read-only file: of one in WAL mode SQLite needs to
// write the index beside it, and it falls back by itself where it may not.
func (sqliteDialect) inspect(path string) (*sql.DB, error) {
	name, err := sqliteName(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite3", name+"?mode=rw&_query_only=true&_busy_timeout=15000&_stmt_cache_size=100")
	if err == nil {
		db.SetMaxOpenConns(readers)
	}
	return db, err
}

func (d sqliteDialect) sound(ctx context.Context, db runner) ([]string, error) {
	var problems []string
	err := reader{ctx: ctx, run: db, dialect: d}.each("PRAGMA quick_check(20)", nil, func(scan func(...any) error) error {
		var line string
		if err := scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			problems = append(problems, line)
		}
		return nil
	})
	return problems, err
}

// snapshot reads one state of the database, so that writers go on meanwhile.
// SQLite does not sync the new file: whoever keeps it does.
func (sqliteDialect) snapshot(ctx context.Context, from, to string) error {
	name, err := sqliteName(from)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", name+"?mode=rw&_busy_timeout=15000")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	return errors.Join(err, db.Close())
}

func (sqliteDialect) full(err error) bool {
	lite, ok := errors.AsType[sqlite3.Error](err)
	return ok && lite.Code == sqlite3.ErrFull
}

func (sqliteDialect) bind(query string) string { return query }
func (sqliteDialect) goose() goose.Dialect     { return goose.DialectSQLite3 }
func (sqliteDialect) migrations() string       { return "migrations/sqlite" }

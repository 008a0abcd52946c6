package central

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3" // registers the driver
	"github.com/pressly/goose/v3"
)

// dialect holds all that differs between database engines. Queries are written
// once, with ? for arguments, ON CONFLICT for upserts and SAVEPOINT for nesting.
type dialect interface {
	// open gives the pool that writes (one connection) and the pool that reads.
	open(where string) (write, read *sql.DB, err error)
	// bind puts the engine's own placeholders into a query.
	bind(query string) string
	goose() goose.Dialect
	migrations() string
}

// readers is how many snapshots may be read at once.
const readers = 8

type sqliteDialect struct{}

func (sqliteDialect) open(path string) (write, read *sql.DB, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, fmt.Errorf("finding %s: %w", path, err)
	}
	// BEGIN IMMEDIATE: a writer that would have to upgrade its lock could fail
	// half way when another process (seirs central user …) writes too.
	base := "file:" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath() + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=15000&_stmt_cache_size=100"
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

func (sqliteDialect) bind(query string) string { return query }
func (sqliteDialect) goose() goose.Dialect     { return goose.DialectSQLite3 }
func (sqliteDialect) migrations() string       { return "migrations/sqlite" }

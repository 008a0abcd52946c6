package central

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// store is the database: one connection that writes, several that read.
type store struct {
	write   *sql.DB
	read    *sql.DB
	dialect dialect
}

// openStore opens the database at path and brings its schema up to date.
func openStore(ctx context.Context, path string) (*store, error) {
	d := sqliteDialect{}
	w, r, err := d.open(path)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	s := &store{write: w, read: r, dialect: d}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, s.dialect.migrations())
	if err != nil {
		return fmt.Errorf("finding migrations: %w", err)
	}
	p, err := goose.NewProvider(s.dialect.goose(), s.write, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrating database: %w", err)
	}
	return nil
}

func (s *store) close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// runner is what *sql.Tx, *sql.Conn and *sql.DB have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// reader runs queries written with ? in the database's dialect, within one
// context and, usually, one transaction.
type reader struct {
	ctx     context.Context
	run     runner
	dialect dialect
}

func (r reader) row(query string, args ...any) *sql.Row {
	return r.run.QueryRowContext(r.ctx, r.dialect.bind(query), args...)
}

// each calls visit for every row; scan fills the row's columns.
func (r reader) each(query string, args []any, visit func(scan func(...any) error) error) error {
	rows, err := r.run.QueryContext(r.ctx, r.dialect.bind(query), args...)
	if err != nil {
		return fmt.Errorf("querying: %w", err)
	}
	defer func() { _ = rows.Close() }() // the error that matters is rows.Err
	for rows.Next() {
		if err := visit(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading rows: %w", err)
	}
	return nil
}

// writer also changes.
type writer struct {
	reader
	// changed are the buckets whose subscribers hear of the commit.
	changed map[string]bool
}

func (w *writer) exec(query string, args ...any) error {
	if _, err := w.run.ExecContext(w.ctx, w.dialect.bind(query), args...); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// execCount also says how many rows were changed.
func (w *writer) execCount(query string, args ...any) (int64, error) {
	res, err := w.run.ExecContext(w.ctx, w.dialect.bind(query), args...)
	if err != nil {
		return 0, fmt.Errorf("writing: %w", err)
	}
	return res.RowsAffected()
}

// viewing runs fn over one consistent snapshot.
func (s *store) viewing(ctx context.Context, fn func(reader) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn(reader{ctx: ctx, run: tx, dialect: s.dialect})
}

// noRows turns the absence of a row into found == false.
func noRows(err error) (found bool, _ error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// micros is how times are stored.
func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

package sim

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
)

// centralNode is the real central on a folder of its own, with a clock, a source
// of randomness and moments at which it may be killed.
type centralNode struct {
	w       *world
	dir     string
	svc     *central.Service
	handler http.Handler
	files   storedFiles
	db      *sql.DB // the simulator's own eyes
	random  *random
	offset  time.Duration // of its clock

	moment
	down   int // actions until it is started again
	starts int
	backup string // folder, "" before the first
	taken  int    // events in the last backup
}

// moment counts the places at which a process may die and, when the chosen one
// comes, keeps the disk as it is then.
type moment struct {
	armed bool
	left  int
	// copied is the folder as it was when the process died; "" while it lives.
	copied string
	where  string
}

func (m *moment) arm(n int) { m.armed, m.left = true, n }

// dead says that the process was killed and only has not noticed yet.
func (m *moment) dead() bool { return m.copied != "" }

func (m *moment) reset() { *m = moment{} }

// pass is one such place. dir is the process's folder, to the place for the copy.
func (m *moment) pass(where, dir string, to func() string) error {
	if !m.armed || m.dead() {
		return nil
	}
	if m.left--; m.left >= 0 {
		return nil
	}
	copied := to()
	if err := copyTree(dir, copied); err != nil {
		return fmt.Errorf("keeping a folder as it was: %w", err)
	}
	m.copied, m.where = copied, where
	return nil
}

func (c *centralNode) now() time.Time {
	c.point("the clock")
	return c.time()
}

// time is the central's clock as the simulator reads it.
func (c *centralNode) time() time.Time { return c.w.now.Add(c.offset) }

func (c *centralNode) point(where string) {
	if err := c.pass(where, c.dir, c.w.newFolder); err != nil {
		c.w.broken(err)
	}
}

// start opens the service on the folder.
func (c *centralNode) start() error {
	files, err := openFiles(c.dir, c.point)
	if err != nil {
		return err
	}
	c.random.point = c.point
	c.files, c.down = files, 0
	c.starts++
	c.svc, err = central.Open(context.Background(), central.Config{
		Folder: c.dir, Files: files, Judge: c.w.template.judge, Inspector: evidence.Content{}, Name: "Simulação", Version: "sim",
		PublicURL: centralURL, Demo: true, TrustRoots: c.w.template.roots, Passwords: cheapPasswords, Clock: c.now, Random: c.random,
	})
	if err != nil {
		return fmt.Errorf("starting the central: %w", err)
	}
	c.handler = c.svc.Handler()
	path := (&url.URL{Path: filepath.Join(c.dir, "central.db")}).EscapedPath()
	if c.db, err = sql.Open("sqlite3", "file:"+path+"?_query_only=true&_busy_timeout=15000"); err != nil {
		return fmt.Errorf("opening the central's database: %w", err)
	}
	c.db.SetMaxOpenConns(1)
	return nil
}

func (c *centralNode) running() bool { return c.svc != nil }

func (c *centralNode) stop() error {
	if c.svc == nil {
		return nil
	}
	err := errors.Join(c.db.Close(), c.svc.Close())
	c.svc, c.handler, c.db = nil, nil, nil
	return err
}

// bury ends a process that was killed: what it did after its death never
// happened.
func (c *centralNode) bury() error {
	copied := c.copied
	if copied == "" { // between two requests
		copied = c.w.newFolder()
		if err := copyTree(c.dir, copied); err != nil {
			return err
		}
	}
	c.reset()
	if err := c.stop(); err != nil {
		return err
	}
	old := c.dir
	c.dir = copied
	return os.RemoveAll(old)
}

// copyAway makes a backup: the real one, into one folder over and over.
func (c *centralNode) copyAway() (events int64, found *central.Inspection, err error) {
	if c.backup == "" {
		c.backup = c.w.newFolder()
	}
	m, found, err := central.Backup(context.Background(), central.BackupConfig{
		Data: c.dir, Copy: c.backup, CopyFiles: c.copying(c.dir, c.backup), Files: c.files, Version: "sim", Clock: c.time,
	})
	if err != nil {
		return 0, nil, fmt.Errorf("backing up: %w", err)
	}
	return m.Events, found, nil
}

func (c *centralNode) copying(from, to string) func(context.Context) error {
	return func(ctx context.Context) error {
		src, err := blob.NewFiles(filepath.Join(from, "blobs"))
		if err != nil {
			return err
		}
		dst, err := blob.NewFiles(filepath.Join(to, "blobs"))
		if err != nil {
			return err
		}
		return src.Walk(ctx, func(ref blob.Ref) error {
			r, err := src.Open(ctx, ref.SHA256)
			if err != nil {
				return err
			}
			defer r.Close() //nolint:errcheck // only read
			return dst.PutExpected(ctx, ref.SHA256, ref.Size, r)
		})
	}
}

// comeBack replaces the central by one made from its last backup.
func (c *centralNode) comeBack() error {
	if err := c.stop(); err != nil {
		return err
	}
	c.reset()
	dir := c.w.newFolder()
	_, err := central.Restore(context.Background(), central.BackupConfig{
		Data: dir, Copy: c.backup, CopyFiles: c.copying(c.backup, dir), Files: c.files, Version: "sim", Clock: c.time,
	})
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	old := c.dir
	c.dir = dir
	return errors.Join(os.RemoveAll(old), c.start())
}

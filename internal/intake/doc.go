// Package intake watches the folder that a servant has chosen for documents to
// be filed: what a scanner, a browser or a colleague puts there is reported once
// it is complete.
//
// A file is taken for complete when its size and time have not changed for a
// quiet interval, nobody holds it open for writing (where the system tells:
// Windows), and it begins and ends as a PDF does. No system announces "this copy
// has ended" reliably, so all three are asked, and a file that changes afterwards
// is looked at again from the start. Who files an item checks that the bytes
// still have the item's SHA-256.
//
// The folder is the servant's: nothing in it is ever written, renamed or deleted
// here, nor held back from those who do, not even what is refused; the list of refused files, with the reason,
// is all the quarantine there is.
//
// Notifications of the file system only say "look again now". The folder is also
// read at a regular interval, because network drives and some synchronising
// programs notify late or never.
package intake

import (
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// CodeRejected is a file that cannot be filed as it is.
const CodeRejected sei.Code = "intake.rejected"

// ErrIncomplete is what Config.Check returns, wrapped or not, about a file that
// may still be arriving. Such a file is looked at again, and rejected only when
// it has not changed for Config.Patience.
var ErrIncomplete = errors.New("the file may still be arriving")

// State is how far a file in the folder has come.
type State string

// The states of an item.
const (
	// Incoming is still being written, or was until a moment ago.
	Incoming State = "incoming"
	// Waiting is complete and waits to be filed.
	Waiting State = "waiting"
	// Rejected cannot be filed; Reason says why.
	Rejected State = "rejected"
)

// Item is a file in the folder.
type Item struct {
	Path    string
	Name    string
	Size    int64     // bytes
	SHA256  string    // 64 lower-case hexadecimal digits, only when Waiting
	ModTime time.Time // as the file system has it
	State   State
	Reason  string   // for the servant, in Portuguese; when Rejected, and sometimes when Incoming
	Copies  []string // paths of further files with the same content, which are not items of their own
}

// Config says what to watch and how. Zero fields mean the defaults.
type Config struct {
	// Dir is the folder's absolute path. It need not exist yet.
	Dir string
	// Quiet is how long a file must not have changed (default 2 s).
	Quiet time.Duration
	// Patience is how long an incomplete or unreadable file is waited for after
	// its last change before it is rejected (default 2 min).
	Patience time.Duration
	// Poll is the interval of the regular looks (default 5 s).
	Poll time.Duration
	// MaxFiles is how many files are considered, by name (default 500).
	MaxFiles int
	// MaxBytes is the size beyond which a file is rejected unread (default
	// 200 MiB).
	MaxBytes int64
	// Check looks deeper into a file that looks like a complete PDF; nil means no
	// further check. An error rejects the file with the sentence of its
	// sei.Error, or a general one; ErrIncomplete asks for more time. It runs in
	// the watching goroutine and must only read.
	Check func(path string) error
	// Filed tells whether content with this SHA-256 has been filed (or put aside)
	// before, so that it is not offered again after a restart. It is asked once
	// per file, from the watching goroutine; nil means never.
	Filed func(sha256 string) bool
	// PollOnly does without notifications of the file system.
	PollOnly bool
	// Log takes what the operator should know; nil means slog.Default().
	Log *slog.Logger
}

const (
	defaultQuiet    = 2 * time.Second
	defaultPatience = 2 * time.Minute
	defaultPoll     = 5 * time.Second
	defaultMaxFiles = 500
	defaultMaxBytes = 200 << 20
)

func (c Config) withDefaults() (Config, error) {
	if !filepath.IsAbs(c.Dir) {
		return c, sei.Errorf(sei.CodeInvalid, "Escolha uma pasta para ser monitorada, com o caminho completo.")
	}
	c.Dir = filepath.Clean(c.Dir)
	c.Quiet = positive(c.Quiet, defaultQuiet)
	c.Patience = max(positive(c.Patience, defaultPatience), c.Quiet)
	c.Poll = positive(c.Poll, defaultPoll)
	c.MaxFiles = positive(c.MaxFiles, defaultMaxFiles)
	c.MaxBytes = positive(c.MaxBytes, defaultMaxBytes)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c, nil
}

func positive[T int | int64 | time.Duration](given, otherwise T) T {
	if given > 0 {
		return given
	}
	return otherwise
}

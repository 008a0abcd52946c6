package desktop

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Options are what the desk is started with.
type Options struct {
	// Profile is the program's folder in the local, never roaming, profile.
	Profile string
	// Central is the address to offer on the first start; the servant may change it.
	Central string
	// Modules are paths of PKCS#11 drivers named by the servant or administrator.
	Modules []string
	Version string
	Log     *slog.Logger
	// Keyring is the operating system's; nil does without.
	Keyring Keyring
	// TLSRoots is a file (PEM) of authorities that are trusted for the connection
	// to the central beside the system's; "" is none.
	TLSRoots string
	// NoRevocation forbids asking authorities whether certificates are revoked; what
	// is known already is used, and the central asks by itself.
	NoRevocation bool
	// OnFirstInput hears once that a field of the window took what was typed.
	OnFirstInput func()
}

// Keyring keeps a secret under the operating system's own protection.
type Keyring interface {
	Get(service, account string) (string, error)
	Set(service, account, secret string) error
	Delete(service, account string) error
}

// Desk is the composed workstation: one central, at most one open account.
type Desk struct {
	opts    Options
	changes changes
	certs   *certificateStores
	native  native // dialogs of the desktop window
	log     *slog.Logger

	root   context.Context // ends with the desk
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.RWMutex
	central *knownCentral
	account *account // nil while nobody is in

	stage  staging
	taking taking
}

// native are the dialogs that only the desktop window has.
type native interface {
	pickFiles(ctx context.Context) ([]string, error)
	pickFolder(ctx context.Context) (string, error)
	saveAs(ctx context.Context, name string) (string, error)
}

// New composes a desk. Close it.
func New(opts Options) (*Desk, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(opts.Profile, 0o700); err != nil {
		return nil, sei.Wrap(err, sei.CodeUnavailable, "A pasta do programa não pode ser criada. Verifique a permissão e o espaço em disco.")
	}
	root, cancel := context.WithCancel(context.Background())
	d := &Desk{opts: opts, log: opts.Log, root: root, cancel: cancel, certs: newCertificateStores(opts.Modules, time.Now)}
	d.stage = staging{dir: filepath.Join(opts.Profile, "staging"), items: map[string]*stagedItem{}}
	if err := d.stage.clear(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := d.recallCentral(); err != nil {
		d.log.Warn("reading the known central", "error", err)
	}
	d.work.Go(d.meetCentral)
	return d, nil
}

// Close locks the account and frees everything.
func (d *Desk) Close() error {
	d.cancel()
	d.work.Wait()
	err := d.closeAccount()
	return errors.Join(err, d.stage.clear())
}

// bound lists the types whose methods the window may call.
func (d *Desk) bound() []any {
	return []any{
		&Session{d}, &Inbox{d}, &Processes{d}, &Documents{d}, &Files{d}, &Signing{d},
		&Outbox{d}, &Intake{d}, &Search{d}, &Catalogue{d}, &Exports{d},
	}
}

// ctx bounds one call of the window.
func (d *Desk) ctx() context.Context { return d.root }

// current gives the open account, or asks to log in.
func (d *Desk) current() (*account, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.account == nil {
		return nil, sei.Errorf(sei.CodeUnauthenticated, "Entre no sistema para continuar.")
	}
	return d.account, nil
}

func (d *Desk) closeAccount() error {
	d.mu.Lock()
	a := d.account
	d.account = nil
	d.mu.Unlock()
	if a == nil {
		return nil
	}
	return a.close()
}

// contentHandler serves documents, previews and staged files to the window.
func (d *Desk) contentHandler() http.Handler {
	mux := http.NewServeMux()
	d.contentRoutes(mux)
	return mux
}

func closeQuietly(c io.Closer, log *slog.Logger, what string) {
	if err := c.Close(); err != nil {
		log.Warn("closing "+what, "error", err)
	}
}

package keys

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Bounds of a look at all stores.
const (
	defaultStoreTimeout = 25 * time.Second // some cards need ten seconds for their first reading
	defaultParallel     = 4
)

// Listing is what the stores showed at one moment. Stores that failed are told
// beside the certificates of those that did not.
type Listing struct {
	At           time.Time      `json:"at"`
	Certificates []Certificate  `json:"certificates"`
	Tokens       []Token        `json:"tokens"`
	Failures     []StoreFailure `json:"failures"`
}

// StoreFailure is a store that could not be read, and why.
type StoreFailure struct {
	Store   string   `json:"store"`
	Code    sei.Code `json:"code"`
	Message string   `json:"message"` // Portuguese, for the servant
	Err     error    `json:"-"`       // for the log
}

// DirectoryOptions set a Directory's bounds; zero values mean the defaults.
type DirectoryOptions struct {
	Timeout  time.Duration    // per store and look
	Parallel int              // stores read at the same time
	Now      func() time.Time // the clock of Listing.At
}

// Directory gathers the keystores of a workstation for the window. Earlier
// stores win: a certificate seen through two of them (a token's driver and the
// Windows store) is listed once. It is safe for concurrent use.
type Directory struct {
	opts DirectoryOptions

	mu      sync.Mutex
	stores  []Keystore
	busy    map[Keystore]bool // a look that outlived its timeout is still running
	last    Listing
	running chan struct{} // closed when the refresh under way is over
}

// NewDirectory makes a Directory over stores, in order of preference.
func NewDirectory(opts DirectoryOptions, stores ...Keystore) *Directory {
	if opts.Timeout <= 0 {
		opts.Timeout = defaultStoreTimeout
	}
	if opts.Parallel <= 0 {
		opts.Parallel = defaultParallel
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Directory{opts: opts, stores: stores, busy: map[Keystore]bool{}}
}

// SetStores replaces the stores, for instance when a driver's path was set.
// Open sessions go on.
func (d *Directory) SetStores(stores ...Keystore) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stores = stores
}

// Last gives the result of the last Refresh without looking again; the status
// bar lives on it. Its At is zero before the first.
func (d *Directory) Last() Listing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

// Refresh looks into all stores and returns what they hold. A store that fails
// or hangs costs its own certificates only. Calls at the same time share one
// look; a canceled ctx returns the last listing.
func (d *Directory) Refresh(ctx context.Context) Listing {
	d.mu.Lock()
	if running := d.running; running != nil {
		d.mu.Unlock()
		select {
		case <-running:
		case <-ctx.Done():
		}
		return d.Last()
	}
	done := make(chan struct{})
	d.running = done
	stores := append([]Keystore(nil), d.stores...)
	d.mu.Unlock()

	listing := d.look(ctx, stores)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running = nil
	close(done)
	if ctx.Err() == nil {
		d.last = listing
	}
	return d.last
}

// Fresh is Refresh with a look that began after the call: what was plugged in or
// added just before is in it.
func (d *Directory) Fresh(ctx context.Context) Listing {
	d.mu.Lock()
	running := d.running
	d.mu.Unlock()
	if running != nil {
		select {
		case <-running:
		case <-ctx.Done():
			return d.Last()
		}
	}
	return d.Refresh(ctx)
}

func (d *Directory) look(ctx context.Context, stores []Keystore) Listing {
	probes := make([]Probe, len(stores))
	errs := make([]error, len(stores))
	var wait sync.WaitGroup
	slots := make(chan struct{}, d.opts.Parallel)
	for i, store := range stores {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			probes[i], errs[i] = d.probe(ctx, store)
		})
	}
	wait.Wait()
	return merge(d.opts.Now(), stores, probes, errs)
}

// probe reads one store within the timeout. A store that does not honour its
// context is left behind, and not asked again before it has answered.
func (d *Directory) probe(ctx context.Context, store Keystore) (Probe, error) {
	if !d.claim(store) {
		return Probe{}, ErrModuleTimeout(store.Name(), errors.New("the previous look has not returned yet"))
	}
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	type result struct {
		probe Probe
		err   error
	}
	answer := make(chan result, 1)
	go func() {
		defer cancel()
		defer d.release(store)
		p, err := probeStore(ctx, store)
		answer <- result{p, err}
	}()
	select {
	case r := <-answer:
		return r.probe, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-answer: // it answered at the very end
		return r.probe, r.err
	default:
		return Probe{}, ErrDone(ctx, store.Name())
	}
}

func probeStore(ctx context.Context, store Keystore) (Probe, error) {
	if p, ok := store.(Prober); ok {
		return p.Probe(ctx)
	}
	certs, err := store.Certificates(ctx)
	return Probe{Certificates: certs}, err
}

func (d *Directory) claim(store Keystore) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[store] {
		return false
	}
	d.busy[store] = true
	return true
}

func (d *Directory) release(store Keystore) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, store)
}

func merge(at time.Time, stores []Keystore, probes []Probe, errs []error) Listing {
	listing := Listing{At: at, Certificates: []Certificate{}, Tokens: []Token{}, Failures: []StoreFailure{}}
	certificates, tokens := map[string]bool{}, map[string]bool{}
	for i, store := range stores {
		if err := errs[i]; err != nil {
			listing.Failures = append(listing.Failures, StoreFailure{store.Name(), sei.CodeOf(err), sei.MessageOf(err), err})
		}
		for _, c := range probes[i].Certificates {
			if key := Fingerprint(c.DER); !certificates[key] {
				certificates[key] = true
				listing.Certificates = append(listing.Certificates, c)
			}
		}
		for _, t := range probes[i].Tokens {
			if key := t.Serial + "\x00" + t.Label; !tokens[key] {
				tokens[key] = true
				listing.Tokens = append(listing.Tokens, t)
			}
		}
	}
	SortCertificates(listing.Certificates)
	return listing
}

// SortCertificates puts the certificates that last longest first.
func SortCertificates(certs []Certificate) {
	sort.SliceStable(certs, func(i, j int) bool { return certs[i].NotAfter.After(certs[j].NotAfter) })
}

// Open unlocks a listed certificate in the store that its ID names; see
// Keystore.Open for the errors.
func (d *Directory) Open(ctx context.Context, certID string, secret Secret) (Session, error) {
	defer secret.Zero()
	_, name, ok := SplitID(certID)
	if !ok {
		return nil, ErrCertificateNotFound(errors.New("malformed certificate id"))
	}
	d.mu.Lock()
	stores := append([]Keystore(nil), d.stores...)
	d.mu.Unlock()
	for _, store := range stores {
		if store.Name() == name {
			return store.Open(ctx, certID, secret)
		}
	}
	return nil, ErrCertificateNotFound(errors.New("no store named " + name))
}

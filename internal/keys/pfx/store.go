// Package pfx signs with certificates of type A1: PKCS#12 files (.pfx, .p12,
// RFC 7292) whose key is in the file. Modern, legacy (triple DES) and RC2-40
// files are read, in DER (the BER of some old browsers is refused with a word).
//
// A file shows nothing without its password. [Store.OpenFile] or [Store.Add]
// open it once and remember its path and its public certificate, never the
// password nor the key; from then on the certificate is listed.
package pfx

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Name is the store's name.
const Name = "pfx"

// Options set a Store's bounds; zero values mean the defaults.
type Options struct {
	MaxSize int64         // bytes of a file; default 1 MiB
	Timeout time.Duration // opening a file; default 30 s
	Limits  keys.Limits   // of a session
}

// maxFiles bounds how many files are remembered; the oldest is forgotten first.
const maxFiles = 32

// File is what is remembered of a PFX file; nothing in it is secret.
type File struct {
	Path        string   `json:"path"`
	Certificate []byte   `json:"certificate"`     // DER
	Chain       [][]byte `json:"chain,omitempty"` // DER, nearest issuer first
}

// Store is the keystore of the PFX files that the servant has chosen.
type Store struct {
	opts  Options
	turn  chan struct{} // one file is opened at a time: it costs processor time
	mu    sync.Mutex
	files []File
}

var _ keys.Keystore = (*Store)(nil)

// New makes a store that remembers the given files, as Files gave them before.
func New(opts Options, files ...File) *Store {
	if opts.MaxSize <= 0 {
		opts.MaxSize = 1 << 20
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 30 * time.Second
	}
	s := &Store{opts: opts, turn: make(chan struct{}, 1)}
	for _, f := range files {
		s.remember(f)
	}
	return s
}

// Name implements keys.Keystore.
func (s *Store) Name() string { return Name }

// Files gives what is remembered, oldest first, to be kept in the settings.
func (s *Store) Files() []File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]File(nil), s.files...)
}

// Forget leaves the file with that certificate out of the list; the file stays.
func (s *Store) Forget(certID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = without(s.files, certID)
}

func without(files []File, certID string) []File {
	var kept []File
	for _, f := range files {
		if keys.MakeID(Name, f.Certificate) != certID {
			kept = append(kept, f)
		}
	}
	return kept
}

func (s *Store) remember(f File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(without(s.files, keys.MakeID(Name, f.Certificate)), f)
	if len(s.files) > maxFiles {
		s.files = s.files[len(s.files)-maxFiles:]
	}
}

// Certificates implements keys.Keystore: the certificates of the remembered
// files, whether or not the files are still there.
func (s *Store) Certificates(ctx context.Context) ([]keys.Certificate, error) {
	if ctx.Err() != nil {
		return nil, keys.ErrCanceled(ctx.Err())
	}
	var certs []keys.Certificate
	for _, f := range s.Files() {
		if leaf, err := x509.ParseCertificate(f.Certificate); err == nil && keys.CanSign(leaf) {
			certs = append(certs, describe(f.Path, leaf, keys.ParseAll(f.Chain)))
		}
	}
	keys.SortCertificates(certs)
	return certs, nil
}

func describe(path string, leaf *x509.Certificate, issuers []*x509.Certificate) keys.Certificate {
	c := keys.Describe(Name, leaf, issuers)
	c.Token, c.Needs = filepath.Base(path), keys.SecretPassword
	return c
}

// Open implements keys.Keystore: it reads the remembered file again.
func (s *Store) Open(ctx context.Context, certID string, password keys.Secret) (keys.Session, error) {
	defer password.Zero()
	for _, f := range s.Files() {
		if keys.MakeID(Name, f.Certificate) != certID {
			continue
		}
		opened, err := s.load(ctx, f.Path, password)
		if err != nil {
			return nil, err
		}
		if keys.MakeID(Name, opened.leaf.Raw) != certID {
			opened.erase()
			return nil, keys.ErrCertificateNotFound(errors.New("the file holds another certificate now"))
		}
		return s.session(f.Path, opened)
	}
	return nil, keys.ErrCertificateNotFound(errors.New("no remembered file has it"))
}

// OpenFile opens the key of the PFX file at path and remembers the file. The
// password is zeroed on return. Errors: keys.CodePFXPasswordWrong,
// keys.CodePFXInvalid, keys.CodeCanceled.
func (s *Store) OpenFile(ctx context.Context, path string, password keys.Secret) (keys.Session, error) {
	defer password.Zero()
	opened, err := s.load(ctx, path, password)
	if err != nil {
		return nil, err
	}
	session, err := s.session(path, opened)
	if err != nil {
		return nil, err
	}
	c := session.Certificate()
	s.remember(File{Path: path, Certificate: c.DER, Chain: c.Chain})
	return session, nil
}

// Add is OpenFile without a session, for choosing a file before signing.
func (s *Store) Add(ctx context.Context, path string, password keys.Secret) (keys.Certificate, error) {
	session, err := s.OpenFile(ctx, path, password)
	if err != nil {
		return keys.Certificate{}, err
	}
	return session.Certificate(), session.Close()
}

func (s *Store) session(path string, o opened) (keys.Session, error) {
	return keys.Bound(&session{
		key: o, chain: keys.ChainOf(o.leaf, o.others), described: describe(path, o.leaf, o.others),
	}, s.opts.Limits)
}

// load reads and decrypts the file. A file with an absurd iteration count costs
// its own turn, not the window: the work is left behind at the timeout.
func (s *Store) load(ctx context.Context, path string, password keys.Secret) (opened, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	if ctx.Err() != nil {
		return opened{}, expired(ctx)
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return opened{}, expired(ctx)
	}
	data, err := readFile(path, s.opts.MaxSize)
	if err != nil {
		<-s.turn
		return opened{}, err
	}
	type result struct {
		opened
		err error
	}
	results := make(chan result, 1)
	text := string(password.Bytes()) // the library takes a string, which cannot be erased
	go func() {
		defer func() { <-s.turn }()
		o, err := decode(data, text)
		results <- result{o, err}
	}()
	select {
	case r := <-results:
		return r.opened, r.err
	case <-ctx.Done():
		return opened{}, expired(ctx)
	}
}

func expired(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return sei.Wrap(ctx.Err(), keys.CodePFXInvalid, "O arquivo do certificado demorou demais para abrir. Exporte o certificado de novo e escolha o novo arquivo.")
	}
	return keys.ErrCanceled(ctx.Err())
}

// session signs with a key held in memory until Close.
type session struct {
	mu        sync.Mutex
	key       opened
	chain     []*x509.Certificate
	described keys.Certificate
}

func (s *session) Public() crypto.PublicKey      { return s.key.leaf.PublicKey }
func (s *session) Certificate() keys.Certificate { return s.described }
func (s *session) Chain() []*x509.Certificate    { return s.chain }

func (s *session) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key.signer == nil {
		return nil, keys.ErrSessionEnded(errors.New("closed"))
	}
	return s.key.signer.Sign(rand.Reader, digest, opts.HashFunc())
}

func (s *session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key.erase()
	return nil
}

package pkcs11

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// Options set a Store's bounds; zero values mean the defaults.
type Options struct {
	ProbeTimeout time.Duration // reading all tokens; default 20 s
	LoginTimeout time.Duration // PIN check, or the servant at the PIN pad; default 2 min
	SignTimeout  time.Duration // one signature, with the PIN pad if it asks each time; default 2 min
	CloseTimeout time.Duration // logging out before the process is killed; default 3 s
	Limits       keys.Limits   // of a session
	Env          []string      // "NAME=value" added to the worker's minimal environment
}

func (o Options) orDefault() Options {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	set(&o.ProbeTimeout, 20*time.Second)
	set(&o.LoginTimeout, 2*time.Minute)
	set(&o.SignTimeout, 2*time.Minute)
	set(&o.CloseTimeout, 3*time.Second)
	o.Limits = o.Limits.OrDefault()
	return o
}

// Store is the keystore behind one driver (PKCS#11 module). Every look and
// every session is a process of its own.
type Store struct {
	module string
	opts   Options
}

var _ keys.Prober = (*Store)(nil)

// New makes the store of the driver at the given path. Nothing is loaded yet.
func New(module string, opts Options) *Store {
	return &Store{module: module, opts: opts.orDefault()}
}

// Stores makes a store of each module, in the same order.
func Stores(modules []Module, opts Options) []keys.Keystore {
	stores := make([]keys.Keystore, len(modules))
	for i, m := range modules {
		stores[i] = New(m.Path, opts)
	}
	return stores
}

// Name is "pkcs11:" and the driver's path.
func (s *Store) Name() string { return "pkcs11:" + s.module }

// Module is the driver's path.
func (s *Store) Module() string { return s.module }

// Certificates implements keys.Keystore.
func (s *Store) Certificates(ctx context.Context) ([]keys.Certificate, error) {
	probe, err := s.Probe(ctx)
	return probe.Certificates, err
}

// Probe implements keys.Prober: it loads the driver in a fresh process, reads
// every token without logging in, and ends the process.
func (s *Store) Probe(ctx context.Context) (keys.Probe, error) {
	c, err := startChild(s.module, s.opts.Env)
	if err != nil {
		return keys.Probe{}, err
	}
	resp, _, err := c.call(ctx, s.opts.ProbeTimeout, request{Op: opProbe, Module: s.module}, nil)
	if err != nil {
		c.kill()
		return keys.Probe{}, err
	}
	c.close(s.opts.CloseTimeout)
	return s.describe(resp.Tokens), nil
}

func (s *Store) describe(tokens []tokenSeen) keys.Probe {
	var probe keys.Probe
	listed := map[string]bool{}
	for _, t := range tokens {
		probe.Tokens = append(probe.Tokens, keys.Token{
			Store: s.Name(), Label: t.Label, Serial: t.Serial,
			Manufacturer: t.Manufacturer, Model: t.Model, PIN: t.PIN, PINPad: t.PINPad,
		})
		for _, c := range s.certificatesOf(t) {
			if !listed[c.ID] { // some drivers show one card as several tokens
				listed[c.ID] = true
				probe.Certificates = append(probe.Certificates, c)
			}
		}
	}
	keys.SortCertificates(probe.Certificates)
	return probe
}

// certificatesOf keeps the certificates that can sign. Private keys usually
// show only after login; then the certificate's CKA_ID has to vouch for them,
// and Open finds out.
func (s *Store) certificatesOf(t tokenSeen) []keys.Certificate {
	all := parse(t)
	var offered []keys.Certificate
	for _, seen := range t.Certificates {
		cert, err := x509.ParseCertificate(seen.DER)
		if err != nil || !keys.CanSign(cert) || (!seen.HasKey && !t.LoginNeeded) {
			continue
		}
		offered = append(offered, s.certificate(t, cert, all))
	}
	return offered
}

func parse(t tokenSeen) []*x509.Certificate {
	ders := make([][]byte, len(t.Certificates))
	for i, c := range t.Certificates {
		ders[i] = c.DER
	}
	return keys.ParseAll(ders)
}

func (s *Store) certificate(t tokenSeen, cert *x509.Certificate, all []*x509.Certificate) keys.Certificate {
	c := keys.Describe(s.Name(), cert, all)
	c.Token, c.TokenSerial, c.PIN, c.PINPad = t.Label, t.Serial, t.PIN, t.PINPad
	if t.PINPad || !t.LoginNeeded {
		c.Needs = keys.SecretNone
	}
	return c
}

// Open implements keys.Keystore. The driver's process stays for the session and
// ends with it.
func (s *Store) Open(ctx context.Context, certID string, secret keys.Secret) (keys.Session, error) {
	defer secret.Zero()
	fingerprint, name, ok := keys.SplitID(certID)
	if !ok || name != s.Name() {
		return nil, keys.ErrCertificateNotFound(errors.New("the certificate is of another store"))
	}
	if len(secret.Bytes()) > keys.MaxSecret {
		return nil, keys.ErrPINFormat(errors.New("not tried: too long"))
	}
	c, err := startChild(s.module, s.opts.Env)
	if err != nil {
		return nil, err
	}
	session, err := s.login(ctx, c, fingerprint, secret)
	if err != nil {
		c.close(s.opts.CloseTimeout)
		return nil, err
	}
	return keys.Bound(session, s.opts.Limits)
}

func (s *Store) login(ctx context.Context, c *child, fingerprint string, secret keys.Secret) (*session, error) {
	req := request{Op: opOpen, Module: s.module, Fingerprint: fingerprint, Lifetime: s.opts.Limits.Lifetime + time.Minute}
	resp, _, err := c.call(ctx, s.opts.LoginTimeout, req, secret.Bytes())
	if err != nil {
		return nil, err
	}
	if len(resp.Tokens) != 1 {
		return nil, keys.ErrModuleFailed(s.module, errFrame)
	}
	token := resp.Tokens[0]
	all := parse(token)
	for _, cert := range all {
		if keys.Fingerprint(cert.Raw) == fingerprint {
			return &session{child: c, opts: s.opts, leaf: cert, chain: keys.ChainOf(cert, all), described: s.certificate(token, cert, all)}, nil
		}
	}
	return nil, keys.ErrModuleFailed(s.module, errors.New("the answer lacks the certificate"))
}

// session is a key unlocked in a worker.
type session struct {
	child     *child
	opts      Options
	leaf      *x509.Certificate
	chain     []*x509.Certificate
	described keys.Certificate
}

func (s *session) Public() crypto.PublicKey      { return s.leaf.PublicKey }
func (s *session) Certificate() keys.Certificate { return s.described }
func (s *session) Chain() []*x509.Certificate    { return s.chain }

func (s *session) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	req := request{Op: opSign, Hash: uint(opts.HashFunc())}
	_, signature, err := s.child.call(context.Background(), s.opts.SignTimeout, req, digest)
	if err != nil {
		return nil, err
	}
	if len(signature) == 0 {
		return nil, keys.ErrModuleFailed(s.child.module, fmt.Errorf("%s answered without a signature", filepath.Base(s.child.module)))
	}
	return signature, nil
}

func (s *session) Close() error {
	s.child.close(s.opts.CloseTimeout)
	return nil
}

package wincert

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/tailscale/certstore"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// maxIdentities bounds how many certificates of the store are looked at.
const maxIdentities = 256

// Certificates implements keys.Keystore. Windows lists only certificates that
// have a private key.
func (s *Store) Certificates(ctx context.Context) ([]keys.Certificate, error) {
	return inTime(ctx, s.opts.ListTimeout, list, nil)
}

func list() ([]keys.Certificate, error) {
	var certs []keys.Certificate
	listed := map[string]bool{}
	err := each(func(_ certstore.Identity, leaf *x509.Certificate, chain []*x509.Certificate) bool {
		if c := describe(leaf, chain); keys.CanSign(leaf) && !listed[c.ID] {
			listed[c.ID] = true
			certs = append(certs, c)
		}
		return false
	})
	keys.SortCertificates(certs)
	return certs, err
}

func describe(leaf *x509.Certificate, chain []*x509.Certificate) keys.Certificate {
	c := keys.Describe(Name, leaf, chain)
	c.Token, c.Needs = "Certificados do Windows", keys.SecretNone
	return c
}

// each shows the store's identities to take, which keeps (and later closes) an
// identity by answering true.
func each(take func(certstore.Identity, *x509.Certificate, []*x509.Certificate) bool) error {
	store, err := certstore.Open(certstore.User, certstore.ReadOnly)
	if err != nil {
		return fmt.Errorf("opening the Windows store: %w", err)
	}
	defer store.Close()
	identities, err := store.Identities()
	if err != nil {
		return fmt.Errorf("reading the Windows store: %w", err)
	}
	for i, identity := range identities {
		kept := false
		if i < maxIdentities {
			if leaf, err := identity.Certificate(); err == nil {
				kept = take(identity, leaf, chainOf(identity))
			}
		}
		if !kept {
			identity.Close()
		}
	}
	return nil
}

func chainOf(identity certstore.Identity) []*x509.Certificate {
	chain, err := identity.CertificateChain()
	if err != nil || len(chain) == 0 {
		return nil
	}
	return chain[1:]
}

// Open implements keys.Keystore. The secret is not used: Windows asks, when the
// first signature is made.
func (s *Store) Open(ctx context.Context, certID string, secret keys.Secret) (keys.Session, error) {
	secret.Zero()
	fingerprint, name, ok := keys.SplitID(certID)
	if !ok || name != Name {
		return nil, keys.ErrCertificateNotFound(errors.New("the certificate is of another store"))
	}
	opened, err := inTime(ctx, s.opts.SignTimeout,
		func() (*session, error) { return s.open(fingerprint) },
		func(late *session) { _ = late.Close() })
	if err != nil {
		return nil, err
	}
	return keys.Bound(opened, s.opts.Limits)
}

func (s *Store) open(fingerprint string) (*session, error) {
	var found *session
	err := each(func(identity certstore.Identity, leaf *x509.Certificate, chain []*x509.Certificate) bool {
		if found != nil || keys.Fingerprint(leaf.Raw) != fingerprint {
			return false
		}
		found = &session{opts: s.opts, identity: identity, leaf: leaf, chain: keys.ChainOf(leaf, chain), described: describe(leaf, chain)}
		return true
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, keys.ErrCertificateNotFound(errors.New("not in the Windows store"))
	}
	if found.signer, err = found.identity.Signer(); err != nil {
		found.identity.Close()
		return nil, err
	}
	return found, nil
}

// session is a key of the Windows store. The mutex keeps Close from freeing the
// handle under a signature that was left behind.
type session struct {
	opts      Options
	leaf      *x509.Certificate
	chain     []*x509.Certificate
	described keys.Certificate

	mu       sync.Mutex
	identity certstore.Identity // nil once closed
	signer   crypto.Signer
}

func (s *session) Public() crypto.PublicKey      { return s.leaf.PublicKey }
func (s *session) Certificate() keys.Certificate { return s.described }
func (s *session) Chain() []*x509.Certificate    { return s.chain }

func (s *session) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return inTime(context.Background(), s.opts.SignTimeout, func() ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.identity == nil {
			return nil, keys.ErrSessionEnded(errors.New("closed"))
		}
		return s.signer.Sign(rand.Reader, digest, opts.HashFunc())
	}, nil)
}

// Close frees the key without waiting for a dialog that is still open.
func (s *session) Close() error {
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.identity != nil {
			s.identity.Close()
			s.identity, s.signer = nil, nil
		}
	}()
	return nil
}

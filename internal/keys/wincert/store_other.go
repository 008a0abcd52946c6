//go:build !windows

package wincert

import (
	"context"
	"errors"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
)

// Certificates implements keys.Keystore; outside Windows there are none.
func (s *Store) Certificates(context.Context) ([]keys.Certificate, error) { return nil, nil }

// Open implements keys.Keystore; outside Windows it answers keys.CodeCertificateNotFound.
func (s *Store) Open(_ context.Context, _ string, secret keys.Secret) (keys.Session, error) {
	secret.Zero()
	return nil, keys.ErrCertificateNotFound(errors.New("there is no Windows store here"))
}

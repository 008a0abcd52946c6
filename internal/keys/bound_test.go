package keys_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// rawSession is a key in memory that counts what is asked of it.
type rawSession struct {
	keytest.Credential
	signed, closed int
	fail           error
}

func (r *rawSession) Public() crypto.PublicKey { return r.Key.Public() }
func (r *rawSession) Certificate() keys.Certificate {
	return keys.Describe("t", r.Credential.Certificate, nil)
}
func (r *rawSession) Chain() []*x509.Certificate { return nil }
func (r *rawSession) Close() error               { r.closed++; return nil }
func (r *rawSession) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	r.signed++
	if r.fail != nil {
		return nil, r.fail
	}
	return r.Key.Sign(rand.Reader, digest, opts)
}

func newRaw(t *testing.T) *rawSession {
	t.Helper()
	a, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.IssueEC(keytest.Person{Name: "MARIA", CPF: "12345678909"})
	if err != nil {
		t.Fatal(err)
	}
	return &rawSession{Credential: c}
}

func sign(s keys.Session) error {
	digest := sha256.Sum256([]byte("x"))
	_, err := s.Sign(rand.Reader, digest[:], crypto.SHA256)
	return err
}

func TestASessionEndsByItselfWhenItsTimeIsOver(t *testing.T) {
	raw := newRaw(t)
	synctest.Test(t, func(t *testing.T) {
		s, err := keys.Bound(raw, keys.Limits{Lifetime: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute - time.Second)
		if err := sign(s); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if err := sign(s); sei.CodeOf(err) != keys.CodeSessionEnded || raw.closed != 1 {
			t.Errorf("got %v, closed %d times", err, raw.closed)
		}
	})
}

func TestASessionMakesNoMoreSignaturesThanItsLimit(t *testing.T) {
	raw := newRaw(t)
	s, err := keys.Bound(raw, keys.Limits{Signatures: 3})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := sign(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := sign(s); sei.CodeOf(err) != keys.CodeSessionEnded || raw.signed != 3 || raw.closed != 1 {
		t.Errorf("got %v after %d signatures, closed %d times", err, raw.signed, raw.closed)
	}
}

func TestTheKeyIsNotAskedAgainAfterAFailure(t *testing.T) {
	raw := newRaw(t)
	raw.fail = keys.ErrTokenRemoved(errors.New("pulled out"))
	s, err := keys.Bound(raw, keys.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := sign(s); sei.CodeOf(err) != keys.CodeTokenRemoved {
			t.Errorf("got %v", err)
		}
	}
	if raw.signed != 1 || raw.closed != 1 {
		t.Errorf("asked %d times, closed %d times", raw.signed, raw.closed)
	}
}

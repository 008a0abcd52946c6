package keys_test

import (
	"context"
	"crypto/x509"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// shelf is a store that answers what a test tells it to.
type shelf struct {
	name   string
	certs  []*x509.Certificate
	tokens []keys.Token
	err    error
	wait   chan struct{} // answers only when closed, whatever its context says
	looks  atomic.Int32
	opened []string
}

func (s *shelf) Name() string { return s.name }

func (s *shelf) Certificates(ctx context.Context) ([]keys.Certificate, error) {
	p, err := s.Probe(ctx)
	return p.Certificates, err
}

func (s *shelf) Probe(context.Context) (keys.Probe, error) {
	s.looks.Add(1)
	if s.wait != nil {
		<-s.wait
	}
	p := keys.Probe{Tokens: s.tokens}
	for _, c := range s.certs {
		p.Certificates = append(p.Certificates, keys.Describe(s.name, c, nil))
	}
	return p, s.err
}

func (s *shelf) Open(_ context.Context, id string, _ keys.Secret) (keys.Session, error) {
	s.opened = append(s.opened, id)
	return nil, s.err
}

func TestAStoreThatFailsCostsItsOwnCertificatesOnly(t *testing.T) {
	maria := issued(t, keytest.Person{Name: "MARIA", CPF: "12345678909"})
	good := &shelf{name: "good", certs: []*x509.Certificate{maria}, tokens: []keys.Token{{Label: "token"}}}
	bad := &shelf{name: "bad", err: keys.ErrModuleCrashed("/x/bad.so", errors.New("signal"))}
	d := keys.NewDirectory(keys.DirectoryOptions{}, bad, good)
	l := d.Refresh(t.Context())
	if len(l.Certificates) != 1 || len(l.Tokens) != 1 || l.At.IsZero() {
		t.Errorf("%+v", l)
	}
	if len(l.Failures) != 1 || l.Failures[0].Store != "bad" || l.Failures[0].Code != keys.CodeModuleCrashed || l.Failures[0].Message == "" {
		t.Errorf("%+v", l.Failures)
	}
	if last := d.Last(); len(last.Certificates) != 1 {
		t.Error("the status bar does not see it")
	}
}

func TestACertificateSeenThroughTwoStoresIsListedOnce(t *testing.T) {
	maria := issued(t, keytest.Person{Name: "MARIA", CPF: "12345678909"})
	first := &shelf{name: "pkcs11:x", certs: []*x509.Certificate{maria}}
	second := &shelf{name: "windows", certs: []*x509.Certificate{maria}}
	l := keys.NewDirectory(keys.DirectoryOptions{}, first, second).Refresh(t.Context())
	if len(l.Certificates) != 1 || l.Certificates[0].Store != "pkcs11:x" {
		t.Errorf("%+v", l.Certificates)
	}
}

func TestAStoreThatHangsIsLeftBehindAndNotAskedTwice(t *testing.T) {
	maria := issued(t, keytest.Person{Name: "MARIA", CPF: "12345678909"})
	synctest.Test(t, func(t *testing.T) {
		good := &shelf{name: "good", certs: []*x509.Certificate{maria}}
		stuck := &shelf{name: "stuck", wait: make(chan struct{})}
		d := keys.NewDirectory(keys.DirectoryOptions{Timeout: time.Second, Parallel: 1}, stuck, good)
		for range 2 {
			l := d.Refresh(t.Context())
			if len(l.Certificates) != 1 || len(l.Failures) != 1 || l.Failures[0].Code != keys.CodeModuleTimeout {
				t.Errorf("%+v", l)
			}
		}
		if n := stuck.looks.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		close(stuck.wait)
		synctest.Wait()
		if l := d.Refresh(t.Context()); len(l.Failures) != 0 {
			t.Errorf("not asked again once it had answered: %+v", l.Failures)
		}
	})
}

func TestRefreshesAtTheSameTimeShareOneLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{name: "s", wait: make(chan struct{})}
		d := keys.NewDirectory(keys.DirectoryOptions{}, s)
		for range 5 {
			go d.Refresh(t.Context())
		}
		synctest.Wait()
		close(s.wait)
		synctest.Wait()
		if n := s.looks.Load(); n != 1 {
			t.Errorf("looked %d times", n)
		}
	})
}

func TestOpenGoesToTheStoreThatTheIDNames(t *testing.T) {
	a, b := &shelf{name: "a"}, &shelf{name: "b"}
	d := keys.NewDirectory(keys.DirectoryOptions{}, a, b)
	id := keys.MakeID("b", []byte("der"))
	secret := keys.NewSecretString("1234")
	_, _ = d.Open(t.Context(), id, secret)
	if len(a.opened) != 0 || len(b.opened) != 1 || b.opened[0] != id || !secret.Empty() {
		t.Errorf("a %v, b %v", a.opened, b.opened)
	}
	d.SetStores(a)
	for _, gone := range []string{id, "x"} {
		if _, err := d.Open(t.Context(), gone, keys.Secret{}); sei.CodeOf(err) != keys.CodeCertificateNotFound {
			t.Errorf("%q: got %v", gone, err)
		}
	}
}

package keytest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha512" // SHA-384 and SHA-512
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Subject is a store under proof and what is known of it.
type Subject struct {
	Store     keys.Keystore
	Offered   []Credential        // what it must list; their keys are in it
	Hidden    []*x509.Certificate // what is in it and must not be listed
	Issuer    *x509.Certificate   // who issued Offered, also in the store
	Right     func() keys.Secret
	Wrong     func() keys.Secret // nil for stores that ask for nothing
	WrongCode sei.Code           // the answer to Wrong
}

// Run proves that the store keeps the contract of keys.Keystore and keys.Session.
func Run(t *testing.T, s Subject) {
	proofs := []struct {
		rule  string
		prove func(*testing.T, Subject)
	}{
		{"lists exactly the certificates that can sign", provesListing},
		{"signs so that the certificate verifies it", provesSigning},
		{"gives the issuing authorities found beside the key", provesChain},
		{"erases the secret on success and on failure", provesErasing},
		{"refuses a wrong secret and takes the right one afterwards", provesWrongSecret},
		{"does not know certificates of other stores", provesUnknown},
		{"gives up when it is canceled", provesCanceling},
		{"signs nothing after it is closed", provesClosing},
		{"answers concurrent signatures one at a time", provesConcurrency},
		{"refuses hashes and paddings it does not make", provesRefusals},
	}
	for _, p := range proofs {
		t.Run(p.rule, func(t *testing.T) { p.prove(t, s) })
	}
}

// NeedTool ends a test whose tool is missing: it fails where everything must be
// proved (environment CI=true) and is skipped elsewhere.
func NeedTool(t *testing.T, err error) {
	t.Helper()
	switch {
	case err == nil:
	case !errors.Is(err, ErrToolMissing) || os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

func provesListing(t *testing.T, s Subject) {
	certs, err := s.Store.Certificates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(certs) != len(s.Offered) {
		t.Errorf("listed %d certificates, want %d", len(certs), len(s.Offered))
	}
	listed := map[string]keys.Certificate{}
	for _, c := range certs {
		listed[c.ID] = c
	}
	for _, want := range s.Offered {
		c, ok := listed[keys.MakeID(s.Store.Name(), want.Certificate.Raw)]
		if !ok {
			t.Errorf("%s is not listed", want.Certificate.Subject)
			continue
		}
		if string(c.DER) != string(want.Certificate.Raw) || c.Store != s.Store.Name() || c.Subject == "" || c.Issuer == "" || !c.NotAfter.Equal(want.Certificate.NotAfter) {
			t.Errorf("%s is described as %+v", want.Certificate.Subject, c)
		}
	}
	for _, hidden := range s.Hidden {
		if c, ok := listed[keys.MakeID(s.Store.Name(), hidden.Raw)]; ok {
			t.Errorf("%s is listed but cannot sign", c.Subject)
		}
	}
	for i := 1; i < len(certs); i++ {
		if certs[i].NotAfter.After(certs[i-1].NotAfter) {
			t.Error("the certificate that lasts longest must come first")
		}
	}
}

// open opens the i-th offered certificate and closes it with the test.
func open(t *testing.T, s Subject, i int) keys.Session {
	t.Helper()
	session, err := s.Store.Open(t.Context(), keys.MakeID(s.Store.Name(), s.Offered[i].Certificate.Raw), s.Right())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func provesSigning(t *testing.T, s Subject) {
	for i, want := range s.Offered {
		session := open(t, s, i)
		if c := session.Certificate(); string(c.DER) != string(want.Certificate.Raw) {
			t.Fatalf("opened %s instead of %s", c.Subject, want.Certificate.Subject)
		}
		for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			digest := digestOf(hash, "um documento")
			signature, err := session.Sign(rand.Reader, digest, hash)
			if err != nil {
				t.Fatalf("%s with %v: %v", want.Certificate.Subject, hash, err)
			}
			if !verified(want.Certificate.PublicKey, hash, digest, signature) {
				t.Errorf("%s with %v does not verify", want.Certificate.Subject, hash)
			}
		}
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	}
}

func digestOf(hash crypto.Hash, text string) []byte {
	h := hash.New()
	h.Write([]byte(text))
	return h.Sum(nil)
}

func verified(pub crypto.PublicKey, hash crypto.Hash, digest, signature []byte) bool {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(pub, digest, signature)
	}
	return false
}

func provesChain(t *testing.T, s Subject) {
	chain := open(t, s, 0).Chain()
	if len(chain) == 0 || !chain[0].Equal(s.Issuer) {
		t.Errorf("chain has %d certificates and does not begin with %s", len(chain), s.Issuer.Subject)
	}
}

func provesErasing(t *testing.T, s Subject) {
	id := keys.MakeID(s.Store.Name(), s.Offered[0].Certificate.Raw)
	right := s.Right()
	session, err := s.Store.Open(t.Context(), id, right)
	if err != nil {
		t.Fatal(err)
	}
	_ = session.Close()
	if !right.Empty() {
		t.Error("the secret is still there after Open")
	}
	unused := s.Right()
	if _, err := s.Store.Open(t.Context(), "nada", unused); err == nil || !unused.Empty() {
		t.Errorf("the secret is still there after a failed Open (%v)", err)
	}
}

func provesWrongSecret(t *testing.T, s Subject) {
	if s.Wrong == nil {
		t.Skip("this store asks for nothing")
	}
	wrong := s.Wrong()
	text := string(wrong.Bytes())
	id := keys.MakeID(s.Store.Name(), s.Offered[0].Certificate.Raw)
	_, err := s.Store.Open(t.Context(), id, wrong)
	if sei.CodeOf(err) != s.WrongCode {
		t.Fatalf("got %v, want %s", err, s.WrongCode)
	}
	if strings.Contains(err.Error(), text) {
		t.Error("the error repeats the secret")
	}
	if !wrong.Empty() {
		t.Error("the wrong secret is still there")
	}
	open(t, s, 0)
}

func provesUnknown(t *testing.T, s Subject) {
	other := strings.Repeat("0", 32)
	for _, id := range []string{"", "x", other + "@" + s.Store.Name(), keys.MakeID("outro", s.Offered[0].Certificate.Raw)} {
		if _, err := s.Store.Open(t.Context(), id, s.Right()); sei.CodeOf(err) != keys.CodeCertificateNotFound {
			t.Errorf("%q: got %v, want %s", id, err, keys.CodeCertificateNotFound)
		}
	}
}

func provesCanceling(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	secret := s.Right()
	_, err := s.Store.Open(ctx, keys.MakeID(s.Store.Name(), s.Offered[0].Certificate.Raw), secret)
	if sei.CodeOf(err) != keys.CodeCanceled {
		t.Errorf("got %v, want %s", err, keys.CodeCanceled)
	}
	if !secret.Empty() {
		t.Error("the secret is still there")
	}
}

func provesClosing(t *testing.T, s Subject) {
	session := open(t, s, 0)
	for range 2 {
		if err := session.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := session.Sign(rand.Reader, digestOf(crypto.SHA256, "tarde"), crypto.SHA256)
	if sei.CodeOf(err) != keys.CodeSessionEnded {
		t.Errorf("got %v, want %s", err, keys.CodeSessionEnded)
	}
}

func provesConcurrency(t *testing.T, s Subject) {
	session := open(t, s, 0)
	var wait sync.WaitGroup
	for _, text := range []string{"a", "b", "c", "d", "e", "f"} {
		wait.Go(func() {
			digest := digestOf(crypto.SHA256, text)
			signature, err := session.Sign(rand.Reader, digest, crypto.SHA256)
			if err != nil || !verified(session.Public(), crypto.SHA256, digest, signature) {
				t.Errorf("%s: %v", text, err)
			}
		})
	}
	wait.Wait()
}

func provesRefusals(t *testing.T, s Subject) {
	session := open(t, s, 0)
	digest := digestOf(crypto.SHA256, "x")
	for _, opts := range []crypto.SignerOpts{nil, crypto.SHA1, crypto.Hash(0), &rsa.PSSOptions{Hash: crypto.SHA256}} {
		if _, err := session.Sign(rand.Reader, digest, opts); sei.CodeOf(err) != keys.CodeUnsupported {
			t.Errorf("%v: got %v, want %s", opts, err, keys.CodeUnsupported)
		}
	}
	if _, err := session.Sign(rand.Reader, digest[:20], crypto.SHA256); err == nil {
		t.Error("a digest of the wrong length was signed")
	}
	if _, err := session.Sign(rand.Reader, digest, crypto.SHA256); err != nil {
		t.Errorf("the session did not survive the refusals: %v", err)
	}
}

package pfx

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const password = "çedilha & espaço"

func secret(s string) func() keys.Secret {
	return func() keys.Secret { return keys.NewSecretString(s) }
}

func authority(t *testing.T) *keytest.Authority {
	t.Helper()
	a, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func credential(t *testing.T) func(keytest.Credential, error) keytest.Credential {
	return func(c keytest.Credential, err error) keytest.Credential {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// write makes a PFX file and gives its path.
func write(t *testing.T, encoder *pkcs12.Encoder, c keytest.Credential, chain ...*x509.Certificate) string {
	t.Helper()
	data, err := encoder.Encode(c.Key, c.Certificate, chain, password)
	if err != nil {
		t.Fatal(err)
	}
	return writeBytes(t, data)
}

func writeBytes(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "maria.pfx")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPFXFilesKeepTheKeystoreContract(t *testing.T) {
	a := authority(t)
	rsaKey := credential(t)(a.IssueRSA(keytest.Person{Name: "MARIA DE ENSAIO", CPF: "12345678909"}))
	ecKey := credential(t)(a.IssueEC(keytest.Person{Name: "JOÃO DE ENSAIO", CPF: "98765432100"}))
	store := New(Options{})
	for _, c := range []keytest.Credential{rsaKey, ecKey} {
		if _, err := store.Add(t.Context(), write(t, pkcs12.Modern, c, a.Issuer, a.Root), secret(password)()); err != nil {
			t.Fatal(err)
		}
	}
	keytest.Run(t, keytest.Subject{
		Store:     store,
		Offered:   []keytest.Credential{rsaKey, ecKey},
		Hidden:    []*x509.Certificate{a.Issuer, a.Root},
		Issuer:    a.Issuer,
		Right:     secret(password),
		Wrong:     secret("errada"),
		WrongCode: keys.CodePFXPasswordWrong,
	})
}

func TestOldAndNewFormatsOpen(t *testing.T) {
	a := authority(t)
	c := credential(t)(a.IssueRSA(keytest.Person{Name: "MARIA DE ENSAIO", CPF: "12345678909"}))
	for name, encoder := range map[string]*pkcs12.Encoder{
		"modern 2026": pkcs12.Modern2026, "modern 2023": pkcs12.Modern2023, "triple DES": pkcs12.LegacyDES, "RC2-40": pkcs12.LegacyRC2,
	} {
		session, err := New(Options{}).OpenFile(t.Context(), write(t, encoder, c, a.Issuer), secret(password)())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		digest := sha256.Sum256([]byte(name))
		if _, err := session.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := session.Certificate(); got.Subject != "MARIA DE ENSAIO" || got.Needs != keys.SecretPassword || got.Token != "maria.pfx" {
			t.Errorf("%s: %+v", name, got)
		}
		_ = session.Close()
	}
}

func TestTheSignersCertificateIsFoundWhateverTheOrder(t *testing.T) {
	a := authority(t)
	c := credential(t)(a.IssueEC(keytest.Person{Name: "MARIA", CPF: "12345678909"}))
	backwards := write(t, pkcs12.Modern, keytest.Credential{Certificate: a.Root, Key: c.Key}, a.Issuer, c.Certificate)
	session, err := New(Options{}).OpenFile(t.Context(), backwards, secret(password)())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	chain := session.Chain()
	if !bytes.Equal(session.Certificate().DER, c.Certificate.Raw) || len(chain) != 2 || !chain[0].Equal(a.Issuer) || !chain[1].Equal(a.Root) {
		t.Errorf("signer %s, chain %d", session.Certificate().Subject, len(chain))
	}
}

func TestRememberedFilesAreListedWithoutTheirPassword(t *testing.T) {
	a := authority(t)
	c := credential(t)(a.IssueEC(keytest.Person{Name: "MARIA", CPF: "12345678909"}))
	first := New(Options{})
	if _, err := first.Add(t.Context(), write(t, pkcs12.Modern, c, a.Issuer), secret(password)()); err != nil {
		t.Fatal(err)
	}
	later := New(Options{}, first.Files()...)
	certs, err := later.Certificates(t.Context())
	if err != nil || len(certs) != 1 || certs[0].CPF != "12345678909" || len(certs[0].Chain) != 1 {
		t.Fatalf("%+v, %v", certs, err)
	}
	later.Forget(certs[0].ID)
	if certs, _ := later.Certificates(t.Context()); len(certs) != 0 {
		t.Error("a forgotten file is still listed")
	}
}

func TestAFileThatChangedDoesNotSignForTheOldCertificate(t *testing.T) {
	a := authority(t)
	before := credential(t)(a.IssueEC(keytest.Person{Name: "MARIA", CPF: "12345678909"}))
	after := credential(t)(a.IssueEC(keytest.Person{Name: "OUTRA", CPF: "98765432100"}))
	path := write(t, pkcs12.Modern, before)
	store := New(Options{})
	c, err := store.Add(t.Context(), path, secret(password)())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(write(t, pkcs12.Modern, after))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), c.ID, secret(password)()); sei.CodeOf(err) != keys.CodeCertificateNotFound {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatIsNoPFXIsRefusedWithAWord(t *testing.T) {
	a := authority(t)
	encryption := credential(t)(a.IssueEC(keytest.Person{Name: "SIGILO", CPF: "12345678909", Usage: x509.KeyUsageKeyEncipherment}))
	store := New(Options{MaxSize: 64 << 10})
	cases := map[string]string{
		"a PDF":                     writeBytes(t, []byte("%PDF-1.7\n")),
		"an empty file":             writeBytes(t, nil),
		"a huge file":               writeBytes(t, make([]byte, 64<<10+1)),
		"a folder":                  t.TempDir(),
		"no file":                   filepath.Join(t.TempDir(), "nada.pfx"),
		"an encryption certificate": write(t, pkcs12.Modern, encryption),
	}
	for name, path := range cases {
		_, err := store.Add(t.Context(), path, secret(password)())
		if sei.CodeOf(err) != keys.CodePFXInvalid {
			t.Errorf("%s: %v", name, err)
		}
		if m := sei.MessageOf(err); strings.Contains(m, "asn1") || strings.Contains(m, path) {
			t.Errorf("%s: technical text in %q", name, m)
		}
	}
	if len(store.Files()) != 0 {
		t.Error("a refused file is remembered")
	}
}

func TestAFileThatTakesTooLongIsGivenUp(t *testing.T) {
	a := authority(t)
	c := credential(t)(a.IssueEC(keytest.Person{Name: "MARIA", CPF: "12345678909"}))
	store := New(Options{Timeout: 1}) // a nanosecond
	_, err := store.OpenFile(t.Context(), write(t, pkcs12.Modern, c), secret(password)())
	if sei.CodeOf(err) != keys.CodePFXInvalid || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestClosingErasesTheKey(t *testing.T) {
	a := authority(t)
	c := credential(t)(a.IssueRSA(keytest.Person{Name: "MARIA", CPF: "12345678909"}))
	data, err := os.ReadFile(write(t, pkcs12.Modern, c))
	if err != nil {
		t.Fatal(err)
	}
	o, err := decode(data, password)
	if err != nil {
		t.Fatal(err)
	}
	key := o.signer.(*rsa.PrivateKey)
	numbers := append([]*big.Int{key.D, key.Precomputed.Dp, key.Precomputed.Dq}, key.Primes...)
	o.erase()
	for i, n := range numbers {
		for _, word := range n.Bits() {
			if word != 0 {
				t.Fatalf("number %d of the key is still in memory", i)
			}
		}
	}
}

func FuzzDecodingNeverPanics(f *testing.F) {
	a, err := keytest.NewAuthority()
	if err != nil {
		f.Fatal(err)
	}
	c, err := a.IssueEC(keytest.Person{Name: "MARIA", CPF: "12345678909"})
	if err != nil {
		f.Fatal(err)
	}
	data, err := pkcs12.Modern.WithIterations(1).Encode(c.Key, c.Certificate, nil, password)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 8<<10 {
			return
		}
		if o, err := decode(data, password); err == nil && (o.leaf == nil || o.signer == nil) {
			t.Error("opened without a key or a certificate")
		}
	})
}

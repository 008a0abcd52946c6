package trainingca

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"
)

var day = time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)

func training(t testing.TB) *CA {
	t.Helper()
	ca, err := New("da demonstração", day, ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestEveryAuthoritySaysThatItHasNoLegalValue(t *testing.T) {
	ca := training(t)
	for _, c := range []*x509.Certificate{ca.Root, ca.Intermediate} {
		if !strings.Contains(c.Subject.CommonName, Label) || !c.IsCA {
			t.Errorf("%s", c.Subject)
		}
	}
}

func TestAPersonsCertificateVerifiesUpToTheTrainingRoot(t *testing.T) {
	ca := training(t)
	for _, kind := range []KeyKind{RSA2048, ECDSAP256, ECDSAP384} {
		id, err := ca.Issue(Person{Name: "JOSÉ DA SILVA", CPF: "12345678909", BirthDate: day, RG: "123", RGIssuer: "SSPRS", Email: "jose@example.org"}, IssueOptions{Key: kind, NotBefore: day})
		if err != nil {
			t.Fatal(err)
		}
		roots, inter := x509.NewCertPool(), x509.NewCertPool()
		roots.AddCert(ca.Root)
		inter.AddCert(ca.Intermediate)
		if _, err := id.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inter, CurrentTime: day.AddDate(1, 0, 0), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if len(id.Certificate.SubjectKeyId) == 0 || len(id.Certificate.EmailAddresses) != 1 {
			t.Errorf("%s: %+v", kind, id.Certificate.Subject)
		}
	}
}

func TestAPFXOpensWithItsPasswordOnly(t *testing.T) {
	id, err := training(t).Issue(Person{Name: "A", CPF: "12345678909"}, IssueOptions{Key: ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := id.PFX("segredo")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := pkcs12.DecodeChain(pfx, "outra"); err == nil {
		t.Error("opened with a wrong password")
	}
	_, cert, chain, err := pkcs12.DecodeChain(pfx, "segredo")
	if err != nil || !cert.Equal(id.Certificate) || len(chain) != 2 {
		t.Errorf("%v, %d in the chain", err, len(chain))
	}
}

func TestAStoredAuthorityIssuesAgain(t *testing.T) {
	ca := training(t)
	stored, err := ca.PEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(stored)
	if err != nil {
		t.Fatal(err)
	}
	id, err := again.Issue(Person{Name: "A", CPF: "12345678909"}, IssueOptions{Key: ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	if err := id.Certificate.CheckSignatureFrom(ca.Intermediate); err != nil {
		t.Error(err)
	}
	if _, err := Parse(bytes.Split(stored, []byte("-----BEGIN PRIVATE"))[0]); err == nil {
		t.Error("half an authority was accepted")
	}
}

func TestAKeyElsewhereStaysElsewhere(t *testing.T) {
	ca := training(t)
	key, err := makeKey(ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Issue(Person{Name: "A", CPF: "12345678909"}, IssueOptions{Public: key.Public()})
	if err != nil || id.Key != nil {
		t.Fatalf("%v, key %v", err, id.Key)
	}
	if _, err := id.KeyPEM(); err == nil {
		t.Error("a key that is not here was encoded")
	}
	if _, err := id.PFX("x"); err == nil {
		t.Error("a key that is not here was encoded")
	}
	if _, err := ca.Issue(Person{Name: "A", CPF: "1"}, IssueOptions{}); err == nil {
		t.Error("a CPF of one digit was accepted")
	}
}

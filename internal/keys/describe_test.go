package keys_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func issued(t *testing.T, p keytest.Person) *x509.Certificate {
	t.Helper()
	a, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.IssueEC(p)
	if err != nil {
		t.Fatal(err)
	}
	return c.Certificate
}

func TestAPersonsCertificateTellsNameAndCPF(t *testing.T) {
	c := keys.Describe("t", issued(t, keytest.Person{Name: "MARIA DA SILVA", CPF: "12345678909"}), nil)
	if c.Subject != "MARIA DA SILVA" || c.CPF != "12345678909" || c.MaskedCPF != "***.456.789-**" || c.CNPJ != "" || !c.ICPBrasil {
		t.Errorf("%+v", c)
	}
}

func TestACompanysCertificateTellsItsCNPJAndWhoAnswersForIt(t *testing.T) {
	c := keys.Describe("t", issued(t, keytest.Person{Name: "EMPRESA S A", CPF: "12345678909", CNPJ: "12ABC34501DE35"}), nil)
	if c.Subject != "EMPRESA S A" || c.CPF != "12345678909" || c.CNPJ != "12ABC34501DE35" {
		t.Errorf("%+v", c)
	}
}

func TestTheCPFMayStandInTheSerialNumberAlone(t *testing.T) {
	cert := issued(t, keytest.Person{Name: "X", CPF: "12345678909"})
	cert.Extensions = nil // no otherNames; the policy stays
	cert.Subject = pkix.Name{CommonName: "MARIA DA SILVA", SerialNumber: "987.654.321-00"}
	if c := keys.Describe("t", cert, nil); c.CPF != "98765432100" || !c.ICPBrasil {
		t.Errorf("%+v", c)
	}
}

func TestAForeignCertificateIsNotTakenForICPBrasil(t *testing.T) {
	c := keys.Describe("t", issued(t, keytest.Person{Name: "JOHN:12345678909"}), nil)
	if c.ICPBrasil || c.CPF != "" || c.Subject != "JOHN" {
		t.Errorf("%+v", c)
	}
}

func TestOnlyCertificatesMeantForSigningAreOffered(t *testing.T) {
	cases := map[x509.KeyUsage]bool{
		x509.KeyUsageDigitalSignature:                                true,
		x509.KeyUsageContentCommitment:                               true,
		x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment: false,
		x509.KeyUsageKeyAgreement:                                    false,
	}
	for usage, want := range cases {
		if got := keys.CanSign(issued(t, keytest.Person{Name: "X", CPF: "12345678909", Usage: usage})); got != want {
			t.Errorf("usage %b: %v", usage, got)
		}
	}
	a, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	a.Issuer.KeyUsage |= x509.KeyUsageDigitalSignature
	if keys.CanSign(a.Issuer) {
		t.Error("an authority is offered")
	}
}

func TestAnExpiredCertificateSaysSince(t *testing.T) {
	c := keys.Describe("t", issued(t, keytest.Person{Name: "X", CPF: "12345678909"}), nil)
	if err := c.Usable(time.Now()); err != nil {
		t.Error(err)
	}
	err := c.Usable(c.NotAfter.Add(time.Hour))
	if sei.CodeOf(err) != keys.CodeCertificateExpired || !strings.Contains(sei.MessageOf(err), c.NotAfter.Local().Format("02/01/2006")) {
		t.Errorf("got %v", err)
	}
	if err := c.Usable(c.NotBefore.Add(-time.Hour)); sei.CodeOf(err) != keys.CodeCertificateNotYetValid {
		t.Errorf("got %v", err)
	}
}

func TestTheWindowGetsNeitherCPFNorBytes(t *testing.T) {
	c := keys.Describe("t", issued(t, keytest.Person{Name: "MARIA", CPF: "12345678909"}), nil)
	text, err := json.Marshal(c)
	if err != nil || strings.Contains(string(text), "12345678909") || strings.Contains(string(text), "DER") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestASecretShowsNowhere(t *testing.T) {
	s := keys.NewSecretString("48151623")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "inside", struct{ S keys.Secret }{s})
	type holder struct{ inside keys.Secret }
	shown := fmt.Sprintf("%v %+v %#v %s %q %d %x", s, s, s, s, s, s, struct{ S keys.Secret }{s})
	shown += fmt.Sprintf("%v %+v %#v %s", holder{s}, holder{s}, &holder{s}, holder{s}) + log.String() + sei.MessageOf(errors.New("x"))
	if strings.Contains(shown, "4815") || strings.Contains(shown, "52 56") || strings.Contains(shown, "0x34, 0x38") || strings.Contains(shown, "3438") {
		t.Errorf("shown: %s", shown)
	}
	if text, err := json.Marshal(map[string]any{"s": s}); err == nil {
		t.Errorf("encoded as %s", text)
	}
	copied := s
	s.Zero()
	if !copied.Empty() || len(copied.Bytes()) != 8 {
		t.Error("a copy kept the secret")
	}
}

func TestIDsNameTheirStore(t *testing.T) {
	id := keys.MakeID("pkcs11:/opt/a@b/x.so", []byte("der"))
	fingerprint, store, ok := keys.SplitID(id)
	if !ok || store != "pkcs11:/opt/a@b/x.so" || fingerprint != keys.Fingerprint([]byte("der")) {
		t.Errorf("%q: %q %q %v", id, fingerprint, store, ok)
	}
	for _, bad := range []string{"", "@x", "00@x", strings.Repeat("g", 32) + "@x", strings.Repeat("0", 32) + "@", strings.Repeat("0", 32)} {
		if _, _, ok := keys.SplitID(bad); ok {
			t.Errorf("%q was taken apart", bad)
		}
	}
}

func TestTheChainGoesUpwardsAndStops(t *testing.T) {
	a, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	other, err := keytest.NewAuthority() // same names, other keys
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.IssueEC(keytest.Person{Name: "X", CPF: "12345678909"})
	if err != nil {
		t.Fatal(err)
	}
	chain := keys.ChainOf(c.Certificate, []*x509.Certificate{other.Issuer, a.Root, c.Certificate, other.Root, a.Issuer})
	if len(chain) != 2 || !chain[0].Equal(a.Issuer) || !chain[1].Equal(a.Root) {
		t.Errorf("%d certificates", len(chain))
	}
	if chain := keys.ChainOf(c.Certificate, nil); len(chain) != 0 {
		t.Error("a chain out of nothing")
	}
}

package pkcs11

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const rightPIN, wrongPIN = "48151623", "00000000"

// bench is a SoftHSM token with what a servant's token holds.
type bench struct {
	token                     *keytest.SoftHSM
	authority                 *keytest.Authority
	rsa, ec, encryption, lost keytest.Credential
}

// newBench gives a test a copy of the token, in the state of a new one.
func newBench(t *testing.T) *bench {
	t.Helper()
	original, err := originalBench()
	keytest.NeedTool(t, err)
	b := *original
	if b.token, err = original.token.Copy(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", b.token.Config)
	return &b
}

// originalBench makes the token once: RSA keys take their time.
var originalBench = sync.OnceValues(func() (*bench, error) {
	b, err := &bench{}, error(nil)
	if b.token, err = keytest.NewSoftHSM(scratch, "Token da Maria", rightPIN); err != nil {
		return nil, err
	}
	if b.authority, err = keytest.NewAuthority(); err != nil {
		return nil, err
	}
	a := b.authority
	if b.rsa, err = a.IssueRSA(keytest.Person{Name: "MARIA DE ENSAIO", CPF: "12345678909"}); err != nil {
		return nil, err
	}
	people := map[*keytest.Credential]keytest.Person{
		&b.ec:         {Name: "JOÃO DE ENSAIO", CPF: "98765432100"},
		&b.encryption: {Name: "SIGILO DE ENSAIO", CPF: "98765432100", Usage: x509.KeyUsageKeyEncipherment},
		&b.lost:       {Name: "SEM CHAVE", CPF: "98765432100"},
	}
	for credential, person := range people {
		if *credential, err = a.IssueEC(person); err != nil {
			return nil, err
		}
	}
	return b, errors.Join(b.token.Import(1, b.rsa), b.token.Import(2, b.ec), b.token.Import(3, b.encryption),
		b.token.ImportCertificate(9, a.Issuer))
})

func pin(s string) func() keys.Secret {
	return func() keys.Secret { return keys.NewSecretString(s) }
}

func TestATokenKeepsTheKeystoreContract(t *testing.T) {
	b := newBench(t)
	keytest.Run(t, keytest.Subject{
		Store:     New(b.token.Module, Options{}),
		Offered:   []keytest.Credential{b.rsa, b.ec},
		Hidden:    []*x509.Certificate{b.encryption.Certificate, b.authority.Issuer},
		Issuer:    b.authority.Issuer,
		Right:     pin(rightPIN),
		Wrong:     pin(wrongPIN),
		WrongCode: keys.CodePINWrong,
	})
}

func TestATokenIsDescribedAsItsOwnerKnowsIt(t *testing.T) {
	b := newBench(t)
	probe, err := New(b.token.Module, Options{}).Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(probe.Tokens) != 1 || probe.Tokens[0].Label != "Token da Maria" || probe.Tokens[0].PIN != keys.PINOK || probe.Tokens[0].PINPad {
		t.Errorf("tokens: %+v", probe.Tokens)
	}
	var maria keys.Certificate
	for _, c := range probe.Certificates {
		if c.CPF == "12345678909" {
			maria = c
		}
	}
	if maria.Subject != "MARIA DE ENSAIO" || maria.MaskedCPF != "***.456.789-**" || !maria.ICPBrasil || maria.Token != "Token da Maria" ||
		maria.TokenSerial == "" || maria.Key != "RSA 2048" || maria.Needs != keys.SecretPIN || maria.Issuer != "AC Emissora de Ensaio" {
		t.Errorf("certificate: %+v", maria)
	}
}

func TestACertificateWithoutItsKeySaysSoAfterLogin(t *testing.T) {
	b := newBench(t)
	if err := b.token.ImportCertificate(7, b.lost.Certificate); err != nil {
		t.Fatal(err)
	}
	store := New(b.token.Module, Options{})
	_, err := store.Open(t.Context(), keys.MakeID(store.Name(), b.lost.Certificate.Raw), pin(rightPIN)())
	if sei.CodeOf(err) != keys.CodeKeyMissing {
		t.Errorf("got %v", err)
	}
}

func TestAKeyIsFoundByItsModulusWhenTheIDsDiffer(t *testing.T) {
	b := newBench(t)
	again, err := b.authority.Issue(keytest.Person{Name: "MARIA RENOVADA", CPF: "12345678909"}, b.rsa.Key)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.token.ImportCertificate(8, again.Certificate); err != nil {
		t.Fatal(err)
	}
	store := New(b.token.Module, Options{})
	session, err := store.Open(t.Context(), keys.MakeID(store.Name(), again.Certificate.Raw), pin(rightPIN)())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	digest := sha256.Sum256([]byte("x"))
	if _, err := session.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
		t.Error(err)
	}
}

func TestAWrongPINTellsThatTriesAreRunningOut(t *testing.T) {
	b := newBench(t)
	store := New(b.token.Module, Options{})
	_, err := store.Open(t.Context(), keys.MakeID(store.Name(), b.rsa.Certificate.Raw), pin(wrongPIN)())
	if !strings.Contains(sei.MessageOf(err), "Restam poucas tentativas") {
		t.Errorf("message %q", sei.MessageOf(err))
	}
	probe, err := store.Probe(t.Context())
	if err != nil || len(probe.Tokens) != 1 || probe.Tokens[0].PIN != keys.PINLow {
		t.Errorf("the list must warn too: %+v, %v", probe.Tokens, err)
	}
}

func TestAPINOfAnImpossibleLengthIsNotTried(t *testing.T) {
	b := newBench(t)
	store := New(b.token.Module, Options{})
	id := keys.MakeID(store.Name(), b.rsa.Certificate.Raw)
	if _, err := store.Open(t.Context(), id, pin("12")()); sei.CodeOf(err) != keys.CodePINWrong {
		t.Errorf("short: %v", err)
	}
	if _, err := store.Open(t.Context(), id, keys.Secret{}); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("none: %v", err)
	}
	probe, err := store.Probe(t.Context())
	if err != nil || len(probe.Tokens) != 1 || probe.Tokens[0].PIN != keys.PINOK {
		t.Errorf("a try was used up: %+v, %v", probe.Tokens, err)
	}
}

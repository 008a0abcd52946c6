package trust

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

var ca = sync.OnceValue(func() *trainingca.CA {
	c, err := trainingca.New("do teste", now.AddDate(-1, 0, 0), trainingca.ECDSAP256)
	if err != nil {
		panic(err)
	}
	return c
})

func person(t testing.TB, o trainingca.IssueOptions) *trainingca.Identity {
	t.Helper()
	o.Key = trainingca.ECDSAP256
	if o.NotBefore.IsZero() {
		o.NotBefore = now.AddDate(0, -1, 0)
	}
	id, err := ca().Issue(trainingca.Person{Name: "FULANA DE TAL", CPF: "12345678909"}, o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func icp(t testing.TB, extra ...Root) *Store {
	t.Helper()
	s, err := NewICPBrasil(extra...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheEmbeddedRootsAreTheTenOfICPBrasil(t *testing.T) {
	roots := icp(t).Roots()
	if len(roots) != 10 {
		t.Fatalf("%d roots", len(roots))
	}
	unsupported := 0
	for _, r := range roots {
		if r.Kind != KindICPBrasil || !strings.Contains(r.Certificate.Subject.CommonName, "Autoridade Certificadora Raiz Brasileira") {
			t.Errorf("%s is %s", r.Certificate.Subject.CommonName, r.Kind)
		}
		if !r.Supported() {
			unsupported++
		}
	}
	if unsupported != 2 {
		t.Errorf("%d roots with an unknown algorithm, want v6 and v7", unsupported)
	}
}

// The labels in the file are fingerprints; they have to be the certificates'.
func TestTheRootsAreThoseTheirFileNames(t *testing.T) {
	data, err := os.ReadFile("icpbrasil/roots.pem")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range icp(t).Roots() {
		sum := sha256.Sum256(r.Certificate.Raw)
		if !strings.Contains(string(data), hexOf(sum[:])) {
			t.Errorf("%s is not labelled with its fingerprint", r.Certificate.Subject.CommonName)
		}
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(b))
	for _, x := range b {
		out = append(out, digits[x>>4], digits[x&15])
	}
	return string(out)
}

func TestEveryIntermediateHasAnAnswer(t *testing.T) {
	s := icp(t)
	ok, expired, unsupported, other := 0, 0, 0, 0
	for _, c := range s.intermediates {
		chain, kind, err := s.VerifyChain(context.Background(), c, nil, now)
		switch sei.CodeOf(err) {
		case "":
			ok++
			if kind != KindICPBrasil || !chain[0].Equal(c) || len(chain) < 2 {
				t.Errorf("%s: %s, %d certificates", c.Subject.CommonName, kind, len(chain))
			}
		case CodeExpired:
			expired++
		case CodeUnsupported:
			unsupported++
		default:
			other++
			t.Logf("%s under %s: %v", c.Subject.CommonName, c.Issuer.CommonName, err)
		}
	}
	if ok < 160 || expired < 130 || unsupported < 2 || other > 10 {
		t.Errorf("%d verify, %d expired, %d unsupported, %d other", ok, expired, unsupported, other)
	}
	t.Logf("%d verify, %d expired, %d unsupported, %d other", ok, expired, unsupported, other)
}

func TestATrainingCertificateNeverReachesICPBrasil(t *testing.T) {
	id := person(t, trainingca.IssueOptions{})
	_, _, err := icp(t).VerifyChain(context.Background(), id.Certificate, id.Chain, now)
	if sei.CodeOf(err) != CodeUnknownRoot {
		t.Fatal(err)
	}
	// Even where someone configures it as such.
	s := icp(t, Root{Certificate: ca().Root, Kind: KindICPBrasil})
	chain, kind, err := s.VerifyChain(context.Background(), id.Certificate, id.Chain, now)
	if err != nil || kind != KindTraining || len(chain) != 3 {
		t.Fatalf("%s, %d certificates, %v", kind, len(chain), err)
	}
}

func TestARootInsideASignatureIsNotTrusted(t *testing.T) {
	id := person(t, trainingca.IssueOptions{})
	_, _, err := New(nil, nil).VerifyChain(context.Background(), id.Certificate, append(id.Chain, id.Certificate), now)
	if sei.CodeOf(err) != CodeUnknownRoot {
		t.Fatal(err)
	}
}

func TestAChainIsJudgedAtTheTimeAskedFor(t *testing.T) {
	id := person(t, trainingca.IssueOptions{NotAfter: now.AddDate(0, 1, 0)})
	s := New([]Root{{Certificate: ca().Root}}, []*x509.Certificate{ca().Intermediate})
	if _, _, err := s.VerifyChain(context.Background(), id.Certificate, nil, now); err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{now.AddDate(1, 0, 0), now.AddDate(0, -2, 0)} {
		if _, _, err := s.VerifyChain(context.Background(), id.Certificate, nil, at); sei.CodeOf(err) != CodeExpired {
			t.Errorf("at %v: %v", at, err)
		}
	}
}

func TestAMissingIntermediateIsAnUnknownChain(t *testing.T) {
	id := person(t, trainingca.IssueOptions{})
	s := New([]Root{{Certificate: ca().Root}}, nil)
	if _, _, err := s.VerifyChain(context.Background(), id.Certificate, nil, now); sei.CodeOf(err) != CodeUnknownRoot {
		t.Fatal(err)
	}
}

func TestAPersonCannotIssueCertificates(t *testing.T) {
	id := person(t, trainingca.IssueOptions{})
	other := person(t, trainingca.IssueOptions{})
	forged := *other.Certificate
	forged.RawIssuer = id.Certificate.RawSubject
	s := New([]Root{{Certificate: ca().Root}}, nil)
	if _, _, err := s.VerifyChain(context.Background(), &forged, append(id.Chain, id.Certificate), now); err == nil {
		t.Fatal("a certificate issued by a person verifies")
	}
}

type source struct{ err error }

func (s source) Check(context.Context, *x509.Certificate, *x509.Certificate, time.Time) error {
	return s.err
}

func TestRevocationIsSaidToBeOpenWhenNobodyWasAsked(t *testing.T) {
	id := person(t, trainingca.IssueOptions{})
	chain := append([]*x509.Certificate{id.Certificate}, id.Chain...)
	s := New([]Root{{Certificate: ca().Root}}, nil)
	ctx := context.Background()
	if err := s.CheckRevocation(ctx, chain, now, nil, nil); sei.CodeOf(err) != CodeNotChecked {
		t.Error(err)
	}
	if err := s.WithRevocation(source{}).CheckRevocation(ctx, chain, now, nil, nil); err != nil {
		t.Error(err)
	}
	revoked := sei.Errorf(CodeRevoked, "O certificado foi revogado.")
	if err := s.WithRevocation(source{revoked}).CheckRevocation(ctx, chain, now, nil, nil); !errors.Is(err, revoked) {
		t.Error(err)
	}
	if err := s.WithRevocation(source{sei.Errorf(CodeNotChecked, "Sem rede.")}).CheckRevocation(ctx, chain, now, nil, nil); sei.CodeOf(err) != CodeNotChecked {
		t.Error(err)
	}
	if err := s.CheckRevocation(ctx, chain, now, nil, nil); sei.CodeOf(err) != CodeNotChecked {
		t.Error("WithRevocation changed the store it was called on")
	}
}

func TestEveryPolicyFileHoldsItsInternalHash(t *testing.T) {
	files, err := PolicyFiles()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, p := range files {
		if p.OID == "2.16.76.1.7.1.11.1.3" {
			found = true
			if hexOf(p.Hash) != "23e4be4b9b362172e4ebb0e72b86a133ece5aad843d8651c6e38a0ba3f08fc60" || p.NotAfter.Format(time.DateOnly) != "2037-10-22" || p.NotBefore.Format(time.DateOnly) != "2025-07-23" {
				t.Errorf("%+v", p)
			}
		}
	}
	if !found || len(files) < 20 {
		t.Errorf("%d policies", len(files))
	}
}

func TestAnAlteredPolicyIsRefused(t *testing.T) {
	der, err := os.ReadFile("icpbrasil/policies/PA_PAdES_AD_RB_v1_3.der")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(der); i += 97 {
		bad := append([]byte(nil), der...)
		bad[i] ^= 4
		if p, err := ParsePolicy(bad); err == nil {
			t.Errorf("byte %d altered and accepted: %+v", i, p)
		}
	}
}

func TestPEMWithoutCertificatesIsRefused(t *testing.T) {
	for _, s := range []string{"", "texto", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, _, err := ParsePEM([]byte(s)); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	for _, name := range []string{"PA_PAdES_AD_RB_v1_3.der", "PA_AD_RB_v2_4.der", "LPA_PAdES.der"} {
		der, err := os.ReadFile("icpbrasil/policies/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		if p, err := ParsePolicy(der); err == nil && len(p.Hash) != sha256.Size {
			t.Errorf("accepted with a hash of %d bytes", len(p.Hash))
		}
	})
}

func FuzzParsePEM(f *testing.F) {
	f.Add(trainingca.CertificatePEM(ca().Root))
	f.Fuzz(func(t *testing.T, data []byte) {
		certs, _, err := ParsePEM(data)
		if err == nil && len(certs) == 0 {
			t.Error("no certificates and no error")
		}
		for _, c := range certs {
			// Whatever it is, judging it has to end in an answer.
			_, _, _ = New([]Root{{Certificate: ca().Root}}, nil).VerifyChain(context.Background(), c, certs, now)
		}
	})
}

package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/trust"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// served is a training authority with its network services, asked in this
// process: no ports, no waiting. Each test has its own, because certificates
// get revoked.
type served struct {
	ca       *trainingca.CA
	services *trainingca.Services
	clock    time.Time
	ids      []*trainingca.Identity
}

const servedAt = "http://servicos.invalid"

// servedPKI is made once; what a test revokes is its own.
var servedPKI = sync.OnceValue(func() *served {
	s := &served{clock: testNow}
	var err error
	if s.ca, err = trainingca.NewServed("com serviços", testNow.AddDate(-5, 0, 0), trainingca.ECDSAP256, servedAt); err != nil {
		panic(err)
	}
	for i, kind := range []trainingca.KeyKind{trainingca.RSA2048, trainingca.ECDSAP256, trainingca.ECDSAP384} {
		id, err := s.ca.Issue(trainingca.Person{Name: fmt.Sprint("PESSOA ", i), CPF: "12345678909"}, trainingca.IssueOptions{Key: kind, NotBefore: testNow.AddDate(-1, 0, 0), NotAfter: testNow.AddDate(2, 0, 0)})
		if err != nil {
			panic(err)
		}
		s.ids = append(s.ids, id)
	}
	return s
})

func newServed(t testing.TB) *served {
	t.Helper()
	shared := servedPKI()
	s := &served{ca: shared.ca, ids: shared.ids, clock: testNow.Add(time.Minute)}
	var err error
	if s.services, err = trainingca.NewServices(s.ca, func() time.Time { return s.clock }); err != nil {
		t.Fatal(err)
	}
	return s
}

// Fetch implements trust.Fetcher.
func (s *served) Fetch(_ context.Context, url string, body []byte, _ string, _ int64) ([]byte, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, url, bytes.NewReader(body))
	w := httptest.NewRecorder()
	s.services.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("status %d", w.Code)
	}
	return w.Body.Bytes(), nil
}

func (s *served) tsa() trust.TSA { return trust.TSA{URL: servedAt + "/tsa", Fetcher: s} }

// online trusts the authority and asks its services; offline does not ask.
func (s *served) online() *trust.Store {
	return s.offline().WithRevocation(trust.NewRevocations(trust.RevocationOptions{Fetcher: s, Now: func() time.Time { return s.clock }}))
}

func (s *served) offline() *trust.Store {
	return trust.New([]trust.Root{{Certificate: s.ca.Root}}, nil)
}

func (s *served) options(i int) SignOptions {
	id := s.ids[i%len(s.ids)]
	return SignOptions{Signer: id.Key, Certificate: id.Certificate, Chain: id.Chain[:1], Name: "Pessoa", Time: testNow}
}

func (s *served) raise(t testing.TB, in []byte, to RaiseLevel) ([]byte, *Raised) {
	t.Helper()
	out, raised, err := s.tryRaise(in, to)
	if err != nil {
		t.Fatalf("raising to %s: %v", to, err)
	}
	return out, raised
}

func (s *served) tryRaise(in []byte, to RaiseLevel) ([]byte, *Raised, error) {
	var out bytes.Buffer
	raised, err := Raise(context.Background(), bytes.NewReader(in), int64(len(in)), &out, RaiseOptions{
		To: to, Timestamp: s.tsa(), Validation: s.online(), Now: s.clock, Artifacts: artifacts,
	})
	return out.Bytes(), raised, err
}

func artifacts(oid string) (PolicyArtifacts, error) {
	return PolicyArtifacts{Policy: []byte("policy " + oid), List: []byte("list"), ListSignature: []byte("signature of the list")}, nil
}

// stampedBy is a Timestamper that answers as another authority, at another time.
type stampedBy struct {
	tsa *trainingca.Identity
	at  time.Time
}

func (s stampedBy) Token(ctx context.Context, digest []byte, h crypto.Hash) ([]byte, error) {
	return trust.TSA{Fetcher: answering(func(question []byte) ([]byte, error) { return trainingca.StampAs(s.tsa, question, s.at) })}.Token(ctx, digest, h)
}

type answering func(question []byte) ([]byte, error)

func (f answering) Fetch(_ context.Context, _ string, body []byte, _ string, _ int64) ([]byte, error) {
	return f(body)
}

// appointed issues a timestamp authority's certificate.
func (s *served) appointed(t testing.TB, notBefore, notAfter time.Time) *trainingca.Identity {
	t.Helper()
	id, err := s.ca.Appoint("Outro carimbo", x509.ExtKeyUsageTimeStamping, trainingca.RSA2048, notBefore, notAfter)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

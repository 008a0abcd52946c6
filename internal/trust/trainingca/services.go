package trainingca

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/digitorus/timestamp"
	"golang.org/x/crypto/ocsp"
)

// Services are the network services of a training authority: lists of revoked
// certificates, OCSP and a timestamp authority, as an http.Handler with the
// paths /root.crl, /ca.crl, /ocsp and /tsa. They are for training and tests.
// The certificates of a CA made with NewServed name them.
type Services struct {
	ca        *CA
	now       func() time.Time
	TSA       *Identity // the timestamp authority's certificate and key
	responder *Identity
	policy    asn1.ObjectIdentifier

	mu      sync.Mutex
	revoked map[string]revocation
	number  int64
	asked   map[string]int
}

type revocation struct {
	serial *big.Int
	at     time.Time
	reason int
}

// TimestampPolicy is the policy of the training timestamp authority.
const TimestampPolicy = "2.16.76.1.6.6"

const (
	listLife       = 24 * time.Hour // of lists and OCSP answers
	maxServiceBody = 64 << 10
)

// NewServices makes the services of ca. now is the clock that they answer with.
func NewServices(ca *CA, now func() time.Time) (*Services, error) {
	s := &Services{ca: ca, now: now, revoked: map[string]revocation{}, asked: map[string]int{}, policy: asn1.ObjectIdentifier{2, 16, 76, 1, 6, 6}}
	var err error
	if s.TSA, err = s.appoint("Carimbo do Tempo de Treinamento", x509.ExtKeyUsageTimeStamping, RSA2048); err != nil {
		return nil, err
	}
	s.responder, err = s.appoint("Respondedor OCSP de Treinamento", x509.ExtKeyUsageOCSPSigning, ECDSAP256)
	return s, err
}

// appoint issues the certificate of one of the services.
func (s *Services) appoint(name string, usage x509.ExtKeyUsage, kind KeyKind) (*Identity, error) {
	return s.ca.Appoint(name, usage, kind, s.ca.Intermediate.NotBefore, s.ca.Intermediate.NotAfter)
}

// Appoint issues the certificate of a service: a timestamp authority or an OCSP
// responder, which needs no check of its own revocation.
func (ca *CA) Appoint(name string, usage x509.ExtKeyUsage, kind KeyKind, notBefore, notAfter time.Time) (*Identity, error) {
	key, err := makeKey(kind)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		Subject:     pkix.Name{Country: []string{"BR"}, Organization: []string{"Treinamento"}, OrganizationalUnit: []string{Label}, CommonName: name},
		NotBefore:   notBefore,
		NotAfter:    notAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	if usage == x509.ExtKeyUsageOCSPSigning {
		t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}}
	}
	if usage == x509.ExtKeyUsageTimeStamping {
		// RFC 3161, 2.3: alone and critical.
		t.ExtKeyUsage = nil
		t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 0x0a, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8}}}
	}
	ca.address(t)
	c, err := create(t, ca.Intermediate, key.Public(), ca.intermediateKey)
	if err != nil {
		return nil, err
	}
	return &Identity{Certificate: c, Key: key, Chain: []*x509.Certificate{ca.Intermediate, ca.Root}}, nil
}

// address names the authority's services in a certificate about to be issued.
func (ca *CA) address(t *x509.Certificate) {
	if ca.services == "" {
		return
	}
	t.OCSPServer = []string{ca.services + "/ocsp"}
	t.CRLDistributionPoints = []string{ca.services + "/ca.crl"}
}

// Revoke puts a certificate on the list, as of at. reason is that of RFC 5280, 5.3.1.
func (s *Services) Revoke(c *x509.Certificate, at time.Time, reason int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[c.SerialNumber.String()] = revocation{c.SerialNumber, at, reason}
}

// Asked is how many questions a path has answered.
func (s *Services) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

// ServeHTTP implements http.Handler.
func (s *Services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked[r.URL.Path]++
	s.mu.Unlock()
	answer, kind, err := s.answer(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(answer) // whoever went away does not need it
}

func (s *Services) answer(r *http.Request) (answer []byte, kind string, err error) {
	switch r.URL.Path {
	case "/root.crl":
		answer, err = s.CRL(true)
		return answer, "application/pkix-crl", err
	case "/ca.crl":
		answer, err = s.CRL(false)
		return answer, "application/pkix-crl", err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxServiceBody))
	if err != nil {
		return nil, "", fmt.Errorf("reading a question: %w", err)
	}
	switch r.URL.Path {
	case "/ocsp":
		answer, err = s.OCSP(body)
		return answer, "application/ocsp-response", err
	case "/tsa":
		answer, err = s.Timestamp(body)
		return answer, "application/timestamp-reply", err
	}
	return nil, "", fmt.Errorf("no service at %s", r.URL.Path)
}

// CRL is the list of the root, or else of the authority that issues to people.
func (s *Services) CRL(ofRoot bool) ([]byte, error) {
	s.mu.Lock()
	s.number++
	list := &x509.RevocationList{Number: big.NewInt(s.number), ThisUpdate: s.now(), NextUpdate: s.now().Add(listLife)}
	for _, r := range s.revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: r.serial, RevocationTime: r.at, ReasonCode: r.reason})
	}
	s.mu.Unlock()
	issuer, key := s.ca.Intermediate, s.ca.intermediateKey
	if ofRoot {
		issuer, key = s.ca.Root, s.ca.rootKey
	}
	return x509.CreateRevocationList(rand.Reader, list, issuer, key)
}

// OCSP answers one question.
func (s *Services) OCSP(question []byte) ([]byte, error) {
	q, err := ocsp.ParseRequest(question)
	if err != nil {
		return nil, fmt.Errorf("reading an OCSP question: %w", err)
	}
	t := ocsp.Response{SerialNumber: q.SerialNumber, IssuerHash: q.HashAlgorithm, ThisUpdate: s.now(), NextUpdate: s.now().Add(listLife), Certificate: s.responder.Certificate}
	s.mu.Lock()
	if r, revoked := s.revoked[q.SerialNumber.String()]; revoked {
		t.Status, t.RevokedAt, t.RevocationReason = ocsp.Revoked, r.at, r.reason
	}
	s.mu.Unlock()
	return ocsp.CreateResponse(s.ca.Intermediate, s.responder.Certificate, t, s.responder.Key)
}

// Timestamp answers one RFC 3161 question.
func (s *Services) Timestamp(question []byte) ([]byte, error) {
	q, err := timestamp.ParseRequest(question)
	if err != nil {
		return nil, fmt.Errorf("reading a timestamp question: %w", err)
	}
	policy := s.policy
	if len(q.TSAPolicyOID) > 0 && !q.TSAPolicyOID.Equal(policy) {
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.UnacceptedPolicy)
	}
	return stampWith(s.TSA, q, s.now(), policy)
}

func stampWith(tsa *Identity, q *timestamp.Request, at time.Time, policy asn1.ObjectIdentifier) ([]byte, error) {
	t := timestamp.Timestamp{
		HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: at.UTC().Truncate(time.Second), Policy: policy,
		Nonce: q.Nonce, AddTSACertificate: q.Certificates, Certificates: tsa.Chain[:1],
	}
	return t.CreateResponseWithOpts(tsa.Certificate, tsa.Key, crypto.SHA256)
}

// StampAs answers a timestamp question as the given authority, at the given
// time: what a forged, expired or revoked authority would do, for training and
// tests.
func StampAs(tsa *Identity, question []byte, at time.Time) ([]byte, error) {
	q, err := timestamp.ParseRequest(question)
	if err != nil {
		return nil, fmt.Errorf("reading a timestamp question: %w", err)
	}
	return stampWith(tsa, q, at, asn1.ObjectIdentifier{2, 16, 76, 1, 6, 6})
}

package trust

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// authority is a CA with its services on a port of its own and a clock.
type authority struct {
	*trainingca.CA
	*trainingca.Services
	url    string
	clock  time.Time
	server *httptest.Server
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{clock: now}
	var handler atomic.Pointer[trainingca.Services]
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.Load().ServeHTTP(w, r) }))
	t.Cleanup(a.server.Close)
	a.url = a.server.URL
	var err error
	if a.CA, err = trainingca.NewServed("do teste", now.AddDate(-1, 0, 0), trainingca.ECDSAP256, a.url); err != nil {
		t.Fatal(err)
	}
	if a.Services, err = trainingca.NewServices(a.CA, func() time.Time { return a.clock }); err != nil {
		t.Fatal(err)
	}
	handler.Store(a.Services)
	return a
}

func (a *authority) person(t testing.TB) *trainingca.Identity {
	t.Helper()
	id, err := a.Issue(trainingca.Person{Name: "FULANA DE TAL", CPF: "12345678909"}, trainingca.IssueOptions{Key: trainingca.ECDSAP256, NotBefore: now.AddDate(0, -6, 0), NotAfter: now.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (a *authority) store() *Store { return New([]Root{{Certificate: a.Root}}, nil) }

func (a *authority) online() *Revocations {
	return NewRevocations(RevocationOptions{Fetcher: HTTPFetcher{}, Now: func() time.Time { return a.clock }})
}

func TestRevocationIsJudgedAtTheTimeAskedFor(t *testing.T) {
	a := newAuthority(t)
	id := a.person(t)
	ctx := context.Background()
	if err := a.online().Check(ctx, id.Certificate, a.Intermediate, now); err != nil {
		t.Fatalf("a good certificate: %v", err)
	}
	a.Revoke(id.Certificate, now.Add(-24*time.Hour), 1)
	for at, want := range map[time.Time]sei.Code{now: CodeRevoked, now.Add(-25 * time.Hour): "", now.Add(-24 * time.Hour): CodeRevoked} {
		if err := a.online().Check(ctx, id.Certificate, a.Intermediate, at); sei.CodeOf(err) != want {
			t.Errorf("at %v: %v", at, err)
		}
	}
	err := a.online().Check(ctx, id.Certificate, a.Intermediate, now)
	if since, ok := errors.AsType[*RevokedError](err); !ok || !since.Since.Equal(now.Add(-24*time.Hour)) || since.Reason != 1 {
		t.Errorf("the error does not say since when: %v", err)
	}
}

func TestWithoutOCSPTheListIsAsked(t *testing.T) {
	a := newAuthority(t)
	id := a.person(t)
	c := *id.Certificate
	c.OCSPServer = []string{"http://127.0.0.1:1/ocsp", "ldap://x"}
	a.Revoke(&c, now.Add(-time.Hour), 4)
	if err := a.online().Check(context.Background(), &c, a.Intermediate, now); sei.CodeOf(err) != CodeRevoked || a.Asked("/ca.crl") != 1 {
		t.Errorf("%v after %d lists", err, a.Asked("/ca.crl"))
	}
}

func TestACachedAnswerServesWithoutTheNetworkWhileItLasts(t *testing.T) {
	a := newAuthority(t)
	id := a.person(t)
	ctx := context.Background()
	cache := DirCache{Dir: t.TempDir()}
	clock := func() time.Time { return a.clock }
	live := NewRevocations(RevocationOptions{Cache: cache, Fetcher: HTTPFetcher{}, Now: clock})
	offline := NewRevocations(RevocationOptions{Cache: cache, Now: clock})
	if err := offline.Check(ctx, id.Certificate, a.Intermediate, now); sei.CodeOf(err) != CodeNotChecked {
		t.Fatalf("nothing is known yet: %v", err)
	}
	for range 3 {
		if err := live.Check(ctx, id.Certificate, a.Intermediate, now); err != nil {
			t.Fatal(err)
		}
	}
	if n := a.Asked("/ocsp"); n != 1 {
		t.Errorf("%d questions for one answer that lasts", n)
	}
	if err := offline.Check(ctx, id.Certificate, a.Intermediate, now); err != nil {
		t.Errorf("what is cached is not used: %v", err)
	}
	if err := live.Cached().Check(ctx, id.Certificate, a.Intermediate, now.Add(48*time.Hour)); sei.CodeOf(err) != CodeNotChecked {
		t.Errorf("an answer was used after its end: %v", err)
	}
	a.clock = now.Add(48 * time.Hour)
	if err := live.Check(ctx, id.Certificate, a.Intermediate, a.clock); err != nil || a.Asked("/ocsp") != 2 {
		t.Errorf("%v after %d questions", err, a.Asked("/ocsp"))
	}
	cache.Sweep(a.clock.AddDate(1, 0, 0))
	if err := offline.Check(ctx, id.Certificate, a.Intermediate, a.clock); sei.CodeOf(err) != CodeNotChecked {
		t.Errorf("the cache was not swept: %v", err)
	}
}

func TestASilentAuthorityIsLeftAloneForAWhile(t *testing.T) {
	a := newAuthority(t)
	id := a.person(t)
	var asked atomic.Int32
	r := NewRevocations(RevocationOptions{Now: func() time.Time { return a.clock }, Fetcher: fetcherFunc(func(context.Context, string) ([]byte, error) {
		asked.Add(1)
		return nil, errors.New("silence")
	})})
	for range 5 {
		if err := r.Check(context.Background(), id.Certificate, a.Intermediate, now); sei.CodeOf(err) != CodeNotChecked {
			t.Fatal(err)
		}
	}
	if asked.Load() != 2 { // OCSP and CRL, once each
		t.Errorf("asked %d times", asked.Load())
	}
	a.clock = now.Add(restFailed + time.Second)
	_ = r.Check(context.Background(), id.Certificate, a.Intermediate, now)
	if asked.Load() != 4 {
		t.Errorf("asked %d times after the rest", asked.Load())
	}
}

type fetcherFunc func(ctx context.Context, url string) ([]byte, error)

func (f fetcherFunc) Fetch(ctx context.Context, url string, _ []byte, _ string, _ int64) ([]byte, error) {
	return f(ctx, url)
}

func TestRevocationDataOfSomebodyElseSaysNothing(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	id := a.person(t)
	other.Revoke(id.Certificate, now.AddDate(-1, 0, 0), 1)
	forgedList, err := other.CRL(false)
	if err != nil {
		t.Fatal(err)
	}
	forgedAnswer := answerAbout(t, other, id.Certificate, other.Intermediate)
	foreign := answerAbout(t, other, id.Certificate, a.Intermediate)
	s := a.store()
	chain := []*x509.Certificate{id.Certificate, a.Intermediate, a.Root}
	for rule, data := range map[string]Embedded{
		"a list of another authority":    {CRLs: [][]byte{forgedList}},
		"an answer of another responder": {OCSPs: [][]byte{forgedAnswer, foreign}},
		"rubbish":                        {CRLs: [][]byte{{1}, nil, id.Certificate.Raw}, OCSPs: [][]byte{{0x30, 0}, nil}},
	} {
		if err := s.CheckRevocation(context.Background(), chain, now, data.CRLs, data.OCSPs); sei.CodeOf(err) != CodeNotChecked {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if err := NewRevocations(RevocationOptions{}).AddCRL([]byte("x")); sei.CodeOf(err) != sei.CodeInvalid {
		t.Error(err)
	}
	r := NewRevocations(RevocationOptions{})
	if err := r.AddCRL(forgedList); err != nil {
		t.Fatal(err)
	}
	if err := r.Check(context.Background(), id.Certificate, a.Intermediate, now); sei.CodeOf(err) != CodeNotChecked {
		t.Errorf("a file of another authority: %v", err)
	}
}

func answerAbout(t *testing.T, a *authority, cert, issuer *x509.Certificate) []byte {
	t.Helper()
	var answer []byte
	r := NewRevocations(RevocationOptions{Now: func() time.Time { return now }, Fetcher: bodyFetcher(func(body []byte) ([]byte, error) {
		var err error
		answer, err = a.OCSP(body)
		return answer, err
	})})
	c := *cert
	c.OCSPServer, c.CRLDistributionPoints = []string{"http://x/ocsp"}, nil
	_ = r.Check(context.Background(), &c, issuer, now) // only to take down the answer
	if answer == nil {
		t.Fatal("no answer")
	}
	return answer
}

type bodyFetcher func(body []byte) ([]byte, error)

func (f bodyFetcher) Fetch(_ context.Context, _ string, body []byte, _ string, _ int64) ([]byte, error) {
	return f(body)
}

func TestAFileWithItsOwnDataIsJudgedWithoutTheNetwork(t *testing.T) {
	a := newAuthority(t)
	id := a.person(t)
	ctx := context.Background()
	chain, crls, ocsps, err := a.store().WithRevocation(a.online()).Prove(ctx, id.Certificate, id.Chain, now, nil, nil)
	if err != nil || len(chain) != 3 || len(crls) != 1 || len(ocsps) != 1 {
		t.Fatalf("%d certificates, %d lists, %d answers, %v", len(chain), len(crls), len(ocsps), err)
	}
	late := now.AddDate(5, 0, 0)
	if err := a.store().CheckRevocation(ctx, chain, now.Add(-time.Hour), crls, ocsps); err != nil {
		t.Errorf("the data does not speak for the time before it: %v", err)
	}
	if err := a.store().CheckRevocation(ctx, chain, late, crls, ocsps); sei.CodeOf(err) != CodeNotChecked {
		t.Errorf("the data spoke for a time long after it: %v", err)
	}
	// Old good data in the file does not hide what is known since.
	a.Revoke(id.Certificate, now.Add(-2*time.Hour), 1)
	if err := a.store().WithRevocation(a.online()).CheckRevocation(ctx, chain, now.Add(-time.Hour), crls, ocsps); sei.CodeOf(err) != CodeRevoked {
		t.Errorf("a revocation known to the authority was hidden: %v", err)
	}
	if _, _, _, err := a.store().Prove(ctx, id.Certificate, id.Chain, now, nil, nil); sei.CodeOf(err) != CodeNotChecked {
		t.Errorf("proved from nothing: %v", err)
	}
}

// Authorities drop expired certificates from their lists: silence after that
// is no proof.
func TestAListMadeAfterTheCertificatesEndProvesNothing(t *testing.T) {
	a := newAuthority(t)
	id := a.person(t)
	a.clock = id.Certificate.NotAfter.AddDate(0, 1, 0)
	late, err := a.CRL(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := (Embedded{CRLs: [][]byte{late}}).check(id.Certificate, a.Intermediate, now); sei.CodeOf(err) != CodeNotChecked {
		t.Errorf("a list of after the end was believed: %v", err)
	}
	a.Revoke(id.Certificate, now.Add(-time.Hour), 1)
	if late, err = a.CRL(false); err != nil {
		t.Fatal(err)
	}
	if err := (Embedded{CRLs: [][]byte{late}}).check(id.Certificate, a.Intermediate, now); sei.CodeOf(err) != CodeRevoked {
		t.Errorf("a revocation in it was not: %v", err)
	}
}

func TestTheNetworkIsBoundedInSizeAndTime(t *testing.T) {
	var release = make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			_, _ = w.Write(make([]byte, 2000))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/slow":
			<-release
		}
	}))
	defer server.Close()
	defer close(release)
	f := HTTPFetcher{Timeout: 30 * time.Second}
	for _, path := range []string{"/large", "/loop", "/file"} {
		if _, err := f.Fetch(context.Background(), server.URL+path, nil, "", 1000); err == nil {
			t.Errorf("%s was accepted", path)
		}
	}
	if _, err := (HTTPFetcher{Timeout: time.Millisecond}).Fetch(context.Background(), server.URL+"/slow", nil, "", 1000); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waited without end: %v", err)
	}
}

func TestATimestampIsOfWhatWasAsked(t *testing.T) {
	a := newAuthority(t)
	ctx := context.Background()
	sum := sha256.Sum256([]byte("texto"))
	token, err := TSA{URL: a.url + "/tsa", Policy: trainingca.TimestampPolicy}.Token(ctx, sum[:], crypto.SHA256)
	if err != nil || len(token) == 0 {
		t.Fatal(err)
	}
	if _, err := (TSA{URL: a.url + "/tsa", Policy: "1.2.3"}).Token(ctx, sum[:], crypto.SHA256); sei.CodeOf(err) != CodeTSA {
		t.Errorf("another policy: %v", err)
	}
	var replayed []byte
	for rule, f := range map[string]Fetcher{
		"a replayed answer": bodyFetcher(func(body []byte) ([]byte, error) {
			if replayed == nil {
				old := TSA{Fetcher: bodyFetcher(func(b []byte) ([]byte, error) {
					var err error
					replayed, err = a.Timestamp(b)
					return replayed, err
				})}
				if _, err := old.Token(ctx, sum[:], crypto.SHA256); err != nil {
					t.Fatal(err)
				}
			}
			return replayed, nil
		}),
		"an answer about something else": bodyFetcher(func(body []byte) ([]byte, error) {
			return a.Timestamp(bytes.Replace(body, sum[:], make([]byte, 32), 1))
		}),
		"rubbish": bodyFetcher(func([]byte) ([]byte, error) { return []byte("<html>"), nil }),
		"silence": bodyFetcher(func([]byte) ([]byte, error) { return nil, errors.New("silence") }),
	} {
		if _, err := (TSA{Fetcher: f}).Token(ctx, sum[:], crypto.SHA256); sei.CodeOf(err) != CodeTSA {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if _, err := (TSA{Policy: "1.x"}).Token(ctx, sum[:], crypto.SHA256); sei.CodeOf(err) != sei.CodeInvalid {
		t.Error(err)
	}
}

func FuzzRevocationData(f *testing.F) {
	a := newAuthority(f)
	id := a.person(f)
	crl, err := a.CRL(false)
	if err != nil {
		f.Fatal(err)
	}
	a.Revoke(id.Certificate, now, 1)
	listed, err := a.CRL(false)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(crl)
	f.Add(listed)
	r := a.online()
	proof, err := r.Prove(context.Background(), id.Certificate, a.Intermediate, now.Add(-time.Hour))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(proof.OCSP)
	f.Fuzz(func(t *testing.T, data []byte) {
		err := (Embedded{CRLs: [][]byte{data}, OCSPs: [][]byte{data}}).check(id.Certificate, a.Intermediate, now)
		if code := sei.CodeOf(err); code != "" && code != CodeRevoked && code != CodeNotChecked {
			t.Errorf("judged as %v", err)
		}
		_ = NewRevocations(RevocationOptions{}).AddCRL(data) // any answer will do
	})
}

func FuzzTSAAnswer(f *testing.F) {
	a := newAuthority(f)
	sum := sha256.Sum256([]byte("texto"))
	var answer []byte
	if _, err := (TSA{Fetcher: bodyFetcher(func(body []byte) ([]byte, error) {
		var err error
		answer, err = a.Timestamp(body)
		return answer, err
	})}).Token(context.Background(), sum[:], crypto.SHA256); err != nil {
		f.Fatal(err)
	}
	f.Add(answer)
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		// The nonce is fresh each time: nothing prepared can answer.
		if _, err := (TSA{Fetcher: bodyFetcher(func([]byte) ([]byte, error) { return data, nil })}).Token(context.Background(), sum[:], crypto.SHA256); err == nil {
			t.Error("an answer to another question was taken")
		}
	})
}

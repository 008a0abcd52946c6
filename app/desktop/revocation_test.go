package desktop

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// servedSigner is the chief's certificate under an authority that answers about it.
type servedSigner struct {
	*trainingca.Services
	id          *trainingca.Identity
	server      *httptest.Server
	file, roots string
}

func newServedSigner(t *testing.T) *servedSigner {
	t.Helper()
	s := &servedSigner{file: filepath.Join(t.TempDir(), "chefe.pfx")}
	var services atomic.Pointer[trainingca.Services]
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { services.Load().ServeHTTP(w, r) }))
	t.Cleanup(s.server.Close)
	ca, err := trainingca.NewServed("Ensaio", time.Now(), trainingca.ECDSAP256, s.server.URL)
	must(t, err)
	s.Services, err = trainingca.NewServices(ca, time.Now)
	must(t, err)
	services.Store(s.Services)
	who, _ := central.DemoPerson(chief.agency, chief.login)
	s.id, err = ca.Issue(trainingca.Person{Name: who.Name, CPF: who.CPF, BirthDate: time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)}, trainingca.IssueOptions{Key: trainingca.ECDSAP256})
	must(t, err)
	data, err := s.id.PFX(testPIN)
	must(t, err)
	must(t, os.WriteFile(s.file, data, 0o600))
	s.roots = string(trainingca.CertificatePEM(ca.Root))
	return s
}

// shown makes the file the desk's certificate, as a token that was put in.
func (d *testDesk) shown(s *servedSigner) (certificate string) {
	d.t.Helper()
	_, cert, err := d.useKeys(d.t.Context(), s.file, nil)
	must(d.t, err)
	d.certs.directory.Fresh(d.t.Context())
	d.changes.say(topicKeys)
	return cert
}

func (d *testDesk) told(certificate string) (all, blocking string) {
	d.t.Helper()
	p := d.prepare(d.minutes(1)...)
	check, err := d.signing().Check(SignCheckForm{Items: p.Items, Certificate: certificate, Agency: p.Agency})
	must(d.t, err)
	for _, f := range check.Findings {
		all += f.Message + "\n"
		if f.Blocks {
			blocking += f.Message + "\n"
		}
	}
	return all, blocking
}

func TestRevocationIsKnownWithoutTheAuthorityOnceTheCertificateWasSeen(t *testing.T) {
	for name, revoked := range map[string]bool{"good": false, "revoked": true} {
		t.Run(name, func(t *testing.T) {
			s := newServedSigner(t)
			if revoked {
				s.Revoke(s.id.Certificate, time.Now().Add(-time.Hour), 1)
			}
			d := newWorld(t, trusting(s.roots)).loggedIn(chief)
			cert := d.shown(s)
			a, err := d.current()
			must(t, err)
			c, ok := d.certs.listed(cert)
			if !ok {
				t.Fatal("the certificate is not listed")
			}
			leaf, err := c.X509()
			must(t, err)
			d.await("the answer is at hand, though nobody chose the certificate", func() bool {
				catalogue, err := a.store.Catalogue(t.Context())
				must(t, err)
				p, err := a.preflight(t.Context(), c, a.actor().Agency, catalogue, nil)
				must(t, err)
				return p.Blocked("") == revoked && (revoked || !p.Good.IsZero())
			})
			s.server.Close()
			all, blocking := d.told(cert)
			if strings.Contains(all, "Não foi possível conferir") || strings.Contains(blocking, "revogado") != revoked {
				t.Errorf("told %q, blocking %q", all, blocking)
			}
			if revoked != (a.judge.Learn(t.Context(), leaf, keys.ParseAll(c.Chain)) != nil) {
				t.Error("the judge does not use what was learned")
			}
		})
	}
}

func TestWhereAskingIsForbiddenNoAuthorityIsAsked(t *testing.T) {
	s := newServedSigner(t)
	w := newWorld(t, trusting(s.roots))
	d := w.desk(t.TempDir())
	d.opts.NoRevocation = true
	_, err := d.session.Login(w.form(chief, central.DemoPassword))
	must(t, err)
	d.await("the first exchange is over", func() bool {
		state, err := d.session.Status()
		return err == nil && state.Phase == "connected"
	})
	cert := d.shown(s)
	a, err := d.current()
	must(t, err)
	a.learnRevocations(t.Context(), d.certs.directory.Last().Certificates...)
	if all, _ := d.told(cert); !strings.Contains(all, "Não foi possível conferir") {
		t.Errorf("told %q", all)
	}
	if n := s.Asked("/ocsp") + s.Asked("/ca.crl"); n != 0 {
		t.Errorf("%d questions", n)
	}
}

func TestWithoutAConnectionTheCheckSaysOfWhatDayItsAnswerIs(t *testing.T) {
	issued := time.Date(2026, 3, 4, 12, 30, 0, 0, time.UTC)
	if note := revocationNote(issued, false); !strings.Contains(note, "04/03/2026, às 09:30") {
		t.Errorf("%q", note)
	}
	if a, b := revocationNote(issued, true), revocationNote(time.Time{}, false); a != "" || b != "" {
		t.Errorf("%q %q", a, b)
	}
}

func TestACertificateIsAskedAboutOnceUntilItsTimeHasCome(t *testing.T) {
	a := &account{learned: map[string]time.Time{}}
	now := time.Now()
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {learnAgain - time.Second, false}, {learnAgain, true}} {
		if got := a.claimLearning("c", now.Add(c.after)); got != c.want {
			t.Errorf("after %v: %v", c.after, got)
		}
	}
}

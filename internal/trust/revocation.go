package trust

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Cache keeps CRLs and OCSP answers between runs. Implementations may lose
// anything at any time.
type Cache interface {
	Get(key string) ([]byte, bool)
	// Put keeps data until it is of no use any more; the zero time is "for long".
	Put(key string, data []byte, until time.Time)
}

// Fetcher gets bytes from an authority's address, bounded in size and time by
// itself. A nil body asks with GET, any other is sent with POST.
type Fetcher interface {
	Fetch(ctx context.Context, url string, body []byte, contentType string, limit int64) ([]byte, error)
}

// RevocationOptions say where CRLs and OCSP answers come from. The zero value
// knows nothing.
type RevocationOptions struct {
	Cache   Cache            // may be nil
	Fetcher Fetcher          // nil: the network is never used
	Now     func() time.Time // time.Now when nil
}

// Revocations answers about revocation from what it was given, what it has
// cached and, with a Fetcher, from the network: first OCSP, then the CRL. Only
// certificates whose chain has reached a configured root are asked about, so
// that nobody can send it to an address by forging a certificate. Safe for
// concurrent use.
type Revocations struct {
	opts RevocationOptions

	mu     sync.Mutex
	parsed map[string]*x509.RevocationList // by issuer, verified; bounded by maxParsed
	loaded map[string][][]byte             // CRLs given as files, by issuer name
	failed map[string]time.Time            // addresses that did not answer, and until when they rest
	busy   map[string]*sync.Mutex          // one fetch of one address at a time
}

const (
	maxParsed   = 64
	maxLoaded   = 4096            // CRL files
	restFailed  = 2 * time.Minute // how long a silent address is left alone
	maxAddress  = 3               // addresses tried per certificate
	maxRemember = 4096            // addresses and locks remembered
	// without nextUpdate an OCSP answer is good for this long
	unboundedOCSP = time.Hour
)

// NewRevocations makes a source of answers.
func NewRevocations(o RevocationOptions) *Revocations {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Revocations{opts: o, parsed: map[string]*x509.RevocationList{}, loaded: map[string][][]byte{}, failed: map[string]time.Time{}, busy: map[string]*sync.Mutex{}}
}

// AddCRL offers a list from a file (DER). Whether it is genuine is judged when
// it is used.
func (r *Revocations) AddCRL(der []byte) error {
	if len(der) > maxCRLBytes {
		return sei.Errorf(sei.CodeTooLarge, "A lista de certificados revogados é grande demais.")
	}
	crl, err := x509.ParseRevocationList(der)
	if err != nil {
		return sei.Wrap(err, sei.CodeInvalid, "O arquivo não é uma lista de certificados revogados (CRL).")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.loaded) >= maxLoaded {
		return sei.Errorf(sei.CodeTooMany, "Há listas de certificados revogados demais.")
	}
	key := string(crl.RawIssuer)
	r.loaded[key] = append(r.loaded[key], der)
	return nil
}

// Check tells whether cert, issued by issuer, was revoked at the time at.
func (r *Revocations) Check(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) error {
	_, err := r.answer(ctx, cert, issuer, at, r.opts.Fetcher != nil)
	return err
}

// Cached answers from what is at hand, without the network.
func (r *Revocations) Cached() Revocation { return offline{r} }

type offline struct{ r *Revocations }

func (o offline) Check(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) error {
	_, err := o.r.answer(ctx, cert, issuer, at, false)
	return err
}

// Issued is when the data at hand was issued that answers about cert; false when
// none does.
func (o offline) Issued(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) (time.Time, bool) {
	p, _ := o.r.answer(ctx, cert, issuer, at, false) // a bad answer has its date, too
	return p.Issued, !p.Issued.IsZero()
}

// Proof is the data that an answer rests on: one of the two, DER, and when it
// was issued.
type Proof struct {
	CRL, OCSP []byte
	Issued    time.Time
}

// Prove is Check with the data that it rests on, for a document's security
// store (EN 319 142-1, 5.4).
func (r *Revocations) Prove(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) (Proof, error) {
	return r.answer(ctx, cert, issuer, at, r.opts.Fetcher != nil)
}

func (r *Revocations) answer(ctx context.Context, cert, issuer *x509.Certificate, at time.Time, network bool) (Proof, error) {
	if noCheck(cert) {
		return Proof{}, nil
	}
	var open error
	for _, ask := range []func(context.Context, *x509.Certificate, *x509.Certificate, time.Time, bool) (Proof, status, error){r.byOCSP, r.byCRL} {
		p, s, err := ask(ctx, cert, issuer, at, network)
		if err == nil && s.tells(cert, at) {
			p.Issued = s.thisUpdate
			return p, s.verdict(cert, at)
		}
		if ctx.Err() != nil {
			return Proof{}, ctx.Err()
		}
		open = errors.Join(open, err)
	}
	return Proof{}, notChecked(open)
}

// noCheck is id-pkix-ocsp-nocheck: a responder that its authority vouches for
// as long as it lasts (RFC 6960, 4.2.2.2.1).
func noCheck(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.String() == "1.3.6.1.5.5.7.48.1.5" {
			return true
		}
	}
	return false
}

func cacheKey(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// current says that nothing newer is to be expected before the status ends.
func (r *Revocations) current(s status, cert *x509.Certificate, at time.Time) bool {
	return s.tells(cert, at) && !s.thisUpdate.After(r.opts.Now().Add(clockSkew))
}

func (r *Revocations) byOCSP(ctx context.Context, cert, issuer *x509.Certificate, at time.Time, network bool) (Proof, status, error) {
	key := "ocsp-" + cacheKey(issuer.RawSubjectPublicKeyInfo, cert.SerialNumber.Bytes())
	if der, ok := r.cached(key); ok {
		s, err := ocspStatus(der, cert, issuer)
		if err == nil && r.current(r.bounded(s), cert, at) {
			return Proof{OCSP: der}, s, nil
		}
	}
	urls := addresses(cert.OCSPServer)
	if !network || len(urls) == 0 {
		return Proof{}, status{}, errors.New("no OCSP answer at hand")
	}
	request, err := ocsp.CreateRequest(cert, issuer, &ocsp.RequestOptions{Hash: crypto.SHA1})
	if err != nil {
		return Proof{}, status{}, fmt.Errorf("asking by OCSP: %w", err)
	}
	var failed error
	for _, url := range urls {
		der, err := r.fetch(ctx, url, request, "application/ocsp-request", maxOCSPBytes)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s, err := ocspStatus(der, cert, issuer)
		if err == nil && s.thisUpdate.After(r.opts.Now().Add(clockSkew)) {
			err = errors.New("the OCSP answer is from the future")
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s = r.bounded(s)
		r.keep(key, der, s.nextUpdate)
		return Proof{OCSP: der}, s, nil
	}
	return Proof{}, status{}, failed
}

// bounded gives an answer without nextUpdate a short life.
func (r *Revocations) bounded(s status) status {
	if s.nextUpdate.IsZero() {
		s.nextUpdate = s.thisUpdate.Add(unboundedOCSP)
	}
	return s
}

func (r *Revocations) byCRL(ctx context.Context, cert, issuer *x509.Certificate, at time.Time, network bool) (Proof, status, error) {
	key := "crl-" + cacheKey(issuer.RawSubjectPublicKeyInfo, []byte(strings.Join(cert.CRLDistributionPoints, " ")))
	for _, crl := range r.listsAtHand(key, issuer) {
		if s, err := crlStatus(crl, cert); err == nil && r.current(s, cert, at) {
			return Proof{CRL: crl.Raw}, s, nil
		}
	}
	urls := addresses(cert.CRLDistributionPoints)
	if !network || len(urls) == 0 {
		return Proof{}, status{}, errors.New("no CRL at hand")
	}
	var failed error
	for _, url := range urls {
		crl, err := r.fetchCRL(ctx, url, key, issuer)
		if err == nil {
			var s status
			if s, err = crlStatus(crl, cert); err == nil {
				return Proof{CRL: crl.Raw}, s, nil
			}
		}
		failed = errors.Join(failed, err)
	}
	return Proof{}, status{}, failed
}

func (r *Revocations) fetchCRL(ctx context.Context, url, key string, issuer *x509.Certificate) (*x509.RevocationList, error) {
	der, err := r.fetch(ctx, url, nil, "", maxCRLBytes)
	if err != nil {
		return nil, err
	}
	crl, err := readCRL(der, issuer)
	if err != nil {
		return nil, err
	}
	if crl.ThisUpdate.After(r.opts.Now().Add(clockSkew)) {
		return nil, errors.New("the CRL is from the future")
	}
	// An old list served again must not take the place of a newer one.
	r.mu.Lock()
	old := r.parsed[key]
	r.mu.Unlock()
	if old != nil && old.ThisUpdate.After(crl.ThisUpdate) {
		return old, nil
	}
	r.remember(key, crl)
	r.keep(key, der, crl.NextUpdate)
	return crl, nil
}

// listsAtHand are the verified lists of an authority: parsed, cached, from files.
func (r *Revocations) listsAtHand(key string, issuer *x509.Certificate) []*x509.RevocationList {
	r.mu.Lock()
	parsed, files := r.parsed[key], r.loaded[string(issuer.RawSubject)]
	r.mu.Unlock()
	var out []*x509.RevocationList
	if parsed == nil {
		if der, ok := r.cached(key); ok {
			if crl, err := readCRL(der, issuer); err == nil {
				r.remember(key, crl)
				parsed = crl
			}
		}
	}
	if parsed != nil {
		out = append(out, parsed)
	}
	for _, der := range files {
		if crl, err := readCRL(der, issuer); err == nil {
			out = append(out, crl)
		}
	}
	return out
}

func (r *Revocations) remember(key string, crl *x509.RevocationList) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.parsed) >= maxParsed {
		clear(r.parsed)
	}
	r.parsed[key] = crl
}

func (r *Revocations) cached(key string) ([]byte, bool) {
	if r.opts.Cache == nil {
		return nil, false
	}
	return r.opts.Cache.Get(key)
}

func (r *Revocations) keep(key string, data []byte, until time.Time) {
	if r.opts.Cache != nil {
		r.opts.Cache.Put(key, data, until)
	}
}

// fetch asks one address, one question at a time, and leaves an address that
// did not answer alone for a while: a list of documents is not to wait for the
// same silence at each of them.
func (r *Revocations) fetch(ctx context.Context, url string, body []byte, contentType string, limit int64) ([]byte, error) {
	r.mu.Lock()
	if len(r.failed) > maxRemember {
		clear(r.failed)
	}
	if len(r.busy) > maxRemember {
		clear(r.busy)
	}
	lock := r.busy[url]
	if lock == nil {
		lock = &sync.Mutex{}
		r.busy[url] = lock
	}
	r.mu.Unlock()
	lock.Lock()
	defer lock.Unlock()
	r.mu.Lock()
	until := r.failed[url]
	r.mu.Unlock()
	if r.opts.Now().Before(until) {
		return nil, fmt.Errorf("%s did not answer a moment ago", url)
	}
	data, err := r.opts.Fetcher.Fetch(ctx, url, body, contentType, limit)
	if err != nil && ctx.Err() == nil {
		r.mu.Lock()
		r.failed[url] = r.opts.Now().Add(restFailed)
		r.mu.Unlock()
	}
	return data, err
}

// addresses are the first few that can be asked over HTTP.
func addresses(urls []string) []string {
	var out []string
	for _, u := range urls {
		if len(out) < maxAddress && (strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://")) {
			out = append(out, u)
		}
	}
	return out
}

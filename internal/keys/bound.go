package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Limits bound what one typed PIN unlocks.
type Limits struct {
	Signatures int           // how many signatures; 0 means DefaultLimits
	Lifetime   time.Duration // how long since Open; 0 means DefaultLimits
}

// DefaultLimits fit a long batch on a slow card (about one second a signature).
var DefaultLimits = Limits{Signatures: 500, Lifetime: 15 * time.Minute}

// OrDefault replaces missing or negative limits by the default ones.
func (l Limits) OrDefault() Limits {
	if l.Signatures <= 0 {
		l.Signatures = DefaultLimits.Signatures
	}
	if l.Lifetime <= 0 {
		l.Lifetime = DefaultLimits.Lifetime
	}
	return l
}

// Bound makes a store's raw session keep the contract of Session: one signature
// at a time, only the hashes and paddings it names, verified before it is given,
// within the limits, and closed by itself when they are used up. Every store
// returns its sessions through it.
func Bound(raw Session, limits Limits) (Session, error) {
	leaf, err := raw.Certificate().X509()
	if err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("parsing the session's certificate: %w", err)
	}
	limits = limits.OrDefault()
	b := &bound{raw: raw, leaf: leaf, left: limits.Signatures}
	b.mu.Lock() // a timer that fires at once must find itself
	defer b.mu.Unlock()
	b.timer = time.AfterFunc(limits.Lifetime, func() {
		_ = b.end(ErrSessionEnded(errors.New("the session's time is over")))
	})
	return b, nil
}

type bound struct {
	raw   Session
	leaf  *x509.Certificate
	timer *time.Timer

	signing sync.Mutex // held during a signature
	mu      sync.Mutex // guards what follows
	left    int
	ended   error
}

func (b *bound) Public() crypto.PublicKey   { return b.leaf.PublicKey }
func (b *bound) Certificate() Certificate   { return b.raw.Certificate() }
func (b *bound) Chain() []*x509.Certificate { return b.raw.Chain() }

func (b *bound) Close() error {
	return b.end(ErrSessionEnded(errors.New("the session was closed")))
}

// end closes the raw session once; a signature under way is cut short by it.
func (b *bound) end(why error) error {
	b.mu.Lock()
	if b.ended != nil {
		b.mu.Unlock()
		return nil
	}
	b.ended = why
	b.mu.Unlock()
	b.timer.Stop()
	return b.raw.Close()
}

func (b *bound) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := checkRequest(digest, opts); err != nil {
		return nil, err
	}
	b.signing.Lock()
	defer b.signing.Unlock()
	if err := b.take(); err != nil {
		return nil, err
	}
	signature, err := b.raw.Sign(rand, digest, opts)
	if err != nil {
		return nil, b.failed(err)
	}
	if !verifies(b.leaf.PublicKey, digest, opts.HashFunc(), signature) {
		return nil, b.failed(sei.Errorf(CodeSignatureInvalid, "A assinatura produzida não confere com o certificado escolhido. Reconecte o token e escolha o certificado de novo."))
	}
	return signature, nil
}

// take uses one of the signatures left.
func (b *bound) take() error {
	b.mu.Lock()
	if b.ended != nil {
		defer b.mu.Unlock()
		return b.ended
	}
	if b.left == 0 {
		b.mu.Unlock()
		why := ErrSessionEnded(errors.New("the session's signatures are used up"))
		_ = b.end(why)
		return why
	}
	b.left--
	b.mu.Unlock()
	return nil
}

// failed ends the session with err. If the session had ended meanwhile, that is
// the reason to tell: the failure is only its consequence.
func (b *bound) failed(err error) error {
	_ = b.end(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended
}

func checkRequest(digest []byte, opts crypto.SignerOpts) error {
	if _, pss := opts.(*rsa.PSSOptions); pss || opts == nil {
		return sei.Errorf(CodeUnsupported, "Este tipo de assinatura não é feito com certificado digital neste programa.")
	}
	switch hash := opts.HashFunc(); hash {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512:
		if len(digest) == hash.Size() {
			return nil
		}
		return fmt.Errorf("signing: digest of %d bytes for %v", len(digest), hash)
	}
	return sei.Errorf(CodeUnsupported, "Este tipo de resumo criptográfico não é aceito para assinar documentos.")
}

func verifies(pub crypto.PublicKey, digest []byte, hash crypto.Hash, signature []byte) bool {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(pub, digest, signature)
	}
	return false
}

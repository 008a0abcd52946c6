package trust

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// The kinds of root. A kind is what gives a signature its legal level.
const (
	KindICPBrasil = "icp-brasil"
	KindGovBR     = "govbr"
	KindTraining  = "training"
	KindOther     = "other"
)

// Codes of the errors of VerifyChain and CheckRevocation.
const (
	// CodeUnknownRoot is a chain that reaches no configured root.
	CodeUnknownRoot sei.Code = "chain.unknown_root"
	// CodeExpired is a chain with a certificate outside its validity at the time asked for.
	CodeExpired sei.Code = "chain.expired"
	// CodeUnsupported is a chain under a root whose algorithm the program does not know (Ed448).
	CodeUnsupported sei.Code = "chain.unsupported"
	// CodeInvalidChain is a chain that breaks a rule of X.509 (constraints, usage, algorithms).
	CodeInvalidChain sei.Code = "chain.bad_signature"
	// CodeRevoked is a certificate revoked before the time asked for.
	CodeRevoked sei.Code = "chain.revoked"
	// CodeNotChecked is a revocation that could not be asked about.
	CodeNotChecked sei.Code = "chain.not_checked"
)

// TrainingMark in a root's name makes it a training root whatever it is
// configured as: demonstration keys must never pass for real ones.
const TrainingMark = "SEM VALOR LEGAL"

const (
	maxOthers  = 512     // certificates taken from a signature
	maxPEMSize = 8 << 20 // one file of certificates
	maxSteps   = 10      // issuers followed by name to explain a failure
)

// Root is a trust anchor and its kind.
type Root struct {
	Certificate *x509.Certificate
	Kind        string
}

// Revocation answers whether a certificate had been revoked at a time, from
// CRLs or OCSP. It returns CodeNotChecked when it does not know.
type Revocation interface {
	Check(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) error
}

// Store holds roots and intermediates. It does not change once made and is
// safe for concurrent use.
type Store struct {
	roots         *x509.CertPool
	intermediates []*x509.Certificate
	list          []Root
	kinds         map[[32]byte]string
	bySubject     map[string][]*x509.Certificate
	revocation    Revocation
}

// New makes a store. Intermediates help to build chains and are never trusted
// by themselves.
func New(roots []Root, intermediates []*x509.Certificate) *Store {
	s := &Store{roots: x509.NewCertPool(), kinds: map[[32]byte]string{}, bySubject: map[string][]*x509.Certificate{}, intermediates: intermediates}
	for _, r := range roots {
		if isTraining(r.Certificate) {
			r.Kind = KindTraining
		}
		if r.Kind == "" {
			r.Kind = KindOther
		}
		s.roots.AddCert(r.Certificate)
		s.list = append(s.list, r)
		s.kinds[sha256.Sum256(r.Certificate.Raw)] = r.Kind
		s.index(r.Certificate)
	}
	for _, c := range intermediates {
		s.index(c)
	}
	return s
}

// WithRevocation returns a copy of the store that asks source.
func (s *Store) WithRevocation(source Revocation) *Store {
	c := *s
	c.revocation = source
	return &c
}

func (s *Store) index(c *x509.Certificate) {
	key := string(c.RawSubject)
	s.bySubject[key] = append(s.bySubject[key], c)
}

func isTraining(c *x509.Certificate) bool {
	return strings.Contains(c.Subject.CommonName, TrainingMark) || strings.Contains(strings.Join(c.Subject.OrganizationalUnit, " "), TrainingMark)
}

// Roots lists the anchors, for the window and for doctor.
func (s *Store) Roots() []Root { return append([]Root(nil), s.list...) }

// Supported tells whether chains under a root can be verified: false for the
// Ed448 roots, which are known by name only.
func (r Root) Supported() bool {
	return r.Certificate.PublicKeyAlgorithm != x509.UnknownPublicKeyAlgorithm
}

// VerifyChain builds a chain from leaf to a root, valid as of the time at, with
// the store's intermediates and others (the certificates inside a signature).
// It returns the chain, leaf first, and the root's kind. Errors are *sei.Error
// with CodeUnknownRoot, CodeExpired, CodeUnsupported or CodeInvalidChain.
func (s *Store) VerifyChain(ctx context.Context, leaf *x509.Certificate, others []*x509.Certificate, at time.Time) ([]*x509.Certificate, string, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	if len(others) > maxOthers {
		others = others[:maxOthers]
	}
	inter := x509.NewCertPool()
	for _, list := range [][]*x509.Certificate{s.issuersOf(leaf, others), others} {
		for _, c := range list {
			inter.AddCert(c)
		}
	}
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: s.roots, Intermediates: inter, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, "", s.explain(leaf, others, err)
	}
	chain, kind := s.best(chains)
	return chain, kind, nil
}

// issuersOf follows issuers by name through the store, so that x509 is given
// the few intermediates that matter and not hundreds.
func (s *Store) issuersOf(leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	var out []*x509.Certificate
	seen := map[string]bool{}
	queue := append([]*x509.Certificate{leaf}, others...)
	for steps := 0; len(queue) > 0 && steps < maxOthers*maxSteps; steps++ {
		c := queue[0]
		queue = queue[1:]
		key := string(c.RawIssuer)
		if seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, s.bySubject[key]...)
		queue = append(queue, s.bySubject[key]...)
	}
	return out
}

// best prefers the chain whose root gives the most.
func (s *Store) best(chains [][]*x509.Certificate) ([]*x509.Certificate, string) {
	rank := map[string]int{KindICPBrasil: 3, KindGovBR: 2, KindOther: 1, KindTraining: 0}
	var chain []*x509.Certificate
	kind := ""
	for _, c := range chains {
		k := s.kinds[sha256.Sum256(c[len(c)-1].Raw)]
		if chain == nil || rank[k] > rank[kind] {
			chain, kind = c, k
		}
	}
	return chain, kind
}

// explain turns an error of crypto/x509 into one with a sentence.
func (s *Store) explain(leaf *x509.Certificate, others []*x509.Certificate, err error) error {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return sei.Wrap(err, CodeExpired, "Um certificado da cadeia estava fora da validade na data da assinatura.")
		}
		return sei.Wrap(err, CodeInvalidChain, "A cadeia do certificado não segue as regras e não pode ser aceita.")
	}
	if name := s.unsupportedIssuer(leaf, others); name != "" {
		return sei.Wrap(err, CodeUnsupported, fmt.Sprintf("O certificado vem de %s, que usa um algoritmo que este programa ainda não verifica.", name))
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return sei.Wrap(err, CodeUnknownRoot, "Cadeia não reconhecida: o certificado não vem de uma autoridade em que este programa confia.")
	}
	return sei.Wrap(err, CodeInvalidChain, "A cadeia do certificado não segue as regras e não pode ser aceita.")
}

// unsupportedIssuer names the first issuer above leaf whose key crypto/x509
// cannot use.
func (s *Store) unsupportedIssuer(leaf *x509.Certificate, others []*x509.Certificate) string {
	c := leaf
	for range maxSteps {
		up := s.issuerByName(c, others)
		if up == nil {
			return ""
		}
		if up.PublicKeyAlgorithm == x509.UnknownPublicKeyAlgorithm {
			return up.Subject.CommonName
		}
		if bytes.Equal(up.RawSubject, up.RawIssuer) {
			return ""
		}
		c = up
	}
	return ""
}

func (s *Store) issuerByName(c *x509.Certificate, others []*x509.Certificate) *x509.Certificate {
	for _, list := range [][]*x509.Certificate{s.bySubject[string(c.RawIssuer)], others} {
		for _, up := range list {
			if bytes.Equal(up.RawSubject, c.RawIssuer) && (len(c.AuthorityKeyId) == 0 || bytes.Equal(up.SubjectKeyId, c.AuthorityKeyId)) {
				return up
			}
		}
	}
	return nil
}

// Embedded are CRLs and OCSP answers (DER) that came with a signed file. They
// are believed only when the authority that they speak for has signed them.
type Embedded struct{ CRLs, OCSPs [][]byte }

const maxEmbedded = 256 // pieces of revocation data looked at per file

// CheckRevocation asks about each certificate below the root, as of the time
// at: first the data that came with the file, then the store's source. Without
// either it returns CodeNotChecked: nothing is fetched behind the user's back.
func (s *Store) CheckRevocation(ctx context.Context, chain []*x509.Certificate, at time.Time, crls, ocsps [][]byte) error {
	if s.revocation == nil && len(crls)+len(ocsps) == 0 {
		return sei.Errorf(CodeNotChecked, "Não foi verificado se o certificado foi revogado: sem consulta às listas de revogação.")
	}
	own := Embedded{crls, ocsps}
	var open error
	for i := 0; i+1 < len(chain); i++ {
		err := own.check(chain[i], chain[i+1], at)
		// Somebody who adds old data to a file must not hide what is known since:
		// the source is asked too, and the worse answer counts.
		if sei.CodeOf(err) != CodeRevoked && s.revocation != nil {
			if asked := s.revocation.Check(ctx, chain[i], chain[i+1], at); asked == nil || sei.CodeOf(asked) != CodeNotChecked {
				err = asked
			}
		}
		if sei.CodeOf(err) == CodeNotChecked {
			open = err
			continue
		}
		if err != nil {
			return err
		}
	}
	return open
}

// check judges cert by the newest status that tells about it at the time at.
func (e Embedded) check(cert, issuer *x509.Certificate, at time.Time) error {
	_, err := e.prove(cert, issuer, at)
	return err
}

func (e Embedded) prove(cert, issuer *x509.Certificate, at time.Time) (Proof, error) {
	if noCheck(cert) {
		return Proof{}, nil
	}
	var best status
	var proof Proof
	found := false
	take := func(p Proof, s status, err error) {
		if err == nil && s.tells(cert, at) && (!found || s.thisUpdate.After(best.thisUpdate)) {
			best, proof, found = s, p, true
		}
	}
	for _, der := range e.OCSPs[:min(len(e.OCSPs), maxEmbedded)] {
		s, err := ocspStatus(der, cert, issuer)
		take(Proof{OCSP: der}, s, err)
	}
	for _, der := range e.CRLs[:min(len(e.CRLs), maxEmbedded)] {
		crl, err := readCRL(der, issuer)
		if err != nil {
			continue
		}
		s, err := crlStatus(crl, cert)
		take(Proof{CRL: der}, s, err)
	}
	if !found {
		return Proof{}, notChecked(errors.New("the file's own data says nothing about this certificate"))
	}
	return proof, best.verdict(cert, at)
}

// prover is a Revocation that can give the data that its answers rest on.
type prover interface {
	Prove(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) (Proof, error)
}

// Prove builds the chain of leaf and finds the revocation data for each
// certificate below the root, from the data that came with the file and from
// the store's source: what a document needs to be judged later without any
// network. Errors: those of VerifyChain and CheckRevocation.
func (s *Store) Prove(ctx context.Context, leaf *x509.Certificate, others []*x509.Certificate, at time.Time, crls, ocsps [][]byte) (chain []*x509.Certificate, newCRLs, newOCSPs [][]byte, err error) {
	if chain, _, err = s.VerifyChain(ctx, leaf, others, at); err != nil {
		return nil, nil, nil, err
	}
	own := Embedded{crls, ocsps}
	asked, _ := s.revocation.(prover)
	for i := 0; i+1 < len(chain); i++ {
		proof, err := own.prove(chain[i], chain[i+1], at)
		if sei.CodeOf(err) == CodeNotChecked && asked != nil {
			proof, err = asked.Prove(ctx, chain[i], chain[i+1], at)
		}
		if err != nil {
			return nil, nil, nil, err
		}
		if proof.CRL != nil {
			newCRLs = append(newCRLs, proof.CRL)
		}
		if proof.OCSP != nil {
			newOCSPs = append(newOCSPs, proof.OCSP)
		}
	}
	return chain, newCRLs, newOCSPs, nil
}

// ParsePEM reads every certificate of a PEM file; text between them is
// ignored. Certificates that cannot be read are counted, not fatal, unless
// none can.
func ParsePEM(data []byte) (certs []*x509.Certificate, unread int, err error) {
	if len(data) > maxPEMSize {
		return nil, 0, sei.Errorf(sei.CodeTooLarge, "O arquivo de certificados é grande demais.")
	}
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			unread++
			continue
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, unread, sei.Errorf(sei.CodeInvalid, "O arquivo não contém certificados legíveis (PEM).")
	}
	return certs, unread, nil
}

// kindHeader is the header of a PEM block that says what kind of root it is.
// Programs that do not know it pass it over (RFC 1421, 4.6).
const kindHeader = "Kind"

// MarkPEM writes certificates so that ParseRoots takes them for roots, or
// intermediates, of the given kind.
func MarkPEM(certs []*x509.Certificate, kind string) []byte {
	var out bytes.Buffer
	for _, c := range certs {
		// Writing to a bytes.Buffer does not fail.
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Headers: map[string]string{kindHeader: kind}, Bytes: c.Raw})
	}
	return out.Bytes()
}

// ParseRoots reads the roots that a central trusts beside ICP-Brasil's, each of
// the kind that its block says or, without a word, of fallback. ICP-Brasil's own
// kind cannot be had this way. Certificates of a marked kind that are no roots
// are intermediates; an unmarked one is an error.
func ParseRoots(data []byte, fallback string) (roots []Root, intermediates []*x509.Certificate, err error) {
	if len(data) > maxPEMSize {
		return nil, nil, sei.Errorf(sei.CodeTooLarge, "O arquivo de certificados é grande demais.")
	}
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			break
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if b.Type != "CERTIFICATE" || err != nil {
			return nil, nil, sei.Wrap(err, sei.CodeInvalid, "Uma raiz de confiança da central está ilegível.")
		}
		kind, marked := b.Headers[kindHeader]
		switch {
		case marked && kind != KindGovBR && kind != KindOther && kind != KindTraining:
			return nil, nil, sei.Errorf(sei.CodeInvalid, "A central anunciou uma raiz de um tipo desconhecido.")
		case !marked:
			kind = fallback
		}
		if c.CheckSignatureFrom(c) == nil {
			roots = append(roots, Root{Certificate: c, Kind: kind})
			continue
		}
		if !marked {
			return nil, nil, sei.Errorf(sei.CodeInvalid, "A central anunciou uma raiz de confiança que não é uma raiz.")
		}
		intermediates = append(intermediates, c)
	}
	if len(roots) == 0 {
		return nil, nil, sei.Errorf(sei.CodeInvalid, "O arquivo não contém certificados legíveis (PEM).")
	}
	return roots, intermediates, nil
}

package pades

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1"   // only to judge old signatures
	_ "crypto/sha256" // the digests a policy may name
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Object identifiers of CMS (RFC 5652), CAdES (EN 319 122-1), ESS (RFC 5035)
// and the algorithms.
var (
	oidData          = oidOf(1, 2, 840, 113549, 1, 7, 1)
	oidSignedData    = oidOf(1, 2, 840, 113549, 1, 7, 2)
	oidContentType   = oidOf(1, 2, 840, 113549, 1, 9, 3)
	oidMessageDigest = oidOf(1, 2, 840, 113549, 1, 9, 4)
	oidSigningTime   = oidOf(1, 2, 840, 113549, 1, 9, 5)
	oidSigningCert   = oidOf(1, 2, 840, 113549, 1, 9, 16, 2, 12)
	oidSignerLoc     = oidOf(1, 2, 840, 113549, 1, 9, 16, 2, 17)
	oidTimeStamp     = oidOf(1, 2, 840, 113549, 1, 9, 16, 2, 14)
	oidSigPolicy     = oidOf(1, 2, 840, 113549, 1, 9, 16, 2, 15)
	oidSigningCertV2 = oidOf(1, 2, 840, 113549, 1, 9, 16, 2, 47)
	oidPolicyURI     = oidOf(1, 2, 840, 113549, 1, 9, 16, 5, 1)
	oidTSTInfo       = oidOf(1, 2, 840, 113549, 1, 9, 16, 1, 4)
	oidAdobeRevInfo  = oidOf(1, 2, 840, 113583, 1, 1, 8)

	oidSHA1   = oidOf(1, 3, 14, 3, 2, 26)
	oidSHA256 = oidOf(2, 16, 840, 1, 101, 3, 4, 2, 1)
	oidSHA384 = oidOf(2, 16, 840, 1, 101, 3, 4, 2, 2)
	oidSHA512 = oidOf(2, 16, 840, 1, 101, 3, 4, 2, 3)

	oidRSA         = oidOf(1, 2, 840, 113549, 1, 1, 1)
	oidSHA1RSA     = oidOf(1, 2, 840, 113549, 1, 1, 5)
	oidRSAPSS      = oidOf(1, 2, 840, 113549, 1, 1, 10)
	oidSHA256RSA   = oidOf(1, 2, 840, 113549, 1, 1, 11)
	oidSHA384RSA   = oidOf(1, 2, 840, 113549, 1, 1, 12)
	oidSHA512RSA   = oidOf(1, 2, 840, 113549, 1, 1, 13)
	oidECDSASHA256 = oidOf(1, 2, 840, 10045, 4, 3, 2)
	oidECDSASHA384 = oidOf(1, 2, 840, 10045, 4, 3, 3)
	oidECDSASHA512 = oidOf(1, 2, 840, 10045, 4, 3, 4)
	oidEd25519     = oidOf(1, 3, 101, 112)
)

// cmsOptions is what one detached SignedData is made of.
type cmsOptions struct {
	signer crypto.Signer
	cert   *x509.Certificate
	chain  []*x509.Certificate
	hash   crypto.Hash
	policy *Policy
	// extra are further signed attributes, complete encodings; the tests use
	// them to make what a verifier has to refuse.
	extra [][]byte
}

// buildCMS makes a SignedData over a content whose digest is given, with the
// signed attributes that PAdES and DOC-ICP-15.03 ask for and no others.
func buildCMS(ctx context.Context, digest []byte, o cmsOptions) ([]byte, error) {
	attrs := signedAttributes(digest, o)
	signature, sigAlg, err := signAttributes(ctx, derSetOf(0x31, attrs...), o)
	if err != nil {
		return nil, err
	}
	hashAlg := derSeq(derOID(hashOID(o.hash)))
	certs := [][]byte{o.cert.Raw}
	for _, c := range o.chain {
		if !c.Equal(o.cert) {
			certs = append(certs, c.Raw)
		}
	}
	signerInfo := derSeq(
		derInt(big.NewInt(1)),
		derSeq(o.cert.RawIssuer, derInt(o.cert.SerialNumber)),
		hashAlg,
		derSetOf(0xa0, attrs...),
		sigAlg,
		derOctets(signature),
	)
	signedData := derSeq(
		derInt(big.NewInt(1)),
		derSetOf(0x31, hashAlg),
		derSeq(derOID(oidData)),
		derSetOf(0xa0, certs...),
		derSetOf(0x31, signerInfo),
	)
	return derSeq(derOID(oidSignedData), tlv(0xa0, signedData)), nil
}

func attribute(oid asn1.ObjectIdentifier, value []byte) []byte {
	return derSeq(derOID(oid), derSetOf(0x31, value))
}

func signedAttributes(digest []byte, o cmsOptions) [][]byte {
	attrs := [][]byte{
		attribute(oidContentType, derOID(oidData)),
		attribute(oidMessageDigest, derOctets(digest)),
		attribute(oidSigningCertV2, essCertificate(o.cert, o.hash)),
	}
	if o.policy != nil {
		attrs = append(attrs, attribute(oidSigPolicy, policyIdentifier(o.policy)))
	}
	return append(attrs, o.extra...)
}

// essCertificate is SigningCertificateV2 with issuerSerial (RFC 5035, section
// 4). SHA-256 is the default there, so DER leaves it out.
func essCertificate(cert *x509.Certificate, h crypto.Hash) []byte {
	w := h.New()
	w.Write(cert.Raw)
	var alg []byte
	if h != crypto.SHA256 {
		alg = derSeq(derOID(hashOID(h)))
	}
	issuer := derSeq(tlv(0xa4, cert.RawIssuer)) // GeneralNames with one directoryName
	return derSeq(derSeq(derSeq(alg, derOctets(w.Sum(nil)), derSeq(issuer, derInt(cert.SerialNumber)))))
}

// policyIdentifier is SignaturePolicyId with the SPURI qualifier (EN 319
// 122-1, 5.2.9).
func policyIdentifier(p *Policy) []byte {
	return derSeq(
		derOID(parseOID(p.OID)),
		derSeq(derSeq(derOID(oidSHA256)), derOctets(p.Hash)),
		derSeq(derSeq(derOID(oidPolicyURI), derIA5(p.URI))),
	)
}

// signAttributes asks the key for its one signature. Ed25519 signs the
// attributes themselves (RFC 8419), the others a digest of them.
func signAttributes(ctx context.Context, attrs []byte, o cmsOptions) (sig, alg []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	msg, opts := attrs, crypto.SignerOpts(crypto.Hash(0))
	if _, ok := o.cert.PublicKey.(ed25519.PublicKey); !ok {
		w := o.hash.New()
		w.Write(attrs)
		msg, opts = w.Sum(nil), o.hash
	}
	if alg, err = signatureAlgorithm(o.cert.PublicKey, o.hash); err != nil {
		return nil, nil, err
	}
	if sig, err = o.signer.Sign(rand.Reader, msg, opts); err != nil {
		return nil, nil, fmt.Errorf("signing with the key: %w", err)
	}
	return sig, alg, nil
}

func signatureAlgorithm(pub crypto.PublicKey, h crypto.Hash) ([]byte, error) {
	switch pub.(type) {
	case *rsa.PublicKey:
		oid := map[crypto.Hash]asn1.ObjectIdentifier{crypto.SHA256: oidSHA256RSA, crypto.SHA384: oidSHA384RSA, crypto.SHA512: oidSHA512RSA}[h]
		return derSeq(derOID(oid), derNull()), nil
	case *ecdsa.PublicKey:
		oid := map[crypto.Hash]asn1.ObjectIdentifier{crypto.SHA256: oidECDSASHA256, crypto.SHA384: oidECDSASHA384, crypto.SHA512: oidECDSASHA512}[h]
		return derSeq(derOID(oid)), nil
	case ed25519.PublicKey:
		return derSeq(derOID(oidEd25519)), nil
	}
	return nil, sei.Errorf(CodeCertificate, "A chave deste certificado é de um tipo que o programa não usa para assinar. Use um certificado RSA ou ECDSA.")
}

func hashOID(h crypto.Hash) asn1.ObjectIdentifier {
	switch h {
	case crypto.SHA384:
		return oidSHA384
	case crypto.SHA512:
		return oidSHA512
	}
	return oidSHA256
}

package pades

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// signedMessage is a CMS SignedData with its one signer (PAdES allows no more).
type signedMessage struct {
	contentType asn1.ObjectIdentifier
	content     []byte // inside the message; nil when detached
	certs       []*x509.Certificate
	cert        *x509.Certificate // the signer's, nil when it is not in the message
	crls        [][]byte          // lists inside the message, DER

	digestAlg pkix.AlgorithmIdentifier
	sigAlg    pkix.AlgorithmIdentifier
	signature []byte
	rawAttrs  []byte // the signed attributes as they are hashed: a SET OF
	attrs     map[string]asn1.RawValue
	unsigned  map[string]asn1.RawValue
}

// errUnsupported marks what this package does not judge, as opposed to what
// is wrong.
var errUnsupported = errors.New("unsupported algorithm")

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version     int
	DigestAlgs  asn1.RawValue
	Encap       encapContent
	Certs       asn1.RawValue `asn1:"optional,tag:0"`
	CRLs        asn1.RawValue `asn1:"optional,tag:1"`
	SignerInfos []signerInfo  `asn1:"set"`
}

type encapContent struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"optional,explicit,tag:0"`
}

type signerInfo struct {
	Version       int
	SID           asn1.RawValue
	DigestAlg     pkix.AlgorithmIdentifier
	SignedAttrs   asn1.RawValue `asn1:"optional,tag:0"`
	SigAlg        pkix.AlgorithmIdentifier
	Signature     []byte
	UnsignedAttrs asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

// parseCMS reads a DER SignedData; zeros may follow it, as in /Contents.
func parseCMS(der []byte) (*signedMessage, error) {
	if len(der) > maxCMSBytes {
		return nil, errors.New("the CMS is too large")
	}
	var ci contentInfo
	rest, err := asn1.Unmarshal(der, &ci)
	if err != nil {
		return nil, fmt.Errorf("reading the CMS: %w", err)
	}
	if len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, errors.New("data after the CMS")
	}
	if !ci.Type.Equal(oidSignedData) {
		return nil, errors.New("the CMS is not a SignedData")
	}
	var sd signedData
	if rest, err := asn1.Unmarshal(ci.Content.Bytes, &sd); err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("reading the SignedData: %w", errors.Join(err, trailing(rest)))
	}
	if len(sd.SignerInfos) != 1 {
		return nil, fmt.Errorf("%d signers in one CMS", len(sd.SignerInfos))
	}
	m := &signedMessage{contentType: sd.Encap.Type}
	if len(sd.Encap.Content.Bytes) > 0 {
		if _, err := asn1.Unmarshal(sd.Encap.Content.Bytes, &m.content); err != nil {
			return nil, fmt.Errorf("reading the content: %w", err)
		}
	}
	if err := m.readCerts(sd.Certs.Bytes); err != nil {
		return nil, err
	}
	m.readCRLs(sd.CRLs.Bytes)
	return m, m.readSigner(&sd.SignerInfos[0])
}

// readCRLs keeps the lists of revocation inside the message; other kinds of
// revocation data are passed over.
func (m *signedMessage) readCRLs(der []byte) {
	for len(der) > 0 && len(m.crls) < maxCMSCerts {
		n, err := derSize(der)
		if err != nil {
			return
		}
		if der[0] == 0x30 {
			m.crls = append(m.crls, der[:n])
		}
		der = der[n:]
	}
}

func trailing(rest []byte) error {
	if len(rest) > 0 {
		return errors.New("trailing data")
	}
	return nil
}

func (m *signedMessage) readCerts(der []byte) error {
	for len(der) > 0 {
		var raw asn1.RawValue
		var err error
		if der, err = asn1.Unmarshal(der, &raw); err != nil {
			return fmt.Errorf("reading the certificates: %w", err)
		}
		if len(m.certs) >= maxCMSCerts {
			return errors.New("too many certificates")
		}
		// Attribute certificates and certificates that cannot be read are of
		// no use here; a missing signer is noticed later.
		if c, err := x509.ParseCertificate(raw.FullBytes); err == nil {
			m.certs = append(m.certs, c)
		}
	}
	return nil
}

func (m *signedMessage) readSigner(si *signerInfo) error {
	m.digestAlg, m.sigAlg, m.signature = si.DigestAlg, si.SigAlg, si.Signature
	m.cert = m.findSigner(si.SID)
	var err error
	if len(si.SignedAttrs.FullBytes) > 0 {
		m.rawAttrs = append([]byte(nil), si.SignedAttrs.FullBytes...)
		m.rawAttrs[0] = 0x31 // hashed as SET OF, not as [0] (RFC 5652, 5.4)
		if m.attrs, err = readAttributes(si.SignedAttrs.Bytes); err != nil {
			return err
		}
	}
	m.unsigned, err = readAttributes(si.UnsignedAttrs.Bytes)
	return err
}

func (m *signedMessage) findSigner(sid asn1.RawValue) *x509.Certificate {
	if sid.Class == asn1.ClassContextSpecific && sid.Tag == 0 {
		for _, c := range m.certs {
			if len(c.SubjectKeyId) > 0 && bytes.Equal(c.SubjectKeyId, sid.Bytes) {
				return c
			}
		}
		return nil
	}
	var is issuerAndSerial
	if _, err := asn1.Unmarshal(sid.FullBytes, &is); err != nil || is.Serial == nil {
		return nil
	}
	for _, c := range m.certs {
		if bytes.Equal(c.RawIssuer, is.Issuer.FullBytes) && c.SerialNumber.Cmp(is.Serial) == 0 {
			return c
		}
	}
	return nil
}

// readAttributes maps each attribute to its first value; a repeated signed
// attribute is refused (RFC 5652, 11).
func readAttributes(der []byte) (map[string]asn1.RawValue, error) {
	out := map[string]asn1.RawValue{}
	for len(der) > 0 {
		var a struct {
			Type   asn1.ObjectIdentifier
			Values asn1.RawValue
		}
		var err error
		if der, err = asn1.Unmarshal(der, &a); err != nil {
			return nil, fmt.Errorf("reading the attributes: %w", err)
		}
		key := a.Type.String()
		if _, again := out[key]; again {
			return nil, errors.New("repeated attribute " + key)
		}
		var v asn1.RawValue
		if _, err := asn1.Unmarshal(a.Values.Bytes, &v); err != nil {
			return nil, fmt.Errorf("reading attribute %s: %w", key, err)
		}
		out[key] = v
	}
	return out, nil
}

func (m *signedMessage) attr(oid asn1.ObjectIdentifier) (asn1.RawValue, bool) {
	v, ok := m.attrs[oid.String()]
	return v, ok
}

// hash returns the digest algorithm of the message.
func (m *signedMessage) hash() (crypto.Hash, error) { return hashFor(m.digestAlg.Algorithm) }

func hashFor(oid asn1.ObjectIdentifier) (crypto.Hash, error) {
	switch {
	case oid.Equal(oidSHA256):
		return crypto.SHA256, nil
	case oid.Equal(oidSHA384):
		return crypto.SHA384, nil
	case oid.Equal(oidSHA512):
		return crypto.SHA512, nil
	case oid.Equal(oidSHA1):
		return crypto.SHA1, nil
	}
	return 0, fmt.Errorf("%w: digest %s", errUnsupported, oid)
}

// digestMatches compares the messageDigest attribute with the digest of the
// content.
func (m *signedMessage) digestMatches(digest []byte) bool {
	v, ok := m.attr(oidMessageDigest)
	return ok && v.Tag == asn1.TagOctetString && bytes.Equal(v.Bytes, digest)
}

// checkSignature verifies the signature value over the signed attributes (or
// over the content's digest, when there are none).
func (m *signedMessage) checkSignature(contentDigest []byte) error {
	h, err := m.hash()
	if err != nil {
		return err
	}
	digest := contentDigest
	if m.rawAttrs != nil {
		w := h.New()
		w.Write(m.rawAttrs)
		digest = w.Sum(nil)
	}
	alg := m.sigAlg.Algorithm
	switch pub := m.cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return m.checkRSA(pub, h, digest)
	case *ecdsa.PublicKey:
		want, ok := map[string]crypto.Hash{oidECDSASHA256.String(): crypto.SHA256, oidECDSASHA384.String(): crypto.SHA384, oidECDSASHA512.String(): crypto.SHA512}[alg.String()]
		if !ok {
			return fmt.Errorf("%w: signature %s", errUnsupported, alg)
		}
		if want != h || !ecdsa.VerifyASN1(pub, digest, m.signature) {
			return errors.New("wrong ECDSA signature")
		}
		return nil
	case ed25519.PublicKey:
		if !alg.Equal(oidEd25519) || m.rawAttrs == nil || !ed25519.Verify(pub, m.rawAttrs, m.signature) {
			return errors.New("wrong Ed25519 signature")
		}
		return nil
	}
	return fmt.Errorf("%w: key %T", errUnsupported, m.cert.PublicKey)
}

func (m *signedMessage) checkRSA(pub *rsa.PublicKey, h crypto.Hash, digest []byte) error {
	alg := m.sigAlg.Algorithm
	if alg.Equal(oidRSAPSS) {
		if err := checkPSSHash(m.sigAlg.Parameters.FullBytes, m.digestAlg.Algorithm); err != nil {
			return err
		}
		return rsa.VerifyPSS(pub, h, digest, m.signature, nil)
	}
	want, ok := map[string]crypto.Hash{oidRSA.String(): h, oidSHA1RSA.String(): crypto.SHA1, oidSHA256RSA.String(): crypto.SHA256, oidSHA384RSA.String(): crypto.SHA384, oidSHA512RSA.String(): crypto.SHA512}[alg.String()]
	if !ok {
		return fmt.Errorf("%w: signature %s", errUnsupported, alg)
	}
	if want != h {
		return errors.New("digest and signature algorithms disagree")
	}
	return rsa.VerifyPKCS1v15(pub, h, digest, m.signature)
}

// checkPSSHash makes sure that the PSS parameters name the message's digest,
// the only combination accepted.
func checkPSSHash(params []byte, digest asn1.ObjectIdentifier) error {
	var p struct {
		Hash pkix.AlgorithmIdentifier `asn1:"optional,explicit,tag:0"`
		MGF  pkix.AlgorithmIdentifier `asn1:"optional,explicit,tag:1"`
		Salt int                      `asn1:"optional,explicit,tag:2,default:20"`
		Trlr int                      `asn1:"optional,explicit,tag:3,default:1"`
	}
	if _, err := asn1.Unmarshal(params, &p); err != nil || !p.Hash.Algorithm.Equal(digest) {
		return fmt.Errorf("%w: PSS parameters", errUnsupported)
	}
	return nil
}

// describe names the algorithms for people.
func (m *signedMessage) describe() string {
	h, err := m.hash()
	name := "resumo desconhecido"
	if err == nil {
		name = h.String()
	}
	switch k := m.cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d, %s", k.N.BitLen(), name)
	case *ecdsa.PublicKey:
		return fmt.Sprintf("ECDSA %s, %s", k.Curve.Params().Name, name)
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return name
}

// Package keytest proves that a keystore keeps the contract of package keys,
// and makes what such proofs need: an authority that issues certificates of
// ICP-Brasil's form, and a SoftHSM token.
package keytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys/softhsm"
)

// Authority is a root and an issuing authority below it. Their keys exist only
// in memory and verify nowhere else.
type Authority struct {
	Root   *x509.Certificate
	Issuer *x509.Certificate

	rootKey, issuerKey *ecdsa.PrivateKey
}

// NewAuthority makes an authority valid around now.
func NewAuthority() (*Authority, error) {
	a := &Authority{}
	var err error
	if a.rootKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	if a.issuerKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	root := authorityTemplate("AC Raiz de Ensaio")
	if a.Root, err = create(root, root, &a.rootKey.PublicKey, a.rootKey); err != nil {
		return nil, err
	}
	a.Issuer, err = create(authorityTemplate("AC Emissora de Ensaio"), a.Root, &a.issuerKey.PublicKey, a.rootKey)
	return a, err
}

func authorityTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{Country: []string{"BR"}, Organization: []string{"Ensaio"}, CommonName: name},
		NotBefore:             time.Now().Add(-48 * time.Hour),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

// Person is what a certificate says of its holder.
type Person struct {
	Name string // without the number
	CPF  string // 11 digits; "" makes a certificate that is not of ICP-Brasil's form
	CNPJ string // set in certificates of companies

	Usage    x509.KeyUsage // 0 means digitalSignature and nonRepudiation
	NotAfter time.Time     // zero means three years from now
}

// Credential is a certificate with its private key, as an authority hands them out.
type Credential = softhsm.Credential

// IssueRSA issues a certificate with a new RSA key of 2048 bits.
func (a *Authority) IssueRSA(p Person) (Credential, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Credential{}, err
	}
	return a.Issue(p, key)
}

// IssueEC issues a certificate with a new ECDSA P-256 key.
func (a *Authority) IssueEC(p Person) (Credential, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Credential{}, err
	}
	return a.Issue(p, key)
}

// Issue issues a certificate for the key, in the form of DOC-ICP-04: the CPF in
// the common name and in otherName 2.16.76.1.3.1, an A3 policy.
func (a *Authority) Issue(p Person, key crypto.Signer) (Credential, error) {
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Country: []string{"BR"}, Organization: []string{"Ensaio"}, CommonName: p.Name},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     p.NotAfter,
		KeyUsage:     p.Usage,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageEmailProtection},
	}
	if p.Usage == 0 {
		template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	}
	if p.NotAfter.IsZero() {
		template.NotAfter = time.Now().AddDate(3, 0, 0)
	}
	if p.CPF != "" {
		if err := asICPBrasil(template, p); err != nil {
			return Credential{}, err
		}
	}
	cert, err := create(template, a.Issuer, key.Public(), a.issuerKey)
	return Credential{Certificate: cert, Key: key}, err
}

func asICPBrasil(template *x509.Certificate, p Person) error {
	policy, err := x509.OIDFromInts([]uint64{2, 16, 76, 1, 2, 3, 99})
	if err != nil {
		return err
	}
	template.Policies = []x509.OID{policy}
	template.Subject.CommonName = p.Name + ":" + p.CPF
	person, names := 1, map[int]string{}
	if p.CNPJ != "" {
		template.Subject.CommonName = p.Name + ":" + p.CNPJ
		person, names[3] = 4, p.CNPJ
	}
	names[person] = "01011980" + p.CPF + "00000000000" + "000000000000000" + "SSP RS"
	san, err := subjectAltName(names)
	template.ExtraExtensions = append(template.ExtraExtensions, san)
	return err
}

// subjectAltName encodes otherNames 2.16.76.1.3.n with OCTET STRING values.
func subjectAltName(names map[int]string) (pkix.Extension, error) {
	type otherName struct {
		OID   asn1.ObjectIdentifier
		Value []byte `asn1:"tag:0,explicit"`
	}
	var all []asn1.RawValue
	for arc, value := range names {
		der, err := asn1.MarshalWithParams(otherName{asn1.ObjectIdentifier{2, 16, 76, 1, 3, arc}, []byte(value)}, "tag:0")
		if err != nil {
			return pkix.Extension{}, err
		}
		all = append(all, asn1.RawValue{FullBytes: der})
	}
	der, err := asn1.Marshal(all)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: der}, err
}

func create(template, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("issuing %q: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return n.Add(n, big.NewInt(1))
}

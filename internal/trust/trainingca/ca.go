// Package trainingca makes certificates for training, demonstration and tests:
// a root, an intermediate authority and people's certificates with the fields
// that ICP-Brasil puts in them (DOC-ICP-04). Every authority is named "AC DE
// TREINAMENTO — SEM VALOR LEGAL", and nothing made here chains to a root of
// ICP-Brasil: a central has to be told to accept a training root, and shows it.
package trainingca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Label stands in the name of every authority made here.
const Label = "AC DE TREINAMENTO — SEM VALOR LEGAL"

// KeyKind is the kind of key to make.
type KeyKind string

// The kinds of key that New and Issue make.
const (
	RSA2048   KeyKind = "rsa-2048"
	RSA4096   KeyKind = "rsa-4096"
	ECDSAP256 KeyKind = "ecdsa-p256"
	ECDSAP384 KeyKind = "ecdsa-p384"
)

// CA is a training authority: a self-signed root and the intermediate that
// issues to people. Safe for concurrent use once made.
type CA struct {
	Root, Intermediate       *x509.Certificate
	rootKey, intermediateKey crypto.Signer

	services string // base address of its Services, "" when it has none
}

// Person is who a certificate is issued to.
type Person struct {
	Name      string // as it stands in the subject
	CPF       string // 11 digits
	BirthDate time.Time
	NIS       string // up to 11 digits; may be empty
	RG        string // up to 15 digits; may be empty
	RGIssuer  string // agency and state, such as "SSPRS"
	Email     string
}

// IssueOptions refines Issue; the zero value asks for an RSA 2048 key valid
// from an hour ago for three years.
type IssueOptions struct {
	Key                 KeyKind
	NotBefore, NotAfter time.Time
	// Public is the person's public key when the key lives elsewhere, as in a
	// token; a key is made when it is nil.
	Public crypto.PublicKey
	// WithoutOtherNames leaves the CPF in the subject's serialNumber only, as
	// the newer profile of ICP-Brasil allows (Resolução CG 211).
	WithoutOtherNames bool
	// KeyUsage replaces digitalSignature + contentCommitment when not zero.
	KeyUsage x509.KeyUsage
}

// Identity is a person's certificate with its key (nil when the key was given
// as Public) and the issuers above it, the root last.
type Identity struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	Chain       []*x509.Certificate
}

// New makes a training authority valid from now for ten years. The name, such
// as that of a class or a demonstration, is added to the label.
func New(name string, now time.Time, kind KeyKind) (*CA, error) {
	return NewServed(name, now, kind, "")
}

// NewServed is New for an authority whose Services answer at the base address
// services, such as "http://localhost:8080"; its certificates name them.
func NewServed(name string, now time.Time, kind KeyKind, services string) (*CA, error) {
	ca := &CA{services: services}
	var err error
	if ca.rootKey, err = makeKey(kind); err != nil {
		return nil, err
	}
	if ca.intermediateKey, err = makeKey(kind); err != nil {
		return nil, err
	}
	root := authority("Raiz "+name, now)
	if ca.Root, err = create(root, root, ca.rootKey.Public(), ca.rootKey); err != nil {
		return nil, err
	}
	inter := authority("Emissora "+name, now)
	inter.MaxPathLen, inter.MaxPathLenZero = 0, true
	if services != "" {
		inter.CRLDistributionPoints = []string{services + "/root.crl"}
	}
	if ca.Intermediate, err = create(inter, ca.Root, ca.intermediateKey.Public(), ca.rootKey); err != nil {
		return nil, err
	}
	return ca, nil
}

func authority(name string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{
			Country:            []string{"BR"},
			Organization:       []string{"Treinamento"},
			OrganizationalUnit: []string{Label},
			CommonName:         strings.TrimSpace(Label + " " + name),
		},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(10, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

// create signs one certificate with a fresh serial number.
func create(template, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("making a serial number: %w", err)
	}
	template.SerialNumber = serial.Add(serial, big.NewInt(1))
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("creating a training certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

func makeKey(kind KeyKind) (crypto.Signer, error) {
	switch kind {
	case RSA2048, "":
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	}
	return nil, fmt.Errorf("trainingca: unknown key kind %q", kind)
}

// Issue makes a person's certificate.
func (ca *CA) Issue(p Person, o IssueOptions) (*Identity, error) {
	if len(p.CPF) != 11 {
		return nil, errors.New("trainingca: a CPF has 11 digits")
	}
	id := &Identity{Chain: []*x509.Certificate{ca.Intermediate, ca.Root}}
	pub := o.Public
	if pub == nil {
		key, err := makeKey(o.Key)
		if err != nil {
			return nil, err
		}
		id.Key, pub = key, key.Public()
	}
	t, err := personTemplate(p, o)
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("encoding a public key: %w", err)
	}
	keyID := sha256.Sum256(spki) // RFC 7093, method 4
	t.SubjectKeyId = keyID[:20]
	ca.address(t)
	id.Certificate, err = create(t, ca.Intermediate, pub, ca.intermediateKey)
	return id, err
}

func personTemplate(p Person, o IssueOptions) (*x509.Certificate, error) {
	if o.NotBefore.IsZero() {
		o.NotBefore = time.Now().Add(-time.Hour)
	}
	if o.NotAfter.IsZero() {
		o.NotAfter = o.NotBefore.AddDate(3, 0, 0)
	}
	if o.KeyUsage == 0 {
		o.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	}
	t := &x509.Certificate{
		Subject: pkix.Name{
			Country:            []string{"BR"},
			Organization:       []string{"Treinamento"},
			OrganizationalUnit: []string{"Certificado de treinamento, sem valor legal"},
		},
		NotBefore:             o.NotBefore,
		NotAfter:              o.NotAfter,
		KeyUsage:              o.KeyUsage,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageEmailProtection},
		BasicConstraintsValid: true,
	}
	if o.WithoutOtherNames {
		t.Subject.CommonName, t.Subject.SerialNumber = p.Name, p.CPF
		return t, nil
	}
	t.Subject.CommonName = p.Name + ":" + p.CPF
	san, err := subjectAltName(p)
	if err != nil {
		return nil, err
	}
	t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: san}}
	return t, nil
}

// subjectAltName holds the otherNames of a natural person (DOC-ICP-04,
// 7.1.2.3): 2.16.76.1.3.1 with its fixed columns, .3.5 (voter) and .3.6 (CEI)
// filled with zeros.
func subjectAltName(p Person) ([]byte, error) {
	birth := "00000000"
	if !p.BirthDate.IsZero() {
		birth = p.BirthDate.Format("02012006")
	}
	agency := p.RGIssuer
	if len(agency) > 6 {
		agency = agency[:6]
	}
	person := birth + p.CPF + digits(p.NIS, 11) + digits(p.RG, 15) + agency
	names := []asn1.RawValue{}
	for _, n := range []struct {
		arc   int
		value string
	}{{1, person}, {5, strings.Repeat("0", 19)}, {6, strings.Repeat("0", 12)}} {
		v, err := otherName(asn1.ObjectIdentifier{2, 16, 76, 1, 3, n.arc}, n.value)
		if err != nil {
			return nil, err
		}
		names = append(names, v)
	}
	if p.Email != "" {
		names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, Bytes: []byte(p.Email)})
	}
	return asn1.Marshal(names)
}

// digits pads with zeros on the left, as the fixed columns ask.
func digits(s string, width int) string {
	if len(s) > width {
		return s[:width]
	}
	return strings.Repeat("0", width-len(s)) + s
}

func otherName(oid asn1.ObjectIdentifier, value string) (asn1.RawValue, error) {
	id, err := asn1.Marshal(oid)
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("encoding an otherName: %w", err)
	}
	octets, err := asn1.Marshal([]byte(value))
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("encoding an otherName: %w", err)
	}
	explicit, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: octets})
	if err != nil {
		return asn1.RawValue{}, fmt.Errorf("encoding an otherName: %w", err)
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: append(id, explicit...)}, nil
}

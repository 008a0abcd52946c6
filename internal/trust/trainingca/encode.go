package trainingca

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	pkcs12 "software.sslmate.com/src/go-pkcs12"
)

// CertificatePEM encodes certificates, in order.
func CertificatePEM(certs ...*x509.Certificate) []byte {
	var out bytes.Buffer
	for _, c := range certs {
		// Writing to a bytes.Buffer does not fail.
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	return out.Bytes()
}

// KeyPEM encodes the person's key as PKCS#8, what softhsm2-util imports.
func (id *Identity) KeyPEM() ([]byte, error) { return keyPEM(id.Key) }

func keyPEM(key crypto.Signer) ([]byte, error) {
	if key == nil {
		return nil, errors.New("trainingca: the key is elsewhere")
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding a training key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// PFX encodes the key, the certificate and its chain as a PKCS#12 file (what
// ICP-Brasil calls A1), under the given password.
func (id *Identity) PFX(password string) ([]byte, error) {
	if id.Key == nil {
		return nil, errors.New("trainingca: the key is elsewhere")
	}
	b, err := pkcs12.Modern.Encode(id.Key, id.Certificate, id.Chain, password)
	if err != nil {
		return nil, fmt.Errorf("encoding a training PFX: %w", err)
	}
	return b, nil
}

// PEM encodes the authority with its private keys, for a demonstration that
// must issue again later. Keep it as any private key.
func (ca *CA) PEM() ([]byte, error) {
	rk, err := keyPEM(ca.rootKey)
	if err != nil {
		return nil, err
	}
	ik, err := keyPEM(ca.intermediateKey)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{CertificatePEM(ca.Root, ca.Intermediate), rk, ik}, nil), nil
}

// Parse reads what PEM wrote.
func Parse(data []byte) (*CA, error) {
	ca := &CA{}
	for {
		var b *pem.Block
		if b, data = pem.Decode(data); b == nil {
			break
		}
		if err := ca.take(b); err != nil {
			return nil, err
		}
	}
	if ca.intermediateKey == nil || ca.Intermediate == nil {
		return nil, errors.New("trainingca: incomplete authority")
	}
	return ca, nil
}

// take puts the next block, in PEM's order, into its place.
func (ca *CA) take(b *pem.Block) error {
	if b.Type == "CERTIFICATE" {
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return fmt.Errorf("reading a training certificate: %w", err)
		}
		if ca.Root == nil {
			ca.Root = c
		} else {
			ca.Intermediate = c
		}
		return nil
	}
	k, err := x509.ParsePKCS8PrivateKey(b.Bytes)
	if err != nil {
		return fmt.Errorf("reading a training key: %w", err)
	}
	s, ok := k.(crypto.Signer)
	if !ok {
		return errors.New("trainingca: a key that cannot sign")
	}
	if ca.rootKey == nil {
		ca.rootKey = s
	} else {
		ca.intermediateKey = s
	}
	return nil
}

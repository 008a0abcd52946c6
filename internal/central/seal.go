package central

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	sealFile    = "seal.pem"
	sealYears   = 10
	sealRenewal = 90 * 24 * time.Hour // before its end
	maxSealName = 64                  // runes of a common name (RFC 5280, ub-common-name)
)

// Seal is what a central signs the files with that it makes itself. It says that
// a file left this central as it is, and nothing about who signed the document
// in it: the certificate is the central's own and chains to nobody.
type Seal struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
}

// sealReason names the document, in the version that was frozen.
func sealReason(d *sei.Document) string {
	version := ""
	if d.Frozen != nil {
		version = " (CRC " + d.Frozen.CRC + ")"
	}
	return "Via de leitura do documento " + protocol.FormatSEINumber(d.SEINumber) + version + ", selada pela central"
}

// pem is the certificate as published: whoever has it can tell a file that the
// central sealed without asking the central.
func (s Seal) pem() string {
	if s.Certificate == nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate.Raw}))
}

// openSeal reads the seal of a folder, or makes it. The key stays for ever; the
// certificate is issued anew when the central's name or nature is another or its
// time runs out, so that a training central's seal always says that it is one.
func openSeal(folder, name string, training bool, now time.Time) (Seal, error) {
	path := filepath.Join(folder, sealFile)
	seal, err := readSeal(path)
	if errors.Is(err, fs.ErrNotExist) {
		seal.Key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return Seal{}, fmt.Errorf("opening the seal: %w", err)
	}
	if c := seal.Certificate; c != nil && c.Subject.CommonName == sealName(name, training) &&
		now.After(c.NotBefore) && now.Add(sealRenewal).Before(c.NotAfter) {
		return seal, nil
	}
	if seal.Certificate, err = certifySeal(seal.Key, sealName(name, training), now); err != nil {
		return Seal{}, err
	}
	return seal, writeSeal(path, seal)
}

// sealName shortens the central's name, never the mark of training.
func sealName(name string, training bool) string {
	const title, mark = "Selo da central ", " - SEM VALOR LEGAL"
	room := maxSealName - len(title)
	if training {
		room -= len(mark)
	}
	if runes := []rune(name); len(runes) > room {
		name = strings.TrimSpace(string(runes[:room]))
	}
	if training {
		return title + name + mark
	}
	return title + name
}

func certifySeal(key crypto.Signer, name string, now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("numbering the seal: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Country: []string{"BR"}, CommonName: name},
		NotBefore: now.Add(-24 * time.Hour).UTC(), NotAfter: now.AddDate(sealYears, 0, 0).UTC(),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("certifying the seal: %w", err)
	}
	return x509.ParseCertificate(der)
}

// readSeal gives fs.ErrNotExist where there is none. Key and certificate are one
// file, so that a crash never leaves one without the other.
func readSeal(path string) (Seal, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Seal{}, err
	}
	keyBlock, rest := pem.Decode(data)
	certBlock, _ := pem.Decode(rest)
	if keyBlock == nil || certBlock == nil {
		return Seal{}, fmt.Errorf("%s does not hold a key and a certificate", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return Seal{}, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return Seal{}, fmt.Errorf("%s holds no ECDSA key", path)
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err == nil && !key.PublicKey.Equal(cert.PublicKey) {
		err = fmt.Errorf("key and certificate in %s do not belong together", path)
	}
	return Seal{Key: key, Certificate: cert}, err
}

func writeSeal(path string, seal Seal) error {
	der, err := x509.MarshalPKCS8PrivateKey(seal.Key)
	if err != nil {
		return fmt.Errorf("encoding the seal: %w", err)
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: seal.Certificate.Raw})...)
	return writeSecret(path, data)
}

// copySeal takes the seal along where there is one: a central of an older
// release has none until it is opened.
func copySeal(from, to string) error {
	data, err := os.ReadFile(filepath.Join(from, sealFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("copying the seal: %w", err)
	}
	return writeSecret(filepath.Join(to, sealFile), data)
}

package keys

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/holder"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
)

// MakeID gives a certificate's ID: half of its SHA-256, then the store's name.
// It survives plugging the token into another port and restarting the program.
func MakeID(store string, der []byte) string {
	return Fingerprint(der) + "@" + store
}

// Fingerprint is the first half of the certificate's SHA-256, in hexadecimal.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:16])
}

// SplitID takes an ID apart; ok is false for anything that MakeID did not make.
func SplitID(id string) (fingerprint, store string, ok bool) {
	fingerprint, store, ok = strings.Cut(id, "@")
	raw, err := hex.DecodeString(fingerprint)
	return fingerprint, store, ok && err == nil && len(raw) == 16 && store != ""
}

// CanSign says whether a document may be signed with the certificate's key: not
// an authority's, meant for digitalSignature or nonRepudiation (RFC 5280,
// 4.2.1.3; a certificate that does not say is not offered, because workstations
// hold many machine certificates), and of a kind that sessions know.
func CanSign(cert *x509.Certificate) bool {
	return !cert.IsCA &&
		cert.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0 &&
		keyName(cert) != ""
}

func keyName(cert *x509.Certificate) string {
	switch pub := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", pub.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + pub.Curve.Params().Name
	}
	return ""
}

// Describe makes the Certificate of cert as seen through the named store;
// issuers are other certificates found beside it, in any order.
func Describe(store string, cert *x509.Certificate, issuers []*x509.Certificate) Certificate {
	who := holder.Of(cert)
	if !who.ICPBrasil {
		// Anybody may write a number into a certificate of their own making.
		who.CPF, who.CNPJ = "", ""
	}
	c := Certificate{
		ID:        MakeID(store, cert.Raw),
		Store:     store,
		Subject:   who.Name,
		CPF:       who.CPF,
		MaskedCPF: protocol.MaskCPF(who.CPF),
		CNPJ:      who.CNPJ,
		Issuer:    firstOf(cert.Issuer.CommonName, cert.Issuer.String()),
		Serial:    fmt.Sprintf("%X", cert.SerialNumber),
		NotBefore: cert.NotBefore,
		NotAfter:  cert.NotAfter,
		ICPBrasil: who.ICPBrasil,
		Key:       keyName(cert),
		PIN:       PINOK,
		Needs:     SecretPIN,
		DER:       cert.Raw,
	}
	for _, issuer := range ChainOf(cert, issuers) {
		c.Chain = append(c.Chain, issuer.Raw)
	}
	return c
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

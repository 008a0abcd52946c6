package trust

import (
	"crypto"
	_ "crypto/sha1" // what CertID uses nearly everywhere (RFC 6960, 4.1.1); no signature rests on it
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
)

var hashOIDs = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// issuerHashes are the hashes of an authority's name and key that stand in a
// CertID.
func issuerHashes(issuer *x509.Certificate, alg asn1.ObjectIdentifier) (name, key []byte, ok bool) {
	h, ok := hashOIDs[alg.String()]
	if !ok {
		return nil, nil, false
	}
	var spki struct {
		Alg pkix.AlgorithmIdentifier
		Key asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &spki); err != nil {
		return nil, nil, false
	}
	w := h.New()
	w.Write(issuer.RawSubject)
	name = w.Sum(nil)
	w = h.New()
	w.Write(spki.Key.RightAlign())
	return name, w.Sum(nil), true
}

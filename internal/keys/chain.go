package keys

import (
	"bytes"
	"crypto/x509"
)

// maxChain is the longest chain looked for; ICP-Brasil has four levels.
const maxChain = 8

// ChainOf orders those of candidates that issued cert, the nearest first. It
// goes by names and key identifiers only, because the old authorities' SHA-1
// signatures are refused by crypto/x509; trust is judged elsewhere.
func ChainOf(cert *x509.Certificate, candidates []*x509.Certificate) []*x509.Certificate {
	var chain []*x509.Certificate
	for current := cert; len(chain) < maxChain; {
		if bytes.Equal(current.RawIssuer, current.RawSubject) {
			break
		}
		next := issuerOf(current, candidates)
		if next == nil || next.Equal(current) || contains(chain, next) {
			break
		}
		chain = append(chain, next)
		current = next
	}
	return chain
}

func issuerOf(cert *x509.Certificate, candidates []*x509.Certificate) *x509.Certificate {
	for _, c := range candidates {
		if !bytes.Equal(c.RawSubject, cert.RawIssuer) || !c.IsCA {
			continue
		}
		if len(cert.AuthorityKeyId) > 0 && len(c.SubjectKeyId) > 0 && !bytes.Equal(cert.AuthorityKeyId, c.SubjectKeyId) {
			continue
		}
		return c
	}
	return nil
}

func contains(chain []*x509.Certificate, cert *x509.Certificate) bool {
	for _, c := range chain {
		if c.Equal(cert) {
			return true
		}
	}
	return false
}

// ParseAll parses what it can of ders and leaves the rest out: a token may hold
// certificates of kinds that crypto/x509 does not know.
func ParseAll(ders [][]byte) []*x509.Certificate {
	var certs []*x509.Certificate
	for _, der := range ders {
		if cert, err := x509.ParseCertificate(der); err == nil {
			certs = append(certs, cert)
		}
	}
	return certs
}

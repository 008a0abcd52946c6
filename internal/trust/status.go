package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// A status is what one CRL or OCSP answer says of one certificate. It is only
// made from data whose signature has been verified.
type status struct {
	thisUpdate, nextUpdate time.Time
	revokedAt              time.Time // zero: not revoked
	reason                 int       // RFC 5280, 5.3.1
	// keepsExpired tells since when expired certificates stay listed; zero when
	// they may have been dropped.
	keepsExpired time.Time
}

// clockSkew is how far an authority's clock may be ahead of ours.
const clockSkew = 10 * time.Minute

// tells whether the status says anything about the certificate at the time at:
// it was issued after that time, or was still current then (RFC 5280, 6.3;
// EN 319 102-1, 5.2.5). Once a certificate has expired its authority may drop
// it from the list, and absence proves nothing any more.
func (s status) tells(cert *x509.Certificate, at time.Time) bool {
	if !s.revokedAt.IsZero() {
		return true // whenever it was issued, revocations do not go away
	}
	if s.thisUpdate.After(cert.NotAfter) && (s.keepsExpired.IsZero() || s.keepsExpired.After(cert.NotAfter)) {
		return false
	}
	if !s.thisUpdate.Before(at) {
		return true
	}
	return !s.nextUpdate.IsZero() && !s.nextUpdate.Before(at)
}

// RevokedError says since when a certificate is revoked. It stands in the chain
// of every error with CodeRevoked.
type RevokedError struct {
	Since  time.Time
	Reason int // RFC 5280, 5.3.1
}

func (e *RevokedError) Error() string {
	return fmt.Sprintf("revoked since %s, reason %d", e.Since.UTC().Format(time.RFC3339), e.Reason)
}

// RevokedAt is when the certificate stopped being good.
func (e *RevokedError) RevokedAt() time.Time { return e.Since }

// verdict turns a status that tells into nil or CodeRevoked. A certificate
// that was on hold and released is listed with removeFromCRL.
func (s status) verdict(cert *x509.Certificate, at time.Time) error {
	const removeFromCRL = 8
	if s.revokedAt.IsZero() || s.reason == removeFromCRL || s.revokedAt.After(at) {
		return nil
	}
	name := cert.Subject.CommonName
	if cert.IsCA {
		name = "da autoridade " + name
	} else {
		name = "do signatário"
	}
	return sei.Wrap(&RevokedError{s.revokedAt, s.reason}, CodeRevoked, fmt.Sprintf("O certificado %s foi revogado em %s%s.", name, s.revokedAt.Local().Format("02/01/2006, às 15:04"), reasonWords(s.reason)))
}

func reasonWords(reason int) string {
	words := map[int]string{1: "chave comprometida", 2: "autoridade comprometida", 3: "dados alterados", 4: "substituído", 5: "deixou de ser usado", 6: "suspenso", 9: "privilégio retirado"}
	if w := words[reason]; w != "" {
		return " (" + w + ")"
	}
	return ""
}

func notChecked(cause error) error {
	return sei.Wrap(cause, CodeNotChecked, "Não foi verificado se o certificado foi revogado: a autoridade não foi consultada ou não respondeu.")
}

// Object identifiers of CRL extensions.
var (
	oidIssuingPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidDeltaCRL     = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidKeepsExpired = asn1.ObjectIdentifier{2, 5, 29, 60}
)

// maxCRLBytes is the largest list read: those of the busiest authorities have
// some megabytes.
const maxCRLBytes = 32 << 20

// readCRL parses a list and verifies that issuer made it. What it covers is
// checked against a certificate by crlStatus.
func readCRL(der []byte, issuer *x509.Certificate) (*x509.RevocationList, error) {
	if len(der) > maxCRLBytes {
		return nil, errors.New("the CRL is too large")
	}
	crl, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, fmt.Errorf("reading a CRL: %w", err)
	}
	if !bytes.Equal(crl.RawIssuer, issuer.RawSubject) {
		return nil, errors.New("the CRL is of another authority")
	}
	if err := crl.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("checking a CRL: %w", err)
	}
	return crl, nil
}

// crlStatus looks a certificate up in a verified list.
func crlStatus(crl *x509.RevocationList, cert *x509.Certificate) (status, error) {
	s := status{thisUpdate: crl.ThisUpdate, nextUpdate: crl.NextUpdate}
	for _, e := range crl.Extensions {
		switch {
		case e.Id.Equal(oidIssuingPoint):
			if err := coversAll(e.Value, cert); err != nil {
				return s, err
			}
		case e.Id.Equal(oidKeepsExpired):
			if _, err := asn1.UnmarshalWithParams(e.Value, &s.keepsExpired, "generalized"); err != nil {
				return s, fmt.Errorf("reading a CRL: %w", err)
			}
		case e.Id.Equal(oidDeltaCRL):
			return s, errors.New("a delta CRL says nothing by itself")
		case e.Critical:
			return s, fmt.Errorf("a CRL with the unknown critical extension %s", e.Id)
		}
	}
	for i := range crl.RevokedCertificateEntries {
		e := &crl.RevokedCertificateEntries[i]
		if e.SerialNumber.Cmp(cert.SerialNumber) == 0 {
			s.revokedAt, s.reason = e.RevocationTime, e.ReasonCode
			return s, nil
		}
	}
	return s, nil
}

// coversAll reads issuingDistributionPoint (RFC 5280, 5.2.5) and refuses lists
// that leave certificates like this one out.
func coversAll(der []byte, cert *x509.Certificate) error {
	var p struct {
		Point      asn1.RawValue `asn1:"optional,tag:0"`
		OnlyUsers  bool          `asn1:"optional,tag:1"`
		OnlyCAs    bool          `asn1:"optional,tag:2"`
		Reasons    asn1.RawValue `asn1:"optional,tag:3"`
		Indirect   bool          `asn1:"optional,tag:4"`
		Attributes bool          `asn1:"optional,tag:5"`
	}
	if rest, err := asn1.Unmarshal(der, &p); err != nil || len(rest) > 0 {
		return errors.Join(errors.New("reading a CRL's scope"), err)
	}
	if p.Indirect || p.Attributes || len(p.Reasons.FullBytes) > 0 || p.OnlyUsers && cert.IsCA || p.OnlyCAs && !cert.IsCA {
		return errors.New("the CRL does not cover this certificate")
	}
	return nil
}

// maxOCSPBytes is the largest OCSP answer read.
const maxOCSPBytes = 256 << 10

var oidArchiveCutoff = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}

// ocspStatus reads an answer about cert that issuer, or a responder it has
// appointed, has signed (RFC 6960, 4.2.2.2).
func ocspStatus(der []byte, cert, issuer *x509.Certificate) (status, error) {
	if len(der) > maxOCSPBytes {
		return status{}, errors.New("the OCSP answer is too large")
	}
	r, err := ocsp.ParseResponseForCert(der, cert, issuer)
	if err != nil {
		return status{}, fmt.Errorf("reading an OCSP answer: %w", err)
	}
	if c := r.Certificate; c != nil && !c.Equal(issuer) {
		if !appointed(c) || r.ProducedAt.Before(c.NotBefore) || r.ProducedAt.After(c.NotAfter) {
			return status{}, errors.New("the OCSP responder was not appointed by the authority")
		}
	}
	if !ofIssuer(der, cert, issuer) {
		return status{}, errors.New("the OCSP answer is about a certificate of another authority")
	}
	s := status{thisUpdate: r.ThisUpdate, nextUpdate: r.NextUpdate}
	for _, e := range r.Extensions {
		if e.Id.Equal(oidArchiveCutoff) {
			if _, err := asn1.UnmarshalWithParams(e.Value, &s.keepsExpired, "generalized"); err != nil {
				return s, fmt.Errorf("reading an OCSP answer: %w", err)
			}
		}
	}
	switch r.Status {
	case ocsp.Good:
		return s, nil
	case ocsp.Revoked:
		s.revokedAt, s.reason = r.RevokedAt, r.RevocationReason
		return s, nil
	}
	return s, errors.New("the OCSP responder does not know the certificate")
}

func appointed(c *x509.Certificate) bool {
	for _, u := range c.ExtKeyUsage {
		if u == x509.ExtKeyUsageOCSPSigning {
			return true
		}
	}
	return false
}

// ofIssuer compares the answer's CertID with the authority's name and key: a
// serial number alone may be another authority's.
func ofIssuer(der []byte, cert, issuer *x509.Certificate) bool {
	for _, id := range certIDs(der) {
		if id.serial.Cmp(cert.SerialNumber) != 0 {
			continue
		}
		name, key, ok := issuerHashes(issuer, id.alg)
		if ok && bytes.Equal(name, id.name) && bytes.Equal(key, id.key) {
			return true
		}
	}
	return false
}

type certID struct {
	alg       asn1.ObjectIdentifier
	name, key []byte
	serial    *big.Int
}

// certIDs reads the identifiers out of a BasicOCSPResponse that has parsed.
func certIDs(der []byte) []certID {
	var outer struct {
		Status asn1.Enumerated
		Bytes  struct {
			Type     asn1.ObjectIdentifier
			Response []byte
		} `asn1:"explicit,tag:0,optional"`
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil
	}
	var basic struct {
		Data struct {
			Version   int           `asn1:"optional,default:0,explicit,tag:0"`
			Responder asn1.RawValue // a CHOICE
			Produced  time.Time     `asn1:"generalized"`
			Responses []asn1.RawValue
			Rest      asn1.RawValue `asn1:"optional,explicit,tag:1"`
		}
		Alg asn1.RawValue
		Sig asn1.BitString
		// The certificates follow; encoding/asn1 skips what is not named.
		Certs asn1.RawValue `asn1:"optional,explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(outer.Bytes.Response, &basic); err != nil {
		return nil
	}
	var out []certID
	for _, raw := range basic.Data.Responses {
		var id struct {
			Alg struct {
				ID     asn1.ObjectIdentifier
				Params asn1.RawValue `asn1:"optional"`
			}
			Name, Key []byte
			Serial    *big.Int
		}
		if _, err := asn1.Unmarshal(raw.Bytes, &id); err == nil && id.Serial != nil {
			out = append(out, certID{id.Alg.ID, id.Name, id.Key, id.Serial})
		}
	}
	return out
}

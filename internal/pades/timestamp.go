package pades

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// tstInfo is the content of a timestamp token (RFC 3161, 2.4.2); what follows
// the time is not needed here.
type tstInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Alg  pkix.AlgorithmIdentifier
		Hash []byte
	}
	Serial   *big.Int
	GenTime  time.Time `asn1:"generalized"`
	Accuracy asn1.RawValue
}

func parseTSTInfo(m *signedMessage) (*tstInfo, error) {
	if !m.contentType.Equal(oidTSTInfo) || m.content == nil {
		return nil, errors.New("not a timestamp token")
	}
	var seq asn1.RawValue
	if rest, err := asn1.Unmarshal(m.content, &seq); err != nil || len(rest) > 0 {
		return nil, errors.New("unreadable timestamp")
	}
	info := &tstInfo{}
	rest := seq.Bytes
	for _, p := range []any{&info.Version, &info.Policy, &info.Imprint, &info.Serial} {
		var err error
		if rest, err = asn1.Unmarshal(rest, p); err != nil {
			return nil, errors.New("unreadable timestamp")
		}
	}
	if _, err := asn1.UnmarshalWithParams(rest, &info.GenTime, "generalized"); err != nil {
		return nil, errors.New("unreadable timestamp")
	}
	return info, nil
}

// readToken checks a timestamp token by itself: it is of imprint, made with h,
// and its signature holds under a certificate that may stamp time. Whether the
// certificate is to be trusted is judged elsewhere.
func readToken(m *signedMessage, imprint []byte, h crypto.Hash) (time.Time, error) {
	info, err := parseTSTInfo(m)
	if err != nil {
		return time.Time{}, err
	}
	if used, err := hashFor(info.Imprint.Alg.Algorithm); err != nil || used != h || !bytes.Equal(info.Imprint.Hash, imprint) {
		return time.Time{}, errors.New("the timestamp is of something else")
	}
	own, err := m.hash()
	if err != nil {
		return time.Time{}, err
	}
	w := own.New()
	w.Write(m.content)
	sum := w.Sum(nil)
	ct, ok := m.attr(oidContentType)
	if m.cert == nil || m.rawAttrs == nil || !ok || !signedOID(ct).Equal(oidTSTInfo) || !m.digestMatches(sum) || !stampsTime(m.cert) {
		return time.Time{}, errors.New("the timestamp's signature is incomplete")
	}
	if err := m.checkSignature(sum); err != nil {
		return time.Time{}, err
	}
	if err := m.checkCertReference(); err != nil {
		return time.Time{}, err
	}
	return info.GenTime, nil
}

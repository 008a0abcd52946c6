package pades

import (
	"bytes"
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

// token judges a timestamp over data with the digest algorithm of its imprint
// and returns its time. cover gives the digest for an algorithm.
func (v *verifier) token(m *signedMessage, imprint []byte) (time.Time, error) {
	info, err := parseTSTInfo(m)
	if err != nil {
		return time.Time{}, err
	}
	if !bytes.Equal(info.Imprint.Hash, imprint) {
		return time.Time{}, errors.New("the timestamp is of something else")
	}
	h, err := m.hash()
	if err != nil {
		return time.Time{}, err
	}
	w := h.New()
	w.Write(m.content)
	sum := w.Sum(nil)
	if m.cert == nil || m.rawAttrs == nil || !m.digestMatches(sum) || !stampsTime(m.cert) {
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

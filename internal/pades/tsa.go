package pades

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Timestamper gets timestamp tokens (RFC 3161) for digests. Implementations do
// not have to know this package; internal/trust has the client.
type Timestamper interface {
	// Token returns a TimeStampToken (a CMS, DER) over digest, which was made
	// with hash.
	Token(ctx context.Context, digest []byte, hash crypto.Hash) ([]byte, error)
}

// CodeTimestamp is a timestamp authority that did not answer, or answered with
// something that is not a timestamp of what was sent.
const CodeTimestamp sei.Code = "pades.timestamp"

// stampTime adds to a CMS just made the token over its signature value.
func (o *SignOptions) stampTime(ctx context.Context, cms []byte) ([]byte, error) {
	if o.Timestamp == nil {
		return cms, nil
	}
	return addSignatureTimestamp(ctx, cms, o.Timestamp)
}

// addSignatureTimestamp asks for a token over the CMS's signature value and
// returns the CMS with it as an unsigned attribute. The token is read and its
// imprint and signature are checked before it goes in.
func addSignatureTimestamp(ctx context.Context, cms []byte, from Timestamper) ([]byte, error) {
	m, err := parseCMS(cms)
	if err != nil {
		return nil, err
	}
	token, err := askToken(ctx, from, m.signature)
	if err != nil {
		return nil, err
	}
	return withUnsignedAttribute(cms, attribute(oidTimeStamp, token))
}

// askToken gets a token over the SHA-256 of data and refuses one that is of
// something else or does not hold by itself. Its chain is the verifier's to judge.
func askToken(ctx context.Context, from Timestamper, data []byte) ([]byte, error) {
	w := crypto.SHA256.New()
	w.Write(data)
	return askTokenFor(ctx, from, w.Sum(nil), crypto.SHA256)
}

func askTokenFor(ctx context.Context, from Timestamper, sum []byte, h crypto.Hash) ([]byte, error) {
	token, err := from.Token(ctx, sum, h)
	if err != nil {
		return nil, err
	}
	m, err := parseCMS(token)
	if err == nil {
		_, err = readToken(m, sum, h)
	}
	if err != nil {
		return nil, sei.Wrap(err, CodeTimestamp, "O carimbo do tempo recebido não é válido. Tente de novo mais tarde ou avise o suporte.")
	}
	return token, nil
}

// withUnsignedAttribute writes a CMS again with one more unsigned attribute;
// every signed byte stays as it was.
func withUnsignedAttribute(cms, attr []byte) ([]byte, error) {
	v, err := openSignedData(cms)
	if err != nil {
		return nil, err
	}
	attrs := [][]byte{attr}
	rest := v.unsigned
	for len(rest) > 0 {
		n, err := derSize(rest)
		if err != nil {
			return nil, err
		}
		attrs, rest = append(attrs, rest[:n]), rest[n:]
	}
	info := derSeq(v.signer, derSetOf(0xa1, attrs...))
	data := derSeq(v.before, tlv(0x31, info))
	return derSeq(v.kind, tlv(0xa0, data)), nil
}

// signedDataParts is a one-signer SignedData taken apart for a new unsigned
// attribute: what stands before the signers, and the signer without its
// unsigned attributes.
type signedDataParts struct {
	kind, before, signer, unsigned []byte
}

func openSignedData(cms []byte) (p signedDataParts, err error) {
	outer, err := derChildren(cms)
	if err != nil || len(outer) != 2 {
		return p, errors.Join(errors.New("reading the CMS: not a ContentInfo"), err)
	}
	inner, err := derChildren(outer[1])
	if err != nil || len(inner) != 1 {
		return p, errors.Join(errors.New("reading the CMS: not a SignedData"), err)
	}
	parts, err := derChildren(inner[0])
	if err != nil || len(parts) < 4 {
		return p, errors.Join(errors.New("reading the CMS: not a SignedData"), err)
	}
	signers, err := derChildren(parts[len(parts)-1])
	if err != nil || len(signers) != 1 {
		return p, errors.Join(fmt.Errorf("reading the CMS: %d signers", len(signers)), err)
	}
	fields, err := derChildren(signers[0])
	if err != nil || len(fields) < 5 {
		return p, errors.Join(errors.New("reading the CMS: not a SignerInfo"), err)
	}
	p.kind = outer[0]
	for _, x := range parts[:len(parts)-1] {
		p.before = append(p.before, x...)
	}
	if last := fields[len(fields)-1]; last[0] == 0xa1 {
		if p.unsigned, err = derContent(last); err != nil {
			return p, err
		}
		fields = fields[:len(fields)-1]
	}
	for _, x := range fields {
		p.signer = append(p.signer, x...)
	}
	return p, nil
}

// derContent is the content of the one element at the start of b.
func derContent(b []byte) ([]byte, error) {
	n, err := derSize(b)
	if err != nil {
		return nil, err
	}
	head := 2
	if b[1] >= 0x80 {
		head += int(b[1] & 0x7f)
	}
	return b[head:n], nil
}

// derChildren splits a constructed element into its parts, each a complete encoding.
func derChildren(b []byte) ([][]byte, error) {
	rest, err := derContent(b)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for len(rest) > 0 {
		n, err := derSize(rest)
		if err != nil {
			return nil, err
		}
		out, rest = append(out, rest[:n]), rest[n:]
	}
	return out, nil
}

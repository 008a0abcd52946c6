package trust

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// TSA is a client of one timestamp authority (RFC 3161 over HTTP, 3.4).
type TSA struct {
	URL     string
	Policy  string        // asked for and demanded in the answer, dotted; "" for the authority's own
	Fetcher Fetcher       // HTTPFetcher{} when nil
	Timeout time.Duration // of the whole question; 15 s when zero
}

// CodeTSA is a timestamp authority that did not answer, refused, or answered
// something else than what it was asked.
const CodeTSA sei.Code = "tsa.failed"

const maxTokenBytes = 256 << 10

type tsaImprint struct {
	Alg struct {
		ID     asn1.ObjectIdentifier
		Params asn1.RawValue `asn1:"optional"`
	}
	Hash []byte
}

type tsaRequest struct {
	Version int
	Imprint tsaImprint
	Policy  asn1.ObjectIdentifier `asn1:"optional"`
	Nonce   *big.Int
	Certs   bool
}

// Token asks for a timestamp over digest, made with h, and returns the
// TimeStampToken. That the answer is of this digest, with this nonce and under
// the policy asked for is checked here; signature and chain are the
// verifier's. Errors: CodeTSA, the end of ctx.
func (t TSA) Token(ctx context.Context, digest []byte, h crypto.Hash) ([]byte, error) {
	request, nonce, err := t.request(digest, h)
	if err != nil {
		return nil, err
	}
	timeout := t.Timeout
	if timeout <= 0 {
		timeout = 15 * time.Second
	}
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	fetcher := t.Fetcher
	if fetcher == nil {
		fetcher = HTTPFetcher{Timeout: timeout}
	}
	answer, err := fetcher.Fetch(within, t.URL, request, "application/timestamp-query", maxTokenBytes)
	if err == nil {
		var token []byte
		if token, err = readTSAAnswer(answer, digest, h, nonce, t.Policy); err == nil {
			return token, nil
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, sei.Wrap(err, CodeTSA, "A autoridade de carimbo do tempo não respondeu como devia. A assinatura pode ser elevada mais tarde.")
}

func (t TSA) request(digest []byte, h crypto.Hash) ([]byte, *big.Int, error) {
	oid := oidOfHash(h)
	if oid == nil || len(digest) != h.Size() {
		return nil, nil, fmt.Errorf("asking for a timestamp: digest of %d bytes for %v", len(digest), h)
	}
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, nil, fmt.Errorf("making a nonce: %w", err)
	}
	r := tsaRequest{Version: 1, Nonce: nonce, Certs: true}
	r.Imprint.Alg.ID, r.Imprint.Alg.Params, r.Imprint.Hash = oid, asn1.NullRawValue, digest
	if t.Policy != "" {
		if r.Policy = parseDotted(t.Policy); r.Policy == nil {
			return nil, nil, sei.Errorf(sei.CodeInvalid, "A política do carimbo do tempo não é um identificador de objeto: %s.", t.Policy)
		}
	}
	der, err := asn1.Marshal(r)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding a timestamp request: %w", err)
	}
	return der, nonce, nil
}

func oidOfHash(h crypto.Hash) asn1.ObjectIdentifier {
	for dotted, known := range hashOIDs {
		if known == h && h != crypto.SHA1 {
			return parseDotted(dotted)
		}
	}
	return nil
}

func parseDotted(s string) asn1.ObjectIdentifier {
	var oid asn1.ObjectIdentifier
	for part := range bytes.SplitSeq([]byte(s), []byte{'.'}) {
		n, ok := new(big.Int).SetString(string(part), 10)
		if !ok || !n.IsInt64() || n.Sign() < 0 || n.Int64() > 1<<31-1 {
			return nil
		}
		oid = append(oid, int(n.Int64()))
	}
	if len(oid) < 2 || oid[0] > 2 || oid[0] < 2 && oid[1] > 39 {
		return nil
	}
	return oid
}

// readTSAAnswer opens a TimeStampResp (RFC 3161, 2.4.2) and compares the token
// with what was asked.
func readTSAAnswer(der, digest []byte, h crypto.Hash, nonce *big.Int, policy string) ([]byte, error) {
	var r struct {
		Status struct {
			Status int
			Text   asn1.RawValue  `asn1:"optional"`
			Fail   asn1.BitString `asn1:"optional"`
		}
		Token asn1.RawValue `asn1:"optional"`
	}
	if rest, err := asn1.Unmarshal(der, &r); err != nil || len(rest) > 0 {
		return nil, errors.Join(errors.New("the answer is not a TimeStampResp"), err)
	}
	if r.Status.Status != 0 && r.Status.Status != 1 {
		return nil, fmt.Errorf("the authority refused with status %d, failure %x", r.Status.Status, r.Status.Fail.Bytes)
	}
	if len(r.Token.FullBytes) == 0 {
		return nil, errors.New("the answer holds no token")
	}
	info, err := readTSTInfo(r.Token.FullBytes)
	if err != nil {
		return nil, err
	}
	switch {
	case hashOIDs[info.Imprint.Alg.ID.String()] != h || !bytes.Equal(info.Imprint.Hash, digest):
		return nil, errors.New("the token is of something else")
	case info.Nonce == nil || info.Nonce.Cmp(nonce) != 0:
		return nil, errors.New("the token answers another question")
	case policy != "" && info.Policy.String() != policy:
		return nil, fmt.Errorf("the token is under policy %s", info.Policy)
	}
	return r.Token.FullBytes, nil
}

// tstInfo is what a token says (RFC 3161, 2.4.2), read field by field.
type tstInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint tsaImprint
	Serial  *big.Int
	GenTime time.Time
	Nonce   *big.Int
}

// readTSTInfo finds the TSTInfo inside a token.
func readTSTInfo(token []byte) (*tstInfo, error) {
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content struct {
			Version int
			Algs    asn1.RawValue
			Encap   struct {
				Type    asn1.ObjectIdentifier
				Content []byte `asn1:"explicit,tag:0"`
			}
			Certs   asn1.RawValue `asn1:"optional,tag:0"`
			CRLs    asn1.RawValue `asn1:"optional,tag:1"`
			Signers asn1.RawValue
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(token, &outer); err != nil {
		return nil, fmt.Errorf("reading a token: %w", err)
	}
	if outer.Content.Encap.Type.String() != "1.2.840.113549.1.9.16.1.4" {
		return nil, errors.New("the token holds no TSTInfo")
	}
	var seq asn1.RawValue
	if _, err := asn1.Unmarshal(outer.Content.Encap.Content, &seq); err != nil || seq.Tag != asn1.TagSequence {
		return nil, errors.Join(errors.New("reading a token"), err)
	}
	info, rest := &tstInfo{}, seq.Bytes
	for _, p := range []any{&info.Version, &info.Policy, &info.Imprint, &info.Serial} {
		var err error
		if rest, err = asn1.Unmarshal(rest, p); err != nil {
			return nil, fmt.Errorf("reading a token: %w", err)
		}
	}
	rest, err := asn1.UnmarshalWithParams(rest, &info.GenTime, "generalized")
	if err != nil {
		return nil, fmt.Errorf("reading a token: %w", err)
	}
	for len(rest) > 0 { // accuracy, ordering, nonce, tsa, extensions
		var v asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			return nil, fmt.Errorf("reading a token: %w", err)
		}
		if v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger {
			if _, err := asn1.Unmarshal(v.FullBytes, &info.Nonce); err != nil {
				return nil, fmt.Errorf("reading a token: %w", err)
			}
		}
	}
	return info, nil
}

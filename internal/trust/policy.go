package trust

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// PolicyFile is a signature policy as ITI publishes it (RFC 3125, DER), with
// what a signer needs of it.
type PolicyFile struct {
	Name      string // file name, such as PA_PAdES_AD_RB_v1_3.der
	OID       string
	Hash      []byte // the internal signPolicyHash, SHA-256 over hashAlg and info
	Issued    time.Time
	NotBefore time.Time
	NotAfter  time.Time
}

// ParsePolicy reads a signature policy and recomputes its internal hash: a
// file whose hash does not hold is refused.
func ParsePolicy(der []byte) (*PolicyFile, error) {
	var outer asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 {
		return nil, errors.Join(errors.New("reading the policy: not one DER value"), err)
	}
	if outer.Class != asn1.ClassUniversal || outer.Tag != asn1.TagSequence {
		return nil, errors.New("reading the policy: not a sequence")
	}
	var alg, info asn1.RawValue
	rest, err := asn1.Unmarshal(outer.Bytes, &alg)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	if rest, err = asn1.Unmarshal(rest, &info); err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	p := &PolicyFile{}
	if _, err = asn1.Unmarshal(rest, &p.Hash); err != nil {
		return nil, fmt.Errorf("reading the policy's hash: %w", err)
	}
	sum := sha256.Sum256(append(append([]byte(nil), alg.FullBytes...), info.FullBytes...))
	if !bytes.Equal(sum[:], p.Hash) {
		return nil, errors.New("reading the policy: its internal hash does not hold")
	}
	return p, p.readInfo(info.Bytes)
}

// readInfo reads SignPolicyInfo: identifier, date of issue, issuer, field of
// application, validation policy with the signing period first.
func (p *PolicyFile) readInfo(der []byte) error {
	var oid asn1.ObjectIdentifier
	var issuer, field, validation, period asn1.RawValue
	for _, v := range []any{&oid, &p.Issued, &issuer, &field, &validation} {
		var err error
		if t, ok := v.(*time.Time); ok {
			der, err = asn1.UnmarshalWithParams(der, t, "generalized")
		} else {
			der, err = asn1.Unmarshal(der, v)
		}
		if err != nil {
			return fmt.Errorf("reading the policy: %w", err)
		}
	}
	p.OID = oid.String()
	if _, err := asn1.Unmarshal(validation.Bytes, &period); err != nil {
		return fmt.Errorf("reading the policy's period: %w", err)
	}
	rest, err := asn1.UnmarshalWithParams(period.Bytes, &p.NotBefore, "generalized")
	if err != nil {
		return fmt.Errorf("reading the policy's period: %w", err)
	}
	if len(rest) == 0 {
		return nil // no end
	}
	if _, err := asn1.UnmarshalWithParams(rest, &p.NotAfter, "generalized"); err != nil {
		return fmt.Errorf("reading the policy's period: %w", err)
	}
	return nil
}

// PolicyFiles reads the embedded policies (PAdES and CAdES), each checked
// against its internal hash. The lists of policies (LPA) are not policies and
// are left out.
func PolicyFiles() ([]PolicyFile, error) {
	entries, err := icpFiles.ReadDir("icpbrasil/policies")
	if err != nil {
		return nil, fmt.Errorf("reading the embedded policies: %w", err)
	}
	var out []PolicyFile
	for _, e := range entries {
		if ok, err := path.Match("PA_*", e.Name()); err != nil || !ok {
			continue
		}
		der, err := icpFiles.ReadFile("icpbrasil/policies/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the embedded policies: %w", err)
		}
		p, err := ParsePolicy(der)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		p.Name = e.Name()
		out = append(out, *p)
	}
	return out, nil
}

// PolicyList is the list of signature policies (LPA) that ITI publishes, with
// its detached signature (DER). The signature is not part of what the program
// ships: an administrator who archives (AD-RA) provides both.
type PolicyList struct{ DER, Signature []byte }

// PolicyLists are the lists in force.
type PolicyLists struct{ PAdES PolicyList }

// PolicyDER gives an embedded policy file by its OID.
func PolicyDER(oid string) ([]byte, error) {
	files, err := PolicyFiles()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.OID == oid {
			return icpFiles.ReadFile("icpbrasil/policies/" + f.Name)
		}
	}
	return nil, sei.Errorf(sei.CodeNotFound, "A política %s não está entre as que acompanham o programa.", oid)
}

// EmbeddedPolicyList is the list that the program ships, without its signature.
func EmbeddedPolicyList() ([]byte, error) {
	return icpFiles.ReadFile("icpbrasil/policies/LPA_PAdES.der")
}

package pades

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Policy is one signature policy of ICP-Brasil (DOC-ICP-15.03). Hash
// is the policy's internal signPolicyHash (SHA-256 over hashAlg and info in
// DER), the one that goes into the CMS; it is not the hash of the file.
type Policy struct {
	OID       string    `json:"oid"`
	Name      string    `json:"name"`
	Level     string    `json:"level"` // AD-RB, AD-RT, AD-RC or AD-RA
	Hash      []byte    `json:"-"`
	URI       string    `json:"uri"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Form      string    `json:"form"` // FormPAdES or FormCAdES
}

// What a policy is for: signatures inside PDF files, or beside any file.
const (
	FormPAdES = "pades"
	FormCAdES = "cades"
)

// The current policies that Sign and SignDetached name by default.
const (
	DefaultPolicyOID     = "2.16.76.1.7.1.11.1.3" // AD-RB v1.3, the basic policy
	TimestampedPolicyOID = "2.16.76.1.7.1.12.1.3" // AD-RT v1.3, with a timestamp
	DetachedPolicyOID    = "2.16.76.1.7.1.1.2.4"  // AD-RB v2.4 of CAdES
	DetachedTimestampOID = "2.16.76.1.7.1.2.2.4"  // AD-RT v2.4 of CAdES
)

//go:embed policies.csv
var policiesCSV string

// loadPolicies reads the embedded table once; the table is part of the
// program, so a fault in it is a programming error.
var loadPolicies = sync.OnceValue(func() []Policy {
	rows, err := csv.NewReader(strings.NewReader(policiesCSV)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("policies.csv: %v", err))
	}
	var out []Policy
	for _, r := range rows[1:] {
		p := Policy{OID: r[0], Name: r[1], Level: r[2], URI: r[4], Form: r[7]}
		var err1, err2, err3 error
		p.Hash, err1 = hex.DecodeString(r[3])
		p.NotBefore, err2 = time.Parse("20060102150405", r[5])
		p.NotAfter, err3 = time.Parse("20060102150405", r[6])
		if err1 != nil || err2 != nil || err3 != nil {
			panic("policies.csv: bad row " + r[0])
		}
		out = append(out, p)
	}
	return out
})

// Policies lists the known policies, by level and version.
func Policies() []Policy { return append([]Policy(nil), loadPolicies()...) }

// PolicyByOID finds a known policy.
func PolicyByOID(oid string) (Policy, bool) {
	for _, p := range loadPolicies() {
		if p.OID == oid {
			return p, true
		}
	}
	return Policy{}, false
}

// InForce tells whether the policy may be used for signing at t.
func (p Policy) InForce(t time.Time) bool {
	return !t.Before(p.NotBefore) && !t.After(p.NotAfter)
}

// Allows checks a key and a digest against the algorithms of DOC-ICP-15.03:
// RSA from 2048 bits, ECDSA from 256, Ed25519 and Ed448, SHA-256 or SHA-512.
func (p Policy) Allows(pub crypto.PublicKey, h crypto.Hash) error {
	if h != crypto.SHA256 && h != crypto.SHA512 {
		return sei.Errorf(CodePolicy, "A política %s só aceita SHA-256 ou SHA-512.", p.Name)
	}
	ok := false
	switch k := pub.(type) {
	case *rsa.PublicKey:
		ok = k.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		ok = k.Curve.Params().BitSize >= 256
	case ed25519.PublicKey:
		ok = true
	}
	if !ok {
		return sei.Errorf(CodePolicy, "A chave do certificado não é aceita pela política %s. Use um certificado com chave RSA de 2048 bits ou mais.", p.Name)
	}
	return nil
}

package pades

import (
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Verdict is the outcome of judging a signature, in the words of EN 319 102-1:
// valid is TOTAL-PASSED, invalid TOTAL-FAILED, indeterminate INDETERMINATE.
type Verdict string

// The verdicts, and VerdictUnsigned for a file without signatures.
const (
	VerdictValid         Verdict = "valid"
	VerdictIndeterminate Verdict = "indeterminate"
	VerdictInvalid       Verdict = "invalid"
	VerdictUnsigned      Verdict = "unsigned"
)

// Label is the verdict as a servant reads it.
func (v Verdict) Label() string {
	switch v {
	case VerdictValid:
		return "válida"
	case VerdictInvalid:
		return "inválida"
	case VerdictUnsigned:
		return "sem assinatura"
	}
	return "indeterminada"
}

// worse returns the more severe of two verdicts.
func worse(a, b Verdict) Verdict {
	rank := map[Verdict]int{VerdictUnsigned: 0, VerdictValid: 1, VerdictIndeterminate: 2, VerdictInvalid: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// Level is the level of a signature under Lei 14.063/2020, as far as its
// certificate tells. A password signature ("simple") is not in a PDF.
type Level string

// The levels that a certificate can give.
const (
	LevelQualified Level = "qualified" // the chain ends in ICP-Brasil
	LevelAdvanced  Level = "advanced"  // the chain ends in gov.br
	LevelUnknown   Level = "unknown"
)

// Kind tells signatures of people from document timestamps.
type Kind string

// The kinds of signature in a PDF.
const (
	KindSignature Kind = "signature"
	KindTimestamp Kind = "timestamp"
)

// ReasonCode names a reason for programs; stable across releases.
type ReasonCode = sei.Code

// The reasons. Those of chains come from the ChainVerifier with the codes
// CodeChain….
const (
	ReasonByteRange       ReasonCode = "signature.byte_range"        // does not cover what it must
	ReasonDigest          ReasonCode = "signature.digest"            // signed bytes were altered
	ReasonCrypto          ReasonCode = "signature.crypto"            // the signature value is wrong
	ReasonFormat          ReasonCode = "signature.format"            // not a readable CMS
	ReasonUnsupported     ReasonCode = "signature.unsupported"       // a kind or algorithm not judged here
	ReasonWeak            ReasonCode = "signature.weak"              // SHA-1, short keys
	ReasonCertReference   ReasonCode = "signature.cert_reference"    // signingCertificate missing or of another
	ReasonKeyUsage        ReasonCode = "signature.key_usage"         // certificate not meant for signing
	ReasonChanged         ReasonCode = "document.changed"            // more than signatures was added later
	ReasonLooseData       ReasonCode = "document.loose_data"         // bytes after the end of the PDF
	ReasonCertification   ReasonCode = "document.certification"      // the certification forbids what came later
	ReasonPolicyHash      ReasonCode = "policy.hash"                 // another policy under the same number
	ReasonPolicyUnknown   ReasonCode = "policy.unknown"              // a policy not in the table
	ReasonPolicyPeriod    ReasonCode = "policy.period"               // policy not in force when signed
	ReasonPolicyAttribute ReasonCode = "policy.attribute"            // mandatory missing or forbidden present
	ReasonPolicyAlgorithm ReasonCode = "policy.algorithm"            // algorithm that the policy does not allow
	ReasonExpired         ReasonCode = "certificate.expired"         // already expired when signed
	ReasonNotYetValid     ReasonCode = "certificate.not_yet_valid"   // not valid yet when signed
	ReasonTimeUnproven    ReasonCode = "certificate.time_unproven"   // expired now, no proof of the time
	ReasonRevoked         ReasonCode = "certificate.revoked"         // revoked before signing
	ReasonRevokedUnproven ReasonCode = "certificate.revoked_later"   // revoked after the declared time, which is not proven
	ReasonNotChecked      ReasonCode = "certificate.revocation_open" // revocation not checked
	ReasonTimestamp       ReasonCode = "timestamp.invalid"           // a timestamp that proves nothing
	ReasonNoTime          ReasonCode = "time.declared_only"          // only the declared time is known
)

// Codes a ChainVerifier gives to its errors; any other error makes the
// signature indeterminate with the error's own sentence.
const (
	CodeChainUnknown     sei.Code = "chain.unknown_root"  // no configured root: indeterminate
	CodeChainExpired     sei.Code = "chain.expired"       // an issuer expired at that time: indeterminate
	CodeChainUnsupported sei.Code = "chain.unsupported"   // algorithm not supported (Ed448): indeterminate
	CodeChainRevoked     sei.Code = "chain.revoked"       // invalid
	CodeChainNotChecked  sei.Code = "chain.not_checked"   // revocation unknown: noted, not held against it
	CodeChainInvalid     sei.Code = "chain.bad_signature" // an issuer's signature is wrong: indeterminate
)

// Reason is one thing that was found. Effect says how it weighs: a reason
// with effect valid is only a remark.
type Reason struct {
	Code    ReasonCode `json:"code"`
	Message string     `json:"message"` // Portuguese, one sentence
	Effect  Verdict    `json:"effect"`
}

// Change is something that was added after a signature.
type Change struct {
	Kind    string `json:"kind"` // signature, timestamp, dss, info
	Field   string `json:"field,omitempty"`
	Visible bool   `json:"visible,omitempty"` // it draws on a page
}

// Signature is the judgement of one signature.
type Signature struct {
	Field   string   `json:"field"`
	Kind    Kind     `json:"kind"`
	Verdict Verdict  `json:"verdict"`
	Reasons []Reason `json:"reasons,omitempty"`

	Signer     Identity `json:"signer"`
	Issuer     string   `json:"issuer,omitempty"`     // common name of the issuing authority
	Serial     string   `json:"serial,omitempty"`     // certificate's serial number, decimal
	NotBefore  string   `json:"not_before,omitempty"` // certificate's validity, RFC 3339
	NotAfter   string   `json:"not_after,omitempty"`
	CertSHA256 string   `json:"certificate_sha256,omitempty"` // hex
	Level      Level    `json:"level"`
	Anchor     string   `json:"anchor,omitempty"` // kind of root: icp-brasil, govbr, training, other
	Chain      []string `json:"chain,omitempty"`  // common names, the signer first

	DeclaredTime time.Time `json:"declared_time,omitzero"` // /M, the signer's own clock
	ProvenTime   time.Time `json:"proven_time,omitzero"`   // from a timestamp or the caller; zero when unproven
	Name         string    `json:"name,omitempty"`
	Reason       string    `json:"reason,omitempty"`
	Location     string    `json:"location,omitempty"`
	SubFilter    string    `json:"sub_filter"`
	PolicyOID    string    `json:"policy_oid,omitempty"`
	PolicyName   string    `json:"policy_name,omitempty"`
	Algorithm    string    `json:"algorithm,omitempty"` // such as "RSA 2048, SHA-256"

	ByteRange  [4]int64 `json:"byte_range"`
	CoversFile bool     `json:"covers_file"` // nothing was added after it
	// SignedSize is the length of the revision that was signed: the file's
	// first SignedSize bytes are what the signer had, plus the signature.
	SignedSize int64 `json:"signed_size"`
	// RevisionSHA256 is the hash of those bytes, hex.
	RevisionSHA256 string `json:"revision_sha256,omitempty"`
	// PrecedingSize is where the revision before this signature ends (after
	// its %%EOF and line break); the unsigned document when it is the first.
	PrecedingSize int64    `json:"preceding_size"`
	Changes       []Change `json:"changes,omitempty"` // what was added after it
}

// add records a reason and lets it weigh on the verdict.
func (s *Signature) add(effect Verdict, code ReasonCode, message string) {
	s.Reasons = append(s.Reasons, Reason{Code: code, Message: message, Effect: effect})
	s.Verdict = worse(s.Verdict, effect)
}

// Report is the judgement of a file. Verdict is the worst of its signatures.
type Report struct {
	Verdict    Verdict     `json:"verdict"`
	Size       int64       `json:"size"`
	Signatures []Signature `json:"signatures"`
	// Reasons are about the file as a whole; a file without signatures whose
	// end is torn may have lost one.
	Reasons []Reason `json:"reasons,omitempty"`
	// OriginalSize is where the document before the first signature ends, 0
	// when it is not known. CheckOriginal proves that a given document is it.
	OriginalSize int64 `json:"original_size,omitempty"`
}

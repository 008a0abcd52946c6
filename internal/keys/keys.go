// Package keys is where private keys live: PKCS#11 tokens, the Windows
// certificate store and PFX files, behind one [Keystore] interface.
//
// The window asks a [Directory] for the certificates that can sign, the servant
// chooses one and types a PIN, and [Directory.Open] gives a [Session] that signs
// a bounded batch. The secret is handed over once, used at most once as a login
// attempt, and zeroed; a wrong PIN is never tried again, because cards block at
// the third.
//
// Subpackages: pkcs11 (tokens, each driver in a child process), pfx (A1 files),
// wincert (Windows), keytest (the conformance suite that all of them pass).
package keys

import (
	"context"
	"crypto"
	"crypto/x509"
	"time"
)

// Keystore is one place where private keys live. Implementations are safe for
// concurrent use.
type Keystore interface {
	// Name identifies the store for ever on this workstation, for instance
	// "pkcs11:/usr/lib/libaetpkss.so", "windows" or "pfx".
	Name() string

	// Certificates lists the certificates that can sign, newest first. It never
	// asks for a secret. Errors: the Code constants of this package.
	Certificates(ctx context.Context) ([]Certificate, error)

	// Open unlocks the key of the certificate with the given ID. The secret is
	// tried at most once and is zeroed on return, whatever the outcome. Errors:
	// CodePINWrong, CodePINLocked, CodePFXPasswordWrong, CodeCertificateNotFound,
	// CodeTokenRemoved, CodeModuleCrashed, CodeModuleTimeout,
	// CodeModuleNotLoadable, CodeCanceled and the others of this package.
	Open(ctx context.Context, certID string, secret Secret) (Session, error)
}

// Session signs with one unlocked key until it is closed or its [Limits] are
// used up. Sign takes a digest and a SHA-256, SHA-384 or SHA-512 hash and gives
// an RSA PKCS#1 v1.5 signature (RFC 8017, 8.2) or an ASN.1 ECDSA-Sig-Value
// (RFC 3279, 2.2.3); it verifies what the key returned before giving it. Calls
// may come from several goroutines and are answered one at a time. The first
// fatal failure (token removed, driver crashed) ends the session; later calls
// return it again.
type Session interface {
	crypto.Signer

	// Certificate describes the signer's certificate.
	Certificate() Certificate
	// Chain is the issuing authorities found beside the key, the nearest first,
	// without the signer's own certificate. It may be empty or stop short of a root.
	Chain() []*x509.Certificate
	// Close locks the key again. Closing twice is harmless.
	Close() error
}

// Prober is a Keystore that knows in one look both its certificates and the
// tokens that hold them.
type Prober interface {
	Keystore
	// Probe is Certificates plus the tokens present, even those without
	// certificates.
	Probe(ctx context.Context) (Probe, error)
}

// Probe is what one look at a store found.
type Probe struct {
	Certificates []Certificate
	Tokens       []Token
}

// Token is a smart card or USB token that is plugged in.
type Token struct {
	Store        string   `json:"store"`        // Name of the keystore it was seen through
	Label        string   `json:"label"`        // the label its owner sees
	Serial       string   `json:"serial"`       // the manufacturer's serial number
	Manufacturer string   `json:"manufacturer"` // as the driver tells
	Model        string   `json:"model"`        // as the driver tells
	PIN          PINState `json:"pin"`
	PINPad       bool     `json:"pinPad"` // the PIN is typed on the reader itself
}

// PINState is what the token tells about the tries left before it blocks.
type PINState string

// States of a PIN. Tokens do not tell the number of tries, only these steps.
const (
	PINOK     PINState = "ok"     // no wrong PIN since the last right one, or not told
	PINLow    PINState = "low"    // at least one wrong PIN was typed
	PINFinal  PINState = "final"  // the next wrong PIN blocks the token
	PINLocked PINState = "locked" // blocked: only the PUK helps
)

// SecretKind says what the window has to ask before Open.
type SecretKind string

// Kinds of secret.
const (
	SecretPIN      SecretKind = "pin"      // the token's PIN
	SecretPassword SecretKind = "password" // the PFX file's password
	SecretNone     SecretKind = "none"     // nothing: a PIN pad or the operating system asks
)

// Certificate describes a certificate whose key can sign. The CPF, the DER and
// the chain stay in the process; the window receives the masked CPF.
type Certificate struct {
	ID          string     `json:"id"`          // made by MakeID; stable while the certificate exists
	Store       string     `json:"store"`       // Name of its keystore
	Token       string     `json:"token"`       // token label or PFX file name
	TokenSerial string     `json:"tokenSerial"` // the token's serial number, if any
	Subject     string     `json:"subject"`     // the person's (or company's) name
	CPF         string     `json:"-"`           // 11 digits, "" if not told
	MaskedCPF   string     `json:"maskedCpf"`   // ***.456.789-**
	CNPJ        string     `json:"cnpj"`        // 14 characters, only in certificates of companies
	Issuer      string     `json:"issuer"`      // the issuing authority's common name
	Serial      string     `json:"serial"`      // hexadecimal, upper case
	NotBefore   time.Time  `json:"notBefore"`
	NotAfter    time.Time  `json:"notAfter"`
	ICPBrasil   bool       `json:"icpBrasil"` // by its policies or otherNames; the chain is judged elsewhere
	Key         string     `json:"key"`       // "RSA 2048", "ECDSA P-256"
	PIN         PINState   `json:"pin"`
	PINPad      bool       `json:"pinPad"`
	Needs       SecretKind `json:"needs"`
	DER         []byte     `json:"-"` // the certificate itself
	Chain       [][]byte   `json:"-"` // issuers found beside it, nearest first, DER
}

// X509 parses the certificate.
func (c Certificate) X509() (*x509.Certificate, error) { return x509.ParseCertificate(c.DER) }

// Usable says whether the certificate is inside its validity at now. Errors:
// CodeCertificateExpired, CodeCertificateNotYetValid.
func (c Certificate) Usable(now time.Time) error {
	switch {
	case now.Before(c.NotBefore):
		return errNotYetValid(c.NotBefore)
	case now.After(c.NotAfter):
		return errExpired(c.NotAfter)
	}
	return nil
}

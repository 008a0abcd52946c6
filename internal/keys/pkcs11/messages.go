package pkcs11

import (
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Operations a worker is asked for. A worker serves one module, named by its
// first request, and at most one open session.
const (
	opProbe = "probe" // tokens and certificates
	opOpen  = "open"  // login; the blob is the PIN
	opSign  = "sign"  // the blob is the digest, and the signature in the answer
	opClose = "close" // logout and exit
)

type request struct {
	Op          string        `json:"op"`
	Module      string        `json:"module,omitempty"`
	Fingerprint string        `json:"fingerprint,omitempty"` // opOpen: keys.Fingerprint of the certificate
	Lifetime    time.Duration `json:"lifetime,omitempty"`    // opOpen: the worker ends itself after it
	Hash        uint          `json:"hash,omitempty"`        // opSign: crypto.Hash
}

type response struct {
	Failure *failure    `json:"failure,omitempty"`
	Tokens  []tokenSeen `json:"tokens,omitempty"` // opProbe: all; opOpen: the one opened
}

// tokenSeen is a token and the certificates in it.
type tokenSeen struct {
	Slot         uint          `json:"slot"`
	Label        string        `json:"label"`
	Serial       string        `json:"serial"`
	Manufacturer string        `json:"manufacturer"`
	Model        string        `json:"model"`
	PIN          keys.PINState `json:"pin"`
	PINPad       bool          `json:"pinPad"`
	LoginNeeded  bool          `json:"loginNeeded"`
	Certificates []certSeen    `json:"certificates,omitempty"`
}

type certSeen struct {
	ID     []byte `json:"id"` // CKA_ID, which pairs it with its key
	DER    []byte `json:"der"`
	HasKey bool   `json:"hasKey"` // false also when the key shows only after login
}

// failure is an error on its way out of the worker. Detail is technical, for
// the log; the servant's sentence is made by the program.
type failure struct {
	Code   sei.Code      `json:"code"`
	Detail string        `json:"detail"`
	PIN    keys.PINState `json:"pin,omitempty"` // with CodePINWrong
	Format bool          `json:"format,omitempty"`
	Reason loadProblem   `json:"reason,omitempty"` // with CodeModuleNotLoadable
	Name   string        `json:"name,omitempty"`   // the missing dependency
}

func (f *failure) Error() string { return string(f.Code) + ": " + f.Detail }

// loadProblem is why the system does not load a driver.
type loadProblem string

const (
	loadMissing      loadProblem = "missing"      // no such file
	loadDependency   loadProblem = "dependency"   // a library that it needs is not installed
	loadArchitecture loadProblem = "architecture" // 32 bits, or for another processor
	loadForeign      loadProblem = "foreign"      // a library, but not a PKCS#11 driver
	loadOther        loadProblem = "other"
)

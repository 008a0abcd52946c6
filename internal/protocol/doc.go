// Package protocol knows how SEI writes numbers down: the masks that process
// numbers follow, their check digits, the number of a document (Nº SEI), the
// pair that a reader types to verify a document (código verificador and código
// CRC), and the identifiers of commands.
//
// Everything here is a pure function of its arguments; time and randomness are
// given. Counters are kept elsewhere (the central allocates them, gap-free, by
// the scope that [Mask.Scope] names).
package protocol

import "github.com/sei-rs/sei-rs-desktop/internal/sei"

// Codes of the refusals made here.
const (
	// CodeMask is a mask that cannot be used for numbering.
	CodeMask sei.Code = "protocol.mask"
	// CodeNumber is a number, code or identifier that is not well formed or
	// whose check digits do not agree.
	CodeNumber sei.Code = "protocol.number"
	// CodeField is an agency code, unit code or year that a mask cannot carry.
	CodeField sei.Code = "protocol.field"
	// CodeExhausted is a sequence that has outgrown its field: the mask has to
	// be changed before another process can be numbered.
	CodeExhausted sei.Code = "protocol.exhausted"
)

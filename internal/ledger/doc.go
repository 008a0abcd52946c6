// Package ledger is the form of what cannot be changed afterwards: headers of
// events chained by hash, payloads bound to them by a salted digest, receipts
// and checkpoints signed by the central, and the verification of all of them.
//
// Everything is pure: bytes in, bytes or an error out. See DESIGN.md.
package ledger

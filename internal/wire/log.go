package wire

import "github.com/sei-rs/sei-rs-desktop/internal/ledger"

// CheckpointResponse is the log's latest signed head. Consistency proves that
// the head of the size asked for is its beginning; it is absent where that head is larger than
// this one, which only a recovery explains.
type CheckpointResponse struct {
	Checkpoint  ledger.Sealed `json:"checkpoint"`
	Consistency []ledger.Hash `json:"consistency"`
	// Backup is the latest statement about a backup, and Recovery the latest about
	// a recovery, open or closed.
	Backup   *ledger.Sealed `json:"backup,omitempty"`
	Recovery *ledger.Sealed `json:"recovery,omitempty"`
}

package wire

import "github.com/sei-rs/sei-rs-desktop/internal/ledger"

// CheckpointResponse is the log's latest signed head. Consistency proves that
// the head of the size asked for is its beginning.
type CheckpointResponse struct {
	Checkpoint  ledger.Sealed `json:"checkpoint"`
	Consistency []ledger.Hash `json:"consistency"`
}

package keytest

import "github.com/sei-rs/sei-rs-desktop/internal/keys/softhsm"

// SoftHSM is a software token in a folder of its own.
type SoftHSM = softhsm.Token

// ErrToolMissing is a program that a proof needs and that is not installed.
var ErrToolMissing = softhsm.ErrToolMissing

// NewSoftHSM makes a token; see [softhsm.New].
func NewSoftHSM(folder, label, pin string) (*SoftHSM, error) { return softhsm.New(folder, label, pin) }

// Package sync is the client engine: it hands in the outbox, checks receipts,
// pulls what changed, fetches and uploads files and leases numbers.
//
// The engine is a state machine without input or output of its own: clock,
// randomness, transport and store are given, so that a simulator can drive the
// very code that runs at a servant's desk. See DESIGN.md.
package sync

// Package sim runs workstations and their central in one process, over a
// simulated network, clock and disk, from one seed. The client engine, the local
// store, the central and its rules are the real ones. See DESIGN.md.
package sim

// Package central is the service that orders, numbers and dates: it accepts
// commands of workstations, keeps the ledger and the files, gives every desk
// the rows it may read, and answers the public verification page.
//
// It decides nothing itself. The rules are [sei.Decide]; this package gathers
// the facts, runs the decision in one transaction with everything that follows
// from it, and hands the answer back sealed. See DESIGN.md.
package central

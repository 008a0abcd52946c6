// Package remote reaches a central over HTTP: it is the transport of the sync
// engine, and the few calls that a servant makes directly (login, password
// signature, search, reading copy, hints).
//
// It trusts nothing that it receives more than it must: TLS is required beyond
// loopback, redirects to other hosts are refused, every answer has a limit, and
// only an answer in the central's own problem form is taken as its word. The
// page of a proxy or of a hotel's login is "no connection", never a refusal.
package remote

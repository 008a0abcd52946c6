// Package wire is what desk and central say to each other: the messages, their
// versions, and the upcasters that let every released command be understood for
// ever. It is pure; the transport is elsewhere. See DESIGN.md.
package wire

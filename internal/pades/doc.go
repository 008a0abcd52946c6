// Package pades signs PDF files and judges the signatures found in them.
//
// Sign appends an incremental update with a PAdES signature (EN 319 142-1) in
// the profile that ICP-Brasil asks for (DOC-ICP-15.03, AD-RB): the file's own
// bytes, forms and earlier signatures are left as they are, and memory does
// not depend on the file's size. Verify says, for each signature, whether it
// is valid, invalid or indeterminate and why, in words for a servant and codes
// for programs, and whether anything but signatures came after it.
//
// Chains and revocation are judged through the ChainVerifier interface;
// internal/trust has the implementation. DESIGN.md says which norm asks for
// what and which rules must always hold.
package pades

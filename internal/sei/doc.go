// Package sei is the rulebook: what a process, a document and a signature are
// in the sense of SEI, which command is allowed to whom, and what follows from
// it.
//
// Everything here is pure. [Decide] looks at a [View] of the current state and
// answers with events, a refusal or "unknown"; [Process.Apply] folds an event
// into the state; [Describe] puts it into the words of an andamento. The
// central runs these functions with authority inside a transaction; a
// workstation runs the same ones to forecast the answer while it is offline. No
// rule is written anywhere else.
//
// The package uses the standard library only and does no input or output.
package sei

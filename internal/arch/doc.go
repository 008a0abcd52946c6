// Package arch holds no code: its tests keep the program's layers apart.
//
// The direction of imports is
//
//	main, app/* -> adapters -> {sei, ledger, protocol, richtext, wire} -> standard library
//
// An adapter never imports another one: it declares the small interface it
// needs and app/* hands it the other's value. The core is pure, so that the
// central, the desk and the simulator can all run the same rules. The tests
// read the graph from "go list" for Linux and for Windows, because a file that
// is compiled for one system only can carry a forbidden edge too.
package arch

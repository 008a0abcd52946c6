// Package crash holds no program, only tests: the built programs, as real
// processes, are killed, cut from the power, starved of disk and network, and
// must keep what they have acknowledged.
//
// What is acknowledged: a servant was told that an act is in the queue, or a desk
// holds the central's receipt for it. Every such act must have exactly one
// verdict in the end, the same at the desk and at the central.
//
//	make crash ROUNDS=500 SEED=7
//
// runs the crash loop; build/test.sh runs the short form of everything here. The
// tests drive build/bin/seirs, or the program that SEIRS_PROGRAM names; without
// either they build one.
package crash

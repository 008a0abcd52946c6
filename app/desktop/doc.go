// Package desktop composes the workstation: it joins the rulebook, the local
// store, the sync engine, keys, typesetter and watched folder, and offers each
// area of the screen one small type whose methods the window may call.
//
// The same types are served to the Wails window and, for machines without a
// display and for tests, over loopback HTTP.
package desktop

// Package pkcs11 signs with smart cards and USB tokens through their makers'
// PKCS#11 drivers (OASIS PKCS #11 2.40).
//
// Drivers crash, hang and leak. Each runs in a child process of its own, made by
// executing this very program in a hidden mode, so that a broken driver costs
// the servant a message and not the window with the open draft. A program that
// uses this package therefore calls, before anything else in main (tests: in
// TestMain):
//
//	if pkcs11.IsWorker(os.Args) {
//		pkcs11.WorkerMain()
//	}
//
// One [Store] is one driver. [Discover] finds the drivers of a workstation.
package pkcs11

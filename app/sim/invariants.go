package sim

// Invariant is one of the eleven that DESIGN.md lists, by its number and name.
type Invariant string

// The invariants.
const (
	Promises     Invariant = "1 (acknowledged is in the ledger exactly once)"
	Numbers      Invariant = "2 (numbers unique, gaps explained)"
	TheChain     Invariant = "3 (the chain verifies)"
	Convergence  Invariant = "4 (equal rights, equal views)"
	Texts        Invariant = "5 (no revision is lost)"
	Openness     Invariant = "6 (open exactly where the ledger says)"
	ReceiptFirst Invariant = "7 (nothing shows as accepted before its receipt)"
	Monotonic    Invariant = "8 (own writes are seen, reads never go back)"
	Liveness     Invariant = "9 (the outbox empties)"
	Blobs        Invariant = "10 (every cited file exists and hashes)"
	Secrecy      Invariant = "11 (no content reaches who may not read it)"
)

// Invariants lists all of them, in order.
func Invariants() []Invariant {
	return []Invariant{Promises, Numbers, TheChain, Convergence, Texts, Openness, ReceiptFirst, Monotonic, Liveness, Blobs, Secrecy}
}

// check looks at what must hold after every action: at all that the central has
// written since the last look, and at the desk that acted.
func (w *world) check(d *desk) {
	w.must(w.failure)
	w.readLedger()
	w.checkDesk(d)
}

// rest lets the faults end, everybody finish, and looks at all that must hold then.
func (w *world) rest() {
	w.calm = true
	w.tracef("the faults stop")
	w.must(w.central.up())
	for len(w.late) > 0 {
		w.arriveLate()
	}
	w.finish()
	w.readLedger()
	w.checkPromises()
	w.checkGaps()
	w.checkWhole()
	w.checkTexts()
	w.checkViews()
	w.checkSecrets()
	for _, d := range w.desks {
		w.checkDesk(d)
	}
}

package sim

import "slices"

// shrinkRuns bounds how often a failing schedule is tried again in smaller forms.
const shrinkRuns = 400

// Shrink takes actions and faults out of a failing schedule as long as the same
// invariant fails, and gives the smallest form found with its result. It is
// delta debugging (Zeller): halves first, then ever smaller pieces.
func Shrink(s Schedule, failed Result) (Schedule, Result) {
	return shrinkWith(Run, s, failed)
}

func shrinkWith(run func(Schedule) (Result, error), s Schedule, failed Result) (Schedule, Result) {
	k := &shrinker{run: run, best: s, result: failed, left: shrinkRuns}
	k.trim()
	k.cutPieces()
	k.dropFaults()
	k.cutPieces()
	return k.best, k.result
}

type shrinker struct {
	run    func(Schedule) (Result, error)
	best   Schedule
	result Result
	left   int
}

// try keeps a smaller schedule if it fails in the same way.
func (k *shrinker) try(actions []Action) bool {
	if k.left <= 0 {
		return false
	}
	k.left--
	s := Schedule{Seed: k.best.Seed, Desks: k.best.Desks, Actions: actions}
	r, err := k.run(s)
	if err != nil || r.Violation == nil || r.Violation.Invariant != k.result.Violation.Invariant {
		return false
	}
	k.best, k.result = s, r
	return true
}

// trim takes away what comes after the failure.
func (k *shrinker) trim() {
	if n := k.result.Played; n < len(k.best.Actions) {
		k.try(slices.Clone(k.best.Actions[:n]))
	}
}

func (k *shrinker) cutPieces() {
	for size := max(1, len(k.best.Actions)/2); ; size /= 2 {
		for at := 0; at < len(k.best.Actions); {
			smaller := slices.Delete(slices.Clone(k.best.Actions), at, min(at+size, len(k.best.Actions)))
			if !k.try(smaller) {
				at += size
			}
		}
		if size <= 1 || k.left <= 0 {
			return
		}
	}
}

func (k *shrinker) dropFaults() {
	for i := range k.best.Actions {
		if k.best.Actions[i].Fault == "" {
			continue
		}
		smaller := slices.Clone(k.best.Actions)
		smaller[i].Fault, smaller[i].At = "", 0
		k.try(smaller)
	}
}

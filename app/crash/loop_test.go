//go:build linux

package crash

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// setting reads a number that make crash gives.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

// roundsOfAWorld bounds how much an audit at the end of a round has to read.
const roundsOfAWorld = 10

// The crash loop. Two desks work without pause while central and desks are
// killed at random moments; then everything must come to rest by itself, with
// nothing lost and nothing twice.
func TestNothingAcknowledgedIsLostWhenProgramsAreKilled(t *testing.T) {
	t.Parallel()
	seed := setting(t, "CRASH_SEED", uint64(time.Now().UnixNano())%1_000_000)
	rounds := int(setting(t, "CRASH_ROUNDS", 3))
	t.Logf("seed %d, %d rounds", seed, rounds)
	var total tally
	for first := 0; first < rounds; first += roundsOfAWorld {
		t.Run("world "+strconv.Itoa(first/roundsOfAWorld), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			folder := t.TempDir()
			w.enter(folder, ana)
			w.enter(folder, helena)
			loads := []*load{
				newLoad(w.desks[0], rand.New(rand.NewPCG(seed, uint64(first)*2)), unitOfHelena),
				newLoad(w.desks[1], rand.New(rand.NewPCG(seed, uint64(first)*2+1)), unitOfAna),
			}
			for round := first; round < min(rounds, first+roundsOfAWorld); round++ {
				if round > first {
					w.resume()
				}
				w.round(rand.New(rand.NewPCG(seed, uint64(round)+1_000_000)), loads, &total)
			}
			for _, d := range w.desks {
				total.acks += len(d.acks)
				total.receipts += len(w.receiptsOf(d))
			}
		})
		if t.Failed() {
			break
		}
	}
	t.Logf("seed %d: %d rounds, %d kills, %d acts acknowledged, %d receipts", seed, rounds, total.kills, total.acks, total.receipts)
}

// tally is what a run is told to have tried.
type tally struct{ kills, acks, receipts int }

// round is some kills under load, and the rest after them.
func (w *world) round(r *rand.Rand, loads []*load, total *tally) {
	w.t.Helper()
	done := w.working(loads...)
	for range 4 + r.IntN(3) {
		pause(time.Duration(50+r.IntN(350)) * time.Millisecond)
		total.kills++
		if victim := r.IntN(len(w.desks) + 2); victim < len(w.desks) {
			d := w.desks[victim]
			d.kill()
			fatal(w.t, d.revive())
			continue
		}
		w.killCentral()
		pause(time.Duration(r.IntN(150)) * time.Millisecond) // away for a while, or not
		fatal(w.t, w.startCentral())
	}
	done()
	w.settle()
}

//go:build linux

package crash

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
)

// openIn lists where the desk shows the process as open.
func (d *desk) openIn(process string) []string {
	d.t.Helper()
	var v desktop.ProcessView
	fatal(d.t, d.call("Processes/Get", &v, process))
	units := []string{}
	for _, u := range v.OpenIn {
		units = append(units, u.ID)
	}
	return units
}

// A process goes between two agencies while central and desks are killed: it is
// never open in both nor in none, and whoever has it can go on.
func TestAProcessIsOpenWhereTheLedgerSaysWhoeverIsKilled(t *testing.T) {
	t.Parallel()
	seed := setting(t, "CRASH_SEED", uint64(time.Now().UnixNano())%1_000_000)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 31))
	w := newWorld(t, t.TempDir())
	folder := t.TempDir()
	desks := []*desk{w.enter(folder, ana), w.enter(folder, helena)}
	units := []string{unitOfAna, unitOfHelena}
	started, err := desks[0].act("Processes/Start", desktop.StartForm{Type: typePublic, Specification: "Vai e vem", Subjects: []int{subject}})
	fatal(t, err)
	for leg := range 4 {
		from, to := desks[leg%2], desks[(leg+1)%2]
		_, err := from.act("Processes/Send", desktop.SendForm{Process: started.Process, To: []string{units[(leg+1)%2]}})
		fatal(t, err)
		switch r.IntN(3) {
		case 0:
			from.kill()
			fatal(t, from.revive())
		case 1:
			w.killCentral()
			fatal(t, w.startCentral())
		case 2:
			to.kill()
			fatal(t, to.revive())
		}
		for _, d := range desks {
			var seen []string
			d.await(func() bool {
				// To open it is to receive it, and to have it brought here.
				if d == to {
					_ = d.call("Processes/Open", nil, started.Process) // its rows may still be on their way
				}
				var v desktop.ProcessView
				if d.call("Processes/Get", &v, started.Process) != nil {
					return false
				}
				seen = d.openIn(started.Process)
				list, err := d.queue()
				fatal(t, err)
				return len(list) == 0 && len(seen) == 1 && seen[0] == units[(leg+1)%2]
			}, func() string { return "the process is not open where it was sent" })
		}
	}
	w.settle()
}

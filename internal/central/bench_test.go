package central_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// BenchmarkAcceptances measures commands accepted through HTTP by many desks at
// once, twenty to a push, each desk in a process of its own.
func BenchmarkAcceptances(b *testing.B) {
	for _, perPush := range []int{1, 20} {
		b.Run(map[int]string{1: "one", 20: "twenty"}[perPush], func(b *testing.B) {
			w := newWorld(b)
			var accepted atomic.Int64
			var logins sync.Mutex
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				logins.Lock() // more tries at once than a person makes are refused
				d := w.desk("SPGG", "ana.schneider", spggGab)
				logins.Unlock()
				id := d.start(sei.Public)
				for pb.Next() {
					cmds := make([]ledger.Sealed, perPush)
					for i := range cmds {
						cmds[i] = d.command(id, sei.NoteProgress{Text: "Andamento"})
					}
					for _, r := range d.receipts(cmds...) {
						if r.Accepted {
							accepted.Add(1)
						}
					}
				}
			})
			b.ReportMetric(float64(accepted.Load())/b.Elapsed().Seconds(), "acceptances/s")
		})
	}
}

package local

import (
	"fmt"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// BenchmarkFirstSync applies answers as a first sync brings them: 100 processes of
// ten documents and their history in each.
func BenchmarkFirstSync(b *testing.B) {
	w := newWorld(b)
	n := 0
	for b.Loop() {
		var pages []wire.Page
		for range 100 {
			n++
			id := sei.ProcessID(fmt.Sprintf("p%d", n))
			rows := []wire.Row{w.state(id, nil)}
			for d := range 10 {
				rows = append(rows, w.document(id, sei.DocumentID(fmt.Sprintf("%s-d%d", id, d)), nil), w.event(id, int64(d+1), fmt.Sprintf("%s-c%d", id, d), "Inclusão de documento"))
			}
			pages = append(pages, w.page(wire.ProcessBucket(id), rows...))
		}
		if _, err := w.ApplyPages(b.Context(), pages); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*2100)/b.Elapsed().Seconds(), "rows/s")
}

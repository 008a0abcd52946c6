package local

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestPagesThatComeTogetherAreAppliedAllOrNone(t *testing.T) {
	w := newWorld(t)
	one, two := w.page(wire.ProcessBucket("p1"), w.state("p1", nil)), w.page(wire.ProcessBucket("p2"), w.state("p2", nil))
	broken := wire.Page{Bucket: "process/"}
	if _, err := w.ApplyPages(w.ctx, []wire.Page{one, broken}); sei.CodeOf(err) != sei.CodeInvalid {
		t.Fatalf("a page out of form: %v", err)
	}
	if p, err := w.Process(w.ctx, "p1"); p != nil || err != nil {
		t.Fatalf("half of the pages were applied: %+v, %v", p, err)
	}
	wrong := two
	wrong.Checksum = &ledger.Hash{1}
	mismatches, err := w.ApplyPages(w.ctx, []wire.Page{one, wrong})
	w.ok(err)
	if mismatches[0] || !mismatches[1] {
		t.Fatalf("mismatches %v", mismatches)
	}
	if p, err := w.Process(w.ctx, "p1"); p == nil || err != nil {
		t.Fatalf("the page was not applied: %v", err)
	}
}

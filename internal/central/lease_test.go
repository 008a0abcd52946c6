package central_test

import (
	"net/http"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func (d *desk) lease(want int, back ...int64) []wire.Lease {
	d.t.Helper()
	var resp wire.LeaseResponse
	must(d.t, d.call(http.MethodPost, "/v1/leases", wire.LeaseRequest{Want: want, Return: back}, &resp))
	return resp.Leases
}

func withNumber(n int64, doc sei.DocumentID) sei.AddDocument {
	return sei.AddDocument{NewDocument: sei.NewDocument{Document: doc, SEINumber: n, Type: despacho}, Text: minuteText("x")}
}

func TestALeasedNumberIsUsedOnceAndByItsHolder(t *testing.T) {
	w := newWorld(t)
	ana, bruno := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "bruno.machado", spggGab)
	l := ana.lease(10)
	if len(l) != 1 || l[0].To-l[0].From != 9 {
		t.Fatalf("leases: %+v", l)
	}
	id := ana.start(sei.Public)
	bruno.refused(id, withNumber(l[0].From, sei.DocumentID(newID(w))), sei.CodeNumber)
	if r := ana.do(id, withNumber(l[0].From, sei.DocumentID(newID(w)))); r.SEINumber != l[0].From {
		t.Errorf("the document got %d", r.SEINumber)
	}
	ana.refused(id, withNumber(l[0].From, sei.DocumentID(newID(w))), sei.CodeNumber)
	ana.refused(id, withNumber(l[0].To+1, sei.DocumentID(newID(w))), sei.CodeNumber)
	if _, r, _ := bruno.addMinute(id, "sem reserva"); r.SEINumber != l[0].To+1 {
		t.Errorf("without a lease the number is %d", r.SEINumber)
	}
}

func TestReturnedNumbersAreLeasedAgain(t *testing.T) {
	w := newWorld(t)
	ana, bruno := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "bruno.machado", spggGab)
	l := ana.lease(5)[0]
	bruno.lease(0, l.From) // not his to give back
	ana.lease(0, l.From+3, l.From+4, l.From+1)
	got := bruno.lease(4)
	want := []wire.Lease{{From: l.From + 1, To: l.From + 1}, {From: l.From + 3, To: l.From + 5}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("leases %+v, want %+v", got, want)
	}
}

func TestADeskHoldsABoundedStockOfNumbers(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	total := int64(0)
	for range 5 {
		for _, l := range d.lease(wire.MaxLease) {
			total += l.To - l.From + 1
		}
	}
	if total != 2*wire.MaxLease {
		t.Errorf("the desk holds %d numbers", total)
	}
	if err := d.call(http.MethodPost, "/v1/leases", wire.LeaseRequest{Want: wire.MaxLease + 1}, nil); codeOf(err) != sei.CodeInvalid {
		t.Errorf("over the limit: %v", err)
	}
}

func TestEveryNumberIsInADocumentOrExplained(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	l := d.lease(4)[0]
	d.do(id, withNumber(l.From+1, sei.DocumentID(newID(w))))
	d.addMinute(id, "direto")
	d.lease(0, l.From)
	var epoch wire.EpochResponse
	must(t, d.call(http.MethodPost, "/v1/device/epoch", nil, &epoch))
	db := w.database()
	var last int64
	must(t, db.QueryRow("SELECT value FROM counters WHERE scope = 'sei'").Scan(&last))
	states := map[string]int{}
	for n := int64(1); n <= last; n++ {
		var documents int
		var state string
		must(t, db.QueryRow("SELECT (SELECT COUNT(*) FROM documents WHERE sei_number = ?), COALESCE((SELECT state FROM leased_numbers WHERE number = ?), '')", n, n).Scan(&documents, &state))
		if (documents == 1) == (state == "returned" || state == "lost" || state == "leased") {
			t.Errorf("number %d: %d documents, state %q", n, documents, state)
		}
		states[state]++
	}
	if states["lost"] != 2 || states["returned"] != 1 || states["used"] != 1 {
		t.Errorf("states: %v", states)
	}
}

package central_test

import (
	"encoding/json"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestAProcessTravelsFromOneAgencyToAnother(t *testing.T) {
	w := newWorld(t)
	chief := w.desk("SPGG", "ana.schneider", spggGab)
	clerk := w.desk("SES", "joana.vargas", sesGab)

	id := sei.ProcessID(newID(w))
	started := chief.do(id, startBody(sei.Public))
	if protocol.KindOf(started.ProcessNumber) != protocol.KindNIPE {
		t.Errorf("the number %q is no NIPE", started.ProcessNumber)
	}
	chief.signedDocument(id, "Encaminhe-se.")
	chief.do(id, sei.Send{To: []sei.UnitID{sesGab}})

	inbox := clerk.pull(wire.UnitBucket(sesGab), 0)
	line := bodyAs[wire.InboxLine](t, row(inbox, "process/"+string(id)))
	if !line.Open || line.Received || line.Number != started.ProcessNumber {
		t.Errorf("the other unit's line is %+v", line)
	}
	clerk.do(id, sei.Receive{})
	page := clerk.pull(wire.ProcessBucket(id), 0)
	checkSum(t, page)
	var headers []ledger.Header
	for _, key := range keysWith(page, "event/") {
		e := bodyAs[wire.EventRow](t, row(page, key))
		headers = append(headers, e.Header)
		must(t, ledger.CheckPayload(e.Header, e.Salt, e.Payload))
		if e.Text == "" || e.Unit == "" || e.User == "" {
			t.Errorf("%s has nothing to show: %+v", key, e)
		}
	}
	must(t, ledger.CheckChain(0, ledger.Hash{}, headers))
	state := sei.NewProcess()
	must(t, json.Unmarshal(row(page, "state").Body, state))
	if !state.OpenIn(sesGab) || state.OpenIn(spggGab) || !state.Units[sesGab].Received {
		t.Errorf("the process is open in %v", state.OpenUnits())
	}
	for _, key := range keysWith(page, "document/") {
		if d := bodyAs[sei.Document](t, row(page, key)); d.PenColour() != sei.PenBlack {
			t.Errorf("after sending, the pen of %s is %q", key, d.PenColour())
		}
	}
}

package central_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestColleaguesLearnWhoHasAMinuteOpenAndOtherUnitsDoNot(t *testing.T) {
	w := newWorld(t)
	ana, bruno, helena := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "bruno.machado", spggGab), w.desk("SES", "helena.moraes", sesGab)
	process := ana.start(sei.Public)
	doc, _, _ := ana.addMinute(process, "Encaminhe-se.")
	notice := wire.EditingNotice{Unit: ana.unit, Document: doc, Editing: true}
	if err := ana.call(http.MethodPost, "/v1/editing", notice, nil); err != nil {
		t.Fatal(err)
	}
	row, found := editingRow(t, bruno, doc)
	if !found || row.Name != "Ana Paula Schneider" || row.Until.IsZero() {
		t.Errorf("the colleague sees %+v, %v", row, found)
	}

	outside := wire.EditingNotice{Unit: helena.unit, Document: doc, Editing: true}
	if err := helena.call(http.MethodPost, "/v1/editing", outside, nil); codeOf(err) != sei.CodeNotFound {
		t.Errorf("another unit's notice gives %v", err)
	}
	notice.Editing = false
	if err := bruno.call(http.MethodPost, "/v1/editing", notice, nil); err != nil {
		t.Fatal(err)
	}
	if _, found := editingRow(t, bruno, doc); !found {
		t.Error("a colleague's closing took back somebody else's notice")
	}
	if err := ana.call(http.MethodPost, "/v1/editing", notice, nil); err != nil {
		t.Fatal(err)
	}
	if _, found := editingRow(t, bruno, doc); found {
		t.Error("the notice stands after closing")
	}
}

func editingRow(t *testing.T, d *desk, doc sei.DocumentID) (row wire.EditingRow, found bool) {
	t.Helper()
	for _, r := range d.pull(wire.UnitBucket(d.unit), 0).Rows {
		if r.Key != wire.EditingKey(doc) || r.Gone {
			continue
		}
		if err := json.Unmarshal(r.Body, &row); err != nil {
			t.Fatal(err)
		}
		return row, true
	}
	return row, false
}

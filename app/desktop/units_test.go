package desktop

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestAGrantAndARemovalAreTakenUpAndTheOldUnitsKeepTheirOrder(t *testing.T) {
	c := referenceOnly{wire.NewReference()}
	for _, id := range []string{"gab", "dep", "new"} {
		if err := c.Take("unit/"+id, []byte(`{"id":"`+id+`","acronym":"`+id+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	basic := []sei.Profile{sei.ProfileBasic}
	before := []wire.MemberUnit{{Unit: sei.Unit{ID: "old"}}, {Unit: sei.Unit{ID: "gab"}}, {Unit: sei.Unit{ID: "dep"}}}
	rows := []wire.UserUnitRow{{Unit: "dep", Profiles: basic}, {Unit: "gab", Profiles: basic}, {Unit: "new", Profiles: basic}, {Unit: "unknown", Profiles: basic}}
	got := memberUnits(before, rows, c)
	var ids []sei.UnitID
	for _, m := range got {
		ids = append(ids, m.Unit.ID)
	}
	if want := []sei.UnitID{"gab", "dep", "new"}; len(ids) != 3 || ids[0] != want[0] || ids[1] != want[1] || ids[2] != want[2] {
		t.Errorf("the units are %v, want %v", ids, want)
	}
}

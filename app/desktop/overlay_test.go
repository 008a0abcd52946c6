package desktop

import (
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// The central's rows come in two buckets, in any order: whatever has arrived,
// a queued text is shown once, and as the current one.
func TestATextOnItsWayIsTheCurrentOneWhicheverOfItsRowsHaveArrived(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	actor := sei.Actor{User: "ana", Name: "Ana", Unit: "gab", Agency: "spgg", Profiles: []sei.Profile{sei.ProfileBasic}}
	catalogue := referenceOnly{wire.NewReference()}
	for key, body := range map[string]string{
		"unit/gab":        `{"id":"gab","agency":"spgg","acronym":"GAB","receives":true}`,
		"document-type/5": `{"id":5,"name":"Despacho","active":true,"applicability":"T","numbering":"S"}`,
	} {
		if err := catalogue.Take(key, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	before := sei.NewProcess()
	before.Apply(sei.Event{Kind: sei.EvProcessStarted, Unit: "gab", User: "ana", At: now, Payload: sei.ProcessStarted{Process: "p", Number: "1", Type: 1}})
	text := richtext.FromText("Ciente.").Canonical()
	add := sei.Command{ID: "rev-1", Process: "p", DeclaredAt: now, Body: sei.AddDocument{NewDocument: sei.NewDocument{Document: "d", SEINumber: 7, Type: 5}, Text: text}}
	after := before.Clone()
	after.Apply(sei.Event{Kind: sei.EvDocumentAdded, Command: "rev-1", Unit: "gab", User: "ana", At: now, Payload: sei.DocumentAdded{Document: "d", SEINumber: 7, Type: 5, TypeName: "Despacho"}})
	arrivedText := map[sei.DocumentID]sei.RevisionInfo{"d": {ID: "rev-1", Name: "Ana"}}

	for name, c := range map[string]struct {
		base         *sei.Process
		heads        map[sei.DocumentID]sei.RevisionInfo
		events, text bool
		laidOver     int
	}{
		"nothing has arrived":  {before, nil, false, false, 1},
		"the events alone":     {after, nil, true, false, 1},
		"the text alone":       {before, arrivedText, false, true, 0},
		"events and text both": {after, arrivedText, true, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			q := queuedCommand{ID: add.ID, Command: add, Actor: actor, EventsHere: c.events, TextHere: c.text}
			o, err := newOverlay(c.base, c.heads, []queuedCommand{q}, catalogue, now)
			if err != nil {
				t.Fatal(err)
			}
			if len(o.doubts) > 0 {
				t.Errorf("the forecast refuses what the central took: %v", o.doubts)
			}
			if o.process.Documents["d"] == nil || len(o.process.Order) != 1 {
				t.Errorf("the tree shows %v", o.process.Order)
			}
			if o.heads["d"].ID != "rev-1" || len(o.revisions["d"]) != c.laidOver {
				t.Errorf("the current text is %q, %d laid over", o.heads["d"].ID, len(o.revisions["d"]))
			}
		})
	}
}

// referenceOnly is a catalogue that knows nobody.
type referenceOnly struct{ *wire.Reference }

func (referenceOnly) Member(sei.UnitID, sei.UserID) (sei.Member, bool) { return sei.Member{}, false }

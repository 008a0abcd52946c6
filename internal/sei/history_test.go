package sei_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// anyBody draws a command that may or may not make sense now.
func anyBody(t *rapid.T, w *world) sei.CommandBody {
	doc := sei.DocumentID(fmt.Sprintf("d%d", rapid.IntRange(1, 4).Draw(t, "document")))
	level := sei.AccessLevel(rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "level"))
	basis := rapid.IntRange(0, 2).Draw(t, "basis")
	flag := rapid.Bool()
	switch rapid.SampledFrom([]sei.CommandKind{
		sei.CmdStartProcess, sei.CmdAddDocument, sei.CmdAddDocument, sei.CmdRegisterExternal, sei.CmdEditMinute, sei.CmdSignDocument, sei.CmdSignDocument,
		sei.CmdSend, sei.CmdReceive, sei.CmdAssign, sei.CmdConclude, sei.CmdReopen, sei.CmdAcknowledge, sei.CmdNoteProgress, sei.CmdRecordDelivery,
	}).Draw(t, "kind") {
	case sei.CmdStartProcess:
		b := startBody()
		b.Level, b.LegalBasis = level, basis
		return b
	case sei.CmdAddDocument:
		b := minuteBody(doc, rapid.IntRange(1, 6).Draw(t, "type"))
		b.Level, b.LegalBasis = level, basis
		return b
	case sei.CmdRegisterExternal:
		b := externalBody(doc)
		b.Level, b.LegalBasis = level, basis
		return b
	case sei.CmdEditMinute:
		b := w.editBody(doc, rapid.StringMatching("[a-z]{0,8}").Draw(t, "words"))
		b.OnSigned = flag.Draw(t, "on signed")
		if flag.Draw(t, "stale") {
			b.Base = "c1"
		}
		return b
	case sei.CmdSignDocument:
		if w.process == nil {
			return sei.SignDocument{Document: doc}
		}
		return w.signBody(doc, rapid.SampledFrom([]sei.SignatureMethod{sei.ByPassword, sei.ByToken}).Draw(t, "method"))
	case sei.CmdSend:
		to := rapid.SliceOfN(rapid.SampledFrom([]sei.UnitID{supply, legal, finance}), 0, 2).Draw(t, "to")
		return sei.Send{To: to, KeepOpen: flag.Draw(t, "keep open")}
	case sei.CmdReceive:
		return sei.Receive{}
	case sei.CmdAssign:
		return sei.Assign{To: rapid.SampledFrom([]sei.UserID{"", "ana", "davi"}).Draw(t, "assignee")}
	case sei.CmdConclude:
		return sei.Conclude{}
	case sei.CmdReopen:
		return sei.Reopen{}
	case sei.CmdAcknowledge:
		return sei.Acknowledge{Document: rapid.SampledFrom([]sei.DocumentID{"", doc}).Draw(t, "ciência")}
	case sei.CmdNoteProgress:
		return sei.NoteProgress{Text: rapid.StringN(0, 8, -1).Draw(t, "andamento")}
	}
	return sei.RecordDelivery{Document: doc, To: rapid.SampledFrom([]sei.UnitID{"", supply, legal}).Draw(t, "reader")}
}

func anyActor(t *rapid.T) sei.Actor {
	return rapid.SampledFrom([]sei.Actor{assessor, assessor, chief, colleague, lawyer, lawyer, treasurer, auditor, stranger}).Draw(t, "actor")
}

// anyHistory runs random commands and hands each outcome to check.
func anyHistory(t *rapid.T, check func(w *world, a sei.Actor, body sei.CommandBody, before *sei.Process, out sei.Outcome)) *world {
	w := newWorld()
	if rapid.IntRange(0, 9).Draw(t, "empty") > 0 {
		w.decide(t, assessor, startBody())
	}
	for range rapid.IntRange(0, 25).Draw(t, "commands") {
		w.present, w.leased = rapid.IntRange(0, 9).Draw(t, "present") > 0, rapid.Bool().Draw(t, "leased")
		a, body := anyActor(t), anyBody(t, w)
		var before *sei.Process
		if w.process != nil {
			before = w.process.Clone()
		}
		out := w.decide(t, a, body)
		if check != nil {
			check(w, a, body, before, out)
		}
	}
	return w
}

// folded is the whole state in a comparable form.
func folded(t *rapid.T, p *sei.Process) string {
	if p == nil {
		return ""
	}
	data, err := json.Marshal(struct {
		*sei.Process
		Docs []*sei.Document
	}{p, p.DocumentsInOrder()})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestARefusalEmitsNothingAndTheCentralIsNeverInDoubt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anyHistory(t, func(w *world, _ sei.Actor, body sei.CommandBody, before *sei.Process, out sei.Outcome) {
			switch out.Verdict {
			case sei.Allowed:
				if out.Refusal != nil {
					t.Fatalf("%s is allowed with a refusal", body.Kind())
				}
			case sei.Refused:
				if out.Refusal == nil || out.Refusal.Code == "" || out.Refusal.Message == "" || len(out.Events) > 0 || out.Revision != nil {
					t.Fatalf("%s is refused as %+v", body.Kind(), out)
				}
				if folded(t, before) != folded(t, w.process) {
					t.Fatalf("the refused %s changed the state", body.Kind())
				}
			default:
				t.Fatalf("%s is %s at the central", body.Kind(), out.Verdict)
			}
		})
	})
}

func TestDecidingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyHistory(t, nil)
		before, body := folded(t, w.process), anyBody(t, w)
		if _, err := sei.Decide(w.viewFor(body), w.command(body), anyActor(t), w.now); err != nil {
			t.Fatal(err)
		}
		if folded(t, w.process) != before {
			t.Fatalf("deciding %s changed the state that it looked at", body.Kind())
		}
	})
}

// What Decide emits, Apply carries: every document that an event names exists,
// every unit that acts has a part in the process, and every event counts.
func TestDecideNeverAcceptsWhatApplyCannotCarry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anyHistory(t, func(w *world, a sei.Actor, body sei.CommandBody, before *sei.Process, out sei.Outcome) {
			if len(out.Events) == 0 {
				return
			}
			version := int64(0)
			if before != nil {
				version = before.Version
			}
			if w.process.Version != version+int64(len(out.Events)) {
				t.Fatalf("%s emitted %d events, the state went from version %d to %d", body.Kind(), len(out.Events), version, w.process.Version)
			}
			for _, e := range out.Events {
				if e.Kind != e.Payload.Kind() || e.Command == "" || e.Unit != a.Unit || e.User != a.User || e.At.IsZero() {
					t.Fatalf("the event %+v does not say who, where and when", e)
				}
				if id := sei.EventDocument(e.Payload); id != "" && w.process.Documents[id] == nil {
					t.Fatalf("%s speaks of a document that is not there", e.Kind)
				}
			}
			if len(w.process.Order) != len(w.process.Documents) {
				t.Fatalf("the tree has %d places for %d documents", len(w.process.Order), len(w.process.Documents))
			}
		})
	})
}

func TestReplayingTheStoredEventsGivesTheSameState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyHistory(t, nil)
		if w.process == nil {
			return
		}
		again := sei.NewProcess()
		for _, e := range w.events {
			data, err := sei.EncodePayload(e.Payload)
			if err != nil {
				t.Fatal(err)
			}
			if e.Payload, err = sei.DecodePayload(e.Kind, data); err != nil {
				t.Fatal(err)
			}
			again.Apply(e)
		}
		if got, want := folded(t, again), folded(t, w.process); got != want {
			t.Fatalf("replayed:\n%s\nlived:\n%s", got, want)
		}
	})
}

func TestAProcessIsOpenInExactlyTheUnitsItsEventsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyHistory(t, nil)
		if w.process == nil {
			return
		}
		open := map[sei.UnitID]bool{}
		for _, e := range w.events {
			switch p := e.Payload.(type) {
			case sei.ProcessStarted, sei.UnitReopened:
				open[e.Unit] = true
			case sei.UnitConcluded:
				delete(open, e.Unit)
			case sei.ProcessSent:
				for _, to := range p.To {
					open[to] = true
				}
			}
		}
		if want := slices.Sorted(maps.Keys(open)); !slices.Equal(w.process.OpenUnits(), want) {
			t.Fatalf("open in %v, the events say %v", w.process.OpenUnits(), want)
		}
	})
}

func TestRestrictedIsNeverReadByUnrelatedUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anyHistory(t, func(w *world, a sei.Actor, body sei.CommandBody, before *sei.Process, out sei.Outcome) {
			if before == nil || before.GlobalLevel() == sei.Public {
				return
			}
			if _, related := before.Units[a.Unit]; related || body.Kind() == sei.CmdRecordDelivery {
				return
			}
			for _, d := range before.Documents {
				if sei.ReadsDocument(before, d, a) {
					t.Fatalf("%s reads a restricted document", a.Unit)
				}
			}
			if out.Verdict != sei.Refused {
				t.Fatalf("%s of the unrelated %s is %s", body.Kind(), a.Unit, out.Verdict)
			}
		})
	})
}

func TestABlackPenNeverTurnsYellowAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anyHistory(t, func(w *world, _ sei.Actor, body sei.CommandBody, before *sei.Process, _ sei.Outcome) {
			if before == nil {
				return
			}
			for id, d := range before.Documents {
				if d.PenColour() == sei.PenBlack && w.process.Documents[id].PenColour() != sei.PenBlack {
					t.Fatalf("%s took the black pen of %s", body.Kind(), id)
				}
			}
		})
	})
}

func TestEveryAcceptedEventHasWordsInTheHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, e := range anyHistory(t, nil).events {
			if words := sei.Describe(e, catalogue{}); words == "" || strings.Contains(words, "versão mais nova") {
				t.Fatalf("%s is described as %q", e.Kind, words)
			}
		}
	})
}

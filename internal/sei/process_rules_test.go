package sei_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestAProcessOpensInItsGeneratingUnitWithANumber(t *testing.T) {
	w := started(t)
	p := w.process
	if p.Number == "" || p.GeneratingUnit != supply || p.Agency != seplag || !slices.Equal(p.OpenUnits(), []sei.UnitID{supply}) {
		t.Errorf("the process began as %+v", p)
	}
	if u := p.Units[supply]; !u.Generated || !u.Received {
		t.Errorf("the generating unit's part is %+v", u)
	}
}

func TestWhatAProcessMayNotBeginWith(t *testing.T) {
	start := func(change func(*sei.StartProcess)) sei.StartProcess {
		b := startBody()
		change(&b)
		return b
	}
	for rule, c := range map[string]struct {
		code sei.Code
		body sei.StartProcess
	}{
		"an unknown type":                   {sei.CodeBadType, start(func(b *sei.StartProcess) { b.Type = 99 })},
		"a retired type":                    {sei.CodeBadType, start(func(b *sei.StartProcess) { b.Type = 3 })},
		"a type of the system":              {sei.CodeBadType, start(func(b *sei.StartProcess) { b.Type = 4 })},
		"a level its type does not allow":   {sei.CodeLevel, start(func(b *sei.StartProcess) { b.Type, b.Level, b.LegalBasis = 2, sei.Restricted, basisRestricted })},
		"a level that does not exist":       {sei.CodeLevel, start(func(b *sei.StartProcess) { b.Level = 7 })},
		"no subject":                        {sei.CodeBadReference, start(func(b *sei.StartProcess) { b.Subjects = nil })},
		"a subject that only groups":        {sei.CodeBadReference, start(func(b *sei.StartProcess) { b.Subjects = []int{2} })},
		"a retired subject":                 {sei.CodeBadReference, start(func(b *sei.StartProcess) { b.Subjects = []int{1, 3} })},
		"too many subjects":                 {sei.CodeTooLarge, start(func(b *sei.StartProcess) { b.Subjects = make([]int, sei.MaxSubjects+1) })},
		"a specification of 101 characters": {sei.CodeTooLarge, start(func(b *sei.StartProcess) { b.Specification = strings.Repeat("ç", 101) })},
		"a nameless contact":                {sei.CodeInvalid, start(func(b *sei.StartProcess) { b.Interested = []sei.Contact{{Name: " "}} })},
		"too many contacts":                 {sei.CodeTooLarge, start(func(b *sei.StartProcess) { b.Interested = make([]sei.Contact, sei.MaxContacts+1) })},
		"a contact's field that never ends": {sei.CodeTooLarge, start(func(b *sei.StartProcess) {
			b.Interested = []sei.Contact{{Name: "Ana", Email: strings.Repeat("a", 251)}}
		})},
		"letters that are not text":          {sei.CodeInvalid, start(func(b *sei.StartProcess) { b.Specification = "\xff" })},
		"too many former numbers":            {sei.CodeTooLarge, start(func(b *sei.StartProcess) { b.FormerNumbers = slices.Repeat([]string{"1"}, sei.MaxFormerNumbers+1) })},
		"an empty former number":             {sei.CodeInvalid, start(func(b *sei.StartProcess) { b.FormerNumbers = []string{""} })},
		"a former number of many characters": {sei.CodeTooLarge, start(func(b *sei.StartProcess) { b.FormerNumbers = []string{strings.Repeat("1", 51)} })},
	} {
		t.Run(rule, func(t *testing.T) { newWorld().refuses(t, c.code, assessor, c.body) })
	}
}

func TestASpecificationOf100CharactersIsTaken(t *testing.T) {
	b := startBody()
	b.Specification = strings.Repeat("ç", sei.MaxSpecification)
	newWorld().do(t, assessor, b)
}

func TestRestrictedNeedsALegalBasis(t *testing.T) {
	for _, c := range []struct {
		level sei.AccessLevel
		basis int
		code  sei.Code
	}{
		{sei.Restricted, 0, sei.CodeLegalBasis},
		{sei.Restricted, 99, sei.CodeLegalBasis},
		{sei.Restricted, basisSealed, sei.CodeLegalBasis},
		{sei.Restricted, basisRetired, sei.CodeLegalBasis},
		{sei.Public, basisRestricted, sei.CodeLegalBasis},
	} {
		b := startBody()
		b.Level, b.LegalBasis = c.level, c.basis
		newWorld().refuses(t, c.code, assessor, b)
		d := minuteBody(theMinute, despacho)
		d.Level, d.LegalBasis = c.level, c.basis
		started(t).refuses(t, c.code, assessor, d)
	}
	b := startBody()
	b.Level, b.LegalBasis = sei.Restricted, basisRestricted
	newWorld().do(t, assessor, b)
}

func TestSealedIsNotYetAvailable(t *testing.T) {
	b := startBody()
	b.Level, b.LegalBasis = sei.Sealed, basisSealed
	newWorld().refuses(t, sei.CodeNotYet, assessor, b)
	d := externalBody(theExternal)
	d.Level, d.LegalBasis = sei.Sealed, basisSealed
	started(t).refuses(t, sei.CodeNotYet, assessor, d)
}

func TestAProcessBeginsOnce(t *testing.T) {
	started(t).refuses(t, sei.CodeExists, assessor, startBody())
}

func TestAnExtinctUnitStartsNothing(t *testing.T) {
	a := assessor
	a.Unit = extinct
	newWorld().refuses(t, sei.CodeNoRight, a, startBody())
}

func TestWhoHasNoPlaceInTheUnitDoesNothing(t *testing.T) {
	administrator := assessor
	administrator.Profiles = []sei.Profile{sei.ProfileAdmin}
	for _, a := range []sei.Actor{stranger, auditor, administrator} {
		newWorld().refuses(t, sei.CodeNoRight, a, startBody())
		w := withMinute(t)
		w.refuses(t, sei.CodeNoRight, a, sei.Send{To: []sei.UnitID{legal}})
		w.refuses(t, sei.CodeNoRight, a, w.editBody(theMinute, "x"))
		w.refuses(t, sei.CodeNoRight, a, sei.NoteProgress{Text: "x"})
	}
}

func TestSendingWithoutKeepingOpenConcludesHere(t *testing.T) {
	w := started(t)
	kinds := w.do(t, assessor, sei.Send{To: []sei.UnitID{legal, finance}})
	if !slices.Equal(kinds, []sei.EventKind{sei.EvProcessSent, sei.EvUnitConcluded}) {
		t.Errorf("sending did %v", kinds)
	}
	if !slices.Equal(w.process.OpenUnits(), []sei.UnitID{finance, legal}) {
		t.Errorf("the process is open in %v", w.process.OpenUnits())
	}
	if u := w.process.Units[legal]; u.Received || u.From != supply {
		t.Errorf("it stands in the destination as %+v, not as unreceived from the sender", u)
	}
}

func TestSendingAndKeepingOpenLeavesItOpenHere(t *testing.T) {
	w := started(t)
	if kinds := w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}, KeepOpen: true}); !slices.Equal(kinds, []sei.EventKind{sei.EvProcessSent}) {
		t.Errorf("sending did %v", kinds)
	}
	if !slices.Equal(w.process.OpenUnits(), []sei.UnitID{supply, legal}) && !slices.Equal(w.process.OpenUnits(), []sei.UnitID{legal, supply}) {
		t.Errorf("the process is open in %v", w.process.OpenUnits())
	}
}

func TestWhereAProcessCannotBeSent(t *testing.T) {
	for where, c := range map[string]struct {
		code sei.Code
		to   []sei.UnitID
	}{
		"nowhere":                            {sei.CodeDestination, nil},
		"to itself":                          {sei.CodeDestination, []sei.UnitID{supply}},
		"to a unit that receives none":       {sei.CodeDestination, []sei.UnitID{deaf}},
		"to an extinct unit":                 {sei.CodeDestination, []sei.UnitID{extinct}},
		"to an unknown unit":                 {sei.CodeDestination, []sei.UnitID{"u-?"}},
		"twice to one unit":                  {sei.CodeDestination, []sei.UnitID{legal, legal}},
		"to more units than one sending may": {sei.CodeTooLarge, make([]sei.UnitID, sei.MaxDestinations+1)},
	} {
		t.Run(where, func(t *testing.T) { started(t).refuses(t, c.code, assessor, sei.Send{To: c.to}) })
	}
}

func TestNothingIsDoneWhereTheProcessIsClosed(t *testing.T) {
	w := withMinute(t)
	w.do(t, assessor, sei.Conclude{})
	for _, body := range []sei.CommandBody{
		minuteBody("d9", despacho), externalBody("d8"), w.editBody(theMinute, "x"), w.signBody(theMinute, sei.ByPassword),
		sei.Send{To: []sei.UnitID{legal}}, sei.Receive{}, sei.Assign{To: chief.User}, sei.Conclude{}, sei.Acknowledge{}, sei.NoteProgress{Text: "x"},
	} {
		w.refuses(t, sei.CodeClosedHere, assessor, body)
	}
}

func TestNothingIsDoneInAProcessOnHoldAttachedOrBlocked(t *testing.T) {
	for _, state := range []sei.ProcessState{sei.StateOnHold, sei.StateAttached, sei.StateBlocked} {
		w := withMinute(t)
		w.process.State = state
		for _, body := range []sei.CommandBody{
			minuteBody("d9", despacho), w.editBody(theMinute, "x"), w.signBody(theMinute, sei.ByPassword),
			sei.Send{To: []sei.UnitID{legal}}, sei.Assign{}, sei.Conclude{}, sei.Acknowledge{}, sei.NoteProgress{Text: "x"},
		} {
			w.refuses(t, sei.CodeNotNormal, assessor, body)
		}
	}
}

func TestAUnitThroughWhichTheProcessPassedMayReopenIt(t *testing.T) {
	w := started(t)
	w.refuses(t, sei.CodeAlreadyOpen, assessor, sei.Reopen{})
	w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}})
	w.refuses(t, sei.CodeNeverHere, treasurer, sei.Reopen{})
	w.do(t, chief, sei.Reopen{})
	if u := w.process.Units[supply]; !u.Open || u.AssignedTo != chief.User {
		t.Errorf("after reopening the unit's part is %+v", u)
	}
}

func TestReceivingTwiceIsNoError(t *testing.T) {
	w := started(t)
	w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}})
	if kinds := w.do(t, lawyer, sei.Receive{}); !slices.Equal(kinds, []sei.EventKind{sei.EvProcessReceived}) {
		t.Errorf("receiving did %v", kinds)
	}
	if kinds := w.do(t, lawyer, sei.Receive{}); len(kinds) != 0 {
		t.Errorf("receiving again did %v", kinds)
	}
}

func TestActingOnAnUnreceivedProcessReceivesItFirst(t *testing.T) {
	for _, body := range []sei.CommandBody{
		minuteBody("d9", despacho), externalBody("d8"), sei.Send{To: []sei.UnitID{finance}}, sei.Send{To: []sei.UnitID{finance}, KeepOpen: true},
		sei.Assign{To: lawyer.User}, sei.Conclude{}, sei.Acknowledge{}, sei.NoteProgress{Text: "visto"},
	} {
		w := started(t)
		w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}})
		kinds := w.do(t, lawyer, body)
		if len(kinds) < 2 || kinds[0] != sei.EvProcessReceived {
			t.Errorf("%s on an unreceived process did %v", body.Kind(), kinds)
		}
		if u := w.process.Units[legal]; !u.Received {
			t.Errorf("after %s the process still stands as not received", body.Kind())
		}
	}
}

func TestAProcessIsAssignedToMembersOfTheUnit(t *testing.T) {
	w := started(t)
	w.refuses(t, sei.CodeUnknownAssignee, assessor, sei.Assign{To: lawyer.User})
	w.do(t, assessor, sei.Assign{To: chief.User})
	if got := w.process.Units[supply].AssignedTo; got != chief.User {
		t.Errorf("the process is assigned to %q", got)
	}
	if kinds := w.do(t, assessor, sei.Assign{To: chief.User}); len(kinds) != 0 {
		t.Errorf("assigning it to the same person did %v", kinds)
	}
	w.do(t, assessor, sei.Assign{})
	if got := w.process.Units[supply].AssignedTo; got != "" {
		t.Errorf("after the assignment was taken back it is %q's", got)
	}
}

func TestSendingLeavesTheAssignmentBehind(t *testing.T) {
	w := started(t)
	w.do(t, assessor, sei.Assign{To: chief.User})
	w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}})
	if got := w.process.Units[supply].AssignedTo; got != "" {
		t.Errorf("the concluded unit's process is still %q's", got)
	}
}

func TestAFreeAndamentoHasWords(t *testing.T) {
	w := started(t)
	w.refuses(t, sei.CodeInvalid, assessor, sei.NoteProgress{Text: " \n"})
	w.refuses(t, sei.CodeTooLarge, assessor, sei.NoteProgress{Text: strings.Repeat("a", sei.MaxNote+1)})
	w.do(t, assessor, sei.NoteProgress{Text: "  Aguardando orçamento. "})
	if p := w.events[len(w.events)-1].Payload.(sei.ProgressNoted); p.Text != "Aguardando orçamento." {
		t.Errorf("the andamento reads %q", p.Text)
	}
}

func TestACienciaIsGivenOncePerPerson(t *testing.T) {
	w := signed(t)
	for _, body := range []sei.Acknowledge{{}, {Document: theMinute}} {
		if kinds := w.do(t, assessor, body); len(kinds) != 1 {
			t.Errorf("the first ciência did %v", kinds)
		}
		if kinds := w.do(t, assessor, body); len(kinds) != 0 {
			t.Errorf("the second ciência did %v", kinds)
		}
		if kinds := w.do(t, chief, body); len(kinds) != 1 {
			t.Errorf("the colleague's ciência did %v", kinds)
		}
	}
}

func TestNoCienciaInAMinute(t *testing.T) {
	withMinute(t).refuses(t, sei.CodeSigned, assessor, sei.Acknowledge{Document: theMinute})
}

func TestWhatMayNotBeKnownIsAnsweredLikeWhatDoesNotExist(t *testing.T) {
	missing := newWorld().decide(t, treasurer, sei.Conclude{})
	w := newWorld()
	b := startBody()
	b.Level, b.LegalBasis = sei.Restricted, basisRestricted
	w.do(t, assessor, b)
	hidden := w.decide(t, treasurer, sei.Conclude{})
	if missing.Refusal == nil || hidden.Refusal == nil || *missing.Refusal != *hidden.Refusal {
		t.Errorf("a missing process is answered %v, a hidden one %v", missing.Refusal, hidden.Refusal)
	}
}

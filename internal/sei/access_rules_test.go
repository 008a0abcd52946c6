package sei_test

import (
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// restricted is the signed world with the process under a legal basis.
func restricted(t *testing.T) *world {
	t.Helper()
	w := signed(t)
	w.process.LocalLevel, w.process.LegalBasis = sei.Restricted, basisRestricted
	return w
}

func TestTheGlobalLevelIsTheMostRestrictive(t *testing.T) {
	for _, c := range []struct{ process, document, global sei.AccessLevel }{
		{sei.Public, sei.Public, sei.Public}, {sei.Public, sei.Restricted, sei.Restricted}, {sei.Restricted, sei.Public, sei.Restricted},
		{sei.Restricted, sei.Restricted, sei.Restricted}, {sei.Public, sei.Sealed, sei.Sealed}, {sei.Sealed, sei.Public, sei.Sealed},
	} {
		p := sei.NewProcess()
		p.Apply(sei.Event{Unit: supply, Payload: sei.ProcessStarted{Process: theProcess, Level: c.process}})
		p.Apply(sei.Event{Unit: supply, Payload: sei.DocumentAdded{Document: theMinute, Level: c.document}})
		p.Apply(sei.Event{Unit: supply, Payload: sei.DocumentAdded{Document: "d9"}})
		if got := p.GlobalLevel(); got != c.global {
			t.Errorf("%s with a %s document is %s, not %s", c.process, c.document, got, c.global)
		}
	}
}

func TestWhoReadsAProcess(t *testing.T) {
	auditorWhoWorks := auditor
	auditorWhoWorks.Profiles = []sei.Profile{sei.ProfileAuditor, sei.ProfileBasic}
	auditorHere := auditor
	auditorHere.Unit = supply
	for _, c := range []struct {
		level sei.AccessLevel
		who   string
		actor sei.Actor
		reads sei.Reading
	}{
		{sei.Public, "the unit", assessor, sei.ReadContent},
		{sei.Public, "any other user", treasurer, sei.ReadContent},
		{sei.Public, "an auditor", auditor, sei.ReadMetadata},
		{sei.Public, "an auditor who also works", auditorWhoWorks, sei.ReadContent},
		{sei.Public, "somebody without a place", stranger, sei.ReadNothing},
		{sei.Restricted, "the unit", assessor, sei.ReadContent},
		{sei.Restricted, "any other user", treasurer, sei.ReadNothing},
		{sei.Restricted, "an auditor", auditor, sei.ReadMetadata},
		{sei.Restricted, "an auditor of the unit", auditorHere, sei.ReadMetadata},
		{sei.Restricted, "an auditor who also works elsewhere", auditorWhoWorks, sei.ReadMetadata},
		{sei.Restricted, "somebody without a place", stranger, sei.ReadNothing},
		{sei.Sealed, "the unit", assessor, sei.ReadNothing},
		{sei.Sealed, "an auditor", auditor, sei.ReadNothing},
	} {
		w := signed(t)
		w.process.LocalLevel = c.level
		if got := sei.Reads(w.process, c.actor); got != c.reads {
			t.Errorf("%s reads %d of a %s process, not %d", c.who, got, c.level, c.reads)
		}
	}
}

func TestARestrictedProcessIsReadWhereItPassed(t *testing.T) {
	w := restricted(t)
	w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}})
	w.do(t, lawyer, sei.Send{To: []sei.UnitID{finance}})
	for _, a := range []sei.Actor{assessor, lawyer, treasurer} {
		if sei.Reads(w.process, a) != sei.ReadContent {
			t.Errorf("the process passed through %s, which does not read it", a.Unit)
		}
	}
}

func TestAMinuteIsReadOnlyInItsGeneratingUnit(t *testing.T) {
	w := withMinute(t)
	w.do(t, assessor, sei.Send{To: []sei.UnitID{legal}, KeepOpen: true})
	d := w.process.Documents[theMinute]
	if !sei.ReadsDocument(w.process, d, chief) || sei.ReadsDocument(w.process, d, lawyer) || sei.ReadsDocument(w.process, d, auditor) {
		t.Error("the minute is not read in exactly its generating unit")
	}
	w.do(t, assessor, w.signBody(theMinute, sei.ByPassword))
	if !sei.ReadsDocument(w.process, d, lawyer) {
		t.Error("once signed, the other unit does not read it")
	}
}

func TestNobodyReadsACancelledDocument(t *testing.T) {
	w := signed(t)
	d := w.process.Documents[theMinute]
	d.Cancelled = true
	if sei.ReadsDocument(w.process, d, assessor) || sei.Discloses(w.process, d, d.Frozen.CRC) != sei.DiscloseNothing {
		t.Error("the cancelled document can still be read")
	}
}

func TestWhatThePublicPageDiscloses(t *testing.T) {
	w := signed(t)
	d := w.process.Documents[theMinute]
	for level, want := range map[sei.AccessLevel]sei.Disclosure{
		sei.Public: sei.DiscloseDocument, sei.Restricted: sei.DiscloseSignatures, sei.Sealed: sei.DiscloseNothing,
	} {
		w.process.LocalLevel = level
		if got := sei.Discloses(w.process, d, "0A1B2C3D"); got != want {
			t.Errorf("of a %s document %d is disclosed, not %d", level, got, want)
		}
		if got := sei.Discloses(w.process, d, "FFFFFFFF"); got != sei.DiscloseNothing {
			t.Errorf("a wrong code disclosed %d of a %s document", got, level)
		}
	}
}

func TestASupersededPairSaysSo(t *testing.T) {
	w := signed(t)
	edit := w.editBody(theMinute, "corrigido")
	edit.OnSigned = true
	w.do(t, assessor, edit)
	d := w.process.Documents[theMinute]
	if got := sei.Discloses(w.process, d, "0A1B2C3D"); got != sei.DiscloseSuperseded {
		t.Errorf("the pair of the withdrawn version disclosed %d", got)
	}
	if got := sei.Discloses(w.process, d, ""); got != sei.DiscloseNothing {
		t.Errorf("a minute without a pair disclosed %d", got)
	}
	w.process.LocalLevel = sei.Sealed
	if got := sei.Discloses(w.process, d, "0A1B2C3D"); got != sei.DiscloseNothing {
		t.Errorf("a superseded pair of a sealed process disclosed %d", got)
	}
}

func TestWhatEachProfileMayDo(t *testing.T) {
	for profile, c := range map[sei.Profile]struct{ signs, administers, elsewhere bool }{
		sei.ProfileBasic: {signs: true}, sei.ProfileColleague: {}, sei.ProfileProtocol: {signs: true}, sei.ProfileArchive: {signs: true},
		sei.ProfilePublisher: {signs: true}, sei.ProfileAgencyAdmin: {administers: true},
		sei.ProfileAdmin: {administers: true, elsewhere: true}, sei.ProfileAuditor: {},
	} {
		a := sei.Actor{Agency: seplag, Profiles: []sei.Profile{profile}}
		if a.MaySign() != c.signs || a.MayAdminister(seplag) != c.administers || a.MayAdminister("sefaz") != c.elsewhere || !profile.Valid() {
			t.Errorf("%s: signs %v, administers %v, elsewhere %v", profile, a.MaySign(), a.MayAdminister(seplag), a.MayAdminister("sefaz"))
		}
	}
	if sei.Profile("root").Valid() {
		t.Error("an unknown profile is valid")
	}
}

func TestAUnitExistsFromItsFirstDayToItsLast(t *testing.T) {
	u := sei.Unit{From: noon, Until: noon.AddDate(1, 0, 0)}
	if u.ActiveAt(noon.Add(-1)) || !u.ActiveAt(noon) || !u.ActiveAt(u.Until.Add(-1)) || u.ActiveAt(u.Until) {
		t.Error("the unit is not active from its first moment up to its last")
	}
	if u.Until = u.Until.AddDate(-2, 0, 0).AddDate(1, 0, 0); u.ActiveAt(noon) {
		t.Error("a unit that ended as it began is active")
	}
}

package central_test

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestTheSameCommandAgainGetsTheStoredAnswer(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	cmd := d.command(sei.ProcessID(newID(w)), startBody(sei.Public))
	first, err := d.tryPush(cmd)
	must(t, err)
	w.clock.add(time.Hour)
	again, err := d.tryPush(cmd, cmd)
	must(t, err)
	for _, r := range again {
		if r.Receipt == nil || string(r.Receipt.Payload) != string(first[0].Receipt.Payload) {
			t.Errorf("the second answer differs: %+v", r)
		}
	}
}

func TestOtherContentUnderAKnownIDIsNotAnswered(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	cmd := d.command(sei.ProcessID(newID(w)), startBody(sei.Public))
	d.receipts(cmd)
	c, err := wire.ReadCommand(cmd.Payload)
	must(t, err)
	c.Process = sei.ProcessID(newID(w))
	results, err := d.tryPush(d.seal(c))
	must(t, err)
	if p := results[0].Problem; p == nil || p.Code != sei.CodeConflict || results[0].Receipt != nil {
		t.Errorf("the answer is %+v", results[0])
	}
}

func TestACommandSealedAnewInANewEpochIsAnsweredForItsNewBytes(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	cmd := d.command(sei.ProcessID(newID(w)), startBody(sei.Public))
	before := d.receipts(cmd)[0]
	var epoch wire.EpochResponse
	must(t, d.call(http.MethodPost, "/v1/device/epoch", nil, &epoch))
	d.epoch, d.push = epoch.Epoch, epoch.PushToken
	c, err := wire.ReadCommand(cmd.Payload)
	must(t, err)
	c.Epoch = d.epoch
	after := d.receipts(d.seal(c))[0] // verifies the hash of the new bytes
	if after.ProcessNumber != before.ProcessNumber || !after.At.Equal(before.At) {
		t.Errorf("sealed anew, the command was answered %+v, before %+v", after, before)
	}
}

func TestACommandWaitsForWhatItDependsOn(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := sei.ProcessID(newID(w))
	start := d.command(id, startBody(sei.Public))
	note := d.command(id, sei.NoteProgress{Text: "Aguardando."}, idOf(start))
	results, err := d.tryPush(note)
	must(t, err)
	if wait := results[0].Waiting; wait == nil || !slices.Contains(wait.Commands, idOf(start)) {
		t.Fatalf("alone, the command got %+v", results[0])
	}
	for _, r := range d.receipts(start, note) {
		if !r.Accepted {
			t.Errorf("refused: %s", r.Message)
		}
	}
}

func TestARefusedCommandTakesOnlyItsDependantsWithIt(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	bad, good := sei.ProcessID(newID(w)), sei.ProcessID(newID(w))
	refused := d.command(bad, sei.StartProcess{Type: 1, Subjects: []int{subject}})
	dependant := d.command(bad, sei.NoteProgress{Text: "x"}, idOf(refused))
	other := d.command(good, startBody(sei.Public))
	r := d.receipts(refused, dependant, other)
	if r[0].Accepted || r[1].Accepted || r[1].Code != string(sei.CodeDependency) {
		t.Errorf("answers: %q, %q", r[0].Code, r[1].Code)
	}
	if !r[2].Accepted {
		t.Errorf("the queue stopped: %s", r[2].Message)
	}
}

func TestOnlyCommandsOfTheSessionsUserAndWorkstationAreAnswered(t *testing.T) {
	w := newWorld(t)
	ana, bruno := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SPGG", "bruno.machado", spggGab)
	id := sei.ProcessID(newID(w))
	forged := *bruno
	forged.key = newKey(t)
	impostor := *bruno
	impostor.login.User.ID = ana.login.User.ID
	for name, cmd := range map[string]ledger.Sealed{
		"another desk's command":      ana.command(id, startBody(sei.Public)),
		"a forged seal":               forged.command(id, startBody(sei.Public)),
		"a command in another's name": impostor.command(id, startBody(sei.Public)),
		"no command at all":           ledger.Seal(bruno.key, ledger.TypeCommand, []byte(`{"form":1`)),
		"another type of message":     ledger.Seal(bruno.key, ledger.TypeReceipt, bruno.command(id, startBody(sei.Public)).Payload),
	} {
		results, err := bruno.tryPush(cmd)
		must(t, err)
		if results[0].Receipt != nil || results[0].Problem == nil {
			t.Errorf("%s was answered: %+v", name, results[0])
		}
	}
}

func TestRightsAreJudgedAtAcceptance(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "bruno.machado", spggGab)
	id := d.start(sei.Public)
	must(t, w.svc.Grant(t.Context(), "SPGG", "bruno.machado", "SPGG", "SPGG/GAB", nil, time.Time{}))
	d.refused(id, sei.NoteProgress{Text: "x"}, sei.CodeNoRight)
	must(t, w.svc.Grant(t.Context(), "SPGG", "bruno.machado", "SPGG", "SPGG/GAB", []sei.Profile{sei.ProfileColleague}, w.clock.Now().Add(time.Hour)))
	d.do(id, sei.NoteProgress{Text: "De volta."})
	w.clock.add(2 * time.Hour)
	d.refused(id, sei.NoteProgress{Text: "x"}, sei.CodeNoRight)
}

func TestProcessNumbersHaveNoGapsUnderConcurrency(t *testing.T) {
	w := newWorld(t)
	const desks, each = 6, 8
	var mu sync.Mutex
	var numbers []string
	var wg sync.WaitGroup
	for range desks {
		d := w.desk("SPGG", "ana.schneider", spggGab)
		wg.Go(func() {
			var cmds []ledger.Sealed
			for range each {
				// Every second one is refused: a refusal takes no number.
				cmds = append(cmds, d.command(sei.ProcessID(newID(w)), startBody(sei.Public)),
					d.command(sei.ProcessID(newID(w)), sei.StartProcess{Type: publicType, Level: sei.Public}))
			}
			results, err := d.tryPush(cmds...)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for i, r := range results {
				receipt := d.open(r, cmds[i])
				if receipt.Accepted {
					numbers = append(numbers, receipt.ProcessNumber)
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if want := fmt.Sprintf(".%06d/2026-", i+1); !strings.Contains(n, want) {
			t.Fatalf("number %d is %s, want one with %s", i, n, want)
		}
	}
	if len(numbers) != desks*each {
		t.Errorf("%d numbers, want %d", len(numbers), desks*each)
	}
}

func TestNumbersOfATypeCountByUnitAndYear(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	add := func() string {
		return d.do(id, sei.AddDocument{NewDocument: sei.NewDocument{Document: sei.DocumentID(newID(w)), Type: oficio}, Text: minuteText("Senhor")}).TypeNumber
	}
	if a, b := add(), add(); a != "1/2026" || b != "2/2026" {
		t.Errorf("numbers are %q and %q", a, b)
	}
	// 23:30 of 31 December in Brasília is the next year in UTC already.
	w.clock.add(time.Date(2027, time.January, 1, 2, 30, 0, 0, time.UTC).Sub(w.clock.Now()))
	d.signIn("SPGG", "ana.schneider")
	if n := add(); n != "3/2026" {
		t.Errorf("before midnight in Brasília the number is %q", n)
	}
	w.clock.add(time.Hour)
	if n := add(); n != "1/2027" {
		t.Errorf("after midnight in Brasília the number is %q", n)
	}
}

func TestAcceptanceTimeNeverGoesBack(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := sei.ProcessID(newID(w))
	first := d.do(id, startBody(sei.Public))
	w.clock.add(-time.Minute)
	if second := d.do(id, sei.NoteProgress{Text: "x"}); second.At.Before(first.At) {
		t.Errorf("%v follows %v", second.At, first.At)
	}
	w.stop()
	w.start()
	d.signIn("SPGG", "ana.schneider")
	if third := d.do(id, sei.NoteProgress{Text: "x"}); third.At.Before(first.At) {
		t.Errorf("after a restart %v follows %v", third.At, first.At)
	}
}

func TestAStaleEditIsKeptBesideTheHead(t *testing.T) {
	w := newWorld(t)
	assessor, chief := w.desk("SPGG", "bruno.machado", spggGab), w.desk("SPGG", "ana.schneider", spggGab)
	id := assessor.start(sei.Public)
	doc, _, rev1 := assessor.addMinute(id, "Primeira redação")
	edit := func(d *desk, base sei.RevisionID, words string, merges ...sei.RevisionID) (ledger.Receipt, sei.RevisionID) {
		cmd := d.command(id, sei.EditMinute{Document: doc, Base: base, Merges: merges, Text: minuteText(words)})
		return d.receipts(cmd)[0], sei.RevisionID(idOf(cmd))
	}
	before := chief.pull(wire.UnitBucket(spggGab), 0)
	r2, rev2 := edit(chief, rev1, "Redação da chefe")
	demoted := row(chief.pull(wire.UnitBucket(spggGab), before.Cursor), "minute/"+string(doc)+"/"+string(rev1))
	if bodyAs[wire.MinuteRow](t, demoted).Head {
		t.Error("desks are not told that the first text is no longer the head")
	}
	r3, rev3 := edit(assessor, rev1, "Redação do assessor")
	if r2.Side || !r3.Side || !r3.Accepted {
		t.Errorf("sides: %v %v", r2.Side, r3.Side)
	}
	_, rev4 := edit(chief, rev2, "As duas", rev3)
	page := chief.pull(wire.UnitBucket(spggGab), 0)
	checkSum(t, page)
	want := map[sei.RevisionID][2]bool{rev1: {false, false}, rev2: {false, false}, rev3: {false, true}, rev4: {true, false}}
	for rev, hm := range want {
		m := bodyAs[wire.MinuteRow](t, row(page, "minute/"+string(doc)+"/"+string(rev)))
		if m.Head != hm[0] || m.Merged != hm[1] {
			t.Errorf("revision %d: head %v, merged %v", m.Seq, m.Head, m.Merged)
		}
	}
}

func TestTheWorkstationsSealIsKeptAsProof(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	cmd := d.command(sei.ProcessID(newID(w)), startBody(sei.Public))
	d.receipts(cmd)
	var key string
	var sig []byte
	must(t, w.database().QueryRow("SELECT seal_key, seal_sig FROM commands WHERE id = ?", string(idOf(cmd))).Scan(&key, &sig))
	kept := ledger.Sealed{Type: ledger.TypeCommand, Payload: cmd.Payload, Key: key, Sig: sig}
	must(t, kept.Verify(d.key.Public().(ed25519.PublicKey), ledger.TypeCommand))
}

func TestADocumentsIDBelongsToOneProcessOfTheInstallation(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SES", "helena.moraes", sesGab)
	id := ours.start(sei.Restricted)
	doc, frozen, _ := ours.signedDocument(id, "Defiro.")
	other := theirs.start(sei.Public)
	theirs.refused(other, sei.AddDocument{NewDocument: sei.NewDocument{Document: doc, Type: despacho}, Text: minuteText("x")}, sei.CodeExists)
	theirs.refused(other, sei.EditMinute{Document: doc, Text: minuteText("x")}, sei.CodeNoDocument)
	if v := w.verifyPage(t, ours.seiNumber(id, doc), frozen.CRC); len(v.Signatures) != 1 {
		t.Errorf("our document became %+v", v)
	}
}

func TestNewIDsMustBeIDs(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	d.refused("x/../y", startBody(sei.Public), sei.CodeInvalid)
	id := d.start(sei.Public)
	d.refused(id, sei.AddDocument{NewDocument: sei.NewDocument{Document: "1", Type: despacho}, Text: minuteText("x")}, sei.CodeInvalid)
}

func TestACommandWithoutATextMayNotBeLarge(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	results, err := d.tryPush(d.command(id, sei.NoteProgress{Text: strings.Repeat("x", 300<<10)}))
	must(t, err)
	if p := results[0].Problem; p == nil || p.Code != sei.CodeTooLarge {
		t.Errorf("got %+v", results[0])
	}
}

func TestARefusalAfterNumberingLeavesNoGap(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	_, first, _ := d.addMinute(id, "um")
	// The type asks for a number that is missing, which shows only after the Nº SEI was drawn.
	d.refused(id, sei.AddDocument{NewDocument: sei.NewDocument{Document: sei.DocumentID(newID(w)), Type: informedType}, Text: minuteText("x")}, sei.CodeNumberMissing)
	if _, second, _ := d.addMinute(id, "dois"); second.SEINumber != first.SEINumber+1 {
		t.Errorf("%d follows %d", second.SEINumber, first.SEINumber)
	}
}

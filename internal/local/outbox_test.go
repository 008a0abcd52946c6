package local

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func ids(entries []OutboxEntry) []sei.CommandID {
	var out []sei.CommandID
	for _, e := range entries {
		out = append(out, e.ID)
	}
	return out
}

func TestWhatIsQueuedWaitsInOrderAndSealed(t *testing.T) {
	w := newWorld(t)
	ref, err := w.PutBlob(w.ctx, strings.NewReader("um PDF"), 100, PinDraft)
	w.ok(err)
	start := w.command("p1", sei.StartProcess{Type: 1, Specification: "Café"})
	register := w.command("p1", sei.RegisterExternal{
		NewDocument: sei.NewDocument{Document: "d1", Type: 2}, File: sei.ExternalFile{Content: ref},
	}, start.ID)
	w.ok(w.Enqueue(w.ctx, Entry{Command: start, ProcessLabel: "a autuar"}, Entry{Command: register, Title: "Juntar PDF"}))
	w.reopen()
	queued, err := w.Queued(w.ctx, 10)
	w.ok(err)
	if len(queued) != 2 || queued[0].ID != start.ID || queued[1].ID != register.ID {
		t.Fatalf("queued %+v", queued)
	}
	if !slices.Equal(queued[1].DependsOn, []sei.CommandID{start.ID}) || len(queued[1].Blobs) != 1 || queued[1].Blobs[0] != ref {
		t.Fatalf("queued %+v", queued[1])
	}
	d, err := w.DeviceIdentity(w.ctx)
	w.ok(err)
	c, err := wire.ReadCommand(queued[0].Sealed.Payload)
	w.ok(err)
	if err := queued[0].Sealed.Verify(d.Enrolment("", "", "").Public, ledger.TypeCommand); err != nil {
		t.Fatal(err)
	}
	if c.Device != d.ID || c.Epoch != 1 {
		t.Fatalf("envelope %+v", c)
	}
	list, err := w.Outbox(w.ctx, 10)
	w.ok(err)
	if list[0].Title != "Iniciar processo" || list[0].ProcessLabel != "a autuar" || list[1].Title != "Juntar PDF" ||
		list[1].Document != "d1" || list[1].State.Name() != "aguardando envio" {
		t.Fatalf("list %+v", list)
	}
}

func TestQueueingIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	c := w.command("p1", sei.Receive{})
	w.refused(w.Enqueue(w.ctx, Entry{Command: c}, Entry{Command: c}), sei.CodeConflict)
	if counts, err := w.OutboxCounts(w.ctx); err != nil || counts != (OutboxCounts{}) {
		t.Fatalf("counts %+v, %v", counts, err)
	}
	unknown := c
	unknown.Kind = "Teleport"
	w.refused(w.Enqueue(w.ctx, Entry{Command: unknown}), sei.CodeInvalid)
}

func TestAQueuedActLeavesTheDraftsWithItsText(t *testing.T) {
	w := newWorld(t)
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d1", Text: text("o texto")}))
	c := w.command("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1"}, Text: text("o texto")})
	w.ok(w.Enqueue(w.ctx, Entry{Command: c, ForgetDraft: "d1"}))
	if _, ok, err := w.Draft(w.ctx, "d1"); ok || err != nil {
		t.Fatalf("the draft stayed, %v", err)
	}
	kept, err := w.KeptTexts(w.ctx, "d1")
	w.ok(err)
	if len(kept) != 1 {
		t.Fatalf("kept %+v", kept)
	}
	if got, err := w.KeptText(w.ctx, "d1", kept[0].ID); err != nil || !bytes.Equal(got, text("o texto")) {
		t.Fatalf("kept text %s, %v", got, err)
	}
}

func TestAWithdrawalTakesItsDependantsAlong(t *testing.T) {
	w := newWorld(t)
	w.ok(w.AddLeases(w.ctx, []wire.Lease{{From: 100, To: 101}}))
	number, ok, err := w.TakeNumber(w.ctx, "d1")
	w.ok(err)
	if !ok || number != 100 {
		t.Fatalf("number %d", number)
	}
	start := w.queue("p1", sei.StartProcess{Type: 1})
	add := w.queue("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1", SEINumber: number}, Text: text("a")}, start)
	sign := w.queue("p1", sei.SignDocument{Document: "d1"}, add)
	send := w.queue("p1", sei.Send{To: []sei.UnitID{"u2"}}, sign, start)
	other := w.queue("p2", sei.Receive{})

	plan, err := w.WithdrawPlan(w.ctx, add)
	w.ok(err)
	if got := ids(plan); !slices.Equal(got, []sei.CommandID{add, sign, send}) {
		t.Fatalf("plan %v", got)
	}
	if len(mustQueued(w)) != 5 {
		t.Fatal("planning withdrew something")
	}
	done, err := w.Withdraw(w.ctx, add)
	w.ok(err)
	if !slices.Equal(ids(done), ids(plan)) {
		t.Fatalf("withdrew %v", ids(done))
	}
	if got := mustQueued(w); !slices.Equal(got, []sei.CommandID{start, other}) {
		t.Fatalf("still queued %v", got)
	}
	if again, _, err := w.TakeNumber(w.ctx, "d1"); again != 100 || err != nil {
		t.Fatalf("queued again the document would be %d, %v", again, err)
	}
	c, err := w.OutboxCommand(w.ctx, add) // the text is not lost
	w.ok(err)
	if b := c.Body.(sei.AddDocument); !bytes.Equal(b.Text, text("a")) {
		t.Fatalf("text %s", b.Text)
	}
	_, err = w.Withdraw(w.ctx, add)
	w.refused(err, CodeSettled)
	w.refused(w.Enqueue(w.ctx, Entry{Command: w.command("p1", sei.Conclude{}, send)}), CodeDependency)
	if gone, err := w.Withdrawn(w.ctx, 10); err != nil || len(gone) != 3 {
		t.Fatalf("withdrawn %v, %v", ids(gone), err)
	}
	w.ok(w.Dismiss(w.ctx, add))
	if unused, err := w.UnusedNumbers(w.ctx, 10); err != nil || !slices.Equal(unused, []int64{100}) {
		t.Fatalf("unused %v, %v", unused, err)
	}
}

func TestTheNumberOfADocumentQueuedAgainIsNotGivenUp(t *testing.T) {
	w := newWorld(t)
	w.ok(w.AddLeases(w.ctx, []wire.Lease{{From: 100, To: 101}}))
	number, _, err := w.TakeNumber(w.ctx, "d1")
	w.ok(err)
	body := sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1", SEINumber: number}, Text: text("a")}
	first := w.queue("p1", body)
	_, err = w.Withdraw(w.ctx, first)
	w.ok(err)
	w.queue("p1", body)
	w.ok(w.Dismiss(w.ctx, first))
	if unused, err := w.UnusedNumbers(w.ctx, 10); err != nil || len(unused) != 0 {
		t.Fatalf("unused %v, %v", unused, err)
	}
}

func mustQueued(w *world) []sei.CommandID {
	w.t.Helper()
	queued, err := w.Queued(w.ctx, 100)
	w.ok(err)
	var out []sei.CommandID
	for _, q := range queued {
		out = append(out, q.ID)
	}
	return out
}

// mark marks entries as being sent, as they are now.
func (w *world) mark(ids ...sei.CommandID) error {
	w.t.Helper()
	queued, err := w.Queued(w.ctx, 100)
	w.ok(err)
	sent := map[sei.CommandID]ledger.Hash{}
	for _, id := range ids {
		sent[id] = ledger.Hash{}
		for _, q := range queued {
			if q.ID == id {
				sent[id] = q.Sealed.Hash()
			}
		}
	}
	return w.MarkSending(w.ctx, sent)
}

func TestATextThatWasReplacedIsNotSentInItsOldForm(t *testing.T) {
	w := newWorld(t)
	add := w.queue("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1"}, Text: text("antes")})
	queued, err := w.Queued(w.ctx, 10)
	w.ok(err)
	replaced, err := w.ReplaceQueuedText(w.ctx, "d1", text("depois"))
	w.ok(err)
	if !replaced {
		t.Fatal("a text that waits is not replaced")
	}
	w.refused(w.MarkSending(w.ctx, map[sei.CommandID]ledger.Hash{add: queued[0].Sealed.Hash()}), sei.CodeConflict)
	if w.entry(add).State != StateQueued {
		t.Error("it stands as being sent")
	}
	w.ok(w.mark(add))
}

func TestWhatCertainlyDidNotLeaveCanBeWithdrawnAndReplaced(t *testing.T) {
	w := newWorld(t)
	add := w.queue("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1"}, Text: text("antes")})
	w.ok(w.mark(add))
	w.ok(w.MarkUnsent(w.ctx, []sei.CommandID{add}))
	replaced, err := w.ReplaceQueuedText(w.ctx, "d1", text("depois"))
	w.ok(err)
	if !replaced {
		t.Error("it is taken for sent")
	}
	_, err = w.Withdraw(w.ctx, add)
	w.ok(err)
}

func TestWhatIsOnItsWayCannotBeWithdrawn(t *testing.T) {
	w := newWorld(t)
	first := w.queue("p1", sei.Receive{})
	second := w.queue("p1", sei.Conclude{}, first)
	w.ok(w.mark(second))
	_, err := w.Withdraw(w.ctx, first)
	w.refused(err, CodeSending)
	w.reopen() // killed in the middle of a push: it is sent again
	if got := mustQueued(w); len(got) != 2 {
		t.Fatalf("queued %v", got)
	}
	if w.entry(second).State != StateSending {
		t.Fatal("what may have reached the central can be withdrawn")
	}
	w.ok(w.MarkWaiting(w.ctx, second, "falta o arquivo contrato.pdf"))
	if e := w.entry(second); e.State != StateQueued || e.Why != "falta o arquivo contrato.pdf" {
		t.Fatalf("entry %+v", e)
	}
	if _, err := w.Withdraw(w.ctx, first); err != nil {
		t.Fatal(err)
	}
	w.refused(w.mark(first), sei.CodeConflict)
}

func TestAnAcceptedActStaysInTheOverlayUntilItsRowsArrive(t *testing.T) {
	w := newWorld(t)
	note := w.queue("p1", sei.NoteProgress{Text: "lido"})
	add := w.queue("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1"}, Text: text("a")})
	w.ok(w.mark(note, add))
	w.ok(w.answer(note, ledger.Receipt{Accepted: true, Events: []ledger.Citation{{Stream: "process/p1", Version: 2}}}))
	w.ok(w.answer(add, ledger.Receipt{Accepted: true, SEINumber: 77, Events: []ledger.Citation{{Stream: "process/p1", Version: 3}}}))
	w.ok(w.answer(note, ledger.Receipt{Accepted: true}))
	w.ok(w.answer(note, ledger.Receipt{Code: "x", Message: "y"}))
	if e := w.entry(note); e.State != StateAccepted || e.Why != "" {
		t.Fatalf("an answered entry became %+v", e)
	}

	overlay, err := w.QueuedFor(w.ctx, "p1")
	w.ok(err)
	if len(overlay) != 2 || overlay[0].State != StateAccepted || overlay[1].Receipt == nil || overlay[1].Receipt.SEINumber != 77 {
		t.Fatalf("overlay %+v", overlay)
	}
	if n := overlay[0].Command.Body.(sei.NoteProgress); n.Text != "lido" {
		t.Fatalf("overlay %+v", overlay[0])
	}
	w.sync(wire.ProcessBucket("p1"), w.event("p1", 2, string(note), "lido"))
	if !w.entry(note).Arrived || w.entry(add).Arrived {
		t.Fatal("the note is shown by its event, the document not yet")
	}
	w.sync(wire.ProcessBucket("p1"), w.event("p1", 3, string(add), "incluído"))
	if w.entry(add).Arrived {
		t.Fatal("the text has not arrived")
	}
	w.sync(wire.UnitBucket(myUnit), w.minute("p1", "d1", string(add), 1, true, "a"))
	if overlay, err := w.QueuedFor(w.ctx, "p1"); err != nil || len(overlay) != 0 {
		t.Fatalf("overlay %+v, %v", overlay, err)
	}
	sealed, ok, err := w.Receipt(w.ctx, note)
	w.ok(err)
	if !ok || sealed.Verify(w.central.Public().(ed25519.PublicKey), ledger.TypeReceipt) != nil {
		t.Fatal("the receipt was not kept as it came")
	}
}

func TestRowsThatCameBeforeTheReceiptCount(t *testing.T) {
	w := newWorld(t)
	id := w.queue("p1", sei.Receive{})
	w.sync(wire.ProcessBucket("p1"), w.event("p1", 5, string(id), "recebido"))
	w.ok(w.answer(id, ledger.Receipt{Accepted: true, Events: []ledger.Citation{{Stream: "process/p1", Version: 5}}}))
	if !w.entry(id).Arrived {
		t.Fatal("it waits for rows that are here")
	}
}

func TestARefusalStandsWithItsReasonAndLosesNothing(t *testing.T) {
	w := newWorld(t)
	ref, err := w.PutBlob(w.ctx, strings.NewReader("PDF assinado"), 100, PinDraft)
	w.ok(err)
	edit := w.queue("p1", sei.EditMinute{Document: "d1", Base: "r0", Text: text("meu texto")})
	sign := w.queue("p1", sei.SignDocument{Document: "d1", Evidence: &ref}, edit)
	send := w.queue("p1", sei.Send{To: []sei.UnitID{"u2"}}, sign)
	other := w.queue("p2", sei.Receive{})
	w.ok(w.mark(edit, sign))
	w.ok(w.answer(edit, ledger.Receipt{Code: string(sei.CodePenBlack), Message: "O documento já foi assinado."}))

	refused, err := w.Refused(w.ctx, 10)
	w.ok(err)
	if len(refused) != 3 {
		t.Fatalf("refused %+v", refused)
	}
	if e := w.entry(edit); e.Code != sei.CodePenBlack || e.Why != "O documento já foi assinado." {
		t.Fatalf("entry %+v", e)
	}
	if e := w.entry(send); e.Code != sei.CodeDependency || !strings.Contains(e.Why, "Gravar minuta") {
		t.Fatalf("dependant %+v", e)
	}
	if got := mustQueued(w); !slices.Equal(got, []sei.CommandID{other}) {
		t.Fatalf("the queue %v does not go on", got)
	}
	// The central's own answer to a dependant replaces the guess.
	w.ok(w.answer(sign, ledger.Receipt{Code: "command.dependency", Message: "Recusado pela central."}))
	if e := w.entry(sign); e.Why != "Recusado pela central." {
		t.Fatalf("entry %+v", e)
	}
	c, err := w.OutboxCommand(w.ctx, edit)
	w.ok(err)
	if b := c.Body.(sei.EditMinute); !bytes.Equal(b.Text, text("meu texto")) {
		t.Fatalf("text %s", b.Text)
	}
	w.ok(w.Maintain(w.ctx))
	if b, err := w.OpenBlob(w.ctx, ref.SHA256); err != nil {
		t.Fatalf("the signed file is gone: %v", err)
	} else if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	w.ok(w.Dismiss(w.ctx, sign))
	if _, err := w.OpenBlob(w.ctx, ref.SHA256); sei.CodeOf(err) != sei.CodeNotFound {
		t.Fatalf("a dismissed file stays: %v", err)
	}
	if kept, err := w.KeptTexts(w.ctx, "d1"); err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	w.refused(w.Dismiss(w.ctx, other), sei.CodeNotFound)
}

func TestWhatTheCentralCannotReadIsRefusedWithItsDependants(t *testing.T) {
	w := newWorld(t)
	a := w.queue("p1", sei.Receive{})
	b := w.queue("p1", sei.Conclude{}, a)
	w.ok(w.Reject(w.ctx, a, sei.Refusal{Code: sei.CodeInvalid, Message: "O comando está malformado."}))
	if w.entry(a).State != StateRefused || w.entry(b).Code != sei.CodeDependency {
		t.Fatalf("%+v, %+v", w.entry(a), w.entry(b))
	}
	w.refused(w.answer("018f0000-0000-7000-8000-000000000000", ledger.Receipt{Accepted: true}), sei.CodeNotFound)
}

func TestSavingAgainOfflineDoesNotPileUpRevisions(t *testing.T) {
	w := newWorld(t)
	add := w.queue("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1", TreeName: "nome"}, Text: text("um")})
	for i := range 3 {
		replaced, err := w.ReplaceQueuedText(w.ctx, "d1", text(fmt.Sprintf("texto %d", i)))
		w.ok(err)
		if !replaced {
			t.Fatal("a queued text was not replaced")
		}
	}
	queued, err := w.Queued(w.ctx, 10)
	w.ok(err)
	if len(queued) != 1 || queued[0].ID != add {
		t.Fatalf("queued %+v", queued)
	}
	c, err := w.OutboxCommand(w.ctx, add)
	w.ok(err)
	if b := c.Body.(sei.AddDocument); !bytes.Equal(b.Text, text("texto 2")) || b.TreeName != "nome" {
		t.Fatalf("body %+v", b)
	}
	d, err := w.DeviceIdentity(w.ctx)
	w.ok(err)
	w.ok(queued[0].Sealed.Verify(d.Enrolment("", "", "").Public, ledger.TypeCommand))
	kept, err := w.KeptTexts(w.ctx, "d1")
	w.ok(err)
	if len(kept) != 4 {
		t.Fatalf("%d texts can be restored", len(kept))
	}
}

func TestATextThatSomethingBuildsOnIsNotReplaced(t *testing.T) {
	w := newWorld(t)
	replaced := func() bool {
		t.Helper()
		ok, err := w.ReplaceQueuedText(w.ctx, "d1", text(w.clock.now.String()))
		w.ok(err)
		return ok
	}
	if replaced() {
		t.Fatal("nothing is queued")
	}
	add := w.queue("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1"}, Text: text("um")})
	sign := w.queue("p1", sei.SignDocument{Document: "d1"}, add)
	if replaced() {
		t.Fatal("the text under a signature was replaced")
	}
	_, err := w.Withdraw(w.ctx, sign)
	w.ok(err)
	if !replaced() {
		t.Fatal("nothing builds on it any more")
	}
	w.ok(w.mark(add))
	if replaced() {
		t.Fatal("what is on its way was changed")
	}
	w.ok(w.MarkWaiting(w.ctx, add, ""))
	if replaced() {
		t.Fatal("the central may have seen this command with its first text")
	}
	edit := w.queue("p1", sei.EditMinute{Document: "d1", Base: sei.RevisionID(add), Text: text("dois")}, add)
	if !replaced() {
		t.Fatal("the edit has not left")
	}
	if c, err := w.OutboxCommand(w.ctx, edit); err != nil || c.Body.(sei.EditMinute).Base != sei.RevisionID(add) {
		t.Fatalf("edit %+v, %v", c, err)
	}
}

func TestANewEpochSealsTheQueueAgainAndForgetsNumbers(t *testing.T) {
	w := newWorld(t)
	w.ok(w.AddLeases(w.ctx, []wire.Lease{{From: 1, To: 5}}))
	number, _, err := w.TakeNumber(w.ctx, "d1")
	w.ok(err)
	sent := w.queue("p1", sei.Receive{})
	w.ok(w.answer(sent, ledger.Receipt{Accepted: true}))
	waiting := w.queue("p1", sei.AddDocument{NewDocument: sei.NewDocument{Document: "d1", SEINumber: number}, Text: text("x")})
	before, err := w.Queued(w.ctx, 10)
	w.ok(err)

	w.ok(w.BeginEpoch(w.ctx, wire.EpochResponse{Epoch: 2, PushToken: "push-2"}))
	if d, err := w.Device(w.ctx); err != nil || d.Epoch != 2 || d.PushToken != "push-2" {
		t.Fatalf("device %+v, %v", d, err)
	}
	after, err := w.Queued(w.ctx, 10)
	w.ok(err)
	c, err := wire.ReadCommand(after[0].Sealed.Payload)
	w.ok(err)
	if !after[0].Sent || before[0].Sent {
		t.Fatal("a waiting command of the old copy may have reached the central; it must not be withdrawn")
	}
	if len(after) != 1 || c.Epoch != 2 || c.ID != waiting || bytes.Equal(after[0].Sealed.Sig, before[0].Sealed.Sig) {
		t.Fatalf("envelope %+v", c)
	}
	id, err := w.DeviceIdentity(w.ctx)
	w.ok(err)
	w.ok(after[0].Sealed.Verify(id.Enrolment("", "", "").Public, ledger.TypeCommand))
	if n, err := w.FreeNumbers(w.ctx); err != nil || n != 0 {
		t.Fatalf("%d leased numbers stayed, %v", n, err)
	}
	if again, ok, err := w.TakeNumber(w.ctx, "d1"); err != nil || !ok || again != number {
		t.Fatalf("the number that a waiting document carries was forgotten: %d, %v", again, err)
	}
	w.ok(w.SetPushToken(w.ctx, "push-3"))
	if d, err := w.Device(w.ctx); err != nil || d.PushToken != "push-3" || d.Epoch != 2 {
		t.Fatalf("device %+v, %v", d, err)
	}
}

func TestAnAdoptedDeviceSignsWhatWaits(t *testing.T) {
	w := newWorld(t)
	w.queue("p1", sei.Receive{})
	fresh, err := NewDeviceIdentity(w.clock.now, strings.NewReader(strings.Repeat("randomness", 20)))
	w.ok(err)
	login := w.login()
	login.Epoch, login.PushToken = 1, "push-new"
	w.ok(w.AdoptDevice(w.ctx, fresh, login))
	queued, err := w.Queued(w.ctx, 10)
	w.ok(err)
	w.ok(queued[0].Sealed.Verify(fresh.Enrolment("", "", "").Public, ledger.TypeCommand))
	if d, err := w.Device(w.ctx); err != nil || d.ID != fresh.ID || d.PushToken != "push-new" {
		t.Fatalf("device %+v, %v", d, err)
	}
	sealed, err := w.SealNow(w.ctx, w.command("p1", sei.Conclude{}))
	w.ok(err)
	w.ok(sealed.Verify(fresh.Enrolment("", "", "").Public, ledger.TypeCommand))
}

func TestNumbersAreTakenOnceAndReturned(t *testing.T) {
	w := newWorld(t)
	w.ok(w.AddLeases(w.ctx, []wire.Lease{{From: 10, To: 12}}))
	a, _, err := w.TakeNumber(w.ctx, "a")
	w.ok(err)
	b, _, err := w.TakeNumber(w.ctx, "b")
	w.ok(err)
	again, _, err := w.TakeNumber(w.ctx, "a")
	w.ok(err)
	if a != 10 || b != 11 || again != a {
		t.Fatalf("took %d, %d and again %d", a, b, again)
	}
	w.ok(w.ReleaseNumber(w.ctx, "a"))
	w.ok(w.AddLeases(w.ctx, []wire.Lease{{From: 10, To: 12}})) // the same answer again
	c, _, err := w.TakeNumber(w.ctx, "c")
	w.ok(err)
	if c != 12 {
		t.Fatalf("a number that may stand on a copy was used again: %d", c)
	}
	if _, ok, err := w.TakeNumber(w.ctx, "d"); ok || err != nil {
		t.Fatalf("a number out of nothing, %v", err)
	}
	w.ok(w.MarkReturned(w.ctx, []int64{10, 11}))
	if unused, err := w.UnusedNumbers(w.ctx, 10); err != nil || len(unused) != 0 {
		t.Fatalf("unused %v, %v", unused, err)
	}
	if n, _, err := w.TakeNumber(w.ctx, "b"); n != 11 || err != nil {
		t.Fatalf("a number in use was given back: %d, %v", n, err)
	}
	for _, l := range []wire.Lease{{From: 0, To: 3}, {From: 9, To: 3}, {From: 1, To: 1 + wire.MaxLease}} {
		w.refused(w.AddLeases(w.ctx, []wire.Lease{l}), sei.CodeInvalid)
	}
}

func TestWaitingProcessesIncludeThoseThatOnlyExistHere(t *testing.T) {
	w := newWorld(t)
	w.queue("novo", sei.StartProcess{Type: 1})
	w.queue("p1", sei.Receive{})
	done := w.queue("p2", sei.Receive{})
	_, err := w.Withdraw(w.ctx, done)
	w.ok(err)
	got, err := w.WaitingProcesses(w.ctx, myUnit)
	w.ok(err)
	if !slices.Equal(got, []sei.ProcessID{"novo", "p1"}) {
		t.Fatalf("waiting %v", got)
	}
	if all, err := w.OutboxOf(w.ctx, "p2"); err != nil || len(all) != 1 || all[0].State != StateWithdrawn {
		t.Fatalf("history %+v, %v", all, err)
	}
}

func TestDraftsAreKeptWithTheirHistory(t *testing.T) {
	w := newWorld(t)
	for i := range 200 {
		w.clock.now = w.clock.now.Add(20 * time.Second)
		w.ok(w.SaveDraft(w.ctx, Draft{
			Document: "d1", Process: "p1", Unit: myUnit, Base: "r1", Text: text(fmt.Sprint(i)), Meta: []byte(`{"type":3}`),
		}))
	}
	w.reopen()
	d, ok, err := w.Draft(w.ctx, "d1")
	w.ok(err)
	if !ok || !bytes.Equal(d.Text, text("199")) || d.Base != "r1" || string(d.Meta) != `{"type":3}` || !d.Updated.Equal(w.clock.now) {
		t.Fatalf("draft %+v", d)
	}
	kept, err := w.KeptTexts(w.ctx, "d1")
	w.ok(err)
	if len(kept) < 60 || len(kept) > keptTexts {
		t.Fatalf("%d texts kept of an hour", len(kept))
	}
	w.ok(w.DropDraft(w.ctx, "d1"))
	w.ok(w.DropDraft(w.ctx, "d1"))
	last, err := w.KeptTexts(w.ctx, "d1")
	w.ok(err)
	if got, err := w.KeptText(w.ctx, "d1", last[0].ID); err != nil || !bytes.Equal(got, text("199")) {
		t.Fatalf("the dropped text %s, %v", got, err)
	}
	if all, err := w.Drafts(w.ctx); err != nil || len(all) != 0 {
		t.Fatalf("drafts %v, %v", all, err)
	}
	_, err = w.KeptText(w.ctx, "other", last[0].ID)
	w.refused(err, sei.CodeNotFound)
	w.refused(w.SaveDraft(w.ctx, Draft{}), sei.CodeInvalid)
	w.refused(w.SaveDraft(w.ctx, Draft{Document: "d", Text: make([]byte, sei.MaxMinuteBytes+1)}), sei.CodeTooLarge)
}

package central_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// loss is a central that was backed up, went on, and lost its disk.
type loss struct {
	*world
	t      *testing.T
	copied string
	ana    *desk // SPGG, acted after the backup
	joana  *desk // SES, received and acted
	first  sei.ProcessID
	new    sei.ProcessID // began after the backup
	sha    sei.SHA256    // of a file that came after the backup
	pdf    []byte
	files  [][]byte        // all that came after the backup
	before []wire.EventRow // of the new process, as it was
	head   ledger.Sealed   // a checkpoint after the loss's last act
}

// loseAfterBackup does a little of everything after the backup.
func loseAfterBackup(t *testing.T) *loss {
	t.Helper()
	l := &loss{world: newWorld(t), t: t, copied: filepath.Join(t.TempDir(), "copia")}
	l.ana, l.joana = l.desk("SPGG", "ana.schneider", spggGab), l.desk("SES", "joana.vargas", sesGab)
	l.first = l.ana.start(sei.Public)
	l.ana.signedDocument(l.first, "Antes.")
	l.sign()
	l.backUp()
	l.ana.held, l.joana.held = nil, nil

	l.clock.add(time.Hour)
	l.new = l.ana.start(sei.Public)
	doc, _, rev := l.ana.addMinute(l.new, "primeira versão")
	l.clock.add(time.Minute)
	edit := l.ana.command(l.new, sei.EditMinute{Document: doc, Base: rev, Text: minuteText("segunda versão")})
	l.ana.receipts(edit)
	l.clock.add(time.Minute)
	l.ana.receipts(l.ana.command(l.new, sei.EditMinute{Document: doc, Base: rev, Text: minuteText("ao lado")})) // stale: kept beside
	_, frozen, signed := l.ana.signedDocument(l.new, "Assinado depois.")
	l.files = append(l.files, signed)
	l.pdf = pdfBytes("anexo que veio depois")
	l.sha = shaOf(l.pdf)
	l.ana.addExternal(l.new, l.pdf)
	l.files = append(l.files, l.pdf)
	l.visit("/q/" + frozen.QRToken + "/documento") // the central records the delivery by itself
	l.ana.do(l.new, sei.Send{To: []sei.UnitID{sesGab}, KeepOpen: true})
	l.joana.do(l.new, sei.Receive{})
	l.ana.do(l.first, sei.NoteProgress{Text: "Depois da cópia."})
	l.ana.refused(l.first, sei.Send{To: []sei.UnitID{"nenhuma"}}, sei.CodeDestination)
	l.joana.do(l.new, sei.NoteProgress{Text: "Recebido e lido."})
	l.sign()
	l.head = latest(t, l.world)
	l.before = l.events(l.ana, l.new)
	return l
}

func (l *loss) backUp() {
	l.t.Helper()
	_, found, err := central.Backup(l.t.Context(), backing(l.t, l.folder, l.copied, false))
	must(l.t, err)
	if !found.Sound() {
		l.t.Fatalf("findings: %+v", found.Findings)
	}
}

// restore loses the disk and brings the central back from the backup.
func (l *loss) restore() {
	l.t.Helper()
	l.stop()
	l.folder = filepath.Join(l.t.TempDir(), "nova")
	_, err := central.Restore(l.t.Context(), backing(l.t, l.folder, l.copied, true))
	must(l.t, err)
	l.start()
	l.ana.signIn("SPGG", "ana.schneider")
	l.joana.signIn("SES", "joana.vargas")
}

func (l *loss) events(d *desk, p sei.ProcessID) []wire.EventRow {
	l.t.Helper()
	page := d.pull(wire.ProcessBucket(p), 0)
	var all []wire.EventRow
	for _, key := range keysWith(page, "event/") {
		all = append(all, bodyAs[wire.EventRow](l.t, row(page, key)))
	}
	slices.SortFunc(all, func(a, b wire.EventRow) int { return int(a.Header.Version - b.Header.Version) })
	return all
}

func (l *loss) recovery() ledger.RecoveryStatement {
	l.t.Helper()
	var resp wire.CheckpointResponse
	must(l.t, l.ana.call(http.MethodGet, "/v1/checkpoint?from=0", nil, &resp))
	if resp.Recovery == nil {
		l.t.Fatal("the central does not say that it was restored")
	}
	st, err := ledger.OpenRecovery(l.ana.login.Central.ReceiptKeys[0].Public, *resp.Recovery)
	must(l.t, err)
	return st
}

func (l *loss) request(d *desk, items ...wire.GiveBackItem) wire.GiveBackRequest {
	nonce := make([]byte, wire.NonceSize)
	_, err := rand.Read(nonce)
	must(l.t, err)
	return wire.GiveBackRequest{Form: 1, Recovery: l.recovery().ID, Nonce: nonce, Acts: items, Epoch: d.epoch}
}

// give hands items back and verifies the answer.
func (l *loss) give(d *desk, items ...wire.GiveBackItem) []wire.GiveBackResult {
	l.t.Helper()
	return l.ask(d, l.request(d, items...)).Results
}

func (l *loss) ask(d *desk, req wire.GiveBackRequest) wire.GiveBackAnswer {
	l.t.Helper()
	var resp wire.GiveBackResponse
	must(l.t, d.call(http.MethodPost, "/v1/recovery", req, &resp))
	answer, err := wire.OpenGiveBack(d.login.Central.ReceiptKeys[0].Public, resp.Answer, d.device, req)
	must(l.t, err)
	return answer
}

// done says that the desk has no more, and takes the push token that it is given.
func (l *loss) done(d *desk) {
	l.t.Helper()
	req := l.request(d)
	req.Done = true
	d.push = l.ask(d, req).PushToken
}

func (l *loss) uploadFiles() {
	l.t.Helper()
	for _, data := range l.files {
		l.ana.upload(data)
	}
}

func (l *loss) states(results []wire.GiveBackResult) map[wire.GiveBackState]int {
	count := map[wire.GiveBackState]int{}
	for _, r := range results {
		count[r.State]++
	}
	return count
}

func (l *loss) finish() central.RecoveryReport {
	l.t.Helper()
	report, err := l.svc.FinishRecovery(l.t.Context())
	must(l.t, err)
	return report
}

func (l *loss) sound(known ...ledger.Sealed) {
	l.t.Helper()
	h := history{folder: l.folder, key: l.ana.login.Central.ReceiptKeys[0].Public}
	if out := h.inspect(l.t, known...); !out.Sound() {
		l.t.Errorf("the central is not sound: %+v", out.Findings)
	}
}

// issuedBy is what a desk that has pulled a process holds of the central's own
// events.
func issuedBy(t *testing.T, rows []wire.EventRow) []wire.GiveBackItem {
	t.Helper()
	var items []wire.GiveBackItem
	for _, r := range rows {
		if r.Receipt != nil {
			items = append(items, wire.GiveBackItem{Receipt: *r.Receipt, Records: []ledger.Record{{Seq: r.Seq, Header: r.Header, Salt: r.Salt, Payload: r.Payload}}})
		}
	}
	return items
}

func TestDesksGiveBackVerbatimWhatARestoredCentralLost(t *testing.T) {
	l := loseAfterBackup(t)
	l.restore()
	// Last first, and the other unit's before those that they depend on.
	given := slices.Clone(l.ana.held)
	slices.Reverse(given)
	if got := l.states(l.give(l.joana, l.joana.held...)); got[wire.GivenStaged] != len(l.joana.held) {
		t.Errorf("acts on a process that is not here yet: %v", got)
	}
	for _, item := range given {
		l.give(l.ana, item)
	}
	l.give(l.joana, issuedBy(t, l.before)...) // any reader may
	report, err := l.svc.Recovery(t.Context())
	must(t, err)
	if len(report.Waiting) != 0 || report.LostPlaces != 0 || report.Restored != int64(len(given)+len(l.joana.held)+1) {
		t.Errorf("not all came back: %+v", report)
	}
	for i, r := range l.give(l.ana, l.ana.held...) {
		if r.State != wire.GivenKnown {
			t.Errorf("act %d, given again, is %s %s", i, r.State, r.Why)
		}
	}
	after := l.events(l.ana, l.new)
	l.uploadFiles()
	if a, b := asJSON(t, l.before), asJSON(t, after); a != b {
		t.Errorf("the history came back as\n%s\nand was\n%s", b, a)
	}
	l.finish()
	l.sign()
	l.sound(l.head) // what was signed before the loss is the beginning of the log
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	must(t, err)
	return string(data)
}

func TestTextsComeBackInTheOrderOfTheirAcceptance(t *testing.T) {
	l := loseAfterBackup(t)
	minutes := func() map[string]wire.MinuteRow {
		page := l.ana.pull(wire.UnitBucket(spggGab), 0)
		all := map[string]wire.MinuteRow{}
		for _, key := range keysWith(page, "minute/") {
			all[key] = bodyAs[wire.MinuteRow](t, row(page, key))
		}
		return all
	}
	before := minutes()
	l.restore()
	given := slices.Clone(l.ana.held)
	slices.Reverse(given)
	for _, item := range given {
		l.give(l.ana, item)
	}
	l.give(l.ana, issuedBy(t, l.before)...)
	if a, b := asJSON(t, before), asJSON(t, minutes()); a != b {
		t.Errorf("the texts came back as\n%s\nand were\n%s", b, a)
	}
}

func TestACentralInRecoveryRecordsNothingNewAndSaysSo(t *testing.T) {
	l := loseAfterBackup(t)
	l.restore()
	var info wire.CentralInfo
	must(t, l.ana.call(http.MethodGet, "/v1/info", nil, &info))
	if info.Recovery == nil || l.ana.login.Central.Recovery == nil {
		t.Error("nobody is told of the recovery")
	}
	if st := l.recovery(); !st.Open || st.Size == 0 || !st.Until.Equal(firstDay) {
		t.Errorf("the statement says %+v", st)
	}
	if got := l.ana.lease(10); len(got) != 0 {
		t.Errorf("numbers were leased: %v", got)
	}
	size := func() int64 {
		resp, err := l.svc.Checkpoint(t.Context(), 0)
		must(t, err)
		c, err := ledger.OpenCheckpoint(l.ana.login.Central.ReceiptKeys[0].Public, resp.Checkpoint)
		must(t, err)
		return c.Size
	}
	was := size()
	l.give(l.ana, l.ana.held[0])
	l.sign()
	if size() != was {
		t.Error("a log with missing places was signed")
	}
	l.finish()
	if must(t, l.ana.call(http.MethodGet, "/v1/info", nil, &info)); l.recovery().Open {
		t.Error("the recovery is still announced")
	}
}

func TestNumbersAfterARecoveryNeverRepeatOneThatWasGiven(t *testing.T) {
	l := loseAfterBackup(t)
	lost := l.ana.lease(5)[0] // after the backup; nobody gives these back
	l.restore()
	l.give(l.ana, l.ana.held[0]) // the process alone: its documents are not given back
	l.done(l.ana)
	l.finish()
	l.sign()
	l.sound()
	was := map[string]bool{}
	for _, item := range append(l.ana.held, l.joana.held...) {
		var r ledger.Receipt
		must(t, json.Unmarshal(item.Receipt.Payload, &r))
		was[r.ProcessNumber] = true
	}
	r := l.ana.do(sei.ProcessID(newID(l.world)), startBody(sei.Public))
	if was[r.ProcessNumber] {
		t.Errorf("%s was given twice", r.ProcessNumber)
	}
	next := l.ana.lease(1)[0]
	if next.From <= lost.To {
		t.Errorf("Nº SEI %d was given twice", next.From)
	}
	// The same backup, once more: the second life's numbers are not repeated either.
	l.restore()
	l.done(l.ana)
	l.finish()
	if again := l.ana.lease(1)[0]; again.From <= next.To {
		t.Errorf("Nº SEI %d was given twice", again.From)
	}
	if second := l.ana.do(sei.ProcessID(newID(l.world)), startBody(sei.Public)); second.ProcessNumber == r.ProcessNumber || was[second.ProcessNumber] {
		t.Errorf("%s was given twice", second.ProcessNumber)
	}
	l.sign()
	l.stop()
	l.sound()
}

func TestWhatComesLateIsKeptAsEvidenceAndNotPutIntoTheLedger(t *testing.T) {
	l := loseAfterBackup(t)
	l.restore()
	report := l.finish()
	if report.LostPlaces == 0 && report.Restored != 0 {
		t.Errorf("the report says %+v", report)
	}
	results := l.give(l.ana, l.ana.held...)
	for i, r := range results {
		if r.State != wire.GivenLate || r.Why == "" {
			t.Errorf("act %d is %s %q", i, r.State, r.Why)
		}
	}
	report, err := l.svc.Recovery(t.Context())
	must(t, err)
	if len(report.Kept) != len(results) {
		t.Errorf("%d of %d acts are kept as evidence", len(report.Kept), len(results))
	}
	if rows := l.ana.pull(wire.ProcessBucket(l.new), 0).Rows; len(rows) != 0 {
		t.Errorf("a late process is there: %+v", rows)
	}
	l.sign()
	l.sound()
}

func TestPlacesThatNobodyGivesBackAreSaidToBeLost(t *testing.T) {
	l := loseAfterBackup(t)
	l.restore()
	req := l.request(l.joana, l.joana.held...)
	req.Checkpoint = &l.head // a desk remembers how long the log was
	l.ask(l.joana, req)
	before, err := l.svc.Recovery(t.Context())
	must(t, err)
	report := l.finish()
	if report.LostPlaces == 0 || report.LostPlaces != before.LostPlaces || report.FirstLost != l.recovery().FirstLost {
		t.Errorf("before %+v, after %+v", before, report)
	}
	l.sign()
	l.sound()
	older, err := ledger.OpenCheckpoint(l.ana.login.Central.ReceiptKeys[0].Public, l.head)
	must(t, err)
	if !l.recovery().Explains(older.Size) {
		t.Error("the statement does not explain why an older checkpoint does not hold")
	}
	resp, err := l.svc.Checkpoint(t.Context(), older.Size)
	must(t, err)
	newer, err := ledger.OpenCheckpoint(l.ana.login.Central.ReceiptKeys[0].Public, resp.Checkpoint)
	must(t, err)
	if ledger.CheckConsistency(older, newer, resp.Consistency) == nil {
		t.Error("a log with other events at its places is called consistent")
	}
	if newer.Size < older.Size {
		t.Errorf("the log has %d places and was signed with %d", newer.Size, older.Size)
	}
}

func TestOnlyWhatTheCentralSignedComesBack(t *testing.T) {
	l := loseAfterBackup(t)
	l.restore()
	start := l.ana.held[0]
	forged := newKey(t)
	other := func(change func(*wire.GiveBackItem)) wire.GiveBackItem {
		var item wire.GiveBackItem
		must(t, json.Unmarshal([]byte(asJSON(t, start)), &item))
		change(&item)
		return item
	}
	receipt := func(change func(*ledger.Receipt)) ledger.Sealed {
		var r ledger.Receipt
		must(t, json.Unmarshal(start.Receipt.Payload, &r))
		change(&r)
		sealed, err := ledger.SealReceipt(forged, r)
		must(t, err)
		return sealed
	}
	for what, item := range map[string]wire.GiveBackItem{
		"a receipt under another key":  other(func(i *wire.GiveBackItem) { i.Receipt = receipt(func(*ledger.Receipt) {}) }),
		"a receipt that was changed":   other(func(i *wire.GiveBackItem) { i.Receipt.Payload[20] ^= 1 }),
		"another command's bytes":      other(func(i *wire.GiveBackItem) { i.Command = l.ana.held[1].Command }),
		"a payload that was changed":   other(func(i *wire.GiveBackItem) { i.Records[0].Payload = json.RawMessage(`{}`) }),
		"another salt":                 other(func(i *wire.GiveBackItem) { i.Records[0].Salt[0] ^= 1 }),
		"another place in the log":     other(func(i *wire.GiveBackItem) { i.Records[0].Seq++ }),
		"another header":               other(func(i *wire.GiveBackItem) { i.Records[0].Header.User = "outro" }),
		"fewer events":                 other(func(i *wire.GiveBackItem) { i.Records = nil }),
		"a command as the central's":   other(func(i *wire.GiveBackItem) { i.Command = nil }),
		"an act of another user":       l.joana.held[0],
		"events of another's act":      other(func(i *wire.GiveBackItem) { i.Records = l.ana.held[1].Records }),
		"a receipt of another message": other(func(i *wire.GiveBackItem) { i.Receipt = *i.Command }),
	} {
		if got := l.give(l.ana, item)[0]; got.State != wire.GivenRefused || got.Why == "" {
			t.Errorf("%s: %+v", what, got)
		}
	}
	if report, err := l.svc.Recovery(t.Context()); err != nil || report.Restored != 0 {
		t.Errorf("something came back: %+v %v", report, err)
	}
}

func TestAFileThatTheRestoredCentralLacksIsAskedOfWhoGaveTheAct(t *testing.T) {
	l := loseAfterBackup(t)
	l.restore()
	var asked []sei.SHA256
	for _, r := range l.give(l.ana, l.ana.held...) {
		asked = append(asked, r.Blobs...)
	}
	l.give(l.ana, issuedBy(t, l.before)...)
	if !slices.Contains(asked, l.sha) {
		t.Fatalf("the lost file is not asked for: %v", asked)
	}
	report, err := l.svc.Recovery(t.Context())
	must(t, err)
	if len(report.MissingFiles) != len(asked) {
		t.Errorf("the report misses %+v", report.MissingFiles)
	}
	l.ana.upload(l.pdf)
	report, err = l.svc.Recovery(t.Context())
	must(t, err)
	if len(report.MissingFiles) != len(asked)-1 {
		t.Errorf("after the upload the report misses %+v", report.MissingFiles)
	}
}

func TestADeskKeepsItsNumbersOverARecovery(t *testing.T) {
	l := loseAfterBackup(t)
	lease := l.ana.lease(3)[0]
	l.restore()
	req := l.request(l.ana, l.ana.held...)
	req.Numbers, req.Done = []int64{lease.From, lease.From + 1}, true
	answer := l.ask(l.ana, req)
	l.give(l.ana, issuedBy(t, l.before)...)
	if answer.PushToken == "" {
		t.Fatal("the desk would have to begin a new epoch")
	}
	l.ana.push = answer.PushToken
	l.uploadFiles()
	l.finish()
	l.ana.do(l.first, withNumber(lease.From, sei.DocumentID(newID(l.world))))
	l.sign()
	l.stop()
	l.sound()
}

func TestAReplayedAnswerToAGiveBackIsNotBelieved(t *testing.T) {
	l := loseAfterBackup(t)
	l.restore()
	key := l.ana.login.Central.ReceiptKeys[0].Public
	first := l.request(l.ana, l.ana.held[0])
	var resp wire.GiveBackResponse
	must(t, l.ana.call(http.MethodPost, "/v1/recovery", first, &resp))
	if _, err := wire.OpenGiveBack(key, resp.Answer, l.ana.device, first); err != nil {
		t.Fatal(err)
	}
	again := l.request(l.ana, l.ana.held[0])
	if _, err := wire.OpenGiveBack(key, resp.Answer, l.ana.device, again); err == nil {
		t.Error("an answer to another request was believed")
	}
	if _, err := wire.OpenGiveBack(key, resp.Answer, l.joana.device, first); err == nil {
		t.Error("an answer to another workstation was believed")
	}
	again.Recovery = "outra"
	if err := l.ana.call(http.MethodPost, "/v1/recovery", again, &resp); codeOf(err) != sei.CodeConflict {
		t.Errorf("acts of another recovery were taken: %v", err)
	}
}

func TestABackupIsStatedOnceItIsWholeAndCoversNoLaterAnswer(t *testing.T) {
	l := loseAfterBackup(t)
	var resp wire.CheckpointResponse
	must(t, l.ana.call(http.MethodGet, "/v1/checkpoint?from=0", nil, &resp))
	if resp.Backup == nil {
		t.Fatal("the desks are not told of the backup")
	}
	st, err := ledger.OpenBackup(l.ana.login.Central.ReceiptKeys[0].Public, *resp.Backup)
	must(t, err)
	m, err := central.ReadBackupManifest(l.copied)
	must(t, err)
	c, err := ledger.OpenCheckpoint(l.ana.login.Central.ReceiptKeys[0].Public, *m.Checkpoint)
	must(t, err)
	if st.Size != c.Size || st.Root != c.Root {
		t.Errorf("the statement is bound to %d %s, the backup has %d %s", st.Size, st.Root, c.Size, c.Root)
	}
	for i, item := range l.ana.held {
		var r ledger.Receipt
		must(t, json.Unmarshal(item.Receipt.Payload, &r))
		if st.Covers(r.At) {
			t.Errorf("act %d came after the backup and is called covered", i)
		}
	}
}

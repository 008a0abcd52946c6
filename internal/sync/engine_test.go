package sync_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestALargeFileHoldsUpOnlyWhatDependsOnIt(t *testing.T) {
	d := newDesk(t, sync.Limits{ChunkBytes: 10})
	d.queue("large", nil, make([]byte, 1000))
	d.queue("dependent", []sei.CommandID{"large"})
	d.queue("free", nil)
	for range 20 {
		d.engine.Step(context.Background())
	}
	d.wantVerdict("free", accepted)
	d.wantVerdict("large", open)
	d.wantVerdict("dependent", open)
	s := d.status()
	if s.Phase != sync.Syncing || s.CurrentItem != "large" || s.BytesTotal != 1000 || s.BytesDone == 0 || s.Queued != 2 {
		t.Errorf("the status does not show the upload: %+v", s)
	}
	if n := len(d.central.order); n != 1 {
		t.Errorf("%d commands were decided", n)
	}
	d.run(time.Second)
	d.wantVerdict("large", accepted)
	d.wantVerdict("dependent", accepted)
}

func TestPullingGoesOnDuringAnUpload(t *testing.T) {
	d := newDesk(t, sync.Limits{ChunkBytes: 10})
	d.queue("large", nil, make([]byte, 1000))
	for range 12 {
		d.engine.Step(context.Background())
	}
	if n := d.central.complete; len(n) > 0 {
		t.Fatal("the upload is over already")
	}
	if d.status().LastSync.IsZero() || len(d.store.free) == 0 {
		t.Errorf("neither pull nor lease had a turn: %v", d.history)
	}
}

func TestAFailingUploadHoldsUpNothingElse(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.chunk = func(sei.SHA256) (bool, error) { return false, errNoNetwork }
	d.queue("with file", nil, []byte("file"))
	for range 10 {
		d.engine.Step(context.Background())
	}
	d.queue("free", nil)
	d.run(30 * time.Second)
	d.wantVerdict("free", accepted)
	d.wantVerdict("with file", open)
	if d.status().LastSync.IsZero() {
		t.Error("nothing was pulled")
	}
}

func TestAPushWhoseAnswerIsLostIsRepeatedWithTheSameBytes(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("first", nil)
	lost := true
	d.push = func(r wire.PushRequest) (wire.PushResponse, error) {
		answer, err := d.modelNetwork.Push(context.Background(), r)
		if lost {
			lost = false
			d.queue("second", nil)
			return wire.PushResponse{}, errNoNetwork
		}
		return answer, err
	}
	d.run(time.Minute)
	if len(d.pushes) != 3 || len(d.pushes[1].Commands) != 1 {
		t.Fatalf("%d pushes", len(d.pushes))
	}
	if d.pushes[0].Commands[0].Hash() != d.pushes[1].Commands[0].Hash() || d.pushes[0].Token != d.pushes[1].Token {
		t.Error("the repeated push differs")
	}
	d.wantVerdict("first", accepted)
	d.wantVerdict("second", accepted)
	if d.central.epoch != 1 {
		t.Error("a lost answer began a new epoch")
	}
}

func TestWhatCertainlyDidNotLeaveCanBeWithdrawnAgain(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	d.push = func(wire.PushRequest) (wire.PushResponse, error) {
		return wire.PushResponse{}, &sync.Unsent{Err: errNoNetwork}
	}
	d.run(time.Minute)
	if d.store.find("act").queued.Sent {
		t.Error("it stands as being sent")
	}
	// An answer that was lost says nothing about what the central has, and no
	// later failure takes that back.
	d.push = func(wire.PushRequest) (wire.PushResponse, error) { return wire.PushResponse{}, errNoNetwork }
	d.run(time.Minute)
	d.push = func(wire.PushRequest) (wire.PushResponse, error) {
		return wire.PushResponse{}, &sync.Unsent{Err: errNoNetwork}
	}
	d.run(time.Minute)
	if !d.store.find("act").queued.Sent {
		t.Error("it can be withdrawn though the central may have it")
	}
}

func TestWithNobodyToConnectToNothingIsMarkedAsSending(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	gone := &sync.Unsent{Err: errNoNetwork}
	d.pull = func(wire.PullRequest) (wire.PullResponse, error) { return wire.PullResponse{}, gone }
	d.push = func(wire.PushRequest) (wire.PushResponse, error) { return wire.PushResponse{}, gone }
	d.engine.Nudge()
	d.run(time.Second)
	marked := 0
	d.store.before = func(operation string) error {
		if operation == "MarkSending" {
			marked++
		}
		return nil
	}
	d.queue("act", nil)
	d.engine.Nudge()
	d.run(time.Hour)
	if marked > 0 {
		t.Errorf("it was marked as sending %d times", marked)
	}
	d.pull, d.push = nil, nil
	d.engine.Nudge()
	d.run(time.Minute)
	d.wantVerdict("act", accepted)
}

func TestARefusedSessionPausesTheQueueAndDropsNothing(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.loggedOut = true
	d.queue("waiting", nil)
	d.run(time.Hour)
	if s := d.status(); s.Phase != sync.NeedLogin || s.Queued != 1 {
		t.Fatalf("status %+v", s)
	}
	asked := len(d.history)
	d.engine.Nudge()
	d.run(time.Hour)
	if len(d.history) != asked {
		t.Error("the central was asked again without a login")
	}
	d.loggedOut = false
	d.engine.LoggedIn()
	d.run(time.Second)
	d.wantVerdict("waiting", accepted)
	if s := d.status(); s.Phase != sync.Idle || s.Queued != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestAProvisionalPasswordPausesTheQueueAndDropsNothing(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	provisional := true
	d.push = func(r wire.PushRequest) (wire.PushResponse, error) {
		if provisional {
			return wire.PushResponse{}, sei.Errorf(sync.CodePasswordFirst, "A sua senha é provisória. Troque a senha para continuar.")
		}
		return d.modelNetwork.Push(context.Background(), r)
	}
	d.queue("waiting", nil)
	d.run(time.Hour)
	if s := d.status(); s.Queued != 1 || s.ProblemCode != sync.CodePasswordFirst {
		t.Fatalf("status %+v", s)
	}
	provisional = false
	d.engine.LoggedIn()
	d.run(time.Second)
	d.wantVerdict("waiting", accepted)
	if s := d.status(); s.Phase != sync.Idle || s.Queued != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestALateRefusalOfTheOldSessionDoesNotPauseTheNewOne(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("waiting", nil)
	first := true
	d.push = func(r wire.PushRequest) (wire.PushResponse, error) {
		if first {
			first = false
			d.engine.LoggedIn() // while the old session's request is under way
			return wire.PushResponse{}, sei.Errorf(sei.CodeUnauthenticated, "A sessão terminou.")
		}
		return d.modelNetwork.Push(context.Background(), r)
	}
	d.run(10 * time.Second)
	d.wantVerdict("waiting", accepted)
}

func TestAReceiptThatDoesNotVerifyIsNeverSettled(t *testing.T) {
	spoil := map[string]func(*desk, *wire.PushResponse){
		"another key": func(_ *desk, r *wire.PushResponse) {
			s := ledger.Seal(key(9), ledger.TypeReceipt, r.Results[0].Receipt.Payload)
			r.Results[0].Receipt = &s
		},
		"another key under the central's name": func(_ *desk, r *wire.PushResponse) {
			s := ledger.Seal(key(9), ledger.TypeReceipt, r.Results[0].Receipt.Payload)
			s.Key = r.Results[0].Receipt.Key
			r.Results[0].Receipt = &s
		},
		"another command": func(d *desk, r *wire.PushResponse) {
			r.Results[0].Receipt = d.central.seal(ledger.Receipt{Form: 1, Command: "other", CommandHash: d.pushes[0].Commands[0].Hash(), Accepted: true})
		},
		"other bytes": func(d *desk, r *wire.PushResponse) {
			r.Results[0].Receipt = d.central.seal(ledger.Receipt{Form: 1, Command: "act", CommandHash: ledger.Hash{1}, Accepted: true})
		},
	}
	for name, change := range spoil {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, sync.Limits{})
			d.queue("act", nil)
			d.queue("dependent", []sei.CommandID{"act"})
			d.push = func(r wire.PushRequest) (wire.PushResponse, error) {
				answer, err := d.modelNetwork.Push(context.Background(), r)
				if err == nil && answer.Results[0].Command == "act" {
					change(d, &answer)
				}
				return answer, err
			}
			d.run(10 * time.Second)
			d.wantVerdict("act", open)
			if s := d.status(); s.Phase != sync.Trouble || s.ProblemCode != sync.CodeReceipt || s.Problem == "" {
				t.Errorf("status %+v", s)
			}
			d.push = nil
			d.run(5 * time.Minute)
			d.wantVerdict("act", accepted)
			d.wantVerdict("dependent", accepted)
			if s := d.status(); s.Phase != sync.Idle {
				t.Errorf("the problem does not go away: %+v", s)
			}
		})
	}
}

func TestAnOldPushTokenBeginsANewEpochAndTheQueueGoesOn(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	d.store.token = "token of an old copy"
	d.run(time.Second)
	if d.store.epoch != 2 {
		t.Errorf("epoch %d", d.store.epoch)
	}
	d.wantVerdict("act", accepted)
}

func TestAnswersFromBeforeANewEpochAreNotStoredAfterIt(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	fail := true
	d.store.before = func(operation string) error {
		if operation == "SetPushToken" && fail {
			return errors.New("disk full")
		}
		return nil
	}
	d.lease = func() (wire.LeaseResponse, error) {
		d.lease, fail = nil, false
		return wire.LeaseResponse{}, stale()
	}
	d.run(time.Minute)
	if d.store.epoch != 2 || d.store.token != d.central.token {
		t.Errorf("epoch %d, token %s at the desk and %s at the central", d.store.epoch, d.store.token, d.central.token)
	}
	d.wantVerdict("act", accepted)
}

func TestOnePushSettlesAllThatItCarried(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	for i := range wire.MaxPushCommands + 1 {
		d.queue(fmt.Sprint(i), nil)
	}
	d.run(time.Second)
	if len(d.pushes) != 2 || len(d.pushes[0].Commands) != wire.MaxPushCommands {
		t.Errorf("%d pushes", len(d.pushes))
	}
}

func TestACentralThatFindsEveryTokenStaleIsNotAskedWithoutPause(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	d.push = func(wire.PushRequest) (wire.PushResponse, error) { return wire.PushResponse{}, stale() }
	d.run(10 * time.Minute)
	if n := len(d.pushes); n < 5 || n > 200 {
		t.Errorf("%d pushes in ten minutes", n)
	}
	d.wantVerdict("act", open)
}

func TestOneUnreadableCommandIsRejectedAloneAndTheOthersAreAccepted(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	for i := range 9 {
		d.store.enqueue(sei.CommandID(fmt.Sprint(i)), "process-1", modelBody{Poison: i == 4}, nil)
	}
	d.run(time.Second)
	for i := range 9 {
		want := accepted
		if i == 4 {
			want = rejected
		}
		d.wantVerdict(fmt.Sprint(i), want)
	}
}

func TestAnUnknownFailureRejectsNothing(t *testing.T) {
	for _, code := range []sei.Code{sei.CodeInternal, sei.CodeForbidden, "something.new"} {
		d := newDesk(t, sync.Limits{})
		d.queue("act", nil)
		d.push = func(wire.PushRequest) (wire.PushResponse, error) {
			return wire.PushResponse{}, sei.Errorf(code, "Não foi possível.")
		}
		d.run(time.Minute)
		d.wantVerdict("act", open)
		if n := len(d.pushes); n > 60 {
			t.Errorf("%s: %d pushes in a minute", code, n)
		}
		d.push = nil
		d.run(2 * time.Minute)
		d.wantVerdict("act", accepted)
	}
}

func TestAnOutageIsTriedWithGrowingPausesOfAtMostAMinute(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	down := func() error { return errNoNetwork }
	var tried []time.Time
	d.push = func(wire.PushRequest) (wire.PushResponse, error) {
		tried = append(tried, d.clock.now)
		return wire.PushResponse{}, down()
	}
	d.pull = func(wire.PullRequest) (wire.PullResponse, error) {
		tried = append(tried, d.clock.now)
		return wire.PullResponse{}, down()
	}
	d.modelNetwork.central = nil // whatever else is asked would fail the test
	d.store.free = map[int64]bool{}
	for n := range int64(30) {
		d.store.free[n] = true
	}
	start := d.clock.now
	d.run(time.Hour)
	if d.status().Phase != sync.Offline || d.status().Problem == "" {
		t.Errorf("status %+v", d.status())
	}
	if n := len(tried); n < 40 || n > 400 {
		t.Errorf("%d requests in an hour of outage", n)
	}
	for i := 1; i < len(tried); i++ {
		if gap := tried[i].Sub(tried[i-1]); gap > time.Minute+time.Second {
			t.Errorf("a pause of %v after %v", gap, tried[i].Sub(start))
		}
	}
}

func TestANudgeEndsThePauses(t *testing.T) {
	d := newDesk(t, sync.Limits{BackoffBase: time.Hour, BackoffCap: time.Hour})
	d.queue("act", nil)
	d.push = func(wire.PushRequest) (wire.PushResponse, error) { return wire.PushResponse{}, errNoNetwork }
	d.pull = func(wire.PullRequest) (wire.PullResponse, error) { return wire.PullResponse{}, errNoNetwork }
	d.run(0)
	d.push, d.pull = nil, nil
	d.run(0)
	d.wantVerdict("act", open)
	d.engine.Nudge()
	d.run(0)
	d.wantVerdict("act", accepted)
}

func TestTheCentralsOwnPauseIsKept(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	d.push = func(wire.PushRequest) (wire.PushResponse, error) {
		return wire.PushResponse{}, sei.Wrap(&sync.Delayed{After: 5 * time.Minute, Err: errors.New("429")}, sei.CodeTooMany, "Aguarde.")
	}
	d.run(4 * time.Minute)
	if len(d.pushes) != 1 {
		t.Errorf("%d pushes within the pause", len(d.pushes))
	}
}

func TestAFileThatTheCentralLacksIsUploadedAgain(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil, []byte("file"))
	d.store.uploaded[sum([]byte("file"))] = true // as this desk remembers
	d.run(time.Minute)
	d.wantVerdict("act", accepted)
	if !d.central.complete[sum([]byte("file"))] {
		t.Error("the file is not at the central")
	}
}

func TestAFileThatWasDamagedHereRejectsItsCommandAlone(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil, []byte("file"))
	d.store.files[sum([]byte("file"))] = []byte("FILE")
	d.queue("free", nil)
	d.chunk = func(sei.SHA256) (bool, error) { return false, sei.Errorf(sei.CodeConflict, "Outro conteúdo.") }
	d.run(time.Minute)
	d.wantVerdict("act", rejected)
	d.wantVerdict("free", accepted)
}

func TestAConflictOfOffsetsNeverRejectsAGoodFile(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil, []byte("file"))
	tries := 0
	d.chunk = func(sei.SHA256) (bool, error) {
		tries++
		return false, sei.Errorf(sei.CodeConflict, "Outro ponto.")
	}
	d.run(10 * time.Minute)
	d.wantVerdict("act", open)
	if tries < 5 || tries > 200 {
		t.Errorf("%d tries in ten minutes", tries)
	}
	d.chunk = nil
	d.run(2 * time.Minute)
	d.wantVerdict("act", accepted)
}

func TestAFileOverTheCentralsLimitRejectsItsCommand(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil, []byte("file"))
	d.queue("dependent", []sei.CommandID{"act"})
	d.chunk = func(sei.SHA256) (bool, error) { return false, sei.Errorf(sei.CodeTooLarge, "Grande demais.") }
	d.run(time.Second)
	d.wantVerdict("act", rejected)
	d.wantVerdict("dependent", refused)
}

func TestAFileLostHereRejectsItsCommand(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil, []byte("file"))
	delete(d.store.files, sum([]byte("file")))
	d.run(time.Second)
	d.wantVerdict("act", rejected)
}

func TestAWrongChecksumIsAnsweredWithASnapshot(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	d.run(time.Second)
	unit := wire.UnitBucket(theUnit)
	d.store.rows[unit]["ghost"] = wire.Row{Key: "ghost", Version: 1, Body: []byte(`{}`)}
	d.queue("next", nil)
	d.run(time.Second)
	if _, there := d.store.rows[unit]["ghost"]; there {
		t.Error("the row that the central does not have is still here")
	}
}

func TestAChecksumThatNeverMatchesIsToldAndDoesNotKeepTheEngineBusy(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.pull = func(r wire.PullRequest) (wire.PullResponse, error) {
		wrong := ledger.Hash{1}
		return wire.PullResponse{Pages: []wire.Page{{Bucket: r.Buckets[0].Bucket, Cursor: 5, Reset: true, Checksum: &wrong}}}, nil
	}
	d.run(10 * time.Minute)
	if s := d.status(); s.Phase != sync.Trouble {
		t.Errorf("status %+v", s)
	}
	if n := len(d.history); n > 100 {
		t.Errorf("%d requests in ten minutes", n)
	}
}

func TestACommandWithdrawnWhileItIsBeingSentIsNotSent(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.queue("act", nil)
	d.store.before = func(operation string) error {
		if operation == "MarkSending" {
			d.store.mu.Lock()
			d.store.entries = nil
			d.store.mu.Unlock()
		}
		return nil
	}
	d.run(time.Second)
	if len(d.pushes) > 0 {
		t.Error("it was sent")
	}
	if s := d.status(); s.Phase != sync.Idle {
		t.Errorf("status %+v", s)
	}
}

func TestNumbersAreLeasedWhenFewAreLeft(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	d.run(time.Second)
	if n := len(d.store.free); n != sync.DefaultLimits().LeaseWant {
		t.Fatalf("%d numbers", n)
	}
	for n := range d.store.free {
		if len(d.store.free) > sync.DefaultLimits().LeaseBelow-1 {
			delete(d.store.free, n)
		}
	}
	d.engine.Nudge()
	d.run(time.Second)
	if n := len(d.store.free); n < sync.DefaultLimits().LeaseWant {
		t.Errorf("%d numbers", n)
	}
}

func TestStatusChangesAreAnnounced(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	before, changed := d.engine.Status()
	if before.Phase != sync.Connecting {
		t.Errorf("phase %s before anything", before.Phase)
	}
	d.run(time.Second)
	select {
	case <-changed:
	default:
		t.Error("nobody was told")
	}
	if s := d.status(); s.Phase != sync.Idle || s.LastSync.IsZero() {
		t.Errorf("status %+v", s)
	}
}

// stepWaiter gives the waits of Run to the test.
type stepWaiter struct{ waits chan time.Time }

func (w stepWaiter) Wait(ctx context.Context, until time.Time, wake <-chan struct{}) {
	select {
	case w.waits <- until:
	case <-ctx.Done():
		return
	}
	select {
	case <-wake:
	case <-ctx.Done():
	}
}

func TestRunWorksWaitsAndEndsWithItsContext(t *testing.T) {
	d := newDesk(t, sync.Limits{})
	data := []byte("document")
	d.central.documents[sum(data)] = data
	d.store.missing = []sync.BlobDownload{{Unit: theUnit, Document: "1", Blob: sei.BlobRef{SHA256: sum(data), Size: 8}}}
	d.store.enqueue("act", "process-1", modelBody{}, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	w := stepWaiter{waits: make(chan time.Time)}
	ended := make(chan struct{})
	go func() { d.engine.Run(ctx, w); close(ended) }()
	for {
		select {
		case <-w.waits:
		case <-ctx.Done():
			t.Fatal("the work was not done")
		}
		d.store.mu.Lock()
		done := d.store.find("act").verdict == accepted && len(d.store.missing) == 0
		d.store.mu.Unlock()
		if done {
			break
		}
		d.engine.Nudge()
	}
	cancel()
	<-ended
}

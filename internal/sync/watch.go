package sync

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	// CodeLog says that the central's log is not the one that it signed before.
	CodeLog sei.Code = "log.inconsistent"
	// CodeRecovering says that the central was restored from a backup and takes
	// back what it has lost before anything new.
	CodeRecovering sei.Code = "central.recovering"
)

// LogTransport is the part of the central that speaks of its log.
type LogTransport interface {
	// Checkpoint gives the log's signed head and its consistency with an older
	// one of size from; [sei.CodeNotFound] while there is none.
	Checkpoint(ctx context.Context, from int64) (wire.CheckpointResponse, error)
	// GiveBack hands in what a restored central has lost.
	GiveBack(ctx context.Context, r wire.GiveBackRequest) (wire.GiveBackResponse, error)
}

// LogState is what the workstation knows of the central's signed log.
type LogState struct {
	Checkpoint *ledger.Sealed // the latest that held
	Backup     *ledger.Sealed // the latest statement about a backup
	Recovery   *ledger.Sealed // the latest statement about a recovery
	Done       string         // the recovery in which all that is held was given back
}

// Evidence is what the workstation keeps to prove, and to give back, what the
// central answered. Every method is one transaction.
type Evidence interface {
	LogState(ctx context.Context) (LogState, error)
	// KeepLog stores verified words about the log; what is nil stays.
	KeepLog(ctx context.Context, news LogState) error
	// KeepRecords stores the events of an answer, before the answer is settled.
	KeepRecords(ctx context.Context, id sei.CommandID, records []ledger.Record) error
	// Covered says that a backup holds every answer given before until.
	Covered(ctx context.Context, until time.Time) error
	// HeldActs lists what was answered at until or later and was not yet given in
	// the recovery.
	HeldActs(ctx context.Context, recovery string, until time.Time, limit int) ([]wire.GiveBackItem, error)
	// HeldNumbers lists the leased Nº SEI that are here, used or not.
	HeldNumbers(ctx context.Context, limit int) ([]int64, error)
	// GivenBack stores a verified answer; done when everything was given.
	GivenBack(ctx context.Context, recovery string, results []wire.GiveBackResult, done bool) error
	// LackingFiles lists files to send again, and ForgetLacking stops that for one
	// that is not here.
	LackingFiles(ctx context.Context, limit int) ([]sei.BlobRef, error)
	ForgetLacking(ctx context.Context, sha sei.SHA256) error
}

// watchState is what Step remembers of the central's log.
type watchState struct {
	due     time.Time // of the next look; zero is now
	session int       // that the last look was in
	// sure: the log was looked at since the login. Before, a central that came back
	// from a backup would be taken for the one that was left.
	sure     bool
	recovery *ledger.RecoveryStatement
	given    bool // all that is held, in that recovery
	lacking  bool // files may have to be sent again
}

// watches says whether the engine has what it needs for the log.
func (e *Engine) watches() bool { return e.evidence != nil && e.log != nil }

// stepWatch asks for the log's head and holds it against the last one.
func (e *Engine) stepWatch(ctx context.Context, now time.Time) outcome {
	if !e.watches() {
		return outcome{}
	}
	if e.watch.due.After(now) {
		return outcome{next: e.watch.due}
	}
	if until, paused := e.waitOf(Watching, now); paused {
		return outcome{next: until}
	}
	o := outcome{did: Watching}
	state, older, err := e.knownLog(ctx)
	if err != nil {
		o.err = err
		e.storeFailed(Watching, now, err)
		return o
	}
	e.working(stepMachine)
	response, err := e.log.Checkpoint(ctx, older.Size)
	if sei.CodeOf(err) == sei.CodeNotFound { // nothing was signed yet
		e.answered(Watching)
		e.looked(now)
		return o
	}
	if err != nil {
		o.err = err
		if ctx.Err() == nil {
			e.failed(Watching, now, err)
			e.watch.sure = e.watch.sure || !transient(sei.CodeOf(err)) && !ofSession(sei.CodeOf(err))
		}
		return o
	}
	e.answered(Watching)
	if o.err = e.judgeLog(ctx, state, older, response); o.err != nil {
		e.storeFailed(Watching, now, o.err)
		return o
	}
	e.looked(now)
	return o
}

// looked sets the time of the next look: sooner while a recovery goes on.
func (e *Engine) looked(now time.Time) {
	every := e.limits.PullEvery
	if e.watch.recovers() {
		every = min(every, recoveryEvery)
	}
	e.watch.sure, e.watch.due = true, now.Add(every)
}

// recoveryEvery is how often the engine asks whether a recovery is over.
const recoveryEvery = 30 * time.Second

func (w *watchState) recovers() bool { return w.recovery != nil && w.recovery.Open }

// blind says that nothing may be sent or taken yet, because the engine does not
// know whether the central is the one that it left.
func (e *Engine) blind() bool { return e.watches() && !e.watch.sure }

// knownLog reads what is known; the checkpoint is the empty log where none is.
func (e *Engine) knownLog(ctx context.Context) (LogState, ledger.Checkpoint, error) {
	empty := ledger.Checkpoint{Root: (&ledger.LogHead{}).Root()}
	state, err := e.evidence.LogState(ctx)
	if err != nil || state.Checkpoint == nil {
		return state, empty, err
	}
	key, err := e.keyOf(ctx, *state.Checkpoint)
	if err != nil {
		return state, empty, err
	}
	c, err := ledger.OpenCheckpoint(key, *state.Checkpoint)
	return state, c, err
}

// keyOf is the known key that a message says to be sealed with.
func (e *Engine) keyOf(ctx context.Context, s ledger.Sealed) (ed25519.PublicKey, error) {
	pub, known, err := e.store.ReceiptKey(ctx, s.Key)
	if err == nil && !known {
		err = fmt.Errorf("key %.64s is not known", s.Key)
	}
	return pub, err
}

var (
	logKey      = holdKey("log", "consistency")
	recoveryKey = holdKey("log", "recovery")
)

const (
	rewrittenLog = "O registro da central não é a continuação do que ela tinha assinado: a história foi alterada ou perdida. Avise o suporte e guarde este computador como está."
	unsignedLog  = "A central mostrou um registro que não confere com a assinatura dela. Avise o suporte."
	inRecovery   = "A central foi restaurada de uma cópia de segurança de %s e está recebendo de volta os atos feitos depois dela. O que você fizer fica na fila até a recuperação terminar."
)

// judgeLog compares the head that came with the one that is known and stores what
// holds. Its error is the store's; what does not hold is shown to the servant,
// and the known head stays, as evidence.
func (e *Engine) judgeLog(ctx context.Context, state LogState, older ledger.Checkpoint, r wire.CheckpointResponse) error {
	key, err := e.keyOf(ctx, r.Checkpoint)
	if err != nil {
		e.trouble(logKey, sei.Wrap(err, CodeLog, unsignedLog))
		return nil
	}
	newer, err := ledger.OpenCheckpoint(key, r.Checkpoint)
	if err != nil {
		e.trouble(logKey, sei.Wrap(err, CodeLog, unsignedLog))
		return nil
	}
	recovery, err := e.openRecovery(ctx, r.Recovery)
	if err != nil {
		e.trouble(logKey, sei.Wrap(err, CodeLog, unsignedLog))
		return nil
	}
	news := LogState{Recovery: r.Recovery}
	inconsistent := ledger.CheckConsistency(older, newer, r.Consistency)
	switch {
	case inconsistent == nil && newer.Size >= older.Size:
		news.Checkpoint = &r.Checkpoint
		e.release(logKey)
	case recovery != nil && recovery.Explains(older.Size):
		if !recovery.Open { // the log goes on from here
			news.Checkpoint = &r.Checkpoint
		}
		e.release(logKey)
	default:
		e.trouble(logKey, sei.Wrap(inconsistent, CodeLog, rewrittenLog))
		return nil
	}
	e.showRecovery(recovery, state.Done)
	return e.keepLog(ctx, news, r.Backup)
}

func (e *Engine) openRecovery(ctx context.Context, s *ledger.Sealed) (*ledger.RecoveryStatement, error) {
	if s == nil {
		return nil, nil
	}
	key, err := e.keyOf(ctx, *s)
	if err != nil {
		return nil, err
	}
	r, err := ledger.OpenRecovery(key, *s)
	return &r, err
}

// showRecovery tells the servant while a recovery goes on.
func (e *Engine) showRecovery(r *ledger.RecoveryStatement, done string) {
	if r == nil {
		e.release(recoveryKey)
		return
	}
	if e.watch.recovery == nil || e.watch.recovery.ID != r.ID {
		e.watch.given, e.watch.lacking = r.ID == done, true
	}
	e.watch.recovery = r
	if r.Open {
		e.trouble(recoveryKey, sei.Errorf(CodeRecovering, inRecovery, r.Backup.Format("02/01/2006")))
		return
	}
	e.release(recoveryKey)
}

// keepLog stores what held. Nothing is let go as covered by a backup while a
// recovery may still have to get it back.
func (e *Engine) keepLog(ctx context.Context, news LogState, backup *ledger.Sealed) error {
	var covered *ledger.BackupStatement
	if backup != nil && (e.watch.recovery == nil || e.watch.given) {
		key, err := e.keyOf(ctx, *backup)
		if err == nil {
			var b ledger.BackupStatement
			if b, err = ledger.OpenBackup(key, *backup); err == nil {
				covered, news.Backup = &b, backup
			}
		}
		if err != nil {
			e.trouble(logKey, sei.Wrap(err, CodeLog, unsignedLog))
			return nil
		}
	}
	if err := e.evidence.KeepLog(ctx, news); err != nil {
		return fmt.Errorf("storing what is known of the log: %w", err)
	}
	if covered == nil {
		return nil
	}
	return e.evidence.Covered(ctx, covered.Until)
}

package desktop

import (
	"context"
	"fmt"
	"math/rand/v2"
	gosync "sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// account is the open store of one user of one central and everything that
// works on it.
type account struct {
	desk    *Desk
	client  *remote.Client
	store   *local.Store
	central *knownCentral
	engine  *sync.Engine
	judge   *evidence.Judge
	intake  *watched

	cancel context.CancelFunc
	work   gosync.WaitGroup

	mu       gosync.RWMutex
	person   wire.Person
	units    []wire.MemberUnit
	unit     sei.UnitID
	prepared map[sei.DocumentID]preparedSignature
	signing  *runningBatch        // the one act of signing under way, or nil
	token    string               // label of the token that the window was told of
	learned  map[string]time.Time // by certificate: not to be asked about again before
	// listenAgain ends the present listening for hints, so that the next begins.
	listenAgain context.CancelFunc

	previews previews
	exports  exports
	editing  editing
	working  context.Context // ends when the account closes
	touched  time.Time       // last sign of the servant
}

// openStore opens a store, locked, with files sealed under its key.
func (d *Desk) openStore(ctx context.Context, dir string) (*local.Store, error) {
	return local.Open(ctx, dir, local.Options{
		OpenBlobs: func(dir string, key []byte) (local.Blobs, error) { return openSealedBlobs(dir, key) },
		Changed:   d.storeChanged,
	})
}

func openSealedBlobs(dir string, key []byte) (local.Blobs, error) {
	bucket, err := blob.OpenDir(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the files: %w", err)
	}
	sealed, err := blob.NewSealed(bucket, [32]byte(key))
	if err != nil {
		return nil, fmt.Errorf("opening the files: %w", err)
	}
	return sealedBlobs{sealed}, nil
}

// storeChanged tells the window what to read again.
func (d *Desk) storeChanged(c local.Change) {
	topics := []string{}
	kind, id := c.Bucket.Parts()
	switch kind {
	case "process":
		topics = append(topics, topicProcess(id))
	case "unit", "user":
		topics = append(topics, topicInbox)
		if kind == "user" {
			topics = append(topics, topicSession)
			d.unitsChanged()
		}
	}
	for _, p := range c.Processes {
		topics = append(topics, topicProcess(string(p)))
	}
	if c.Outbox {
		topics = append(topics, topicOutbox, topicInbox, topicStatus)
	}
	if c.Drafts {
		topics = append(topics, topicInbox)
	}
	if len(topics) > 0 {
		d.changes.say(topics...)
	}
}

// start reads who the account is and sets the engine to work.
func (a *account) start() error {
	ctx := a.desk.root
	if err := a.readIdentity(ctx); err != nil {
		return err
	}
	judge, err := evidence.New(a.central.Info.TrustRoots)
	if err != nil {
		return err
	}
	revocation := a.newRevocations()
	a.judge = judge.WithRevocation(revocation, revocation.Cached())
	a.learned = map[string]time.Time{}
	a.prepared = map[sei.DocumentID]preparedSignature{}
	a.listenAgain = func() {}
	// What was staged or shown before the account was closed is not any more.
	a.desk.stage.forgetStored()
	if err := a.store.UnpinAll(ctx, local.PinOpen); err != nil {
		a.desk.log.Warn("letting go of an earlier run's files", "error", err)
	}
	a.engine = sync.New(sync.Config{
		Store: engineStore{a.store}, Evidence: evidenceStore{a.store}, Transport: a.client, Log: a.client, Clock: remote.Wall{},
		Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
	})
	work, cancel := context.WithCancel(ctx)
	a.cancel, a.working, a.touched = cancel, work, time.Now()
	a.work.Go(func() { a.engine.Run(work, remote.Wall{}) })
	a.work.Go(func() { a.followStatus(work) })
	a.work.Go(func() { a.followHints(work) })
	a.work.Go(func() { a.followTokens(work) })
	a.work.Go(func() { a.leaveKey(work) })
	a.work.Go(func() { a.followIdle(work, idleLimit) })
	a.work.Go(func() { a.maintain(work) })
	a.work.Go(func() { a.indexTexts(work) })
	a.work.Go(func() { a.followRevocations(work) })
	a.intake = newWatched(a)
	return a.intake.restore(work)
}

func (a *account) readIdentity(ctx context.Context) error {
	id, err := a.store.Identity(ctx)
	if err != nil {
		return fmt.Errorf("reading the account: %w", err)
	}
	device, err := a.store.Device(ctx)
	if err != nil {
		return fmt.Errorf("reading the workstation's identity: %w", err)
	}
	session, err := a.store.Session(ctx)
	if err != nil {
		return fmt.Errorf("reading the session: %w", err)
	}
	a.client.UseSession(session.Token)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.person, a.units, a.unit = id.User, id.Units, device.Unit
	if _, ok := a.memberUnit(a.unit); !ok && len(a.units) > 0 {
		a.unit = a.units[0].Unit.ID
		return a.store.SetUnit(ctx, a.unit)
	}
	return nil
}

// close stops the work and forgets the key.
func (a *account) close() error {
	if a.cancel != nil {
		a.cancel()
	}
	if a.intake != nil {
		a.intake.stop()
	}
	a.work.Wait()
	a.exports.clear()
	if a.store == nil {
		return nil
	}
	return a.store.Close()
}

// memberUnit finds a unit of the user. The lock is held.
func (a *account) memberUnit(id sei.UnitID) (wire.MemberUnit, bool) {
	for _, u := range a.units {
		if u.Unit.ID == id {
			return u, true
		}
	}
	return wire.MemberUnit{}, false
}

// me is the user.
func (a *account) me() wire.Person {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.person
}

// actor is the user in the unit that the window shows.
func (a *account) actor() sei.Actor {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.actorIn(a.unit)
}

// actorIn is the user in one of their units; the lock is held.
func (a *account) actorIn(unit sei.UnitID) sei.Actor {
	m, _ := a.memberUnit(unit)
	return sei.Actor{
		User: a.person.ID, Name: a.person.Name, CPF: a.person.CPF, Unit: unit, Agency: m.Unit.Agency, Profiles: m.Profiles,
	}
}

func (a *account) describe(v *SessionView) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	v.Central = centralView(a.central)
	v.User = &PersonView{
		ID: string(a.person.ID), Login: a.person.Login, Name: a.person.Name, AgencyID: string(a.person.Agency),
		MustChangePassword: a.person.MustChangePassword,
	}
	v.Unit = string(a.unit)
	for _, m := range a.units {
		u := UnitView{ID: string(m.Unit.ID), Acronym: m.Unit.Acronym, Name: m.Unit.Name, AgencyID: string(m.Unit.Agency), Receives: m.Unit.Receives, Profiles: []string{}}
		for _, p := range m.Profiles {
			u.Profiles = append(u.Profiles, p.Name())
		}
		v.Units = append(v.Units, u)
	}
	if c, err := a.store.Catalogue(a.desk.root); err == nil {
		for i := range v.Units {
			ag, _ := c.Agency(sei.AgencyID(v.Units[i].AgencyID))
			v.Units[i].Agency = ag.Acronym
		}
		ag, _ := c.Agency(a.person.Agency)
		v.User.Agency = ag.Acronym
	}
}

func (a *account) switchUnit(ctx context.Context, unit sei.UnitID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.memberUnit(unit); !ok {
		return sei.Errorf(sei.CodeForbidden, "Você não trabalha nesta unidade.")
	}
	if err := a.store.SetUnit(ctx, unit); err != nil {
		return fmt.Errorf("switching unit: %w", err)
	}
	a.unit = unit
	a.listenAgain()
	a.engine.Nudge()
	return nil
}

// renew logs in again with the workstation's own identity.
func (a *account) renew(ctx context.Context, password string) error {
	id, err := a.store.DeviceIdentity(ctx)
	if err != nil {
		return err
	}
	a.mu.RLock()
	person, agency := a.person, a.agencyAcronym()
	a.mu.RUnlock()
	answer, err := a.client.Login(ctx, wire.LoginRequest{
		Agency: agency, Login: person.Login, Password: password,
		Device: id.Enrolment(a.central.Info.ID, person.Login, machineName()),
	})
	if err != nil {
		return err
	}
	if err := a.store.LoggedIn(ctx, answer); err != nil {
		return fmt.Errorf("keeping the new session: %w", err)
	}
	// The password may have been changed at another workstation: from now on the
	// one that the central takes opens this store too.
	if err := a.store.Rewrap(ctx, password); err != nil {
		return fmt.Errorf("taking up the password: %w", err)
	}
	if err := a.readIdentity(ctx); err != nil {
		return err
	}
	a.engine.LoggedIn()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listenAgain()
	return nil
}

func (a *account) agencyAcronym() string {
	if c, err := a.store.Catalogue(a.desk.root); err == nil {
		if ag, ok := c.Agency(a.person.Agency); ok {
			return ag.Acronym
		}
	}
	return string(a.person.Agency)
}

// followStatus tells the window when the engine's state changes, and asks the
// central for its keys when a receipt came under one that is not known here.
func (a *account) followStatus(ctx context.Context) {
	asked := false
	for {
		status, changed := a.engine.Status()
		// Told after the channel was taken: a change that comes before the next turn
		// closes it, and so none goes by untold.
		a.desk.changes.say(topicStatus)
		if status.ProblemCode != sync.CodeReceipt && status.ProblemCode != sync.CodeLog {
			asked = false
		} else if !asked {
			asked = true
			a.learnKeys(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// learnKeys takes up a rotation of the central's receipt key; only one sealed by
// a known key is believed.
func (a *account) learnKeys(ctx context.Context) {
	info, err := a.client.Info(ctx)
	if err == nil {
		err = a.store.LearnReceiptKeys(ctx, info.ReceiptKeys)
	}
	if err != nil {
		a.desk.log.Warn("learning the central's receipt keys", "error", err)
		return
	}
	a.engine.Nudge()
}

// leaveKey lets the operating system's session open the vault when the password
// was changed at another workstation; without a keyring it stays with the password.
func (a *account) leaveKey(ctx context.Context) {
	if a.desk.opts.Keyring == nil {
		return
	}
	if err := a.store.EnableKeyring(ctx, a.desk.opts.Keyring); err != nil {
		a.desk.log.Debug("leaving the key with the system's keyring", "error", err)
	}
}

// background does something that nobody waits for, until the account closes.
func (a *account) background(do func(context.Context)) {
	a.work.Go(func() { do(a.working) })
}

// maintain erases what nothing needs any more.
func (a *account) maintain(ctx context.Context) {
	if err := a.store.Maintain(ctx); err != nil && ctx.Err() == nil {
		a.desk.log.Warn("maintaining the store", "error", err)
	}
}

// returnNumbers gives leased numbers that were not used back to the central.
func (a *account) returnNumbers(ctx context.Context) error {
	numbers, err := a.store.UnusedNumbers(ctx, wire.MaxLease)
	if err != nil || len(numbers) == 0 {
		return err
	}
	if _, err := a.client.Lease(ctx, wire.LeaseRequest{Return: numbers}); err != nil {
		return err
	}
	return a.store.MarkReturned(ctx, numbers)
}

// followHints listens for the central's "pull now" while there is a session;
// losing one loses nothing. A change of unit or a new login listens anew.
func (a *account) followHints(ctx context.Context) {
	for ctx.Err() == nil {
		a.mu.Lock()
		listening, cancel := context.WithCancel(ctx)
		a.listenAgain = cancel
		unit := a.unit
		a.mu.Unlock()
		err := a.client.Hints(listening, unit, a.heed, func() { a.engine.Hint(nil) })
		if err != nil && listening.Err() == nil {
			a.desk.log.Info("hints ended", "error", err)
			<-listening.Done()
		}
		cancel()
	}
}

// heed acts on a hint. One without buckets says that the stream has opened: the
// central is there again, and no pause after a failure should hold up the queue.
func (a *account) heed(h wire.Hint) {
	if len(h.Buckets) == 0 {
		a.engine.Nudge()
		return
	}
	a.engine.Hint(h.Buckets)
}

// here is the unit that the window shows.
func (a *account) here() sei.UnitID {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.unit
}

// tokenLook is how often the status bar looks whether a token is present.
const tokenLook = 30 * time.Second

func (a *account) followTokens(ctx context.Context) {
	tick := time.NewTicker(tokenLook)
	defer tick.Stop()
	for {
		a.lookForTokens(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lookForTokens looks which tokens are present, and says so when that has changed.
func (a *account) lookForTokens(ctx context.Context) {
	a.desk.certs.directory.Fresh(ctx)
	now := a.desk.certs.tokenLabel()
	a.mu.Lock()
	before := a.token
	a.token = now
	a.mu.Unlock()
	if now != before {
		a.desk.changes.say(topicKeys, topicStatus)
	}
}

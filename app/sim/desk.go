package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// desk is a workstation: the real store and engine, a servant, and moments at
// which the program may be killed.
type desk struct {
	w      *world
	index  int // in the cast
	name   string
	who    servant
	user   sei.UserID
	dir    string
	ring   *ring
	store  *local.Store
	client *remote.Client
	engine *sync.Engine
	line   *line
	random *random
	offset time.Duration // of its clock
	opened int           // times that the program was started

	moment
	fillDesk, fillCentral uint64 // bytes at which a disk is full, plus one; 0: there is room

	backup *deskBackup
	seen   *deskSeen           // what the servant has seen
	typed  map[sei.SHA256]bool // pages typeset here: others may have the same, since there are only a few
}

// deskBackup is a copy of a desk's folder and what its servant had seen then.
type deskBackup struct {
	dir  string
	seen *deskSeen
}

// died is what a killed desk leaves its last step with.
type died struct{ d *desk }

func (w *world) newDesk(index int, dir string) *desk {
	d := &desk{
		w: w, index: index, name: cast[index].desk, who: cast[index], dir: dir, ring: w.template.rings[index],
		random: newRandom(w.seed ^ uint64(index+1)<<32), seen: newDeskSeen(),
	}
	d.line = &line{d: d, last: map[string]*answer{}}
	d.random.point = d.pause
	return d
}

func (d *desk) time() time.Time { return d.w.now.Add(d.offset) }

// clock is the engine's and the store's.
func (d *desk) Now() time.Time {
	d.pause("the clock")
	return d.time()
}

// pause is a place within a method at which the program may die: the method
// still returns, to a program that is not there any more.
func (d *desk) pause(where string) {
	if err := d.pass(where, d.dir, d.w.newFolder); err != nil {
		d.w.broken(err)
	}
}

// mustLive is a place between two steps of the program.
func (d *desk) mustLive(where string) {
	d.pause(where)
	if d.dead() {
		panic(died{d})
	}
}

func (d *desk) options() local.Options {
	return local.Options{
		Now: d.Now, Random: d.random, Passwords: cheapVault,
		OpenBlobs: func(dir string, key []byte) (local.Blobs, error) {
			bucket, err := blob.OpenDir(dir)
			if err != nil {
				return nil, err
			}
			store, err := blob.NewSealed(bucket, [32]byte(key))
			return deskBlobs{d, store}, err
		},
	}
}

func (d *desk) connect() error {
	var err error
	d.client, err = remote.New(centralURL, remote.Options{UserAgent: "seirs-sim", Transport: d.line})
	return err
}

// enrol is the first login of a new desk.
func (d *desk) enrol() error {
	ctx := context.Background()
	if err := d.connect(); err != nil {
		return err
	}
	id, err := local.NewDeviceIdentity(d.time(), d.random)
	if err != nil {
		return err
	}
	answer, err := d.login(ctx, id)
	if err != nil {
		return err
	}
	if d.store, err = local.Open(ctx, d.dir, d.options()); err != nil {
		return err
	}
	owner := local.Owner{CentralID: answer.Central.ID, Address: centralURL, User: answer.User.ID, Agency: d.who.agency, Login: d.who.login, Name: answer.User.Name}
	if err := d.store.Create(ctx, central.DemoPassword, id, owner, answer); err != nil {
		return err
	}
	if err := d.store.EnableKeyring(ctx, d.ring); err != nil {
		return err
	}
	if err := d.store.SetUnit(ctx, answer.Units[0].Unit.ID); err != nil {
		return err
	}
	d.user = answer.User.ID
	d.newEngine()
	return nil
}

func (d *desk) login(ctx context.Context, id local.DeviceIdentity) (wire.LoginResponse, error) {
	info, err := d.client.Info(ctx)
	if err != nil {
		return wire.LoginResponse{}, err
	}
	return d.client.Login(ctx, wire.LoginRequest{
		Agency: d.who.agency, Login: d.who.login, Password: central.DemoPassword, Device: id.Enrolment(info.ID, d.who.login, d.name),
	})
}

// newEngine is the program coming up over whatever the store holds.
func (d *desk) newEngine() {
	d.opened++
	d.engine = sync.New(sync.Config{
		Store: engineStore{d}, Evidence: evidenceStore{d}, Transport: d.client, Log: d.client, Clock: d, Rand: rand.New(rand.NewPCG(d.w.seed, uint64(d.index*1000+d.opened))), //nolint:gosec // runs follow from a seed
		Limits: sync.Limits{PushCommands: 5, ChunkBytes: 700, QueueWindow: 60, LeaseBelow: 2, LeaseWant: 3, PushBytes: 16 << 10, FetchWindow: 5},
	})
}

// open starts the program on its folder, with the session it had.
func (d *desk) open() error {
	ctx := context.Background()
	d.reset()
	var err error
	if d.store, err = local.Open(ctx, d.dir, d.options()); err != nil {
		return err
	}
	if err := d.connect(); err != nil {
		return err
	}
	if err := d.unlock(ctx); err != nil {
		return err
	}
	identity, err := d.store.Identity(ctx)
	if err != nil {
		return err
	}
	d.user = identity.User.ID
	d.newEngine()
	d.engine.Nudge()
	return nil
}

// unlock opens the store: by the keyring or, after too long without the central,
// by a login.
func (d *desk) unlock(ctx context.Context) error {
	err := d.store.UnlockWithKeyring(ctx, d.ring)
	if sei.CodeOf(err) == local.CodeOfflineExpired {
		return d.unlockOnline(ctx)
	}
	if err != nil {
		return err
	}
	session, err := d.store.Session(ctx)
	if err == nil {
		d.client.UseSession(session.Token)
	}
	return err
}

// unlockOnline logs in to a store that may not be opened without the central.
// While the central is away, the servant waits before the login screen.
func (d *desk) unlockOnline(ctx context.Context) error {
	id, err := d.store.IdentityForLogin(ctx, central.DemoPassword)
	if err != nil {
		return err
	}
	if err := d.w.central.up(); err != nil {
		return err
	}
	answer, err := d.login(ctx, id)
	if err != nil {
		return fmt.Errorf("logging in to unlock: %w", err)
	}
	return d.store.UnlockAfterLogin(ctx, central.DemoPassword, answer)
}

// logIn is the servant answering the login dialog.
func (d *desk) logIn() error {
	ctx := context.Background()
	id, err := d.store.DeviceIdentity(ctx)
	if err != nil {
		return err
	}
	answer, err := d.login(ctx, id)
	if err != nil {
		return err
	}
	d.mustLive("after a login")
	if err := d.store.LoggedIn(ctx, answer); err != nil {
		return err
	}
	d.engine.LoggedIn()
	return nil
}

// close ends the program in order.
func (d *desk) close() error {
	if d.store == nil {
		return nil
	}
	err := d.store.Close()
	d.store = nil
	return err
}

// restart is what follows a kill: the folder as it was at that moment, and the
// program started on it.
func (d *desk) restart() error {
	copied := d.copied
	if copied == "" {
		copied = d.w.newFolder()
		if err := copyTree(d.dir, copied); err != nil {
			return err
		}
	}
	d.reset()
	if err := d.close(); err != nil {
		return err
	}
	old := d.dir
	d.dir = copied
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	return d.open()
}

// alive runs what the program does, and starts it again if it dies in it.
func (d *desk) alive(do func() error) (err error) {
	defer func() {
		r := recover()
		if r == nil && d.dead() { // died within the last method
			r = died{d}
		}
		if r == nil {
			return
		}
		if who, killed := r.(died); !killed || who.d != d {
			panic(r)
		}
		d.w.tracef("  %s dies at %s", d.name, d.where)
		d.w.must(d.restart())
		err = errKilled
	}()
	if d.fillDesk > 0 {
		full := withFullDisk(d.fillDesk-1, func() { err = do() })
		d.w.must(full)
		return err
	}
	return do()
}

// deskBlobs lets the local store keep its files in the sealed blob store, with
// moments to die at between a file and the row that speaks of it.
type deskBlobs struct {
	d     *desk
	store blob.Store
}

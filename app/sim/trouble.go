package sim

import (
	"context"
	"os"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// hitsProcess plays the actions that happen to programs and machines rather
// than within them, and says whether this was one.
func (w *world) hitsProcess(d *desk, a Action) bool {
	c := w.central
	switch a.Kind {
	case KillDesk:
		w.must(d.restart())
	case KillCentral:
		if c.running() {
			w.must(c.bury())
		}
		c.down = int(a.Dice % 6)
	case CopyDesk:
		w.copyDesk(d)
	case RestoreDesk:
		w.restoreDesk(d)
	case Backup:
		w.backUp()
	case RestoreCentral:
		w.restoreCentral()
	case Finish:
		w.finishRecovery()
	case DeskClock:
		d.offset += jump(a.Dice)
		w.tracef("  its clock is off by %s", d.offset)
	case CentralClock:
		c.offset += jump(a.Dice)
		w.notYetMembers = w.notYetMembers || c.offset < 0
		w.tracef("  the central's clock is off by %s", c.offset)
	case Revoke, Grant:
		w.changeRights(d, a)
	case EndSession:
		w.endSession(d)
	default:
		return false
	}
	w.reached(string(a.Kind))
	return true
}

// jump is how far a clock jumps: minutes to two days, both ways.
func jump(dice uint64) time.Duration {
	far := []time.Duration{time.Minute, time.Hour, 13 * time.Hour, 48 * time.Hour}[dice%4]
	if dice>>8%2 == 0 {
		return -far
	}
	return far
}

// copyDesk is somebody's backup of the workstation.
func (w *world) copyDesk(d *desk) {
	if d.backup != nil {
		w.must(os.RemoveAll(d.backup.dir))
	}
	dir := w.newFolder()
	w.must(copyTree(d.dir, dir))
	d.backup = &deskBackup{dir, d.seen.clone()}
}

// restoreDesk puts the old copy in the place of the workstation: what came to
// it after the copy is gone there.
func (w *world) restoreDesk(d *desk) {
	if d.backup == nil {
		return
	}
	w.must(d.close())
	w.must(os.RemoveAll(d.dir))
	d.dir = w.newFolder()
	w.must(copyTree(d.backup.dir, d.dir))
	for id := range d.seen.entries {
		if d.backup.seen.entries[id] == nil {
			w.book.abandoned[id] = true
		}
	}
	d.seen = d.backup.seen.clone()
	w.must(d.open())
}

func (w *world) backUp() {
	c := w.central
	if !c.running() {
		return
	}
	events, found, err := c.copyAway()
	if err != nil {
		w.tracef("  no backup: %s", explain(err))
		return
	}
	w.judge("backup", found)
	c.taken = int(events)
	w.tracef("  backup of %d events", events)
}

func (w *world) restoreCentral() {
	c := w.central
	if c.backup == "" || c.taken == 0 {
		return
	}
	w.must(c.comeBack())
	w.tracef("  the central comes back from a backup of %d events", c.taken)
	w.book.restored(w)
}

// finishRecovery is the administrator's decision, taken when every desk has given
// back what it holds and the report misses no file.
func (w *world) finishRecovery() {
	c := w.central
	if !c.running() || !w.recovering() {
		return
	}
	report, err := c.svc.Recovery(context.Background())
	w.must(err)
	for _, d := range w.desks {
		state, err := d.store.LogState(context.Background())
		w.must(err)
		if state.Done != report.ID {
			return
		}
	}
	if len(report.MissingFiles) > 0 {
		w.tracef("  the recovery misses %d files", len(report.MissingFiles))
		return
	}
	report, err = c.svc.FinishRecovery(context.Background())
	w.must(err)
	w.tracef("  the recovery ends: %d acts came back, %d places are lost, %d wait, %d are kept", report.Restored, report.LostPlaces, len(report.Waiting), len(report.Kept))
	w.reached("recovery finished")
	w.readLedger()
	w.book.loss(w)
}

// recovering says whether the central still takes back what it lost.
func (w *world) recovering() bool {
	var n int
	w.must(w.central.db.QueryRow("SELECT COUNT(*) FROM recoveries WHERE finished_at = 0").Scan(&n))
	return n > 0
}

// changeRights takes a servant out of a unit, or puts them back where they were.
func (w *world) changeRights(d *desk, a Action) {
	c := w.central
	if !c.running() {
		return
	}
	places := placesOf(d.who.login)
	p := places[int(a.Dice%uint64(len(places)))]
	var profiles []sei.Profile
	if a.Kind == Grant {
		profiles = p.profiles
	}
	w.tracef("  %s %s in %s", a.Kind, d.who.login, p.unit)
	w.must(c.svc.Grant(context.Background(), d.who.agency, d.who.login, d.who.agency, p.unit, profiles, time.Time{}))
}

// place is a unit in which somebody of the cast works.
type place struct {
	unit     string
	profiles []sei.Profile
}

func placesOf(login string) []place {
	basic := []sei.Profile{sei.ProfileBasic}
	switch login {
	case "ana.schneider":
		return []place{{"SPGG/GAB", basic}, {"SPGG/DEPLAN", basic}}
	case "bruno.machado":
		return []place{{"SPGG/GAB", []sei.Profile{sei.ProfileColleague}}}
	case "carla.rodrigues":
		both := []sei.Profile{sei.ProfileBasic, sei.ProfileProtocol}
		return []place{{"SPGG/GAB", both}, {"SPGG/PROT", both}}
	case "helena.moraes":
		return []place{{"SES/GAB", basic}, {"SES/DAHA", basic}}
	case "katia.bittencourt":
		return []place{{"SES/DAHA", basic}}
	}
	return []place{{"SEFAZ/GAB", basic}, {"SEFAZ/TE", basic}}
}

// endSession is the central forgetting a login: an administrator, or an expiry.
func (w *world) endSession(d *desk) {
	c := w.central
	session, err := d.store.Session(context.Background())
	if !c.running() || err != nil || session.Token == "" {
		return
	}
	ses, err := c.svc.Authenticate(context.Background(), session.Token)
	if err == nil {
		w.must(c.svc.Logout(context.Background(), ses))
	}
}

package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
)

// world is one run: a central, some desks, the line between them, and the book
// in which the simulator keeps what must be true.
type world struct {
	// notYetMembers: the central's clock went back behind the first day, when nobody was a member of any unit.
	notYetMembers bool

	template *template
	folder   string // of this run
	folders  int
	seed     uint64
	now      time.Time
	rand     *rand.Rand
	central  *centralNode
	desks    []*desk
	late     []*sent // requests that arrive after their sender gave them up
	book     *book
	trace    []string
	names    map[string]string // short names of ids, for traces
	counts   map[string]int
	known    []sei.ProcessID // every process that was started
	making   bool            // the template is being made; nothing is checked
	failure  error           // of the simulator itself
	calm     bool            // the faults have stopped
}

// Violation is an invariant that did not hold.
type Violation struct {
	Invariant Invariant
	Detail    string
}

func (v *Violation) Error() string { return fmt.Sprintf("invariant %s: %s", v.Invariant, v.Detail) }

// Result is what a run came to.
type Result struct {
	Violation *Violation // nil when all held
	Trace     []string
	// Reached counts what happened, so that a reader can see that a run was worth
	// something.
	Reached map[string]int
	// Played is how many actions were begun.
	Played int
}

// Run plays a schedule. An error means that the simulator itself failed.
func Run(s Schedule) (Result, error) { return play(s, nil) }

// play is Run with one more thing to look at after every action, for tests.
func play(s Schedule, planted func(*world)) (result Result, err error) {
	t, err := theTemplate()
	if err != nil {
		return result, fmt.Errorf("making the world that runs are copied from: %w", err)
	}
	folder, err := os.MkdirTemp(t.folder, "run-")
	if err != nil {
		return result, fmt.Errorf("making a run's folder: %w", err)
	}
	w := &world{
		template: t, folder: folder, seed: s.Seed, now: firstDay.Add(time.Hour), rand: rand.New(rand.NewPCG(s.Seed, 2)), //nolint:gosec // runs follow from a seed
		book: newBook(), names: map[string]string{}, counts: map[string]int{},
	}
	defer func() {
		err = errors.Join(err, w.close())
		result.Trace, result.Reached = w.trace, w.counts
	}()
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Violation:
			w.tracef("VIOLATED %v", r)
			result.Violation = r
		case simulatorFailure:
			err = r.err
		default:
			panic(r)
		}
	}()
	w.begin(s)
	for i, a := range s.Actions {
		result.Played = i + 1
		w.act(i, a)
		if planted != nil {
			planted(w)
		}
	}
	w.rest()
	return result, nil
}

// simulatorFailure is a fault of the simulator, not of what it looks at.
type simulatorFailure struct{ err error }

// must ends the run when the simulator itself cannot go on.
func (w *world) must(err error) {
	if err != nil {
		panic(simulatorFailure{err})
	}
}

// broken notes a failure where a panic would be caught by the central.
func (w *world) broken(err error) { w.failure = errors.Join(w.failure, err) }

func (w *world) violate(i Invariant, format string, args ...any) {
	panic(&Violation{i, fmt.Sprintf(format, args...)})
}

func (w *world) tracef(format string, args ...any) {
	if !w.making {
		w.trace = append(w.trace, fmt.Sprintf(format, args...))
	}
}

func (w *world) reached(what string) {
	if w.counts != nil {
		w.counts[what]++
	}
}

// newFolder names a folder that is not there yet.
func (w *world) newFolder() string {
	w.folders++
	return filepath.Join(w.folder, fmt.Sprintf("f%04d", w.folders))
}

// short is an id's name in traces.
func (w *world) short(id string) string {
	if n, ok := w.names[id]; ok {
		return n
	}
	return id
}

func (w *world) name(prefix, id string) string {
	n := fmt.Sprintf("%s%d", prefix, len(w.names)+1)
	w.names[id] = n
	return n
}

func (w *world) begin(s Schedule) {
	c := &centralNode{w: w, dir: w.newFolder(), random: newRandom(s.Seed)}
	w.must(copyTree(filepath.Join(w.template.folder, "central"), c.dir))
	w.central = c
	w.must(c.start())
	w.must(w.book.adopt(c))
	for _, i := range s.Desks {
		dir := w.newFolder()
		w.must(copyTree(filepath.Join(w.template.folder, "desk-"+cast[i].desk), dir))
		d := w.newDesk(i, dir)
		w.must(d.open())
		w.desks = append(w.desks, d)
	}
}

func (w *world) close() error {
	var errs []error
	for _, d := range w.desks {
		errs = append(errs, d.close())
	}
	if w.central != nil {
		errs = append(errs, w.central.stop())
	}
	return errors.Join(append(errs, os.RemoveAll(w.folder))...)
}

// act plays one action and looks at what must hold after it.
func (w *world) act(i int, a Action) {
	d := w.desks[a.Desk%len(w.desks)]
	w.now = w.now.Add(200*time.Millisecond + time.Duration(a.Dice%20000)*time.Millisecond)
	w.tracef("%3d %s %s", i, d.name, a.line())
	w.central.tick()
	if w.hitsProcess(d, a) {
		w.check(d)
		return
	}
	w.armFault(d, a)
	var err error
	switch a.Kind {
	case Sync:
		err = d.alive(func() error { return d.steps(2 + int(a.Dice%40)) })
	case Login:
		err = d.alive(d.logIn)
	case Wait:
		w.now = w.now.Add(time.Duration(a.Dice%600) * time.Second)
	case Checkpoint:
		if w.central.running() {
			err = w.central.svc.SignCheckpoint(context.Background())
		}
	case Late:
		w.arriveLate()
	default:
		err = d.alive(func() error { return d.work(a) })
	}
	w.disarm(d)
	if err != nil {
		w.tracef("    → %s", explain(err))
	}
	w.check(d)
}

func (a Action) line() string {
	if a.Fault == "" {
		return string(a.Kind)
	}
	return fmt.Sprintf("%s (%s at %d)", a.Kind, a.Fault, a.At)
}

func explain(err error) string {
	if code := sei.CodeOf(err); code != sei.CodeInternal {
		return string(code) + ": " + sei.MessageOf(err)
	}
	return err.Error()
}

func (w *world) armFault(d *desk, a Action) {
	if a.Fault == "" {
		return
	}
	w.reached("fault " + string(a.Fault))
	switch a.Fault {
	case DeskDies:
		d.arm(a.At)
	case CentralDies:
		w.central.arm(a.At)
	case DeskIsFull:
		d.fillDesk = 1 + (a.Dice>>20)%3*150_000
	case CentralIsFull:
		d.fillCentral = 1 + (a.Dice>>20)%3*150_000
	default:
		d.line.fault, d.line.at = a.Fault, a.At
	}
}

func (w *world) disarm(d *desk) {
	d.line.fault, d.fillDesk, d.fillCentral = "", 0, 0
	if !d.dead() {
		d.reset()
	}
	if !w.central.dead() {
		w.central.reset()
	}
	w.must(w.failure)
}

// arriveLate lets a request arrive that its sender has given up.
func (w *world) arriveLate() {
	if len(w.late) == 0 {
		return
	}
	n := w.rand.IntN(len(w.late))
	s := w.late[n]
	w.late = append(w.late[:n], w.late[n+1:]...)
	w.tracef("  late: %s of %s", route(s.url), s.desk.name)
	w.reached("late arrival")
	_, _ = w.deliver(s)
}

// steps lets both machines of a desk's engine work, as long as they have
// something to do now.
func (d *desk) steps(n int) error {
	ctx := context.Background()
	for range n {
		r := d.engine.Step(ctx)
		d.mustLive("after a step")
		f := d.engine.Fetch(ctx)
		d.mustLive("after a fetch")
		d.traceStep(r)
		d.traceStep(f)
		if r.Did == sync.Nothing && f.Did == sync.Nothing {
			return nil
		}
	}
	return nil
}

func (d *desk) traceStep(r sync.Result) {
	if r.Did == sync.Nothing || r.Err == nil && (r.Did == sync.Pulling || r.Did == sync.Leasing) {
		return
	}
	line := fmt.Sprintf("    %s %s", r.Did, d.w.short(string(r.Item)))
	if r.Err != nil {
		line += ": " + explain(r.Err)
	}
	d.w.tracef("%s", strings.TrimRight(line, " "))
}

// newID makes an id as the desk's program does.
func (d *desk) newID() string { return protocol.NewID(d.time(), d.random) }

// tick is what a central does with time: it signs its log, and one that was down
// for long enough is started.
func (c *centralNode) tick() {
	if c.running() {
		// The service does so by itself, two seconds after new events.
		if err := c.svc.SignCheckpoint(context.Background()); err != nil {
			c.w.tracef("  no checkpoint: %s", explain(err))
		}
		return
	}
	if c.down--; c.down < 0 {
		c.w.must(c.up())
	}
}

func (c *centralNode) up() error {
	if c.running() {
		return nil
	}
	c.w.tracef("  the central starts")
	if err := c.start(); err != nil {
		return err
	}
	return nil
}

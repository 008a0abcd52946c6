package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Kind names what happens in one action of a schedule.
type Kind string

// What servants do, what the world does to them, and what time does.
const (
	Start      Kind = "start"
	Minute     Kind = "minute"
	Edit       Kind = "edit"
	External   Kind = "external"
	SignByFile Kind = "sign"
	SignByWord Kind = "sign-password"
	Send       Kind = "send"
	Receive    Kind = "receive"
	Conclude   Kind = "conclude"
	Reopen     Kind = "reopen"
	Assign     Kind = "assign"
	Ack        Kind = "acknowledge"
	Note       Kind = "note"
	Withdraw   Kind = "withdraw"
	Autosave   Kind = "autosave"
	Open       Kind = "open" // a public process of another unit

	Sync       Kind = "sync" // some steps of a desk's engine
	Login      Kind = "login"
	Wait       Kind = "wait"
	Checkpoint Kind = "checkpoint"
	Late       Kind = "late" // a delayed request arrives

	KillDesk       Kind = "kill-desk"
	KillCentral    Kind = "kill-central"
	CopyDesk       Kind = "copy-desk"
	RestoreDesk    Kind = "restore-desk"
	Backup         Kind = "backup"
	RestoreCentral Kind = "restore-central"
	Finish         Kind = "finish-recovery"
	DeskClock      Kind = "desk-clock"
	CentralClock   Kind = "central-clock"
	Revoke         Kind = "revoke"
	Grant          Kind = "grant"
	EndSession     Kind = "end-session"
)

// Fault names what goes wrong within one action.
type Fault string

// Faults of the line, of processes and of disks.
const (
	Unsent        Fault = "unsent"   // nobody to connect to
	Dropped       Fault = "dropped"  // the request is lost
	Lost          Fault = "lost"     // the answer is lost
	Repeated      Fault = "repeated" // the request arrives twice
	Delayed       Fault = "delayed"  // the request arrives later
	OldAnswer     Fault = "old-answer"
	Cut           Fault = "cut"    // an upload or a download breaks in the middle
	Busy          Fault = "busy"   // 503
	Portal        Fault = "portal" // a page that is not the central's
	Skew          Fault = "skew"   // the other side speaks a later version
	DeskDies      Fault = "desk-dies"
	CentralDies   Fault = "central-dies"
	DeskIsFull    Fault = "desk-is-full"
	CentralIsFull Fault = "central-is-full"
)

// Action is one entry of a schedule. Whatever it leaves open is decided by Dice
// on the state that it finds, so that a schedule still makes sense when others
// are taken out of it.
type Action struct {
	Kind  Kind   `json:"kind"`
	Desk  int    `json:"desk"` // place in the schedule's list
	Dice  uint64 `json:"dice"`
	Fault Fault  `json:"fault,omitempty"`
	// At is which request, or which moment, the fault meets.
	At int `json:"at,omitempty"`
}

// String is one line of a printed schedule.
func (a Action) String() string {
	s := fmt.Sprintf("%s desk=%d dice=%d", a.Kind, a.Desk, a.Dice)
	if a.Fault != "" {
		s += fmt.Sprintf(" fault=%s at=%d", a.Fault, a.At)
	}
	return s
}

// Schedule is a whole run: it and the program decide everything.
type Schedule struct {
	Seed    uint64   `json:"seed"`
	Desks   []int    `json:"desks"` // of the template
	Actions []Action `json:"actions"`
}

// weighted is an action or a fault with how often it comes.
type weighted[T any] struct {
	what   T
	weight int
}

var acts = []weighted[Kind]{
	{Start, 5}, {Minute, 8}, {Edit, 9}, {External, 5}, {SignByFile, 5}, {SignByWord, 4}, {Send, 6}, {Receive, 4},
	{Conclude, 2}, {Reopen, 3}, {Assign, 3}, {Ack, 2}, {Note, 3}, {Withdraw, 3}, {Autosave, 2}, {Open, 2},
}

// troubles happen between actions; lineFaults within one.
var (
	troubles = []weighted[Kind]{
		{KillDesk, 4}, {KillCentral, 3}, {CopyDesk, 4}, {RestoreDesk, 4}, {Backup, 3}, {RestoreCentral, 4}, {DeskClock, 2},
		{CentralClock, 2}, {Revoke, 3}, {EndSession, 3},
	}
	lineFaults = []weighted[Fault]{
		{Unsent, 3}, {Dropped, 3}, {Lost, 5}, {Repeated, 4}, {Delayed, 4}, {OldAnswer, 2}, {Cut, 4}, {Busy, 2}, {Portal, 1}, {Skew, 3},
		{DeskDies, 6}, {CentralDies, 6}, {DeskIsFull, 3}, {CentralIsFull, 3},
	}
	// partners make a trouble possible or mend it; they come with it.
	partners = map[Kind][]Kind{RestoreDesk: {CopyDesk}, RestoreCentral: {Backup, Finish}, Revoke: {Grant}}
)

// Generate makes the schedule of a seed: a random subset of desks and faults,
// each run with other odds (swarm testing), because faults that always come
// together hide what each of them alone would show.
func Generate(seed uint64) Schedule {
	r := rand.New(rand.NewPCG(seed, 0x5e1)) //nolint:gosec // runs follow from a seed
	s := Schedule{Seed: seed, Desks: someDesks(r)}
	work := swarm(r, acts, 0.85)
	bad := swarm(r, troubles, 0.3)
	line := swarm(r, lineFaults, 0.4)
	for _, k := range bad {
		for _, partner := range partners[k.what] {
			bad = append(bad, weighted[Kind]{partner, k.weight})
		}
	}
	badness, lineBadness := r.Float64()*0.2, r.Float64()*0.6
	for range len(s.Desks) { // something to work on
		s.Actions = append(s.Actions, Action{Kind: Start, Desk: r.IntN(len(s.Desks)), Dice: r.Uint64() >> 16})
	}
	for range 30 + r.IntN(60) {
		s.Actions = append(s.Actions, oneAction(r, s, work, bad, line, badness, lineBadness))
	}
	return s
}

func oneAction(r *rand.Rand, s Schedule, work, bad []weighted[Kind], line []weighted[Fault], badness, lineBadness float64) Action {
	a := Action{Desk: r.IntN(len(s.Desks)), Dice: r.Uint64() >> 16}
	switch p := r.Float64(); {
	case len(bad) > 0 && p < badness:
		a.Kind = pick(r, bad)
		return a
	case p < badness+0.40 || len(work) == 0:
		a.Kind = Sync
	case p < badness+0.44:
		a.Kind = pick(r, []weighted[Kind]{{Wait, 3}, {Checkpoint, 1}, {Late, 2}, {Login, 1}})
		return a
	default:
		a.Kind = pick(r, work)
	}
	if len(line) > 0 && r.Float64() < lineBadness {
		a.Fault, a.At = pick(r, line), r.IntN(4)
		if a.Fault == CentralDies || a.Fault == DeskDies {
			a.At = r.IntN(30)
		}
	}
	return a
}

// swarm keeps each with the given chance and gives it other odds.
func swarm[T any](r *rand.Rand, all []weighted[T], chance float64) []weighted[T] {
	var out []weighted[T]
	for _, w := range all {
		if r.Float64() < chance {
			out = append(out, weighted[T]{w.what, w.weight * (1 + r.IntN(4))})
		}
	}
	return out
}

func pick[T any](r *rand.Rand, from []weighted[T]) T {
	total := 0
	for _, w := range from {
		total += w.weight
	}
	n := r.IntN(total)
	for _, w := range from {
		if n -= w.weight; n < 0 {
			return w.what
		}
	}
	return from[len(from)-1].what
}

// someDesks takes two to four; two of the same user come often.
func someDesks(r *rand.Rand) []int {
	order := r.Perm(len(cast))
	chosen := order[:2+r.IntN(3)]
	slices.Sort(chosen)
	return chosen
}

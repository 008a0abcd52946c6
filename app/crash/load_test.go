//go:build linux

package crash

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

// pace leaves the programs time to send between two acts, so that kills meet
// every stage of their way and not only a full queue.
const pace = 15 * time.Millisecond

// load is a servant who works without pause, whatever happens to the programs.
type load struct {
	d       *desk
	r       *rand.Rand
	to      string // a unit of another agency
	limit   int    // bytes of the largest file
	mine    []string
	minutes map[string]string // document -> process
	// wrong is the first failure that was no kill.
	wrong error
	// excused says of a failure that it is what is tried.
	excused func(error) bool
}

func newLoad(d *desk, r *rand.Rand, to string) *load {
	return &load{d: d, r: r, to: to, limit: 200 << 10, minutes: map[string]string{}, excused: func(error) bool { return false }}
}

// run works until stop is closed.
func (l *load) run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		life := l.d.life()
		err := l.one()
		if err == nil {
			pause(pace)
			continue
		}
		// What a desk says that was killed meanwhile, or is not open yet, is no fault.
		if refused(err) && life%2 == 0 && life == l.d.life() && !l.excused(err) {
			l.wrong = err
			return
		}
		pause(20 * time.Millisecond) // it may be away for a while
	}
}

// one does one act of a random kind.
func (l *load) one() error {
	if len(l.mine) == 0 || l.r.IntN(6) == 0 {
		q, err := l.d.act("Processes/Start", desktop.StartForm{Type: typePublic, Specification: "Ensaio de queda", Subjects: []int{subject}})
		if err == nil {
			l.mine = append(l.mine, q.Process)
		}
		return err
	}
	process := l.mine[l.r.IntN(len(l.mine))]
	switch n := l.r.IntN(10); {
	case n < 3:
		q, err := l.d.act("Documents/AddInternal", desktop.DocumentForm{Process: process, Type: []int{typeDispatch, typeNumbered}[n%2]})
		if err == nil {
			l.minutes[q.Doc] = process
		}
		return err
	case n < 5:
		for doc, of := range l.minutes {
			return l.d.save(of, doc, string(richtext.FromText(fmt.Sprintf("Texto %d.", l.r.Uint32())).Canonical()))
		}
		return nil
	case n < 7:
		return l.d.register(process, "ata.txt", l.content())
	case n < 8:
		_, err := l.d.act("Processes/Send", desktop.SendForm{Process: process, To: []string{l.to}, KeepOpen: true})
		return err
	}
	_, err := l.d.act("Processes/NoteProgress", process, fmt.Sprintf("Andamento %d.", l.r.Uint32()))
	return err
}

// content is a text that no other file has.
func (l *load) content() []byte {
	line := fmt.Sprintf("Linha %d da ata.\n", l.r.Uint64())
	return []byte(strings.Repeat(line, 1+l.r.IntN(l.limit)/len(line)))
}

// working sets loads to work; the function that it gives ends them and fails the
// test if one met what is no kill.
func (w *world) working(loads ...*load) func() {
	stop := make(chan struct{})
	var all sync.WaitGroup
	for _, l := range loads {
		all.Go(func() { l.run(stop) })
	}
	return func() {
		w.t.Helper()
		close(stop)
		all.Wait()
		for _, l := range loads {
			if l.wrong != nil {
				w.t.Fatalf("%s's desk, which nothing had happened to, answered: %v", l.d.who.login, l.wrong)
			}
		}
	}
}

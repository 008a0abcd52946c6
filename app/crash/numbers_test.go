//go:build linux

package crash

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// taking is an operation on one counter: so many numbers in a row.
type taking struct {
	counter string
	n       int64
}

// taken is its result; first is 0 where the client died before it heard.
type taken struct{ first int64 }

// counterModel is a counter that gives every number once and leaves none out.
var counterModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[string][]porcupine.Operation{}
		for _, o := range history {
			c := o.Input.(taking).counter
			by[c] = append(by[c], o)
		}
		var parts [][]porcupine.Operation
		for _, p := range by {
			parts = append(parts, p)
		}
		return parts
	},
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		last, in, out := state.(int64), input.(taking), output.(taken)
		return out.first == 0 || out.first == last+1, last + in.n
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

// The model must refuse what it is for.
func TestTheModelOfACounterRefusesGapsAndDoubles(t *testing.T) {
	at := func(call, ret, first int64) porcupine.Operation {
		return porcupine.Operation{Input: taking{"a", 1}, Call: call, Output: taken{first}, Return: ret}
	}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		sound   bool
	}{
		"in a row":                          {[]porcupine.Operation{at(1, 2, 1), at(3, 4, 2)}, true},
		"at the same time":                  {[]porcupine.Operation{at(1, 4, 2), at(2, 3, 1)}, true},
		"the later one was earlier":         {[]porcupine.Operation{at(1, 2, 2), at(3, 4, 1)}, false},
		"twice":                             {[]porcupine.Operation{at(1, 2, 1), at(1, 2, 1)}, false},
		"a gap":                             {[]porcupine.Operation{at(1, 2, 1), at(3, 4, 3)}, false},
		"a gap that a dead client explains": {[]porcupine.Operation{at(1, 2, 1), at(1, math.MaxInt64, 0), at(3, 4, 3)}, true},
	} {
		if porcupine.CheckOperations(counterModel, c.history) != c.sound {
			t.Errorf("%s: sound is not %v", name, c.sound)
		}
	}
}

// history is what all clients saw, by one clock.
type history struct {
	began time.Time
	mu    sync.Mutex
	ops   []porcupine.Operation
}

func (h *history) now() int64 { return int64(time.Since(h.began)) }

func (h *history) note(client int, in taking, first, call, ret int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: taken{first}, Return: ret})
}

// client is a workstation's own client without a store.
type client struct {
	t      *testing.T
	n      int
	r      *mathrand.Rand
	c      *remote.Client
	key    ed25519.PrivateKey
	device sei.DeviceID
	login  wire.LoginResponse
	unit   sei.UnitID
	push   string
	h      *history
	mask   protocol.Mask
	opened []sei.ProcessID
}

func newClient(t *testing.T, h *history, n int, url string, who account, unit sei.UnitID) *client {
	t.Helper()
	c, err := remote.New(url, remote.Options{})
	fatal(t, err)
	info, err := c.Info(t.Context())
	fatal(t, err)
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	fatal(t, err)
	mask, err := protocol.ParseMask(central.DefaultMask)
	fatal(t, err)
	x := &client{t: t, n: n, r: mathrand.New(mathrand.NewPCG(11, uint64(n))), c: c, key: key, unit: unit, h: h, mask: mask}
	x.device = sei.DeviceID(protocol.NewID(time.Now(), rand.Reader))
	x.login, err = c.Login(t.Context(), wire.LoginRequest{Agency: who.agency, Login: who.login, Password: central.DemoPassword, Device: wire.DeviceEnrolment{
		ID: x.device, Public: pub, Name: "teste", Proof: ed25519.Sign(key, wire.EnrolmentProofMessage(info.ID, who.login, x.device)),
	}})
	fatal(t, err)
	x.push = x.login.PushToken
	return x
}

// work takes numbers of all three kinds. A client that dies in the middle of a
// request never hears; others ask until they are answered.
func (x *client) work(ops int, mayDie bool) error {
	for range ops {
		ctx, dies := context.Background(), mayDie && x.r.IntN(12) == 0
		if dies {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, time.Duration(x.r.IntN(6000))*time.Microsecond)
			defer cancel()
		}
		var err error
		switch kind := x.r.IntN(4); {
		case kind == 0:
			err = x.lease(ctx)
		case kind == 1 || len(x.opened) == 0:
			id := sei.ProcessID(protocol.NewID(time.Now(), rand.Reader))
			if err = x.command(ctx, id, sei.StartProcess{Type: typePublic, Specification: "Números", Subjects: []int{subject}}, x.processCounter()); err == nil {
				x.opened = append(x.opened, id)
			}
		default:
			doc := sei.NewDocument{Document: sei.DocumentID(protocol.NewID(time.Now(), rand.Reader)), Type: typeNumbered}
			err = x.command(ctx, x.opened[x.r.IntN(len(x.opened))], sei.AddDocument{NewDocument: doc, Text: richtext.Empty().Canonical()}, "sei", x.typeCounter())
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil // dead
			}
			return err
		}
	}
	return nil
}

func (x *client) processCounter() string { return "process/" + string(x.unit) }
func (x *client) typeCounter() string    { return "type/" + string(x.unit) }

// command hands one command in until it is answered, and notes what it took.
func (x *client) command(ctx context.Context, process sei.ProcessID, body sei.CommandBody, counters ...string) error {
	cmd, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(protocol.NewID(time.Now(), rand.Reader)), Process: process, User: x.login.User.ID, Unit: x.unit,
		Device: x.device, Epoch: x.login.Epoch, DeclaredAt: time.Now(),
	}, body)
	if err != nil {
		return err
	}
	sealed, err := wire.SealCommand(x.key, cmd)
	if err != nil {
		return err
	}
	call := x.h.now()
	var receipt ledger.Receipt
	for {
		resp, err := x.c.Push(ctx, wire.PushRequest{Token: x.push, Commands: []ledger.Sealed{sealed}})
		if err == nil {
			x.push = resp.Token
			if resp.Results[0].Receipt == nil {
				return fmt.Errorf("no receipt: %+v", resp.Results[0])
			}
			receipt, err = ledger.OpenReceipt(x.login.Central.ReceiptKeys[0].Public, *resp.Results[0].Receipt, string(cmd.ID), sealed.Hash())
			if err != nil || !receipt.Accepted {
				return fmt.Errorf("not accepted: %s %s: %w", receipt.Code, receipt.Message, err)
			}
			break
		}
		if ctx.Err() != nil {
			for _, c := range counters {
				x.h.note(x.n, taking{c, 1}, 0, call, math.MaxInt64)
			}
			return err
		}
		if code := sei.CodeOf(err); code != sei.CodeUnavailable {
			return err
		}
		pause(20 * time.Millisecond) // the central is away
	}
	ret := x.h.now()
	for _, c := range counters {
		n, err := x.numberOf(c, receipt)
		if err != nil {
			return err
		}
		x.h.note(x.n, taking{c, 1}, n, call, ret)
	}
	return nil
}

func (x *client) numberOf(counter string, r ledger.Receipt) (int64, error) {
	switch kind, _, _ := strings.Cut(counter, "/"); kind {
	case "process":
		parts, err := x.mask.Parse(r.ProcessNumber)
		return parts.Sequence, err
	case "type":
		n, _, _ := strings.Cut(r.TypeNumber, "/")
		return strconv.ParseInt(n, 10, 64)
	}
	return r.SEINumber, nil
}

// lease takes numbers of the one sequence of Nº SEI. It is asked once: a lease
// whose answer is lost is another one when it is asked again.
func (x *client) lease(ctx context.Context) error {
	const want = 3
	call := x.h.now()
	resp, err := x.c.Lease(ctx, wire.LeaseRequest{Want: want})
	if err != nil {
		x.h.note(x.n, taking{"sei", want}, 0, call, math.MaxInt64)
		if sei.CodeOf(err) == sei.CodeUnavailable && ctx.Err() == nil {
			return nil
		}
		return err
	}
	if len(resp.Leases) != 1 || resp.Leases[0].To-resp.Leases[0].From != want-1 {
		return fmt.Errorf("a lease of %d numbers gave %+v", want, resp.Leases)
	}
	x.h.note(x.n, taking{"sei", want}, resp.Leases[0].From, call, x.h.now())
	return nil
}

// Process numbers, Nº SEI and numbers of a type are as if one clerk gave them,
// one after the other, whoever asks at the same time, dies, or asks again; and
// the central is killed meanwhile.
func TestNumbersAreLinearizableAndWithoutUnexplainedGaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	h := &history{began: time.Now()}
	var clients []*client
	for i, a := range []struct {
		who  account
		unit sei.UnitID
	}{
		{ana, unitOfAna}, {helena, unitOfHelena}, {account{"SPGG", "bruno.machado"}, unitOfAna},
		{ana, unitOfAna}, {helena, unitOfHelena}, {account{"SPGG", "bruno.machado"}, unitOfAna},
	} {
		clients = append(clients, newClient(t, h, i, w.url, a.who, a.unit))
	}
	var all sync.WaitGroup
	failures := make(chan error, len(clients))
	for i, x := range clients {
		all.Go(func() { failures <- x.work(15, i >= 3) })
	}
	pause(150 * time.Millisecond)
	w.killCentral()
	fatal(t, w.startCentral())
	all.Wait()
	for range clients {
		fatal(t, <-failures)
	}
	result, info := porcupine.CheckOperationsVerbose(counterModel, h.ops, time.Minute)
	if result != porcupine.Ok {
		picture := filepath.Join(workFolder, "..", "seirs-numbers.html")
		_ = porcupine.VisualizePath(counterModel, info, picture) // only helps to read the failure
		for _, o := range h.ops {
			t.Logf("client %d: %+v -> %+v, from %d to %d", o.ClientId, o.Input, o.Output, o.Call, o.Return)
		}
		t.Fatalf("the numbers are not linearizable (%s): see %s", result, picture)
	}
	fatal(t, w.central.stop())
	w.audit()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.data, "central.db")+"?mode=rw&_query_only=true")
	fatal(t, err)
	defer db.Close()
	w.verifyNumbers(db)
	t.Logf("%d operations of %d clients", len(h.ops), len(clients))
}

package sync_test

import (
	"context"
	"crypto/ed25519"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// desk is an engine over the models, with requests that a test may replace.
type desk struct {
	*modelNetwork
	t       *testing.T
	clock   *modelClock
	store   *modelStore
	engine  *sync.Engine
	pushes  []wire.PushRequest
	push    func(wire.PushRequest) (wire.PushResponse, error)
	chunk   func(sha sei.SHA256) (bool, error)
	lease   func() (wire.LeaseResponse, error)
	pull    func(wire.PullRequest) (wire.PullResponse, error)
	history []string // what was asked of the central, in order
}

func newDesk(t *testing.T, limits sync.Limits) *desk {
	device, receipt := key(1), key(2)
	central := newModelCentral(receipt, device.Public().(ed25519.PublicKey))
	d := &desk{
		modelNetwork: &modelNetwork{central: central}, t: t, clock: &modelClock{now: time.Unix(1_700_000_000, 0)},
		store: newModelStore(device, receipt.Public().(ed25519.PublicKey), central.token),
	}
	d.engine = sync.New(sync.Config{Store: d.store, Transport: d, Clock: d.clock, Rand: rand.New(rand.NewPCG(1, 2)), Limits: limits})
	return d
}

func (d *desk) Push(ctx context.Context, r wire.PushRequest) (wire.PushResponse, error) {
	d.pushes = append(d.pushes, r)
	d.history = append(d.history, "push")
	if d.push != nil {
		return d.push(r)
	}
	return d.modelNetwork.Push(ctx, r)
}

func (d *desk) Pull(ctx context.Context, r wire.PullRequest) (wire.PullResponse, error) {
	d.history = append(d.history, "pull")
	if d.pull != nil {
		return d.pull(r)
	}
	return d.modelNetwork.Pull(ctx, r)
}

func (d *desk) Lease(ctx context.Context, r wire.LeaseRequest) (wire.LeaseResponse, error) {
	d.history = append(d.history, "lease")
	if d.lease != nil {
		return d.lease()
	}
	return d.modelNetwork.Lease(ctx, r)
}

func (d *desk) UploadChunk(ctx context.Context, sha sei.SHA256, offset, n, total int64, chunk io.Reader) (bool, error) {
	d.history = append(d.history, "chunk")
	if d.chunk != nil {
		return d.chunk(sha)
	}
	return d.modelNetwork.UploadChunk(ctx, sha, offset, n, total, chunk)
}

// queue adds a plain command.
func (d *desk) queue(id string, on []sei.CommandID, files ...[]byte) {
	d.store.enqueue(sei.CommandID(id), "process-1", modelBody{}, on, files...)
	d.engine.Nudge()
}

// run steps until the engine wants to wait for longer than patience.
func (d *desk) run(patience time.Duration) {
	d.t.Helper()
	end := d.clock.now.Add(patience)
	for range 5000 {
		r := d.engine.Step(context.Background())
		if r.Next.IsZero() || r.Next.After(end) {
			return
		}
		if r.Next.After(d.clock.now) {
			d.clock.now = r.Next
		}
	}
	d.t.Fatal("the engine never rests")
}

func (d *desk) status() sync.Status {
	s, _ := d.engine.Status()
	return s
}

func (d *desk) verdict(id string) verdict { return d.store.find(sei.CommandID(id)).verdict }

func (d *desk) wantVerdict(id string, want verdict) {
	d.t.Helper()
	if got := d.verdict(id); got != want {
		d.t.Errorf("%s is %q, not %q", id, got, want)
	}
}

package sync_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// died is what a killed program leaves its last step with.
type died struct{ at string }

// fault is what happens to one request.
type fault int

const (
	none fault = iota
	lostRequest
	lostAnswer
	repeated    // arrives twice
	delayed     // arrives after the engine has given it up
	serverError // 5xx
	noSession   // 401 until somebody logs in
	killedAfter // the program dies before it sees the answer
	oldAnswer   // a proxy gives the last answer once more
	forged      // receipts of another key
	swapped     // receipts of other commands
	shortened   // results are missing
	faultKinds
)

// modelNetwork stands between an engine and a modelCentral.
type modelNetwork struct {
	central   *modelCentral
	rapid     *rapid.T // nil after the faults have stopped
	late      []func()
	loggedOut bool
	lastPush  wire.PushResponse
	forger    ed25519.PrivateKey
}

func (n *modelNetwork) pick() fault {
	if n.rapid == nil {
		return none
	}
	drawn := rapid.IntRange(0, 2*int(faultKinds)).Draw(n.rapid, "network")
	if drawn >= int(faultKinds) {
		return none
	}
	return fault(drawn)
}

var errNoNetwork = sei.Errorf(sei.CodeUnavailable, "Sem conexão com a central. Os atos ficam na fila.")

// through sends one request. f is called for each arrival of it.
func through[T any](n *modelNetwork, f func() (T, error)) (T, error) {
	var zero T
	chosen := n.pick()
	if n.loggedOut {
		return zero, sei.Errorf(sei.CodeUnauthenticated, "A sessão terminou; entre de novo.")
	}
	switch chosen {
	case lostRequest:
		return zero, &sync.Unsent{Err: errNoNetwork}
	case delayed:
		n.late = append(n.late, func() { _, _ = f() })
		return zero, errNoNetwork
	case serverError:
		return zero, sei.Errorf(sei.CodeUnavailable, "A central está ocupada.")
	case noSession:
		n.loggedOut = true
		return zero, sei.Errorf(sei.CodeUnauthenticated, "A sessão terminou; entre de novo.")
	case lostAnswer:
		_, _ = f()
		return zero, errNoNetwork
	case killedAfter:
		_, _ = f()
		panic(died{"request"})
	case repeated:
		_, _ = f()
	}
	return f()
}

// deliverLate lets an old request arrive now.
func (n *modelNetwork) deliverLate() {
	if len(n.late) > 0 {
		first := n.late[0]
		n.late = n.late[1:]
		first()
	}
}

func (n *modelNetwork) Push(ctx context.Context, r wire.PushRequest) (wire.PushResponse, error) {
	answer, err := through(n, func() (wire.PushResponse, error) { return n.central.Push(ctx, r) })
	if err != nil {
		return answer, err
	}
	before := n.lastPush
	n.lastPush = answer
	if n.rapid == nil {
		return answer, nil
	}
	return n.spoil(before, answer), nil
}

// spoil changes an answer as a broken proxy or a false central would.
func (n *modelNetwork) spoil(before, answer wire.PushResponse) wire.PushResponse {
	switch n.pick() {
	case oldAnswer:
		return before
	case shortened:
		answer.Results = answer.Results[:len(answer.Results)/2]
	case forged:
		for i, r := range answer.Results {
			if r.Receipt != nil {
				s := ledger.Seal(n.forger, ledger.TypeReceipt, r.Receipt.Payload)
				s.Key = r.Receipt.Key
				answer.Results[i].Receipt = &s
			}
		}
	case swapped:
		for i := range answer.Results {
			answer.Results[i].Receipt, answer.Results[0].Receipt = answer.Results[0].Receipt, answer.Results[i].Receipt
		}
	}
	return answer
}

func (n *modelNetwork) Pull(ctx context.Context, r wire.PullRequest) (wire.PullResponse, error) {
	return through(n, func() (wire.PullResponse, error) { return n.central.Pull(ctx, r) })
}

func (n *modelNetwork) Lease(ctx context.Context, r wire.LeaseRequest) (wire.LeaseResponse, error) {
	return through(n, func() (wire.LeaseResponse, error) { return n.central.Lease(ctx, r) })
}

func (n *modelNetwork) NewEpoch(ctx context.Context) (wire.EpochResponse, error) {
	return through(n, func() (wire.EpochResponse, error) { return n.central.NewEpoch(ctx) })
}

func (n *modelNetwork) UploadOffset(ctx context.Context, sha sei.SHA256) (int64, bool, error) {
	type answer struct {
		offset int64
		done   bool
	}
	a, err := through(n, func() (answer, error) {
		offset, done, err := n.central.UploadOffset(ctx, sha)
		return answer{offset, done}, err
	})
	return a.offset, a.done, err
}

func (n *modelNetwork) UploadChunk(ctx context.Context, sha sei.SHA256, offset, count, total int64, chunk io.Reader) (bool, error) {
	data, err := io.ReadAll(chunk)
	if err != nil {
		return false, err
	}
	return through(n, func() (bool, error) {
		return n.central.UploadChunk(ctx, sha, offset, count, total, bytes.NewReader(data))
	})
}

func (n *modelNetwork) Download(ctx context.Context, unit sei.UnitID, doc sei.DocumentID, sha sei.SHA256, offset int64) (io.ReadCloser, error) {
	body, err := through(n, func() (io.ReadCloser, error) { return n.central.Download(ctx, unit, doc, sha, offset) })
	if err == nil && n.pick() == lostAnswer { // the line breaks in the middle
		return io.NopCloser(io.MultiReader(io.LimitReader(body, 3), brokenReader{})), nil
	}
	return body, err
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) {
	return 0, sei.Wrap(errors.New("connection reset"), sei.CodeUnavailable, "Sem conexão com a central.")
}

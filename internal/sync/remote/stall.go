package remote

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

var errStalled = errors.New("nothing came or went for too long")

// stall ends a transfer in which nothing moves; a slow one may take as long as
// it needs.
type stall struct {
	cancel context.CancelCauseFunc
	ctx    context.Context
	timer  *time.Timer
	limit  time.Duration
}

func newStall(parent context.Context, limit time.Duration) (context.Context, *stall) {
	ctx, cancel := context.WithCancelCause(parent)
	s := &stall{cancel: cancel, ctx: ctx, limit: limit}
	s.timer = time.AfterFunc(limit, func() { cancel(errStalled) })
	return ctx, s
}

func (s *stall) touch() { s.timer.Reset(s.limit) }

func (s *stall) stop() {
	s.timer.Stop()
	s.cancel(nil)
}

// explain turns the cancellation by stalling into a failure of the network.
func (s *stall) explain(err error) error {
	if errors.Is(context.Cause(s.ctx), errStalled) {
		return sei.Wrap(errors.Join(errStalled, err), sei.CodeUnavailable, NoConnection)
	}
	return err
}

// watch counts every read as movement.
func (s *stall) watch(r io.Reader) io.Reader { return &watched{stall: s, r: r} }

type watched struct {
	stall *stall
	r     io.Reader
}

func (w *watched) Read(p []byte) (int, error) {
	w.stall.touch()
	return w.r.Read(p)
}

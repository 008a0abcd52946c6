package central

import (
	"context"
	"errors"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// CodePasswordWrong is a wrong password while signing; the session goes on.
const CodePasswordWrong sei.Code = "password.wrong"

// pending is a command on its way through a push.
type pending struct {
	prepared *prepared
	result   wire.PushResult
	job      *job
}

// Push answers commands in the order in which they were made. Each is accepted
// or refused on its own; one that cannot be decided yet waits, and what depends
// on it waits with it.
func (s *Service) Push(ctx context.Context, ses Session, req wire.PushRequest) (wire.PushResponse, error) {
	if len(req.Commands) > wire.MaxPushCommands {
		return wire.PushResponse{}, sei.Errorf(sei.CodeTooLarge, "Um envio leva no máximo %d comandos.", wire.MaxPushCommands)
	}
	items := make([]*pending, len(req.Commands))
	for i, sealed := range req.Commands {
		item, err := s.receive(ctx, ses, func() (*prepared, error) { return unseal(ses, sealed) })
		if err != nil {
			return wire.PushResponse{}, err
		}
		items[i] = item
	}
	token, err := s.acceptAll(ctx, ses, req.Token, items)
	if err != nil {
		return wire.PushResponse{}, err
	}
	resp := wire.PushResponse{Token: token, Results: make([]wire.PushResult, len(items))}
	for i, item := range items {
		resp.Results[i] = item.result
	}
	return resp, nil
}

// receive unseals one command and gathers its facts. Only a stale workstation
// or a failure of the central is an error of the whole push.
func (s *Service) receive(ctx context.Context, ses Session, open func() (*prepared, error)) (*pending, error) {
	p, err := open()
	item := &pending{prepared: p, result: wire.PushResult{Command: p.wire.ID}}
	if err == nil && p.wire.Epoch != ses.Epoch {
		return nil, errStaleDevice()
	}
	if err == nil {
		_, err = protocol.ParseID(string(p.wire.ID))
	}
	if err == nil {
		err = p.checkSize()
	}
	if e, ok := errors.AsType[*sei.Error](err); ok {
		item.prepared = nil
		item.result.Problem = &sei.Refusal{Code: e.Code, Message: e.Message}
		return item, nil
	}
	if err != nil {
		return nil, err
	}
	return item, s.gather(ctx, p)
}

// acceptAll queues the token's rotation and every command for the same commit
// and waits for all of them.
func (s *Service) acceptAll(ctx context.Context, ses Session, token string, items []*pending) (string, error) {
	next, stale := "", false
	todo := []func(*writer) error{func(w *writer) error {
		t, err := s.rotateToken(w, ses, token)
		next, stale = t, err != nil
		return err
	}}
	var readable []*pending
	for _, item := range items {
		if item.prepared == nil {
			continue
		}
		readable = append(readable, item)
		todo = append(todo, func(w *writer) error {
			if stale { // one goroutine writes: the rotation has run before
				return errStaleDevice()
			}
			r, err := s.accept(w, item.prepared)
			item.result = r
			return err
		})
	}
	jobs, err := s.commits.submitAll(todo)
	if err != nil {
		return "", err
	}
	if err := s.commits.wait(ctx, jobs[0]); err != nil {
		return "", err
	}
	for i, item := range readable {
		item.job = jobs[i+1]
		if err := s.settle(ctx, item); err != nil {
			return "", err
		}
	}
	return next, nil
}

// settle waits for one command. A command that could not be decided (its number
// cannot be formed, say) waits; it must not hold up the others for ever.
func (s *Service) settle(ctx context.Context, item *pending) error {
	err := s.commits.wait(ctx, item.job)
	if err == nil {
		return nil
	}
	c := item.prepared.wire
	if ctx.Err() != nil || sei.CodeOf(err) == sei.CodeUnavailable || errors.Is(err, errCommit) {
		return err
	}
	s.cfg.Log.Error("command not decided", "command", c.ID, "kind", c.Kind, "process", c.Process, "error", err)
	item.result = wire.PushResult{Command: c.ID, Waiting: &wire.WaitingFor{}}
	return nil
}

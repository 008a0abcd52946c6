package central

import (
	"context"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// SignWithPassword accepts a signature proven by the signer's password, given
// in the same breath. It is a batch of one.
func (s *Service) SignWithPassword(ctx context.Context, ses Session, address string, req wire.PasswordSignature) (wire.PushResult, error) {
	out, err := s.SignBatchWithPassword(ctx, ses, address, wire.PasswordBatch{Commands: []ledger.Sealed{req.Command}, Password: req.Password})
	if err != nil {
		return wire.PushResult{}, err
	}
	return out.Results[0], nil
}

// SignBatchWithPassword accepts signatures proven by one password. The password is
// checked once and before anything else, so that a session without it cannot make
// the central read files; each command is then accepted or refused on its own.
func (s *Service) SignBatchWithPassword(ctx context.Context, ses Session, address string, req wire.PasswordBatch) (wire.PasswordBatchResult, error) {
	none := wire.PasswordBatchResult{}
	if n := len(req.Commands); n == 0 || n > wire.MaxPasswordBatch {
		return none, sei.Errorf(sei.CodeTooLarge, "Um lote de assinaturas com senha leva de 1 a %d documentos.", wire.MaxPasswordBatch)
	}
	err := s.checkPassword(ctx, ses, address, req.Password, func() error {
		return sei.Errorf(CodePasswordWrong, "A senha não confere. A assinatura não foi feita; tente de novo.")
	})
	if err != nil {
		return none, err
	}
	items := make([]*pending, len(req.Commands))
	for i, sealed := range req.Commands {
		if items[i], err = s.receivePasswordSignature(ctx, ses, sealed); err != nil {
			return none, err
		}
	}
	if err := s.acceptPasswordSignatures(ctx, items); err != nil {
		return none, fmt.Errorf("accepting password signatures: %w", err)
	}
	if items[0].result.Waiting != nil && items[0].result.Waiting.Recovery {
		return none, errRecovering()
	}
	out := wire.PasswordBatchResult{Results: make([]wire.PushResult, len(items))}
	for i, item := range items {
		out.Results[i] = item.result
	}
	return out, nil
}

// receivePasswordSignature takes a command in as a push does, and nothing but a
// signature with the password: any other command in its place fails the whole.
func (s *Service) receivePasswordSignature(ctx context.Context, ses Session, sealed ledger.Sealed) (*pending, error) {
	item, err := s.receive(ctx, ses, func() (*prepared, error) { return unseal(ses, sealed) })
	if err != nil || item.prepared == nil {
		return item, err
	}
	b, ok := item.prepared.command.Body.(sei.SignDocument)
	if !ok || b.Method != sei.ByPassword {
		return nil, sei.Errorf(sei.CodeInvalid, "Este pedido aceita apenas assinatura com senha.")
	}
	item.prepared.password = true
	return item, nil
}

// acceptPasswordSignatures queues every command for the same commit and waits for all.
func (s *Service) acceptPasswordSignatures(ctx context.Context, items []*pending) error {
	for _, item := range items {
		if item.prepared == nil {
			continue
		}
		var err error
		item.job, err = s.commits.submit(func(w *writer) error {
			r, err := s.accept(w, item.prepared)
			item.result = r
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, item := range items {
		if item.job == nil {
			continue
		}
		if err := s.settle(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

package central

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// SignatureRaiser adds proof to signed files, without their signers. It is slow
// and runs outside every transaction.
type SignatureRaiser interface {
	// Raise writes to w the signed file with more proof and says to what level
	// and with what time. Errors: [CodeNothingToRaise] when there is nothing to
	// add, ever; any other when it may be tried again.
	Raise(ctx context.Context, w io.Writer, signed File, ref sei.BlobRef) (level string, provenAt time.Time, err error)
}

// CodeNothingToRaise is a signature that cannot gain more proof.
const CodeNothingToRaise sei.Code = "raising.nothing"

const (
	raiseEvery  = 30 * time.Second
	raiseBatch  = 20               // signatures raised before others get their turn
	raiseRest   = time.Minute      // after the first failure, doubled by each
	raiseRestUp = 24 * time.Hour   // longest rest
	maxRaising  = 200              // tries before a signature is left as it is
	raiseTime   = 10 * time.Minute // for one file
)

// queueRaisings notes signatures that may gain proof later, in the transaction
// that accepts them.
func queueRaisings(w *writer, events []appended) error {
	for _, e := range events {
		signed, ok := e.Payload.(sei.DocumentSigned)
		if !ok || signed.Signature.Evidence == nil {
			continue
		}
		err := w.exec("INSERT INTO raisings (signature_id, document_id, tries, due_at, code) VALUES (?, ?, 0, ?, '') ON CONFLICT (signature_id) DO NOTHING",
			string(signed.Signature.ID), string(signed.Document), micros(e.At))
		if err != nil {
			return err
		}
	}
	return nil
}

// raising works off the queue until ctx ends.
func (s *Service) raising(ctx context.Context) {
	if s.cfg.Raiser == nil {
		return
	}
	tick := time.NewTicker(raiseEvery)
	defer tick.Stop()
	for {
		for more := true; more; {
			n, err := s.RaiseDue(ctx)
			if err != nil && ctx.Err() == nil {
				s.cfg.Log.Error("raising signatures failed", "error", err)
			}
			more = err == nil && n == raiseBatch
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

type dueRaising struct {
	signature sei.CommandID
	document  sei.DocumentID
	tries     int
}

// RaiseDue raises the signatures that are due, a bounded number of them, and
// returns how many were taken up. A signature that cannot be raised now comes
// again later; the rest go on.
func (s *Service) RaiseDue(ctx context.Context) (int, error) {
	if s.cfg.Raiser == nil || s.cfg.Judge == nil {
		return 0, nil
	}
	var due []dueRaising
	err := s.store.viewing(ctx, func(r reader) error {
		if open, err := openRecovery(r); open != nil || err != nil {
			return err // nothing new is recorded now
		}
		return r.each("SELECT signature_id, document_id, tries FROM raisings WHERE due_at <= ? ORDER BY due_at, signature_id LIMIT ?",
			[]any{micros(s.cfg.Clock()), raiseBatch}, func(scan func(...any) error) error {
				var d dueRaising
				if err := scan(&d.signature, &d.document, &d.tries); err != nil {
					return err
				}
				due = append(due, d)
				return nil
			})
	})
	if err != nil {
		return 0, fmt.Errorf("reading what is to be raised: %w", err)
	}
	for _, d := range due {
		failure := s.raiseOne(ctx, d)
		if ctx.Err() != nil {
			return len(due), ctx.Err()
		}
		if err := s.settleRaising(ctx, d, failure); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

// raiseOne makes the raised copy, keeps it and records it. The event and the
// end of the queue's row are one transaction: a crash before it leaves a file
// that nobody cites, and the work is done again.
func (s *Service) raiseOne(ctx context.Context, d dueRaising) error {
	ctx, cancel := context.WithTimeout(ctx, raiseTime)
	defer cancel()
	process, sig, original, err := s.toRaise(ctx, d)
	if err != nil {
		return err
	}
	raised, err := s.makeRaised(ctx, *sig.Shown(), original)
	if err != nil {
		return err
	}
	id := sei.CommandID(protocol.NewID(s.cfg.Clock(), s.cfg.Random))
	p := &prepared{
		wire:    wire.Command{ID: id, Process: process},
		command: sei.Command{ID: id, Process: process, Body: sei.RecordRaising{Document: d.document, Signature: d.signature, Raising: raised}},
		issued:  true,
	}
	return s.commits.write(ctx, func(w *writer) error {
		if err := s.issue(w, p); err != nil {
			return err
		}
		return w.exec("DELETE FROM raisings WHERE signature_id = ?", string(d.signature))
	})
}

// toRaise finds the signature as it stands. One that is gone, or has no file,
// has nothing to raise.
func (s *Service) toRaise(ctx context.Context, d dueRaising) (process sei.ProcessID, sig sei.Signature, original sei.BlobRef, err error) {
	gone := sei.Errorf(CodeNothingToRaise, "A assinatura não está mais no documento.")
	err = s.store.viewing(ctx, func(r reader) error {
		p, doc, err := loadDocument(r, d.document)
		if err != nil {
			return err
		}
		if p == nil || doc == nil {
			return gone
		}
		for _, have := range doc.Signatures {
			if have.ID == d.signature && have.Shown() != nil {
				var frozen bool
				original, frozen = doc.Content()
				if !frozen {
					return gone
				}
				process, sig = p.ID, have
				return nil
			}
		}
		return gone
	})
	return process, sig, original, err
}

// makeRaised raises into a file beside the database and stores the result.
func (s *Service) makeRaised(ctx context.Context, ref, original sei.BlobRef) (sei.Raising, error) {
	done, err := s.turnToJudge(ctx)
	if err != nil {
		return sei.Raising{}, err
	}
	defer done()
	in, err := s.cfg.Files.Open(ctx, ref.SHA256)
	if err != nil {
		return sei.Raising{}, fmt.Errorf("opening a signed file: %w", err)
	}
	defer func() { _ = in.Close() }() // only read
	tmp, err := os.CreateTemp(s.cfg.Folder, "raising-*.tmp")
	if err != nil {
		return sei.Raising{}, fmt.Errorf("raising a signature: %w", err)
	}
	defer func() { _ = tmp.Close(); _ = os.Remove(tmp.Name()) }()
	sum := sha256.New()
	raised := sei.Raising{From: ref.SHA256}
	if raised.Level, raised.ProvenAt, err = s.cfg.Raiser.Raise(ctx, io.MultiWriter(tmp, sum), in, ref); err != nil {
		return sei.Raising{}, err
	}
	size, err := tmp.Seek(0, io.SeekCurrent)
	if err != nil {
		return sei.Raising{}, fmt.Errorf("raising a signature: %w", err)
	}
	raised.Evidence = sei.BlobRef{SHA256: sei.SHA256(hex.EncodeToString(sum.Sum(nil))), Size: size, MIME: ref.MIME, Name: ref.Name}
	if raised.Evidence.SHA256 == ref.SHA256 {
		return sei.Raising{}, sei.Errorf(CodeNothingToRaise, "Não há o que acrescentar à assinatura.")
	}
	fact, err := s.judgeFile(ctx, tmp, raised.Evidence, original)
	if err != nil {
		return sei.Raising{}, err
	}
	if !fact.Extends {
		return sei.Raising{}, sei.Errorf(sei.CodeEvidence, "O arquivo elevado não corresponde ao documento.")
	}
	raised.Verdict, raised.Reasons = fact.Verdict, fact.Reasons
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return sei.Raising{}, fmt.Errorf("raising a signature: %w", err)
	}
	return raised, s.keepOwn(ctx, raised.Evidence, tmp)
}

// keepOwn stores a file that the central has made.
func (s *Service) keepOwn(ctx context.Context, ref sei.BlobRef, from io.Reader) error {
	if _, err := s.cfg.Files.Size(ctx, ref.SHA256); err == nil {
		return nil
	}
	id := uploadID("", ref.SHA256)
	at, err := s.cfg.Files.BeginUpload(ctx, id, ref.SHA256, ref.Size)
	if err != nil {
		return fmt.Errorf("storing a raised file: %w", err)
	}
	if _, err := io.CopyN(io.Discard, from, at); err != nil {
		return fmt.Errorf("storing a raised file: %w", err)
	}
	if at < ref.Size {
		if _, err := s.cfg.Files.AppendUpload(ctx, id, at, from); err != nil {
			return fmt.Errorf("storing a raised file: %w", err)
		}
	}
	if err := s.cfg.Files.FinishUpload(ctx, id); err != nil {
		return fmt.Errorf("storing a raised file: %w", err)
	}
	return nil
}

// settleRaising lets a signature that failed rest, or takes it off the queue.
func (s *Service) settleRaising(ctx context.Context, d dueRaising, failure error) error {
	if failure == nil {
		return nil
	}
	code := sei.CodeOf(failure)
	s.cfg.Log.Info("a signature was not raised", "document", d.document, "tries", d.tries+1, "error", failure)
	return s.commits.write(ctx, func(w *writer) error {
		if code == CodeNothingToRaise || d.tries+1 >= maxRaising {
			return w.exec("DELETE FROM raisings WHERE signature_id = ?", string(d.signature))
		}
		rest := raiseRestUp
		if d.tries < 11 { // beyond, the doubled rest is longer anyway
			rest = min(rest, raiseRest<<d.tries)
		}
		return w.exec("UPDATE raisings SET tries = tries + 1, due_at = ?, code = ? WHERE signature_id = ?",
			micros(s.cfg.Clock().Add(rest)), string(code), string(d.signature))
	})
}

package desktop

import (
	"context"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// signWithKey signs the documents of a batch one after another. The first failure
// of the key stops it; one of a document does not. A cancellation waits for the
// document under the key: what the card has signed is not thrown away.
func (a *account) signWithKey(ctx batchContext, b *runningBatch, key keys.Session) {
	defer closeQuietly(key, a.desk.log, "the key")
	b.basis = a.stampBasis(a.working, key.Certificate(), b.details.Agency)
	items := make([]evidence.BatchItem, len(b.items))
	for i := range b.items {
		items[i] = a.keyItem(ctx, b, i, key)
	}
	batch := evidence.Batch{Key: key, Timestamp: a.timestamper(), Now: func() time.Time { return time.Now().In(legalZone) }, Progress: func(p evidence.BatchProgress) {
		if p.Last.Status != evidence.BatchFailed {
			return
		}
		a.desk.log.Info("signing", "error", p.Last.Err)
		if !evidence.EndsBatch(p.Last.Err) && a.working.Err() == nil {
			a.failItem(a.working, sei.CommandID(p.Last.ID), p.Last.Err)
		}
	}}
	results, err := batch.Run(a.working, items)
	for _, r := range results {
		if r.Untimed {
			b.remark = untimedRemark
		}
		if err == nil && r.Err != nil && (evidence.EndsBatch(r.Err) || r.Status == evidence.BatchWaiting) {
			err = r.Err
		}
	}
	b.stop(err)
}

// keyItem is one document as the batch signs it.
func (a *account) keyItem(ctx batchContext, b *runningBatch, i int, key keys.Session) evidence.BatchItem {
	item := b.items[i]
	body := item.body(b, methodOf(key.Certificate()))
	return evidence.BatchItem{
		ID: string(item.command), Title: item.labels.Title, SHA256: item.prepared.base.SHA256, Detached: item.detached(),
		// Judged once before the key is used: what the rules refuse now is not put under it.
		Done: func(work context.Context) (bool, error) {
			if ctx.Err() != nil {
				return false, keys.ErrCanceled(context.Cause(ctx))
			}
			b.at(i)
			return false, a.forecastSignature(work, item, body)
		},
		Open: func(work context.Context) (evidence.Original, error) {
			return a.store.OpenBlob(work, item.prepared.base.SHA256)
		},
		Options: func(at time.Time) pades.SignOptions {
			return pades.SignOptions{
				Name: a.me().Name, Reason: b.details.Position, Stamp: stampOf(item.prepared.stamp, key.Certificate(), b.details.Position, b.basis, at),
			}
		},
		Keep: func(work context.Context, write evidence.WriteSigned) error {
			pin := local.PinOpen + randomText()
			signed, err := a.putSigned(work, write, pin)
			if err != nil {
				return err
			}
			// Once queued, the command keeps it; when not, nobody needs it.
			defer a.unpin(work, signed.SHA256, pin)
			signed.MIME, signed.Name = "application/pdf", item.prepared.content.Name
			if item.detached() {
				signed.MIME, signed.Name = sei.MIMEDetached, item.prepared.content.Name+".p7s"
			}
			body := body
			body.Evidence = &signed
			if err := a.enqueueSigned(work, item, body); err != nil {
				return err
			}
			a.forgetPrepared(work, item.document)
			return nil
		},
	}
}

// forecastSignature judges a signature by the rules here, as if its file were there.
func (a *account) forecastSignature(ctx context.Context, item batchItem, body sei.SignDocument) error {
	if body.Method != sei.ByPassword {
		body.Evidence = &item.prepared.base
	}
	_, err := a.compose(ctx, act{process: item.prepared.process, body: body, id: item.command})
	return err
}

// putSigned stores what the signature writes, streaming.
func (a *account) putSigned(ctx context.Context, write evidence.WriteSigned, pin string) (sei.BlobRef, error) {
	r, w := io.Pipe()
	go func() {
		_, err := write(w)
		w.CloseWithError(err)
	}()
	ref, err := a.store.PutBlob(ctx, r, a.maxFile()+pades.DefaultContentsSize*4, pin)
	r.CloseWithError(io.ErrClosedPipe)
	return ref, err
}

func (a *account) rememberPosition(ctx context.Context, position string) {
	if err := a.store.SetPreference(ctx, prefPosition, position); err != nil {
		a.desk.log.Warn("remembering the position", "error", err)
	}
}

func methodOf(c keys.Certificate) sei.SignatureMethod {
	if kind, _ := storeKind(c.Store); kind == "pfx" {
		return sei.ByFile
	}
	return sei.ByToken
}

// enqueueSigned puts a signature into the outbox, judged as any act is, and notes
// it in its batch in the same breath.
func (a *account) enqueueSigned(ctx context.Context, item batchItem, body sei.SignDocument) error {
	queue, err := a.waiting(ctx, item.prepared.process)
	if err != nil {
		return err
	}
	entry, err := a.compose(ctx, act{process: item.prepared.process, body: body, dependsOn: dependencies(queue, body), id: item.command})
	if err != nil {
		return err
	}
	if err := a.store.EnqueueSigned(ctx, entry); err != nil {
		return err
	}
	a.engine.Nudge()
	return nil
}

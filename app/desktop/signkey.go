package desktop

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// signWithKey signs the documents of a batch one after another. The first failure
// of the key stops it; one of a document does not. A cancellation waits for the
// document under the key: what the card has signed is not thrown away.
func (a *account) signWithKey(ctx batchContext, b *runningBatch, key keys.Session) {
	defer closeQuietly(key, a.desk.log, "the key")
	for i, item := range b.items {
		if ctx.Err() != nil {
			b.stop(keys.ErrCanceled(context.Cause(ctx)))
			return
		}
		b.at(i)
		err := a.signOne(a.working, key, b, item)
		switch {
		case err == nil:
		case endsBatch(sei.CodeOf(err)) || a.working.Err() != nil:
			a.desk.log.Info("a batch stopped", "error", err)
			b.stop(err)
			return
		default:
			a.desk.log.Info("signing", "error", err)
			a.failItem(a.working, item.command, err)
		}
	}
}

// endsBatch says that after this failure nothing more can be signed or kept.
func endsBatch(c sei.Code) bool {
	switch c {
	case keys.CodePINWrong, keys.CodePINLocked, keys.CodePINExpired, keys.CodeTokenRemoved, keys.CodeModuleCrashed, keys.CodeModuleTimeout,
		keys.CodeModuleFailed, keys.CodeSignatureInvalid, keys.CodeCanceled, keys.CodeSessionEnded, local.CodeDiskFull, local.CodeLocked, sei.CodeTooMany:
		return true
	}
	return false
}

// checkSigner refuses, before anything is signed, a certificate that the central
// would refuse.
func (a *account) checkSigner(ctx context.Context, cert keys.Certificate, agency sei.AgencyID) error {
	if err := cert.Usable(time.Now()); err != nil {
		return err
	}
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return err
	}
	ag, ok := c.Agency(agency)
	me := a.me()
	if ok && ag.ComparesCPF && cert.CPF != "" && me.CPF != "" && cert.CPF != me.CPF {
		return sei.Errorf(sei.CodeSignatureCPF, "O certificado é de outra pessoa: o CPF não é o de %s.", me.Name)
	}
	return nil
}

func (a *account) rememberPosition(ctx context.Context, position string) {
	if err := a.store.SetPreference(ctx, prefPosition, position); err != nil {
		a.desk.log.Warn("remembering the position", "error", err)
	}
}

func (a *account) signOne(ctx context.Context, key keys.Session, b *runningBatch, item batchItem) error {
	body := item.body(b, methodOf(key.Certificate()))
	// Judged once before the key is used: what the rules refuse now, a document that
	// changed since it was shown above all, is not put under it.
	body.Evidence = &item.prepared.base
	if _, err := a.compose(ctx, act{process: item.prepared.process, body: body, id: item.command}); err != nil {
		return err
	}
	pin := local.PinOpen + randomText()
	signed, err := a.signBlob(ctx, key, item.prepared, b.details.Position, pin)
	if err != nil {
		return err
	}
	// Once queued, the command keeps it; when not, nobody needs it.
	defer a.unpin(ctx, signed.SHA256, pin)
	body.Evidence = &signed
	if err := a.enqueueSigned(ctx, item, body); err != nil {
		return err
	}
	a.forgetPrepared(ctx, item.document)
	return nil
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

// signBlob appends the signature to the stored file and stores the signed copy,
// streaming.
func (a *account) signBlob(ctx context.Context, key keys.Session, p preparedSignature, position, pin string) (sei.BlobRef, error) {
	in, err := a.store.OpenBlob(ctx, p.base.SHA256)
	if err != nil {
		return sei.BlobRef{}, err
	}
	defer closeQuietly(in, a.desk.log, "a file")
	cert, err := key.Certificate().X509()
	if err != nil {
		return sei.BlobRef{}, fmt.Errorf("reading the certificate: %w", err)
	}
	now := time.Now().In(legalZone)
	opts := pades.SignOptions{
		Signer: key, Certificate: cert, Chain: key.Chain(), Name: a.me().Name, Reason: position, Time: now,
		Policy: pades.DefaultPolicy(), Stamp: stampOf(p.stamp, key.Certificate(), position, now),
	}
	r, w := io.Pipe()
	go func() {
		_, err := pades.Sign(ctx, in, in.Size(), w, opts)
		w.CloseWithError(err)
	}()
	ref, err := a.store.PutBlob(ctx, r, a.maxFile()+pades.DefaultContentsSize*4, pin)
	r.CloseWithError(io.ErrClosedPipe)
	if err != nil {
		return sei.BlobRef{}, err
	}
	ref.MIME, ref.Name = "application/pdf", p.content.Name
	return ref, nil
}

// stampOf is SEI's stamp at the end of a document typeset here; received files
// are signed invisibly, their pages are not ours to draw on.
func stampOf(at *pdf.StampRect, cert keys.Certificate, position string, now time.Time) *pades.Stamp {
	if at == nil {
		return nil
	}
	return &pades.Stamp{
		Page: at.Page, Rect: [4]float64{at.Left, at.Bottom, at.Right, at.Top},
		Lines: []string{
			"Documento assinado digitalmente por " + cert.Subject,
			position + ", em " + now.Format("02/01/2006, às 15:04") + " (hora declarada)",
			"Certificado emitido por " + cert.Issuer,
		},
	}
}

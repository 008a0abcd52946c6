package desktop

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// How a batch is signed, as the store keeps it.
const (
	methodCertificate = "certificate"
	methodPassword    = "password"
)

// batchContext ends when the batch is cancelled or the account closes.
type batchContext = context.Context

// runningBatch is the one act of signing under way. What it has done stands in the
// store before it is shown; this is only where it is.
type runningBatch struct {
	id      string
	unit    sei.UnitID
	details local.SignDetails
	items   []batchItem
	cancel  context.CancelFunc
	moved   func() // tells the window

	current atomic.Int64 // index of the document under the key, -1 before the first
	stopped error        // what ended it early; its own goroutine's
	basis   string       // the stamp's words about level and law; its own goroutine's
	remark  string       // to be told of a batch that went to its end; its own goroutine's
}

// batchItem is one document with the one command that may carry its signature.
type batchItem struct {
	command  sei.CommandID
	document sei.DocumentID
	labels   local.SignLabels
	prepared preparedSignature
}

func (b *runningBatch) at(i int) {
	b.current.Store(int64(i))
	b.moved()
}

func (b *runningBatch) stop(err error) { b.stopped = err }

// detached says that the signature stands in a file beside the content, which is no PDF.
func (i batchItem) detached() bool { return i.prepared.content.MIME != "application/pdf" }

// body is the signature's command over what the signer was shown.
func (i batchItem) body(b *runningBatch, method sei.SignatureMethod) sei.SignDocument {
	return sei.SignDocument{
		Document: i.document, Method: method, SigningAgency: b.details.Agency, Position: b.details.Position,
		ContentSHA256: i.prepared.content.SHA256, Frozen: i.prepared.frozen,
	}
}

// claimBatch takes the place of the one batch that may run, with exactly what the
// signer was shown. Errors: sei.CodeConflict while another one runs,
// sei.CodeContentDiffers for a document that changed since.
func (a *account) claimBatch(items []SignItem, agency, position string) (*runningBatch, error) {
	if len(items) == 0 || len(items) > local.MaxSignBatch {
		return nil, sei.Errorf(sei.CodeInvalid, "Escolha de 1 a %d documentos para assinar.", local.MaxSignBatch)
	}
	if strings.TrimSpace(position) == "" {
		return nil, sei.Errorf(sei.CodeInvalid, "Informe o cargo ou a função do assinante.")
	}
	if a.running() != nil {
		return nil, errBatchRuns()
	}
	b := &runningBatch{
		id: newID(), unit: a.here(), cancel: func() {}, moved: a.batchMoved,
		details: local.SignDetails{Signer: a.me().Name, Agency: sei.AgencyID(agency), Position: position},
	}
	b.current.Store(-1)
	for _, item := range items {
		prepared, err := a.preparedFor(sei.DocumentID(item.Document), item)
		if err != nil {
			return nil, err
		}
		if prepared.stamp, err = item.Stamp.place(prepared.stamp); err != nil {
			return nil, err
		}
		b.items = append(b.items, batchItem{
			command: sei.CommandID(newID()), document: sei.DocumentID(item.Document), prepared: prepared,
			labels: local.SignLabels{Title: item.Title, SEINumber: item.SEINumber, Process: item.Process},
		})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.signing != nil {
		return nil, errBatchRuns()
	}
	a.signing = b
	return b, nil
}

// running is the act of signing under way, or nil.
func (a *account) running() *runningBatch {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.signing
}

func errBatchRuns() error {
	return sei.Errorf(sei.CodeConflict, "Já há uma assinatura em andamento neste computador. Espere ela terminar ou cancele-a.")
}

func (a *account) releaseBatch(b *runningBatch) {
	a.mu.Lock()
	if a.signing == b {
		a.signing = nil
	}
	a.mu.Unlock()
	a.desk.changes.say(topicSigning)
}

// startBatch stores the batch and lets it run in the background. It ends with the
// account; a batch that was cut short so is offered again.
func (a *account) startBatch(ctx context.Context, b *runningBatch, inPlaceOf []string, run func(batchContext)) (BatchView, error) {
	stored := local.SignBatch{ID: b.id, Unit: b.unit, Details: b.details}
	for _, i := range b.items {
		stored.Items = append(stored.Items, local.SignBatchItem{Command: i.command, Process: i.prepared.process, Document: i.document, Labels: i.labels})
	}
	if err := a.store.StartSignBatch(ctx, stored, inPlaceOf...); err != nil {
		a.releaseBatch(b)
		return BatchView{}, err
	}
	a.rememberPosition(ctx, b.details.Position)
	work, cancel := context.WithCancel(a.working)
	a.mu.Lock()
	b.cancel = cancel
	a.mu.Unlock()
	a.work.Go(func() {
		defer cancel()
		run(work)
		a.endBatch(b)
	})
	return a.batchView(ctx, b.id)
}

// endBatch writes down that the batch is over, unless the account is closing:
// then it stays open in the store, to be taken up again.
func (a *account) endBatch(b *runningBatch) {
	defer a.releaseBatch(b)
	if a.working.Err() != nil {
		return
	}
	var code sei.Code
	why := b.remark
	if b.stopped != nil {
		code, why = sei.CodeOf(b.stopped), sei.MessageOf(b.stopped)
		a.background(a.lookForTokens) // the status bar is to know that the token is gone
	}
	if err := a.store.EndSignBatch(a.working, b.id, code, why); err != nil {
		a.desk.log.Warn("ending a batch", "error", err)
	}
}

// failItem notes why one document was not signed; the batch goes on.
func (a *account) failItem(ctx context.Context, command sei.CommandID, err error) {
	if stored := a.store.FailSigned(ctx, command, sei.CodeOf(err), sei.MessageOf(err)); stored != nil {
		a.desk.log.Warn("noting a failed signature", "error", stored)
	}
}

// batchView shows a batch: what the store has of it, and where it is if it runs.
func (a *account) batchView(ctx context.Context, id string) (BatchView, error) {
	running := a.running() // before the store is read: a batch that ends meanwhile is not taken for a broken one
	b, ok, err := a.store.SignBatch(ctx, id)
	if err != nil {
		return BatchView{}, fmt.Errorf("reading a batch: %w", err)
	}
	if !ok {
		return BatchView{}, sei.Errorf(sei.CodeNotFound, "Este lote de assinatura não está mais neste computador.")
	}
	return showBatch(b, running), nil
}

func showBatch(b local.SignBatch, running *runningBatch) BatchView {
	v := BatchView{
		ID: b.ID, Started: b.Started, Signer: b.Details.Signer, Agency: string(b.Details.Agency), Position: b.Details.Position,
		Certificate: b.Details.Certificate, Total: len(b.Items), Code: string(b.Code), Message: b.Why, Lines: []BatchLine{},
	}
	current := -1
	switch {
	case running != nil && running.id == b.ID:
		v.State, current = "running", int(running.current.Load())
	case b.Ended.IsZero():
		v.State = "interrupted"
	case b.Code != "":
		v.State = "stopped"
	default:
		v.State = "done"
	}
	for i, item := range b.Items {
		line := batchLine(item, v.State)
		if v.State == "running" && i == current && item.State == local.SignWaiting {
			line.State, line.StateName = "signing", "assinando"
		}
		v.count(line)
		v.Lines = append(v.Lines, line)
	}
	return v
}

// batchLine tells of one document: by the outbox once its command is there.
func batchLine(i local.SignBatchItem, batch string) BatchLine {
	l := BatchLine{
		Document: string(i.Document), ProcessID: string(i.Process), Process: i.Labels.Process, Title: i.Labels.Title, SEINumber: i.Labels.SEINumber,
		Code: string(i.Code), Message: i.Why,
	}
	switch {
	case i.State == local.SignFailed:
		l.State, l.StateName = "failed", "não assinado"
	case i.State == local.SignHanded && batch == "running":
		l.State, l.StateName = "signing", "enviando à central"
	case i.State == local.SignHanded:
		l.State, l.StateName = "unknown", "sem resposta da central"
		l.Message = "A conexão caiu antes da resposta. O programa pergunta à central se a assinatura foi feita, e nada é assinado duas vezes."
	case i.State == local.SignSigned:
		l.State, l.StateName = string(i.Outbox), i.Outbox.Name()
	case batch == "running":
		l.State, l.StateName = "waiting", "na fila"
	default:
		l.State, l.StateName = "left", "não chegou a ser assinado"
	}
	return l
}

// unfinished lists the batches to be taken up again. A batch of which nothing is
// left ends here.
func (a *account) unfinished(ctx context.Context) ([]BatchView, error) {
	a.askForHanded(ctx)
	running := a.running()
	open, err := a.store.OpenSignBatches(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the batches: %w", err)
	}
	out := []BatchView{}
	for _, b := range open {
		v := showBatch(b, running)
		switch {
		case v.State != "interrupted" || b.Unit != a.here():
		case v.Left == 0:
			if err := a.store.EndSignBatch(ctx, b.ID, "", ""); err != nil {
				return nil, err
			}
		default:
			out = append(out, v)
		}
	}
	return out, nil
}

// batchMoved tells the window, and counts as the servant's presence: a slow card may
// need longer for its documents than an idle desk stays open.
func (a *account) batchMoved() {
	a.mu.Lock()
	a.touched = time.Now()
	a.mu.Unlock()
	a.desk.changes.say(topicSigning)
}

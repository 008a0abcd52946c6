package desktop

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// preparedSignature is a document as the signer saw it: what is signed is this
// and nothing else.
type preparedSignature struct {
	process sei.ProcessID
	content sei.BlobRef // before this signature
	base    sei.BlobRef // that the signature extends: content, or the last signed copy
	frozen  *sei.Frozen // of a minute
	stamp   *pdf.StampRect
	pin     string // reason under which the store keeps content; "" when a document cites it
}

func (a *account) signPreparation(ctx context.Context, c *local.Catalogue) SignPreparation {
	actor := a.actor()
	out := SignPreparation{Items: []SignItem{}, Agencies: []AgencyView{}, Positions: []string{}, Agency: string(actor.Agency), Signer: actor.Name}
	for _, ag := range c.Agencies() {
		if ag.Active {
			out.Agencies = append(out.Agencies, AgencyView{ID: string(ag.ID), Acronym: ag.Acronym, Name: ag.Name})
		}
	}
	for _, p := range c.Positions() {
		if p.Active && !slices.Contains(out.Positions, p.Name) {
			out.Positions = append(out.Positions, p.Name)
		}
	}
	if last, ok, err := a.store.Preference(ctx, prefPosition); err == nil && ok {
		out.Position = last
	}
	status, _ := a.engine.Status()
	out.Password = yes(online(status.Phase), "A assinatura com senha precisa de conexão com a central. Sem conexão, assine com certificado.")
	return out
}

// prepareAll freezes the documents, those of one process after another, and lists
// them in the order given.
func (a *account) prepareAll(ctx context.Context, documents []DocumentRef) (SignPreparation, error) {
	a.askForHanded(ctx)
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return SignPreparation{}, err
	}
	out := a.signPreparation(ctx, c)
	stamps := a.stamps(ctx)
	views := map[string]*overlay{}
	for _, ref := range documents {
		o, ok := views[ref.Process]
		if !ok {
			if o, _, err = a.view(ctx, sei.ProcessID(ref.Process)); err != nil && sei.CodeOf(err) != sei.CodeNotFound {
				return SignPreparation{}, err
			}
			views[ref.Process] = o
		}
		if o == nil {
			out.Items = append(out.Items, SignItem{
				Document: ref.Document, ProcessID: ref.Process, Problems: []string{"O processo não está mais neste computador."},
			})
			continue
		}
		item := a.prepareItem(ctx, o, c, a.projector(ctx, c), sei.DocumentID(ref.Document))
		item.Stamp = suggestStamp(stamps, item, item.AtEnd)
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// prepareItem freezes one document; what stops it is told, not failed on.
func (a *account) prepareItem(ctx context.Context, o *overlay, c *local.Catalogue, p projector, id sei.DocumentID) SignItem {
	d := o.process.Documents[id]
	item := SignItem{Document: string(id), ProcessID: string(o.process.ID), Process: processNumber(o.process), Problems: []string{}}
	if d == nil {
		item.Problems = append(item.Problems, "O documento não está mais no processo.")
		return item
	}
	item.Title, item.SEINumber, item.Type = documentTitle(d, c), seiNumber(d.SEINumber), d.Type
	if may := p.maySign(o, d); !may.Allowed {
		item.Problems = append(item.Problems, may.Reason)
		return item
	}
	prepared, err := a.prepare(ctx, o, c, d)
	if err != nil {
		a.desk.log.Info("preparing a signature", "error", err)
		item.Problems = append(item.Problems, sei.MessageOf(err))
		return item
	}
	a.mu.Lock()
	earlier := a.prepared[id]
	a.prepared[id] = prepared
	a.mu.Unlock()
	a.letGo(ctx, earlier)
	item.SHA256 = string(prepared.content.SHA256)
	item.PreviewURL, item.MIME = "/content/prepared/"+string(id), prepared.base.MIME
	if prepared.frozen != nil {
		item.Pages, item.AtEnd = prepared.frozen.Pages, prepared.stamp != nil
	}
	return item
}

func (a *account) prepare(ctx context.Context, o *overlay, c *local.Catalogue, d *sei.Document) (preparedSignature, error) {
	if !d.IsMinute() {
		content, _ := d.Content()
		return preparedSignature{process: o.process.ID, content: content, base: shownBlob(d)}, nil
	}
	if _, draft, err := a.store.Draft(ctx, d.ID); err != nil {
		return preparedSignature{}, fmt.Errorf("reading the draft: %w", err)
	} else if draft {
		return preparedSignature{}, sei.Errorf(sei.CodeConflict, "Há texto não salvo neste documento. Salve-o ou descarte-o antes de assinar.")
	}
	text, revision, err := a.textOf(ctx, o, d.ID)
	if err != nil {
		return preparedSignature{}, err
	}
	body, err := richtext.Parse(text)
	if err != nil {
		return preparedSignature{}, err
	}
	if body.IsBlank() {
		return preparedSignature{}, sei.Errorf(sei.CodeInvalid, "%s", blankMessage)
	}
	l, err := a.letter(ctx, o, c, d)
	if err != nil {
		return preparedSignature{}, err
	}
	frozen, result, err := l.freeze(revision, body)
	if err != nil {
		return preparedSignature{}, err
	}
	pin := local.PinOpen + randomText()
	ref, err := a.store.PutBlob(ctx, bytes.NewReader(result.PDF), int64(len(result.PDF)), pin)
	if err != nil {
		return preparedSignature{}, fmt.Errorf("storing the frozen document: %w", err)
	}
	if ref.SHA256 != frozen.Content.SHA256 {
		a.unpin(ctx, ref.SHA256, pin)
		return preparedSignature{}, fmt.Errorf("the frozen document was stored as %s, not %s", ref.SHA256, frozen.Content.SHA256)
	}
	return preparedSignature{process: o.process.ID, content: frozen.Content, base: frozen.Content, frozen: &frozen, stamp: &result.StampRect, pin: pin}, nil
}

// preparedFor gives what the signer was shown; anything else is not signed.
func (a *account) preparedFor(id sei.DocumentID, item SignItem) (preparedSignature, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	p, ok := a.prepared[id]
	if !ok || string(p.content.SHA256) != item.SHA256 {
		return p, sei.Errorf(sei.CodeContentDiffers, "O documento mudou desde que foi mostrado. Confira-o de novo antes de assinar.")
	}
	return p, nil
}

func (a *account) forgetPrepared(ctx context.Context, id sei.DocumentID) {
	a.mu.Lock()
	p := a.prepared[id]
	delete(a.prepared, id)
	a.mu.Unlock()
	a.letGo(ctx, p)
}

// letGo gives up the frozen bytes of a preparation that was replaced or left.
func (a *account) letGo(ctx context.Context, p preparedSignature) {
	if p.pin != "" {
		a.unpin(ctx, p.content.SHA256, p.pin)
	}
}

func (a *account) unpin(ctx context.Context, sha sei.SHA256, reason string) {
	// Whoever asked may have gone; the file is to go all the same.
	if err := a.store.Unpin(context.WithoutCancel(ctx), sha, reason); err != nil {
		a.desk.log.Warn("letting go of a file", "error", err)
	}
}

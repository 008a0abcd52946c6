package desktop

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Documents is minutes, external documents and their texts, as the window sees them.
type Documents struct{ desk *Desk }

// maxImageBytes limits a picture put into a text.
const maxImageBytes = pdf.MaxImageBytes

// AddInternal puts a minute into the process.
func (x *Documents) AddInternal(form DocumentForm) (Queued, error) {
	a, err := x.desk.current()
	if err != nil {
		return Queued{}, err
	}
	ctx := x.desk.ctx()
	text, err := a.initialText(ctx, form)
	if err != nil {
		return Queued{}, err
	}
	doc, err := newDocument(form.Type, form.Number, form.TreeName, form.Description, form.Level, form.LegalBasis)
	if err != nil {
		return Queued{}, err
	}
	if doc.Interested, err = contactsOf(form.Interested); err != nil {
		return Queued{}, err
	}
	if doc.Recipients, err = contactsOf(form.Recipients); err != nil {
		return Queued{}, err
	}
	return a.addNumbered(ctx, sei.ProcessID(form.Process), &doc, func() sei.CommandBody {
		return sei.AddDocument{NewDocument: doc, Text: text}
	})
}

func newDocument(typ int, number, treeName, description string, level, basis int) (sei.NewDocument, error) {
	if typ == 0 {
		return sei.NewDocument{}, sei.Errorf(sei.CodeInvalid, "Escolha o tipo do documento.")
	}
	return sei.NewDocument{
		Document: sei.DocumentID(newID()), Type: typ, Number: strings.TrimSpace(number), TreeName: strings.TrimSpace(treeName),
		Description: strings.TrimSpace(description), Level: sei.AccessLevel(level), LegalBasis: basis,
	}, nil
}

// addNumbered queues a new document with one of the leased Nº SEI. Without one
// (never connected for long) the central gives it, and signing waits for it.
func (a *account) addNumbered(ctx context.Context, process sei.ProcessID, doc *sei.NewDocument, body func() sei.CommandBody) (Queued, error) {
	number, leased, err := a.store.TakeNumber(ctx, doc.Document)
	if err != nil {
		return Queued{}, fmt.Errorf("taking a number: %w", err)
	}
	doc.SEINumber = number
	q, err := a.enqueueOn(ctx, process, body())
	if err != nil && leased {
		if back := a.store.ReleaseNumber(ctx, doc.Document); back != nil {
			a.desk.log.Warn("giving back a number", "error", back)
		}
	}
	return q, err
}

// initialText is the text that a new minute begins with.
func (a *account) initialText(ctx context.Context, form DocumentForm) (json.RawMessage, error) {
	switch {
	case form.FromRefused != "":
		cmd, err := a.store.OutboxCommand(ctx, sei.CommandID(form.FromRefused))
		if err != nil {
			return nil, err
		}
		return keptText(cmd)
	case form.Model != "":
		process, err := a.store.ProcessOf(ctx, sei.DocumentID(form.Model))
		if err != nil {
			return nil, err
		}
		text, _, err := a.currentText(ctx, process, sei.DocumentID(form.Model))
		return text, err
	}
	return richtext.Empty().Canonical(), nil
}

// keptText is the text that a refused or withdrawn command carried.
func keptText(cmd sei.Command) (json.RawMessage, error) {
	switch b := cmd.Body.(type) {
	case sei.AddDocument:
		return b.Text, nil
	case sei.EditMinute:
		return b.Text, nil
	}
	return nil, sei.Errorf(sei.CodeNotFound, "O item não guardou texto.")
}

// RegisterExternal puts a received file into the process.
func (x *Documents) RegisterExternal(form ExternalForm) (Queued, error) {
	a, err := x.desk.current()
	if err != nil {
		return Queued{}, err
	}
	ctx := x.desk.ctx()
	item, err := x.desk.stage.get(form.Staged)
	if err != nil {
		return Queued{}, err
	}
	doc, err := newDocument(form.Type, form.Number, form.TreeName, form.Description, form.Level, form.LegalBasis)
	if err != nil {
		return Queued{}, err
	}
	sender, err := contactOf(form.Sender)
	if err != nil {
		return Queued{}, err
	}
	file := sei.ExternalFile{
		Date: form.Date, Format: sei.Format(form.Format), ConferenceType: form.Conference, Sender: sender, Content: item.ref,
	}
	q, err := a.addNumbered(ctx, sei.ProcessID(form.Process), &doc, func() sei.CommandBody {
		return sei.RegisterExternal{NewDocument: doc, File: file}
	})
	if err != nil {
		return q, err
	}
	x.desk.filed(ctx, a, item)
	return q, nil
}

// StageRefused takes the kept file of a refused or withdrawn entry to be
// registered.
func (x *Documents) StageRefused(entry string) (StagedFile, error) {
	a, err := x.desk.current()
	if err != nil {
		return StagedFile{}, err
	}
	ctx := x.desk.ctx()
	ref, err := a.keptFile(ctx, sei.CommandID(entry))
	if err != nil {
		return StagedFile{}, err
	}
	return x.desk.stageStored(ctx, a, ref)
}

// keptFile is the file that a refused or withdrawn command carried: the signed PDF of a
// signature, the file of a registration.
func (a *account) keptFile(ctx context.Context, entry sei.CommandID) (sei.BlobRef, error) {
	cmd, err := a.store.OutboxCommand(ctx, entry)
	if err != nil {
		return sei.BlobRef{}, err
	}
	switch b := cmd.Body.(type) {
	case sei.RegisterExternal:
		return b.File.Content, nil
	case sei.SignDocument:
		if b.Evidence != nil {
			return *b.Evidence, nil
		}
	}
	return sei.BlobRef{}, sei.Errorf(sei.CodeNotFound, "O item não guardou arquivo.")
}

// currentText is the text of a minute as the servant left it, queue included,
// and the revision that it is.
func (a *account) currentText(ctx context.Context, process sei.ProcessID, doc sei.DocumentID) (json.RawMessage, sei.RevisionID, error) {
	o, _, err := a.view(ctx, process)
	if err != nil {
		return nil, "", err
	}
	return a.textOf(ctx, o, doc)
}

func (a *account) textOf(ctx context.Context, o *overlay, doc sei.DocumentID) (json.RawMessage, sei.RevisionID, error) {
	head := o.heads[doc].ID
	for _, r := range o.revisions[doc] {
		if r.ID == head {
			return r.Text, r.ID, nil
		}
	}
	m, ok, err := a.store.HeadMinute(ctx, doc)
	if err != nil {
		return nil, "", fmt.Errorf("reading the text of a minute: %w", err)
	}
	if !ok {
		return nil, "", sei.Errorf(sei.CodeNotFound, "O texto desta minuta não está neste computador.")
	}
	return m.Text, m.ID, nil
}

// Edit opens a minute in the editor, with the autosaved text if there is one.
func (x *Documents) Edit(process, document string) (EditorView, error) {
	a, err := x.desk.current()
	if err != nil {
		return EditorView{}, err
	}
	ctx, doc := x.desk.ctx(), sei.DocumentID(document)
	o, c, err := a.view(ctx, sei.ProcessID(process))
	if err != nil {
		return EditorView{}, err
	}
	d := o.process.Documents[doc]
	if d == nil {
		return EditorView{}, sei.Errorf(sei.CodeNotFound, "O documento não está mais no processo.")
	}
	p := a.projector(ctx, c)
	if may := p.mayEdit(o, d); !may.Allowed {
		return EditorView{}, sei.Errorf(sei.CodeForbidden, "%s", may.Reason)
	}
	text, base, err := a.textOf(ctx, o, doc)
	if err != nil {
		return EditorView{}, err
	}
	v := EditorView{Document: p.document(o, d), Text: string(text), Base: string(base), Sides: []RevisionView{}}
	if draft, ok, err := a.store.Draft(ctx, doc); err != nil {
		return EditorView{}, fmt.Errorf("reading the draft: %w", err)
	} else if ok {
		v.Text, v.Base, v.Unsaved = string(draft.Text), string(draft.Base), true
	}
	if v.Sides, err = a.sides(ctx, doc); err != nil {
		return EditorView{}, err
	}
	l, err := a.letter(ctx, o, c, d)
	if err != nil {
		return EditorView{}, err
	}
	v.Fields = l.fields()
	if e, open, err := a.store.Editing(ctx, a.here(), doc, time.Now()); err == nil && open && e.User != a.me().ID {
		v.Document.EditingBy = e.Name
	}
	a.editing.opened(doc, d.Signed())
	a.tellEditing(doc)
	return v, nil
}

// Close says that the editor was closed.
func (x *Documents) Close(document string) error {
	a, err := x.desk.current()
	if err != nil {
		return err
	}
	a.tellClosed(sei.DocumentID(document))
	return nil
}

func (a *account) sides(ctx context.Context, doc sei.DocumentID) ([]RevisionView, error) {
	out := []RevisionView{}
	revisions, err := a.store.Minutes(ctx, doc)
	if err != nil {
		return nil, fmt.Errorf("reading the texts of a minute: %w", err)
	}
	for _, r := range revisions {
		if r.Side && !r.Merged {
			out = append(out, revisionView(r))
		}
	}
	return out, nil
}

func revisionView(r wire.MinuteRow) RevisionView {
	return RevisionView{ID: string(r.ID), Seq: r.Seq, Author: r.Name, At: r.At, Head: r.Head, Side: r.Side && !r.Merged}
}

// letter gathers what decides how a document of the process looks on paper.
func (a *account) letter(ctx context.Context, o *overlay, c *local.Catalogue, d *sei.Document) (letter, error) {
	unit, ok := c.Unit(d.GeneratingUnit)
	if !ok {
		return letter{}, sei.Errorf(sei.CodeNotFound, "A unidade do documento não está no cadastro deste computador; sincronize e tente de novo.")
	}
	agency, _ := c.Agency(unit.Agency)
	return letter{
		process: o.process, document: d, agency: agency, unit: unit, cat: c, publicURL: a.central.Info.PublicURL,
		training: a.central.Info.Training, date: time.Now().In(legalZone),
		images: func(sha string) ([]byte, error) { return a.readBlob(ctx, sei.SHA256(sha), maxImageBytes) },
	}, nil
}

// Autosave keeps the text on this workstation; nothing is sent.
func (x *Documents) Autosave(process, document, base, text string) error {
	a, err := x.desk.current()
	if err != nil {
		return err
	}
	doc, err := richtext.Parse([]byte(text))
	if err != nil {
		return err
	}
	a.tellEditing(sei.DocumentID(document))
	return a.store.SaveDraft(x.desk.ctx(), local.Draft{
		Document: sei.DocumentID(document), Process: sei.ProcessID(process), Unit: a.here(), Base: sei.RevisionID(base), Text: doc.Canonical(),
	})
}

// Discard drops the autosaved text.
func (x *Documents) Discard(process, document string) error {
	a, err := x.desk.current()
	if err != nil {
		return err
	}
	return a.store.DropDraft(x.desk.ctx(), sei.DocumentID(document))
}

// Save stores a revision and queues it. A text that is what the current
// revision says makes no revision.
func (x *Documents) Save(process, document, base, text string, merges []string) (SaveResult, error) {
	a, err := x.desk.current()
	if err != nil {
		return SaveResult{}, err
	}
	ctx, id := x.desk.ctx(), sei.DocumentID(document)
	doc, err := richtext.Parse([]byte(text))
	if err != nil {
		return SaveResult{}, err
	}
	o, _, err := a.view(ctx, sei.ProcessID(process))
	if err != nil {
		return SaveResult{}, err
	}
	if head := o.heads[id]; head.ID == sei.RevisionID(base) && head.Hash == hexHash(doc.Hash()) && len(merges) == 0 {
		return SaveResult{Base: base, Message: "Nada mudou desde a última gravação."}, a.store.DropDraft(ctx, id)
	}
	body := sei.EditMinute{Document: id, Base: sei.RevisionID(base), Text: doc.Canonical(), OnSigned: a.editing.consents(id)}
	for _, m := range merges {
		body.Merges = append(body.Merges, sei.RevisionID(m))
	}
	if body.Images, err = a.images(ctx, doc); err != nil {
		return SaveResult{}, err
	}
	q, err := a.saveMinute(ctx, sei.ProcessID(process), body)
	if err != nil {
		return SaveResult{}, err
	}
	a.editing.opened(id, false) // the signatures are gone with this text; a new one would be another
	return SaveResult{Base: q.ID, Queued: true, Message: "Salvo neste computador. " + a.queuedMessage()}, nil
}

// saveMinute queues the text and drops the draft with it. While an earlier text
// of the same minute still waits and nothing builds on it, this one takes its
// place, so that a morning of saving is one revision and not forty.
func (a *account) saveMinute(ctx context.Context, process sei.ProcessID, body sei.EditMinute) (Queued, error) {
	queue, err := a.waiting(ctx, process)
	if err != nil {
		return Queued{}, err
	}
	if last := lastOf(queue, body.Document); last != nil && replaces(*last, body) {
		replaced, err := a.store.ReplaceQueuedText(ctx, body.Document, body.Text)
		if err != nil {
			return Queued{}, err
		}
		if replaced {
			a.engine.Nudge()
			return Queued{ID: string(last.ID), Process: string(process), Doc: string(body.Document), Message: a.queuedMessage()}, a.store.DropDraft(ctx, body.Document)
		}
	}
	return a.enqueue(ctx, act{process: process, body: body, dependsOn: dependencies(queue, body), forgetDraft: body.Document})
}

// lastOf is the last queued command on a document.
func lastOf(queue []queuedCommand, doc sei.DocumentID) *queuedCommand {
	for i := len(queue) - 1; i >= 0; i-- {
		if sei.DocumentOf(queue[i].Command.Body) == doc {
			return &queue[i]
		}
	}
	return nil
}

// replaces says whether body is only a newer text of the queued entry: it was
// edited from it, and both cite no pictures and merge nothing.
func replaces(last queuedCommand, body sei.EditMinute) bool {
	if last.Sending || sei.RevisionID(last.ID) != body.Base || len(body.Images) > 0 || len(body.Merges) > 0 {
		return false
	}
	switch b := last.Command.Body.(type) {
	case sei.AddDocument:
		return len(b.Images) == 0
	case sei.EditMinute:
		return len(b.Images) == 0 && len(b.Merges) == 0
	}
	return false
}

// images describes the pictures that a text cites.
func (a *account) images(ctx context.Context, doc *richtext.Doc) ([]sei.BlobRef, error) {
	var out []sei.BlobRef
	for _, sha := range doc.Blobs() {
		in, err := a.store.OpenBlob(ctx, sei.SHA256(sha))
		if err != nil {
			return nil, sei.Wrap(err, sei.CodeNotFound, "Uma imagem do texto não está neste computador. Retire-a ou insira-a de novo.")
		}
		out = append(out, sei.BlobRef{SHA256: sei.SHA256(sha), Size: in.Size()})
		closeQuietly(in, a.desk.log, "a picture")
	}
	return out, nil
}

// Revisions lists the stored texts, newest first.
func (x *Documents) Revisions(process, document string) ([]RevisionView, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	ctx, doc := x.desk.ctx(), sei.DocumentID(document)
	o, _, err := a.view(ctx, sei.ProcessID(process))
	if err != nil {
		return nil, err
	}
	out := []RevisionView{}
	queued := o.revisions[doc]
	for i := len(queued) - 1; i >= 0; i-- {
		r := queued[i]
		out = append(out, RevisionView{ID: string(r.ID), Author: a.me().Name, At: o.queuedAt(r.ID), Head: o.heads[doc].ID == r.ID, Side: r.Side, Local: true})
	}
	synced, err := a.store.Minutes(ctx, doc)
	if err != nil {
		return nil, fmt.Errorf("reading the texts of a minute: %w", err)
	}
	for i := len(synced) - 1; i >= 0; i-- {
		v := revisionView(synced[i])
		v.Head = o.heads[doc].ID == synced[i].ID
		out = append(out, v)
	}
	return out, nil
}

// RevisionText gives one stored text.
func (x *Documents) RevisionText(process, document, revision string) (string, error) {
	a, err := x.desk.current()
	if err != nil {
		return "", err
	}
	text, err := a.revisionText(x.desk.ctx(), sei.ProcessID(process), sei.DocumentID(document), sei.RevisionID(revision))
	return string(text), err
}

// revisionText finds a text in the queue or among the synced ones; "" is the
// autosaved draft.
func (a *account) revisionText(ctx context.Context, process sei.ProcessID, doc sei.DocumentID, revision sei.RevisionID) (json.RawMessage, error) {
	if revision == "" {
		draft, ok, err := a.store.Draft(ctx, doc)
		if err != nil || ok {
			return draft.Text, err
		}
		text, _, err := a.currentText(ctx, process, doc)
		return text, err
	}
	o, _, err := a.view(ctx, process)
	if err != nil {
		return nil, err
	}
	for _, r := range o.revisions[doc] {
		if r.ID == revision {
			return r.Text, nil
		}
	}
	synced, err := a.store.Minutes(ctx, doc)
	if err != nil {
		return nil, fmt.Errorf("reading the texts of a minute: %w", err)
	}
	for _, r := range synced {
		if r.ID == revision {
			return r.Text, nil
		}
	}
	return nil, sei.Errorf(sei.CodeNotFound, "Esta versão do texto não está neste computador.")
}

// Compare shows what changed between two revisions; "" is the autosaved text.
func (x *Documents) Compare(process, document, before, after string) ([]DiffBlock, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	ctx, p, d := x.desk.ctx(), sei.ProcessID(process), sei.DocumentID(document)
	var docs [2]*richtext.Doc
	for i, revision := range []string{before, after} {
		text, err := a.revisionText(ctx, p, d, sei.RevisionID(revision))
		if err != nil {
			return nil, err
		}
		if docs[i], err = richtext.Parse(text); err != nil {
			return nil, err
		}
	}
	return diffBlocks(richtext.Diff(docs[0], docs[1])), nil
}

// InsertImage keeps a staged picture for use in texts and gives its SHA-256.
func (x *Documents) InsertImage(staged string) (string, error) {
	a, err := x.desk.current()
	if err != nil {
		return "", err
	}
	ctx := x.desk.ctx()
	item, err := x.desk.stage.get(staged)
	if err != nil {
		return "", err
	}
	data, err := a.readBlob(ctx, item.ref.SHA256, maxImageBytes)
	if err != nil {
		return "", err
	}
	if _, _, err := pdf.CheckImage(data); err != nil {
		return "", err
	}
	if err := a.store.Pin(ctx, item.ref.SHA256, local.PinDraft); err != nil {
		return "", fmt.Errorf("keeping a picture: %w", err)
	}
	x.desk.filed(ctx, a, item)
	return string(item.ref.SHA256), nil
}

// diffBlocks puts a comparison into the window's terms.
func diffBlocks(changes []richtext.BlockChange) []DiffBlock {
	out := []DiffBlock{}
	for _, c := range changes {
		b := DiffBlock{Kind: string(c.Op), Words: []DiffWord{}}
		for _, w := range c.Words {
			b.Words = append(b.Words, DiffWord{Op: string(w.Op), Text: w.Text})
		}
		out = append(out, b)
	}
	return out
}

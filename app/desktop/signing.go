package desktop

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Signing is signatures, as the window sees them.
type Signing struct{ desk *Desk }

const (
	prefPosition = "signing.position"
	maxSignBatch = 200
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
	// sent is a password signature that went to the central and has no answer yet.
	sent *sentSignature
}

// sentSignature is a sealed command that is sent again as it is when its answer
// was lost, so that the central gives the same answer and signs once.
type sentSignature struct {
	agency   sei.AgencyID
	position string
	command  wire.Command
	sealed   ledger.Sealed
}

// Prepare freezes the documents and lists them for the dialog.
func (s *Signing) Prepare(process string, documents []string) (SignPreparation, error) {
	a, err := s.desk.current()
	if err != nil {
		return SignPreparation{}, err
	}
	if len(documents) > maxSignBatch {
		return SignPreparation{}, sei.Errorf(sei.CodeTooLarge, "Um lote aceita no máximo %d documentos.", maxSignBatch)
	}
	ctx := s.desk.ctx()
	o, c, err := a.view(ctx, sei.ProcessID(process))
	if err != nil {
		return SignPreparation{}, err
	}
	out := a.signPreparation(ctx, c)
	p := a.projector(ctx, c)
	for _, id := range documents {
		out.Items = append(out.Items, a.prepareItem(ctx, o, c, p, sei.DocumentID(id)))
	}
	return out, nil
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

// prepareItem freezes one document; what stops it is told, not failed on.
func (a *account) prepareItem(ctx context.Context, o *overlay, c *local.Catalogue, p projector, id sei.DocumentID) SignItem {
	d := o.process.Documents[id]
	item := SignItem{Document: string(id), Process: processNumber(o.process), Problems: []string{}}
	if d == nil {
		item.Problems = append(item.Problems, "O documento não está mais no processo.")
		return item
	}
	item.Title, item.SEINumber = documentTitle(d, c), seiNumber(d.SEINumber)
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
	item.PreviewURL = "/content/prepared/" + string(id)
	if prepared.frozen != nil {
		item.Pages = prepared.frozen.Pages
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
		return preparedSignature{}, sei.Errorf(sei.CodeConflict, "Há texto não gravado neste documento. Grave-o ou descarte-o antes de assinar.")
	}
	text, revision, err := a.textOf(ctx, o, d.ID)
	if err != nil {
		return preparedSignature{}, err
	}
	body, err := richtext.Parse(text)
	if err != nil {
		return preparedSignature{}, err
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

// Certificates lists the certificates that can sign.
func (s *Signing) Certificates() (CertificateList, error) {
	if _, err := s.desk.current(); err != nil {
		return CertificateList{}, err
	}
	return s.desk.certs.list(s.desk.ctx(), time.Now()), nil
}

// AddPFX offers a staged PKCS#12 file as a certificate store of this session;
// its password opens it once to read the certificate and is asked again when
// signing.
func (s *Signing) AddPFX(staged string, password string) (CertificateList, error) {
	if _, err := s.desk.current(); err != nil {
		return CertificateList{}, err
	}
	item, err := s.desk.stage.get(staged)
	if err != nil {
		return CertificateList{}, err
	}
	if item.path == "" {
		return CertificateList{}, sei.Errorf(sei.CodeInvalid, "Escolha um arquivo de certificado (.pfx ou .p12).")
	}
	if err := s.desk.certs.addFile(s.desk.ctx(), item.path, password); err != nil {
		return CertificateList{}, err
	}
	return s.Certificates()
}

// Sign signs with a certificate and queues the signatures: one PIN for all, the
// first wrong PIN or lost token stops the rest.
func (s *Signing) Sign(form SignForm) ([]SignResult, error) {
	a, err := s.desk.current()
	if err != nil {
		return nil, err
	}
	if len(form.Items) == 0 || len(form.Items) > maxSignBatch {
		return nil, sei.Errorf(sei.CodeInvalid, "Escolha de 1 a %d documentos para assinar.", maxSignBatch)
	}
	ctx := s.desk.ctx()
	session, err := s.desk.certs.directory.Open(ctx, form.Certificate, keys.NewSecretString(form.PIN))
	if err != nil {
		return nil, err
	}
	defer closeQuietly(session, s.desk.log, "the key")
	if err := a.checkSigner(ctx, session.Certificate(), sei.AgencyID(form.Agency)); err != nil {
		return nil, err
	}
	a.rememberPosition(ctx, form.Position)
	results := make([]SignResult, 0, len(form.Items))
	for _, item := range form.Items {
		r := a.signItem(ctx, session, item, form.Agency, form.Position)
		results = append(results, r)
		if endsBatch(sei.Code(r.Code)) {
			break
		}
	}
	return results, nil
}

// endsBatch says that after this failure the key cannot sign any more.
func endsBatch(c sei.Code) bool {
	switch c {
	case keys.CodePINWrong, keys.CodePINLocked, keys.CodeTokenRemoved, keys.CodeModuleCrashed, keys.CodeModuleTimeout,
		keys.CodeCanceled, keys.CodeSessionEnded:
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

func (a *account) signItem(ctx context.Context, key keys.Session, item SignItem, agency, position string) SignResult {
	out := SignResult{Document: item.Document, Title: item.Title}
	q, err := a.signOne(ctx, key, item, agency, position)
	if err != nil {
		a.desk.log.Info("signing", "error", err)
		e := errorView(err)
		out.Code, out.Message = e.Code, e.Message
		return out
	}
	out.OK, out.Message = true, "Assinado. "+q.Message
	return out
}

func (a *account) signOne(ctx context.Context, key keys.Session, item SignItem, agency, position string) (Queued, error) {
	id := sei.DocumentID(item.Document)
	prepared, err := a.preparedFor(id, item)
	if err != nil {
		return Queued{}, err
	}
	pin := local.PinOpen + randomText()
	signed, err := a.signBlob(ctx, key, prepared, position, pin)
	if err != nil {
		return Queued{}, err
	}
	// Once queued, the command keeps it; when not, nobody needs it.
	defer a.unpin(ctx, signed.SHA256, pin)
	method := sei.ByToken
	if kind, _ := storeKind(key.Certificate().Store); kind == "pfx" {
		method = sei.ByFile
	}
	q, err := a.enqueueOn(ctx, prepared.process, sei.SignDocument{
		Document: id, Method: method, SigningAgency: sei.AgencyID(agency), Position: position,
		ContentSHA256: prepared.content.SHA256, Frozen: prepared.frozen, Evidence: &signed,
	})
	if err != nil {
		return Queued{}, err
	}
	a.forgetPrepared(ctx, id)
	return q, nil
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

// Forget ends the preparation of documents whose dialog was closed.
func (s *Signing) Forget(documents []string) error {
	a, err := s.desk.current()
	if err != nil {
		return err
	}
	for _, id := range documents {
		a.forgetPrepared(s.desk.ctx(), sei.DocumentID(id))
	}
	return nil
}

func (a *account) unpin(ctx context.Context, sha sei.SHA256, reason string) {
	// Whoever asked may have gone; the file is to go all the same.
	if err := a.store.Unpin(context.WithoutCancel(ctx), sha, reason); err != nil {
		a.desk.log.Warn("letting go of a file", "error", err)
	}
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

// SignWithPassword signs with the user's password, online. The frozen bytes go
// up first; the password travels beside the command and is never stored.
func (s *Signing) SignWithPassword(form PasswordSignForm) ([]SignResult, error) {
	a, err := s.desk.current()
	if err != nil {
		return nil, err
	}
	if len(form.Items) == 0 || len(form.Items) > maxSignBatch {
		return nil, sei.Errorf(sei.CodeInvalid, "Escolha de 1 a %d documentos para assinar.", maxSignBatch)
	}
	ctx := s.desk.ctx()
	a.rememberPosition(ctx, form.Position)
	results := make([]SignResult, 0, len(form.Items))
	for _, item := range form.Items {
		r := SignResult{Document: item.Document, Title: item.Title, OK: true, Message: "Assinado e registrado na central."}
		if err := a.passwordSign(ctx, item, form); err != nil {
			e := errorView(err)
			r.OK, r.Code, r.Message = false, e.Code, e.Message
		}
		results = append(results, r)
		if r.Code == codePasswordWrong || r.Code == string(sei.CodeUnavailable) {
			break
		}
	}
	a.engine.Nudge()
	return results, nil
}

const codePasswordWrong = "password.wrong"

func (a *account) passwordSign(ctx context.Context, item SignItem, form PasswordSignForm) error {
	id := sei.DocumentID(item.Document)
	prepared, err := a.preparedFor(id, item)
	if err != nil {
		return err
	}
	queue, err := a.waiting(ctx, prepared.process)
	if err != nil {
		return err
	}
	if waits(queue, id) {
		return sei.Errorf(sei.CodeUnavailable, "O documento ainda aguarda envio à central. Espere o envio terminar e assine de novo.")
	}
	if prepared.frozen != nil {
		if err := a.uploadNow(ctx, prepared.content); err != nil {
			return err
		}
	}
	body := sei.SignDocument{
		Document: id, Method: sei.ByPassword, SigningAgency: sei.AgencyID(form.Agency), Position: form.Position,
		ContentSHA256: prepared.content.SHA256, Frozen: prepared.frozen,
	}
	sent, err := a.sealSignature(ctx, prepared, body)
	if err != nil {
		return err
	}
	if err := a.sendNow(ctx, *sent, form.Password); err != nil {
		return err
	}
	a.forgetPrepared(ctx, id)
	return nil
}

// sealSignature seals the command that is never queued, or gives the one that
// went before with the same words and got no answer.
func (a *account) sealSignature(ctx context.Context, prepared preparedSignature, body sei.SignDocument) (*sentSignature, error) {
	if s := prepared.sent; s != nil && s.agency == body.SigningAgency && s.position == body.Position {
		return s, nil
	}
	o, _, err := a.view(ctx, prepared.process)
	if err != nil {
		return nil, err
	}
	cmd := sei.Command{ID: sei.CommandID(newID()), Process: prepared.process, DeclaredAt: time.Now().UTC().Truncate(time.Microsecond), Body: body}
	s := &sentSignature{agency: body.SigningAgency, position: body.Position}
	if s.command, err = a.envelope(ctx, cmd, a.actor(), o, nil); err != nil {
		return nil, err
	}
	if s.sealed, err = a.store.SealNow(ctx, s.command); err != nil {
		return nil, err
	}
	a.rememberSent(body.Document, s)
	return s, nil
}

// rememberSent notes, or with nil forgets, what was sent for a prepared document.
func (a *account) rememberSent(id sei.DocumentID, s *sentSignature) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p, ok := a.prepared[id]; ok {
		p.sent = s
		a.prepared[id] = p
	}
}

// sendNow hands a signature in with the password, checks the receipt and keeps it.
func (a *account) sendNow(ctx context.Context, s sentSignature, password string) error {
	result, err := a.client.SignWithPassword(ctx, s.sealed, password)
	if err != nil {
		return err
	}
	receipt, err := a.openAnswer(ctx, s.command.ID, s.sealed.Hash(), result)
	if err != nil {
		return err
	}
	if !receipt.Accepted {
		// The answer is final for this command: another try is another one.
		if cmd, err := s.command.Decode(); err == nil {
			a.rememberSent(sei.DocumentOf(cmd.Body), nil)
		}
		return sei.Errorf(sei.Code(receipt.Code), "%s", receipt.Message)
	}
	if err := a.store.KeepAnswer(ctx, s.command, *result.Receipt, receipt); err != nil {
		return fmt.Errorf("keeping the receipt of a signature: %w", err)
	}
	return nil
}

// Verify judges the document's signatures again, here.
func (s *Signing) Verify(process, document string) ([]SignatureView, error) {
	a, err := s.desk.current()
	if err != nil {
		return nil, err
	}
	ctx := s.desk.ctx()
	o, c, err := a.view(ctx, sei.ProcessID(process))
	if err != nil {
		return nil, err
	}
	d := o.process.Documents[sei.DocumentID(document)]
	if d == nil {
		return nil, sei.Errorf(sei.CodeNotFound, "O documento não está mais no processo.")
	}
	p := a.projector(ctx, c)
	out := []SignatureView{}
	for _, sig := range d.Signatures {
		v := p.signature(o, d, sig)
		if sig.Evidence != nil {
			a.judgeAgain(ctx, &v, d, sig)
		}
		out = append(out, v)
	}
	if d.Kind == sei.External && !d.Signed() {
		out = append(out, a.judgeReceived(ctx, d)...)
	}
	return out, nil
}

// judgeAgain replaces the stored verdict by one made here over the bytes here.
func (a *account) judgeAgain(ctx context.Context, v *SignatureView, d *sei.Document, sig sei.Signature) {
	in, err := a.store.OpenBlob(ctx, sig.Evidence.SHA256)
	if err != nil {
		v.Reasons = append(v.Reasons, "O arquivo assinado ainda não está neste computador; este é o resultado da central.")
		return
	}
	defer closeQuietly(in, a.desk.log, "a file")
	content, _ := d.Content()
	fact, err := a.judge.Judge(ctx, in, in.Size(), content)
	if err != nil {
		a.desk.log.Warn("judging a signature", "error", err)
		return
	}
	v.Verdict, v.VerdictName, v.Reasons = string(fact.Verdict), verdictName(fact.Verdict), append([]string{}, fact.Reasons...)
	if !fact.Extends {
		v.Verdict, v.VerdictName = string(sei.VerdictInvalid), verdictName(sei.VerdictInvalid)
		v.Reasons = append(v.Reasons, "O arquivo assinado não corresponde ao documento.")
	}
	if c := fact.Certificate; c != nil {
		v.Certificate = &CertificateView{
			Name: c.Subject, CPF: protocol.MaskCPF(fact.CPF), Issuer: c.Issuer, Serial: c.Serial, NotBefore: c.NotBefore, NotAfter: c.NotAfter, ICPBrasil: c.ICPBrasil,
		}
	}
}

// judgeReceived shows the signatures that a received file came with.
func (a *account) judgeReceived(ctx context.Context, d *sei.Document) []SignatureView {
	in, err := a.store.OpenBlob(ctx, d.File.Content.SHA256)
	if err != nil || d.File.Content.MIME != "application/pdf" {
		return nil
	}
	defer closeQuietly(in, a.desk.log, "a file")
	return foreignSignatures(ctx, a.judge, in)
}

// foreignSignatures shows the signatures inside a received PDF.
func foreignSignatures(ctx context.Context, j *evidence.Judge, in local.Blob) []SignatureView {
	report, err := j.Report(ctx, in, in.Size(), time.Time{})
	if err != nil {
		return nil
	}
	var out []SignatureView
	for _, s := range report.Signatures {
		fact := evidence.Fact(s)
		v := SignatureView{
			ID: s.Field, Name: s.Signer.Name, Method: "recebida", MethodName: "Assinatura que veio no arquivo", Level: string(fact.Level),
			LevelName: fact.Level.Name(), DeclaredAt: s.DeclaredTime, Verdict: string(fact.Verdict), VerdictName: verdictName(fact.Verdict),
			Reasons: append([]string{}, fact.Reasons...),
		}
		if c := fact.Certificate; c != nil {
			v.Certificate = &CertificateView{
				Name: c.Subject, CPF: protocol.MaskCPF(fact.CPF), Issuer: c.Issuer, Serial: c.Serial, NotBefore: c.NotBefore, NotAfter: c.NotAfter, ICPBrasil: c.ICPBrasil,
			}
		}
		out = append(out, v)
	}
	return out
}

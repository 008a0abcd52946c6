package desktop

import (
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Signing is signatures, as the window sees them. Documents of any number of
// processes are prepared (frozen and shown), signed as one batch with one PIN or
// password in the background, and followed until the central has answered.
type Signing struct{ desk *Desk }

const prefPosition = "signing.position"

// Prepare freezes the documents and lists them for the dialog, in the order given.
func (s *Signing) Prepare(documents []DocumentRef) (SignPreparation, error) {
	a, err := s.desk.current()
	if err != nil {
		return SignPreparation{}, err
	}
	if len(documents) > local.MaxSignBatch {
		return SignPreparation{}, sei.Errorf(sei.CodeTooLarge, "Um lote aceita no máximo %d documentos. Escolha menos e assine os outros depois.", local.MaxSignBatch)
	}
	return a.prepareAll(s.desk.ctx(), documents)
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

// ToSign lists the minutes that the user may sign in the unit that the window
// shows, the latest first.
func (s *Signing) ToSign() (ToSignList, error) {
	a, err := s.desk.current()
	if err != nil {
		return ToSignList{}, err
	}
	return a.toSign(s.desk.ctx())
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

// Sign begins to sign with a certificate: one PIN for all, tried once, and gives
// the batch while it runs. A wrong PIN is an error, and nothing has begun. The
// topic "signing" says that the batch has moved on.
func (s *Signing) Sign(form SignForm) (BatchView, error) {
	a, err := s.desk.current()
	if err != nil {
		return BatchView{}, err
	}
	ctx := s.desk.ctx()
	b, err := a.claimBatch(form.Items, form.Agency, form.Position)
	if err != nil {
		return BatchView{}, err
	}
	session, err := a.openKey(ctx, form)
	if err != nil {
		a.releaseBatch(b)
		return BatchView{}, err
	}
	a.rememberStamps(ctx, form.Items)
	b.details.Method, b.details.Certificate = methodCertificate, session.Certificate().Subject
	return a.startBatch(ctx, b, form.InPlaceOf, func(ctx batchContext) { a.signWithKey(ctx, b, session) })
}

// SignWithPassword begins to sign with the user's password, online. The frozen
// bytes go up first; the password travels once beside the commands and is never
// stored. A wrong one ends the batch, and nothing was signed.
func (s *Signing) SignWithPassword(form PasswordSignForm) (BatchView, error) {
	a, err := s.desk.current()
	if err != nil {
		return BatchView{}, err
	}
	if len(form.Items) > wire.MaxPasswordBatch {
		return BatchView{}, sei.Errorf(sei.CodeTooLarge, "Com senha, um lote aceita no máximo %d documentos.", wire.MaxPasswordBatch)
	}
	b, err := a.claimBatch(form.Items, form.Agency, form.Position)
	if err != nil {
		return BatchView{}, err
	}
	b.details.Method = methodPassword
	password := form.Password
	return a.startBatch(s.desk.ctx(), b, form.InPlaceOf, func(ctx batchContext) { a.signAllWithPassword(ctx, b, password) })
}

// Batch tells how a batch stands now, up to the central's answers.
func (s *Signing) Batch(id string) (BatchView, error) {
	a, err := s.desk.current()
	if err != nil {
		return BatchView{}, err
	}
	return a.batchView(s.desk.ctx(), id)
}

// Cancel stops a running batch before its next document; what is signed stays.
func (s *Signing) Cancel(id string) error {
	a, err := s.desk.current()
	if err != nil {
		return err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.signing != nil && a.signing.id == id {
		a.signing.cancel()
	}
	return nil
}

// Unfinished lists the batches that a crash or a closed window cut short and that
// have documents left to sign.
func (s *Signing) Unfinished() ([]BatchView, error) {
	a, err := s.desk.current()
	if err != nil {
		return nil, err
	}
	return a.unfinished(s.desk.ctx())
}

// Dismiss ends a batch that was cut short; what it has not signed stays a minute.
func (s *Signing) Dismiss(id string) error {
	a, err := s.desk.current()
	if err != nil {
		return err
	}
	if err := a.store.EndSignBatch(s.desk.ctx(), id, keys.CodeCanceled, "O lote foi encerrado sem assinar os documentos que faltavam."); err != nil {
		return fmt.Errorf("ending a batch: %w", err)
	}
	s.desk.changes.say(topicSigning)
	return nil
}

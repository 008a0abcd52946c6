package desktop

import (
	"context"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Check looks, before a PIN or password is typed, for everything that would make
// the central refuse a signature or make it worthless: of the certificate, and of
// each document with it. It uses no network.
func (s *Signing) Check(form SignCheckForm) (SignCheck, error) {
	a, err := s.desk.current()
	if err != nil {
		return SignCheck{}, err
	}
	ctx := s.desk.ctx()
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return SignCheck{}, err
	}
	out := SignCheck{Findings: []SignFinding{}, Level: string(sei.LevelSimple), LevelName: sei.LevelSimple.Name()}
	var documents []evidence.PreflightDocument
	for _, item := range form.Items {
		d, problem := a.checkItem(ctx, item, form, c)
		if problem != nil {
			out.Findings = append(out.Findings, SignFinding{Document: item.Document, Message: sei.MessageOf(problem), Blocks: true})
			continue
		}
		documents = append(documents, d)
	}
	if form.Certificate == "" {
		return out.withLevels(documents), nil
	}
	cert, ok := s.desk.certs.listed(form.Certificate)
	if !ok {
		return SignCheck{}, keys.ErrCertificateNotFound(nil)
	}
	a.background(func(ctx context.Context) { a.learnRevocations(ctx, cert) })
	found, err := a.preflight(ctx, cert, sei.AgencyID(form.Agency), c, documents)
	if err != nil {
		return SignCheck{}, err
	}
	out.Level, out.LevelName = string(found.Level), found.Level.Name()
	for _, f := range found.Findings {
		out.Findings = append(out.Findings, SignFinding{Document: f.Document, Message: f.Message, Blocks: f.Blocks})
	}
	status, _ := a.engine.Status()
	if note := revocationNote(found.Good, online(status.Phase)); note != "" {
		out.Findings = append(out.Findings, SignFinding{Message: note})
	}
	return out, nil
}

// checkItem judges one document by the rules: whether it is still what was shown,
// and all that the central would say of a signature on it.
func (a *account) checkItem(ctx context.Context, item SignItem, form SignCheckForm, c *local.Catalogue) (evidence.PreflightDocument, error) {
	none := evidence.PreflightDocument{}
	prepared, err := a.preparedFor(sei.DocumentID(item.Document), item)
	if err != nil {
		return none, err
	}
	method := sei.ByToken
	if form.Certificate == "" {
		method = sei.ByPassword
	}
	b := &runningBatch{details: local.SignDetails{Agency: sei.AgencyID(form.Agency), Position: "-"}}
	one := batchItem{document: sei.DocumentID(item.Document), prepared: prepared}
	err = a.forecastSignature(ctx, one, one.body(b, method))
	if err != nil && sei.CodeOf(err) != sei.CodeSignatureLevel {
		return none, err
	}
	o, _, err := a.view(ctx, prepared.process)
	if err != nil {
		return none, err
	}
	t, _ := c.DocumentType(item.Type)
	p, _ := c.ProcessType(o.process.Type)
	return evidence.PreflightDocument{ID: item.Document, Title: item.Title, MinLevel: sei.LeastLevel(p, t)}, nil
}

// preflight asks the judge about the certificate; the policy is the one that a
// signature here names.
func (a *account) preflight(ctx context.Context, cert keys.Certificate, agency sei.AgencyID, c *local.Catalogue, documents []evidence.PreflightDocument) (evidence.Preflight, error) {
	leaf, err := cert.X509()
	if err != nil {
		return evidence.Preflight{}, err
	}
	ag, _ := c.Agency(agency)
	me := a.me()
	return a.judge.Preflight(ctx, evidence.PreflightRequest{
		Certificate: leaf, Chain: keys.ParseAll(cert.Chain), Now: time.Now(),
		UserName: me.Name, UserCPF: me.CPF, CompareCPF: ag.ComparesCPF, Documents: documents,
	})
}

// checkSigner refuses a certificate that the central would refuse.
func (a *account) checkSigner(ctx context.Context, cert keys.Certificate, agency sei.AgencyID) error {
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return err
	}
	found, err := a.preflight(ctx, cert, agency, c, nil)
	if err != nil {
		return err
	}
	for _, f := range found.Findings {
		if f.Blocks {
			return sei.Errorf(f.Code, "%s", f.Message)
		}
	}
	return nil
}

// openKey opens the key of a certificate that is fit to sign; one that is not costs
// no try at the PIN.
func (a *account) openKey(ctx context.Context, form SignForm) (keys.Session, error) {
	agency := sei.AgencyID(form.Agency)
	cert, listed := a.desk.certs.listed(form.Certificate)
	if listed {
		if err := a.checkSigner(ctx, cert, agency); err != nil {
			return nil, err
		}
	}
	session, err := a.desk.certs.directory.Open(ctx, form.Certificate, keys.NewSecretString(form.PIN))
	if err != nil || listed {
		return session, err
	}
	if err := a.checkSigner(ctx, session.Certificate(), agency); err != nil {
		closeQuietly(session, a.desk.log, "the key")
		return nil, err
	}
	return session, nil
}

// withLevels tells of the documents whose types ask for more than a password gives.
func (v SignCheck) withLevels(documents []evidence.PreflightDocument) SignCheck {
	for _, d := range documents {
		if !sei.LevelSimple.Reaches(d.MinLevel) {
			v.Findings = append(v.Findings, SignFinding{
				Document: d.ID, Blocks: true, Message: "Este documento exige assinatura " + d.MinLevel.Name() + "; com senha ela seria " + sei.LevelSimple.Name() + ". Assine com certificado digital.",
			})
		}
	}
	return v
}

// listed finds a certificate of the last look at the stores.
func (c *certificateStores) listed(id string) (keys.Certificate, bool) {
	for _, cert := range c.directory.Last().Certificates {
		if cert.ID == id {
			return cert, true
		}
	}
	return keys.Certificate{}, false
}

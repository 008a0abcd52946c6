package desktop

import (
	"context"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

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
	shown := *sig.Shown()
	in, err := a.store.OpenBlob(ctx, shown.SHA256)
	if err != nil {
		v.Reasons = append(v.Reasons, "O arquivo assinado ainda não está neste computador; este é o resultado da central.")
		return
	}
	defer closeQuietly(in, a.desk.log, "a file")
	fact, err := a.judgeFile(ctx, in, shown, d, sig.At)
	if err != nil {
		a.desk.log.Warn("judging a signature", "error", err)
		return
	}
	v.Verdict, v.VerdictName, v.Reasons = string(fact.Verdict), verdictName(fact.Verdict), append([]string{}, fact.Reasons...)
	v.Reasons = append(v.Reasons, raisedWords(sig)...)
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

// judgeFile judges a signed copy, or a signature beside the content. The
// central's acceptance proves that it existed then; a zero time proves nothing.
func (a *account) judgeFile(ctx context.Context, in local.Blob, ref sei.BlobRef, d *sei.Document, accepted time.Time) (sei.EvidenceFact, error) {
	content, _ := d.Content()
	if ref.MIME != sei.MIMEDetached {
		return a.judge.JudgeAgain(ctx, in, in.Size(), content, accepted)
	}
	original, err := a.store.OpenBlob(ctx, content.SHA256)
	if err != nil {
		return sei.EvidenceFact{}, err
	}
	defer closeQuietly(original, a.desk.log, "a file")
	return a.judge.JudgeDetachedAgain(ctx, in, in.Size(), original, original.Size(), accepted)
}

// raisedWords tells of the proof that a signature has gained.
func raisedWords(sig sei.Signature) []string {
	if len(sig.Raised) == 0 {
		return nil
	}
	last := sig.Raised[len(sig.Raised)-1]
	return []string{"Elevada para " + last.Level + ": hora provada por carimbo do tempo em " + last.ProvenAt.In(legalZone).Format("02/01/2006, às 15:04") + "."}
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

package evidence

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// PreflightRequest is what a servant is about to sign, before a PIN is typed.
type PreflightRequest struct {
	Certificate *x509.Certificate   // of the chosen key
	Chain       []*x509.Certificate // issuers found beside it
	Now         time.Time           // the workstation's clock; time.Now when zero

	UserName   string // whose CPF is compared
	UserCPF    string // 11 digits; "" when the central knows none
	CompareCPF bool   // the agency's switch
	Policy     *pades.Policy
	Digest     crypto.Hash // SHA-256 when zero
	Documents  []PreflightDocument
}

// PreflightDocument is one document of the request.
type PreflightDocument struct {
	ID    string
	Title string
	Shown sei.SHA256 // of the bytes the signer was shown; "" when none were
	// Current is that of the bytes that would be signed now.
	Current sei.SHA256
	// MinLevel is the least level that the types of document and process ask for.
	MinLevel sei.SignatureLevel
}

// Codes of findings. Those of certificates and policies are the ones that a
// Report uses for the same fault.
const (
	CodePreflightChanged = sei.CodeContentDiffers
	CodePreflightLevel   = sei.CodeSignatureLevel
	CodePreflightCPF     = sei.CodeSignatureCPF
)

// Finding is one thing found before signing.
type Finding struct {
	Code     sei.Code `json:"code"`
	Message  string   `json:"message"`            // Portuguese, says what to do
	Document string   `json:"document,omitempty"` // "" when it is about the certificate
	// Blocks says that signing would be refused or worthless; otherwise the
	// servant is told and may go on.
	Blocks bool `json:"blocks"`
}

// Preflight is the answer: what was found, and the level that a signature with
// this certificate would have.
type Preflight struct {
	Level    sei.SignatureLevel `json:"level"`
	Anchor   string             `json:"anchor"` // kind of root, "" when the chain is unknown
	Findings []Finding          `json:"findings"`
	// Good is when the authority issued the data at hand by which the certificate
	// is not revoked; zero when there is none.
	Good time.Time `json:"-"`
}

// Blocked tells whether the certificate or, when id is not "", this document
// may not be signed.
func (p Preflight) Blocked(id string) bool {
	for _, f := range p.Findings {
		if f.Blocks && (f.Document == "" || f.Document == id) {
			return true
		}
	}
	return false
}

func (p *Preflight) add(blocks bool, document string, code sei.Code, message string) {
	p.Findings = append(p.Findings, Finding{Code: code, Message: message, Document: document, Blocks: blocks})
}

// Preflight looks, without a PIN and without the network, for everything that
// would make a signature refused or worthless. Revocation is judged by what is
// cached. The error is the end of ctx.
func (j *Judge) Preflight(ctx context.Context, r PreflightRequest) (Preflight, error) {
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	if r.Digest == 0 {
		r.Digest = crypto.SHA256
	}
	if r.Policy == nil {
		r.Policy = pades.DefaultPolicy()
	}
	p := Preflight{Level: sei.LevelSimple, Findings: []Finding{}}
	p.certificate(r)
	p.holder(r)
	j.preflightChain(ctx, &p, r)
	for _, d := range r.Documents {
		p.document(d)
	}
	return p, ctx.Err()
}

// certificate looks at the certificate and the policy by themselves.
func (p *Preflight) certificate(r PreflightRequest) {
	c := r.Certificate
	day := func(t time.Time) string { return t.Local().Format("02/01/2006") }
	switch {
	case r.Now.Before(c.NotBefore):
		p.add(true, "", pades.ReasonNotYetValid, fmt.Sprintf("O certificado só vale a partir de %s. Confira a data do computador ou escolha outro certificado.", day(c.NotBefore)))
	case r.Now.After(c.NotAfter):
		p.add(true, "", pades.ReasonExpired, fmt.Sprintf("O certificado venceu em %s. Escolha outro certificado ou renove este.", day(c.NotAfter)))
	case c.NotAfter.Sub(r.Now) < expiryNotice:
		p.add(false, "", pades.ReasonExpired, fmt.Sprintf("O certificado vence em %s. Renove-o a tempo.", day(c.NotAfter)))
	}
	if !pades.CanSign(c) {
		p.add(true, "", pades.ReasonKeyUsage, "Este certificado não foi emitido para assinar documentos. Escolha outro certificado.")
	}
	if !r.Policy.InForce(r.Now) {
		p.add(true, "", pades.ReasonPolicyPeriod, fmt.Sprintf("A política de assinatura %s não está em vigor em %s. Confira a data do computador.", r.Policy.Name, day(r.Now)))
	}
	if err := r.Policy.Allows(c.PublicKey, r.Digest); err != nil {
		p.add(true, "", pades.ReasonPolicyAlgorithm, sei.MessageOf(err))
	}
}

// expiryNotice is how long before the end of a certificate its owner is told.
const expiryNotice = 30 * 24 * time.Hour

// holder compares the certificate's CPF with the user's.
func (p *Preflight) holder(r PreflightRequest) {
	cpf := pades.ParseIdentity(r.Certificate).CPF
	switch {
	case !r.CompareCPF || r.UserCPF == "":
	case cpf == "":
		p.add(false, "", CodePreflightCPF, "O certificado não traz CPF: não há como conferir se é do usuário.")
	case cpf != r.UserCPF:
		p.add(true, "", CodePreflightCPF, fmt.Sprintf("O certificado é de outra pessoa: o CPF não é o de %s.", r.UserName))
	}
}

// datedRevocation is a source that knows how old its data is.
type datedRevocation interface {
	Issued(ctx context.Context, cert, issuer *x509.Certificate, at time.Time) (time.Time, bool)
}

func (j *Judge) preflightChain(ctx context.Context, p *Preflight, r PreflightRequest) {
	at := r.Now
	if at.After(r.Certificate.NotAfter) {
		at = r.Certificate.NotAfter // said already; the chain may still tell more
	}
	if at.Before(r.Certificate.NotBefore) {
		at = r.Certificate.NotBefore
	}
	chain, kind, err := j.store.VerifyChain(ctx, r.Certificate, r.Chain, at)
	if err != nil {
		if ctx.Err() == nil {
			p.add(false, "", sei.CodeOf(err), sei.MessageOf(err)+" A assinatura seria aceita apenas como indeterminada.")
		}
		return
	}
	p.Anchor, p.Level = kind, levelOfAnchor(kind)
	err = j.cachedStore().CheckRevocation(ctx, chain, at, nil, nil)
	switch sei.CodeOf(err) {
	case "":
		if dated, ok := j.cached.(datedRevocation); ok && len(chain) > 1 {
			p.Good, _ = dated.Issued(ctx, chain[0], chain[1], at)
		}
	case trust.CodeRevoked:
		p.add(true, "", pades.ReasonRevoked, sei.MessageOf(err))
	default:
		p.add(false, "", pades.ReasonNotChecked, "Não foi possível conferir agora se o certificado foi revogado; isso será conferido depois.")
	}
}

func (p *Preflight) document(d PreflightDocument) {
	if d.Shown != "" && d.Current != d.Shown {
		p.add(true, d.ID, CodePreflightChanged, "O documento mudou desde que foi mostrado. Confira-o de novo antes de assinar.")
	}
	if !p.Level.Reaches(d.MinLevel) {
		p.add(true, d.ID, CodePreflightLevel, fmt.Sprintf("Este documento exige assinatura %s; com este certificado ela seria %s.", d.MinLevel.Name(), p.Level.Name()))
	}
}

// Learn asks the network what Preflight will later read from the cache: whether
// the certificate is revoked. A certificate without a known root is not asked about.
func (j *Judge) Learn(ctx context.Context, cert *x509.Certificate, chain []*x509.Certificate) error {
	found, _, err := j.store.VerifyChain(ctx, cert, chain, time.Now())
	if err != nil {
		return err
	}
	return j.store.CheckRevocation(ctx, found, time.Now(), nil, nil)
}

package evidence

import (
	"context"
	"crypto"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

type answer struct{ err error }

func (a answer) Check(context.Context, *x509.Certificate, *x509.Certificate, time.Time) error {
	return a.err
}

func preflight(t *testing.T, j *Judge, r PreflightRequest) Preflight {
	t.Helper()
	p, err := j.Preflight(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func request(id *trainingca.Identity) PreflightRequest {
	return PreflightRequest{Certificate: id.Certificate, Chain: id.Chain, UserName: "Ana de Souza", UserCPF: personCPF, CompareCPF: true}
}

func codes(p Preflight, blocking bool) []sei.Code {
	var out []sei.Code
	for _, f := range p.Findings {
		if f.Blocks == blocking {
			out = append(out, f.Code)
		}
		if f.Message == "" {
			out = append(out, "no message")
		}
	}
	return out
}

func TestASoundCertificateHasNothingAgainstIt(t *testing.T) {
	j := judge(t).WithRevocation(nil, answer{})
	r := request(person(t, trainingca.IssueOptions{}))
	r.Documents = []PreflightDocument{{ID: "d", Shown: "a", Current: "a", MinLevel: sei.LevelQualified}}
	if p := preflight(t, j, r); len(p.Findings) != 0 || p.Level != sei.LevelQualified || p.Blocked("d") {
		t.Errorf("%+v", p)
	}
}

func TestWhatWouldMakeASignatureWorthlessIsSaidBeforeThePIN(t *testing.T) {
	now := time.Now()
	revoked := answer{sei.Errorf(trust.CodeRevoked, "O certificado foi revogado.")}
	for rule, c := range map[string]struct {
		code   sei.Code
		cert   trainingca.IssueOptions
		cached answer
		change func(r *PreflightRequest)
	}{
		"expired":                 {code: pades.ReasonExpired, cert: trainingca.IssueOptions{NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(0, 0, -1)}},
		"not yet valid":           {code: pades.ReasonNotYetValid, cert: trainingca.IssueOptions{NotBefore: now.AddDate(0, 0, 1)}},
		"revoked":                 {code: pades.ReasonRevoked, cached: revoked},
		"of somebody else":        {code: CodePreflightCPF, change: func(r *PreflightRequest) { r.UserCPF = "98765432100" }},
		"not for signing":         {code: pades.ReasonKeyUsage, cert: trainingca.IssueOptions{KeyUsage: x509.KeyUsageKeyEncipherment}},
		"algorithm of the policy": {code: pades.ReasonPolicyAlgorithm, change: func(r *PreflightRequest) { r.Digest = crypto.SHA384 }},
		"policy out of force": {code: pades.ReasonPolicyPeriod, change: func(r *PreflightRequest) {
			p, _ := pades.PolicyByOID("2.16.76.1.7.1.11.1")
			p.NotAfter = now.AddDate(-1, 0, 0)
			r.Policy = &p
		}},
		"document changed since shown":  {code: CodePreflightChanged, change: func(r *PreflightRequest) { r.Documents[0].Current = "b" }},
		"level below what the type has": {code: CodePreflightLevel, change: func(r *PreflightRequest) { r.Chain = nil; r.Certificate = strangers(t).Certificate }},
	} {
		t.Run(rule, func(t *testing.T) {
			r := request(person(t, c.cert))
			r.Documents = []PreflightDocument{{ID: "d", Shown: "a", Current: "a", MinLevel: sei.LevelQualified}, {ID: "e"}}
			if c.change != nil {
				c.change(&r)
			}
			p := preflight(t, judge(t).WithRevocation(nil, c.cached), r)
			if got := codes(p, true); !slices.Equal(got, []sei.Code{c.code}) || !p.Blocked("d") {
				t.Errorf("found %v, want %s", p.Findings, c.code)
			}
		})
	}
}

// strangers are certificates of an authority that nobody here trusts.
func strangers(t *testing.T) *trainingca.Identity {
	t.Helper()
	ca, err := trainingca.New("de fora", time.Now(), trainingca.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Issue(trainingca.Person{Name: "ANA DE SOUZA", CPF: personCPF}, trainingca.IssueOptions{Key: trainingca.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWhatOnlyDeservesAWordDoesNotBlock(t *testing.T) {
	r := request(person(t, trainingca.IssueOptions{NotAfter: time.Now().AddDate(0, 0, 10)}))
	p := preflight(t, judge(t), r)
	if got := codes(p, false); !slices.Equal(got, []sei.Code{pades.ReasonExpired, pades.ReasonNotChecked}) || p.Blocked("") {
		t.Errorf("%+v", p)
	}
	r.CompareCPF, r.UserCPF = false, "98765432100"
	if p := preflight(t, judge(t), r); p.Blocked("") {
		t.Errorf("the agency does not compare, and still: %+v", p)
	}
}

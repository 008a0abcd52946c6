package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

func TestASignatureIsMadeWithATimestampWhenThereIsAnAuthority(t *testing.T) {
	s := newServed(t)
	o := s.options(1)
	o.Timestamp = s.tsa()
	signed, _ := mustSign(t, samplePDF(t, 1), o)
	r := mustVerify(t, signed, VerifyOptions{Chains: s.online(), Now: testNow})
	requireVerdict(t, r, VerdictValid)
	if sig := r.Signatures[0]; sig.PolicyOID != TimestampedPolicyOID || !sig.ProvenTime.Equal(s.clock) || hasReason(r, ReasonNoTime) || hasReason(r, ReasonNotChecked) {
		t.Errorf("%+v", sig)
	}
	acceptedUnder(t, signed, s.ca.Root, 1)
}

func TestTheLastSignatureIsRaisedInItsOwnHole(t *testing.T) {
	s := newServed(t)
	original := samplePDF(t, 2)
	signed, _ := mustSign(t, original, s.options(0))
	kept := slices.Clone(signed)
	raised, how := s.raise(t, signed, RaiseTimestamp)
	if how.How != RaisedInPlace || how.Size != int64(len(raised)) || how.SHA256 != sha256.Sum256(raised) || !how.Time.Equal(s.clock) || !bytes.Equal(signed, kept) {
		t.Errorf("%+v", how)
	}
	hole := firstRange(t, signed)
	if len(raised) != len(signed) || !bytes.Equal(raised[:hole[1]], signed[:hole[1]]) || !bytes.Equal(raised[hole[2]:], signed[hole[2]:]) {
		t.Error("bytes outside the hole changed")
	}
	late := VerifyOptions{Chains: s.offline(), Now: testNow.AddDate(4, 0, 0)}
	requireVerdict(t, mustVerify(t, signed, late), VerdictIndeterminate)
	requireVerdict(t, mustVerify(t, raised, late), VerdictValid)
	if err := CheckOriginal(context.Background(), bytes.NewReader(raised), int64(len(raised)), int64(len(original)), sha256.Sum256(original)); err != nil {
		t.Error(err)
	}
	if _, _, err := s.tryRaise(raised, RaiseTimestamp); sei.CodeOf(err) != CodeNothingToRaise {
		t.Errorf("raised twice: %v", err)
	}
	acceptedUnder(t, raised, s.ca.Root, 1)
}

func TestAnythingButTheLastSignatureIsProvenByADocumentTimestamp(t *testing.T) {
	s := newServed(t)
	signed, _ := mustSign(t, samplePDF(t, 1), s.options(0))
	signed, _ = mustSign(t, signed, s.options(1))
	full, _ := mustSign(t, signed, func() SignOptions { o := s.options(2); o.ContentsSize = 3000; return o }())
	raised, how := s.raise(t, full, RaiseTimestamp)
	if how.How != RaisedAppended || !bytes.HasPrefix(raised, full) {
		t.Errorf("a token that does not fit: %+v", how)
	}
	r := mustVerify(t, raised, VerifyOptions{Chains: s.online(), Now: testNow.AddDate(4, 0, 0)})
	requireVerdict(t, r, VerdictValid)
	for _, sig := range r.Signatures[:3] {
		if !sig.ProvenTime.Equal(s.clock) {
			t.Errorf("%s: proven %v", sig.Field, sig.ProvenTime)
		}
	}
	if _, _, err := s.tryRaise(raised, RaiseTimestamp); sei.CodeOf(err) != CodeNothingToRaise {
		t.Errorf("raised twice: %v", err)
	}
	// A person may sign on top, and the file may be raised again.
	again, _ := mustSign(t, raised, s.options(1))
	again, how = s.raise(t, again, RaiseTimestamp)
	if how.How != RaisedInPlace {
		t.Errorf("%+v", how)
	}
	requireVerdict(t, mustVerify(t, again, VerifyOptions{Chains: s.offline(), Now: testNow.AddDate(4, 0, 0)}), VerdictValid)
}

// With its validation data inside, a file is judged when everything has
// expired and nobody answers any more.
func TestAnArchivedFileIsJudgedWithoutAnybodysHelp(t *testing.T) {
	for _, to := range []RaiseLevel{RaiseReferences, RaiseArchive} {
		for name, in := range map[string][]byte{"table": samplePDF(t, 1), "stream": convert(t, samplePDF(t, 1), "--object-streams=generate"), "form": formPDF()} {
			t.Run(string(to)+" "+name, func(t *testing.T) {
				s := newServed(t)
				signed := in
				for i := range 3 {
					signed, _ = mustSign(t, signed, s.options(i))
				}
				signed, _ = s.raise(t, signed, RaiseTimestamp)
				raised, how := s.raise(t, signed, to)
				if how.How != RaisedAppended || !bytes.HasPrefix(raised, signed) {
					t.Errorf("%+v", how)
				}
				late := VerifyOptions{Chains: s.offline(), Now: testNow.AddDate(4, 6, 0)}
				r := mustVerify(t, raised, late)
				requireVerdict(t, r, VerdictValid)
				for _, sig := range r.Signatures[:3] {
					for _, x := range sig.Reasons {
						t.Errorf("%s: %+v", sig.Field, x)
					}
				}
				store := open(t, raised).securityStore()
				if len(store.crls) == 0 || len(store.ocsps) == 0 || len(store.certs) < 6 {
					t.Errorf("%d lists, %d answers, %d certificates", len(store.crls), len(store.ocsps), len(store.certs))
				}
				run(t, "qpdf", "--check", writeFile(t, raised))
				if _, _, err := s.tryRaise(raised, RaiseTimestamp); sei.CodeOf(err) != CodeNothingToRaise {
					t.Errorf("raised twice: %v", err)
				}
				// Years later it is archived again, over what is there.
				s.clock = testNow.AddDate(3, 0, 0)
				again, _ := s.raise(t, raised, to)
				requireVerdict(t, mustVerify(t, again, late), VerdictValid)
			})
		}
	}
}

func TestTheStoreOfAnArchivedFileHasWhatThePolicyAsksFor(t *testing.T) {
	s := newServed(t)
	signed, _ := mustSign(t, samplePDF(t, 1), s.options(0))
	raised, _ := s.raise(t, signed, RaiseArchive)
	doc := open(t, raised)
	_, cat, err := doc.root()
	if err != nil {
		t.Fatal(err)
	}
	dss, err := doc.dict(cat.get("DSS"))
	if err != nil {
		t.Fatal(err)
	}
	// brExtDss of PA_PAdES_AD_RA_v1_4: the keys of DSS and of VRI.
	for _, key := range []pdfName{"Type", "Certs", "CRLs", "OCSPs", "VRI", "PBAD_PolicyArtifacts", "PBAD_LpaArtifacts", "PBAD_LpaSignatures"} {
		if !dss.has(key) {
			t.Errorf("the store lacks /%s", string(key))
		}
	}
	vri, err := doc.dict(dss.get("VRI"))
	if err != nil || len(vri.entries) != 1 {
		t.Fatalf("%v %v", vri, err)
	}
	item, err := doc.dict(vri.entries[0].val)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []pdfName{"Type", "Cert", "CRL", "OCSP", "PBAD_PolicyArtifact", "PBAD_LpaArtifact", "PBAD_LpaSignature"} {
		if !item.has(key) {
			t.Errorf("the entry lacks /%s", string(key))
		}
	}
}

func TestWhatCannotBeRaisedIsRefusedWithItsReason(t *testing.T) {
	s := newServed(t)
	signed, _ := mustSign(t, victimUnsigned(), s.options(1))
	silent := func(o *RaiseOptions) {
		o.Timestamp = trust.TSA{Fetcher: answering(func([]byte) ([]byte, error) { return nil, errors.New("silence") })}
	}
	for rule, c := range map[string]struct {
		in     []byte
		code   sei.Code
		change func(o *RaiseOptions)
	}{
		"no signature":               {victimUnsigned(), CodeNothingToRaise, nil},
		"altered":                    {replaced(t, signed, "R$ 100,00", "R$ 900,00"), CodeNotRaisable, nil},
		"no PDF":                     {[]byte("PK"), CodeDamaged, nil},
		"silent timestamp authority": {signed, trust.CodeTSA, silent},
		"no revocation data":         {signed, trust.CodeNotChecked, func(o *RaiseOptions) { o.To, o.Validation = RaiseReferences, s.offline() }},
		"no list of policies": {signed, CodeNotRaisable, func(o *RaiseOptions) {
			o.To, o.Artifacts = RaiseArchive, func(string) (PolicyArtifacts, error) { return PolicyArtifacts{}, nil }
		}},
		"token of something else": {signed, CodeTimestamp, func(o *RaiseOptions) { o.Timestamp = wrongToken{s} }},
	} {
		t.Run(rule, func(t *testing.T) {
			o := RaiseOptions{To: RaiseTimestamp, Timestamp: s.tsa(), Validation: s.online(), Now: s.clock, Artifacts: artifacts}
			if c.change != nil {
				c.change(&o)
			}
			var out bytes.Buffer
			if _, err := Raise(context.Background(), bytes.NewReader(c.in), int64(len(c.in)), &out, o); sei.CodeOf(err) != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
	if _, err := Raise(context.Background(), bytes.NewReader(signed), int64(len(signed)), &bytes.Buffer{}, RaiseOptions{To: RaiseReferences, Timestamp: s.tsa()}); err == nil {
		t.Error("raised without a source of validation data")
	}
}

// wrongToken gives tokens of something else.
type wrongToken struct{ s *served }

func (w wrongToken) Token(ctx context.Context, digest []byte, h crypto.Hash) ([]byte, error) {
	other := slices.Clone(digest)
	other[0]++
	return w.s.tsa().Token(ctx, other, h)
}

func hasReason(r *Report, code ReasonCode) bool {
	for _, s := range r.Signatures {
		if slices.ContainsFunc(s.Reasons, func(x Reason) bool { return x.Code == code }) {
			return true
		}
	}
	return false
}

func TestARevocationAfterAProvenTimeDoesNotHurt(t *testing.T) {
	s := newServed(t)
	signed, _ := mustSign(t, samplePDF(t, 1), s.options(1))
	raised, _ := s.raise(t, signed, RaiseTimestamp)
	s.services.Revoke(s.ids[1].Certificate, testNow.Add(time.Hour), 1)
	s.clock = testNow.Add(2 * time.Hour)
	later := VerifyOptions{Chains: s.online(), Now: s.clock}
	requireVerdict(t, mustVerify(t, raised, later), VerdictValid)
	r := mustVerify(t, signed, later)
	requireVerdict(t, r, VerdictIndeterminate)
	if !hasReason(r, ReasonRevokedUnproven) {
		t.Errorf("%+v", r.Signatures[0].Reasons)
	}
	// The central's acceptance proves it as well.
	later.ProvenTime = testNow.Add(10 * time.Minute)
	requireVerdict(t, mustVerify(t, signed, later), VerdictValid)
	later.ProvenTime = testNow.Add(90 * time.Minute)
	requireVerdict(t, mustVerify(t, signed, later), VerdictInvalid)
}

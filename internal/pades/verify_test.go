package pades

import (
	"bytes"
	"context"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// trusting judges with the test root accepted.
func trusting() VerifyOptions {
	return VerifyOptions{Chains: trust.New([]trust.Root{{Certificate: pki().ca.Root}}, nil), Now: testNow}
}

func mustVerify(t testing.TB, pdf []byte, o VerifyOptions) *Report {
	t.Helper()
	r, err := Verify(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), o)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return r
}

func requireVerdict(t testing.TB, r *Report, want Verdict) {
	t.Helper()
	if r.Verdict != want {
		for _, s := range r.Signatures {
			t.Logf("%s %s %+v", s.Field, s.Verdict, s.Reasons)
		}
		t.Fatalf("verdict %q, want %q", r.Verdict, want)
	}
}

func TestSeveralSignersAreAllValid(t *testing.T) {
	out := samplePDF(t, 2)
	for i := range 4 {
		out, _ = mustSign(t, out, pki().options(i))
	}
	r := mustVerify(t, out, trusting())
	requireVerdict(t, r, VerdictValid)
	if len(r.Signatures) != 4 {
		t.Fatalf("%d signatures", len(r.Signatures))
	}
	t.Logf("%+v", r.Signatures[0])
}

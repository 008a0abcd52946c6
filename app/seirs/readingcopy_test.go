package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
)

// requireSealed says that a reading copy is whole as the central made it, that
// nobody vouches for the seal itself, and that a changed copy is found out.
func requireSealed(t *testing.T, copied []byte) {
	t.Helper()
	report, err := pades.Verify(t.Context(), bytes.NewReader(copied), int64(len(copied)), pades.VerifyOptions{})
	if err != nil || len(report.Signatures) != 1 {
		t.Fatalf("the seal: %+v, %v", report, err)
	}
	s := report.Signatures[0]
	if s.Verdict != pades.VerdictIndeterminate || !s.CoversFile || s.Reason != sealReason ||
		!strings.HasPrefix(s.Name, "Selo da central ") || !strings.HasSuffix(s.Name, "SEM VALOR LEGAL") {
		t.Errorf("the seal: %+v", s)
	}
	changed := bytes.Clone(copied)
	changed[s.ByteRange[1]/2] ^= 1
	report, err = pades.Verify(t.Context(), bytes.NewReader(changed), int64(len(changed)), pades.VerifyOptions{})
	if err == nil && report.Signatures[0].Verdict != pades.VerdictInvalid {
		t.Errorf("a changed copy: %+v", report.Signatures[0])
	}
	requirePopplerAgrees(t, copied)
}

func requirePopplerAgrees(t *testing.T, copied []byte) {
	t.Helper()
	tool, err := exec.LookPath("pdfsig")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("pdfsig (poppler-utils) is not installed")
		}
		t.Log("pdfsig is not installed; its opinion was not asked")
		return
	}
	path := filepath.Join(t.TempDir(), "via.pdf")
	fatal(t, os.WriteFile(path, copied, 0o600))
	out, err := exec.CommandContext(t.Context(), tool, "-nocert", path).CombinedOutput()
	if !bytes.Contains(out, []byte("Signature is Valid")) || !bytes.Contains(out, []byte("Total document signed")) {
		t.Errorf("pdfsig: %v\n%s", err, out)
	}
}

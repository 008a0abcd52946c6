package central

import (
	"crypto/ecdsa"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheSealKeepsItsKeyAndFollowsTheCentralsName(t *testing.T) {
	folder, now := t.TempDir(), time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	open := func(name string, training bool, at time.Time) Seal {
		t.Helper()
		s, err := openSeal(folder, name, training, at)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := open("SEI RS", false, now)
	if err := first.Certificate.CheckSignature(first.Certificate.SignatureAlgorithm, first.Certificate.RawTBSCertificate, first.Certificate.Signature); err != nil {
		t.Errorf("it does not sign itself: %v", err)
	}
	if first.Certificate.IsCA || first.Certificate.KeyUsage != x509.KeyUsageDigitalSignature {
		t.Errorf("it may do more than sign: %+v", first.Certificate.KeyUsage)
	}
	if info, err := os.Stat(filepath.Join(folder, sealFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info.Mode(), err)
	}
	if again := open("SEI RS", false, now.AddDate(1, 0, 0)); !again.Certificate.Equal(first.Certificate) {
		t.Error("another start made another certificate")
	}
	for name, c := range map[string]struct {
		seal Seal
		want string
	}{
		"renamed":        {open("SEI Estadual", false, now), "Selo da central SEI Estadual"},
		"now training":   {open("SEI RS", true, now), "Selo da central SEI RS - SEM VALOR LEGAL"},
		"a long name":    {open(strings.Repeat("ç", 200), true, now), "Selo da central " + strings.Repeat("ç", 30) + " - SEM VALOR LEGAL"},
		"near its end":   {open("SEI RS", false, first.Certificate.NotAfter.AddDate(0, -1, 0)), "Selo da central SEI RS"},
		"clock set back": {open("SEI RS", false, now.AddDate(-1, 0, 0)), "Selo da central SEI RS"},
	} {
		if got := c.seal.Certificate; got.Subject.CommonName != c.want || got.Equal(first.Certificate) {
			t.Errorf("%s: %q", name, got.Subject.CommonName)
		}
		if !first.Key.Public().(*ecdsa.PublicKey).Equal(c.seal.Key.Public()) {
			t.Errorf("%s: the key is another", name)
		}
	}
}

func TestADamagedSealStopsTheStartAndIsNotReplaced(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, sealFile)
	if err := os.WriteFile(path, []byte("-----BEGIN"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openSeal(folder, "SEI RS", false, time.Now()); err == nil {
		t.Error("it was opened")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "-----BEGIN" {
		t.Errorf("it was replaced: %q %v", data, err)
	}
}

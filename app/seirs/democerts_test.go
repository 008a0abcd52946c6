package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
)

func TestADemonstrationKeepsItsRootAndCertificates(t *testing.T) {
	data := t.TempDir()
	root, err := demoTrust(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.New(root); err != nil {
		t.Errorf("the root is not taken: %v", err)
	}
	before, err := os.ReadFile(filepath.Join(data, demoCertificates, "ana.schneider.pfx"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := demoTrust(data)
	if err != nil || again != root {
		t.Errorf("the second start gives another root (%v)", err)
	}
	after, err := os.ReadFile(filepath.Join(data, demoCertificates, "ana.schneider.pfx"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the second start gives another certificate (%v)", err)
	}
}

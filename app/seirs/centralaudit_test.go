package main

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestASecondCentralOnTheSameFolderIsRefused(t *testing.T) {
	data := filepath.Join(t.TempDir(), "central")
	first := startCentral(t, "--demo", "--samples=false", "--data", data)
	out, err := run(t.Context(), "", "central", "--listen", "127.0.0.1:0", "--demo", "--data", data)
	if sei.CodeOf(err) != sei.CodeConflict || !strings.Contains(sei.MessageOf(err), "Já há uma central em serviço") || out != "" {
		t.Fatalf("a second central: %q, %v", out, err)
	}
	// Administration goes on beside the one in service.
	if _, err := run(t.Context(), "", "central", "user", "disable", "--data", data, "--agency", "SES", "--login", "igor.pacheco"); err != nil {
		t.Error(err)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	if err := startCentral(t, "--demo", "--samples=false", "--data", data).stop(); err != nil {
		t.Errorf("after the first ended: %v", err)
	}
}

func TestTheAuditTrailIsShownAndExported(t *testing.T) {
	data := filepath.Join(t.TempDir(), "central")
	if err := startCentral(t, "--demo", "--samples=false", "--data", data).stop(); err != nil {
		t.Fatal(err)
	}
	for _, act := range []string{"disable", "enable"} {
		if _, err := run(t.Context(), "", "central", "user", act, "--data", data, "--agency", "SES", "--login", "igor.pacheco"); err != nil {
			t.Fatal(err)
		}
	}
	trail := func(args ...string) string {
		t.Helper()
		out, err := run(t.Context(), "", append([]string{"central", "audit", "--data", data}, args...)...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
	if out := trail("--user", "SES/igor.pacheco"); strings.Count(out, "\n") != 2 || !strings.Contains(out, "usuário bloqueado  SES/igor.pacheco") {
		t.Errorf("as text:\n%s", out)
	}
	if out := trail("--user", "igor.pacheco", "--act", "enable", "--from", "2020-01-01", "--until", "2020-01-31"); out != "" {
		t.Errorf("of another time:\n%s", out)
	}
	records, err := csv.NewReader(strings.NewReader(trail("--act", "enable", "--format", "csv"))).ReadAll()
	if err != nil || len(records) != 2 || records[1][2] != "enable" || records[1][5] != "igor.pacheco" {
		t.Errorf("as a table: %v, %v", records, err)
	}
	var line central.AuditLine
	if err := json.Unmarshal([]byte(trail("--act", "disable", "--format", "json")), &line); err != nil || line.Act != "disable" || line.Agency != "SES" {
		t.Errorf("for a program: %+v, %v", line, err)
	}
	for _, wrong := range [][]string{{"--format", "xml"}, {"--act", "dance"}, {"--from", "ontem"}, {"--user", "NADA/ninguem"}} {
		if _, err := run(t.Context(), "", append([]string{"central", "audit", "--data", data}, wrong...)...); sei.CodeOf(err) == sei.CodeInternal || err == nil {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func TestATableDoesNotCarryFormulas(t *testing.T) {
	if r := trailRecord(central.AuditLine{Subject: "=1+1"}, brasilia()); r[len(r)-1] != "'=1+1" {
		t.Errorf("got %q", r)
	}
}

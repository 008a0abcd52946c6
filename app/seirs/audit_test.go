package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// act logs in and does one act, as a desk does; it gives what it got from the
// central to keep.
func (c *running) act(t *testing.T, process sei.ProcessID) (proof []byte, key string) {
	t.Helper()
	info := c.info(t)
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	device := sei.DeviceID(newID())
	var session wire.LoginResponse
	c.send(t, http.MethodPost, "/v1/login", "", wire.LoginRequest{
		Agency: "SPGG", Login: "ana.schneider", Password: central.DemoPassword,
		Device: wire.DeviceEnrolment{ID: device, Public: pub, Name: "teste", Proof: ed25519.Sign(private, wire.EnrolmentProofMessage(info.ID, "ana.schneider", device))},
	}, &session)
	cmd, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(newID()), Process: process, User: session.User.ID, Unit: "demo-spgg-gab", Device: device, Epoch: session.Epoch, DeclaredAt: time.Now(),
	}, sei.StartProcess{Type: 100000103, Specification: "Auditoria", Subjects: []int{58}})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := wire.SealCommand(private, cmd)
	if err != nil {
		t.Fatal(err)
	}
	var pushed wire.PushResponse
	c.send(t, http.MethodPost, "/v1/push", session.Token, wire.PushRequest{Token: session.PushToken, Commands: []ledger.Sealed{sealed}}, &pushed)
	if pushed.Results[0].Receipt == nil {
		t.Fatalf("the act was answered %+v", pushed.Results[0])
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		var p ledger.ReceiptProof
		c.send(t, http.MethodGet, "/v1/receipts/"+string(cmd.ID)+"/proof", session.Token, nil, &p)
		if p.Checkpoint != nil {
			data, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			return data, base64.StdEncoding.EncodeToString(info.ReceiptKeys[0].Public)
		}
		if time.Now().After(deadline) {
			t.Fatal("no checkpoint covers the act")
		}
		time.Sleep(50 * time.Millisecond) // the central signs when it will
	}
}

func (c *running) send(t *testing.T, method, path, token string, in, out any) {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d", path, resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		t.Fatal(err)
	}
}

func statusOfRun(err error) int {
	if err == nil {
		return 0
	}
	if s, ok := errors.AsType[exitStatus](err); ok {
		return int(s)
	}
	return -1
}

func keepFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The whole way of an installation: at work, audited, backed up, lost, restored,
// audited again, and at work again; then somebody alters one byte.
func TestACentralIsAuditedBackedUpRestoredAndAuditedAgain(t *testing.T) {
	data, copied, restored := t.TempDir(), filepath.Join(t.TempDir(), "copia"), filepath.Join(t.TempDir(), "nova")
	c := startCentral(t, "--data", data, "--demo")
	proof, key := c.act(t, sei.ProcessID(newID()))
	receipt := keepFile(t, "recibo.json", proof)
	expect := func(status int, contains string, args ...string) string {
		t.Helper()
		out, err := run(t.Context(), "", args...)
		if statusOfRun(err) != status || !strings.Contains(out, contains) {
			t.Fatalf("seirs %s ended with %v and wrote\n%s", strings.Join(args, " "), err, out)
		}
		return out
	}
	expect(0, "Nada foi encontrado", "audit", "--data", data) // beside the working central
	expect(0, "Nada foi encontrado", "central", "backup", "--data", data, "--to", copied)
	expect(0, "posição", "audit", "--receipt", receipt, "--central-key", key)
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	expect(0, "0 arquivos novos", "central", "backup", "--data", data, "--to", copied)
	expect(0, "Nada foi encontrado", "central", "check", "--from", copied)
	expect(0, "Nada foi encontrado", "central", "restore", "--from", copied, "--data", restored)
	expect(0, "Nada foi encontrado", "audit", "--data", restored, "--central-key", key, "--checkpoint", receipt, "--quick")
	again := startCentral(t, "--data", restored)
	expect(0, "em andamento", "central", "recover", "--data", restored)
	expect(0, "encerrada", "central", "recover", "--data", restored, "--finish") // beside the working central
	expect(-1, "", "central", "recover", "--data", restored, "--finish")         // an error: none is open
	again.act(t, sei.ProcessID(newID()))
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
	expect(0, "Nada foi encontrado", "audit", "--data", restored)

	db, err := sql.Open("sqlite3", filepath.Join(restored, "central.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE event_payloads SET payload = replace(payload, '\"process\"', '\"Process\"') WHERE seq = 1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	expect(1, "ACHADO conteúdo", "audit", "--data", restored)
	var report struct {
		Sound    bool              `json:"sound"`
		Findings []central.Finding `json:"findings"`
	}
	if err := json.Unmarshal([]byte(expect(1, "", "audit", "--data", restored, "--json")), &report); err != nil || report.Sound || len(report.Findings) == 0 {
		t.Errorf("the report: %+v (%v)", report, err)
	}
	expect(3, "", "central", "restore", "--from", copied, "--data", restored)
}

func TestAReceiptIsAuditedOffline(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pub := private.Public().(ed25519.PublicKey)
	key := base64.StdEncoding.EncodeToString(pub)
	receipt, err := ledger.SealReceipt(private, ledger.Receipt{Form: 1, Command: "c1", Accepted: true, ProcessNumber: "17.001", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	good, err := json.Marshal(receipt)
	if err != nil {
		t.Fatal(err)
	}
	receipt.Payload[0] ^= 1
	bad, err := json.Marshal(ledger.ReceiptProof{Receipt: receipt})
	if err != nil {
		t.Fatal(err)
	}
	alone := keepFile(t, "recibo.json", good)
	altered := keepFile(t, "alterado.json", bad)
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"a receipt alone", []string{"--receipt", alone, "--central-key", key}, 0, "17.001"},
		{"the key in a file", []string{"--receipt", alone, "--central-key", keepFile(t, "chave.txt", []byte(key+"\n"))}, 0, "confere"},
		{"as JSON", []string{"--receipt", alone, "--central-key", key, "--json"}, 0, `"valid": true`},
		{"an altered receipt", []string{"--receipt", altered, "--central-key", key}, 1, "NÃO confere"},
		{"without the key", []string{"--receipt", alone}, 3, ""},
		{"another file", []string{"--receipt", keepFile(t, "x.json", []byte("{}")), "--central-key", key}, 3, ""},
		{"a missing file", []string{"--receipt", filepath.Join(t.TempDir(), "x"), "--central-key", key}, 3, ""},
		{"no key at all", []string{"--receipt", alone, "--central-key", "abc"}, 3, ""},
		{"nothing to audit", nil, 3, ""},
		{"both", []string{"--receipt", alone, "--data", t.TempDir(), "--central-key", key}, 3, ""},
		{"a folder without a central", []string{"--data", t.TempDir()}, 3, ""},
		{"a folder without a central, with a key", []string{"--data", t.TempDir(), "--central-key", key}, 3, ""},
	} {
		out, err := run(t.Context(), "", append([]string{"audit"}, c.args...)...)
		if statusOfRun(err) != c.status || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
	for _, args := range [][]string{{"backup"}, {"check"}, {"restore"}, {"check", "--from", t.TempDir()}, {"restore", "--from", t.TempDir(), "--data", t.TempDir()}} {
		if _, err := run(t.Context(), "", append([]string{"central"}, args...)...); statusOfRun(err) != 3 {
			t.Errorf("central %v: %v", args, err)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/frontend"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

const minute = `{"type":"doc","attrs":{"schema":1},"content":[{"type":"paragraph","content":[{"type":"text","text":"Ação de instrução."}]}]}`

func TestMain(m *testing.M) {
	// A driver of a token runs in a process of its own, which is this program.
	if pkcs11.IsWorker(os.Args) {
		pkcs11.WorkerMain()
	}
	// The bench starts this very program as a workstation or to sign one file.
	if len(os.Args) > 1 && (os.Args[1] == "desk" || os.Args[1] == "bench") {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// command is the program on a command line; in is its standard input.
func command(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(in))
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func ran(t *testing.T, in string, args ...string) string {
	t.Helper()
	out, err := command(t, in, args...)
	if err != nil {
		t.Fatalf("seirs %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// rendered is a PDF made from a text, in a folder of its own.
func rendered(t *testing.T) (folder, file string) {
	t.Helper()
	folder = t.TempDir()
	text := filepath.Join(folder, "texto.json")
	if err := os.WriteFile(text, []byte(minute), 0o600); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(folder, "despacho.pdf")
	ran(t, "", "render", text, "-o", file, "--title", "Despacho", "--date", "2026-03-02")
	return folder, file
}

// credentials are a training authority's root and a person's key file.
func credentials(t *testing.T, folder string) (roots, file string) {
	t.Helper()
	ca, err := trainingca.New("Teste", time.Now(), trainingca.RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Issue(trainingca.Person{Name: "ANA SOUZA", CPF: "11144477735"}, trainingca.IssueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := id.PFX("segredo")
	if err != nil {
		t.Fatal(err)
	}
	roots, file = filepath.Join(folder, "raiz.pem"), filepath.Join(folder, "ana.pfx")
	if err := errors.Join(os.WriteFile(roots, trainingca.CertificatePEM(ca.Root), 0o600), os.WriteFile(file, data, 0o600)); err != nil {
		t.Fatal(err)
	}
	return roots, file
}

func TestTheSameTextIsRenderedToTheSameBytes(t *testing.T) {
	folder, file := rendered(t)
	again := filepath.Join(folder, "outra-vez.pdf")
	ran(t, "", "render", filepath.Join(folder, "texto.json"), "-o", again, "--title", "Despacho", "--date", "2026-03-02")
	a, errA := os.ReadFile(file)
	b, errB := os.ReadFile(again)
	if errA != nil || errB != nil || !bytes.Equal(a, b) || !bytes.HasPrefix(a, []byte("%PDF-")) {
		t.Errorf("%d and %d bytes (%v, %v)", len(a), len(b), errA, errB)
	}
}

func TestAnOutputIsReplacedOnlyWhenAsked(t *testing.T) {
	folder, file := rendered(t)
	args := []string{"render", filepath.Join(folder, "texto.json"), "-o", file}
	if _, err := command(t, "", args...); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("the file was replaced: %v", err)
	}
	ran(t, "", append(args, "--force")...)
	left, err := filepath.Glob(filepath.Join(folder, ".seirs-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestASignedFileVerifiesUnderItsRootsAlone(t *testing.T) {
	folder, file := rendered(t)
	roots, key := credentials(t, folder)
	signed := filepath.Join(folder, "assinado.pdf")
	ran(t, "segredo\n", "sign", file, "-o", signed, "--pfx", key, "--pin-stdin", "--visible", "--position", "Analista")
	out := ran(t, "", "verify", signed, "--trust-roots", roots)
	for _, want := range []string{": válida", "ANA SOUZA", "***.444.777-**", "sem valor legal", "Analista", "nada foi acrescentado"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said in:\n%s", want, out)
		}
	}
	if out, err := command(t, "", "verify", signed); !errors.Is(err, statusIndeterminate) || strings.Contains(out, "11144477735") {
		t.Errorf("without its root the file ended with %v:\n%s", err, out)
	}
	if pdfsig, err := exec.LookPath("pdfsig"); err == nil {
		if got, _ := exec.Command(pdfsig, "-nocert", signed).CombinedOutput(); !strings.Contains(string(got), "Signature is Valid") {
			t.Errorf("pdfsig says:\n%s", got)
		}
	} else if os.Getenv("CI") == "true" {
		t.Fatal("pdfsig is not installed")
	}
}

func TestVerifyTellsItsVerdictToTheShell(t *testing.T) {
	folder, file := rendered(t)
	roots, key := credentials(t, folder)
	signed, altered := filepath.Join(folder, "assinado.pdf"), filepath.Join(folder, "alterado.pdf")
	ran(t, "segredo\n", "sign", file, "-o", signed, "--pfx", key, "--pin-stdin")
	data, err := os.ReadFile(signed)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/8] ^= 1
	if err := os.WriteFile(altered, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want exitStatus
	}{
		"altered":  {[]string{altered, "--trust-roots", roots}, statusInvalid},
		"unsigned": {[]string{file}, statusUnsigned},
		"no PDF":   {[]string{key}, statusUnsigned},
		"no file":  {[]string{filepath.Join(folder, "?")}, statusUnsigned},
		"no roots": {[]string{signed, "--trust-roots", file}, statusUnsigned},
		"no name":  {nil, statusUnsigned},
	} {
		out, err := command(t, "", append([]string{"verify"}, c.args...)...)
		if status, ok := errors.AsType[exitStatus](err); !ok || status != c.want || out == "" {
			t.Errorf("%s ended with %v, not %d:\n%s", name, err, c.want, out)
		}
	}
	var report struct {
		Verdict    string
		Signatures []struct{ Signer map[string]string }
	}
	out := ran(t, "", "verify", signed, "--trust-roots", roots, "--json")
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Verdict != "valid" || len(report.Signatures) != 1 {
		t.Fatalf("the report is %+v (%v)", report, err)
	}
	if s := report.Signatures[0].Signer; s["cpf"] != "" || s["masked_cpf"] == "" {
		t.Errorf("the report names the signer as %v", s)
	}
}

func TestAWrongPasswordSignsNothing(t *testing.T) {
	folder, file := rendered(t)
	_, key := credentials(t, folder)
	out := filepath.Join(folder, "assinado.pdf")
	if said, err := command(t, "errada\n", "sign", file, "-o", out, "--pfx", key, "--pin-stdin"); err == nil {
		t.Errorf("it was signed:\n%s", said)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was left")
	}
}

func TestAFileIsNotSignedOverItself(t *testing.T) {
	folder, file := rendered(t)
	_, key := credentials(t, folder)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command(t, "segredo\n", "sign", file, "-o", file, "--force", "--pfx", key, "--pin-stdin"); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("it was signed: %v", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed (%v)", err)
	}
}

func TestATokenSignsWithItsPIN(t *testing.T) {
	folder, file := rendered(t)
	token, err := keytest.NewSoftHSM(t.TempDir(), "Token da Ana", "1234")
	if errors.Is(err, keytest.ErrToolMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	authority, err := keytest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	credential, err := authority.IssueRSA(keytest.Person{Name: "ANA SOUZA", CPF: "11144477735"})
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Import(1, credential); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", token.Config)
	if out := ran(t, "", "sign", "--list", "--pkcs11-module", token.Module); !strings.Contains(out, "ANA SOUZA") || !strings.Contains(out, "Token da Ana") {
		t.Errorf("the token is not listed:\n%s", out)
	}
	signed := filepath.Join(folder, "assinado.pdf")
	ran(t, "1234\n", "sign", file, "-o", signed, "--pkcs11-module", token.Module, "--pin-stdin")
	if _, err := command(t, "", "verify", signed); !errors.Is(err, statusIndeterminate) {
		t.Errorf("the signature of an unknown authority ended with %v", err)
	}
}

func TestDoctorFailsOnlyOnProblems(t *testing.T) {
	var out bytes.Buffer
	good := []desktop.DoctorLine{{Name: "Tela", Level: "ok"}, {Name: "Disco", Level: "warning", Detail: "não cifrado"}}
	if err := tellHealth(&out, good, false); err != nil || !strings.Contains(out.String(), "aviso") {
		t.Errorf("warnings ended with %v:\n%s", err, out.String())
	}
	out.Reset()
	err := tellHealth(&out, append(good, desktop.DoctorLine{Name: "Pasta", Level: "problem"}), true)
	var said struct{ Healthy bool }
	if !errors.Is(err, exitStatus(1)) || json.Unmarshal(out.Bytes(), &said) != nil || said.Healthy {
		t.Errorf("a problem ended with %v:\n%s", err, out.String())
	}
}

func TestABenchSeesTheDeskBecomeUsableInOrder(t *testing.T) {
	dist, err := frontend.Dist()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(dist, "index.html"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the frontend is not built")
		}
		t.Skip("the frontend is not built")
	}
	out := ran(t, "", "bench", "start", "--runs", "1", "--desktop", "", "--json")
	var r startReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	for _, took := range []map[string]float64{r.Cold, r.Warm} {
		if !(0 < took[momentAddress] && took[momentAddress] <= took[momentPage] && took[momentPage] <= took[momentState]) {
			t.Errorf("the moments came at %v", took)
		}
	}
	if len(r.Notes) != 1 {
		t.Errorf("it is not said that the window was not measured: %v", r.Notes)
	}
}

func TestTheSummaryOfStartsIsTheFirstAndTheMedianOfTheRest(t *testing.T) {
	all := []startTimes{{momentState: time.Second}, {momentState: 30 * time.Millisecond}, {momentState: 10 * time.Millisecond}, {momentState: 20 * time.Millisecond}}
	if cold, warm := summary(all); cold[momentState] != 1000 || warm[momentState] != 20 {
		t.Errorf("cold %v, warm %v", cold, warm)
	}
}

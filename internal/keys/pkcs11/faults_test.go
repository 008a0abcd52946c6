package pkcs11

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"debug/pe"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/keytest"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

// faultyModule builds testdata/faulty.c once.
var faultyModule = sync.OnceValues(func() (string, error) {
	for _, tool := range []string{"gcc", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%s: %w", tool, keytest.ErrToolMissing)
		}
	}
	headers, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/miekg/pkcs11").Output()
	if err != nil {
		return "", fmt.Errorf("finding the PKCS#11 headers: %w", err)
	}
	built := filepath.Join(scratch, "libfaulty.so")
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-O1", "-w", "-I", strings.TrimSpace(string(headers)), "-o", built, "testdata/faulty.c", "-ldl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building testdata/faulty.c: %w: %s", err, out)
	}
	return built, nil
})

// faulty is a token behind a driver that goes wrong.
type faulty struct {
	*bench
	module string
	log    string
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	b := newBench(t)
	module, err := faultyModule()
	keytest.NeedTool(t, err)
	return &faulty{bench: b, module: module, log: filepath.Join(t.TempDir(), "logins")}
}

// store gives the driver the faults; each test sees its own log of logins.
func (f *faulty) store(t *testing.T, faults string, change ...func(*Options)) *Store {
	t.Helper()
	if err := os.RemoveAll(f.log); err != nil {
		t.Fatal(err)
	}
	opts := Options{
		Env:          []string{"FAULTY_REAL=" + f.token.Module, "FAULTY_MODE=" + faults, "FAULTY_LOG=" + f.log, "FAULTY_PIN=" + rightPIN},
		CloseTimeout: 200 * time.Millisecond,
	}
	for _, c := range change {
		c(&opts)
	}
	return New(f.module, opts)
}

func (f *faulty) logins(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(f.log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' })
}

func (f *faulty) open(t *testing.T, s *Store, secret string) (keys.Session, error) {
	t.Helper()
	session, err := s.Open(t.Context(), keys.MakeID(s.Name(), f.rsa.Certificate.Raw), pin(secret)())
	if err == nil {
		t.Cleanup(func() { _ = session.Close() })
	}
	return session, err
}

func (f *faulty) mustOpen(t *testing.T, s *Store) keys.Session {
	t.Helper()
	session, err := f.open(t, s, rightPIN)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func signOnce(session keys.Session) error {
	digest := sha256.Sum256([]byte("um documento"))
	_, err := session.Sign(rand.Reader, digest[:], crypto.SHA256)
	return err
}

func want(t *testing.T, what string, err error, code sei.Code) {
	t.Helper()
	if sei.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

func quick(o *Options) {
	o.ProbeTimeout, o.LoginTimeout, o.SignTimeout = 300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond
}

func TestADriverThatCrashesCostsAMessageOnly(t *testing.T) {
	f := newFaulty(t)
	_, err := f.store(t, "crash-init").Certificates(t.Context())
	want(t, "listing", err, keys.CodeModuleCrashed)
	_, err = f.open(t, f.store(t, "crash-login"), rightPIN)
	want(t, "login", err, keys.CodeModuleCrashed)

	session := f.mustOpen(t, f.store(t, "crash-sign"))
	want(t, "signing", signOnce(session), keys.CodeModuleCrashed)
	want(t, "signing again", signOnce(session), keys.CodeModuleCrashed)
	if m := sei.MessageOf(signOnce(session)); !strings.Contains(m, "libfaulty.so") || !strings.Contains(m, "Nada foi perdido") {
		t.Errorf("message %q", m)
	}
	if err := signOnce(f.mustOpen(t, f.store(t, ""))); err != nil {
		t.Errorf("the next session does not work: %v", err)
	}
}

func TestADriverThatHangsIsStopped(t *testing.T) {
	f := newFaulty(t)
	for _, where := range []string{"hang-init", "hang-list"} {
		_, err := f.store(t, where, quick).Certificates(t.Context())
		want(t, where, err, keys.CodeModuleTimeout)
	}
	_, err := f.open(t, f.store(t, "hang-login", quick), rightPIN)
	want(t, "login", err, keys.CodeModuleTimeout)
	session := f.mustOpen(t, f.store(t, "hang-sign", func(o *Options) { o.SignTimeout = 300 * time.Millisecond }))
	want(t, "signing", signOnce(session), keys.CodeModuleTimeout)

	session = f.mustOpen(t, f.store(t, "hang-logout"))
	start := time.Now()
	if err := session.Close(); err != nil || time.Since(start) > 3*time.Second {
		t.Errorf("closing took %v, %v", time.Since(start), err)
	}
}

func TestGivingUpStopsADriverAtOnce(t *testing.T) {
	f := newFaulty(t)
	store := f.store(t, "hang-login")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	secret := pin(rightPIN)()
	go func() {
		_, err := store.Open(ctx, keys.MakeID(store.Name(), f.rsa.Certificate.Raw), secret)
		failed <- err
	}()
	for len(f.logins(t)) == 0 { // until the driver stands in C_Login
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	want(t, "giving up", <-failed, keys.CodeCanceled)
	if !secret.Empty() {
		t.Error("the secret is still there")
	}
}

func TestClosingCutsShortASignatureThatHangs(t *testing.T) {
	f := newFaulty(t)
	session := f.mustOpen(t, f.store(t, "hang-sign", func(o *Options) { o.Limits.Lifetime = 500 * time.Millisecond }))
	want(t, "signing past the session's time", signOnce(session), keys.CodeSessionEnded)
}

func TestADriversProcessDiesWithTheProgramEvenIfItHangs(t *testing.T) {
	f := newFaulty(t)
	store := f.store(t, "hang-login")
	c, err := startChild(store.module, store.opts.Env)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		req := request{Op: opOpen, Module: store.module, Fingerprint: keys.Fingerprint(f.rsa.Certificate.Raw)}
		_, _, err := c.call(context.Background(), time.Minute, req, []byte(rightPIN))
		ended <- err
	}()
	for len(f.logins(t)) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	_ = c.in.Close() // what the system does when the program is killed
	want(t, "the worker", <-ended, keys.CodeModuleCrashed)
}

func TestADriversProcessGetsNothingOfTheProgramsEnvironment(t *testing.T) {
	t.Setenv("SEIRS_SECRET", "x")
	t.Setenv("LD_PRELOAD_X", "x")
	t.Setenv("SOFTHSM2_CONF", "/y")
	env := strings.Join(workerEnvironment([]string{"EXTRA=1"}), "\n")
	if strings.Contains(env, "SEIRS_SECRET") || strings.Contains(env, "LD_PRELOAD") {
		t.Errorf("environment %s", env)
	}
	if !strings.Contains(env, "SOFTHSM2_CONF=/y") || !strings.Contains(env, "EXTRA=1") {
		t.Errorf("environment %s", env)
	}
}

func TestADriverThatPrintsDoesNotDisturb(t *testing.T) {
	f := newFaulty(t)
	if err := signOnce(f.mustOpen(t, f.store(t, "noise"))); err != nil {
		t.Error(err)
	}
}

func TestAWrongPINIsTriedOnce(t *testing.T) {
	f := newFaulty(t)
	messages := map[string]string{"": "", "low": "Restam poucas tentativas", "final": "uma única tentativa"}
	for flags, sentence := range messages {
		_, err := f.open(t, f.store(t, flags), wrongPIN)
		want(t, flags, err, keys.CodePINWrong)
		if !strings.Contains(sei.MessageOf(err), sentence) {
			t.Errorf("%q: message %q", flags, sei.MessageOf(err))
		}
		if tries := f.logins(t); len(tries) != 1 {
			t.Errorf("%q: tried %d times: %v", flags, len(tries), tries)
		}
	}
}

func TestAWrongPINThatBlocksTheTokenSaysSo(t *testing.T) {
	f := newFaulty(t)
	_, err := f.open(t, f.store(t, "blocks"), wrongPIN)
	want(t, "the last try", err, keys.CodePINLocked)
	if tries := f.logins(t); len(tries) != 1 {
		t.Errorf("tried %v", tries)
	}
}

func TestALockedTokenIsNotTried(t *testing.T) {
	f := newFaulty(t)
	store := f.store(t, "locked")
	_, err := f.open(t, store, rightPIN)
	want(t, "opening", err, keys.CodePINLocked)
	if tries := f.logins(t); len(tries) != 0 {
		t.Errorf("tried %v", tries)
	}
	certs, err := store.Certificates(t.Context())
	if err != nil || len(certs) == 0 || certs[0].PIN != keys.PINLocked {
		t.Errorf("the list must say so: %+v, %v", certs, err)
	}
}

func TestALoginOfAnotherProgramDoesNotReplaceThePIN(t *testing.T) {
	f := newFaulty(t)
	_, err := f.open(t, f.store(t, "logged-in"), wrongPIN)
	want(t, "opening", err, keys.CodePINWrong)
}

func TestAPINPadGetsNoPIN(t *testing.T) {
	f := newFaulty(t)
	store := f.store(t, "pad")
	certs, err := store.Certificates(t.Context())
	if err != nil || len(certs) == 0 || !certs[0].PINPad || certs[0].Needs != keys.SecretNone {
		t.Errorf("%+v, %v", certs, err)
	}
	session, err := f.open(t, store, "typed by mistake")
	if err != nil {
		t.Fatal(err)
	}
	if err := signOnce(session); err != nil {
		t.Error(err)
	}
	if tries := f.logins(t); len(tries) != 1 || tries[0] != "user NULL" {
		t.Errorf("logins %v", tries)
	}
	_, err = f.open(t, f.store(t, "pad canceled-login"), "")
	want(t, "cancel key", err, keys.CodeCanceled)
}

func TestAKeyThatWantsALoginForEachSignatureGetsIt(t *testing.T) {
	f := newFaulty(t)
	session := f.mustOpen(t, f.store(t, "always"))
	for range 3 {
		if err := signOnce(session); err != nil {
			t.Fatal(err)
		}
	}
	if tries := strings.Join(f.logins(t), ", "); tries != "user 8, context 8, context 8, context 8" {
		t.Errorf("logins %s", tries)
	}

	session = f.mustOpen(t, f.store(t, "always rejected-always"))
	want(t, "first", signOnce(session), keys.CodePINWrong)
	want(t, "second", signOnce(session), keys.CodePINWrong)
	if tries := f.logins(t); len(tries) != 2 {
		t.Errorf("the refused PIN was tried again: %v", tries)
	}
}

func TestATokenPulledOutMidBatchSaysSo(t *testing.T) {
	f := newFaulty(t)
	for _, fault := range []string{"removed-sign", "gone-sign"} {
		session := f.mustOpen(t, f.store(t, fault))
		want(t, fault, signOnce(session), keys.CodeTokenRemoved)
		want(t, fault+" again", signOnce(session), keys.CodeTokenRemoved)
	}
}

func TestASignatureThatDoesNotVerifyIsNotGiven(t *testing.T) {
	f := newFaulty(t)
	want(t, "swapped", signOnce(f.mustOpen(t, f.store(t, "swapped"))), keys.CodeSignatureInvalid)
}

func TestABatchIsBounded(t *testing.T) {
	f := newFaulty(t)
	session := f.mustOpen(t, f.store(t, "", func(o *Options) { o.Limits.Signatures = 2 }))
	for range 2 {
		if err := signOnce(session); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "third", signOnce(session), keys.CodeSessionEnded)
}

func TestADriverThatDoesNotLoadSaysWhy(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "texto.so")
	if err := os.WriteFile(text, []byte("isto não é um driver"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ path, sentence string }{
		"missing":      {filepath.Join(folder, "nada.so"), "não existe no caminho"},
		"foreign file": {text, "não é um driver de token"},
	}
	if _, err := exec.LookPath("gcc"); err == nil {
		cases["plain library"] = struct{ path, sentence string }{compile(t, folder, "plain", "int x;"), "não é um driver de token"}
		compile(t, folder, "vendor", "int vendor(void) { return 1; }")
		dependent := compile(t, folder, "dependent", "int vendor(void); int C_x(void) { return vendor(); }", "-L"+folder, "-lvendor")
		if err := os.Remove(filepath.Join(folder, "libvendor.so")); err != nil {
			t.Fatal(err)
		}
		cases["dependency"] = struct{ path, sentence string }{dependent, "falta o componente libvendor.so"}
	}
	for name, c := range cases {
		_, err := New(c.path, Options{}).Certificates(t.Context())
		want(t, name, err, keys.CodeModuleNotLoadable)
		if m := sei.MessageOf(err); !strings.Contains(m, c.sentence) {
			t.Errorf("%s: message %q", name, m)
		}
	}
}

// compile builds a shared library from one line of C.
func compile(t *testing.T, folder, name, source string, more ...string) string {
	t.Helper()
	file := filepath.Join(folder, name+".c")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	built := filepath.Join(folder, "lib"+name+".so")
	args := append([]string{"-shared", "-fPIC", "-o", built, file}, more...)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return built
}

func TestADriverOfAnotherArchitectureSaysSo(t *testing.T) {
	dll := compileDLL(t, t.TempDir(), "x", "int x(void) { return 1; }")
	_, err := New(dll, Options{}).Certificates(t.Context())
	want(t, "a Windows driver", err, keys.CodeModuleNotLoadable)
	if m := sei.MessageOf(err); !strings.Contains(m, "outro tipo de sistema") {
		t.Errorf("message %q", m)
	}
}

func TestTheComponentThatAWindowsDriverLacksIsNamed(t *testing.T) {
	folder := t.TempDir()
	compileDLL(t, folder, "vendor", "__declspec(dllexport) int vendor(void) { return 1; }")
	driver := compileDLL(t, folder, "driver", "int vendor(void); __declspec(dllexport) int C_x(void) { return vendor(); }", filepath.Join(folder, "vendor.dll"))
	system := t.TempDir()
	for _, name := range []string{"KERNEL32.dll", "msvcrt.dll"} {
		if err := os.WriteFile(filepath.Join(system, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, err := pe.Open(driver)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if name := missingImport(file, []string{folder, system}); name != "" {
		t.Errorf("nothing is missing, but %q was named", name)
	}
	if name := missingImport(file, []string{system}); name != "vendor.dll" {
		t.Errorf("named %q", name)
	}
}

// compileDLL builds a Windows library from one line of C.
func compileDLL(t *testing.T, folder, name, source string, more ...string) string {
	t.Helper()
	cross := testtool.Path(t, "x86_64-w64-mingw32-gcc")
	file := filepath.Join(folder, name+".c")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	built := filepath.Join(folder, name+".dll")
	args := append([]string{"-shared", "-o", built, file}, more...)
	if out, err := exec.Command(cross, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return built
}

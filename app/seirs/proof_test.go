package main

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// servedCredentials are credentials of an authority whose services answer at url.
func servedCredentials(t *testing.T, folder string) (roots, file, url string) {
	t.Helper()
	var services atomic.Pointer[trainingca.Services]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { services.Load().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	ca, err := trainingca.NewServed("Teste", time.Now(), trainingca.ECDSAP256, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := trainingca.NewServices(ca, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	services.Store(s)
	id, err := ca.Issue(trainingca.Person{Name: "ANA SOUZA", CPF: "11144477735"}, trainingca.IssueOptions{Key: trainingca.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := id.PFX("segredo")
	if err != nil {
		t.Fatal(err)
	}
	roots, file = filepath.Join(folder, "raiz.pem"), filepath.Join(folder, "ana.pfx")
	for name, data := range map[string][]byte{roots: trainingca.CertificatePEM(ca.Root), file: pfx} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return roots, file, server.URL
}

func TestASignatureIsRaisedFromTheConsole(t *testing.T) {
	folder, file := rendered(t)
	roots, pfx, url := servedCredentials(t, folder)
	signed, raised := filepath.Join(folder, "s.pdf"), filepath.Join(folder, "r.pdf")
	ran(t, "segredo\n", "sign", file, "-o", signed, "--pfx", pfx, "--pin-stdin")
	if out, err := command(t, "", "sign", "raise", signed, "-o", raised); err == nil {
		t.Errorf("raised without an authority: %s", out)
	}
	ran(t, "", "sign", "raise", signed, "-o", raised, "--tsa", url+"/tsa", "--raise-to", "AD-RC", "--revocation-online", "--trust-roots", roots)
	out := ran(t, "", "verify", raised, "--trust-roots", roots)
	for _, want := range []string{"Hora provada", "Carimbo do tempo 2: válida"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing from\n%s", want, out)
		}
	}
	// The list of policies ships without its signature: archiving asks for it.
	if out, err := command(t, "", "sign", "raise", signed, "-o", filepath.Join(folder, "a.pdf"), "--tsa", url+"/tsa", "--raise-to", "AD-RA", "--revocation-online", "--trust-roots", roots); err == nil {
		t.Errorf("archived without the list's signature: %s", out)
	}
	stamped := filepath.Join(folder, "t.pdf")
	ran(t, "segredo\n", "sign", file, "-o", stamped, "--pfx", pfx, "--pin-stdin", "--tsa", url+"/tsa", "--tsa-policy", trainingca.TimestampPolicy, "--sha512")
	if out := ran(t, "", "verify", stamped, "--trust-roots", roots, "--revocation-online"); !strings.Contains(out, "AD-RT") {
		t.Errorf("no AD-RT in\n%s", out)
	}
}

func TestAnyFileIsSignedBesideIt(t *testing.T) {
	folder := t.TempDir()
	roots, pfx, url := servedCredentials(t, folder)
	file := filepath.Join(folder, "dados.csv")
	if err := os.WriteFile(file, []byte("órgão;valor\nSPGG;10\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ran(t, "segredo\n", "sign", file, "--pfx", pfx, "--pin-stdin")
	if out := ran(t, "", "verify", file, "--trust-roots", roots); !strings.Contains(out, "CAdES AD-RB v2.4") || !strings.Contains(out, "Hora declarada") {
		t.Errorf("%s", out)
	}
	raised := filepath.Join(folder, "elevado.p7s")
	ran(t, "", "sign", "raise", file+".p7s", "-o", raised, "--tsa", url+"/tsa", "--trust-roots", roots)
	if out := ran(t, "", "verify", file, "--signature", raised, "--trust-roots", roots); !strings.Contains(out, "Hora provada") {
		t.Errorf("%s", out)
	}
	accepts(t, folder, roots, raised, file)
	if err := os.WriteFile(file, []byte("órgão;valor\nSPGG;1000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, "", "verify", file, "--trust-roots", roots)
	if status, ok := errors.AsType[exitStatus](err); !ok || status != statusInvalid {
		t.Errorf("an altered file: %v\n%s", err, out)
	}
}

// accepts asks openssl for a second opinion about a signature beside a file.
func accepts(t *testing.T, folder, roots, signature, file string) {
	t.Helper()
	openssl := testtool.Path(t, "openssl")
	if out, err := runIn(folder, openssl, "cms", "-verify", "-binary", "-cades", "-purpose", "any", "-inform", "DER", "-in", signature, "-content", file, "-CAfile", roots, "-out", os.DevNull); err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}

func TestGovBRCountsAsAdvancedWhereItsRootsAreGiven(t *testing.T) {
	folder, file := rendered(t)
	_, pfx, _ := servedCredentials(t, folder)
	roots := filepath.Join(folder, "raiz.pem")
	signed := filepath.Join(folder, "s.pdf")
	ran(t, "segredo\n", "sign", file, "-o", signed, "--pfx", pfx, "--pin-stdin")
	// A training root says so itself, whatever it is given as.
	if out := ran(t, "", "verify", signed, "--govbr-roots", roots); !strings.Contains(out, "sem valor legal") {
		t.Errorf("%s", out)
	}
}

func runIn(folder, program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// storedFile is a file as the central hands it to its raiser.
type storedFile struct {
	*os.File
	size int64
}

func (f storedFile) Size() int64 { return f.size }

func TestTheCentralsRaiserTellsWhatIsDoneForEver(t *testing.T) {
	folder, file := rendered(t)
	roots, pfx, url := servedCredentials(t, folder)
	signed := filepath.Join(folder, "s.pdf")
	ran(t, "segredo\n", "sign", file, "-o", signed, "--pfx", pfx, "--pin-stdin")
	proof := proofFlags{tsa: url + "/tsa", to: "AD-RT"}
	judge, err := verifyFlags{roots: roots}.judge()
	if err != nil {
		t.Fatal(err)
	}
	raiser, err := proof.centralRaiser(judge)
	if err != nil {
		t.Fatal(err)
	}
	raise := func(path, mime string) ([]byte, string, error) {
		in, size, err := openInput(path)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		var out bytes.Buffer
		level, at, err := raiser.Raise(t.Context(), &out, storedFile{in, size}, sei.BlobRef{MIME: mime})
		if err == nil && (at.IsZero() || out.Len() == 0) {
			t.Errorf("%s: %d bytes, time %v", path, out.Len(), at)
		}
		return out.Bytes(), level, err
	}
	raised, level, err := raise(signed, "application/pdf")
	if err != nil || level != "AD-RT" {
		t.Fatalf("%s %v", level, err)
	}
	again := filepath.Join(folder, "r.pdf")
	if err := os.WriteFile(again, raised, 0o600); err != nil {
		t.Fatal(err)
	}
	for rule, c := range map[string]struct{ path, mime string }{
		"raised already": {again, "application/pdf"}, "unsigned": {file, "application/pdf"}, "no PDF": {pfx, "application/pdf"}, "no signature": {pfx, sei.MIMEDetached},
	} {
		if _, _, err := raise(c.path, c.mime); sei.CodeOf(err) != central.CodeNothingToRaise {
			t.Errorf("%s: %v", rule, err)
		}
	}
	// A silent authority is asked again later.
	if raiser, err = (proofFlags{tsa: "http://127.0.0.1:1/", to: "AD-RT"}).centralRaiser(judge); err != nil {
		t.Fatal(err)
	}
	if _, _, err := raise(signed, "application/pdf"); err == nil || sei.CodeOf(err) == central.CodeNothingToRaise {
		t.Errorf("a silent authority: %v", err)
	}
	if _, err := (proofFlags{tsa: url, to: "AD-X"}).centralRaiser(judge); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("an unknown level: %v", err)
	}
	if none, err := (proofFlags{}).centralRaiser(judge); none != nil || err != nil {
		t.Errorf("without an authority: %v %v", none, err)
	}
}

package remote_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// secureCentral answers over TLS with a certificate that no system knows; the
// PEM is its own authority.
func secureCentral(t *testing.T) (*httptest.Server, []byte) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, wire.CentralInfo{Name: "SEI de teste"})
	}))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func TestACentralOfAnAgencysAuthorityIsTrustedWhenItsRootsAreGiven(t *testing.T) {
	server, roots := secureCentral(t)
	c, err := remote.New(server.URL, remote.Options{Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.Info(t.Context())
	if err != nil || info.Name != "SEI de teste" {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestACertificateThatIsNotTrustedIsSaidInWordsAndNothingIsSent(t *testing.T) {
	server, roots := secureCentral(t)
	c, err := remote.New(server.URL, remote.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Info(t.Context())
	wantCode(t, err, sei.CodeUnavailable)
	if text := sei.MessageOf(err); !strings.Contains(text, "autoridade") || text == remote.NoConnection {
		t.Errorf("the servant is told %q", text)
	}
	// The right authority, and another address: the certificate is for example.com and loopback.
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c, err = remote.New("https://localhost:"+port, remote.Options{Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Info(t.Context())
	if text := sei.MessageOf(err); !strings.Contains(text, "outro endereço") {
		t.Errorf("for another address the servant is told %q: %v", text, err)
	}
}

func TestAFileOfAuthoritiesWithoutOneIsRefused(t *testing.T) {
	_, err := remote.New("https://sei.rs.gov.br", remote.Options{Roots: []byte("nada")})
	wantCode(t, err, remote.CodeRoots)
}

// tunnel is a proxy as agencies have them: it connects and passes bytes on.
func tunnel(t *testing.T, to string, used *atomic.Int64) *httptest.Server {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "only tunnels", http.StatusMethodNotAllowed)
			return
		}
		used.Add(1)
		// The name is the agency's own: here it is the test's central.
		out, err := net.Dial("tcp", to)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = out.Close()
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
	}))
	t.Cleanup(proxy.Close)
	return proxy
}

// proxiedCall is the environment that makes this test binary ask a central once:
// net/http reads the proxy's variables only once in a process.
const proxiedCall = "SEIRS_TEST_PROXIED_CALL"

func TestTheSystemsProxyLeadsToTheCentral(t *testing.T) {
	if address := os.Getenv(proxiedCall); address != "" {
		c, err := remote.New(address, remote.Options{Roots: []byte(os.Getenv(proxiedCall + "_ROOTS"))})
		if err == nil {
			var info wire.CentralInfo
			if info, err = c.Info(context.Background()); err == nil {
				_, _ = os.Stdout.WriteString("central: " + info.Name + "\n")
				return
			}
		}
		_, _ = os.Stdout.WriteString("failed: " + sei.MessageOf(err) + "\n")
		return
	}
	server, roots := secureCentral(t)
	var used atomic.Int64
	proxy := tunnel(t, server.Listener.Addr().String(), &used)
	ask := func(proxyAddress string) string {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheSystemsProxyLeadsToTheCentral$")
		// The certificate is for example.com, which only the proxy knows how to reach.
		cmd.Env = append(os.Environ(), "HTTPS_PROXY="+proxyAddress, "https_proxy="+proxyAddress, "NO_PROXY=", "no_proxy=",
			proxiedCall+"=https://example.com", proxiedCall+"_ROOTS="+string(roots))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(bytes.TrimSpace(out))
	}
	if said := ask(proxy.URL); !strings.Contains(said, "central: SEI de teste") || used.Load() == 0 {
		t.Errorf("through the proxy: %q, %d tunnels", said, used.Load())
	}
	proxy.Close()
	if said := ask(proxy.URL); !strings.Contains(said, "failed: Sem conexão com a central") {
		t.Errorf("with the proxy gone: %q", said)
	}
}

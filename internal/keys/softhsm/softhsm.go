// Package softhsm makes software tokens: for the demonstration, which shows a
// signature with a token on any machine, and for tests. It links no testing package,
// because the console program has it.
package softhsm

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Token is a software token in a folder of its own. Programs reach it by
// loading Module with the environment variable SOFTHSM2_CONF set to Config.
type Token struct {
	Module string // the PKCS#11 driver
	Config string // value for SOFTHSM2_CONF
	Label  string
	PIN    string

	folder string
}

// Credential is a certificate and its key.
type Credential struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// Places of the module on Debian and Fedora.
var softHSMModules = []string{
	"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	"/usr/lib64/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
}

// ErrToolMissing is a program that a proof needs and that is not installed.
var ErrToolMissing = errors.New("not installed")

// New makes a token with the label and PIN in folder, which must exist.
// It needs softhsm2-util and pkcs11-tool; the error is ErrToolMissing without them.
func New(folder, label, pin string) (*Token, error) {
	h := &Token{Config: filepath.Join(folder, "softhsm2.conf"), Label: label, PIN: pin, folder: folder}
	for _, tool := range []string{"softhsm2-util", "pkcs11-tool"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%s: %w", tool, ErrToolMissing)
		}
	}
	for _, module := range softHSMModules {
		if _, err := os.Stat(module); err == nil {
			h.Module = module
			break
		}
	}
	if h.Module == "" {
		return nil, fmt.Errorf("libsofthsm2.so: %w", ErrToolMissing)
	}
	if err := h.configure(); err != nil {
		return nil, err
	}
	return h, h.run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "87654321")
}

func (h *Token) tokens() string { return filepath.Join(h.folder, "tokens") }

func (h *Token) configure() error {
	if err := os.MkdirAll(h.tokens(), 0o700); err != nil {
		return err
	}
	config := "directories.tokendir = " + h.tokens() + "\nobjectstore.backend = file\nlog.level = ERROR\n"
	return os.WriteFile(h.Config, []byte(config), 0o600)
}

// Copy makes an equal token, with the same contents and the state of its PIN, in
// another folder.
func (h *Token) Copy(folder string) (*Token, error) {
	other := *h
	other.folder, other.Config = folder, filepath.Join(folder, "softhsm2.conf")
	if err := other.configure(); err != nil {
		return nil, err
	}
	return &other, os.CopyFS(other.tokens(), os.DirFS(h.tokens()))
}

// Import puts the key and its certificate into the token under the given id.
func (h *Token) Import(id byte, c Credential) error {
	der, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return err
	}
	file := filepath.Join(h.folder, fmt.Sprintf("key-%02x.pem", id))
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return err
	}
	defer os.Remove(file)
	if err := h.run("softhsm2-util", "--import", file, "--token", h.Label, "--label", "key", "--id", fmt.Sprintf("%02x", id), "--pin", h.PIN); err != nil {
		return err
	}
	return h.ImportCertificate(id, c.Certificate)
}

// ImportCertificate puts a certificate without a key into the token.
func (h *Token) ImportCertificate(id byte, cert *x509.Certificate) error {
	file := filepath.Join(h.folder, fmt.Sprintf("cert-%02x.der", id))
	if err := os.WriteFile(file, cert.Raw, 0o600); err != nil {
		return err
	}
	defer os.Remove(file)
	return h.run("pkcs11-tool", "--module", h.Module, "--token-label", h.Label, "--login", "--pin", h.PIN,
		"-w", file, "-y", "cert", "-d", fmt.Sprintf("%02x", id), "-a", "certificate")
}

func (h *Token) run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "SOFTHSM2_CONF="+h.Config)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

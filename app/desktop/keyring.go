package desktop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pfx"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/wincert"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// certificateStores are the key stores of this workstation.
type certificateStores struct {
	directory *keys.Directory
	files     *pfx.Store
}

func newCertificateStores(modules []string, now func() time.Time) *certificateStores {
	files := pfx.New(pfx.Options{})
	stores := pkcs11.Stores(pkcs11.Discover(modules), pkcs11.Options{})
	stores = append(stores, files, wincert.New(wincert.Options{}))
	return &certificateStores{directory: keys.NewDirectory(keys.DirectoryOptions{Now: now}, stores...), files: files}
}

func (c *certificateStores) list(ctx context.Context, now time.Time) CertificateList {
	listing := c.directory.Fresh(ctx)
	out := CertificateList{Certificates: []CertificateView{}, Problems: []string{}}
	for _, cert := range listing.Certificates {
		out.Certificates = append(out.Certificates, certificateCard(cert, now))
	}
	for _, f := range listing.Failures {
		out.Problems = append(out.Problems, f.Message)
	}
	return out
}

func certificateCard(c keys.Certificate, now time.Time) CertificateView {
	v := CertificateView{
		ID: c.ID, Name: c.Subject, CPF: c.MaskedCPF, Issuer: c.Issuer, Serial: c.Serial,
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Token: c.Token, PINPad: c.PINPad,
		// A training authority's certificates have ICP-Brasil's fields, not its roots.
		ICPBrasil: c.ICPBrasil && !strings.Contains(c.Issuer, trust.TrainingMark),
	}
	if c.PIN != keys.PINOK {
		v.PINState = string(c.PIN)
	}
	v.Kind, v.Store = storeKind(c.Store)
	if err := c.Usable(now); err != nil {
		v.Problem = sei.MessageOf(err)
	}
	return v
}

// storeKind is a store's kind for the window and its name for the servant.
func storeKind(store string) (kind, name string) {
	switch {
	case store == pfx.Name:
		return "pfx", "Arquivo PFX"
	case store == wincert.Name:
		return "windows", "Certificados do Windows"
	}
	return "token", "Token (" + filepath.Base(strings.TrimPrefix(store, "pkcs11:")) + ")"
}

// tokenLabel is the label of a token seen at the last look, "" when none.
func (c *certificateStores) tokenLabel() string {
	for _, t := range c.directory.Last().Tokens {
		return t.Label
	}
	return ""
}

// addFile offers the PFX file at path, whose password opens it once to read
// the certificate.
func (c *certificateStores) addFile(ctx context.Context, path, password string) error {
	if _, err := os.Stat(path); err != nil {
		return sei.Wrap(err, sei.CodeNotFound, "O arquivo do certificado não foi encontrado.")
	}
	if _, err := c.files.Add(ctx, path, keys.NewSecretString(password)); err != nil {
		return fmt.Errorf("adding a certificate file: %w", err)
	}
	return nil
}

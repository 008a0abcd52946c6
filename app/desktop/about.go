package desktop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// About tells the version and the state of this workstation.
func (s *Session) About() (AboutView, error) {
	d := s.desk
	d.mu.RLock()
	central := ""
	if d.central != nil {
		central = d.central.URL
	}
	d.mu.RUnlock()
	checks := Doctor(d.ctx(), DoctorOptions{TLSRoots: d.opts.TLSRoots, Profile: d.opts.Profile, Central: central, Modules: d.opts.Modules, Window: d.native != nil})
	return AboutView{Version: d.opts.Version, Checks: checks}, nil
}

// DoctorOptions say what to look at.
type DoctorOptions struct {
	// TLSRoots is the file of authorities as in [Options].
	TLSRoots string
	Profile  string
	Central  string // address, or "" for none
	Modules  []string
	Window   bool // the check is made from inside a window
}

// Doctor looks at what the program needs of this workstation; every finding
// says what to do about it.
func Doctor(ctx context.Context, o DoctorOptions) []DoctorLine {
	lines := []DoctorLine{}
	lines = append(lines, checkWebview(o.Window)...)
	lines = append(lines, checkFolder(o.Profile), checkEncryption(o.Profile))
	lines = append(lines, checkModules(ctx, o.Modules)...)
	return append(lines, checkCentral(ctx, o.Central, o.TLSRoots))
}

func checkFolder(profile string) DoctorLine {
	line := DoctorLine{Name: "Pasta dos dados", Level: "ok", Detail: profile}
	f, err := os.CreateTemp(profile, ".doctor-*")
	if err == nil {
		_, err = f.WriteString("seirs")
		if closed := f.Close(); err == nil {
			err = closed
		}
		if removed := os.Remove(f.Name()); err == nil {
			err = removed
		}
	}
	if err != nil {
		line.Level, line.Detail = "problem", fmt.Sprintf("A pasta %s não aceita gravação: verifique a permissão e o espaço em disco.", profile)
	}
	return line
}

func checkModules(ctx context.Context, modules []string) []DoctorLine {
	found := pkcs11.Discover(modules)
	if len(found) == 0 {
		return []DoctorLine{{Name: "Token (PKCS#11)", Level: "warning", Detail: "Nenhum programa de token foi encontrado. Instale o do fabricante do seu token para assinar com ele."}}
	}
	lines := []DoctorLine{}
	for _, s := range pkcs11.Stores(found, pkcs11.Options{ProbeTimeout: 15 * time.Second}) {
		prober, ok := s.(keys.Prober)
		if !ok {
			continue
		}
		line := DoctorLine{Name: "Token (PKCS#11): " + filepath.Base(s.Name()), Level: "ok"}
		probe, err := prober.Probe(ctx)
		switch {
		case err != nil:
			line.Level, line.Detail = "problem", sei.MessageOf(err)
		case len(probe.Tokens) == 0:
			line.Detail = "Programa encontrado; nenhum token conectado."
		default:
			line.Detail = fmt.Sprintf("Token \"%s\" com %d certificado(s) para assinar.", probe.Tokens[0].Label, len(probe.Certificates))
		}
		lines = append(lines, line)
	}
	return lines
}

func checkCentral(ctx context.Context, address, rootsFile string) DoctorLine {
	line := DoctorLine{Name: "Central", Level: "ok"}
	if address == "" {
		line.Level, line.Detail = "warning", "Nenhuma central configurada ainda."
		return line
	}
	if whole, err := centralAddress(address); err == nil {
		address = whole
	}
	ctx, cancel := context.WithTimeout(ctx, infoTimeout)
	defer cancel()
	client, err := newClient(address, "", rootsFile)
	if err == nil {
		info, infoErr := client.Info(ctx)
		line.Detail, err = fmt.Sprintf("%s responde em %s (versão %s).", info.Name, address, info.Version), infoErr
	}
	if err != nil {
		line.Level, line.Detail = "problem", sei.MessageOf(err)
	}
	return line
}

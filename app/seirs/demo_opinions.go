package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// secondOpinion asks programs that share no code with this one about the signed
// files.
func (d *demo) secondOpinion() {
	root := filepath.Join(d.out, demoRootFile)
	must(os.WriteFile(root, trainingca.CertificatePEM(d.signer.root), 0o644), "writing the root")
	store := d.trustStore(root)
	claim(len(d.kept) > 0, "nothing was signed")
	for _, name := range d.kept {
		d.askPdfsig(store, name)
		d.askOpenSSL(root, name)
		d.repeat(root, name)
	}
}

// demoRootFile is the file beside the signed ones with which anybody can check them.
const demoRootFile = "raiz-de-treinamento.pem"

// repeat runs the very line that is shown, for a person to run again.
func (d *demo) repeat(root, name string) {
	args := []string{"verify", "--trust-roots", root, filepath.Join(d.out, name)}
	must(runTool(d.ctx, d.exe, args...), "verifying "+name+" as shown")
	line := shellWord(d.shownExe())
	for _, a := range args {
		line += " " + shellWord(a)
	}
	d.lines = append(d.lines, line)
}

// shownExe is this program as it can be called from here.
func (d *demo) shownExe() string {
	here, err := os.Getwd()
	if err != nil {
		return d.exe
	}
	if rel, err := filepath.Rel(here, d.exe); err == nil && filepath.IsLocal(rel) && strings.ContainsRune(rel, filepath.Separator) {
		return rel
	}
	return d.exe
}

// shellWord quotes what a shell would not take as it stands.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@%,=", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// trustStore makes an NSS store in which the training root is trusted.
func (d *demo) trustStore(root string) string {
	store := filepath.Join(d.work, "nss")
	must(os.Mkdir(store, 0o700), "making a trust store")
	must(runTool(d.ctx, "certutil", "-N", "-d", "sql:"+store, "--empty-password"), "making a trust store")
	must(runTool(d.ctx, "certutil", "-A", "-d", "sql:"+store, "-n", "root", "-t", "CT,C,C", "-a", "-i", root), "trusting the root")
	return store
}

func (d *demo) askPdfsig(store, name string) {
	out, err := toolOutput(d.ctx, "pdfsig", "-nssdir", "sql:"+store, filepath.Join(d.out, name))
	must(err, "asking pdfsig")
	for _, words := range []string{"Signature is Valid", "Certificate is Trusted", "Total document signed", "ETSI.CAdES.detached"} {
		claim(strings.Contains(out, words), "pdfsig does not say %q of %s:\n%s", words, name, out)
	}
	d.held("pdfsig: %s tem assinatura válida, certificado confiável, documento inteiro assinado", name)
}

func (d *demo) askOpenSSL(root, name string) {
	data := d.file(name)
	var content bytes.Buffer
	cms, err := pades.ExtractCMS(d.ctx, bytes.NewReader(data), int64(len(data)), 0, &content)
	must(err, "taking the signature out of "+name)
	sig, body := filepath.Join(d.work, name+".p7s"), filepath.Join(d.work, name+".content")
	must(os.WriteFile(sig, cms, 0o600), "writing the signature")
	must(os.WriteFile(body, content.Bytes(), 0o600), "writing the content")
	must(runTool(d.ctx, "openssl", "cms", "-verify", "-binary", "-cades", "-purpose", "any", "-inform", "DER",
		"-in", sig, "-content", body, "-CAfile", root, "-out", os.DevNull), "asking openssl")
	d.held("openssl cms -verify -cades: %s confere", name)
}

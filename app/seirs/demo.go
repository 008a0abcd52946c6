package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// demoLimit bounds the whole demonstration; each wait has a limit of its own.
const demoLimit = 3 * time.Minute

func newDemoCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Demonstra o caminho inteiro, do rascunho sem rede ao documento assinado em outro órgão",
		Long: `Executa, com processos de verdade neste computador, uma central e duas estações:
o rascunho sem rede, a assinatura com token, a fila, o recebimento em outro órgão,
a resposta e a conferência pública. A central é realmente parada no caminho.

Escreve uma linha por passo com o que foi conferido e deixa em --out os PDF
assinados e a raiz de treinamento, com as linhas que os conferem de novo. Termina com 0 só se tudo conferiu. Precisa de softhsm2-util, pkcs11-tool,
pdfsig, certutil e openssl.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), demoLimit)
			defer cancel()
			return runDemo(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr(), out)
		},
	}
	cmd.Flags().StringVar(&out, "out", filepath.Join("build", "demo"), "pasta em que ficam os PDF assinados")
	return cmd
}

// demo is the demonstration under way.
type demo struct {
	ctx    context.Context
	out    string // where the signed files stay
	work   string // everything else; removed at the end
	exe    string
	said   io.Writer
	crew   crew
	signer *demoSigner

	port    string
	central *program
	url     string
	ana     *station // SPGG/GAB, with a token
	health  *station // SES/GAB
	checks  []string // of the present step

	tale
}

// tale is what one step leaves to the next.
type tale struct {
	public     string // id of the process that goes to SES
	restricted string // id of the one whose sending is refused
	dispatch   string // token-signed minute of the public process
	scan       string // registered file of the public process
	notice     string // PFX-signed minute of the restricted process
	prepared   map[string]preparedFile
	answer     string   // Helena's despacho
	number     string   // of the public process
	kept       []string // names of the signed files
	lines      []string // commands that check them again
}

// preparedFile is what the signer was shown.
type preparedFile struct {
	sha   string
	bytes []byte
}

func runDemo(ctx context.Context, out, problems io.Writer, folder string) (err error) {
	d := &demo{ctx: ctx, out: folder, said: out, tale: tale{prepared: map[string]preparedFile{}}}
	if d.exe, err = os.Executable(); err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return sei.Wrap(err, sei.CodeUnavailable, "A pasta de saída não pode ser criada.")
	}
	if d.work, err = os.MkdirTemp("", "seirs-demo-"); err != nil {
		return fmt.Errorf("making the working folder: %w", err)
	}
	defer func() {
		d.crew.stopAll()
		if err != nil {
			d.crew.writeTails(problems)
		}
		err = errors.Join(err, os.RemoveAll(d.work))
	}()
	began := time.Now()
	for i, s := range d.steps() {
		if err := d.tell(i, s); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "Tudo conferiu, em %.0f s. Os PDF assinados estão em %s.\n", time.Since(began).Seconds(), folder)
	fmt.Fprintln(out, "Para conferi-los de novo (certificados de treinamento, sem valor legal):")
	for _, line := range d.lines {
		fmt.Fprintln(out, "  "+line)
	}
	return nil
}

// demoStep is one line of the output.
type demoStep struct {
	title string
	play  func()
}

func (d *demo) steps() []demoStep {
	return []demoStep{
		{"Preparo: central, token e estações", d.prepare},
		{"1. Entrar, e abrir de novo sem rede", d.stepLogin},
		{"2. Sem central: iniciar, escrever, registrar, assinar, enfileirar", d.stepOffline},
		{"3. A central volta e a fila anda sozinha", d.stepReturn},
		{"4. No outro órgão: receber, corrigir, assinar, devolver", d.stepHealth},
		{"5. Andamentos e quem está com o processo, na hora", d.stepHistory},
		{"6. Qualquer pessoa confere na página pública", d.stepPublic},
		{"Segunda opinião: pdfsig e openssl", d.secondOpinion},
	}
}

// broken is what stops a step. Steps read as what is shown, not as error
// handling: a claim that does not hold unwinds to tell, which names the step.
type broken struct{ error }

// tell plays a step and writes its line.
func (d *demo) tell(i int, s demoStep) (err error) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			b, ours := p.(broken)
			if !ours {
				panic(p)
			}
			err = sei.Wrap(b.error, "demo.failed", fmt.Sprintf("A demonstração falhou em “%s”: %v", s.title, b.error))
		}
	}()
	d.checks = nil
	s.play()
	fmt.Fprintf(d.said, "✓ %s (%.1f s)\n", s.title, time.Since(began).Seconds())
	for _, c := range d.checks {
		fmt.Fprintf(d.said, "    %s\n", c)
	}
	return nil
}

// held notes what was checked.
func (d *demo) held(format string, args ...any) {
	d.checks = append(d.checks, fmt.Sprintf(format, args...))
}

// claim ends the step unless what is shown is so.
func claim(so bool, format string, args ...any) {
	if !so {
		panic(broken{fmt.Errorf(format, args...)})
	}
}

// must ends the step on an error.
func must(err error, doing string) {
	if err != nil {
		panic(broken{fmt.Errorf("%s: %w", doing, err)})
	}
}

// prepare makes the token, the roots and the central, and lets both stations in.
func (d *demo) prepare() {
	var err error
	d.signer, err = newDemoSigner(d.work, demoChief)
	must(err, "making the token")
	d.port, err = freePort()
	must(err, "choosing a port")
	d.url = "http://127.0.0.1:" + d.port
	d.startCentral()
	d.ana = d.newStation("spgg", "--pkcs11-module", d.signer.token.Module)
	d.health = d.newStation("ses")
	d.ana.start()
	d.health.start()
}

// demoChief is the demonstration's user to whom the certificates are issued.
var demoChief = demoAccount{"SPGG", "ana.schneider"}

// demoAccount names an account of a demonstration central.
type demoAccount struct{ agency, login string }

var (
	demoAssessor = demoAccount{"SES", "igor.pacheco"}
	demoHealth   = demoAccount{"SES", "helena.moraes"}
)

func (d *demo) dataFolder() string { return filepath.Join(d.work, "central") }

// startCentral starts it on the same port and data as before.
func (d *demo) startCentral() {
	var err error
	d.central, err = d.crew.launch(d.ctx, launch{
		name: "central", ready: "central: ", log: filepath.Join(d.work, "central.log"), exe: d.exe,
		args: []string{
			"central", "--demo", "--data", d.dataFolder(), "--listen", "127.0.0.1:" + d.port, "--trust-roots", d.signer.roots,
			"--name", "Central de demonstração",
		},
	})
	must(err, "starting the central")
	claim(d.central.address == d.url, "the central answers at %s, not at %s", d.central.address, d.url)
}

// operate runs an administrative command on the central's folder.
func (d *demo) operate(args ...string) {
	must(runTool(d.ctx, d.exe, append([]string{"central"}, append(args, "--data", d.dataFolder())...)...), "operating the central")
}

// login is an account with the demonstration's public password.
func (d *demo) login(s *station, a demoAccount) desktop.SessionView {
	var v desktop.SessionView
	s.must(s.call("Session/Login", &v, desktop.LoginForm{Central: d.url, Agency: a.agency, Login: a.login, Password: central.DemoPassword}))
	return v
}

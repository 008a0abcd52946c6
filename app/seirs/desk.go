package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/frontend"
)

// deskFlags are the settings of a workstation without a window of its own.
type deskFlags struct {
	listen  string
	profile string
	central string
	// tlsRoots is a PEM file.
	tlsRoots string
	modules  []string
	verbose  bool
	// noRevocation forbids asking authorities about certificates.
	noRevocation bool
}

func newDeskCommand() *cobra.Command {
	var f deskFlags
	cmd := &cobra.Command{
		Use:   "desk",
		Short: "Executa a estação de trabalho e mostra a janela no navegador deste computador",
		Long: `Executa a estação de trabalho sem janela própria, para computadores sem tela.
Quando está pronta, escreve uma única linha na saída padrão:

  desk: http://127.0.0.1:PORTA/?ticket=…

O endereço vale uma única vez e só neste computador.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDesk(cmd, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "endereço de escuta, só neste computador; porta 0 escolhe uma livre")
	flags.StringVar(&f.profile, "profile", desktop.DefaultProfile(), "pasta dos dados da estação")
	flags.StringVar(&f.central, "central", desktop.DefaultCentral(), "endereço da central")
	flags.StringVar(&f.tlsRoots, "tls-roots", desktop.DefaultTLSRoots(), "autoridades (PEM) confiáveis para a conexão, além das do sistema")
	flags.BoolVar(&f.noRevocation, "no-revocation", desktop.DefaultNoRevocation(), "não consulta as autoridades sobre a revogação de certificados")
	flags.StringArrayVar(&f.modules, "pkcs11-module", nil, "programa (PKCS#11) de token; pode repetir")
	flags.BoolVar(&f.verbose, "verbose", false, "registra mais detalhes")
	return cmd
}

func runDesk(cmd *cobra.Command, f deskFlags) error {
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelDebug
	}
	dist, err := frontend.Dist()
	if err != nil {
		return fmt.Errorf("reading the window's files: %w", err)
	}
	desk, err := desktop.New(desktop.Options{
		Profile: f.profile, Central: f.central, TLSRoots: f.tlsRoots, NoRevocation: f.noRevocation, Modules: f.modules, Version: version,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})), Keyring: desktop.SystemKeyring{},
	})
	if err != nil {
		return err
	}
	return errors.Join(serveDesk(cmd.Context(), cmd, desk, dist, f.listen), desk.Close())
}

func serveDesk(ctx context.Context, cmd *cobra.Command, desk *desktop.Desk, dist fs.FS, listen string) error {
	loopback, err := desktop.ListenLoopback(desk, dist, listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), "desk: "+loopback.URL())
	return loopback.Serve(ctx)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// centralFlags are the settings that every command on a central's folder has.
type centralFlags struct {
	data     string
	name     string
	training bool
	verbose  bool
	// trustRoots names a PEM file with the roots of a training central.
	trustRoots string
	// govbrRoots names a PEM file with the roots of gov.br's advanced signature.
	govbrRoots string
	proof      proofFlags
	// announceTSA tells the desks to use the same timestamp authority.
	announceTSA bool
}

// serveFlags are those of the running service alone.
type serveFlags struct {
	centralFlags
	listen      string
	publicURL   string
	demo        bool
	samples     bool
	tlsCert     string
	tlsKey      string
	behindProxy bool
	maxFileMB   int64
}

func newCentralCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "central",
		Short: "Executa a central: aceita, numera e data os atos e responde à página pública",
		Long: `Executa a central. Quando está pronta, escreve uma única linha na saída padrão:

  central: http://127.0.0.1:PORTA

Uma pasta de dados tem uma só central em serviço; uma segunda é recusada.
Fora da própria máquina ela só atende com TLS (--tls-cert e --tls-key) ou atrás
de um proxy declarado (--behind-proxy).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCentral(cmd, f) },
	}
	addCentralFlags(cmd, &f.centralFlags)
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8443", "endereço e porta de escuta; porta 0 escolhe uma livre")
	flags.StringVar(&f.publicURL, "public-url", "", "endereço público, como impresso nos documentos (padrão: o de escuta)")
	flags.BoolVar(&f.demo, "demo", false, "central de demonstração: órgãos, unidades e usuários fictícios, sem valor legal")
	flags.BoolVar(&f.samples, "samples", true, "com --demo: processos de exemplo em uma central vazia")
	flags.StringVar(&f.tlsCert, "tls-cert", "", "certificado TLS (PEM)")
	flags.StringVar(&f.tlsKey, "tls-key", "", "chave do certificado TLS (PEM)")
	flags.BoolVar(&f.behindProxy, "behind-proxy", false, "um proxy à frente faz o TLS e informa X-Forwarded-For")
	flags.Int64Var(&f.maxFileMB, "max-file-mb", central.DefaultMaxFileBytes>>20, "maior arquivo aceito, em MB")
	flags.StringVar(&f.govbrRoots, "govbr-roots", "", "raízes da assinatura avançada gov.br (PEM)")
	f.proof.add(flags)
	flags.BoolVar(&f.announceTSA, "announce-tsa", false, "as estações pedem o carimbo do tempo a essa mesma autoridade (--tsa) ao assinar")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	cmd.AddCommand(newCentralInitCommand(), newCentralUserCommand(), newCentralUnitCommand(),
		newCentralBackupCommand(), newCentralRestoreCommand(), newCentralCheckCommand(), newCentralRecoverCommand(), newCentralTrailCommand(), newCentralRotateKeyCommand())
	return cmd
}

func addCentralFlags(cmd *cobra.Command, f *centralFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "central-data", "pasta dos dados")
	flags.StringVar(&f.name, "name", "", "nome mostrado aos servidores (fica gravado)")
	flags.BoolVar(&f.training, "training", false, "ambiente de treinamento, sem valor legal (fica gravado)")
	flags.StringVar(&f.trustRoots, "trust-roots", "", "raízes de treinamento (PEM), aceitas além da ICP-Brasil; só com --training ou --demo")
	flags.BoolVar(&f.verbose, "verbose", false, "registra cada pedido")
}

// openCentral composes a central on its folder.
func openCentral(ctx context.Context, f centralFlags, more func(*central.Config)) (*central.Service, error) {
	level := slog.LevelInfo
	if f.verbose {
		level = slog.LevelDebug
	}
	cfg := central.Config{
		Folder: f.data, MaxFileBytes: central.DefaultMaxFileBytes, Name: f.name, Training: f.training, Version: version, Copier: readingCopier{},
		Inspector: evidence.Content{}, Seals: evidence.Seals{},
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	}
	if more != nil {
		more(&cfg)
	}
	files, err := openFiles(filepath.Join(f.data, "blobs"), filepath.Join(f.data, "uploads"), cfg.MaxFileBytes)
	if err != nil {
		return nil, fmt.Errorf("opening the files of the central: %w", err)
	}
	cfg.Files, cfg.Discard = files, files.discard
	if cfg.TrustRoots, err = readTrustRoots(f.trustRoots, cfg.Training || cfg.Demo); err != nil {
		return nil, err
	}
	if cfg.Demo && cfg.TrustRoots == "" {
		if cfg.TrustRoots, err = demoTrust(f.data); err != nil {
			return nil, err
		}
	}
	if cfg.TrustRoots, err = withGovBR(cfg.TrustRoots, f.govbrRoots); err != nil {
		return nil, err
	}
	judge, err := evidence.New(cfg.TrustRoots)
	if err != nil {
		return nil, err
	}
	if judge, err = f.proof.informed(judge, filepath.Join(f.data, "revocation")); err != nil {
		return nil, err
	}
	cfg.Judge = judge
	if f.announceTSA {
		if err := checkTSA(f.proof.tsa); err != nil {
			return nil, err
		}
		cfg.TimestampURL, cfg.TimestampPolicy = f.proof.tsa, f.proof.tsaPolicy
	}
	if cfg.Raiser, err = f.proof.centralRaiser(judge); err != nil {
		return nil, err
	}
	return central.Open(ctx, cfg)
}

// readTrustRoots reads the roots of a training central. An official one trusts
// ICP-Brasil alone: a training key must not sign with legal value.
func readTrustRoots(path string, training bool) (string, error) {
	if path == "" {
		return "", nil
	}
	if !training {
		return "", sei.Errorf(sei.CodeInvalid, "Raízes de treinamento só valem em uma central de treinamento. Use --training ou --demo.")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the trust roots: %w", err)
	}
	return string(data), nil
}

func runCentral(cmd *cobra.Command, f serveFlags) error {
	if err := checkListener(f); err != nil {
		return err
	}
	ctx := cmd.Context()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return sei.Wrap(err, sei.CodeUnavailable, fmt.Sprintf("Não foi possível escutar em %s: %v.", f.listen, err))
	}
	defer func() { _ = l.Close() }() // closed by Serve already
	address := addressOf(l, f)
	held, err := central.Hold(f.data)
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }() // the end of the process frees it as well
	s, err := openCentral(ctx, f.centralFlags, func(c *central.Config) {
		c.Demo, c.TrustForwarded, c.MaxFileBytes = f.demo, f.behindProxy, f.maxFileMB<<20
		c.PublicURL = strings.TrimSuffix(f.publicURL, "/")
		if c.PublicURL == "" {
			c.PublicURL = address
		}
	})
	if err != nil {
		return err
	}
	if f.demo && f.samples {
		if err := tellSamples(ctx, s); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	// The listener takes connections already; they are answered once Serve runs.
	fmt.Fprintln(cmd.OutOrStdout(), "central: "+address)
	err = s.Serve(ctx, l, f.tlsCert, f.tlsKey)
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	return err
}

func addressOf(l net.Listener, f serveFlags) string {
	scheme := "http"
	if f.tlsCert != "" {
		scheme = "https"
	}
	return scheme + "://" + l.Addr().String()
}

// checkListener refuses to send passwords in clear over a network.
func checkListener(f serveFlags) error {
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return sei.Wrap(err, sei.CodeInvalid, "O endereço de escuta deve ter a forma endereço:porta, como 127.0.0.1:8443.")
	}
	if f.tlsCert != "" || f.behindProxy || host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return nil
	}
	return sei.Errorf(sei.CodeInvalid, "Para escutar fora da própria máquina informe --tls-cert e --tls-key, ou --behind-proxy se um proxy faz o TLS.")
}

package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
)

func newDoctorCommand() *cobra.Command {
	var o desktop.DoctorOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Confere o que a estação de trabalho precisa e diz o que fazer",
		Long: `Confere a tela, a pasta dos dados, a cifra do disco, os programas de token e a
central. Termina com 0 se não há problema e com 1 se há; avisos não contam.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return tellHealth(cmd.OutOrStdout(), desktop.Doctor(cmd.Context(), o), asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Profile, "profile", desktop.DefaultProfile(), "pasta dos dados da estação")
	flags.StringVar(&o.Central, "central", desktop.DefaultCentral(), "endereço da central")
	flags.StringVar(&o.TLSRoots, "tls-roots", desktop.DefaultTLSRoots(), "autoridades (PEM) confiáveis para a conexão, além das do sistema")
	flags.StringArrayVar(&o.Modules, "pkcs11-module", nil, "programa (PKCS#11) de token; pode repetir")
	flags.BoolVar(&asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

func tellHealth(w io.Writer, lines []desktop.DoctorLine, asJSON bool) error {
	healthy := true
	for _, l := range lines {
		healthy = healthy && l.Level != "problem"
	}
	var err error
	if asJSON {
		err = writeJSON(w, map[string]any{"healthy": healthy, "checks": lines})
	} else {
		err = tellChecks(w, lines)
	}
	if err == nil && !healthy {
		return exitStatus(1)
	}
	return err
}

func tellChecks(w io.Writer, lines []desktop.DoctorLine) error {
	words := map[string]string{"ok": "ok", "warning": "aviso", "problem": "problema"}
	for _, l := range lines {
		if _, err := fmt.Fprintf(w, "%-9s %s: %s\n", words[l.Level], l.Name, l.Detail); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

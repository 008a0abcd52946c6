package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
)

func newCentralRotateKeyCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "rotate-key",
		Short: "Troca a chave com que a central assina os recibos",
		Long: `Faz uma chave nova, assinada pela anterior: as estações passam para ela sozinhas na
próxima conexão, mesmo depois de várias trocas, e os recibos antigos continuam
valendo. A central não pode estar em serviço.

Faça uma cópia de segurança antes de pôr a central em serviço: uma central
restaurada de uma cópia anterior à troca não conhece a chave nova.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			k, err := central.RotateReceiptKey(cmd.Context(), data, rand.Reader, time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "chave nova dos recibos: %s (assinada por %s)\n", base64.StdEncoding.EncodeToString(k.Public), k.Rotation.Key)
			fmt.Fprintln(cmd.OutOrStdout(), "Faça agora uma cópia de segurança, antes de pôr a central em serviço.")
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "data", "central-data", "pasta dos dados da central")
	return cmd
}

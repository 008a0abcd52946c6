package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
)

func newCentralRecoverCommand() *cobra.Command {
	var f centralFlags
	var finish, asJSON bool
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Mostra, e com --finish encerra, a recuperação de uma central restaurada",
		Long: `Uma central restaurada começa em recuperação: as estações devolvem os atos que ela
aceitou depois da cópia, com os mesmos números, horas e lugares, e nada novo é
registrado. Este comando diz o que voltou, o que falta e quais estações ainda não
se apresentaram. Com --finish a recuperação termina: o que chegar depois fica
guardado como prova e não entra nos processos, e os próximos números começam
depois dos que a central perdida pode ter dado. Faça em seguida uma cópia de
segurança. Pode ser usado com a central em serviço.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := central.ReceiptPublicKey(f.data); err != nil {
				return err // before a central is made in a folder that has none
			}
			return onCentral(cmd, f, func(s *central.Service) error {
				report := s.Recovery
				if finish {
					report = s.FinishRecovery
				}
				r, err := report(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
				}
				tellRecovery(cmd.OutOrStdout(), r)
				return nil
			})
		},
	}
	addCentralFlags(cmd, &f)
	cmd.Flags().BoolVar(&finish, "finish", false, "encerra a recuperação")
	cmd.Flags().BoolVar(&asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

func tellRecovery(w io.Writer, r central.RecoveryReport) {
	const moment = "02/01/2006 15:04:05 MST"
	fmt.Fprintf(w, "central restaurada em %s da cópia de %s\n", r.Since.Format(moment), r.Backup.Format(moment))
	if r.Open {
		fmt.Fprintln(w, "recuperação em andamento: nada novo é registrado até ela terminar (--finish)")
	} else {
		fmt.Fprintf(w, "recuperação encerrada em %s\n", r.Finished.Format(moment))
	}
	fmt.Fprintf(w, "atos que voltaram: %d\n", r.Restored)
	if r.LostPlaces > 0 {
		fmt.Fprintf(w, "posições do registro que ninguém devolveu: %d, a partir da %d\n", r.LostPlaces, r.FirstLost)
	}
	for _, a := range r.Waiting {
		fmt.Fprintf(w, "espera outro ato: %s, processo %s: %s\n", a.Command, a.Process, a.Why)
	}
	for _, a := range r.Kept {
		fmt.Fprintf(w, "guardado como prova: %s, processo %s: %s\n", a.Command, a.Process, a.Why)
	}
	for _, m := range r.MissingFiles {
		fmt.Fprintf(w, "falta o arquivo %s (%d bytes), do ato %s\n", m.SHA256, m.Size, m.Command)
	}
	for _, d := range r.Desks {
		fmt.Fprintf(w, "ainda não se apresentou: %s, de %s (%s)\n", d.Name, d.Login, d.Device)
	}
	if !r.Open {
		fmt.Fprintln(w, "Faça agora uma cópia de segurança: seirs central backup.")
	}
}

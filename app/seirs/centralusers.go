package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func newCentralInitCommand() *cobra.Command {
	var f centralFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Cria a pasta de dados, o banco e as chaves da central",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onCentral(cmd, f, func(s *central.Service) error {
				fmt.Fprintf(cmd.OutOrStdout(), "central %s pronta em %s\n", s.ID(), f.data)
				return nil
			})
		},
	}
	addCentralFlags(cmd, &f)
	return cmd
}

// onCentral opens the folder's central for one administrative act. It works
// beside a running one: the database orders the writers.
func onCentral(cmd *cobra.Command, f centralFlags, act func(*central.Service) error) error {
	s, err := openCentral(cmd.Context(), f, nil)
	if err != nil {
		return err
	}
	err = act(s)
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	return err
}

func newCentralUserCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Administra os usuários da central"}
	cmd.AddCommand(
		newUserAddCommand(), newUserResetCommand(), newUserGrantCommand(),
		newUserSwitchCommand("disable", "Bloqueia um usuário e encerra as suas sessões", true),
		newUserSwitchCommand("enable", "Desbloqueia um usuário", false),
	)
	return cmd
}

// accountFlags name a user.
type accountFlags struct {
	centralFlags
	agency, login string
	passwordStdin bool
}

func addAccountFlags(cmd *cobra.Command, f *accountFlags) {
	addCentralFlags(cmd, &f.centralFlags)
	cmd.Flags().StringVar(&f.agency, "agency", "", "sigla do órgão do usuário")
	cmd.Flags().StringVar(&f.login, "login", "", "nome de usuário")
	for _, name := range []string{"agency", "login"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag was declared two lines above
		}
	}
}

func newUserAddCommand() *cobra.Command {
	var f accountFlags
	var name, cpf, unit string
	var profiles []string
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Cria um usuário; sem --password-stdin a senha é gerada e escrita na saída",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, generated, err := choosePassword(cmd, f.passwordStdin)
			if err != nil {
				return err
			}
			return onCentral(cmd, f.centralFlags, func(s *central.Service) error {
				_, err := s.AddUser(cmd.Context(), central.NewUser{
					Agency: f.agency, Login: f.login, Name: name, CPF: cpf, Password: password, MustChange: generated,
				})
				if err != nil {
					return err
				}
				// The user exists now: a place that is refused must not hide the password.
				if err := announcePassword(cmd, f, password, generated); err != nil || unit == "" {
					return err
				}
				return s.Grant(cmd.Context(), f.agency, f.login, f.agency, unit, asProfiles(profiles), time.Time{})
			})
		},
	}
	addAccountFlags(cmd, &f)
	flags := cmd.Flags()
	flags.StringVar(&name, "full-name", "", "nome completo, como nas assinaturas")
	flags.StringVar(&cpf, "cpf", "", "CPF, 11 algarismos")
	flags.StringVar(&unit, "unit", "", "sigla da unidade em que trabalha")
	flags.StringSliceVar(&profiles, "profile", []string{string(sei.ProfileBasic)}, "perfis na unidade")
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "lê a senha da entrada padrão")
	return cmd
}

func newUserResetCommand() *cobra.Command {
	var f accountFlags
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Dá uma nova senha ao usuário, a ser trocada no próximo acesso",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, generated, err := choosePassword(cmd, f.passwordStdin)
			if err != nil {
				return err
			}
			return onCentral(cmd, f.centralFlags, func(s *central.Service) error {
				if err := s.ResetPassword(cmd.Context(), f.agency, f.login, password); err != nil {
					return err
				}
				return announcePassword(cmd, f, password, generated)
			})
		},
	}
	addAccountFlags(cmd, &f)
	cmd.Flags().BoolVar(&f.passwordStdin, "password-stdin", false, "lê a senha da entrada padrão")
	return cmd
}

func newUserSwitchCommand(use, short string, disabled bool) *cobra.Command {
	var f accountFlags
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onCentral(cmd, f.centralFlags, func(s *central.Service) error {
				return s.SetDisabled(cmd.Context(), f.agency, f.login, disabled)
			})
		},
	}
	addAccountFlags(cmd, &f)
	return cmd
}

func newUserGrantCommand() *cobra.Command {
	var f accountFlags
	var unitAgency, unit, until string
	var profiles []string
	cmd := &cobra.Command{
		Use:   "grant",
		Short: "Define os perfis do usuário em uma unidade; sem --profile, retira-o dela",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			end, err := readDay(until)
			if err != nil {
				return err
			}
			if unitAgency == "" {
				unitAgency = f.agency
			}
			return onCentral(cmd, f.centralFlags, func(s *central.Service) error {
				return s.Grant(cmd.Context(), f.agency, f.login, unitAgency, unit, asProfiles(profiles), end)
			})
		},
	}
	addAccountFlags(cmd, &f)
	flags := cmd.Flags()
	flags.StringVar(&unit, "unit", "", "sigla da unidade")
	flags.StringVar(&unitAgency, "unit-agency", "", "órgão da unidade, se outro")
	flags.StringSliceVar(&profiles, "profile", nil, "perfis na unidade")
	flags.StringVar(&until, "until", "", "último dia, AAAA-MM-DD (padrão: sem fim)")
	return cmd
}

func newCentralUnitCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "unit", Short: "Administra as unidades da central"}
	var f centralFlags
	var n central.NewUnit
	add := &cobra.Command{
		Use:   "add",
		Short: "Cria uma unidade em um órgão",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onCentral(cmd, f, func(s *central.Service) error {
				id, err := s.AddUnit(cmd.Context(), n)
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), id)
				}
				return err
			})
		},
	}
	addCentralFlags(add, &f)
	flags := add.Flags()
	flags.StringVar(&n.Agency, "agency", "", "sigla do órgão")
	flags.StringVar(&n.Acronym, "acronym", "", "sigla da unidade")
	flags.StringVar(&n.Name, "full-name", "", "nome da unidade")
	flags.StringVar(&n.City, "city", "", "cidade")
	flags.IntVar(&n.Code, "code", 0, "código nos números de processo (padrão: o próximo livre)")
	flags.BoolVar(&n.Protocol, "protocol", false, "é unidade de protocolo")
	cmd.AddCommand(add, newUnitExtinguishCommand())
	return cmd
}

func newUnitExtinguishCommand() *cobra.Command {
	var f centralFlags
	var agency, acronym string
	cmd := &cobra.Command{
		Use:   "extinguish",
		Short: "Extingue uma unidade sem processos abertos; o histórico continua a nomeá-la",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onCentral(cmd, f, func(s *central.Service) error {
				return s.ExtinguishUnit(cmd.Context(), agency, acronym)
			})
		},
	}
	addCentralFlags(cmd, &f)
	cmd.Flags().StringVar(&agency, "agency", "", "sigla do órgão")
	cmd.Flags().StringVar(&acronym, "acronym", "", "sigla da unidade")
	return cmd
}

func asProfiles(names []string) []sei.Profile {
	profiles := make([]sei.Profile, len(names))
	for i, n := range names {
		profiles[i] = sei.Profile(n)
	}
	return profiles
}

func readDay(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return day, sei.Wrap(err, sei.CodeInvalid, "A data deve ter a forma AAAA-MM-DD.")
	}
	return day.AddDate(0, 0, 1), nil // the last day counts
}

const maxPasswordLine = 1024

// choosePassword reads the password from standard input, or makes one up.
func choosePassword(cmd *cobra.Command, fromStdin bool) (password string, generated bool, err error) {
	if !fromStdin {
		return rand.Text()[:16], true, nil
	}
	line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), maxPasswordLine)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", false, fmt.Errorf("reading the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), false, nil
}

func announcePassword(cmd *cobra.Command, f accountFlags, password string, generated bool) error {
	if !generated {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "usuário %s do órgão %s gravado\n", f.login, f.agency)
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "usuário %s do órgão %s gravado; senha provisória: %s\n", f.login, f.agency, password)
	return err
}

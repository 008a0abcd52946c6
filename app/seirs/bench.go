package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const maxRuns = 100

type benchFlags struct {
	runs    int
	central string
	desktop string
	asJSON  bool
}

func newBenchCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "bench", Short: "Mede o programa neste computador"}
	cmd.AddCommand(newBenchStartCommand(), newBenchSyncCommand(), newBenchSignCommand(), newBenchPDFCommand())
	return cmd
}

func newBenchStartCommand() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Mede do início do programa até a janela utilizável, a frio e a quente",
		Long: `Inicia a estação várias vezes, cada uma com uma pasta de dados nova, e mede do
início do programa até
  endereço    a estação atende
  página      index.html e o seu JavaScript foram lidos
  estado      a primeira resposta de Session/State: a janela sabe o que mostrar
  janela      o programa com janela própria mostrou-a na tela (se ele, o xdotool e
              uma tela, ou o Xvfb, existem)
  utilizável  a primeira tela aceitou o que foi digitado nela

A frio é a primeira vez, com o programa fora da memória do sistema (no Linux);
a quente é a mediana das seguintes. As bibliotecas do sistema podem estar na
memória também na primeira vez.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return benchStart(cmd, f) },
	}
	flags := cmd.Flags()
	flags.IntVar(&f.runs, "runs", 5, "quantas vezes a quente")
	flags.StringVar(&f.central, "central", "", "endereço da central (padrão: nenhuma)")
	flags.StringVar(&f.desktop, "desktop", besideThis("sei-rs-desktop"), "programa com janela própria; vazio para não medi-lo")
	flags.BoolVar(&f.asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

// besideThis is a program in the folder of this one, or "".
func besideThis(name string) string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(filepath.Dir(exe), name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// startTimes are the moments of one start, from the program's beginning.
type startTimes map[string]time.Duration

// The moments, in the order in which they come.
const (
	momentAddress = "address"
	momentPage    = "page"
	momentState   = "state"
	momentWindow  = "window"
	momentUsable  = "usable"
)

var moments = []struct{ moment, name string }{
	{momentAddress, "endereço"}, {momentPage, "página"}, {momentState, "estado"}, {momentWindow, "janela"},
	{momentUsable, "utilizável"},
}

// startReport is what a series of starts came to, in milliseconds.
type startReport struct {
	Cold    map[string]float64 `json:"coldMs"`
	Warm    map[string]float64 `json:"warmMs"` // medians
	Runs    int                `json:"runs"`
	Evicted bool               `json:"evicted"` // the first start read the programs from the disk
	System  string             `json:"system"`
	CPUs    int                `json:"cpus"`
	Notes   []string           `json:"notes,omitempty"`
}

func benchStart(cmd *cobra.Command, f benchFlags) (err error) {
	if f.runs < 1 || f.runs > maxRuns {
		return sei.Errorf(sei.CodeInvalid, "Meça de 1 a %d vezes.", maxRuns)
	}
	work, err := os.MkdirTemp("", "seirs-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	r := startReport{Runs: f.runs, System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(), Evicted: true}
	var all []startTimes
	desk, err := r.takeDesk(work)
	if err != nil {
		return err
	}
	if all, err = repeat(cmd.Context(), f.runs+1, work, func(ctx context.Context, profile string) (startTimes, error) {
		return timeDesk(ctx, desk, profile, f.central)
	}); err != nil {
		return err
	}
	r.Cold, r.Warm = summary(all)
	if err := r.window(cmd.Context(), work, f); err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(cmd.OutOrStdout(), r)
	}
	return r.print(cmd.OutOrStdout())
}

func (r *startReport) takeDesk(work string) (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program: %w", err)
	}
	return r.take(exe, work)
}

// take copies a program, so that not even its running self keeps it in memory,
// and puts the copy out of the system's memory.
func (r *startReport) take(program, work string) (string, error) {
	copied := filepath.Join(work, filepath.Base(program))
	in, err := os.Open(program)
	if err != nil {
		return "", fmt.Errorf("copying %s: %w", program, err)
	}
	defer func() { _ = in.Close() }()                                         // only read
	out, err := os.OpenFile(copied, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700) //nolint:gosec // a program to be run
	if err != nil {
		return "", fmt.Errorf("copying %s: %w", program, err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return "", fmt.Errorf("copying %s: %w", program, err)
	}
	if !evict(copied) {
		r.Evicted = false
	}
	return copied, nil
}

// repeat starts n times, each with a new profile.
func repeat(ctx context.Context, n int, work string, start func(context.Context, string) (startTimes, error)) ([]startTimes, error) {
	var all []startTimes
	for range n {
		profile, err := os.MkdirTemp(work, "profile-")
		if err != nil {
			return nil, fmt.Errorf("making a profile: %w", err)
		}
		t, err := start(ctx, profile)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// summary is the first start and the medians of the others.
func summary(all []startTimes) (cold, warm map[string]float64) {
	cold, warm = map[string]float64{}, map[string]float64{}
	for moment, first := range all[0] {
		cold[moment] = milliseconds(first)
		var rest []time.Duration
		for _, t := range all[1:] {
			rest = append(rest, t[moment])
		}
		slices.Sort(rest)
		warm[moment] = milliseconds((rest[(len(rest)-1)/2] + rest[len(rest)/2]) / 2)
	}
	return cold, warm
}

func milliseconds(d time.Duration) float64 { return float64(d.Round(100*time.Microsecond)) / 1e6 }

// window adds the program with a window of its own, where it can be shown.
func (r *startReport) window(ctx context.Context, work string, f benchFlags) error {
	if f.desktop == "" {
		r.Notes = append(r.Notes, "O programa com janela própria não foi encontrado; indique-o com --desktop.")
		return nil
	}
	display, stop, err := findDisplay(ctx)
	if err != nil {
		r.Notes = append(r.Notes, sei.MessageOf(err))
		return nil
	}
	defer stop()
	program, err := r.take(f.desktop, work)
	if err != nil {
		return err
	}
	all, err := repeat(ctx, f.runs+1, work, func(ctx context.Context, profile string) (startTimes, error) {
		return timeWindow(ctx, program, profile, f.central, display)
	})
	if err != nil {
		return err
	}
	cold, warm := summary(all)
	maps.Copy(r.Cold, cold)
	maps.Copy(r.Warm, warm)
	return nil
}

func (r *startReport) print(w io.Writer) error {
	text := fmt.Sprintf("%-10s %12s %12s\n", "até", "a frio (ms)", "a quente (ms)")
	for _, m := range moments {
		if cold, measured := r.Cold[m.moment]; measured {
			text += fmt.Sprintf("%-10s %12.1f %12.1f\n", m.name, cold, r.Warm[m.moment])
		}
	}
	text += fmt.Sprintf("%s, %d processadores, mediana de %d\n", r.System, r.CPUs, r.Runs)
	if !r.Evicted {
		text += "A primeira vez pode ter achado o programa na memória do sistema.\n"
	}
	for _, note := range r.Notes {
		text += note + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

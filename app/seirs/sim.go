package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/app/sim"
)

// simFlags choose the runs of the simulator.
type simFlags struct {
	seeds  int
	from   uint64
	trace  bool
	shrink bool
	counts bool
}

func newSimCommand() *cobra.Command {
	var f simFlags
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Simula estações e central, com rede, relógio e disco que falham, e confere onze invariantes",
		Long: `Executa estações e uma central de verdade sobre uma rede, um relógio e um disco
simulados, uma vez por semente, e confere as onze invariantes do projeto depois
de cada passo. Para na primeira semente em que uma delas não vale: escreve a
semente, a versão, o que aconteceu e o menor roteiro que ainda falha.

Termina com 0 quando todas valeram e com 1 quando não.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSim(cmd.Context(), cmd.OutOrStdout(), f) },
	}
	flags := cmd.Flags()
	flags.IntVar(&f.seeds, "seeds", 200, "quantas sementes")
	flags.Uint64Var(&f.from, "from", 1, "a primeira")
	flags.BoolVar(&f.trace, "trace", false, "escreve o que acontece em cada semente, também quando tudo vale")
	flags.BoolVar(&f.shrink, "shrink", true, "procura o menor roteiro que ainda falha")
	flags.BoolVar(&f.counts, "counts", false, "escreve no fim quantas vezes aconteceu o quê")
	return cmd
}

func runSim(ctx context.Context, out io.Writer, f simFlags) (err error) {
	defer func() {
		if removed := sim.RemoveTemplate(); err == nil {
			err = removed
		}
	}()
	began := time.Now()
	counts := map[string]int{}
	for seed := f.from; seed < f.from+uint64(f.seeds); seed++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		schedule := sim.Generate(seed)
		result, err := sim.Run(schedule)
		if err != nil {
			tellTrace(out, result)
			return fmt.Errorf("seed %d: the simulator failed: %w", seed, err)
		}
		for what, n := range result.Reached {
			counts[what] += n
		}
		if f.trace {
			fmt.Fprintf(out, "semente %d\n", seed)
			tellTrace(out, result)
		}
		if result.Violation != nil {
			return tellViolation(out, schedule, result, f.shrink)
		}
	}
	if f.counts {
		for _, what := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(out, "%7d  %s\n", counts[what], what)
		}
	}
	fmt.Fprintf(out, "%d sementes a partir de %d: as onze invariantes valeram (%d s)\n", f.seeds, f.from, int(time.Since(began).Seconds()))
	return nil
}

func tellTrace(out io.Writer, r sim.Result) {
	for _, line := range r.Trace {
		fmt.Fprintln(out, line)
	}
}

func tellViolation(out io.Writer, s sim.Schedule, r sim.Result, shrink bool) error {
	fmt.Fprintf(out, "semente %d, versão %s\n%v\n\n", s.Seed, version, r.Violation)
	tellTrace(out, r)
	if shrink {
		s, r = sim.Shrink(s, r)
		fmt.Fprintf(out, "\no menor roteiro que ainda falha tem %d ações: %v\n\n", len(s.Actions), r.Violation)
		tellTrace(out, r)
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nroteiro: %s\n", data)
	return exitStatus(1)
}

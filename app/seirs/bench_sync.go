package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Limits of the bench, which are those of one machine's patience.
const (
	maxBenchProcesses = 100_000
	maxBenchDocuments = 1_000_000
	maxBenchQueued    = 5_000
)

type benchSyncFlags struct {
	processes, documents, queued int
	mbit                         int
	pouch                        string
	asJSON                       bool
}

func newBenchSyncCommand() *cobra.Command {
	var f benchSyncFlags
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Mede a primeira sincronização, uma novidade e o envio da fila, com central e estação de verdade",
		Long: `Enche uma central com processos e documentos, por comandos aceitos de verdade, e
mede nesta máquina, na mesma execução,
  a primeira sincronização de uma estação nova de uma unidade que recebeu tudo;
  o download comum, por HTTP, dos mesmos bytes na mesma linha: o JSON das respostas
  (ratio_download) e as respostas comprimidas (ratio_download_compressed);
  o PouchDB replicando os mesmos registros (npm ci em build/bench);
  uma novidade entre todos os documentos, do aceite até a estação mostrá-la;
  o envio de uma fila feita sem conexão.
A linha entre central e estação é limitada a --mbit.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return benchSync(cmd, f) },
	}
	flags := cmd.Flags()
	flags.IntVar(&f.processes, "processes", 10_000, "processos da unidade")
	flags.IntVar(&f.documents, "documents", 100_000, "documentos, repartidos pelos processos")
	flags.IntVar(&f.queued, "queued", 1_000, "comandos feitos sem conexão")
	flags.IntVar(&f.mbit, "mbit", 100, "linha entre central e estação, em Mbit/s; 0 não limita")
	flags.StringVar(&f.pouch, "pouch", "build/bench", "pasta com pouch.mjs e node_modules; vazio para não medir o PouchDB")
	flags.BoolVar(&f.asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

// syncReport is what a run came to.
type syncReport struct {
	Processes int `json:"processes"`
	Documents int `json:"documents"`
	LineMbit  int `json:"line_mbit"` // 0 is loopback as it is
	// FirstSyncS is from the login, with the key derived from the password, until the first round has ended.
	FirstSyncS      float64 `json:"first_sync_s"`
	Rows            int     `json:"rows"`
	JSONBytes       int64   `json:"json_bytes"`       // of all answers
	CompressedBytes int64   `json:"compressed_bytes"` // as they went over the line
	DownloadS       float64 `json:"download_s"`       // of JSONBytes
	DownloadGzipS   float64 `json:"download_compressed_s"`
	RatioDownload   float64 `json:"ratio_download"`
	RatioCompressed float64 `json:"ratio_download_compressed"`
	PouchS          float64 `json:"pouchdb_s,omitempty"`
	RatioPouch      float64 `json:"ratio_pouchdb,omitempty"`
	// PouchTunedS is with batches of 1,000 in place of PouchDB's own 100.
	PouchTunedS     float64 `json:"pouchdb_tuned_s,omitempty"`
	RatioPouchTuned float64 `json:"ratio_pouchdb_tuned,omitempty"`
	DeskPeakMB      float64 `json:"desk_peak_mb,omitempty"`
	PullOneMS       float64 `json:"pull_one_ms"`
	Queued          int     `json:"queued"`
	PushS           float64 `json:"push_s"`
	Push1000S       float64 `json:"push_1000_s"`

	System string   `json:"system"`
	CPUs   int      `json:"cpus"`
	Notes  []string `json:"notes,omitempty"`
}

func benchSync(cmd *cobra.Command, f benchSyncFlags) (err error) {
	if f.processes < 1 || f.processes > maxBenchProcesses || f.documents < 0 || f.documents > maxBenchDocuments ||
		f.queued < 1 || f.queued > maxBenchQueued || f.mbit < 0 {
		return sei.Errorf(sei.CodeInvalid, "Meça até %d processos, %d documentos e %d comandos.", maxBenchProcesses, maxBenchDocuments, maxBenchQueued)
	}
	work, err := os.MkdirTemp("", "seirs-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	r := syncReport{
		Processes: f.processes, Documents: f.documents, Queued: f.queued, LineMbit: f.mbit,
		System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(),
	}
	if err := r.run(cmd.Context(), work, f, cmd.ErrOrStderr()); err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(cmd.OutOrStdout(), r)
	}
	return r.print(cmd.OutOrStdout())
}

func (r *syncReport) run(ctx context.Context, work string, f benchSyncFlags, progress io.Writer) (err error) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(progress, format+"\n", args...) } // only for who watches
	c, err := openBenchCentral(ctx, filepath.Join(work, "central"), f.mbit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	say("Enchendo a central: %d processos, %d documentos…", f.processes, f.documents)
	filler, err := c.fill(ctx, f.processes, f.documents)
	if err != nil {
		return err
	}
	say("Primeira sincronização…")
	desk, err := startBenchDesk(ctx, filepath.Join(work, "desk"), c.url())
	if err != nil {
		return err
	}
	defer desk.stop()
	if err := r.firstSync(ctx, c, desk, filepath.Join(work, "bytes")); err != nil {
		return err
	}
	say("Uma novidade e a fila…")
	if err := r.pullOne(ctx, filler, desk); err != nil {
		return err
	}
	if err := r.push(ctx, c, filler, desk); err != nil {
		return err
	}
	desk.stop()
	say("PouchDB…")
	return r.pouch(ctx, f.pouch, filepath.Join(work, "bytes"), filepath.Join(work, "pouch"))
}

func (r *syncReport) print(w io.Writer) error {
	text := fmt.Sprintf(`primeira sincronização   %9.1f s   %d processos, %d documentos, %d registros
download do mesmo JSON   %9.1f s   %.1f MB; razão %.2f
download comprimido      %9.1f s   %.1f MB; razão %.2f
memória da estação       %9.0f MB  (maior)
uma novidade             %9.0f ms
fila de %d comandos    %9.1f s   (%.1f s por 1.000)
`, r.FirstSyncS, r.Processes, r.Documents, r.Rows, r.DownloadS, float64(r.JSONBytes)/1e6, r.RatioDownload,
		r.DownloadGzipS, float64(r.CompressedBytes)/1e6, r.RatioCompressed, r.DeskPeakMB, r.PullOneMS, r.Queued, r.PushS, r.Push1000S)
	if r.PouchS > 0 {
		text += fmt.Sprintf("PouchDB                  %9.1f s   %.1f vezes o tempo da estação\n", r.PouchS, r.RatioPouch)
		text += fmt.Sprintf("PouchDB, lotes de 1.000  %9.1f s   %.1f vezes o tempo da estação\n", r.PouchTunedS, r.RatioPouchTuned)
	}
	text += fmt.Sprintf("linha de %d Mbit/s (0: sem limite); %s, %d processadores\n", r.LineMbit, r.System, r.CPUs)
	for _, note := range r.Notes {
		text += note + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

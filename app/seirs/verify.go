package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// How verify ends.
const (
	statusInvalid       exitStatus = 1
	statusIndeterminate exitStatus = 2
	statusUnsigned      exitStatus = 3
)

func newVerifyCommand() *cobra.Command {
	var roots string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify ARQUIVO",
		Short: "Confere as assinaturas de um PDF e diz por que valem ou não",
		Long: `Confere cada assinatura de um PDF: o conteúdo, o certificado, a política e o que
foi acrescentado depois dela. Nada é buscado na rede.

Termina com
  0  se todas as assinaturas são válidas
  1  se alguma é inválida
  2  se alguma é indeterminada e nenhuma é inválida
  3  se o arquivo não tem assinatura ou não pôde ser conferido`,
		Args: func(cmd *cobra.Command, args []string) error { return notJudged(cmd, cobra.ExactArgs(1)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return notJudged(cmd, verify(cmd.Context(), cmd.OutOrStdout(), args[0], roots, asJSON))
		},
	}
	cmd.Flags().StringVar(&roots, "trust-roots", "", "raízes de treinamento (PEM), aceitas além da ICP-Brasil")
	cmd.Flags().BoolVar(&asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

// notJudged keeps a failure to judge apart from a bad verdict.
func notJudged(cmd *cobra.Command, err error) error {
	if _, verdict := errors.AsType[exitStatus](err); err == nil || verdict {
		return err
	}
	report(cmd.ErrOrStderr(), err)
	return statusUnsigned
}

func verify(ctx context.Context, w io.Writer, path, roots string, asJSON bool) error {
	pem := ""
	if roots != "" {
		data, err := os.ReadFile(roots)
		if err != nil {
			return sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não foi possível ler as raízes de %s.", roots))
		}
		pem = string(data)
	}
	judge, err := evidence.New(pem)
	if err != nil {
		return err
	}
	report, err := judgeFile(ctx, judge, path)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return tellUnreadable(w, path, err, asJSON)
	}
	for i := range report.Signatures {
		report.Signatures[i].Signer.CPF = "" // the masked one is enough to tell people apart
	}
	if asJSON {
		err = writeJSON(w, report)
	} else {
		err = tellReport(w, path, report)
	}
	if err != nil {
		return err
	}
	return verdictStatus(report.Verdict)
}

func judgeFile(ctx context.Context, judge *evidence.Judge, path string) (*pades.Report, error) {
	in, size, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // only read
	return judge.Report(ctx, in, size, time.Time{})
}

func verdictStatus(v pades.Verdict) error {
	switch v {
	case pades.VerdictValid:
		return nil
	case pades.VerdictInvalid:
		return statusInvalid
	case pades.VerdictUnsigned:
		return statusUnsigned
	}
	return statusIndeterminate
}

func tellUnreadable(w io.Writer, path string, cause error, asJSON bool) error {
	message := sei.MessageOf(cause)
	var err error
	if asJSON {
		err = writeJSON(w, map[string]any{"verdict": "unreadable", "code": sei.CodeOf(cause), "message": message})
	} else {
		_, err = fmt.Fprintf(w, "%s\n  não pode ser lido: %s\n", path, message)
	}
	if err != nil {
		return err
	}
	return statusUnsigned
}

func tellReport(w io.Writer, path string, r *pades.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", path, r.Verdict.Label())
	tellReasons(&b, r.Reasons)
	for i, s := range r.Signatures {
		fmt.Fprintln(&b)
		tellSignature(&b, i+1, s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func tellSignature(b *strings.Builder, n int, s pades.Signature) {
	kind := "Assinatura"
	if s.Kind == pades.KindTimestamp {
		kind = "Carimbo do tempo"
	}
	fmt.Fprintf(b, "%s %d: %s\n", kind, n, s.Verdict.Label())
	who := s.Signer.Name
	if s.Signer.MaskedCPF != "" {
		who += " (CPF " + s.Signer.MaskedCPF + ")"
	}
	if s.Signer.CompanyName != "" {
		who += ", por " + s.Signer.CompanyName
	}
	for _, row := range [][2]string{
		{"Signatário", who}, {"Emissor", s.Issuer}, {"Nível", levelWords(s)}, {"Hora declarada", hour(s.DeclaredTime)}, {"Hora provada", hour(s.ProvenTime)},
		{"Política", s.PolicyName}, {"Algoritmo", s.Algorithm}, {"Motivo", s.Reason}, {"Local", s.Location}, {"Depois dela", changeWords(s)},
	} {
		if row[1] != "" {
			fmt.Fprintf(b, "  %-15s %s\n", row[0]+":", row[1])
		}
	}
	tellReasons(b, s.Reasons)
}

func tellReasons(b *strings.Builder, reasons []pades.Reason) {
	for _, r := range reasons {
		weight := r.Effect.Label()
		if r.Effect == pades.VerdictValid {
			weight = "observação"
		}
		fmt.Fprintf(b, "  - %s (%s, %s)\n", r.Message, weight, r.Code)
	}
}

func levelWords(s pades.Signature) string {
	switch {
	case s.Kind == pades.KindTimestamp:
		return ""
	case s.Anchor == "training":
		return "de treinamento, sem valor legal"
	case s.Level == pades.LevelQualified:
		return "qualificada (ICP-Brasil)"
	case s.Level == pades.LevelAdvanced:
		return "avançada (gov.br)"
	}
	return "não determinado"
}

func changeWords(s pades.Signature) string {
	if s.CoversFile {
		return "nada foi acrescentado"
	}
	words := map[string]string{"signature": "assinatura", "timestamp": "carimbo do tempo", "dss": "dados de validação", "info": "propriedades do arquivo"}
	var kinds []string
	for _, c := range s.Changes {
		word, ok := words[c.Kind]
		if !ok {
			word = c.Kind
		}
		kinds = append(kinds, word)
	}
	return strings.Join(kinds, ", ")
}

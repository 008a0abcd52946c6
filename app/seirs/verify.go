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

type verifyFlags struct {
	roots     string
	govbr     string
	signature string
	json      bool
	proof     proofFlags
}

func newVerifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify ARQUIVO",
		Short: "Confere as assinaturas de um arquivo e diz por que valem ou não",
		Long: `Confere cada assinatura de um PDF, ou a assinatura à parte (.p7s) de qualquer
arquivo: o conteúdo, o certificado, a política e o que foi acrescentado depois
dela. Nada é buscado na rede, a não ser com --revocation-online.

  seirs verify a.pdf
  seirs verify dados.csv                      usa dados.csv.p7s
  seirs verify dados.csv --signature x.p7s

Termina com
  0  se todas as assinaturas são válidas
  1  se alguma é inválida
  2  se alguma é indeterminada e nenhuma é inválida
  3  se o arquivo não tem assinatura ou não pôde ser conferido`,
		Args: func(cmd *cobra.Command, args []string) error { return notJudged(cmd, cobra.ExactArgs(1)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return notJudged(cmd, verify(cmd.Context(), cmd.OutOrStdout(), args[0], f))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.roots, "trust-roots", "", "raízes de treinamento (PEM), aceitas além da ICP-Brasil")
	flags.StringVar(&f.govbr, "govbr-roots", "", "raízes da assinatura avançada gov.br (PEM)")
	flags.StringVar(&f.signature, "signature", "", "assinatura à parte (CAdES, .p7s)")
	flags.BoolVar(&f.json, "json", false, "escreve o resultado em JSON")
	flags.BoolVar(&f.proof.online, "revocation-online", false, "consulta as autoridades sobre certificados revogados")
	flags.StringArrayVar(&f.proof.crls, "crl", nil, "lista de certificados revogados (arquivo DER); pode repetir")
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

func verify(ctx context.Context, w io.Writer, path string, f verifyFlags) error {
	judge, err := f.judge()
	if err != nil {
		return err
	}
	report, err := judgeFile(ctx, judge, path, f.signature)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return tellUnreadable(w, path, err, f.json)
	}
	for i := range report.Signatures {
		report.Signatures[i].Signer.CPF = "" // the masked one is enough to tell people apart
	}
	if f.json {
		err = writeJSON(w, report)
	} else {
		err = tellReport(w, path, report)
	}
	if err != nil {
		return err
	}
	return verdictStatus(report.Verdict)
}

func (f verifyFlags) judge() (*evidence.Judge, error) {
	pem := ""
	if f.roots != "" {
		data, err := os.ReadFile(f.roots)
		if err != nil {
			return nil, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não foi possível ler as raízes de %s.", f.roots))
		}
		pem = string(data)
	}
	pem, err := withGovBR(pem, f.govbr)
	if err != nil {
		return nil, err
	}
	judge, err := evidence.New(pem)
	if err != nil {
		return nil, err
	}
	return f.proof.informed(judge, "")
}

// judgeFile judges a PDF, or any file with the signature beside it: the one
// that was named, or that of the same name.
func judgeFile(ctx context.Context, judge *evidence.Judge, path, signature string) (*pades.Report, error) {
	in, size, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // only read
	beside, err := (signFlags{}).beside(in, size)
	if err != nil {
		return nil, err
	}
	if signature == "" && !beside {
		return judge.Report(ctx, in, size, time.Time{})
	}
	if signature == "" {
		signature = path + detachedExtension
	}
	data, err := readSmall(signature)
	if err != nil {
		return nil, err
	}
	return judge.ReportDetached(ctx, data, in, size, time.Time{})
}

// readSmall reads a signature, which has some kilobytes.
func readSmall(path string) ([]byte, error) {
	f, size, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	if size > 4<<20 {
		return nil, sei.Errorf(sei.CodeTooLarge, "%s é grande demais para uma assinatura.", path)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data, nil
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

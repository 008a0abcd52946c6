package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// statusFindings is how an audit that found something ends. One that could not
// be made ends like a verification that could not: statusUnsigned.
const statusFindings exitStatus = 1

// maxProofBytes limits files with receipts and checkpoints.
const maxProofBytes = 4 << 20

// auditFlags say what is audited and against what.
type auditFlags struct {
	data        string
	receipt     string
	keys        []string
	checkpoints []string
	quick       bool
	asJSON      bool
}

func newAuditCommand() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use:   "audit (--data PASTA | --receipt ARQUIVO --central-key CHAVE)",
		Short: "Audita uma central inteira, ou um recibo, sem depender da central",
		Long: `Com --data, audita a central inteira desde o primeiro evento: as cadeias, o
conteúdo dos eventos, o estado de cada processo refeito da sua história, a
numeração, os arquivos citados, os pontos assinados do registro e os recibos.
Nada é alterado, e a central pode estar em serviço.

Com --receipt, confere fora de linha um recibo e a prova de que os seus atos
estão no registro (o que a central dá em /v1/receipts/COMANDO/proof).

A chave pública da central é a que ela publica em /v1/info. Sem --central-key,
a auditoria de uma pasta usa a chave da própria pasta. Se a central já trocou de
chave, qualquer uma delas serve para a pasta; para um recibo, informe as que ela usou.

Termina com
  0  se nada foi encontrado
  1  se algo foi encontrado, ou o recibo não confere
  3  se a auditoria não pôde ser feita`,
		Args: func(cmd *cobra.Command, args []string) error { return notJudged(cmd, cobra.NoArgs(cmd, args)) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			return notJudged(cmd, audit(cmd.Context(), cmd.OutOrStdout(), f))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "", "pasta dos dados da central")
	flags.StringVar(&f.receipt, "receipt", "", "arquivo (JSON) com um recibo e a sua prova")
	flags.StringArrayVar(&f.keys, "central-key", nil, "chave pública dos recibos da central: em base64, ou o arquivo que a contém; com --receipt pode repetir")
	flags.StringArrayVar(&f.checkpoints, "checkpoint", nil, "arquivo (JSON) com um ponto do registro guardado fora da central; pode repetir")
	flags.BoolVar(&f.quick, "quick", false, "não lê o conteúdo dos arquivos, só confere se existem e o tamanho")
	flags.BoolVar(&f.asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

func audit(ctx context.Context, w io.Writer, f auditFlags) error {
	if (f.data == "") == (f.receipt == "") {
		return sei.Errorf(sei.CodeInvalid, "Informe --data com a pasta da central, ou --receipt com o arquivo de um recibo.")
	}
	if f.receipt != "" {
		return auditReceipt(w, f)
	}
	key, err := keyForFolder(f.keys, f.data)
	if err != nil {
		return err
	}
	known, err := readCheckpoints(f.checkpoints)
	if err != nil {
		return err
	}
	database := filepath.Join(f.data, "central.db")
	if _, err := os.Stat(database); err != nil {
		return sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não há banco de uma central em %s. Confira a pasta.", f.data))
	}
	files := &storedFolder{path: filepath.Join(f.data, "blobs")}
	found, err := central.Inspect(ctx, central.InspectConfig{Database: database, Files: files, Key: key, Known: known, SkipContent: f.quick})
	if err != nil {
		return err
	}
	return tellInspection(w, found, key, f.asJSON)
}

// tellInspection writes what was found and turns findings into the status.
func tellInspection(w io.Writer, found *central.Inspection, key ed25519.PublicKey, asJSON bool) error {
	var err error
	if asJSON {
		err = writeJSON(w, struct {
			Sound     bool   `json:"sound"`
			PublicKey []byte `json:"publicKey"`
			*central.Inspection
		}{found.Sound(), key, found})
	} else {
		err = writeInspection(w, found, key)
	}
	if err == nil && !found.Sound() {
		return statusFindings
	}
	return err
}

func writeInspection(w io.Writer, i *central.Inspection, key ed25519.PublicKey) error {
	var b strings.Builder
	fmt.Fprintf(&b, "central %s, chave dos recibos %s\n", i.Central, base64.StdEncoding.EncodeToString(key))
	fmt.Fprintf(&b, "registro: %d eventos em %d histórias, raiz %s\n", i.Events, i.Streams, i.Root)
	fmt.Fprintf(&b, "processos refeitos: %d, com %d documentos; números conferidos: %d\n", i.Processes, i.Documents, i.Numbers)
	fmt.Fprintf(&b, "recibos: %d; pontos assinados: %d, até a posição %d\n", i.Receipts, i.Checkpoints, i.Covered)
	fmt.Fprintf(&b, "arquivos: %d, com %d bytes\n", i.Files, i.FileBytes)
	for _, f := range i.Findings {
		fmt.Fprintf(&b, "ACHADO %s, %s: %s\n", f.Check, f.Subject, f.Detail)
	}
	if i.Omitted > 0 {
		fmt.Fprintf(&b, "e mais %d achados que não foram listados\n", i.Omitted)
	}
	if i.Sound() {
		b.WriteString("Nada foi encontrado.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// receiptReport is the outcome of a receipt's audit.
type receiptReport struct {
	Valid         bool               `json:"valid"`
	Reason        string             `json:"reason,omitempty"` // of one that is not valid
	InLog         bool               `json:"inLog"`            // its events are proven to be in the signed log
	Command       string             `json:"command,omitempty"`
	Accepted      bool               `json:"accepted"`
	Message       string             `json:"message,omitempty"` // of a refusal
	At            time.Time          `json:"at,omitzero"`
	ProcessNumber string             `json:"processNumber,omitempty"`
	SEINumber     int64              `json:"seiNumber,omitempty"`
	TypeNumber    string             `json:"typeNumber,omitempty"`
	Events        []ledger.Citation  `json:"events,omitempty"`
	Places        []int64            `json:"places,omitempty"` // of the events, in the log
	Checkpoint    *ledger.Checkpoint `json:"checkpoint,omitempty"`
}

func auditReceipt(w io.Writer, f auditFlags) error {
	if len(f.keys) == 0 {
		return sei.Errorf(sei.CodeInvalid, "Informe a chave pública da central com --central-key; sem ela um recibo não prova nada.")
	}
	var keys []ed25519.PublicKey
	for _, given := range f.keys {
		key, err := readCentralKey(given)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	proof, err := readProof(f.receipt)
	if err != nil {
		return err
	}
	report := judgeReceipt(keys, proof)
	if f.asJSON {
		err = writeJSON(w, report)
	} else {
		err = writeReceipt(w, report)
	}
	if err == nil && !report.Valid {
		return statusFindings
	}
	return err
}

func judgeReceipt(keys []ed25519.PublicKey, proof ledger.ReceiptProof) receiptReport {
	key := keyNamed(keys, proof.Receipt.Key)
	later := key
	if proof.Checkpoint != nil {
		later = keyNamed(keys, proof.Checkpoint.Key)
	}
	r, checkpoint, err := proof.OpenUnder(key, later)
	if err != nil {
		return receiptReport{Reason: err.Error()}
	}
	report := receiptReport{
		Valid: true, InLog: checkpoint != nil && len(r.Events) > 0, Command: r.Command, Accepted: r.Accepted, Message: r.Message, At: r.At,
		ProcessNumber: r.ProcessNumber, SEINumber: r.SEINumber, TypeNumber: r.TypeNumber, Events: r.Events, Checkpoint: checkpoint,
	}
	for _, p := range proof.Inclusion {
		report.Places = append(report.Places, p.Seq)
	}
	return report
}

// keyNamed is the key of that id, or the first, under which nothing of another
// key verifies.
func keyNamed(keys []ed25519.PublicKey, id string) ed25519.PublicKey {
	for _, k := range keys {
		if ledger.KeyID(k) == id {
			return k
		}
	}
	return keys[0]
}

func writeReceipt(w io.Writer, r receiptReport) error {
	var b strings.Builder
	if !r.Valid {
		fmt.Fprintf(&b, "O recibo NÃO confere: %s\n", r.Reason)
		_, err := io.WriteString(w, b.String())
		return err
	}
	verb := "aceito"
	if !r.Accepted {
		verb = "recusado"
	}
	fmt.Fprintf(&b, "O recibo confere: o comando %s foi %s em %s (UTC).\n", r.Command, verb, r.At.UTC().Format("02/01/2006 15:04:05"))
	if r.Message != "" {
		fmt.Fprintf(&b, "motivo: %s\n", r.Message)
	}
	if r.ProcessNumber != "" {
		fmt.Fprintf(&b, "processo %s\n", r.ProcessNumber)
	}
	if r.SEINumber != 0 {
		fmt.Fprintf(&b, "documento %07d\n", r.SEINumber)
	}
	for i, e := range r.Events {
		if !r.InLog {
			fmt.Fprintf(&b, "ato %s versão %d: sem prova do seu lugar no registro\n", e.Stream, e.Version)
			continue
		}
		fmt.Fprintf(&b, "ato %s versão %d: posição %d de %d do registro assinado em %s (UTC)\n",
			e.Stream, e.Version, r.Places[i], r.Checkpoint.Size, r.Checkpoint.At.UTC().Format("02/01/2006 15:04:05"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// readProof reads a receipt with its proof, or a receipt alone.
func readProof(path string) (ledger.ReceiptProof, error) {
	var p ledger.ReceiptProof
	if err := readJSONFile(path, &p); err != nil {
		return p, err
	}
	if p.Receipt.Type == "" {
		if err := readJSONFile(path, &p.Receipt); err != nil {
			return p, err
		}
	}
	if p.Receipt.Type == "" {
		return p, sei.Errorf(sei.CodeInvalid, "%s não contém um recibo da central.", path)
	}
	return p, nil
}

// readCheckpoints reads checkpoints as the central gives them, alone or in its
// answer.
func readCheckpoints(paths []string) ([]ledger.Sealed, error) {
	var all []ledger.Sealed
	for _, path := range paths {
		var c struct {
			ledger.Sealed
			Checkpoint *ledger.Sealed `json:"checkpoint"`
		}
		if err := readJSONFile(path, &c); err != nil {
			return nil, err
		}
		if c.Checkpoint != nil {
			c.Sealed = *c.Checkpoint
		}
		if c.Type == "" {
			return nil, sei.Errorf(sei.CodeInvalid, "%s não contém um ponto do registro da central.", path)
		}
		all = append(all, c.Sealed)
	}
	return all, nil
}

func readJSONFile(path string, v any) error {
	data, err := readSmallFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return sei.Wrap(err, sei.CodeInvalid, fmt.Sprintf("%s não está na forma esperada (JSON).", path))
	}
	return nil
}

func readSmallFile(path string) ([]byte, error) {
	f, size, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	if size > maxProofBytes {
		return nil, sei.Errorf(sei.CodeTooLarge, "O arquivo %s é grande demais para o que deveria conter.", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxProofBytes))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data, nil
}

// keyForFolder is the key given, or the folder's own.
func keyForFolder(given []string, folder string) (ed25519.PublicKey, error) {
	if len(given) > 1 {
		return nil, sei.Errorf(sei.CodeInvalid, "Informe uma só chave: as outras são encontradas pelas trocas que ela assinou.")
	}
	if len(given) == 1 {
		return readCentralKey(given[0])
	}
	return central.ReceiptPublicKey(folder)
}

// readCentralKey reads a public key: base64 as in /v1/info, or a file with that
// or with a PEM block.
func readCentralKey(given string) (ed25519.PublicKey, error) {
	if key, ok := keyFromBase64(given); ok {
		return key, nil
	}
	data, err := readSmallFile(given)
	if err != nil {
		return nil, err
	}
	if key, ok := keyFromBase64(string(data)); ok {
		return key, nil
	}
	if block, _ := pem.Decode(data); block != nil {
		if parsed, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			if key, ok := parsed.(ed25519.PublicKey); ok {
				return key, nil
			}
		}
	}
	return nil, sei.Errorf(sei.CodeInvalid, "A chave pública da central não está na forma esperada. Copie-a de /v1/info da central.")
}

func keyFromBase64(s string) (ed25519.PublicKey, bool) {
	s = strings.TrimSpace(s)
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		if raw, err := form.DecodeString(s); err == nil && len(raw) == ed25519.PublicKeySize {
			return raw, true
		}
	}
	return nil, false
}

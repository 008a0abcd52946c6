package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/softhsm"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

type benchSignFlags struct {
	documents int
	large     bool
	pdfsign   string
	asJSON    bool
}

func newBenchSignCommand() *cobra.Command {
	f := benchSignFlags{documents: 500}
	cmd := &cobra.Command{
		Use:   "sign",
		Short: "Mede a assinatura: lotes com token, arquivos grandes, conferência",
		Long: `Mede com um token SoftHSM e chaves de treinamento:
  ratio_raw_token  um lote de documentos de 50 KB com um login, contra a operação do
                   token sozinha
  tempo e memória  a assinatura de 50 KB, 5 MB e 150 MB, cada uma em um processo novo,
                   e a do pdfsign (--pdfsign) sobre os mesmos arquivos
  rss_mb_500mb     a memória acima da inicial, ao assinar 500 MB
  conferência      de um documento com 20 assinaturas`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return benchSign(cmd, f) },
	}
	flags := cmd.Flags()
	flags.IntVar(&f.documents, "documents", f.documents, "documentos do lote")
	flags.BoolVar(&f.large, "large", true, "mede também 150 MB e 500 MB")
	flags.StringVar(&f.pdfsign, "pdfsign", besideThis("pdfsignbench"), "programa de comparação (go build ./build/pdfsignbench); vazio para não medi-lo")
	flags.BoolVar(&f.asJSON, "json", false, "escreve o resultado em JSON")
	cmd.AddCommand(newBenchSignOneCommand())
	return cmd
}

// signReport is what bench sign writes. Times are milliseconds, memory is MB.
type signReport struct {
	RatioRawToken float64    `json:"ratio_raw_token"`
	RawTokenMs    float64    `json:"raw_token_ms"` // one operation
	BatchMs       float64    `json:"batch_ms"`     // one document of the batch
	Documents     int        `json:"documents"`
	Files         []fileCost `json:"files"`
	RSS500        float64    `json:"rss_mb_500mb"`
	Verify20Ms    float64    `json:"verify_20_signatures_ms"`
	System        string     `json:"system"`
	CPUs          int        `json:"cpus"`
}

type fileCost struct {
	MB         float64 `json:"mb"`
	Ms         float64 `json:"ms"`
	RSS        float64 `json:"rss_mb"` // above the start
	PDFSignMs  float64 `json:"pdfsign_ms,omitempty"`
	PDFSignRSS float64 `json:"pdfsign_rss_mb,omitempty"` // in all
}

func benchSign(cmd *cobra.Command, f benchSignFlags) (err error) {
	if f.documents < 1 || f.documents > keys.DefaultLimits.Signatures {
		return sei.Errorf(sei.CodeInvalid, "Meça de 1 a %d documentos.", keys.DefaultLimits.Signatures)
	}
	work, err := os.MkdirTemp("", "seirs-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	ca, err := trainingca.New("da medição", time.Now(), trainingca.ECDSAP256)
	if err != nil {
		return err
	}
	id, err := ca.Issue(trainingca.Person{Name: "ANA SOUZA", CPF: "11144477735"}, trainingca.IssueOptions{Key: trainingca.RSA2048})
	if err != nil {
		return err
	}
	b := signBench{ctx: cmd.Context(), work: work, ca: ca, id: id, flags: f}
	b.report = signReport{Documents: f.documents, System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU()}
	for _, measure := range []func() error{b.batch, b.files, b.verify} {
		if err := measure(); err != nil {
			return err
		}
	}
	if f.asJSON {
		return writeJSON(cmd.OutOrStdout(), b.report)
	}
	return b.report.tell(cmd.OutOrStdout())
}

type signBench struct {
	ctx    context.Context
	work   string
	ca     *trainingca.CA
	id     *trainingca.Identity
	flags  benchSignFlags
	report signReport
}

// batch measures a batch with a token and the token alone, in turns, so that
// whatever else the machine does weighs on both.
func (b *signBench) batch() error {
	token, err := softhsm.New(b.work, "medição", "1234")
	if err != nil {
		return err
	}
	if err := token.Import(1, softhsm.Credential{Certificate: b.id.Certificate, Key: b.id.Key}); err != nil {
		return err
	}
	if err := os.Setenv("SOFTHSM2_CONF", token.Config); err != nil {
		return fmt.Errorf("naming the token: %w", err)
	}
	const rounds = 5
	per := max(1, b.flags.documents/rounds)
	docs := make([][]byte, per)
	for i := range docs {
		docs[i] = plainPDF(50<<10, uint64(i))
	}
	directory := keys.NewDirectory(keys.DirectoryOptions{}, pkcs11.Stores(pkcs11.Discover([]string{token.Module}), pkcs11.Options{})...)
	cert, err := chooseCertificate(directory.Refresh(b.ctx), "")
	if err != nil {
		return err
	}
	session, err := directory.Open(b.ctx, cert.ID, keys.NewSecretString("1234"))
	if err != nil {
		return err
	}
	defer func() { _ = session.Close() }() // only measured
	var batch, raw time.Duration
	sum := sha256.Sum256(docs[0])
	for range rounds {
		began := time.Now()
		if err := b.signAll(session, docs); err != nil {
			return err
		}
		batch += time.Since(began)
		alone, err := pkcs11.MeasureRaw(token.Module, cert.DER, keys.NewSecretString("1234"), crypto.SHA256, sum[:], per)
		if err != nil {
			return err
		}
		raw += alone
	}
	n := float64(rounds * per)
	b.report.RawTokenMs, b.report.BatchMs = milliseconds(raw)/n, milliseconds(batch)/n
	b.report.RatioRawToken = float64(batch) / float64(raw)
	return nil
}

// opened is a file in memory.
type opened struct{ *bytes.Reader }

func (opened) Close() error { return nil }

func (b *signBench) signAll(session keys.Session, docs [][]byte) error {
	items := make([]evidence.BatchItem, len(docs))
	for i, d := range docs {
		sum := sha256.Sum256(d)
		items[i] = evidence.BatchItem{
			ID: fmt.Sprint(i), SHA256: sei.SHA256(fmt.Sprintf("%x", sum)),
			Open: func(context.Context) (evidence.Original, error) { return opened{bytes.NewReader(d)}, nil },
			Keep: func(_ context.Context, write evidence.WriteSigned) error {
				out, err := os.Create(filepath.Join(b.work, "out.pdf"))
				if err != nil {
					return fmt.Errorf("keeping a document: %w", err)
				}
				_, err = write(out)
				return errors.Join(err, out.Close())
			},
		}
	}
	results, err := (&evidence.Batch{Key: session}).Run(b.ctx, items)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Status != evidence.BatchSigned {
			return fmt.Errorf("a document of the batch was not signed: %w", r.Err)
		}
	}
	return nil
}

// plainPDF is a document of about size bytes that does not compress.
func plainPDF(size int, seed uint64) []byte {
	var out bytes.Buffer
	_ = writePlainPDF(&out, int64(size), seed) // writing to memory does not fail
	return out.Bytes()
}

func writePlainPDF(w io.Writer, size int64, seed uint64) error {
	head := fmt.Sprintf("%%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"+
		"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n4 0 obj\n<< /Length %d >>\nstream\n", size)
	offsets := []int{9, 58, 115, 186}
	tail := "\nendstream\nendobj\n"
	at := int64(len(head)) + size + int64(len(tail))
	for i, word := range []string{"1 0 obj", "2 0 obj", "3 0 obj", "4 0 obj"} {
		offsets[i] = bytes.Index([]byte(head), []byte("\n"+word)) + 1
	}
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	if _, err := io.CopyN(w, source, size); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%sxref\n0 5\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n%010d 00000 n \n%010d 00000 n \ntrailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n",
		tail, offsets[0], offsets[1], offsets[2], offsets[3], at)
	return err
}

// files signs files of several sizes, each in a new process.
func (b *signBench) files() error {
	key, err := b.id.KeyPEM()
	if err != nil {
		return err
	}
	keyFile, certFile := filepath.Join(b.work, "key.pem"), filepath.Join(b.work, "cert.pem")
	if err := errors.Join(os.WriteFile(keyFile, key, 0o600), os.WriteFile(certFile, trainingca.CertificatePEM(b.id.Certificate), 0o600)); err != nil {
		return fmt.Errorf("writing the key: %w", err)
	}
	sizes := []int64{50 << 10, 5 << 20}
	if b.flags.large {
		sizes = append(sizes, 150<<20, 500<<20)
	}
	for _, size := range sizes {
		c, err := b.file(size, keyFile, certFile)
		if err != nil {
			return err
		}
		if size == 500<<20 {
			b.report.RSS500 = c.RSS
		}
		b.report.Files = append(b.report.Files, c)
	}
	return nil
}

func (b *signBench) file(size int64, keyFile, certFile string) (fileCost, error) {
	in, out := filepath.Join(b.work, "in.pdf"), filepath.Join(b.work, "out.pdf")
	f, err := os.Create(in)
	if err != nil {
		return fileCost{}, fmt.Errorf("writing a sample: %w", err)
	}
	if err := errors.Join(writePlainPDF(f, size, 7), f.Close()); err != nil {
		return fileCost{}, fmt.Errorf("writing a sample: %w", err)
	}
	c := fileCost{MB: float64(size) / (1 << 20)}
	exe, err := os.Executable()
	if err != nil {
		return c, fmt.Errorf("finding this program: %w", err)
	}
	told, err := exec.CommandContext(b.ctx, exe, "bench", "sign", "one", keyFile, certFile, in, out).Output()
	if err != nil {
		return c, fmt.Errorf("signing in a process of its own: %w", err)
	}
	if err := json.Unmarshal(told, &c); err != nil {
		return c, fmt.Errorf("reading a measurement: %w", err)
	}
	// pdfsign holds the file several times over: 500 MB are spared the machine.
	if b.flags.pdfsign == "" || size > 150<<20 {
		return c, nil
	}
	other := exec.CommandContext(b.ctx, b.flags.pdfsign, keyFile, certFile, in, out)
	began := time.Now()
	if msg, err := other.CombinedOutput(); err != nil {
		return c, fmt.Errorf("pdfsign: %w: %s", err, msg)
	}
	c.PDFSignMs, c.PDFSignRSS = milliseconds(time.Since(began)), childPeakMB(other.ProcessState)
	return c, nil
}

// newBenchSignOneCommand is the process that signs one file and tells its cost.
func newBenchSignOneCommand() *cobra.Command {
	return &cobra.Command{
		Use: "one KEY.pem CERT.pem IN.pdf OUT.pdf", Hidden: true, Args: cobra.ExactArgs(4),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := signOneFile(cmd.Context(), args[0], args[1], args[2], args[3])
			if err != nil {
				return err
			}
			return writeJSON(cmd.OutOrStdout(), c)
		},
	}
}

func signOneFile(ctx context.Context, keyFile, certFile, in, out string) (fileCost, error) {
	signer, cert, err := readPair(keyFile, certFile)
	if err != nil {
		return fileCost{}, err
	}
	start := ownPeakMB()
	began := time.Now()
	f, size, err := openInput(in)
	if err != nil {
		return fileCost{}, err
	}
	defer func() { _ = f.Close() }() // only read
	err = writeOutput(out, true, func(w io.Writer) error {
		_, err := pades.Sign(ctx, f, size, w, pades.SignOptions{Signer: signer, Certificate: cert})
		return err
	})
	c := fileCost{MB: float64(size) / (1 << 20), Ms: milliseconds(time.Since(began)), RSS: max(0, ownPeakMB()-start)}
	return c, err
}

// verify judges a document with 20 signatures.
func (b *signBench) verify() error {
	signed := plainPDF(50<<10, 1)
	for range 20 {
		var out bytes.Buffer
		if _, err := pades.Sign(b.ctx, bytes.NewReader(signed), int64(len(signed)), &out, pades.SignOptions{Signer: b.id.Key, Certificate: b.id.Certificate, Chain: b.id.Chain[:1]}); err != nil {
			return err
		}
		signed = out.Bytes()
	}
	judge, err := evidence.New(string(trainingca.CertificatePEM(b.ca.Root)))
	if err != nil {
		return err
	}
	const runs = 10
	began := time.Now()
	for range runs {
		r, err := judge.Report(b.ctx, bytes.NewReader(signed), int64(len(signed)), time.Time{})
		if err != nil {
			return err
		}
		if r.Verdict != pades.VerdictValid || len(r.Signatures) != 20 {
			return fmt.Errorf("the 20 signatures read as %s", r.Verdict)
		}
	}
	b.report.Verify20Ms = milliseconds(time.Since(began)) / runs
	return nil
}

func (r signReport) tell(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "lote de %d documentos de 50 KB: %.2f ms por documento; o token sozinho %.2f ms; razão %.2f\n", r.Documents, r.BatchMs, r.RawTokenMs, r.RatioRawToken)
	for _, f := range r.Files {
		fmt.Fprintf(&b, "%8.2f MB: %8.1f ms, %6.1f MB acima do início", f.MB, f.Ms, f.RSS)
		if f.PDFSignMs > 0 {
			fmt.Fprintf(&b, "; pdfsign %8.1f ms, %6.1f MB", f.PDFSignMs, f.PDFSignRSS)
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintf(&b, "conferência de 20 assinaturas: %.1f ms\n", r.Verify20Ms)
	_, err := w.Write(b.Bytes())
	return err
}

// readPair reads a key (PKCS#8) and its certificate from PEM files.
func readPair(keyFile, certFile string) (crypto.Signer, *x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the key: %w", err)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, nil, errors.New("the key cannot sign")
	}
	return signer, pair.Leaf, nil
}

package main

import (
	"bufio"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pfx"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pkcs11"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

type signFlags struct {
	out         string
	force       bool
	list        bool
	pfx         string
	modules     []string
	certificate string
	pinStdin    bool
	visible     bool
	page        int
	position    string
	place       string
	detached    bool
	certify     int
	subFilter   string
	sha512      bool
	tsa         string
	tsaPolicy   string
}

// detachedExtension is that of a signature beside its file.
const detachedExtension = ".p7s"

func newSignCommand() *cobra.Command {
	var f signFlags
	cmd := &cobra.Command{
		Use:   "sign ARQUIVO -o SAÍDA",
		Short: "Assina um arquivo com um certificado da ICP-Brasil (PAdES ou CAdES)",
		Long: `Assina um arquivo com o certificado de um token ou de um arquivo PFX, na política
AD-RB da ICP-Brasil ou, com --tsa, AD-RT. Um PDF recebe a assinatura dentro dele:
a saída é o original, mais a assinatura. Qualquer outro arquivo, ou um PDF com
--detached, recebe uma assinatura à parte (CAdES, .p7s).

  seirs sign --list                      mostra os certificados
  seirs sign a.pdf -o b.pdf              assina com o único certificado do token
  seirs sign a.pdf -o b.pdf --pfx c.pfx  assina com um arquivo PFX
  seirs sign dados.csv                   assina à parte, em dados.csv.p7s

O PIN é pedido no terminal, sem eco, ou lido da primeira linha da entrada padrão
com --pin-stdin. Um PIN errado é tentado uma única vez.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return listCertificates(cmd, f)
			}
			return sign(cmd, args[0], f)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "output", "o", "", "arquivo de saída")
	flags.BoolVar(&f.force, "force", false, "substitui o arquivo de saída")
	flags.BoolVar(&f.list, "list", false, "só mostra os certificados que podem assinar")
	flags.StringVar(&f.pfx, "pfx", "", "arquivo PFX (PKCS#12) com o certificado e a chave")
	flags.StringArrayVar(&f.modules, "pkcs11-module", nil, "programa (PKCS#11) de token; pode repetir")
	flags.StringVar(&f.certificate, "certificate", "", "identificação do certificado, ou o seu começo, como em --list")
	flags.BoolVar(&f.pinStdin, "pin-stdin", false, "lê o PIN ou a senha da primeira linha da entrada padrão")
	flags.BoolVar(&f.visible, "visible", false, "desenha a tarja da assinatura na página")
	flags.IntVar(&f.page, "page", -1, "página da tarja; -1 é a última")
	flags.StringVar(&f.position, "position", "", "cargo ou função do signatário")
	flags.StringVar(&f.place, "location", "", "local da assinatura")
	flags.BoolVar(&f.detached, "detached", false, "assina à parte (CAdES, .p7s) também um PDF")
	flags.IntVar(&f.certify, "certify", 0, "certifica o PDF: 1 não admite mais assinaturas, 2 admite, 3 admite também anotações")
	flags.StringVar(&f.subFilter, "subfilter", pades.SubFilterETSI, "forma da assinatura no PDF: "+pades.SubFilterETSI+" ou "+pades.SubFilterPBAD)
	flags.BoolVar(&f.sha512, "sha512", false, "usa SHA-512 em lugar de SHA-256")
	flags.StringVar(&f.tsa, "tsa", "", "endereço da autoridade de carimbo do tempo (RFC 3161): assina em AD-RT")
	flags.StringVar(&f.tsaPolicy, "tsa-policy", "", "política exigida do carimbo do tempo (OID)")
	cmd.AddCommand(newRaiseCommand())
	return cmd
}

// keyDirectory holds the token drivers of this computer, or the PFX file that
// was named, opened with its password.
func keyDirectory(ctx context.Context, f signFlags, password keys.Secret) (*keys.Directory, error) {
	if f.pfx == "" {
		return keys.NewDirectory(keys.DirectoryOptions{}, pkcs11.Stores(pkcs11.Discover(f.modules), pkcs11.Options{})...), nil
	}
	store := pfx.New(pfx.Options{})
	if _, err := store.Add(ctx, f.pfx, password); err != nil {
		return nil, err
	}
	return keys.NewDirectory(keys.DirectoryOptions{}, store), nil
}

func listCertificates(cmd *cobra.Command, f signFlags) error {
	var password keys.Secret
	if f.pfx != "" {
		var err error
		if password, err = readSecret(cmd, f, "Senha do arquivo PFX: "); err != nil {
			return err
		}
	}
	directory, err := keyDirectory(cmd.Context(), f, password)
	if err != nil {
		return err
	}
	listing := directory.Refresh(cmd.Context())
	for _, c := range listing.Certificates {
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), certificateLine(c)); err != nil {
			return err
		}
	}
	if len(listing.Certificates) == 0 {
		return noCertificate(listing)
	}
	return nil
}

func certificateLine(c keys.Certificate) string {
	state := "vale até " + c.NotAfter.Local().Format("02/01/2006")
	if err := c.Usable(time.Now()); err != nil {
		state = sei.MessageOf(err)
	}
	who := c.Subject
	if c.MaskedCPF != "" {
		who += " (CPF " + c.MaskedCPF + ")"
	}
	return fmt.Sprintf("%s\n  %s\n  emitido por %s; %s; em %s; %s", c.ID, who, c.Issuer, c.Key, c.Token, state)
}

func noCertificate(listing keys.Listing) error {
	for _, failure := range listing.Failures {
		return sei.Errorf(failure.Code, "%s", failure.Message)
	}
	return sei.Errorf(keys.CodeCertificateNotFound, "Nenhum certificado para assinar foi encontrado. Conecte o token, ou indique um arquivo com --pfx.")
}

func sign(cmd *cobra.Command, path string, f signFlags) error {
	ctx := cmd.Context()
	in, size, err := openInput(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	detached, err := f.beside(in, size)
	if err != nil {
		return err
	}
	if detached && f.out == "" {
		f.out = path + detachedExtension
	}
	if err := checkOutput(path, f.out); err != nil {
		return err
	}
	session, err := openKey(ctx, cmd, f)
	if err != nil {
		return err
	}
	defer func() { _ = session.Close() }() // the program ends
	cert := session.Certificate()
	if err := cert.Usable(time.Now()); err != nil {
		return err
	}
	opts, err := f.options(session)
	if err != nil {
		return err
	}
	var signed *pades.Signed
	err = writeOutput(f.out, f.force, func(w io.Writer) (err error) {
		if detached {
			signed, err = pades.SignDetached(ctx, in, size, w, opts)
		} else {
			signed, err = pades.Sign(ctx, in, size, w, opts)
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: assinado por %s, SHA-256 %x\n", f.out, cert.Subject, signed.SHA256)
	return err
}

// beside tells whether the signature goes beside the file: always for what is
// no PDF.
func (f signFlags) beside(in io.ReaderAt, size int64) (bool, error) {
	head := make([]byte, min(size, 5))
	if _, err := in.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading the file to sign: %w", err)
	}
	return f.detached || string(head) != "%PDF-", nil
}

// checkOutput refuses to write over the file that is signed, even with --force.
func checkOutput(in, out string) error {
	a, errA := os.Stat(in)
	b, errB := os.Stat(out)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return sei.Errorf(sei.CodeConflict, "A saída não pode ser o próprio arquivo. Escolha outro nome com -o.")
	}
	if out == "" {
		return sei.Errorf(sei.CodeInvalid, "Informe o arquivo de saída com -o.")
	}
	return nil
}

// openKey unlocks the chosen certificate, asking for its secret once.
func openKey(ctx context.Context, cmd *cobra.Command, f signFlags) (keys.Session, error) {
	if f.pfx != "" {
		password, err := readSecret(cmd, f, "Senha do arquivo PFX: ")
		if err != nil {
			return nil, err
		}
		return pfx.New(pfx.Options{}).OpenFile(ctx, f.pfx, password)
	}
	directory, err := keyDirectory(ctx, f, keys.Secret{})
	if err != nil {
		return nil, err
	}
	cert, err := chooseCertificate(directory.Refresh(ctx), f.certificate)
	if err != nil {
		return nil, err
	}
	var pin keys.Secret
	if cert.Needs != keys.SecretNone {
		if pin, err = readSecret(cmd, f, "PIN do token "+cert.Token+": "); err != nil {
			return nil, err
		}
	}
	return directory.Open(ctx, cert.ID, pin)
}

// chooseCertificate finds the one that was named, or the only one that is valid now.
func chooseCertificate(listing keys.Listing, wanted string) (keys.Certificate, error) {
	var fit []keys.Certificate
	for _, c := range listing.Certificates {
		if wanted != "" && strings.HasPrefix(c.ID, wanted) || wanted == "" && c.Usable(time.Now()) == nil {
			fit = append(fit, c)
		}
	}
	switch len(fit) {
	case 1:
		return fit[0], nil
	case 0:
		if wanted != "" {
			return keys.Certificate{}, sei.Errorf(keys.CodeCertificateNotFound, "O certificado %s não foi encontrado. Veja os que há com --list.", wanted)
		}
		return keys.Certificate{}, noCertificate(listing)
	}
	lines := make([]string, len(fit))
	for i, c := range fit {
		lines[i] = certificateLine(c)
	}
	return keys.Certificate{}, sei.Errorf(sei.CodeInvalid, "Há mais de um certificado; escolha com --certificate:\n%s", strings.Join(lines, "\n"))
}

// readSecret reads a PIN or password without showing it.
func readSecret(cmd *cobra.Command, f signFlags, prompt string) (keys.Secret, error) {
	if f.pinStdin {
		return secretLine(cmd.InOrStdin())
	}
	terminal := int(os.Stdin.Fd())
	if !term.IsTerminal(terminal) {
		return keys.Secret{}, sei.Errorf(sei.CodeInvalid, "Não há um terminal para pedir o PIN. Use --pin-stdin para lê-lo da entrada padrão.")
	}
	fmt.Fprint(cmd.ErrOrStderr(), prompt)
	secret, err := term.ReadPassword(terminal)
	fmt.Fprintln(cmd.ErrOrStderr())
	if err != nil {
		return keys.Secret{}, fmt.Errorf("reading the PIN: %w", err)
	}
	return keys.NewSecret(secret), nil
}

func secretLine(r io.Reader) (keys.Secret, error) {
	// One buffer of the longest line that a store takes, so that no copy is left behind.
	line, err := bufio.NewReaderSize(io.LimitReader(r, keys.MaxSecret+3), keys.MaxSecret+16).ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return keys.Secret{}, fmt.Errorf("reading the PIN: %w", err)
	}
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return keys.NewSecret(line), nil
}

func (f signFlags) options(key keys.Session) (pades.SignOptions, error) {
	cert, err := key.Certificate().X509()
	if err != nil {
		return pades.SignOptions{}, fmt.Errorf("reading the certificate: %w", err)
	}
	now := time.Now()
	opts := pades.SignOptions{
		Signer: key, Certificate: cert, Chain: key.Chain(), Name: key.Certificate().Subject, Reason: f.position, Location: f.place,
		Time: now, Certify: f.certify, SubFilter: f.subFilter, Timestamp: proofFlags{tsa: f.tsa, tsaPolicy: f.tsaPolicy}.timestamper(),
	}
	if f.sha512 {
		opts.Digest = crypto.SHA512
	}
	if f.visible {
		opts.Stamp = &pades.Stamp{Page: f.page, Rect: [4]float64{36, 24, 340, 72}, Lines: stampLines(key.Certificate(), f.position, now)}
	}
	return opts, nil
}

func stampLines(c keys.Certificate, position string, now time.Time) []string {
	lines := []string{"Documento assinado digitalmente por " + c.Subject}
	when := "em " + now.Format("02/01/2006, às 15:04") + " (hora declarada)"
	if position != "" {
		when = position + ", " + when
	}
	return append(lines, when, "Certificado emitido por "+c.Issuer)
}

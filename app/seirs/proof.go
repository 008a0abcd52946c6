package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// proofFlags say where proof about signatures comes from: timestamps, and what
// authorities tell about revoked certificates.
type proofFlags struct {
	tsa           string
	tsaPolicy     string
	to            string
	online        bool
	crls          []string
	list, listSig string
}

func (f *proofFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.tsa, "tsa", "", "endereço da autoridade de carimbo do tempo (RFC 3161)")
	flags.StringVar(&f.tsaPolicy, "tsa-policy", "", "política exigida do carimbo do tempo (OID)")
	flags.StringVar(&f.to, "raise-to", string(pades.RaiseTimestamp), "nível a que as assinaturas são elevadas: AD-RT, AD-RC ou AD-RA")
	flags.BoolVar(&f.online, "revocation-online", false, "consulta as autoridades (OCSP e listas) sobre certificados revogados")
	flags.StringArrayVar(&f.crls, "crl", nil, "lista de certificados revogados (arquivo DER); pode repetir")
	flags.StringVar(&f.list, "policy-list", "", "lista de políticas (LPA) a guardar no arquivamento (padrão: a que acompanha o programa)")
	flags.StringVar(&f.listSig, "policy-list-signature", "", "assinatura da lista de políticas, exigida para AD-RA")
}

// timestamper is the authority that was named, nil when none was.
func (f proofFlags) timestamper() pades.Timestamper {
	if f.tsa == "" {
		return nil
	}
	return trust.TSA{URL: f.tsa, Policy: f.tsaPolicy}
}

// checkTSA refuses an address that desks could not ask.
func checkTSA(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return sei.Errorf(sei.CodeInvalid, "Informe em --tsa o endereço da autoridade de carimbo do tempo, com http:// ou https://, para anunciá-la às estações.")
	}
	return nil
}

// informed gives a judge its sources about revocation. cache is a folder for
// what authorities answered; "" keeps nothing.
func (f proofFlags) informed(j *evidence.Judge, cache string) (*evidence.Judge, error) {
	if !f.online && len(f.crls) == 0 {
		return j, nil
	}
	o := trust.RevocationOptions{}
	if cache != "" {
		o.Cache = trust.DirCache{Dir: cache}
	}
	if f.online {
		o.Fetcher = trust.HTTPFetcher{}
	}
	r := trust.NewRevocations(o)
	for _, path := range f.crls {
		der, err := os.ReadFile(path)
		if err != nil {
			return nil, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não foi possível ler a lista %s.", path))
		}
		if err := r.AddCRL(der); err != nil {
			return nil, err
		}
	}
	return j.WithRevocation(r, r.Cached()), nil
}

func (f proofFlags) raiser(j *evidence.Judge) (*evidence.Raiser, error) {
	tsa := f.timestamper()
	if tsa == nil {
		return nil, sei.Errorf(sei.CodeInvalid, "Informe a autoridade de carimbo do tempo com --tsa.")
	}
	lists, err := f.lists()
	if err != nil {
		return nil, err
	}
	return evidence.NewRaiser(j, tsa, pades.RaiseLevel(strings.ToUpper(f.to)), lists)
}

func (f proofFlags) lists() (lists trust.PolicyLists, err error) {
	if lists.PAdES.DER, err = trust.EmbeddedPolicyList(); err != nil {
		return lists, err
	}
	if f.list != "" {
		if lists.PAdES.DER, err = os.ReadFile(f.list); err != nil {
			return lists, sei.Wrap(err, sei.CodeNotFound, "Não foi possível ler a lista de políticas.")
		}
	}
	if f.listSig != "" {
		if lists.PAdES.Signature, err = os.ReadFile(f.listSig); err != nil {
			return lists, sei.Wrap(err, sei.CodeNotFound, "Não foi possível ler a assinatura da lista de políticas.")
		}
	}
	return lists, nil
}

// centralRaiser is the raiser of a central, nil when no authority was named.
func (f proofFlags) centralRaiser(j *evidence.Judge) (central.SignatureRaiser, error) {
	if f.tsa == "" {
		return nil, nil
	}
	r, err := f.raiser(j)
	if err != nil {
		return nil, err
	}
	return raisingForCentral{r}, nil
}

type raisingForCentral struct{ raiser *evidence.Raiser }

// Raise implements central.SignatureRaiser.
func (r raisingForCentral) Raise(ctx context.Context, w io.Writer, signed central.File, ref sei.BlobRef) (string, time.Time, error) {
	level, at, err := r.raiser.Raise(ctx, w, signed, signed.Size(), ref.MIME)
	switch sei.CodeOf(err) {
	case pades.CodeNothingToRaise, pades.CodeNotRaisable, pades.CodeDamaged, pades.CodeEncrypted, pades.CodeTooComplex:
		return "", at, sei.Wrap(err, central.CodeNothingToRaise, sei.MessageOf(err))
	}
	return level, at, err
}

// withGovBR adds gov.br's roots, marked as such, to those of the central.
func withGovBR(roots, path string) (string, error) {
	if path == "" {
		return roots, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não foi possível ler as raízes de %s.", path))
	}
	certs, _, err := trust.ParsePEM(data)
	if err != nil {
		return "", err
	}
	return roots + string(trust.MarkPEM(certs, trust.KindGovBR)), nil
}

func newRaiseCommand() *cobra.Command {
	var f proofFlags
	var out, roots string
	var force bool
	cmd := &cobra.Command{
		Use:   "raise ARQUIVO -o SAÍDA --tsa URL",
		Short: "Eleva uma assinatura com carimbo do tempo e dados de validação, sem o signatário",
		Long: `Acrescenta prova a um arquivo assinado, sem a chave de quem assinou:

  AD-RT  carimbo do tempo
  AD-RC  também certificados, listas de revogação e um carimbo do documento
  AD-RA  também a política e a lista de políticas assinada

O arquivo original não é alterado.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return raise(cmd, args[0], out, roots, force, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&out, "output", "o", "", "arquivo de saída")
	flags.BoolVar(&force, "force", false, "substitui o arquivo de saída")
	flags.StringVar(&roots, "trust-roots", "", "raízes de treinamento (PEM), aceitas além da ICP-Brasil")
	f.add(flags)
	return cmd
}

func raise(cmd *cobra.Command, path, out, roots string, force bool, f proofFlags) error {
	in, size, err := openInput(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	if err := checkOutput(path, out); err != nil {
		return err
	}
	judge, err := verifyFlags{roots: roots, proof: f}.judge()
	if err != nil {
		return err
	}
	raiser, err := f.raiser(judge)
	if err != nil {
		return err
	}
	mime := ""
	if strings.EqualFold(filepath.Ext(path), detachedExtension) {
		mime = sei.MIMEDetached
	}
	var level string
	var at time.Time
	err = writeOutput(out, force, func(w io.Writer) (err error) {
		level, at, err = raiser.Raise(cmd.Context(), w, in, size, mime)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: elevado para %s, carimbo de %s\n", out, level, hour(at))
	return err
}

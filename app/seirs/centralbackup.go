package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func newCentralBackupCommand() *cobra.Command {
	var data, to string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Faz uma cópia de segurança da central, que pode estar em serviço",
		Long: `Copia o banco como está em um momento, depois os arquivos, e confere a cópia.
Repetida na mesma pasta, traz só os arquivos novos; a cópia anterior vale até a
nova estar completa. A cópia contém as chaves da central e o conteúdo de todos os
processos: guarde-a em outro disco e com o mesmo cuidado que a central.

Termina com 0 se a cópia está completa e nada foi encontrado, 1 se a cópia está
completa e algo foi encontrado na central, e 3 se a cópia não pôde ser feita.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return notJudged(cmd, backUp(cmd, data, to, asJSON))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&data, "data", "central-data", "pasta dos dados da central")
	flags.StringVar(&to, "to", "", "pasta da cópia de segurança")
	flags.BoolVar(&asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

func backUp(cmd *cobra.Command, data, to string, asJSON bool) error {
	if to == "" {
		return sei.Errorf(sei.CodeInvalid, "Informe com --to a pasta da cópia de segurança.")
	}
	copying := &copying{from: filepath.Join(data, "blobs"), to: filepath.Join(to, "blobs")}
	m, found, err := central.Backup(cmd.Context(), central.BackupConfig{
		Data: data, Copy: to, CopyFiles: copying.run, Files: &storedFolder{path: copying.to}, Version: version,
	})
	if err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintf(cmd.OutOrStdout(), "cópia de %s em %s: %d eventos; %d arquivos novos, %d ao todo\n",
			hour(m.At), to, m.Events, copying.copied, copying.copied+copying.present)
		for _, f := range copying.failed {
			fmt.Fprintf(cmd.OutOrStdout(), "não copiado: %s\n", f)
		}
	}
	key, err := central.ReceiptPublicKey(to)
	if err != nil {
		return err
	}
	return tellInspection(cmd.OutOrStdout(), found, key, asJSON)
}

func newCentralCheckCommand() *cobra.Command {
	var from string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Confere uma cópia de segurança, inclusive o conteúdo dos arquivos",
		Long: `Confere que a cópia está completa e é a que foi feita, e a audita como uma central
(veja seirs audit). Termina com 0, 1 ou 3, como seirs audit.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return notJudged(cmd, checkBackup(cmd, from, asJSON)) },
	}
	cmd.Flags().StringVar(&from, "from", "", "pasta da cópia de segurança")
	cmd.Flags().BoolVar(&asJSON, "json", false, "escreve o resultado em JSON")
	return cmd
}

func checkBackup(cmd *cobra.Command, from string, asJSON bool) error {
	if from == "" {
		return sei.Errorf(sei.CodeInvalid, "Informe com --from a pasta da cópia de segurança.")
	}
	if _, err := central.ReadBackupManifest(from); err != nil {
		return err // before anything is made in a folder that holds no backup
	}
	key, err := central.ReceiptPublicKey(from)
	if err != nil {
		return err
	}
	m, found, err := central.CheckBackup(cmd.Context(), from, &storedFolder{path: filepath.Join(from, "blobs")})
	if err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintf(cmd.OutOrStdout(), "cópia de %s, versão %s\n", hour(m.At), m.Version)
	}
	return tellInspection(cmd.OutOrStdout(), found, key, asJSON)
}

func newCentralRestoreCommand() *cobra.Command {
	var from, data string
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Refaz uma central de uma cópia de segurança, em uma pasta sem central",
		Long: `Refaz a central em uma pasta que não tem uma e a confere. Todos entram de novo com
a sua senha. O que foi aceito depois da cópia não está nela: as estações o têm e o
devolvem quando se conectam. Até a recuperação ser encerrada (seirs central
recover --finish), a central não registra nada novo. A pasta da cópia é anotada, para
que duas restaurações dela nunca deem o mesmo número.

Termina com 0, 1 ou 3, como seirs audit.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return notJudged(cmd, restore(cmd, from, data)) },
	}
	cmd.Flags().StringVar(&from, "from", "", "pasta da cópia de segurança")
	cmd.Flags().StringVar(&data, "data", "", "pasta dos dados da nova central")
	return cmd
}

func restore(cmd *cobra.Command, from, data string) error {
	if from == "" || data == "" {
		return sei.Errorf(sei.CodeInvalid, "Informe a cópia com --from e a pasta da nova central com --data.")
	}
	copying := &copying{from: filepath.Join(from, "blobs"), to: filepath.Join(data, "blobs")}
	m, err := central.Restore(cmd.Context(), central.BackupConfig{Data: data, Copy: from, CopyFiles: copying.run})
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "central restaurada em %s, como estava em %s\n", data, hour(m.At))
	fmt.Fprintln(cmd.OutOrStdout(), "Em recuperação: as estações devolvem o que foi aceito depois desse momento. Acompanhe e encerre com seirs central recover.")
	return audit(cmd.Context(), cmd.OutOrStdout(), auditFlags{data: data})
}

// copying brings stored files from one folder to another. It opens the folders
// when it runs, so that a refused backup leaves no trace.
type copying struct {
	from, to        string
	copied, present int
	failed          []string // files that could not be read; the inspection names who misses them
}

func (c *copying) run(ctx context.Context) error {
	if _, err := os.Stat(c.from); errors.Is(err, fs.ErrNotExist) {
		return nil // a central that never stored a file
	}
	from, err := blob.NewFiles(c.from)
	if err != nil {
		return err
	}
	to, err := blob.NewFiles(c.to)
	if err != nil {
		return err
	}
	return from.Walk(ctx, func(ref blob.Ref) error { return c.one(ctx, from, to, ref) })
}

// one copies a file, unless it is there. A damaged one does not end the backup
// of all the others; a full disk does.
func (c *copying) one(ctx context.Context, from, to blob.Store, ref blob.Ref) error {
	if there, err := to.Stat(ctx, ref.SHA256); err == nil && there.Size == ref.Size {
		c.present++
		return nil
	}
	r, err := from.Open(ctx, ref.SHA256)
	if err == nil {
		err = to.PutExpected(ctx, ref.SHA256, ref.Size, r)
		_ = r.Close() // only read
	}
	switch sei.CodeOf(err) {
	case "":
		c.copied++
		return nil
	case blob.CodeDiskFull:
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.failed = append(c.failed, fmt.Sprintf("%s: %v", ref.SHA256, err))
	return nil
}

// storedFolder reads files where they are stored, and makes nothing: a folder
// that is missing has no files.
type storedFolder struct {
	path  string
	store blob.Store
}

var _ central.StoredContent = (*storedFolder)(nil)

func (f *storedFolder) open() (blob.Store, error) {
	if f.store != nil {
		return f.store, nil
	}
	if _, err := os.Stat(f.path); err != nil {
		return nil, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("A pasta %s não existe.", f.path))
	}
	var err error
	f.store, err = blob.NewFiles(f.path)
	return f.store, err
}

func (f *storedFolder) Open(ctx context.Context, sha sei.SHA256) (central.File, error) {
	store, err := f.open()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, string(sha))
}

func (f *storedFolder) Size(ctx context.Context, sha sei.SHA256) (int64, error) {
	store, err := f.open()
	if err != nil {
		return 0, err
	}
	ref, err := store.Stat(ctx, string(sha))
	return ref.Size, err
}

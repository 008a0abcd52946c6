package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// trailFlags choose lines of the audit trail and their form.
type trailFlags struct {
	data        string
	filter      central.AuditFilter
	code        string
	from, until string
	format      string
	user        string
}

func newCentralTrailCommand() *cobra.Command {
	var f trailFlags
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Mostra ou exporta a trilha de auditoria: acessos, leituras restritas, recusas, atos de administração",
		Long: `Mostra a trilha de auditoria da central, do mais antigo ao mais novo; a central
pode estar em serviço. A trilha guarda identificadores, não nomes nem conteúdo; os
nomes mostrados são os de agora. As horas são as de Brasília.

Atos (--act): ` + strings.Join(slices.Sorted(maps.Keys(central.AuditActs)), ", ") + `.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return showTrail(cmd, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "central-data", "pasta dos dados da central")
	flags.StringVar(&f.user, "user", "", "só deste usuário: ÓRGÃO/usuário, ou só o usuário")
	flags.StringVar(&f.from, "from", "", "desde este dia (AAAA-MM-DD), ou momento (RFC 3339)")
	flags.StringVar(&f.until, "until", "", "até este dia (AAAA-MM-DD, inclusive), ou antes deste momento (RFC 3339)")
	flags.StringSliceVar(&f.filter.Acts, "act", nil, "só estes atos")
	flags.StringVar(&f.code, "code", "", "só o que terminou com este código de recusa")
	flags.StringVar(&f.filter.Subject, "subject", "", "só o que trata deste processo, documento ou comando (identificador)")
	flags.StringVar(&f.format, "format", "text", "text, csv ou json (um objeto por linha)")
	return cmd
}

func showTrail(cmd *cobra.Command, f trailFlags) error {
	zone := brasilia()
	filter, err := f.read(zone)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	write, finish, err := trailWriter(out, f.format, zone)
	if err != nil {
		return err
	}
	err = central.ReadAudit(cmd.Context(), f.data, filter, write)
	return errors.Join(err, finish(), out.Flush())
}

func (f trailFlags) read(zone *time.Location) (central.AuditFilter, error) {
	filter := f.filter
	filter.Code = sei.Code(f.code)
	if agency, login, both := strings.Cut(f.user, "/"); both {
		filter.Agency, filter.Login = agency, login
	} else {
		filter.Login = f.user
	}
	for _, act := range filter.Acts {
		if _, known := central.AuditActs[act]; !known {
			return filter, sei.Errorf(sei.CodeInvalid, "O ato %q não existe na trilha. Veja a lista com --help.", act)
		}
	}
	var err error
	if filter.From, err = readMoment(f.from, zone, 0); err != nil {
		return filter, err
	}
	filter.Until, err = readMoment(f.until, zone, 1)
	return filter, err
}

// readMoment reads a day, to which days are added, or a moment.
func readMoment(s string, zone *time.Location, days int) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return day.AddDate(0, 0, days), nil
	}
	moment, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return moment, sei.Wrap(err, sei.CodeInvalid, "A data deve ter a forma AAAA-MM-DD, ou AAAA-MM-DDThh:mm:ss-03:00.")
	}
	return moment, nil
}

// trailWriter writes lines in a form; finish ends it.
func trailWriter(out io.Writer, format string, zone *time.Location) (write func(central.AuditLine) error, finish func() error, err error) {
	nothing := func() error { return nil }
	switch format {
	case "text":
		return func(l central.AuditLine) error {
			_, err := fmt.Fprintln(out, trailText(l, zone))
			return err
		}, nothing, nil
	case "json":
		enc := json.NewEncoder(out)
		return func(l central.AuditLine) error {
			l.At = l.At.In(zone)
			return enc.Encode(l)
		}, nothing, nil
	case "csv":
		w := csv.NewWriter(out)
		if err := w.Write([]string{"linha", "hora", "ato", "codigo", "orgao", "usuario", "id_usuario", "unidade", "estacao", "assunto"}); err != nil {
			return nil, nil, fmt.Errorf("writing: %w", err)
		}
		return func(l central.AuditLine) error { return w.Write(trailRecord(l, zone)) },
			func() error { w.Flush(); return w.Error() }, nil
	}
	return nil, nil, sei.Errorf(sei.CodeInvalid, "O formato %q não existe; use text, csv ou json.", format)
}

func trailText(l central.AuditLine, zone *time.Location) string {
	parts := []string{l.At.In(zone).Format("02/01/2006 15:04:05 -07"), cmp.Or(central.AuditActs[l.Act], l.Act)}
	if l.Code != "" {
		parts[1] += " (" + string(l.Code) + ")"
	}
	if l.Login != "" {
		parts = append(parts, l.Agency+"/"+l.Login)
	} else if l.User == "" {
		parts = append(parts, "usuário desconhecido")
	} else {
		parts = append(parts, string(l.User))
	}
	for _, more := range []string{l.Unit, l.Subject} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, "  ")
}

// trailRecord spares a spreadsheet from taking what was stored for a formula.
func trailRecord(l central.AuditLine, zone *time.Location) []string {
	record := []string{
		fmt.Sprint(l.ID), l.At.In(zone).Format(time.RFC3339Nano), l.Act, string(l.Code), l.Agency, l.Login, string(l.User), l.Unit, string(l.Device), l.Subject,
	}
	for i, v := range record {
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			record[i] = "'" + v
		}
	}
	return record
}

package central

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// AuditActs names what the audit trail holds, with its words for an auditor.
var AuditActs = map[string]string{
	"login": "acesso", "password": "troca de senha", "password-check": "conferência de senha", "refuse": "ato recusado",
	"read": "leitura de conteúdo restrito", "epoch": "nova época da estação", "membership-end": "fim de lotação",
	"add": "usuário criado", "reset": "senha redefinida", "disable": "usuário bloqueado", "enable": "usuário desbloqueado",
	"grant": "perfis definidos",
}

// AuditFilter chooses lines of the audit trail; empty fields choose all.
type AuditFilter struct {
	Agency, Login string    // of the user; a login without agency is looked for in all
	From, Until   time.Time // the first moment, and the first one after the last
	Acts          []string  // login, read, refuse, …
	Code          sei.Code  // why it was refused
	Subject       string    // id of a process, document or command
}

// AuditLine is one act of the audit trail, with the names that ids have now.
type AuditLine struct {
	ID      int64        `json:"id"` // grows with every line; what is missing between two was deleted
	At      time.Time    `json:"at"`
	Act     string       `json:"act"`
	Code    sei.Code     `json:"code,omitempty"` // "" when it was allowed
	User    sei.UserID   `json:"user,omitempty"`
	Login   string       `json:"login,omitempty"`
	Agency  string       `json:"agency,omitempty"` // acronym, of the user
	Unit    string       `json:"unit,omitempty"`   // acronym, acting
	Device  sei.DeviceID `json:"device,omitempty"`
	Subject string       `json:"subject,omitempty"`
}

// ReadAudit shows the audit trail of the central in folder, oldest first, which
// may be in service. It changes nothing and is bounded by visit, which may end
// it with an error.
func ReadAudit(ctx context.Context, folder string, f AuditFilter, visit func(AuditLine) error) error {
	return lookInto(ctx, filepath.Join(folder, databaseFile), func(r reader) error {
		cat, err := loadCatalogue(r, 0)
		if err != nil {
			return err
		}
		where, args, err := f.conditions(cat)
		if err != nil {
			return err
		}
		err = r.each(`SELECT a.id, a.at, a.act, a.code, a.user_id, COALESCE(u.login, ''), COALESCE(u.agency_id, ''), a.unit_id, a.device_id, a.subject
			FROM audit a LEFT JOIN users u ON u.id = a.user_id`+where+" ORDER BY a.id", args, func(scan func(...any) error) error {
			var l AuditLine
			var at int64
			var agency sei.AgencyID
			var unit sei.UnitID
			if err := scan(&l.ID, &at, &l.Act, &l.Code, &l.User, &l.Login, &agency, &unit, &l.Device, &l.Subject); err != nil {
				return err
			}
			l.At, l.Agency, l.Unit = fromMicros(at), cat.Agencies[agency].Acronym, cat.Units[unit].Acronym
			return visit(l)
		})
		if err != nil {
			return fmt.Errorf("reading the audit trail: %w", err)
		}
		return nil
	})
}

// conditions are the filter as SQL; nothing of what was typed stands in it.
func (f AuditFilter) conditions(cat *catalogue) (where string, args []any, err error) {
	var parts []string
	add := func(part string, values ...any) {
		parts, args = append(parts, part), append(args, values...)
	}
	if f.Login != "" {
		add("u.login = ?", normalLogin(f.Login))
	}
	if f.Agency != "" {
		agency, ok := cat.agencyByAcronym(f.Agency)
		if !ok {
			return "", nil, sei.Errorf(sei.CodeNotFound, "O órgão %q não existe nesta central.", f.Agency)
		}
		add("u.agency_id = ?", string(agency.ID))
	}
	if !f.From.IsZero() {
		add("a.at >= ?", micros(f.From))
	}
	if !f.Until.IsZero() {
		add("a.at < ?", micros(f.Until))
	}
	if len(f.Acts) > 0 {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(f.Acts)), ", ")
		acts := make([]any, len(f.Acts))
		for i, act := range f.Acts {
			acts[i] = act
		}
		add("a.act IN ("+marks+")", acts...)
	}
	if f.Code != "" {
		add("a.code = ?", string(f.Code))
	}
	if f.Subject != "" {
		add("instr(a.subject, ?) > 0", f.Subject)
	}
	if len(parts) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args, nil
}

package central

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// NewUser is an account to be made.
type NewUser struct {
	Agency   string // acronym
	Login    string
	Name     string
	CPF      string // 11 digits or ""
	Password string
	// MustChange lets the password do nothing but be replaced.
	MustChange bool
}

// NewUnit is a unit to be made.
type NewUnit struct {
	Agency   string // acronym
	Acronym  string
	Name     string
	City     string
	Code     int // in process numbers; 0 takes the next free one
	Protocol bool
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,63}$`)

// AddUser makes an account and returns its id.
func (s *Service) AddUser(ctx context.Context, u NewUser) (sei.UserID, error) {
	if err := checkNewPassword(u.Login, u.Password); err != nil {
		return "", err
	}
	hash, err := s.passwords.hash(ctx, u.Password)
	if err != nil {
		return "", err
	}
	var id sei.UserID
	err = s.commits.write(ctx, func(w *writer) error {
		if id, err = s.insertUser(w, u, hash); err != nil {
			return err
		}
		return audit(w, auditEntry{at: s.cfg.Clock(), act: "add", user: id})
	})
	return id, err
}

func (s *Service) insertUser(w *writer, u NewUser, hash string) (sei.UserID, error) {
	c, err := s.catalogueAt(w.reader)
	if err != nil {
		return "", err
	}
	agency, ok := c.agencyByAcronym(u.Agency)
	login := normalLogin(u.Login)
	switch {
	case !ok:
		return "", sei.Errorf(sei.CodeInvalid, "O órgão %q não existe nesta central.", u.Agency)
	case !loginForm.MatchString(login):
		return "", sei.Errorf(sei.CodeInvalid, "O nome de usuário aceita letras minúsculas sem acento, algarismos, ponto, hífen e sublinhado.")
	case strings.TrimSpace(u.Name) == "":
		return "", sei.Errorf(sei.CodeInvalid, "Informe o nome da pessoa.")
	case u.CPF != "" && !protocol.ValidCPF(u.CPF):
		return "", sei.Errorf(sei.CodeInvalid, "O CPF informado não é válido.")
	}
	var n int
	if err := w.row("SELECT COUNT(*) FROM users WHERE agency_id = ? AND login = ?", string(agency.ID), login).Scan(&n); err != nil {
		return "", fmt.Errorf("looking for a user: %w", err)
	}
	if n > 0 {
		return "", sei.Errorf(sei.CodeConflict, "Já existe o usuário %q no órgão %s.", login, agency.Acronym)
	}
	id := sei.UserID(protocol.NewID(s.cfg.Clock(), s.cfg.Random))
	return id, w.exec(`INSERT INTO users (id, agency_id, login, name, cpf, password_hash, must_change, disabled, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, string(id), string(agency.ID), login, strings.TrimSpace(u.Name), u.CPF, hash, u.MustChange, false, micros(s.cfg.Clock()))
}

// ResetPassword gives the user a new password that must be changed at the next
// login, and ends all sessions.
func (s *Service) ResetPassword(ctx context.Context, agency, login, password string) error {
	if err := checkNewPassword(login, password); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.changeUser(ctx, agency, login, "reset", func(w *writer, id string) error {
		return w.exec("UPDATE users SET password_hash = ?, must_change = ? WHERE id = ?", hash, true, id)
	})
}

// SetDisabled locks an account out, or lets it in again. Its sessions end.
func (s *Service) SetDisabled(ctx context.Context, agency, login string, disabled bool) error {
	act := "enable"
	if disabled {
		act = "disable"
	}
	return s.changeUser(ctx, agency, login, act, func(w *writer, id string) error {
		if err := w.exec("UPDATE users SET disabled = ? WHERE id = ?", disabled, id); err != nil {
			return err
		}
		return s.refreshMember(w, sei.UserID(id))
	})
}

// existingAccount finds an account that somebody named.
func (s *Service) existingAccount(r reader, agency, login string) (*catalogue, account, error) {
	c, err := s.catalogueAt(r)
	if err != nil {
		return nil, account{}, err
	}
	a, err := findAccount(r, c, agency, login)
	if err == nil && a.ID == "" {
		err = sei.Errorf(sei.CodeNotFound, "O usuário %q não existe no órgão %q.", login, agency)
	}
	return c, a, err
}

// changeUser finds an account, changes it and ends its sessions.
func (s *Service) changeUser(ctx context.Context, agency, login, act string, change func(w *writer, id string) error) error {
	return s.commits.write(ctx, func(w *writer) error {
		_, a, err := s.existingAccount(w.reader, agency, login)
		if err != nil {
			return err
		}
		if err := change(w, string(a.ID)); err != nil {
			return err
		}
		if err := w.exec("DELETE FROM sessions WHERE user_id = ?", string(a.ID)); err != nil {
			return err
		}
		return audit(w, auditEntry{at: s.cfg.Clock(), act: act, user: a.ID})
	})
}

// Grant gives a user profiles in a unit, in place of those held there. No
// profiles takes the user out of the unit. A zero until is without end.
func (s *Service) Grant(ctx context.Context, agency, login, unitAgency, unit string, profiles []sei.Profile, until time.Time) error {
	return s.commits.write(ctx, func(w *writer) error {
		c, a, err := s.existingAccount(w.reader, agency, login)
		if err != nil {
			return err
		}
		home, _ := c.agencyByAcronym(unitAgency)
		u, ok := c.unitByAcronym(home.ID, unit)
		if !ok {
			return sei.Errorf(sei.CodeNotFound, "A unidade %q não existe no órgão %q.", unit, unitAgency)
		}
		if err := s.grant(w, a.ID, u.ID, profiles, until); err != nil {
			return err
		}
		return audit(w, auditEntry{at: s.cfg.Clock(), act: "grant", user: a.ID, unit: u.ID, subject: profileList(profiles)})
	})
}

func profileList(profiles []sei.Profile) string {
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = string(p)
	}
	return strings.Join(names, " ")
}

func (s *Service) grant(w *writer, user sei.UserID, unit sei.UnitID, profiles []sei.Profile, until time.Time) error {
	if err := w.exec("DELETE FROM memberships WHERE user_id = ? AND unit_id = ?", string(user), string(unit)); err != nil {
		return err
	}
	end := int64(0)
	if !until.IsZero() {
		end = micros(until)
	}
	for _, p := range profiles {
		if !p.Valid() {
			return sei.Errorf(sei.CodeInvalid, "O perfil %q não existe.", string(p))
		}
		if err := w.exec("INSERT INTO memberships (user_id, unit_id, profile, valid_from, valid_to) VALUES (?, ?, ?, ?, ?)",
			string(user), string(unit), string(p), micros(s.cfg.Clock()), end); err != nil {
			return err
		}
	}
	return s.projectMember(w, user, unit)
}

// refreshMember brings the rows of every unit of a user up to date.
func (s *Service) refreshMember(w *writer, user sei.UserID) error {
	var units []string
	err := w.each("SELECT DISTINCT unit_id FROM memberships WHERE user_id = ? ORDER BY unit_id", []any{string(user)},
		func(scan func(...any) error) error {
			var id string
			if err := scan(&id); err != nil {
				return err
			}
			units = append(units, id)
			return nil
		})
	if err != nil {
		return err
	}
	for _, u := range units {
		if err := s.projectMember(w, user, sei.UnitID(u)); err != nil {
			return err
		}
	}
	return nil
}

// projectMember writes the user's place in a unit into both their buckets.
func (s *Service) projectMember(w *writer, user sei.UserID, unit sei.UnitID) error {
	c, err := s.catalogueAt(w.reader)
	if err != nil {
		return err
	}
	m, ok := deciding{catalogue: c, r: w.reader, now: s.cfg.Clock()}.Member(unit, user)
	_, err = changeBucket(w, wire.UnitBucket(unit), func(b *bucket) error {
		if !ok {
			return b.remove("member/" + string(user))
		}
		return b.put("member/"+string(user), m)
	})
	if err != nil {
		return err
	}
	_, err = changeBucket(w, wire.UserBucket(user), func(b *bucket) error {
		if !ok {
			return b.remove(unitKey(unit))
		}
		return b.put(unitKey(unit), wire.UserUnitRow{Unit: unit, Profiles: m.Profiles})
	})
	return err
}

// AddUnit makes a unit of an agency and returns its id.
func (s *Service) AddUnit(ctx context.Context, n NewUnit) (sei.UnitID, error) {
	var id sei.UnitID
	err := s.commits.write(ctx, func(w *writer) error {
		c, err := s.catalogueAt(w.reader)
		if err != nil {
			return err
		}
		agency, ok := c.agencyByAcronym(n.Agency)
		if !ok {
			return sei.Errorf(sei.CodeInvalid, "O órgão %q não existe nesta central.", n.Agency)
		}
		if _, exists := c.unitByAcronym(agency.ID, n.Acronym); exists {
			return sei.Errorf(sei.CodeConflict, "Já existe a unidade %q no órgão %s.", n.Acronym, agency.Acronym)
		}
		if strings.TrimSpace(n.Acronym) == "" || strings.TrimSpace(n.Name) == "" {
			return sei.Errorf(sei.CodeInvalid, "Informe a sigla e o nome da unidade.")
		}
		if n.Code, err = c.unitCode(agency.ID, n.Code); err != nil {
			return err
		}
		id = sei.UnitID(protocol.NewID(s.cfg.Clock(), s.cfg.Random))
		return putCatalogue(w, []referenceRow{{unitKey(id), sei.Unit{
			ID: id, Agency: agency.ID, Code: n.Code, Acronym: strings.TrimSpace(n.Acronym), Name: strings.TrimSpace(n.Name),
			City: n.City, Receives: true, Protocol: n.Protocol, From: s.cfg.Clock().UTC().Truncate(time.Second),
		}}})
	})
	return id, err
}

// unitCode takes the wanted code or the next free one; two units with the same
// code would give the same process number.
func (c *catalogue) unitCode(agency sei.AgencyID, wanted int) (int, error) {
	highest := 0
	for _, u := range c.Units {
		if u.Agency != agency {
			continue
		}
		if u.Code == wanted && wanted != 0 {
			return 0, sei.Errorf(sei.CodeConflict, "O código %d já é da unidade %s.", wanted, u.Acronym)
		}
		highest = max(highest, u.Code)
	}
	if wanted == 0 {
		return highest + 1, nil
	}
	return wanted, nil
}

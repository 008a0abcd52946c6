package central

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// DemoPassword is the password of every account of a demonstration central. It
// is announced on the login screen: a demonstration keeps no secret.
const DemoPassword = "demonstracao"

type demoUnit struct {
	agency, acronym, name string
	code                  int
	protocol              bool
}

// The demonstration's units are named after real kinds of unit, not after the
// state's own structure.
var demoUnits = []demoUnit{
	{"SPGG", "SPGG/GAB", "Gabinete da Secretária", 1, false},
	{"SPGG", "SPGG/DEPLAN", "Departamento de Planejamento Governamental", 2, false},
	{"SPGG", "SPGG/PROT", "Seção de Protocolo", 3, true},
	{"SES", "SES/GAB", "Gabinete da Secretária", 1, false},
	{"SES", "SES/DAHA", "Departamento de Gestão da Atenção Especializada", 2, false},
	{"SES", "SES/PROT", "Seção de Protocolo", 3, true},
	{"SEFAZ", "SEFAZ/GAB", "Gabinete da Secretária", 1, false},
	{"SEFAZ", "SEFAZ/TE", "Tesouro do Estado", 2, false},
	{"SEFAZ", "SEFAZ/PROT", "Seção de Protocolo", 3, true},
}

type demoPerson struct {
	agency, login, name, cpf string
	role                     string
	unit                     string // where the person works first
	more                     []string
	profiles                 []sei.Profile
}

// CPFs are valid in form and belong to the invented people of this list.
var demoPeople = []demoPerson{
	{"SPGG", "ana.schneider", "Ana Paula Schneider", demoCPF(1), "Chefe", "SPGG/GAB", []string{"SPGG/DEPLAN"}, basic},
	{"SPGG", "bruno.machado", "Bruno Machado da Silva", demoCPF(2), "Assessor", "SPGG/GAB", nil, colleague},
	{"SPGG", "carla.rodrigues", "Carla Rodrigues", demoCPF(3), "Protocolo", "SPGG/GAB", []string{"SPGG/PROT"}, protocolClerk},
	{"SPGG", "diego.fagundes", "Diego Fagundes", demoCPF(4), "Chefe", "SPGG/DEPLAN", nil, basic},
	{"SPGG", "elisa.kuhn", "Elisa Kuhn", demoCPF(5), "Assessora", "SPGG/DEPLAN", nil, colleague},
	{"SPGG", "fabio.teixeira", "Fábio Teixeira", demoCPF(6), "Protocolo", "SPGG/PROT", nil, protocolClerk},
	{"SPGG", "admin", "Gabriela Lemos", demoCPF(7), "Administradora", "SPGG/GAB", nil, []sei.Profile{sei.ProfileAdmin}},
	{"SES", "helena.moraes", "Helena Moraes", demoCPF(8), "Chefe", "SES/GAB", []string{"SES/DAHA"}, basic},
	{"SES", "igor.pacheco", "Igor Pacheco", demoCPF(9), "Assessor", "SES/GAB", nil, colleague},
	{"SES", "joana.vargas", "Joana Vargas", demoCPF(10), "Protocolo", "SES/GAB", []string{"SES/PROT"}, protocolClerk},
	{"SES", "katia.bittencourt", "Kátia Bittencourt", demoCPF(11), "Chefe", "SES/DAHA", nil, basic},
	{"SES", "luis.antunes", "Luís Antunes", demoCPF(12), "Assessor", "SES/DAHA", nil, colleague},
	{"SES", "marcia.brum", "Márcia Brum", demoCPF(13), "Protocolo", "SES/PROT", nil, protocolClerk},
	{"SEFAZ", "nelson.ribeiro", "Nelson Ribeiro", demoCPF(14), "Chefe", "SEFAZ/GAB", []string{"SEFAZ/TE"}, basic},
	{"SEFAZ", "olivia.santos", "Olívia dos Santos", demoCPF(15), "Assessora", "SEFAZ/GAB", nil, colleague},
	{"SEFAZ", "paulo.weber", "Paulo Weber", demoCPF(16), "Protocolo", "SEFAZ/GAB", []string{"SEFAZ/PROT"}, protocolClerk},
	{"SEFAZ", "raquel.dutra", "Raquel Dutra", demoCPF(17), "Chefe", "SEFAZ/TE", nil, basic},
	{"SEFAZ", "sergio.azambuja", "Sérgio Azambuja", demoCPF(18), "Assessor", "SEFAZ/TE", nil, colleague},
	{"SEFAZ", "auditor", "Tânia Camargo", demoCPF(19), "Auditora", "SEFAZ/GAB", nil, []sei.Profile{sei.ProfileAuditor}},
}

var (
	basic         = []sei.Profile{sei.ProfileBasic}
	colleague     = []sei.Profile{sei.ProfileColleague}
	protocolClerk = []sei.Profile{sei.ProfileBasic, sei.ProfileProtocol}
)

// demoCPF makes the n-th invented CPF; its check digits hold.
func demoCPF(n int) string {
	nine := fmt.Sprintf("%09d", 900_000_000+n*7)
	return nine + protocol.CPFCheckDigits(nine)
}

func demoUnitID(acronym string) sei.UnitID {
	return sei.UnitID("demo-" + strings.ToLower(strings.ReplaceAll(acronym, "/", "-")))
}

func demoUserID(p demoPerson) sei.UserID {
	return sei.UserID("demo-" + strings.ToLower(p.agency) + "-" + p.login)
}

// demoUsers is what the login screen of a demonstration shows.
func demoUsers() []wire.DemoUser {
	users := make([]wire.DemoUser, len(demoPeople))
	for i, p := range demoPeople {
		users[i] = wire.DemoUser{Agency: p.agency, Login: p.login, Password: DemoPassword, Name: p.name, Unit: p.unit, Role: p.role}
	}
	return users
}

// loadDemo makes the demonstration's units and users, once.
func (s *Service) loadDemo(w *writer) error {
	if done, err := getMeta(w.reader, "demo-loaded"); err != nil || done != "" {
		return err
	}
	if err := putCatalogue(w, demoUnitRows(s.cfg.Clock())); err != nil {
		return err
	}
	// One hash for all: the password is public, and nineteen hashes take seconds.
	hash, err := s.passwords.hash(context.Background(), DemoPassword)
	if err != nil {
		return err
	}
	for _, p := range demoPeople {
		if err := s.loadDemoPerson(w, p, hash); err != nil {
			return fmt.Errorf("demonstration user %s: %w", p.login, err)
		}
	}
	return setMeta(w, "demo-loaded", "1")
}

func demoUnitRows(now time.Time) []referenceRow {
	rows := make([]referenceRow, len(demoUnits))
	for i, u := range demoUnits {
		unit := sei.Unit{
			ID: demoUnitID(u.acronym), Agency: sei.AgencyID(strings.ToLower(u.agency)), Code: u.code, Acronym: u.acronym,
			Name: u.name, City: "Porto Alegre", Receives: true, Protocol: u.protocol,
			From: time.Date(now.Year()-1, time.January, 1, 0, 0, 0, 0, time.UTC),
		}
		rows[i] = referenceRow{unitKey(unit.ID), unit}
	}
	return rows
}

func (s *Service) loadDemoPerson(w *writer, p demoPerson, hash string) error {
	id := demoUserID(p)
	err := w.exec(`INSERT INTO users (id, agency_id, login, name, cpf, password_hash, must_change, disabled, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, string(id), strings.ToLower(p.agency), p.login, p.name, p.cpf, hash, false, false, micros(s.cfg.Clock()))
	if err != nil {
		return err
	}
	for _, unit := range slices.Concat([]string{p.unit}, p.more) {
		if err := s.grant(w, id, demoUnitID(unit), p.profiles, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// DemoPerson is an invented person of the demonstration, for whom training
// certificates are made.
func DemoPerson(agency, login string) (NewUser, bool) {
	for _, p := range demoPeople {
		if p.agency == agency && p.login == login {
			return NewUser{Agency: p.agency, Login: p.login, Name: p.name, CPF: p.cpf, Password: DemoPassword}, true
		}
	}
	return NewUser{}, false
}

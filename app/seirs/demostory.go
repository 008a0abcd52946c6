package main

import (
	"context"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Types and subjects of the reference data that the samples use.
const (
	typePurchases = 100000304 // Licitação: Plano de Aquisições
	typeSecond    = 100000148 // Pessoal: Cessão de Servidor para outro Órgão
	typeSickLeave = 100000205 // Pessoal: Licença para Tratamento da Própria Saúde
	typeAgreement = 100000306 // Convênios/Ajustes: Formalização/Alteração sem Repasse

	docDispatch    = 5   // Despacho
	docLetter      = 11  // Ofício
	docTechnical   = 15  // Nota Técnica
	docQuote       = 206 // Orçamento
	docRequest     = 64  // Requerimento
	docCertificate = 74  // Atestado

	basisPersonal = 4 // Informação Pessoal

	// Units of the demonstration, by the ids that the central gives them.
	unitFinance  = sei.UnitID("demo-sefaz-gab")
	unitPlanning = sei.UnitID("demo-spgg-gab")
	unitHealth   = sei.UnitID("demo-ses-gab")
)

// story is the demonstration being told.
type story struct {
	ctx   context.Context
	s     *central.Service
	desks map[string]*sampleDesk
}

// tellSamples fills an empty demonstration with processes on their way between
// agencies. Where there are processes already it does nothing.
func tellSamples(ctx context.Context, s *central.Service) error {
	n, err := s.CountProcesses(ctx)
	if err != nil || n > 0 {
		return err
	}
	t := &story{ctx: ctx, s: s, desks: map[string]*sampleDesk{}}
	for _, chapter := range []func() error{t.purchase, t.sickLeave, t.secondment, t.agreement} {
		if err := chapter(); err != nil {
			return fmt.Errorf("making the sample processes: %w", err)
		}
	}
	return nil
}

func (t *story) desk(agency, login, unit string) (*sampleDesk, error) {
	if d := t.desks[login]; d != nil {
		return d.at(unit), nil
	}
	d, err := newSampleDesk(t.ctx, t.s, agency, login)
	if err != nil {
		return nil, err
	}
	t.desks[login] = d
	return d.at(unit), nil
}

// purchase: public, with received PDFs, a signed note, sent to SEFAZ and kept
// open; nobody there has received it yet.
func (t *story) purchase() error {
	chief, err := t.desk("SPGG", "ana.schneider", "SPGG/GAB")
	if err != nil {
		return err
	}
	id := sei.ProcessID(newID())
	r, _, err := chief.do(id, sei.StartProcess{
		Type: typePurchases, Specification: "Aquisição de mobiliário para salas de reunião", Subjects: []int{3},
		Interested: []sei.Contact{{Name: "Departamento de Planejamento Governamental"}},
	})
	if err != nil {
		return err
	}
	if err := chief.external(id, docQuote, "orcamento.pdf", "Orçamento Móveis Serrano", "Mesa de reunião, 10 lugares: R$ 4.200,00\nCadeira giratória, 10 unidades: R$ 6.900,00\nTotal: R$ 11.100,00", "Móveis Serrano Ltda."); err != nil {
		return err
	}
	m, err := chief.minute(id, r.ProcessNumber, docTechnical, "Nota Técnica", "Trata-se da aquisição de mobiliário para as salas de reunião do gabinete.\nHá previsão no plano de aquisições do exercício.\nEncaminhe-se à Secretaria da Fazenda para manifestação sobre a disponibilidade financeira.")
	if err != nil {
		return err
	}
	if err := chief.sign(m, "Chefe de Gabinete"); err != nil {
		return err
	}
	_, _, err = chief.do(id, sei.Send{To: []sei.UnitID{unitFinance}, KeepOpen: true})
	return err
}

// sickLeave: restricted, personal data; only SES and SPGG may know of it.
func (t *story) sickLeave() error {
	chief, err := t.desk("SES", "helena.moraes", "SES/GAB")
	if err != nil {
		return err
	}
	id := sei.ProcessID(newID())
	r, _, err := chief.do(id, sei.StartProcess{
		Type: typeSickLeave, Specification: "Licença para tratamento de saúde", Subjects: []int{90},
		Interested: []sei.Contact{{Name: "Igor Pacheco"}}, Level: sei.Restricted, LegalBasis: basisPersonal,
	})
	if err != nil {
		return err
	}
	if err := chief.external(id, docCertificate, "atestado.pdf", "Atestado médico", "Atesto que o servidor necessita de 15 dias de afastamento.", "Clínica São Rafael"); err != nil {
		return err
	}
	m, err := chief.minute(id, r.ProcessNumber, docDispatch, "Despacho", "Encaminhe-se à perícia, com o atestado anexo.")
	if err != nil {
		return err
	}
	if err := chief.sign(m, "Chefe de Gabinete"); err != nil {
		return err
	}
	_, _, err = chief.do(id, sei.Send{To: []sei.UnitID{unitPlanning}})
	return err
}

// secondment: a request came in, was received, and an assessor has a minute
// that waits for the chief.
func (t *story) secondment() error {
	chief, err := t.desk("SEFAZ", "nelson.ribeiro", "SEFAZ/GAB")
	if err != nil {
		return err
	}
	id := sei.ProcessID(newID())
	r, _, err := chief.do(id, sei.StartProcess{
		Type: typeSecond, Specification: "Cessão de servidor para projeto de modernização", Subjects: []int{52},
		Interested: []sei.Contact{{Name: "Sérgio Azambuja"}},
	})
	if err != nil {
		return err
	}
	if err := chief.external(id, docRequest, "requerimento.pdf", "Requerimento", "Requeiro a minha cessão pelo prazo de doze meses.", "Sérgio Azambuja"); err != nil {
		return err
	}
	m, err := chief.minute(id, r.ProcessNumber, docLetter, "Ofício", "Senhora Secretária,\nSolicitamos a cessão do servidor interessado pelo prazo de doze meses.")
	if err != nil {
		return err
	}
	if err := chief.sign(m, "Chefe de Gabinete"); err != nil {
		return err
	}
	if _, _, err := chief.do(id, sei.Send{To: []sei.UnitID{unitPlanning}}); err != nil {
		return err
	}
	assessor, err := t.desk("SPGG", "bruno.machado", "SPGG/GAB")
	if err != nil {
		return err
	}
	if _, _, err := assessor.do(id, sei.Receive{}); err != nil {
		return err
	}
	_, err = assessor.minute(id, r.ProcessNumber, docDispatch, "Despacho", "Ciente. Nada a opor à cessão do servidor.")
	if err != nil {
		return err
	}
	_, _, err = assessor.do(id, sei.Assign{To: t.desks["ana.schneider"].login.User.ID})
	return err
}

// agreement: went to another agency and came back concluded there.
func (t *story) agreement() error {
	planning, err := t.desk("SPGG", "ana.schneider", "SPGG/GAB")
	if err != nil {
		return err
	}
	id := sei.ProcessID(newID())
	r, _, err := planning.do(id, sei.StartProcess{
		Type: typeAgreement, Specification: "Acordo de cooperação para uso compartilhado de auditório", Subjects: []int{5},
	})
	if err != nil {
		return err
	}
	m, err := planning.minute(id, r.ProcessNumber, docLetter, "Ofício", "Senhora Secretária,\nPropomos acordo de cooperação para o uso compartilhado do auditório.")
	if err != nil {
		return err
	}
	if err := planning.sign(m, "Chefe de Gabinete"); err != nil {
		return err
	}
	if _, _, err := planning.do(id, sei.Send{To: []sei.UnitID{unitHealth}}); err != nil {
		return err
	}
	health, err := t.desk("SES", "helena.moraes", "SES/GAB")
	if err != nil {
		return err
	}
	answer, err := health.minute(id, r.ProcessNumber, docDispatch, "Despacho", "De acordo. Restitua-se à origem para formalização.")
	if err != nil {
		return err
	}
	if err := health.sign(answer, "Chefe de Gabinete"); err != nil {
		return err
	}
	_, _, err = health.do(id, sei.Send{To: []sei.UnitID{unitPlanning}})
	return err
}

package sei

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

func (d *decision) startProcess(b StartProcess) (*Refusal, error) {
	if d.v.Process != nil {
		return refuse(CodeExists, "Já existe um processo com esta identificação."), nil
	}
	unit, ok := d.v.Catalogue.Unit(d.a.Unit)
	if !ok || !unit.ActiveAt(d.now) {
		return refuse(CodeNoRight, "A unidade não está ativa e não pode iniciar processos."), nil
	}
	if r := d.checkProcessType(b); r != nil {
		return r, nil
	}
	if r := checkLengths(b.Specification, MaxSpecification, "A especificação"); r != nil {
		return r, nil
	}
	if r := d.checkSubjects(b.Subjects); r != nil {
		return r, nil
	}
	if r := checkContacts(b.Interested); r != nil {
		return r, nil
	}
	if r := checkFormerNumbers(b.FormerNumbers); r != nil {
		return r, nil
	}
	number := ""
	if d.v.Numbers != nil {
		var err error
		if number, err = d.v.Numbers.NextProcessNumber(unit, d.now); err != nil {
			return nil, fmt.Errorf("numbering process %s: %w", d.c.Process, err)
		}
	}
	d.emit(ProcessStarted{
		Process: d.c.Process, Number: number, Type: b.Type, Specification: b.Specification,
		Subjects: b.Subjects, Interested: b.Interested, Level: b.Level, LegalBasis: b.LegalBasis,
		Agency: unit.Agency, FormerNumbers: b.FormerNumbers,
	})
	return nil, nil
}

func (d *decision) checkProcessType(b StartProcess) *Refusal {
	t, ok := d.v.Catalogue.ProcessType(b.Type)
	if !ok || !t.Active || t.Internal {
		return refuse(CodeBadType, "O tipo de processo escolhido não está disponível. Escolha outro tipo.")
	}
	if r := d.checkLevel(b.Level, b.LegalBasis); r != nil {
		return r
	}
	if !slices.Contains(t.Levels, b.Level) {
		return refuse(CodeLevel, "O tipo de processo escolhido não permite o nível de acesso "+b.Level.String()+".")
	}
	return nil
}

// checkLevel holds for processes and documents: a level other than Public needs
// a legal basis of that level; Sealed waits for its own release.
func (d *decision) checkLevel(l AccessLevel, basis int) *Refusal {
	switch {
	case !l.Valid():
		return refuse(CodeLevel, "Informe o nível de acesso.")
	case l == Sealed:
		return refuse(CodeNotYet, "O nível de acesso Sigiloso ainda não está disponível nesta versão. Escolha Público ou Restrito.")
	case l == Public && basis != 0:
		return refuse(CodeLegalBasis, "O nível Público não leva hipótese legal.")
	case l == Public:
		return nil
	}
	h, ok := d.v.Catalogue.LegalBasis(basis)
	if !ok || !h.Active || h.Level != l {
		return refuse(CodeLegalBasis, "Informe a hipótese legal que fundamenta o nível de acesso "+l.String()+".")
	}
	return nil
}

func (d *decision) checkSubjects(ids []int) *Refusal {
	if len(ids) == 0 {
		return refuse(CodeBadReference, "Informe ao menos um assunto para a classificação do processo.")
	}
	if len(ids) > MaxSubjects {
		return refuse(CodeTooLarge, fmt.Sprintf("Um processo aceita no máximo %d assuntos.", MaxSubjects))
	}
	for _, id := range ids {
		if s, ok := d.v.Catalogue.Subject(id); !ok || !s.Active || s.Structural {
			return refuse(CodeBadReference, "Um dos assuntos escolhidos não está disponível para classificação. Escolha outro.")
		}
	}
	return nil
}

func checkContacts(cs []Contact) *Refusal {
	if len(cs) > MaxContacts {
		return refuse(CodeTooLarge, fmt.Sprintf("São aceitos no máximo %d contatos.", MaxContacts))
	}
	for _, c := range cs {
		if strings.TrimSpace(c.Name) == "" {
			return refuse(CodeInvalid, "Há um contato sem nome.")
		}
		for _, field := range []string{c.Name, c.SocialName, c.Email, c.Treatment, c.Vocative, c.Position, c.CPF, c.CNPJ, c.ID} {
			if r := checkLengths(field, MaxDescription, "Um campo do contato"); r != nil {
				return r
			}
		}
	}
	return nil
}

// checkFormerNumbers bounds the numbers that other systems gave the process;
// their forms are as many as the systems were.
func checkFormerNumbers(numbers []string) *Refusal {
	if len(numbers) > MaxFormerNumbers {
		return refuse(CodeTooLarge, fmt.Sprintf("Um processo aceita no máximo %d números anteriores.", MaxFormerNumbers))
	}
	for _, n := range numbers {
		if strings.TrimSpace(n) == "" {
			return refuse(CodeInvalid, "Há um número anterior em branco.")
		}
		if r := checkLengths(n, MaxFormerNumber, "O número anterior"); r != nil {
			return r
		}
	}
	return nil
}

func checkLengths(s string, limit int, what string) *Refusal {
	if !utf8.ValidString(s) {
		return refuse(CodeInvalid, what+" tem caracteres inválidos.")
	}
	if utf8.RuneCountInString(s) > limit {
		return refuse(CodeTooLarge, fmt.Sprintf("%s passa do limite de %d caracteres.", what, limit))
	}
	return nil
}

func (d *decision) send(b Send) *Refusal {
	if r := d.needOpen(); r != nil {
		return r
	}
	if len(b.To) == 0 {
		return refuse(CodeDestination, "Escolha ao menos uma unidade de destino.")
	}
	if len(b.To) > MaxDestinations {
		return refuse(CodeTooLarge, fmt.Sprintf("Um envio aceita no máximo %d unidades.", MaxDestinations))
	}
	seen := map[UnitID]bool{}
	for _, to := range b.To {
		u, ok := d.v.Catalogue.Unit(to)
		switch {
		case to == d.a.Unit:
			return refuse(CodeDestination, "O processo já está nesta unidade; escolha outra unidade de destino.")
		case !ok || !u.ActiveAt(d.now):
			return refuse(CodeDestination, "Uma das unidades de destino não existe mais. Escolha outra unidade.")
		case !u.Receives:
			return refuse(CodeDestination, "A unidade "+u.Acronym+" não recebe processos. Escolha outra unidade.")
		case seen[to]:
			return refuse(CodeDestination, "A unidade "+u.Acronym+" foi escolhida duas vezes.")
		}
		seen[to] = true
	}
	d.takeIn()
	d.emit(ProcessSent(b))
	if !b.KeepOpen {
		d.emit(UnitConcluded{Automatic: true})
	}
	return nil
}

// receive is also answered with "allowed, nothing to do" when a colleague was
// faster: two people opening the same process is no error.
func (d *decision) receive() *Refusal {
	u, here := d.v.Process.Units[d.a.Unit]
	if !here || !u.Open {
		return refuse(CodeClosedHere, "O processo não está mais aberto nesta unidade.")
	}
	if !u.Received {
		d.emit(ProcessReceived{})
	}
	return nil
}

// takeIn receives a process that is still red before something is done with it.
func (d *decision) takeIn() {
	if u := d.v.Process.Units[d.a.Unit]; u.Open && !u.Received {
		d.emit(ProcessReceived{})
	}
}

func (d *decision) assign(b Assign) *Refusal {
	if r := d.needOpen(); r != nil {
		return r
	}
	name := ""
	if b.To != "" {
		m, ok := d.v.Catalogue.Member(d.a.Unit, b.To)
		if !ok {
			return refuse(CodeUnknownAssignee, "A pessoa escolhida não trabalha nesta unidade.")
		}
		name = m.Name
	}
	if d.v.Process.Units[d.a.Unit].AssignedTo == b.To {
		return nil
	}
	d.takeIn()
	d.emit(ProcessAssigned{To: b.To, Name: name})
	return nil
}

func (d *decision) conclude() *Refusal {
	if r := d.needOpen(); r != nil {
		return r
	}
	d.takeIn()
	d.emit(UnitConcluded{})
	return nil
}

func (d *decision) reopen() *Refusal {
	u, here := d.v.Process.Units[d.a.Unit]
	switch {
	case !here:
		return refuse(CodeNeverHere, "Só pode reabrir o processo uma unidade por onde ele já passou.")
	case u.Open:
		return refuse(CodeAlreadyOpen, "O processo já está aberto nesta unidade.")
	case d.v.Process.State != StateNormal:
		return refuse(CodeNotNormal, "O processo está sobrestado, anexado ou bloqueado e não pode ser reaberto.")
	}
	d.emit(UnitReopened{})
	return nil
}

func (d *decision) acknowledge(b Acknowledge) *Refusal {
	if r := d.needOpen(); r != nil {
		return r
	}
	mine := func(a Ack) bool { return a.User == d.a.User }
	if b.Document == "" {
		if slices.ContainsFunc(d.v.Process.Acks, mine) {
			return nil
		}
		d.takeIn()
		d.emit(ProcessAcknowledged{Name: d.a.Name})
		return nil
	}
	doc, r := d.findDocument(b.Document)
	if r != nil {
		return r
	}
	if doc.IsMinute() {
		return refuse(CodeSigned, "Só se dá ciência em documento assinado.")
	}
	if slices.ContainsFunc(doc.Acks, mine) {
		return nil
	}
	d.takeIn()
	d.emit(DocumentAcknowledged{Document: doc.ID, SEINumber: doc.SEINumber, TypeName: d.typeName(doc), Name: d.a.Name})
	return nil
}

func (d *decision) noteProgress(b NoteProgress) *Refusal {
	if r := d.needOpen(); r != nil {
		return r
	}
	text := strings.TrimSpace(b.Text)
	if text == "" {
		return refuse(CodeInvalid, "Escreva o texto do andamento.")
	}
	if r := checkLengths(text, MaxNote, "O andamento"); r != nil {
		return r
	}
	d.takeIn()
	d.emit(ProgressNoted{Text: text})
	return nil
}

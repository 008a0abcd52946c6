package sei_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// The shared world: two agencies, three units that receive processes, and the
// people who work there.
const (
	supply  sei.UnitID = "u-compras"
	legal   sei.UnitID = "u-juridico"
	finance sei.UnitID = "u-financas"
	deaf    sei.UnitID = "u-nao-recebe"
	extinct sei.UnitID = "u-extinta"

	seplag sei.AgencyID = "seplag"

	despacho, numbered, informed, externalOnly, retired, qualifiedOnly = 1, 2, 3, 4, 5, 6

	qualifiedProcess = 5

	basisRestricted, basisSealed, basisRetired = 1, 2, 3

	theProcess  sei.ProcessID  = "p1"
	theMinute   sei.DocumentID = "d1"
	theExternal sei.DocumentID = "d2"
)

var (
	assessor  = sei.Actor{User: "ana", Name: "Ana Souza", CPF: "11111111111", Unit: supply, Agency: seplag, Device: "dev-ana", Profiles: []sei.Profile{sei.ProfileBasic}}
	chief     = sei.Actor{User: "bia", Name: "Bia Lima", CPF: "22222222222", Unit: supply, Agency: seplag, Device: "dev-bia", Profiles: []sei.Profile{sei.ProfileBasic}}
	colleague = sei.Actor{User: "caio", Name: "Caio Reis", Unit: supply, Agency: seplag, Device: "dev-caio", Profiles: []sei.Profile{sei.ProfileColleague}}
	lawyer    = sei.Actor{User: "davi", Name: "Davi Rosa", Unit: legal, Agency: seplag, Device: "dev-davi", Profiles: []sei.Profile{sei.ProfileBasic}}
	treasurer = sei.Actor{User: "eva", Name: "Eva Prado", Unit: finance, Agency: seplag, Device: "dev-eva", Profiles: []sei.Profile{sei.ProfileBasic}}
	auditor   = sei.Actor{User: "fabio", Unit: finance, Agency: seplag, Profiles: []sei.Profile{sei.ProfileAuditor}}
	stranger  = sei.Actor{User: "gil", Unit: supply, Agency: seplag}
	noon      = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
)

// catalogue is the world's reference data.
type catalogue struct{}

func (catalogue) Agency(id sei.AgencyID) (sei.Agency, bool) {
	return sei.Agency{
		ID: seplag, Acronym: "SEPLAG", ComparesCPF: true, Active: true,
		LegalBasisSimple: "art. 4º, I", LegalBasisAdvanced: "art. 4º, II", LegalBasisQualified: "art. 4º, III",
	}, id == seplag
}

func (catalogue) Unit(id sei.UnitID) (sei.Unit, bool) {
	u := sei.Unit{ID: id, Agency: seplag, Acronym: string(id), Receives: id != deaf}
	if id == extinct {
		u.Until = noon.AddDate(-1, 0, 0)
	}
	switch id {
	case supply, legal, finance, deaf, extinct:
		return u, true
	}
	return sei.Unit{}, false
}

func (catalogue) ProcessType(id int) (sei.ProcessType, bool) {
	all := []sei.AccessLevel{sei.Public, sei.Restricted, sei.Sealed}
	t, ok := map[int]sei.ProcessType{
		1:                {Name: "Aquisição", Active: true, Levels: all},
		2:                {Name: "Só público", Active: true, Levels: []sei.AccessLevel{sei.Public}},
		3:                {Name: "Antigo", Levels: all},
		4:                {Name: "Do sistema", Active: true, Internal: true, Levels: all},
		qualifiedProcess: {Name: "Licitação", Active: true, Levels: all, MinSignLevel: sei.LevelQualified},
	}[id]
	t.ID = id
	return t, ok
}

func (catalogue) DocumentType(id int) (sei.DocumentType, bool) {
	t, ok := map[int]sei.DocumentType{
		despacho:      {Name: "Despacho", Active: true, Applicability: sei.ForAll, Numbering: sei.NumberNone},
		numbered:      {Name: "Ofício", Active: true, Applicability: sei.ForInternal, Numbering: sei.NumberUnitYear},
		informed:      {Name: "Portaria", Active: true, Applicability: sei.ForInternal, Numbering: sei.NumberInformed},
		externalOnly:  {Name: "Nota Fiscal", Active: true, Applicability: sei.ForExternal, Numbering: sei.NumberNone},
		retired:       {Name: "Memorando", Applicability: sei.ForAll, Numbering: sei.NumberNone},
		qualifiedOnly: {Name: "Contrato", Active: true, Applicability: sei.ForAll, Numbering: sei.NumberNone, MinSignLevel: sei.LevelQualified},
	}[id]
	t.ID = id
	return t, ok
}

func (catalogue) Subject(id int) (sei.Subject, bool) {
	s, ok := map[int]sei.Subject{1: {Active: true}, 2: {Active: true, Structural: true}, 3: {}}[id]
	s.ID = id
	return s, ok
}

func (catalogue) LegalBasis(id int) (sei.LegalBasis, bool) {
	b, ok := map[int]sei.LegalBasis{
		basisRestricted: {Name: "Informação Pessoal", Law: "art. 31 da Lei nº 12.527/2011", Level: sei.Restricted, Active: true},
		basisSealed:     {Name: "Segredo de Justiça", Level: sei.Sealed, Active: true},
		basisRetired:    {Name: "Revogada", Level: sei.Restricted},
	}[id]
	b.ID = id
	return b, ok
}

func (catalogue) ConferenceType(id int) (sei.NamedItem, bool) {
	return sei.NamedItem{ID: id, Name: "Cópia Simples", Active: id == 1}, id == 1 || id == 2
}

func (catalogue) FileExtension(ext string) (sei.FileExtension, bool) {
	return sei.FileExtension{Extension: ext, Active: ext != "doc", MaxMB: 10}, ext == "pdf" || ext == "doc"
}

func (catalogue) Member(u sei.UnitID, who sei.UserID) (sei.Member, bool) {
	for _, a := range []sei.Actor{assessor, chief, colleague, lawyer, treasurer} {
		if a.Unit == u && a.User == who {
			return sei.Member{User: who, Name: a.Name}, true
		}
	}
	return sei.Member{}, false
}

// counters gives numbers in order.
type counters struct{ process, document, typed int }

func (c *counters) NextProcessNumber(sei.Unit, time.Time) (string, error) {
	c.process++
	return fmt.Sprintf("26/1300-%07d-0", c.process), nil
}

func (c *counters) NextSEINumber() (int64, error) {
	c.document++
	return int64(c.document), nil
}

func (c *counters) NextTypeNumber(sei.DocumentType, sei.Unit, time.Time) (string, error) {
	c.typed++
	return fmt.Sprintf("%d/2026", c.typed), nil
}

// world is a central without storage: it decides, applies, and keeps the texts.
type world struct {
	process  *sei.Process
	events   []sei.Event
	numbers  counters
	heads    map[sei.DocumentID]sei.RevisionInfo
	commands int
	now      time.Time
	// facts that a test may change before the next command.
	evidence      *sei.EvidenceFact
	password      bool
	pairHolds     bool
	contentBroken bool
	present       bool
	leased        bool
	textError     error
}

func newWorld() *world {
	return &world{
		heads: map[sei.DocumentID]sei.RevisionInfo{}, now: noon, password: true, pairHolds: true, present: true, leased: true,
		evidence: &sei.EvidenceFact{Verdict: sei.VerdictValid, Level: sei.LevelQualified, Extends: true, Certificate: &sei.Certificate{Subject: "CN=teste"}},
	}
}

// started is a world with a Public process open in the supply unit.
func started(t rapid.TB) *world {
	t.Helper()
	w := newWorld()
	w.do(t, assessor, startBody())
	return w
}

// withMinute also has a minute of the supply unit.
func withMinute(t rapid.TB) *world {
	t.Helper()
	w := started(t)
	w.do(t, assessor, minuteBody(theMinute, despacho))
	return w
}

// signed also has a signature of the assessor on it: a yellow pen.
func signed(t rapid.TB) *world {
	t.Helper()
	w := withMinute(t)
	w.do(t, assessor, w.signBody(theMinute, sei.ByPassword))
	return w
}

func (w *world) view() *sei.View {
	yes := func(b bool) *bool { return &b }
	return &sei.View{
		Process: w.process, Catalogue: catalogue{}, Numbers: &w.numbers, Authority: true,
		Facts: sei.Facts{
			BlobPresent:     func(sei.BlobRef) *bool { return yes(w.present) },
			SEINumberLeased: func(int64) *bool { return yes(w.leased) },
			PairHolds:       yes(w.pairHolds), ContentHolds: yes(!w.contentBroken), PasswordChecked: w.password, Evidence: w.evidence,
			MaxFileBytes: 1 << 30, TextError: w.textError,
		},
	}
}

func (w *world) command(body sei.CommandBody) sei.Command {
	w.commands++
	return sei.Command{ID: sei.CommandID(fmt.Sprintf("c%d", w.commands)), Process: theProcess, DeclaredAt: w.now, Body: body}
}

func (w *world) viewFor(body sei.CommandBody) *sei.View {
	v := w.view()
	if h, ok := w.heads[sei.DocumentOf(body)]; ok {
		v.Facts.Head = &h
	}
	switch b := body.(type) {
	case sei.AddDocument:
		v.Facts.TextHash = textHash(b.Text)
	case sei.EditMinute:
		v.Facts.TextHash = textHash(b.Text)
	}
	return v
}

// decide asks the rulebook and keeps what follows.
func (w *world) decide(t rapid.TB, a sei.Actor, body sei.CommandBody) sei.Outcome {
	t.Helper()
	c := w.command(body)
	w.now = w.now.Add(time.Minute)
	out, err := sei.Decide(w.viewFor(body), c, a, w.now)
	if err != nil {
		t.Fatalf("%s: %v", body.Kind(), err)
	}
	for _, e := range out.Events {
		if w.process == nil {
			w.process = sei.NewProcess()
		}
		w.process.Apply(e)
		w.events = append(w.events, e)
	}
	if r := out.Revision; r != nil && !r.Side {
		w.heads[r.Document] = sei.RevisionInfo{ID: r.ID, Hash: r.Hash, Author: a.User, At: w.now}
	}
	return out
}

// do is a command that the rules must allow; it answers the kinds of its events.
func (w *world) do(t rapid.TB, a sei.Actor, body sei.CommandBody) []sei.EventKind {
	t.Helper()
	out := w.decide(t, a, body)
	if out.Verdict != sei.Allowed {
		t.Fatalf("%s by %s is %s: %v", body.Kind(), a.User, out.Verdict, out.Refusal)
	}
	kinds := []sei.EventKind{}
	for _, e := range out.Events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// refuses is a command that the rules must refuse with the code, emitting nothing.
func (w *world) refuses(t rapid.TB, code sei.Code, a sei.Actor, body sei.CommandBody) {
	t.Helper()
	out := w.decide(t, a, body)
	switch {
	case out.Verdict != sei.Refused:
		t.Errorf("%s by %s is %s, not refused as %s", body.Kind(), a.User, out.Verdict, code)
	case out.Refusal.Code != code:
		t.Errorf("%s by %s is refused as %s (%s), not as %s", body.Kind(), a.User, out.Refusal.Code, out.Refusal.Message, code)
	case len(out.Events) != 0 || out.Revision != nil:
		t.Errorf("the refused %s left something behind", body.Kind())
	}
}

func startBody() sei.StartProcess {
	return sei.StartProcess{Type: 1, Specification: "Cadeiras", Subjects: []int{1}}
}

func minuteBody(id sei.DocumentID, typ int) sei.AddDocument {
	return sei.AddDocument{NewDocument: sei.NewDocument{Document: id, Type: typ}, Text: text("primeiro texto")}
}

func externalBody(id sei.DocumentID) sei.RegisterExternal {
	return sei.RegisterExternal{
		NewDocument: sei.NewDocument{Document: id, Type: externalOnly, Number: "NF 123"},
		File:        sei.ExternalFile{Date: "2026-02-27", Format: sei.BornDigital, Content: blob("nota.pdf")},
	}
}

func (w *world) editBody(id sei.DocumentID, words string) sei.EditMinute {
	return sei.EditMinute{Document: id, Base: w.heads[id].ID, Text: text(words)}
}

// signBody signs what the document is now.
func (w *world) signBody(id sei.DocumentID, method sei.SignatureMethod) sei.SignDocument {
	b := sei.SignDocument{Document: id, Method: method, SigningAgency: seplag, Position: "Analista"}
	if method != sei.ByPassword {
		evidence := blob(string(id) + "-assinado.pdf")
		b.Evidence = &evidence
	}
	if d := w.process.Documents[id]; d != nil {
		if content, ok := d.Content(); ok {
			b.ContentSHA256 = content.SHA256
			return b
		}
	}
	content := blob(string(id) + ".pdf")
	b.ContentSHA256 = content.SHA256
	b.Frozen = &sei.Frozen{
		Revision: w.heads[id].ID, RevisionHash: w.heads[id].Hash, Content: content,
		Salt: make([]byte, 16), CRC: "0A1B2C3D", QRToken: "token", Typesetter: "1", Pages: 1,
	}
	return b
}

func text(words string) json.RawMessage {
	data, _ := json.Marshal(words) // a string always has a JSON form
	return data
}

func textHash(data []byte) sei.SHA256 {
	sum := sha256.Sum256(data)
	return sei.SHA256(hex.EncodeToString(sum[:]))
}

func blob(name string) sei.BlobRef {
	return sei.BlobRef{SHA256: textHash([]byte(name)), Size: 100, MIME: "application/pdf", Name: name}
}

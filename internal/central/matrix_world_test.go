package central_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// names are how the things of one process are called in a question.
type names struct {
	process, minute, signed, external  string
	signedSHA, externalSHA, pictureSHA string
	number, former, word               string
	minuteSEI, signedSEI, externalSEI  string
	crc, token, command                string
}

func (n names) all() []string {
	return []string{
		n.process, n.minute, n.signed, n.external, n.signedSHA, n.externalSHA, n.pictureSHA,
		n.number, n.former, n.word, n.minuteSEI, n.signedSEI, n.externalSEI, n.crc, n.token, n.command,
	}
}

// blind writes the names out of an answer, so that what is left of the answers
// about two processes can be compared.
func (n names) blind(s string) string {
	for _, name := range n.all() {
		s = strings.ReplaceAll(s, name, "¤")
	}
	return s
}

// caseFile is one process of the matrix with words that stand nowhere else: where
// they turn up, something was told.
type caseFile struct {
	level sei.AccessLevel
	names
	told map[string]func(rights) bool // words, and who may read them
}

// matrix is the world of the authorization matrix.
type matrix struct {
	*world
	maker  *desk
	units  map[relation]sei.UnitID
	files  []*caseFile
	nobody names // the names of things that do not exist
}

var matrixUnits = map[relation][2]string{
	generating: {"SPGG", "SPGG/GAB"}, current: {"SEFAZ", "SEFAZ/GAB"}, past: {"SES", "SES/GAB"}, unrelated: {"SES", "SES/DAHA"},
}

// plainCopier gives the content as its reading copy.
type plainCopier struct{}

func (plainCopier) Copy(_ context.Context, w io.Writer, content central.File, _ central.ReadingCopy) error {
	_, err := io.Copy(w, content)
	return err
}

func newMatrix(t testing.TB) *matrix {
	t.Helper()
	m := &matrix{
		world: newWorld(t, func(c *central.Config) { c.Copier = plainCopier{} }),
		units: map[relation]sei.UnitID{generating: spggGab, current: sefazGab, past: sesGab, unrelated: "demo-ses-daha"},
	}
	m.maker = m.desk("SPGG", "ana.schneider", spggGab)
	for _, level := range levelsOfAccess {
		m.files = append(m.files, m.tell(level))
	}
	m.nobody = names{
		process: newID(m.world), minute: newID(m.world), signed: newID(m.world), external: newID(m.world),
		signedSHA: string(shaOf([]byte("nada"))), externalSHA: string(shaOf([]byte("ninguém"))), pictureSHA: string(shaOf([]byte("nunca"))),
		number: "26/9999-0000099-9", former: "19/9900-0099999-9", word: "inexistida",
		minuteSEI: "9900001", signedSEI: "9900002", externalSEI: "9900003", crc: "0A0B0C0D", token: strings.Repeat("ab", 16), command: newID(m.world),
	}
	return m
}

// tell makes one process: from the generating unit through a past one to the
// current one, with a minute, a signed document and a received file.
func (m *matrix) tell(level sei.AccessLevel) *caseFile {
	t, d := m.t, m.maker
	mark := [...]string{"azulada", "vermelhada", "cinzentada"}[level]
	f := &caseFile{level: level}
	f.word = "especial" + mark
	cpf := [...]string{"52998224725", "11144477735", "39053344705"}[level]
	contact := sei.Contact{Name: "Interessada " + mark, CPF: cpf, Email: mark + "@exemplo.br"}

	made := min(level, sei.Restricted) // Sealed comes by no command of this release
	body := startBody(made)
	body.Specification, body.Interested = "Compra "+f.word, []sei.Contact{contact}
	f.former = fmt.Sprintf("19/1300-000456%d-8", level)
	body.FormerNumbers = []string{f.former}
	f.process = newID(m.world)
	process := sei.ProcessID(f.process)
	start := d.command(process, body)
	receipt := d.receipts(start)[0]
	if !receipt.Accepted {
		t.Fatalf("starting: %s", receipt.Message)
	}
	f.number, f.command = receipt.ProcessNumber, string(idOf(start))

	signed, frozen, pdf := d.signedDocument(process, "conteúdo assinado "+mark)
	f.signed, f.signedSHA, f.crc, f.token = string(signed), string(frozen.Content.SHA256), frozen.CRC, frozen.QRToken
	data := pdfBytes("arquivo recebido " + mark)
	d.upload(data)
	external := externalBody(sei.DocumentID(newID(m.world)), data)
	external.File.Sender = contact
	d.do(process, external)
	f.external, f.externalSHA = string(external.Document), string(shaOf(data))

	picture := []byte("figura da minuta " + mark)
	d.upload(picture)
	f.pictureSHA = string(shaOf(picture))
	minute := sei.AddDocument{
		NewDocument: sei.NewDocument{Document: sei.DocumentID(newID(m.world)), Type: despacho, TreeName: "árvore " + mark},
		Text:        illustratedText(t, "texto da minuta "+mark, sei.SHA256(f.pictureSHA)),
		Images:      []sei.BlobRef{{SHA256: sei.SHA256(f.pictureSHA), Size: int64(len(picture)), MIME: "image/png", Name: "figura.png"}},
	}
	d.do(process, minute)
	f.minute = string(minute.Document)
	d.do(process, sei.NoteProgress{Text: "andamento " + mark})
	f.signedSEI, f.externalSEI, f.minuteSEI = d.seiNumber(process, signed), d.seiNumber(process, external.Document), d.seiNumber(process, minute.Document)
	m.travel(process)
	if level == sei.Sealed {
		m.sealProcess(process)
	}
	f.told = map[string]func(rights) bool{
		f.word:                          func(r rights) bool { return r.know },
		f.number:                        func(r rights) bool { return r.know },
		contact.Name:                    func(r rights) bool { return r.know },
		"árvore " + mark:                func(r rights) bool { return r.know },
		"andamento " + mark:             func(r rights) bool { return r.know },
		cpf:                             func(r rights) bool { return r.personal },
		contact.Email:                   func(r rights) bool { return r.personal },
		strings.TrimSpace(string(pdf)):  func(r rights) bool { return r.content },
		strings.TrimSpace(string(data)): func(r rights) bool { return r.content },
		"texto da minuta " + mark:       func(r rights) bool { return r.minute },
		string(picture):                 func(r rights) bool { return r.minute },
	}
	return f
}

func (m *matrix) travel(process sei.ProcessID) {
	through := m.desk("SES", "helena.moraes", sesGab)
	now := m.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	m.maker.do(process, sei.Send{To: []sei.UnitID{sesGab}, KeepOpen: true})
	through.do(process, sei.Receive{})
	through.do(process, sei.Send{To: []sei.UnitID{sefazGab}})
	now.do(process, sei.Receive{})
}

// sealProcess makes a process Sealed behind the rulebook's back: no command can
// yet, and no process that is may be told of.
func (m *matrix) sealProcess(process sei.ProcessID) {
	m.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(m.folder, "central.db")+"?_busy_timeout=60000")
	must(m.t, err)
	defer func() { must(m.t, db.Close()) }()
	for _, change := range []string{
		"UPDATE processes SET state = json_set(state, '$.localLevel', 2) WHERE id = ?",
		"DELETE FROM bucket_rows WHERE key = 'process/' || ?", // what sealing would take out of the units' lists
		"DELETE FROM bucket_rows WHERE bucket LIKE 'unit/%' AND key LIKE 'minute/' || (SELECT id FROM documents WHERE process_id = ? AND json_extract(state, '$.treeName') IS NOT NULL) || '/%'",
	} {
		_, err = db.Exec(change, string(process))
		must(m.t, err)
	}
}

// asker is one row of the matrix: a session of somebody in a unit.
type asker struct {
	name string
	*desk
	profile  sei.Profile
	relation relation
	level    sei.AccessLevel // of the process, for who asks the public page
}

func (m *matrix) asker(profile sei.Profile, rel relation) asker {
	m.t.Helper()
	login := fmt.Sprintf("m.%s.%s", strings.ReplaceAll(string(profile), "_", "-"), rel)
	m.enrol(login, profile, rel, false)
	at := matrixUnits[rel]
	return asker{login, m.desk(at[0], login, m.units[rel]), profile, rel, 0}
}

func (m *matrix) enrol(login string, profile sei.Profile, rel relation, mustChange bool) {
	m.t.Helper()
	at := matrixUnits[rel]
	_, err := m.svc.AddUser(m.t.Context(), central.NewUser{
		Agency: at[0], Login: login, Name: "Pessoa da Matriz", Password: central.DemoPassword, MustChange: mustChange,
	})
	must(m.t, err)
	must(m.t, m.svc.Grant(m.t.Context(), at[0], login, at[0], at[1], []sei.Profile{profile}, time.Time{}))
}

// outsiders are sessions that are none: each is answered in one way, whatever it
// asks for.
func (m *matrix) outsiders() map[string]*desk {
	m.t.Helper()
	for login, mustChange := range map[string]bool{"m.desligada": false, "m.provisoria": true, "m.semsessao": false, "m.inventada": false} {
		m.enrol(login, sei.ProfileBasic, generating, mustChange)
	}
	out := map[string]*desk{}
	for name, login := range map[string]string{"desabilitada": "m.desligada", "senha provisória": "m.provisoria", "sem sessão": "m.semsessao", "sessão inventada": "m.inventada"} {
		out[name] = m.desk("SPGG", login, spggGab)
	}
	must(m.t, m.svc.SetDisabled(m.t.Context(), "SPGG", "m.desligada", true))
	out["sem sessão"].token = ""
	out["sessão inventada"].token = strings.Repeat("A", 43)
	return out
}

// audited counts the lines of the audit trail: what is written for a question is
// the work that costs time.
func (m *matrix) audited(db *sql.DB) (n int) {
	m.t.Helper()
	must(m.t, db.QueryRow("SELECT COUNT(*) FROM audit").Scan(&n))
	return n
}

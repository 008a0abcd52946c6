package wire_test

import (
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

var deviceKey = ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))

func envelope() wire.Command {
	return wire.Command{
		ID: "0195a5e4-7c00-7000-8000-000000000001", Process: "0195a5e4-7c00-7000-8000-000000000002", User: "user-1", Unit: "unit-1", Device: "device-1",
		Epoch: 3, DependsOn: []sei.CommandID{"0195a5e4-7c00-7000-8000-000000000000"}, SeenVersion: 12,
		DeclaredAt: time.Date(2026, 3, 2, 15, 4, 5, 678901000, time.UTC),
	}
}

// released has the body of every command kind, each with all its fields.
func released() []sei.CommandBody {
	blob := sei.BlobRef{SHA256: sei.SHA256(strings.Repeat("0a", 32)), Size: 1234, MIME: "application/pdf", Name: "ofício.pdf"}
	image := sei.BlobRef{SHA256: sei.SHA256(strings.Repeat("0b", 32)), Size: 99, MIME: "image/png"}
	ana := sei.Contact{ID: "7", Name: "Ana Souza", SocialName: "Aninha", CPF: "11144477735", CNPJ: "11222333000181", Email: "ana@exemplo.rs.gov.br", Treatment: "Sra.", Vocative: "Senhora", Position: "Analista"}
	doc := sei.NewDocument{
		Document: "0195a5e4-7c00-7000-8000-000000000003", SEINumber: 1000001, Type: 4, Number: "45/2026", TreeName: "Ofício", Description: "Resposta <à> unidade & outros",
		Interested: []sei.Contact{ana}, Recipients: []sei.Contact{ana}, Level: sei.Restricted, LegalBasis: 34,
	}
	text := json.RawMessage(`{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"Ação"}]}]}`)
	return []sei.CommandBody{
		sei.StartProcess{Type: 1, Specification: "Cadeiras", Subjects: []int{1, 2}, Interested: []sei.Contact{ana}, Level: sei.Restricted, LegalBasis: 34, FormerNumbers: []string{"19/1300-0004567-8"}},
		sei.AddDocument{NewDocument: doc, Text: text, Images: []sei.BlobRef{image}},
		sei.RegisterExternal{NewDocument: doc, File: sei.ExternalFile{Date: "2026-02-27", Format: sei.Digitised, ConferenceType: 2, Sender: ana, Content: blob}},
		sei.EditMinute{Document: doc.Document, Base: "rev-1", Merges: []sei.RevisionID{"rev-2"}, Text: text, Images: []sei.BlobRef{image}, OnSigned: true},
		sei.SignDocument{
			Document: doc.Document, Method: sei.ByToken, SigningAgency: "agency-1", Position: "Analista", ContentSHA256: blob.SHA256, Evidence: &blob,
			Frozen: &sei.Frozen{Revision: "rev-1", RevisionHash: image.SHA256, Content: blob, Salt: []byte("0123456789abcdef"), CRC: "0A1B2C3D", QRToken: "AAAAAAAAAAAAAAAAAAAAAA", Typesetter: "1", Pages: 2},
		},
		sei.Send{To: []sei.UnitID{"unit-2", "unit-3"}, KeepOpen: true},
		sei.Receive{}, sei.Assign{To: "user-2"}, sei.Conclude{}, sei.Reopen{},
		sei.Acknowledge{Document: doc.Document}, sei.NoteProgress{Text: "Aguardando orçamento."},
	}
}

// The files were written by the release of each version and are never written
// again: an outbox sealed by an old workstation must always be understood.
func TestEveryCommandEverReleasedIsUnderstoodForEver(t *testing.T) {
	dir := filepath.Join("testdata", "commands", "v1")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(released()) {
		t.Errorf("%d messages are recorded for %d kinds of command", len(files), len(released()))
	}
	for _, body := range released() {
		t.Run(string(body.Kind()), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, string(body.Kind())+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var sealed ledger.Sealed
			if err := json.Unmarshal(data, &sealed); err != nil {
				t.Fatal(err)
			}
			if err := sealed.Verify(deviceKey.Public().(ed25519.PublicKey), ledger.TypeCommand); err != nil {
				t.Fatal(err)
			}
			c, err := wire.ReadCommand(sealed.Payload)
			if err != nil {
				t.Fatal(err)
			}
			want := envelope()
			want.Form, want.Kind, want.Version, want.Body = 1, body.Kind(), 1, c.Body
			if !reflect.DeepEqual(c, want) {
				t.Errorf("the envelope was read as %+v, not %+v", c, want)
			}
			decoded, err := c.Decode()
			if err != nil || !reflect.DeepEqual(decoded.Body, body) || decoded.ID != want.ID || decoded.Process != want.Process || !decoded.DeclaredAt.Equal(want.DeclaredAt) {
				t.Errorf("the command was understood as %+v, not %+v (%v)", decoded, body, err)
			}
		})
	}
}

func TestTodaysCommandsAreReadAsTheyWereWritten(t *testing.T) {
	for _, body := range released() {
		c, err := wire.NewCommand(envelope(), body)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := wire.SealCommand(deviceKey, c)
		if err != nil {
			t.Fatal(err)
		}
		back, err := wire.ReadCommand(sealed.Payload)
		if err != nil || !reflect.DeepEqual(back, c) {
			t.Errorf("%s came back as %+v (%v)", body.Kind(), back, err)
		}
	}
}

func TestWhatACommandMustSay(t *testing.T) {
	for rule, c := range map[string]struct {
		code   sei.Code
		change func(*wire.Command)
	}{
		"its form":                    {sei.CodeInvalid, func(c *wire.Command) { c.Form = 0 }},
		"a form of this release":      {sei.CodeInvalid, func(c *wire.Command) { c.Form = wire.CommandForm + 1 }},
		"its id":                      {sei.CodeInvalid, func(c *wire.Command) { c.ID = "" }},
		"a short id":                  {sei.CodeInvalid, func(c *wire.Command) { c.ID = sei.CommandID(strings.Repeat("a", 65)) }},
		"its process":                 {sei.CodeInvalid, func(c *wire.Command) { c.Process = "" }},
		"its user":                    {sei.CodeInvalid, func(c *wire.Command) { c.User = "" }},
		"its unit":                    {sei.CodeInvalid, func(c *wire.Command) { c.Unit = "" }},
		"its device":                  {sei.CodeInvalid, func(c *wire.Command) { c.Device = "" }},
		"a bounded list it waits for": {sei.CodeTooLarge, func(c *wire.Command) { c.DependsOn = make([]sei.CommandID, wire.MaxDependencies+1) }},
	} {
		t.Run(rule, func(t *testing.T) {
			command, err := wire.NewCommand(envelope(), sei.Conclude{})
			if err != nil {
				t.Fatal(err)
			}
			c.change(&command)
			data, err := json.Marshal(command)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := wire.ReadCommand(data); sei.CodeOf(err) != c.code {
				t.Errorf("the command was read with %v", err)
			}
		})
	}
}

func TestACommandIsLimitedInSizeOnBothSides(t *testing.T) {
	huge := sei.NoteProgress{Text: strings.Repeat("a", wire.MaxCommandBytes)}
	c, err := wire.NewCommand(envelope(), huge)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.SealCommand(deviceKey, c); sei.CodeOf(err) != sei.CodeTooLarge {
		t.Errorf("a huge command was sealed: %v", err)
	}
	if _, err := wire.ReadCommand(make([]byte, wire.MaxCommandBytes+1)); sei.CodeOf(err) != sei.CodeTooLarge {
		t.Errorf("a huge command was read: %v", err)
	}
	largest := sei.EditMinute{Document: "d", Base: "r", Text: json.RawMessage(`"` + strings.Repeat("a", sei.MaxMinuteBytes-2) + `"`)}
	if c, err = wire.NewCommand(envelope(), largest); err != nil {
		t.Fatal(err)
	}
	if _, err := wire.SealCommand(deviceKey, c); err != nil {
		t.Errorf("the largest text of a minute does not fit into a command: %v", err)
	}
}

func TestAVersionThatIsNotKnownIsRefused(t *testing.T) {
	for _, version := range []int{-1, 0, 2, 99} {
		if _, err := wire.Upcast(sei.CmdSend, version, nil); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("version %d was upcast: %v", version, err)
		}
		c := envelope()
		c.Form, c.Kind, c.Version, c.Body = 1, sei.CmdConclude, version, json.RawMessage(`{}`)
		if _, err := c.Decode(); sei.CodeOf(err) != sei.CodeInvalid {
			t.Errorf("version %d was decoded: %v", version, err)
		}
	}
}

func TestNoWorkstationSendsWhatOnlyTheCentralIssues(t *testing.T) {
	c, err := wire.NewCommand(envelope(), sei.RecordDelivery{Document: "d1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("the command was decoded: %v", err)
	}
}

func TestAChecksumDoesNotDependOnTheOrderOfTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) wire.Row {
			return wire.Row{Key: rapid.StringN(0, 12, -1).Draw(t, "key"), Version: rapid.Int64Min(0).Draw(t, "version")}
		}), 1, 12).Draw(t, "rows")
		sum := func(rows []wire.Row) (h ledger.Hash) {
			for _, r := range rows {
				h = wire.AddRow(h, r.Key, r.Version)
			}
			return h
		}
		shuffled := rapid.Permutation(rows).Draw(t, "shuffled")
		if sum(rows) != sum(shuffled) {
			t.Fatal("the checksum depends on the order")
		}
		gone := rapid.IntRange(0, len(rows)-1).Draw(t, "gone")
		without := slices.Delete(slices.Clone(rows), gone, gone+1)
		if wire.RemoveRow(sum(rows), rows[gone].Key, rows[gone].Version) != sum(without) {
			t.Fatal("a row that left is not the same as a row that never came")
		}
		if wire.AddRow(ledger.Hash{}, rows[0].Key, rows[0].Version) == wire.AddRow(ledger.Hash{}, rows[0].Key, rows[0].Version+1) {
			t.Fatal("a row's version makes no difference")
		}
	})
}

func TestABucketsNameSaysItsKind(t *testing.T) {
	for b, want := range map[wire.Bucket][2]string{
		wire.UnitBucket("u/1"): {"unit", "u/1"}, wire.UserBucket("p1"): {"user", "p1"},
		wire.ProcessBucket("x"): {"process", "x"}, wire.CatalogueBucket: {"catalogue", ""},
	} {
		if kind, id := b.Parts(); kind != want[0] || id != want[1] {
			t.Errorf("%s is the %s of %q", b, kind, id)
		}
	}
}

func TestAnEnrolmentProofIsForOneCentralOneLoginAndOneDevice(t *testing.T) {
	base := string(wire.EnrolmentProofMessage("central", "ana", "dev"))
	for _, other := range [][]byte{
		wire.EnrolmentProofMessage("outra", "ana", "dev"), wire.EnrolmentProofMessage("central", "bia", "dev"), wire.EnrolmentProofMessage("central", "ana", "dev2"),
	} {
		if string(other) == base {
			t.Errorf("%q proves two enrolments", base)
		}
	}
}

func FuzzReadCommand(f *testing.F) {
	for _, body := range released() {
		c, err := wire.NewCommand(envelope(), body)
		if err != nil {
			f.Fatal(err)
		}
		data, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := wire.ReadCommand(data)
		if err == nil {
			_, err = c.Decode()
		}
		if err != nil && sei.CodeOf(err) == sei.CodeInternal {
			t.Fatalf("%q fails without a word for the servant: %v", data, err)
		}
	})
}

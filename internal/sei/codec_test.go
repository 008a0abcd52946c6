package sei_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// everyPayload has one full payload of each kind.
func everyPayload() []sei.Payload {
	ana := []sei.Contact{{ID: "1", Name: "Ana", SocialName: "Aninha", CPF: "11111111111", CNPJ: "11222333000181", Email: "a@b", Treatment: "Sra.", Vocative: "Senhora", Position: "Analista"}}
	added := sei.DocumentAdded{
		Document: "d1", SEINumber: 7, Type: 1, TypeName: "Ofício", Number: "1/2026", TreeName: "n", Description: "<&>", Interested: ana, Recipients: ana,
		Level: sei.Restricted, LegalBasis: 1,
	}
	evidence := blob("a.pdf")
	sig := sei.Signature{
		ID: "c1", Signer: "ana", SignerName: "Ana", SigningAgency: seplag, Position: "Analista", Unit: supply, Method: sei.ByToken, Level: sei.LevelQualified,
		LegalBasis: "art.", ContentSHA256: evidence.SHA256, Evidence: &evidence, Verdict: sei.VerdictIndeterminate, Reasons: []string{"r"}, At: noon, DeclaredAt: noon,
		Certificate: &sei.Certificate{Subject: "CN", Issuer: "AC", Serial: "0a", NotBefore: noon, NotAfter: noon, ICPBrasil: true, SHA256: evidence.SHA256},
	}
	frozen := &sei.Frozen{Revision: "r", RevisionHash: evidence.SHA256, Content: evidence, Salt: []byte("0123456789abcdef"), CRC: "0A1B2C3D", QRToken: "t", Typesetter: "1", Pages: 2}
	return []sei.Payload{
		sei.ProcessStarted{
			Process: "p", Number: "n", Type: 1, Specification: "e", Subjects: []int{1}, Interested: ana, Level: sei.Restricted, LegalBasis: 1,
			Agency: seplag, FilingDate: "2026-01-01", FormerNumbers: []string{"f"},
		},
		added,
		sei.ExternalRegistered{DocumentAdded: added, File: sei.ExternalFile{Date: "2026-01-01", Format: sei.Digitised, ConferenceType: 1, Sender: ana[0], Content: evidence}},
		sei.DocumentSigned{Document: "d1", SEINumber: 7, TypeName: "Ofício", Frozen: frozen, Signature: sig},
		sei.SignaturesWithdrawn{Document: "d1", SEINumber: 7, TypeName: "Ofício"},
		sei.ContentDelivered{Document: "d1", SEINumber: 7, TypeName: "Ofício", To: legal},
		sei.ProcessSent{To: []sei.UnitID{legal}, KeepOpen: true},
		sei.ProcessReceived{}, sei.ProcessAssigned{To: "ana", Name: "Ana"}, sei.UnitConcluded{Automatic: true}, sei.UnitReopened{},
		sei.ProcessAcknowledged{Name: "Ana"}, sei.DocumentAcknowledged{Document: "d1", SEINumber: 7, TypeName: "Ofício", Name: "Ana"}, sei.ProgressNoted{Text: "t"},
	}
}

func TestEveryPayloadComesBackFromItsStoredForm(t *testing.T) {
	for _, p := range everyPayload() {
		data, err := sei.EncodePayload(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := sei.DecodePayload(p.Kind(), data)
		if err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%s went in as %+v and came back as %+v (%v)", p.Kind(), p, back, err)
		}
		if fields := strings.Count(fmt.Sprintf("%+v", p), ":"); fields > 0 && len(data) < 3 {
			t.Errorf("%s lost its fields: %s", p.Kind(), data)
		}
		if _, err := sei.DecodePayload(p.Kind(), []byte(`[]`)); err == nil {
			t.Errorf("a malformed payload of %s was read", p.Kind())
		}
	}
}

func TestAnUnknownEventIsKeptByteForByteAndCounts(t *testing.T) {
	raw := []byte("{ \"later\": \"<b>ção</b>\",\n \"n\": 1.0 }")
	p, err := sei.DecodePayload("process.teleported", raw)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := sei.EncodePayload(p); err != nil || string(data) != string(raw) || p.Kind() != "process.teleported" {
		t.Errorf("the payload of %s came back as %s (%v)", p.Kind(), data, err)
	}
	w := started(t)
	before := w.process.Version
	e := sei.Event{Kind: p.Kind(), Unit: supply, At: noon, Payload: p}
	w.process.Apply(e)
	if w.process.Version != before+1 || !strings.Contains(sei.Describe(e, catalogue{}), "process.teleported") {
		t.Errorf("the unknown event left version %d and reads %q", w.process.Version, sei.Describe(e, catalogue{}))
	}
}

func TestNoWorkstationMayRecordADeliveryOrARaising(t *testing.T) {
	if _, err := sei.DecodeBody(sei.CmdRecordDelivery, []byte(`{"document":"d1"}`)); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("the command was read: %v", err)
	}
	if _, err := sei.DecodeBody(sei.CmdRecordRaising, []byte(`{"document":"d1"}`)); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("the command was read: %v", err)
	}
	if _, err := sei.DecodeBody("Teleport", []byte(`{}`)); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("an unknown command was read: %v", err)
	}
	if _, err := sei.DecodeBody(sei.CmdSend, []byte(`{"to":1}`)); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("a malformed command was read: %v", err)
	}
}

func TestAnErrorShowsItsSentenceAndHidesItsCause(t *testing.T) {
	cause := errors.New("dial tcp: refused")
	err := fmt.Errorf("sending: %w", sei.Wrap(cause, sei.CodeUnavailable, "A central não respondeu."))
	if sei.CodeOf(err) != sei.CodeUnavailable || sei.MessageOf(err) != "A central não respondeu." || !errors.Is(err, cause) {
		t.Errorf("the error reads %q as %s", sei.MessageOf(err), sei.CodeOf(err))
	}
	if sei.CodeOf(cause) != sei.CodeInternal || strings.Contains(sei.MessageOf(cause), "tcp") || sei.CodeOf(nil) != "" || sei.MessageOf(nil) != "" {
		t.Errorf("a technical error reads %q", sei.MessageOf(cause))
	}
}

func TestAHashIs64LowerCaseHexadecimalDigits(t *testing.T) {
	good := textHash(nil)
	for s, want := range map[sei.SHA256]bool{good: true, good[:63]: false, good + "0": false, sei.SHA256(strings.ToUpper(string(good))): false, sei.SHA256("g" + string(good[1:])): false} {
		if s.Valid() != want {
			t.Errorf("%q is valid: %v", s, s.Valid())
		}
	}
}

package sei

import (
	"encoding/json"
	"fmt"
	"time"
)

// EventKind names what happened; it is written into the ledger's headers.
type EventKind string

// The events of a process. Their payloads never change meaning; a change is a
// new kind.
const (
	EvProcessStarted       EventKind = "process.started"
	EvDocumentAdded        EventKind = "document.added"
	EvExternalRegistered   EventKind = "document.external_registered"
	EvDocumentSigned       EventKind = "document.signed"
	EvSignatureRaised      EventKind = "document.signature_raised"
	EvSignaturesWithdrawn  EventKind = "document.signatures_withdrawn"
	EvContentDelivered     EventKind = "document.content_delivered"
	EvProcessSent          EventKind = "process.sent"
	EvProcessReceived      EventKind = "process.received"
	EvProcessAssigned      EventKind = "process.assigned"
	EvUnitConcluded        EventKind = "process.concluded"
	EvUnitReopened         EventKind = "process.reopened"
	EvProcessAcknowledged  EventKind = "process.acknowledged"
	EvDocumentAcknowledged EventKind = "document.acknowledged"
	EvProgressNoted        EventKind = "process.progress_noted"
)

// Event is one fact of a process's history. Its unit and user acted; At is the
// central's acceptance time, UTC.
type Event struct {
	Kind    EventKind
	Command CommandID // that caused it
	Unit    UnitID
	User    UserID
	At      time.Time
	Payload Payload
}

// Payload is what an event says beyond who, where and when.
type Payload interface{ Kind() EventKind }

// Payloads of the events.
type (
	// ProcessStarted opens a process in its generating unit.
	ProcessStarted struct {
		Process       ProcessID   `json:"process"`
		Number        string      `json:"number"`
		Type          int         `json:"type"`
		Specification string      `json:"specification,omitempty"`
		Subjects      []int       `json:"subjects,omitempty"`
		Interested    []Contact   `json:"interested,omitempty"`
		Level         AccessLevel `json:"level"`
		LegalBasis    int         `json:"legalBasis,omitempty"`
		Agency        AgencyID    `json:"agency"`
		FilingDate    string      `json:"filingDate,omitempty"`
		FormerNumbers []string    `json:"formerNumbers,omitempty"`
	}
	// DocumentAdded puts an internal document (a minute) into the tree.
	DocumentAdded struct {
		Document    DocumentID  `json:"document"`
		SEINumber   int64       `json:"seiNumber"`
		Type        int         `json:"type"`
		TypeName    string      `json:"typeName"`
		Number      string      `json:"number,omitempty"`
		TreeName    string      `json:"treeName,omitempty"`
		Description string      `json:"description,omitempty"`
		Interested  []Contact   `json:"interested,omitempty"`
		Recipients  []Contact   `json:"recipients,omitempty"`
		Level       AccessLevel `json:"level"`
		LegalBasis  int         `json:"legalBasis,omitempty"`
	}
	// ExternalRegistered puts a received file into the tree.
	ExternalRegistered struct {
		DocumentAdded
		File ExternalFile `json:"file"`
	}
	// DocumentSigned freezes the document, if it was not yet, and adds a signature.
	DocumentSigned struct {
		Document  DocumentID `json:"document"`
		SEINumber int64      `json:"seiNumber"`
		TypeName  string     `json:"typeName"`
		Frozen    *Frozen    `json:"frozen,omitempty"` // internal documents
		Signature Signature  `json:"signature"`
	}
	// SignatureRaised says that a signature has gained proof. The central makes
	// it by itself; its unit and user are empty.
	SignatureRaised struct {
		Document   DocumentID `json:"document"`
		SEINumber  int64      `json:"seiNumber"`
		TypeName   string     `json:"typeName"`
		Signature  CommandID  `json:"signature"`
		SignerName string     `json:"signerName"`
		Raising    Raising    `json:"raising"`
	}
	// SignaturesWithdrawn says that an edit under the yellow pen undid the signatures.
	SignaturesWithdrawn struct {
		Document  DocumentID `json:"document"`
		SEINumber int64      `json:"seiNumber"`
		TypeName  string     `json:"typeName"`
	}
	// ContentDelivered says that the content reached another unit or an outside reader.
	ContentDelivered struct {
		Document  DocumentID `json:"document"`
		SEINumber int64      `json:"seiNumber"`
		TypeName  string     `json:"typeName"`
		To        UnitID     `json:"to,omitempty"` // "": outside
	}
	// ProcessSent moves the process to other units.
	ProcessSent struct {
		To       []UnitID `json:"to"`
		KeepOpen bool     `json:"keepOpen"`
	}
	// ProcessReceived says that the unit opened what it was sent.
	ProcessReceived struct{}
	// ProcessAssigned gives the process to a user of the unit; "" to nobody.
	ProcessAssigned struct {
		To   UserID `json:"to"`
		Name string `json:"name,omitempty"`
	}
	// UnitConcluded closes the process in the unit.
	UnitConcluded struct {
		Automatic bool `json:"automatic,omitempty"` // by sending without keeping open
	}
	// UnitReopened opens it again where it had been.
	UnitReopened struct{}
	// ProcessAcknowledged is a ciência in the process.
	ProcessAcknowledged struct {
		Name string `json:"name"`
	}
	// DocumentAcknowledged is a ciência in a document.
	DocumentAcknowledged struct {
		Document  DocumentID `json:"document"`
		SEINumber int64      `json:"seiNumber"`
		TypeName  string     `json:"typeName"`
		Name      string     `json:"name"`
	}
	// ProgressNoted is a free andamento.
	ProgressNoted struct {
		Text string `json:"text"`
	}
	// UnknownPayload is an event of a later release: shown, never dropped.
	UnknownPayload struct {
		EventKind EventKind
		Raw       json.RawMessage
	}
)

// Kind implementations.
func (ProcessStarted) Kind() EventKind       { return EvProcessStarted }
func (DocumentAdded) Kind() EventKind        { return EvDocumentAdded }
func (ExternalRegistered) Kind() EventKind   { return EvExternalRegistered }
func (DocumentSigned) Kind() EventKind       { return EvDocumentSigned }
func (SignatureRaised) Kind() EventKind      { return EvSignatureRaised }
func (SignaturesWithdrawn) Kind() EventKind  { return EvSignaturesWithdrawn }
func (ContentDelivered) Kind() EventKind     { return EvContentDelivered }
func (ProcessSent) Kind() EventKind          { return EvProcessSent }
func (ProcessReceived) Kind() EventKind      { return EvProcessReceived }
func (ProcessAssigned) Kind() EventKind      { return EvProcessAssigned }
func (UnitConcluded) Kind() EventKind        { return EvUnitConcluded }
func (UnitReopened) Kind() EventKind         { return EvUnitReopened }
func (ProcessAcknowledged) Kind() EventKind  { return EvProcessAcknowledged }
func (DocumentAcknowledged) Kind() EventKind { return EvDocumentAcknowledged }
func (ProgressNoted) Kind() EventKind        { return EvProgressNoted }

// Kind is the unknown event's own kind.
func (u UnknownPayload) Kind() EventKind { return u.EventKind }

// MarshalJSON gives the payload back as it came.
func (u UnknownPayload) MarshalJSON() ([]byte, error) { return u.Raw, nil }

// EventDocument is the document that an event is about, or "".
func EventDocument(p Payload) DocumentID {
	switch e := p.(type) {
	case DocumentAdded:
		return e.Document
	case ExternalRegistered:
		return e.Document
	case DocumentSigned:
		return e.Document
	case SignatureRaised:
		return e.Document
	case SignaturesWithdrawn:
		return e.Document
	case ContentDelivered:
		return e.Document
	case DocumentAcknowledged:
		return e.Document
	}
	return ""
}

// EncodePayload is the stored form of a payload (JSON). That of an event this
// release does not know is given back byte for byte, because its digest stands
// in the ledger.
func EncodePayload(p Payload) ([]byte, error) {
	if u, unknown := p.(UnknownPayload); unknown {
		return u.Raw, nil
	}
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encoding payload of %s: %w", p.Kind(), err)
	}
	return data, nil
}

// DecodePayload reads a stored payload; a kind this release does not know
// becomes an [UnknownPayload].
func DecodePayload(kind EventKind, data []byte) (Payload, error) {
	decode, known := payloadDecoders[kind]
	if !known {
		return UnknownPayload{EventKind: kind, Raw: append(json.RawMessage(nil), data...)}, nil
	}
	p, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("decoding payload of %s: %w", kind, err)
	}
	return p, nil
}

func decodeAs[P Payload](data []byte) (Payload, error) {
	var p P
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	return p, nil
}

var payloadDecoders = map[EventKind]func([]byte) (Payload, error){
	EvProcessStarted:       decodeAs[ProcessStarted],
	EvDocumentAdded:        decodeAs[DocumentAdded],
	EvExternalRegistered:   decodeAs[ExternalRegistered],
	EvDocumentSigned:       decodeAs[DocumentSigned],
	EvSignatureRaised:      decodeAs[SignatureRaised],
	EvSignaturesWithdrawn:  decodeAs[SignaturesWithdrawn],
	EvContentDelivered:     decodeAs[ContentDelivered],
	EvProcessSent:          decodeAs[ProcessSent],
	EvProcessReceived:      decodeAs[ProcessReceived],
	EvProcessAssigned:      decodeAs[ProcessAssigned],
	EvUnitConcluded:        decodeAs[UnitConcluded],
	EvUnitReopened:         decodeAs[UnitReopened],
	EvProcessAcknowledged:  decodeAs[ProcessAcknowledged],
	EvDocumentAcknowledged: decodeAs[DocumentAcknowledged],
	EvProgressNoted:        decodeAs[ProgressNoted],
}

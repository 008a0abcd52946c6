package central

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// streamHeadRow is where a stream says that it ends.
type streamHeadRow struct {
	name    string
	version int64
	hash    []byte
}

// streams verifies every stream by itself and replays it.
func (in *inspector) streams() error {
	for after := ""; ; {
		var page []streamHeadRow
		err := in.r.each("SELECT name, version, hash FROM streams WHERE name > ? ORDER BY name LIMIT ?", []any{after, inspectPage},
			func(scan func(...any) error) error {
				var s streamHeadRow
				err := scan(&s.name, &s.version, &s.hash)
				page = append(page, s)
				return err
			})
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return in.strayStreams()
		}
		for _, s := range page {
			in.out.Streams++
			if err := in.stream(s); err != nil {
				return err
			}
			after = s.name
		}
	}
}

func (in *inspector) strayStreams() error {
	return in.r.each("SELECT DISTINCT stream FROM events WHERE stream NOT IN (SELECT name FROM streams)", nil,
		func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			in.out.find(CheckChain, name, "Há eventos de uma história sem o seu fim registrado: foi apagado.")
			return err
		})
}

// storedEvent is an event with what its header binds.
type storedEvent struct {
	header        ledger.Header
	salt, payload []byte
}

func (in *inspector) stream(s streamHeadRow) error {
	events, readable, err := in.eventsOf(s.name)
	if err != nil {
		return err
	}
	headers := make([]ledger.Header, len(events))
	var last ledger.Hash
	for i, e := range events {
		headers[i], last = e.header, e.header.Hash()
		if isIssued(e.header.Kind) {
			in.issued++
		}
	}
	whole := readable
	if err := ledger.CheckChain(0, ledger.Hash{}, headers); err != nil {
		whole = false
		in.out.find(CheckChain, s.name, "A cadeia de cabeçalhos está rompida: %v.", err)
	}
	if int64(len(events)) != s.version || string(last[:]) != string(s.hash) {
		whole = false
		in.out.find(CheckChain, s.name, "A história deveria terminar na versão %d e tem %d eventos, ou o último é outro.", s.version, len(events))
	}
	if !in.payloads(s.name, events) || !whole {
		return nil // a replay of what is not whole would only say so again
	}
	return in.replay(s.name, events)
}

func (in *inspector) eventsOf(stream string) (events []storedEvent, readable bool, err error) {
	readable = true
	err = in.r.each(`SELECT e.header, p.salt, p.payload FROM events e LEFT JOIN event_payloads p ON p.seq = e.seq
		WHERE e.stream = ? ORDER BY e.version`, []any{stream},
		func(scan func(...any) error) error {
			var raw []byte
			var e storedEvent
			if err := scan(&raw, &e.salt, &e.payload); err != nil {
				return err
			}
			var err error
			if e.header, err = ledger.DecodeHeader(raw); err != nil {
				readable = false // the log's check has named it
				return nil
			}
			events = append(events, e)
			return nil
		})
	return events, readable, err
}

func (in *inspector) payloads(stream string, events []storedEvent) bool {
	whole := true
	for _, e := range events {
		subject := fmt.Sprintf("%s versão %d", stream, e.header.Version)
		if e.salt == nil {
			whole = false
			in.out.find(CheckPayload, subject, "Falta o conteúdo do evento %s, e nenhum ato registrado o eliminou.", e.header.Kind)
			continue
		}
		if err := ledger.CheckPayload(e.header, e.salt, e.payload); err != nil {
			whole = false
			in.out.find(CheckPayload, subject, "O conteúdo do evento %s foi alterado: não corresponde ao cabeçalho.", e.header.Kind)
		}
	}
	return whole
}

// replay folds the events as the central did and compares.
func (in *inspector) replay(stream string, events []storedEvent) error {
	id, isProcess := strings.CutPrefix(stream, sei.ProcessID("").Stream())
	if !isProcess || len(events) == 0 {
		return nil
	}
	p := sei.NewProcess()
	for _, e := range events {
		payload, err := sei.DecodePayload(sei.EventKind(e.header.Kind), e.payload)
		if err != nil {
			in.out.find(CheckPayload, fmt.Sprintf("%s versão %d", stream, e.header.Version), "O conteúdo do evento não pode ser lido: %v.", err)
			return nil
		}
		p.Apply(sei.Event{
			Kind: sei.EventKind(e.header.Kind), Command: sei.CommandID(e.header.Command), Unit: sei.UnitID(e.header.Unit),
			User: sei.UserID(e.header.User), At: e.header.At, Payload: payload,
		})
	}
	in.out.Processes++
	in.out.Documents += int64(len(p.Documents))
	in.countNumbers(p)
	in.cite(p)
	return in.compare(sei.ProcessID(id), p)
}

// compare holds what is stored of a process against its replay.
func (in *inspector) compare(id sei.ProcessID, p *sei.Process) error {
	subject := "processo " + p.Number
	stored, err := loadProcess(in.r, id, documentChoice{all: true})
	if err != nil || stored == nil {
		in.out.find(CheckState, subject, "O processo está no registro e o seu estado não foi encontrado.")
		return err
	}
	if !sameForm(stored, p) {
		in.out.find(CheckState, subject, "O estado guardado do processo não é o que resulta da sua história.")
	}
	var number string
	if err := in.r.row("SELECT number FROM processes WHERE id = ?", string(id)).Scan(&number); err != nil {
		return fmt.Errorf("reading a process's number: %w", err)
	}
	if number != p.Number {
		in.out.find(CheckNumber, subject, "O processo foi autuado com este número e está guardado com o número %s.", number)
	}
	for _, d := range p.DocumentsInOrder() {
		if err := in.compareDocument(subject, d, stored.Documents[d.ID]); err != nil {
			return err
		}
	}
	for extra := range stored.Documents {
		if p.Documents[extra] == nil {
			in.out.find(CheckState, subject, "O documento %s está guardado no processo e não está na sua história.", extra)
		}
	}
	return nil
}

func (in *inspector) compareDocument(process string, d, stored *sei.Document) error {
	subject := fmt.Sprintf("%s, documento %07d", process, d.SEINumber)
	if stored == nil {
		in.out.find(CheckState, subject, "O documento está no registro e o seu estado não foi encontrado.")
		return nil
	}
	if !sameForm(stored, d) {
		in.out.find(CheckState, subject, "O estado guardado do documento não é o que resulta da sua história.")
	}
	var number int64
	if err := in.r.row("SELECT COALESCE(sei_number, 0) FROM documents WHERE id = ?", string(d.ID)).Scan(&number); err != nil {
		return fmt.Errorf("reading a document's number: %w", err)
	}
	if number != d.SEINumber {
		in.out.find(CheckNumber, subject, "O documento recebeu este número e está guardado com o número %07d.", number)
	}
	return nil
}

// sameForm compares two states in their stored form. Whether an empty list is
// written as empty, as null or not at all depends on the release and on the way
// the state went, and means the same.
func sameForm(a, b any) bool {
	formA, errA := plainForm(a)
	formB, errB := plainForm(b)
	return errA == nil && errB == nil && reflect.DeepEqual(formA, formB)
}

func plainForm(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding a state: %w", err)
	}
	var form any
	if err := json.Unmarshal(data, &form); err != nil {
		return nil, fmt.Errorf("decoding a state: %w", err)
	}
	return prune(form), nil
}

// prune leaves out members without content.
func prune(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, member := range x {
			if member = prune(member); member == nil {
				delete(x, k)
			} else {
				x[k] = member
			}
		}
		if len(x) == 0 {
			return nil
		}
	case []any:
		for i := range x {
			x[i] = prune(x[i])
		}
		if len(x) == 0 {
			return nil
		}
	}
	return v
}

// strayStates finds processes that no event made.
func (in *inspector) strayStates() error {
	return in.r.each("SELECT number FROM processes WHERE ? || id NOT IN (SELECT name FROM streams)", []any{sei.ProcessID("").Stream()},
		func(scan func(...any) error) error {
			var number string
			err := scan(&number)
			in.out.find(CheckState, "processo "+number, "O processo está guardado e não tem história no registro.")
			return err
		})
}

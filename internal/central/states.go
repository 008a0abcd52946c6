package central

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// which documents of a process a decision needs.
type documentChoice struct {
	all bool
	one sei.DocumentID
}

// loadProcess reads a process with the documents chosen, nil when there is none.
func loadProcess(r reader, id sei.ProcessID, choice documentChoice) (*sei.Process, error) {
	var state []byte
	err := r.row("SELECT state FROM processes WHERE id = ?", string(id)).Scan(&state)
	if found, err := noRows(err); !found || err != nil {
		return nil, err
	}
	p := sei.NewProcess()
	if err := json.Unmarshal(state, p); err != nil {
		return nil, fmt.Errorf("decoding process %s: %w", id, err)
	}
	p.Documents = map[sei.DocumentID]*sei.Document{}
	query, args := "SELECT state FROM documents WHERE process_id = ?", []any{string(id)}
	switch {
	case choice.all:
	case choice.one != "":
		query, args = query+" AND id = ?", append(args, string(choice.one))
	default:
		return p, nil
	}
	return p, r.each(query, args, func(scan func(...any) error) error {
		d, err := scanDocument(scan)
		if err == nil {
			p.Documents[d.ID] = d
		}
		return err
	})
}

func scanDocument(scan func(...any) error) (*sei.Document, error) {
	var state []byte
	if err := scan(&state); err != nil {
		return nil, err
	}
	d := new(sei.Document)
	if err := json.Unmarshal(state, d); err != nil {
		return nil, fmt.Errorf("decoding document: %w", err)
	}
	return d, nil
}

// loadDocument reads one document and its process, nil when there is none.
func loadDocument(r reader, id sei.DocumentID) (*sei.Process, *sei.Document, error) {
	var process string
	err := r.row("SELECT process_id FROM documents WHERE id = ?", string(id)).Scan(&process)
	if found, err := noRows(err); !found || err != nil {
		return nil, nil, err
	}
	p, err := loadProcess(r, sei.ProcessID(process), documentChoice{one: id})
	if err != nil || p == nil {
		return nil, nil, err
	}
	return p, p.Documents[id], nil
}

func saveProcess(w *writer, p *sei.Process) error {
	state, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encoding process: %w", err)
	}
	former := make([]string, len(p.FormerNumbers))
	for i, n := range p.FormerNumbers {
		former[i] = protocol.Normalize(n)
	}
	return w.exec(`INSERT INTO processes (id, number, number_digits, former_digits, specification, state, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at`,
		string(p.ID), p.Number, protocol.Normalize(p.Number), " "+strings.Join(former, " ")+" ", foldText(p.Specification),
		string(state), micros(p.LastEventAt))
}

func saveDocument(w *writer, d *sei.Document) error {
	state, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encoding document: %w", err)
	}
	var number any
	if d.SEINumber != 0 {
		number = d.SEINumber
	}
	n, err := w.execCount(`INSERT INTO documents (id, process_id, sei_number, state) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET sei_number = excluded.sei_number, state = excluded.state
		WHERE documents.process_id = excluded.process_id`,
		string(d.ID), string(d.Process), number, string(state))
	if err == nil && n != 1 {
		err = fmt.Errorf("document %s belongs to another process", d.ID)
	}
	return err
}

// foldText drops case and accents, so that words are found however they are typed.
func foldText(s string) string { return strings.ToLower(dropAccents(s)) }

func dropAccents(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

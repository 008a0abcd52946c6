package central

import (
	"context"
	"fmt"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	maxWords     = 8
	maxExamined  = 2000 // candidates whose rights are judged in one search
	minDigits    = 3
	searchColumn = "SELECT p.id, '' FROM processes p WHERE "
)

// Search finds processes by number, with or without punctuation, by former
// number, by Nº SEI of a document, or by words of the specification. What the
// actor may not know of is left out as if it did not exist.
func (s *Service) Search(ctx context.Context, ses Session, unit sei.UnitID, query string) (wire.SearchResponse, error) {
	resp := wire.SearchResponse{Hits: []wire.SearchHit{}}
	query = strings.TrimSpace(query)
	if query == "" || len([]rune(query)) > wire.MaxSearchText {
		return resp, sei.Errorf(sei.CodeInvalid, "Digite um número ou até %d caracteres de palavras da especificação.", wire.MaxSearchText)
	}
	err := s.store.viewing(ctx, func(r reader) error {
		cat, err := s.catalogueAt(r)
		if err != nil {
			return err
		}
		actor, err := actorIn(r, cat, ses.User, unit, ses.Device, s.cfg.Clock())
		if err != nil {
			return err
		}
		resp, err = search(r, cat, actor, query)
		return err
	})
	return resp, err
}

// candidate is a process that matches, before rights are judged.
type candidate struct {
	process  sei.ProcessID
	document sei.DocumentID
}

func search(r reader, cat *catalogue, actor sei.Actor, query string) (wire.SearchResponse, error) {
	resp := wire.SearchResponse{Hits: []wire.SearchHit{}}
	found, err := candidates(r, query)
	if err != nil {
		return resp, fmt.Errorf("searching: %w", err)
	}
	for _, c := range found {
		hit, ok, err := judgeHit(r, cat, actor, c)
		if err != nil {
			return resp, err
		}
		if !ok {
			continue
		}
		if len(resp.Hits) == wire.MaxSearchHits {
			resp.More = true
			return resp, nil
		}
		resp.Hits = append(resp.Hits, hit)
	}
	return resp, nil
}

func candidates(r reader, query string) ([]candidate, error) {
	var found []candidate
	take := func(scan func(...any) error) error {
		var p, d string
		if err := scan(&p, &d); err != nil {
			return err
		}
		found = append(found, candidate{sei.ProcessID(p), sei.DocumentID(d)})
		return nil
	}
	if isNumber(query) {
		digits := protocol.Normalize(query)
		if n, err := protocol.ParseSEINumber(query); err == nil {
			if err := r.each("SELECT d.process_id, d.id FROM documents d WHERE d.sei_number = ?", []any{n}, take); err != nil {
				return nil, err
			}
		}
		if len(digits) < minDigits {
			return found, nil
		}
		err := r.each(searchColumn+"p.number_digits LIKE ? OR p.former_digits LIKE ? ORDER BY p.updated_at DESC LIMIT ?",
			[]any{"%" + digits + "%", "% " + digits + "%", maxExamined}, take)
		return found, err
	}
	words := strings.Fields(foldText(query))
	words = words[:min(len(words), maxWords)]
	conditions, args := make([]string, len(words)), make([]any, 0, len(words)+1)
	for i, w := range words {
		conditions[i] = `p.specification LIKE ? ESCAPE '\'`
		args = append(args, "%"+escapeLike(w)+"%")
	}
	args = append(args, maxExamined)
	err := r.each(searchColumn+strings.Join(conditions, " AND ")+" ORDER BY p.updated_at DESC LIMIT ?", args, take)
	return found, err
}

// isNumber: digits and punctuation only.
func isNumber(q string) bool {
	return protocol.Normalize(q) != "" && strings.Trim(q, "0123456789./- ") == ""
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

func judgeHit(r reader, cat *catalogue, actor sei.Actor, c candidate) (wire.SearchHit, bool, error) {
	p, err := loadProcess(r, c.process, documentChoice{one: c.document})
	if err != nil || p == nil {
		return wire.SearchHit{}, false, err
	}
	if sei.Reads(p, actor) == sei.ReadNothing {
		return wire.SearchHit{}, false, nil
	}
	hit := wire.SearchHit{
		Process: p.ID, Number: p.Number, Type: p.Type, Specification: p.Specification, Level: p.GlobalLevel(), Unit: p.GeneratingUnit,
	}
	if d := p.Documents[c.document]; d != nil {
		hit.Document, hit.DocumentName = d.ID, documentName(cat, d)
	}
	return hit, true, nil
}

// documentName is the document as the tree names it.
func documentName(c *catalogue, d *sei.Document) string {
	name := c.DocumentTypes[d.Type].Name
	if d.Number != "" {
		name += " " + d.Number
	}
	if d.TreeName != "" {
		name += " " + d.TreeName
	}
	if n := protocol.FormatSEINumber(d.SEINumber); n != "" {
		name += " (" + n + ")"
	}
	return name
}

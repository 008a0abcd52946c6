package local

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	maxHits     = 200
	maxQuery    = 500 // bytes
	maxTerms    = 12
	snippetSize = 200     // characters
	scanned     = 400_000 // characters looked at for a snippet
)

// Hit is a process or a document that was found.
type Hit struct {
	Process  sei.ProcessID
	Document sei.DocumentID // "" for a process
	Title    string
	Number   string // of the process, or Nº SEI
	Snippet  []SnippetPart
}

// SnippetPart is a run of a snippet; Match runs are what was searched for.
type SnippetPart struct {
	Text  string
	Match bool
}

// term is one thing to find.
type term struct {
	text   string // as typed, folded
	digits string // of a number, "" for a word
	exact  bool   // a quoted phrase
}

// Search finds processes and documents that have every word of the query,
// accents and case aside, words also by their beginnings, numbers with or
// without punctuation, and "phrases" as they stand. The best come first. A
// query without a word finds nothing.
func (s *Store) Search(ctx context.Context, query string, limit int) ([]Hit, error) {
	if _, err := s.unlocked(); err != nil {
		return nil, err
	}
	terms := parseQuery(query)
	if len(terms) == 0 {
		return nil, nil
	}
	var hits []Hit
	err := s.view(ctx, "searching", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan func(...any) error) error {
			var kind, ref, process string
			var title, body []byte
			if err := scan(&kind, &ref, &process, &title, &body); err != nil {
				return err
			}
			h := Hit{Process: sei.ProcessID(process)}
			if kind == findDocument {
				h.Document = sei.DocumentID(ref)
			}
			var head foundHead
			if err := s.unsealJSON(place("findable", "title", kind, ref), title, &head); err != nil {
				return err
			}
			text, err := s.openBody(kind, ref, body)
			if err != nil {
				return err
			}
			h.Title, h.Number, h.Snippet = head.Title, head.Number, snippet(text, terms)
			hits = append(hits, h)
			return nil
		}, `SELECT f.kind, f.ref, f.process, f.title, f.body FROM search JOIN findable f ON f.id = search.rowid
			WHERE search MATCH ? ORDER BY bm25(search, 4.0, 8.0, 1.0), f.id DESC LIMIT ?`,
			matchExpression(terms), min(max(limit, 1), maxHits))
	})
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	return hits, nil
}

// parseQuery takes what a servant typed apart; nothing in it is syntax but a
// pair of quotation marks.
func parseQuery(query string) []term {
	query = strings.ToValidUTF8(strings.ReplaceAll(cut(query, maxQuery), "\x00", " "), " ")
	var terms []term
	for i, part := range strings.Split(query, `"`) {
		if i%2 == 1 && strings.Count(query, `"`) > i { // between two marks
			terms = appendTerm(terms, part, true)
			continue
		}
		for _, w := range strings.Fields(part) {
			terms = appendTerm(terms, w, false)
		}
	}
	if len(terms) > maxTerms {
		terms = terms[:maxTerms]
	}
	return terms
}

func appendTerm(terms []term, text string, exact bool) []term {
	folded := strings.TrimFunc(fold(text), func(r rune) bool { return !wordRune(r) })
	if folded == "" {
		return terms
	}
	t := term{text: folded, exact: exact}
	if !exact && !strings.ContainsFunc(folded, unicode.IsLetter) {
		t.digits = protocol.Normalize(folded)
	}
	return append(terms, t)
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// matchExpression writes the terms for FTS5, each a quoted string, so that no
// typed character is taken for an operator.
func matchExpression(terms []term) string {
	var all []string
	for _, t := range terms {
		quoted := `"` + strings.ReplaceAll(t.text, `"`, " ") + `"`
		if !t.exact && len([]rune(t.text)) > 1 {
			quoted += "*"
		}
		if t.digits != "" && t.digits != t.text {
			quoted = `(` + quoted + ` OR numbers : "` + t.digits + `"*)`
		}
		all = append(all, quoted)
	}
	return strings.Join(all, " AND ")
}

// snippet shows the first place of a term in its surroundings, or the beginning
// of the text when the term was found elsewhere (in the title or a number).
func snippet(text string, terms []term) []SnippetPart {
	runes := []rune(cut(text, 4*scanned))
	if len(runes) > scanned {
		runes = runes[:scanned]
	}
	folded := make([]rune, len(runes))
	for i, r := range runes {
		folded[i] = foldRune(r)
	}
	first := len(runes)
	for i := range runes {
		if matchAt(folded, i, terms) > 0 {
			first = i
			break
		}
	}
	if first == len(runes) {
		first = 0
	}
	from := wordStart(runes, max(0, first-snippetSize/3))
	to := min(len(runes), from+snippetSize)
	return highlight(runes, folded, from, to, terms)
}

func highlight(runes, folded []rune, from, to int, terms []term) []SnippetPart {
	var parts []SnippetPart
	add := func(s string, match bool) {
		s = strings.NewReplacer("\r", "", "\n", " ", "\t", " ").Replace(s)
		if s != "" {
			parts = append(parts, SnippetPart{Text: s, Match: match})
		}
	}
	if from > 0 {
		add("…", false)
	}
	plain := from
	for i := from; i < to; {
		n := matchAt(folded, i, terms)
		if n == 0 {
			i++
			continue
		}
		add(string(runes[plain:i]), false)
		add(string(runes[i:min(i+n, to)]), true)
		i += n
		plain = i
	}
	if plain < to {
		add(string(runes[plain:to]), false)
	}
	if to < len(runes) {
		add("…", false)
	}
	return parts
}

// matchAt is how many characters of a term stand at a word's beginning i.
func matchAt(folded []rune, i int, terms []term) int {
	if i > 0 && wordRune(folded[i-1]) {
		return 0
	}
	for _, t := range terms {
		if n := prefixLength(folded[i:], t.text); n > 0 {
			return n
		}
	}
	return 0
}

// prefixLength counts the characters that spell word, combining marks included.
func prefixLength(folded []rune, word string) int {
	n := 0
	for _, want := range word {
		for n < len(folded) && folded[n] == 0 {
			n++
		}
		if n == len(folded) || folded[n] != want {
			return 0
		}
		n++
	}
	return n
}

func wordStart(runes []rune, i int) int {
	for i > 0 && i < len(runes) && wordRune(runes[i-1]) {
		i--
	}
	return i
}

package wire

import "github.com/sei-rs/sei-rs-desktop/internal/sei"

// Limits of the quick search.
const (
	MaxSearchText = 200 // characters of the question
	MaxSearchHits = 50  // rows in one answer
)

// SearchResponse answers GET /v1/search: the processes that the actor may read,
// best match first.
type SearchResponse struct {
	Hits []SearchHit `json:"hits"`
	More bool        `json:"more,omitempty"` // there are hits over the limit
}

// SearchHit is one process found.
type SearchHit struct {
	Process       sei.ProcessID   `json:"process"`
	Number        string          `json:"number"`
	Type          int             `json:"type"`
	Specification string          `json:"specification,omitempty"`
	Level         sei.AccessLevel `json:"level"`          // global
	Unit          sei.UnitID      `json:"unit,omitempty"` // that generated it
	// Document is set when the question was the number of one of its documents.
	Document     sei.DocumentID `json:"document,omitempty"`
	DocumentName string         `json:"documentName,omitempty"`
}

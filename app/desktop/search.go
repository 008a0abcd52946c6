package desktop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
)

// Search is search here and at the central, as the window sees it.
type Search struct{ desk *Desk }

const searchTimeout = 20 * time.Second

// The marks around a hit inside a snippet; the window turns them into emphasis.
const (
	hitBegins = "\u2068"
	hitEnds   = "\u2069"
)

// Local searches this workstation, as you type.
func (x *Search) Local(query string, limit int) ([]SearchHit, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	hits, err := a.store.Search(x.desk.ctx(), query, min(max(limit, 1), 200))
	if err != nil {
		return nil, fmt.Errorf("searching here: %w", err)
	}
	return convert(hits, searchHit), nil
}

func searchHit(h local.Hit) SearchHit {
	var snippet strings.Builder
	for _, p := range h.Snippet {
		if p.Match {
			snippet.WriteString(hitBegins + p.Text + hitEnds)
		} else {
			snippet.WriteString(p.Text)
		}
	}
	return SearchHit{Process: string(h.Process), Document: string(h.Document), Number: h.Number, Title: h.Title, Snippet: snippet.String()}
}

// Central searches the central; it needs a connection.
func (x *Search) Central(query string) ([]SearchHit, error) {
	a, err := x.desk.current()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(x.desk.ctx(), searchTimeout)
	defer cancel()
	found, err := a.client.Search(ctx, a.here(), query)
	if err != nil {
		return nil, err
	}
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	out := []SearchHit{}
	for _, f := range found.Hits {
		t, _ := c.ProcessType(f.Type)
		out = append(out, SearchHit{Process: string(f.Process), Number: f.Number, Title: t.Name, Detail: f.Specification, Remote: true})
	}
	return out, nil
}

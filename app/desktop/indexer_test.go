package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// shelf is a store of files of which some cannot be opened.
type shelf struct {
	order  []local.Unindexed
	files  map[sei.SHA256]string
	texts  map[sei.DocumentID]string
	opened int
}

func (s *shelf) put(doc sei.DocumentID, mime, content string) {
	u := local.Unindexed{Document: doc, Blob: sei.BlobRef{SHA256: sei.SHA256(mime + content), MIME: mime, Size: int64(len(content))}}
	s.order = append(s.order, u)
	s.files[u.Blob.SHA256] = content
}

func (s *shelf) Unindexed(_ context.Context, limit int) ([]local.Unindexed, error) {
	left := slices.DeleteFunc(slices.Clone(s.order), func(u local.Unindexed) bool {
		_, done := s.texts[u.Document]
		return done
	})
	return left[:min(limit, len(left))], nil
}

func (s *shelf) OpenBlob(_ context.Context, sha sei.SHA256) (local.Blob, error) {
	s.opened++
	content, ok := s.files[sha]
	if !ok || content == "unreadable" {
		return nil, errors.New("the disk failed")
	}
	return shelved{bytes.NewReader([]byte(content))}, nil
}

func (s *shelf) IndexText(_ context.Context, doc sei.DocumentID, text string) error {
	s.texts[doc] = text
	return nil
}

type shelved struct{ *bytes.Reader }

func (shelved) Close() error { return nil }

func newShelf() (*shelf, *indexer) {
	s := &shelf{files: map[sei.SHA256]string{}, texts: map[sei.DocumentID]string{}}
	return s, &indexer{store: s, log: slog.New(slog.DiscardHandler), tried: map[local.Unindexed]bool{}}
}

func TestEveryFileIsMadeSearchableOnce(t *testing.T) {
	s, x := newShelf()
	s.put("utf8", "text/plain", "Certidão")
	s.put("latin1", "text/plain", "Certid\xe3o")
	s.put("the same again", "text/plain", "Certidão")
	s.put("image", "image/png", "\x89PNG")
	s.put("broken", "application/pdf", "%PDF-1.4 e nada mais")
	for range 2 {
		if err := x.run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := map[sei.DocumentID]string{"utf8": "Certidão", "latin1": "Certidão", "the same again": "Certidão", "image": "", "broken": ""}
	if fmt.Sprint(s.texts) != fmt.Sprint(want) || s.opened != len(want) {
		t.Errorf("after %d openings the texts are %q", s.opened, s.texts)
	}
}

func TestAFileThatCannotBeReadIsTriedOnceAndHidesNoOther(t *testing.T) {
	s, x := newShelf()
	for i := range 3 * indexBatch {
		s.put(sei.DocumentID(fmt.Sprintf("bad %d", i)), fmt.Sprintf("text/%d", i), "unreadable")
	}
	s.put("good", "text/plain", "achado")
	for range 3 {
		if err := x.run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s.texts["good"] != "achado" || s.opened != len(s.order) {
		t.Errorf("after %d openings of %d files the good one reads %q", s.opened, len(s.order), s.texts["good"])
	}
}

func TestTheIndexerStopsWithItsAccount(t *testing.T) {
	s, x := newShelf()
	s.put("d", "text/plain", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.run(ctx); !errors.Is(err, context.Canceled) || s.opened != 0 {
		t.Errorf("the indexer ended with %v after %d openings", err, s.opened)
	}
}

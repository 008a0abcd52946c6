package central

import (
	"context"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	// discardAfter keeps abandoned bytes for longer than a backup takes: its copy
	// of the database may still name them.
	discardAfter = 48 * time.Hour
	maxDiscarded = 200 // in one sweep
)

// abandonUploads takes from their users the uploads that no command came to cite
// in time. A workstation that still wants one is told that it is missing and
// sends it again. Content that nobody has any more is noted as abandoned.
func abandonUploads(w *writer, now time.Time) error {
	before := micros(now.Add(-uploadsRest))
	steps := []struct {
		query string
		args  []any
	}{
		{`INSERT INTO abandoned_files (sha256, at) SELECT DISTINCT sha256, ? FROM uploads WHERE NOT cited AND at < ?
			ON CONFLICT (sha256) DO NOTHING`, []any{micros(now), before}},
		{"DELETE FROM uploads WHERE NOT cited AND at < ?", []any{before}},
		{"DELETE FROM open_uploads WHERE at < ?", []any{before}},
	}
	for _, step := range steps {
		if err := w.exec(step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// discardAbandoned removes the bytes of abandoned content. No upload is stored
// meanwhile, and whatever cites the content then, an upload, a minute or a
// document, keeps it.
func (s *Service) discardAbandoned(ctx context.Context, now time.Time) error {
	if s.cfg.Discard == nil {
		return nil
	}
	s.storing.Lock()
	defer s.storing.Unlock()
	due, err := s.abandonedBefore(ctx, now.Add(-discardAfter))
	if err != nil {
		return fmt.Errorf("looking for abandoned files: %w", err)
	}
	for _, sha := range due {
		if err := s.discardOne(ctx, sha); err != nil {
			return fmt.Errorf("discarding an abandoned file: %w", err)
		}
	}
	return nil
}

func (s *Service) abandonedBefore(ctx context.Context, at time.Time) (due []sei.SHA256, err error) {
	err = s.store.viewing(ctx, func(r reader) error {
		return r.each("SELECT sha256 FROM abandoned_files WHERE at < ? ORDER BY at, sha256 LIMIT ?", []any{micros(at), maxDiscarded},
			func(scan func(...any) error) error {
				var sha string
				err := scan(&sha)
				due = append(due, sei.SHA256(sha))
				return err
			})
	})
	return due, err
}

func (s *Service) discardOne(ctx context.Context, sha sei.SHA256) error {
	var cited bool
	err := s.store.viewing(ctx, func(r reader) error {
		return r.row(`SELECT EXISTS (SELECT 1 FROM uploads WHERE sha256 = ?)
			OR EXISTS (SELECT 1 FROM revision_blobs WHERE sha256 = ?)
			OR EXISTS (SELECT 1 FROM documents WHERE state LIKE ?)`, string(sha), string(sha), "%"+string(sha)+"%").Scan(&cited)
	})
	if err != nil {
		return err
	}
	if !cited {
		if err := s.cfg.Discard(ctx, sha); err != nil && sei.CodeOf(err) != sei.CodeNotFound {
			return err
		}
	}
	return s.commits.write(ctx, func(w *writer) error {
		return w.exec("DELETE FROM abandoned_files WHERE sha256 = ?", string(sha))
	})
}

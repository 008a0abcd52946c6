package central

import (
	"context"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	sweepEvery  = 10 * time.Minute
	uploadsRest = 14 * 24 * time.Hour // an unfinished upload may wait out a holiday
)

// sweeping clears up until ctx ends.
func (s *Service) sweeping(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("sweep failed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep ends what has run out: sessions, attempts, uploads that were not finished
// or that nothing came to cite, and places in units, whose colleagues' lists it brings up to date. Rights themselves do not
// wait for it; they are judged at every act.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.cfg.Clock()
	err := s.commits.write(ctx, func(w *writer) error {
		if err := w.exec("DELETE FROM sessions WHERE expires_at <= ?", micros(now)); err != nil {
			return err
		}
		if err := s.sweepAttempts(w, now); err != nil {
			return err
		}
		if err := abandonUploads(w, now); err != nil {
			return err
		}
		return s.endMemberships(w, now)
	})
	if err != nil {
		return fmt.Errorf("sweeping: %w", err)
	}
	if err := s.discardAbandoned(ctx, now); err != nil {
		return err
	}
	return s.cfg.Files.ExpireUploads(ctx, now.Add(-uploadsRest))
}

func (s *Service) endMemberships(w *writer, now time.Time) error {
	type place struct{ user, unit string }
	var ended []place
	err := w.each("SELECT DISTINCT user_id, unit_id FROM memberships WHERE valid_to <> 0 AND valid_to <= ? ORDER BY unit_id, user_id", []any{micros(now)},
		func(scan func(...any) error) error {
			var p place
			if err := scan(&p.user, &p.unit); err != nil {
				return err
			}
			ended = append(ended, p)
			return nil
		})
	if err != nil {
		return err
	}
	for _, p := range ended {
		if err := w.exec("DELETE FROM memberships WHERE user_id = ? AND unit_id = ? AND valid_to <> 0 AND valid_to <= ?", p.user, p.unit, micros(now)); err != nil {
			return err
		}
		if err := s.projectMember(w, sei.UserID(p.user), sei.UnitID(p.unit)); err != nil {
			return err
		}
		if err := audit(w, auditEntry{at: now, act: "membership-end", user: sei.UserID(p.user), unit: sei.UnitID(p.unit)}); err != nil {
			return err
		}
	}
	return nil
}

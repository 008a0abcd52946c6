package central

import (
	"context"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// What became of a leased Nº SEI. Every number of the sequence is in a document
// or has one of these beside it: no gap is without its explanation.
const (
	numberLeased   = "leased"
	numberUsed     = "used"
	numberReturned = "returned" // the next lease takes it
	numberLost     = "lost"     // the workstation began a new epoch
)

// maxHeld is how many unused numbers one workstation may hold.
const maxHeld = 2 * wire.MaxLease

// Lease gives a workstation numbers for documents made offline and takes unused
// ones back.
func (s *Service) Lease(ctx context.Context, ses Session, req wire.LeaseRequest) (wire.LeaseResponse, error) {
	resp := wire.LeaseResponse{Leases: []wire.Lease{}}
	if req.Want < 0 || req.Want > wire.MaxLease || len(req.Return) > maxHeld {
		return resp, sei.Errorf(sei.CodeInvalid, "O pedido de números passa do limite de %d.", wire.MaxLease)
	}
	err := s.commits.write(ctx, func(w *writer) error {
		if open, err := openRecovery(w.reader); open != nil || err != nil {
			return err // no numbers until it is known which were given
		}
		now := s.now()
		for _, n := range req.Return {
			err := w.exec("UPDATE leased_numbers SET state = ?, at = ? WHERE number = ? AND device_id = ? AND state = ?",
				numberReturned, micros(now), n, string(ses.Device), numberLeased)
			if err != nil {
				return err
			}
		}
		given, err := s.leaseNumbers(w, ses, req.Want, now)
		resp.Leases = ranges(given)
		return err
	})
	return resp, err
}

func (s *Service) leaseNumbers(w *writer, ses Session, want int, now time.Time) ([]int64, error) {
	var held int
	err := w.row("SELECT COUNT(*) FROM leased_numbers WHERE device_id = ? AND state = ?", string(ses.Device), numberLeased).Scan(&held)
	if err != nil {
		return nil, fmt.Errorf("counting leased numbers: %w", err)
	}
	want = min(want, maxHeld-held)
	if want <= 0 {
		return nil, nil
	}
	given, err := returnedNumbers(w.reader, want)
	if err != nil {
		return nil, err
	}
	c, err := openCounter(w.reader, s.zone, counterKey{scope: seiScope})
	if err != nil {
		return nil, err
	}
	last := c.value
	for len(given) < want && (c.limit == 0 || last < c.limit) {
		last++
		given = append(given, last)
	}
	if err := c.give(w, last); err != nil {
		return nil, err
	}
	for _, n := range given {
		err := w.exec(`INSERT INTO leased_numbers (number, device_id, epoch, state, at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (number) DO UPDATE SET device_id = excluded.device_id, epoch = excluded.epoch, state = excluded.state, at = excluded.at`,
			n, string(ses.Device), ses.Epoch, numberLeased, micros(now))
		if err != nil {
			return nil, err
		}
	}
	return given, nil
}

func returnedNumbers(r reader, limit int) ([]int64, error) {
	var out []int64
	err := r.each("SELECT number FROM leased_numbers WHERE state = 'returned' ORDER BY number LIMIT ?", []any{limit},
		func(scan func(...any) error) error {
			var n int64
			if err := scan(&n); err != nil {
				return err
			}
			out = append(out, n)
			return nil
		})
	return out, err
}

// ranges writes ascending numbers as leases.
func ranges(numbers []int64) []wire.Lease {
	leases := []wire.Lease{}
	for _, n := range numbers {
		if last := len(leases) - 1; last >= 0 && leases[last].To == n-1 {
			leases[last].To = n
			continue
		}
		leases = append(leases, wire.Lease{From: n, To: n})
	}
	return leases
}

package central

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// How often something may be tried. Guessing must not pay; a servant who
// mistypes must not be locked out for the day.
const (
	loginAttempts   = 8  // wrong passwords of one account
	addressAttempts = 60 // wrong passwords from one address: a whole office may share one
	attemptWindow   = 10 * time.Minute
	publicAttempts  = 30 // wrong codes on the public page from one address
	publicWindow    = 10 * time.Minute
	maxTracked      = 100_000 // keys remembered at once
)

// attemptLimiter counts failures by key in windows of fixed length. It decides
// from memory; what failed is written down with keep, so that restarting the
// central gives nobody new tries.
type attemptLimiter struct {
	kind   string // in the database
	limit  int
	window time.Duration
	clock  func() time.Time

	mu   sync.Mutex
	seen map[string]*failures
}

type failures struct {
	count int
	since time.Time
}

func newAttemptLimiter(kind string, limit int, window time.Duration, clock func() time.Time) *attemptLimiter {
	return &attemptLimiter{kind: kind, limit: limit, window: window, clock: clock, seen: map[string]*failures{}}
}

// tooManyError carries how long to wait, for Retry-After.
type tooManyError struct {
	answer *sei.Error
	after  time.Duration
}

func (e *tooManyError) Error() string { return e.answer.Error() }

// Unwrap gives the error for the servant.
func (e *tooManyError) Unwrap() error { return e.answer }

// take counts one try beforehand and refuses it when there were too many. A
// success gives it back with forget or release: counting first keeps many
// simultaneous guesses from slipping through together.
func (l *attemptLimiter) take(name string) error {
	key := attemptKey(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	f := l.seen[key]
	if f == nil || now.Sub(f.since) >= l.window {
		if f == nil && len(l.seen) >= maxTracked {
			l.sweep(now)
		}
		f = &failures{since: now}
		l.seen[key] = f
	}
	if f.count >= l.limit {
		after := l.window - now.Sub(f.since)
		minutes := int(after/time.Minute) + 1
		return &tooManyError{sei.Errorf(sei.CodeTooMany, "Foram feitas tentativas demais. Aguarde %d min e tente de novo.", minutes), after}
	}
	f.count++
	return nil
}

// sweep drops what is over; if nothing is, all of it: a table that fills up is
// an attack from many places, which this limiter is not the defence against.
func (l *attemptLimiter) sweep(now time.Time) {
	for k, f := range l.seen {
		if now.Sub(f.since) >= l.window {
			delete(l.seen, k)
		}
	}
	if len(l.seen) >= maxTracked {
		clear(l.seen)
	}
}

// forget drops the failures of name after a success and says whether some had
// been kept.
func (l *attemptLimiter) forget(name string) (kept bool) {
	key := attemptKey(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.seen[key]
	delete(l.seen, key)
	return f != nil && f.count > 1 // more than the try that has just succeeded
}

// release gives one try back.
func (l *attemptLimiter) release(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.seen[attemptKey(name)]; f != nil && f.count > 0 {
		f.count--
	}
}

// attemptKey stands for a login or an address, of which no list is to be kept.
func attemptKey(name string) string {
	sum := sha256.Sum256([]byte("seirs/attempt/1\n" + name))
	return hex.EncodeToString(sum[:16])
}

// keep writes down what failed of name.
func (l *attemptLimiter) keep(w *writer, name string) error {
	key := attemptKey(name)
	l.mu.Lock()
	f, known := l.seen[key]
	var now failures
	if known {
		now = *f
	}
	l.mu.Unlock()
	if !known {
		return nil
	}
	return w.exec(`INSERT INTO attempts (kind, key, count, since) VALUES (?, ?, ?, ?)
		ON CONFLICT (kind, key) DO UPDATE SET count = excluded.count, since = excluded.since`, l.kind, key, now.count, micros(now.since))
}

// drop forgets in the database too.
func (l *attemptLimiter) drop(w *writer, name string) error {
	return w.exec("DELETE FROM attempts WHERE kind = ? AND key = ?", l.kind, attemptKey(name))
}

// load remembers what failed before the central started. An entry from a clock
// that ran ahead counts from now, so that nobody is locked out for longer.
func (l *attemptLimiter) load(r reader) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	err := r.each("SELECT key, count, since FROM attempts WHERE kind = ? AND since > ? LIMIT ?", []any{l.kind, micros(now.Add(-l.window)), maxTracked},
		func(scan func(...any) error) error {
			var key string
			var since int64
			var f failures
			if err := scan(&key, &f.count, &since); err != nil {
				return err
			}
			if f.since = fromMicros(since); f.since.After(now) {
				f.since = now
			}
			l.seen[key] = &f
			return nil
		})
	if err != nil {
		return fmt.Errorf("reading earlier attempts: %w", err)
	}
	return nil
}

// limiters are all of them.
func (s *Service) limiters() []*attemptLimiter {
	return []*attemptLimiter{s.logins, s.callers, s.checks}
}

// sweepAttempts forgets what is over.
func (s *Service) sweepAttempts(w *writer, now time.Time) error {
	for _, l := range s.limiters() {
		if err := w.exec("DELETE FROM attempts WHERE kind = ? AND since <= ?", l.kind, micros(now.Add(-l.window))); err != nil {
			return err
		}
	}
	return nil
}

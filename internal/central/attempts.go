package central

import (
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

// attemptLimiter counts failures by key in windows of fixed length.
type attemptLimiter struct {
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

func newAttemptLimiter(limit int, window time.Duration, clock func() time.Time) *attemptLimiter {
	return &attemptLimiter{limit: limit, window: window, clock: clock, seen: map[string]*failures{}}
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
func (l *attemptLimiter) take(key string) error {
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

// forget drops the key's failures after a success.
func (l *attemptLimiter) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, key)
}

// release gives one try back.
func (l *attemptLimiter) release(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.seen[key]; f != nil && f.count > 0 {
		f.count--
	}
}

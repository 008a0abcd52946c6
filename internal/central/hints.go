package central

import (
	"slices"
	"sync"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	maxSubscribers = 20_000
	maxHintBuckets = 100 // named in one hint; more is "pull everything"
)

// hintBroker tells desks that it is time to pull. A hint may be lost or joined
// with others; it is never the only way to learn of a change.
type hintBroker struct {
	mu     sync.Mutex
	subs   map[*subscription]bool
	closed bool
}

// subscription is one open stream. ready has room for one signal: what arrives
// before the stream is read again is joined.
type subscription struct {
	buckets map[wire.Bucket]bool
	ready   chan struct{}
	mu      sync.Mutex
	changed map[wire.Bucket]bool
}

func newHintBroker() *hintBroker { return &hintBroker{subs: map[*subscription]bool{}} }

// subscribe listens to buckets until cancel is called.
func (b *hintBroker) subscribe(buckets ...wire.Bucket) (sub *subscription, cancel func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.subs) >= maxSubscribers {
		return nil, nil, sei.Errorf(sei.CodeUnavailable, "A central não pode avisar de novidades agora; a consulta periódica continua.")
	}
	sub = &subscription{buckets: map[wire.Bucket]bool{}, ready: make(chan struct{}, 1), changed: map[wire.Bucket]bool{}}
	for _, name := range buckets {
		sub.buckets[name] = true
	}
	b.subs[sub] = true
	return sub, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.subs[sub] {
			delete(b.subs, sub)
			close(sub.ready)
		}
	}, nil
}

func (b *hintBroker) announce(changed []wire.Bucket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for sub := range b.subs {
		sub.note(changed)
	}
}

func (b *hintBroker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for sub := range b.subs {
		delete(b.subs, sub)
		close(sub.ready)
	}
}

func (s *subscription) note(changed []wire.Bucket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := false
	for _, name := range changed {
		if s.buckets[name] {
			s.changed[name], heard = true, true
		}
	}
	if !heard {
		return
	}
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// take gives what changed since the last time.
func (s *subscription) take() wire.Hint {
	s.mu.Lock()
	defer s.mu.Unlock()
	var h wire.Hint
	for name := range s.changed {
		h.Buckets = append(h.Buckets, name)
	}
	clear(s.changed)
	slices.Sort(h.Buckets)
	if len(h.Buckets) > maxHintBuckets {
		h.Buckets = nil
	}
	return h
}

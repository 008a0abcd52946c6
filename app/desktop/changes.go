package desktop

import (
	"slices"
	"sync"
)

// Topics that the window listens to; a topic says "read this again".
const (
	topicSession = "session"
	topicStatus  = "status"
	topicInbox   = "inbox"
	topicOutbox  = "outbox"
	topicIntake  = "intake"
	topicKeys    = "keys"
	topicSigning = "signing"
	topicFiles   = "files" // how far the taking in of files is
	topicExport  = "export"
)

// topicProcess is the topic of one process.
func topicProcess(id string) string { return "process:" + id }

// changes tells every open window which topics changed. A slow listener loses
// nothing: topics gather until it reads them.
type changes struct {
	mu        sync.Mutex
	listeners map[*listener]struct{}
	emit      func(topics []string) // to the desktop window, or nil
}

type listener struct {
	out     chan []string
	pending []string
}

// listen registers a listener; the bool is false when there are too many.
func (c *changes) listen() (<-chan []string, func(), bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.listeners) >= maxListeners {
		return nil, nil, false
	}
	if c.listeners == nil {
		c.listeners = map[*listener]struct{}{}
	}
	l := &listener{out: make(chan []string, 1)}
	c.listeners[l] = struct{}{}
	return l.out, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.listeners, l)
	}, true
}

// setEmit tells the desktop window too.
func (c *changes) setEmit(emit func(topics []string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.emit = emit
}

// say tells every listener.
func (c *changes) say(topics ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := range c.listeners {
		l.add(topics)
	}
	if c.emit != nil {
		c.emit(topics)
	}
}

// add merges topics with those that were not read yet. It runs under the lock of
// changes, so the channel's one place is either free or emptied here.
func (l *listener) add(topics []string) {
	select {
	case unread := <-l.out:
		l.pending = unread
	default:
		l.pending = nil
	}
	for _, t := range topics {
		if !slices.Contains(l.pending, t) {
			l.pending = append(l.pending, t)
		}
	}
	l.out <- l.pending
}

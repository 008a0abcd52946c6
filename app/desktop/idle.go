package desktop

import (
	"context"
	"time"
)

// idleLimit is how long a desk stays open without its servant: the key leaves
// the memory then, the queue stays.
const idleLimit = 20 * time.Minute

// Touch says that the servant is there; the window calls it on input, seldom.
func (s *Session) Touch() error {
	a, err := s.desk.current()
	if err != nil {
		return nil //nolint:nilerr // nobody is in: nothing to keep open
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.touched = time.Now()
	return nil
}

// FirstInput says that a field of the window took what was typed. What measures
// the start listens for it; nobody else does.
func (s *Session) FirstInput() error {
	if told := s.desk.opts.OnFirstInput; told != nil {
		told()
	}
	return nil
}

// followIdle locks a desk that its servant has left. It ends with the account.
func (a *account) followIdle(ctx context.Context, limit time.Duration) {
	for {
		a.mu.RLock()
		left := limit - time.Since(a.touched)
		a.mu.RUnlock()
		if left <= 0 {
			// Closing waits for this goroutine: it must not wait for the closing.
			go a.desk.lockIdle(a)
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// lockIdle closes the account if it is still the open one.
func (d *Desk) lockIdle(a *account) {
	d.mu.RLock()
	same := d.account == a
	d.mu.RUnlock()
	if !same {
		return
	}
	if err := d.closeAccount(); err != nil {
		d.log.Warn("locking an idle desk", "error", err)
	}
	d.changes.say(topicSession, topicStatus)
}

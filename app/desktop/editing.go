package desktop

import (
	"context"
	gosync "sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// editing remembers which minutes the editor has open, so that colleagues are
// told once and again before the notice runs out.
type editing struct {
	mu   gosync.Mutex
	told map[sei.DocumentID]time.Time
	// signed are the documents that the editor opened with signatures, and said so.
	signed map[sei.DocumentID]bool
}

// opened notes whether the editor showed the document as signed.
func (e *editing) opened(doc sei.DocumentID, signed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.signed == nil {
		e.signed = map[sei.DocumentID]bool{}
	}
	e.signed[doc] = signed
}

// consents says whether saving may withdraw signatures: only those that the
// editor showed when it opened. One that came since was never seen here.
func (e *editing) consents(doc sei.DocumentID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.signed[doc]
}

// due says whether the notice has to be given now, and notes that it was.
func (e *editing) due(doc sei.DocumentID, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now.Sub(e.told[doc]) < wire.EditingFor/2 {
		return false
	}
	if e.told == nil {
		e.told = map[sei.DocumentID]time.Time{}
	}
	e.told[doc] = now
	return true
}

// end says whether there is a notice to take back.
func (e *editing) end(doc sei.DocumentID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, told := e.told[doc]
	delete(e.told, doc)
	return told
}

// tellEditing lets colleagues know that the minute is open here. It is advice:
// without a connection nobody is told, and both texts are kept all the same.
func (a *account) tellEditing(doc sei.DocumentID) {
	if a.editing.due(doc, time.Now()) {
		a.notice(doc, true)
	}
}

// tellClosed takes the notice back.
func (a *account) tellClosed(doc sei.DocumentID) {
	if a.editing.end(doc) {
		a.notice(doc, false)
	}
}

func (a *account) notice(doc sei.DocumentID, open bool) {
	unit := a.here()
	a.background(func(ctx context.Context) {
		if err := a.client.Editing(ctx, wire.EditingNotice{Unit: unit, Document: doc, Editing: open}); err != nil {
			a.desk.log.Debug("telling who edits", "error", err)
		}
	})
}

package sync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Fetch brings one missing file for reading offline. It is a machine of its own,
// so that a large file never holds up the outbox.
func (e *Engine) Fetch(ctx context.Context) Result {
	if err := ctx.Err(); err != nil {
		return Result{Err: err}
	}
	now := e.clock.Now()
	if until, held := e.heldBack(fetchMachine, now); held {
		return e.finish(fetchMachine, outcome{next: until})
	}
	if until, paused := e.waitOf(Fetching, now); paused {
		return e.finish(fetchMachine, outcome{next: until})
	}
	return e.finish(fetchMachine, e.fetch(ctx, now))
}

func (e *Engine) fetch(ctx context.Context, now time.Time) outcome {
	missing, err := e.store.MissingBlobs(ctx, e.limits.FetchWindow)
	if err != nil {
		e.storeFailed(Fetching, now, err)
		return outcome{did: Fetching, err: fmt.Errorf("listing missing files: %w", err)}
	}
	// What the index brings later is found then; the other machine wakes this one.
	idle := outcome{}
	for _, d := range missing {
		if until, held := e.heldUntil(fetchKey(d), now); held {
			idle.next = earliest(idle.next, until)
			continue
		}
		return outcome{did: Fetching, err: e.fetchOne(ctx, now, d)}
	}
	e.stored(Fetching)
	return idle
}

func fetchKey(d BlobDownload) string {
	return holdKey("fetch", string(d.Document)+"/"+string(d.Blob.SHA256))
}

func (e *Engine) fetchOne(ctx context.Context, now time.Time, d BlobDownload) error {
	e.working(fetchMachine)
	body, err := e.transport.Download(ctx, d.Unit, d.Document, d.Blob.SHA256, 0)
	if err != nil {
		return e.fetchFailed(ctx, now, d, err)
	}
	watched := &watchedReader{r: body}
	err = e.store.SaveBlob(ctx, d.Blob, watched)
	body.Close()
	if watched.err != nil {
		return e.fetchFailed(ctx, now, d, watched.err)
	}
	e.answered(Fetching)
	switch {
	case err == nil:
		e.release(fetchKey(d))
	case sei.CodeOf(err) == sei.CodeInvalid: // other bytes than were cited
		e.hold(fetchKey(d), now, err)
	default:
		e.storeFailed(Fetching, now, err)
	}
	return err
}

// fetchFailed pauses one file, or stops asking for one that is not given.
func (e *Engine) fetchFailed(ctx context.Context, now time.Time, d BlobDownload, err error) error {
	switch code := sei.CodeOf(err); {
	case ctx.Err() != nil:
	case ofSession(code):
		e.failed(Fetching, now, err)
	case transient(code):
		e.holdUnreached(fetchKey(d), now, err)
	case code == sei.CodeNotFound, code == sei.CodeForbidden:
		e.answered(Fetching)
		if dropErr := e.store.DropMissing(ctx, d, sei.MessageOf(err)); dropErr != nil {
			e.storeFailed(Fetching, now, dropErr)
		}
		e.release(fetchKey(d))
	default:
		e.hold(fetchKey(d), now, err)
	}
	return err
}

// watchedReader tells failures of the line from failures of the disk.
type watchedReader struct {
	r   io.Reader
	err error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

package central

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Limits of the queue before the database.
const (
	maxQueued = 1024 // requests that wait; more are turned away
	maxBatch  = 64   // jobs in one commit; the last request may bring more
)

// job is something to write. It either happens whole or not at all, whatever
// becomes of the others in its batch.
type job struct {
	do      func(*writer) error
	err     error
	changed map[string]bool
	done    chan struct{}
}

// committer is the one goroutine that writes. While it waits for the disk, jobs
// gather; the next commit takes them all, so that the disk is asked once.
type committer struct {
	store    *store
	jobs     chan []*job // those of one request go into one commit
	stop     chan struct{}
	stopOnce sync.Once
	stopped  chan struct{}
	announce func([]wire.Bucket)
	failed   func() // after a commit that did not happen
	log      *slog.Logger
}

func startCommitter(s *store, announce func([]wire.Bucket), log *slog.Logger) *committer {
	c := &committer{
		store: s, jobs: make(chan []*job, maxQueued), stop: make(chan struct{}), stopped: make(chan struct{}),
		announce: announce, failed: func() {}, log: log,
	}
	go c.loop()
	return c
}

// submit queues a job; it fails at once when the queue is full or closed.
func (c *committer) submit(do func(*writer) error) (*job, error) {
	group, err := c.submitAll([]func(*writer) error{do})
	if err != nil {
		return nil, err
	}
	return group[0], nil
}

// submitAll queues jobs that go into the same commit, in their order: what one
// request asks for waits for the disk once, and a crash cuts none in two.
func (c *committer) submitAll(all []func(*writer) error) ([]*job, error) {
	select {
	case <-c.stop:
		return nil, errStopping()
	default:
	}
	group := make([]*job, len(all))
	for i, do := range all {
		group[i] = &job{do: do, done: make(chan struct{})}
	}
	select {
	case c.jobs <- group:
		return group, nil
	default:
		return nil, sei.Errorf(sei.CodeUnavailable, "A central está com muitos pedidos agora. O envio será repetido em instantes.")
	}
}

// wait returns when the job is committed or failed. The job is not withdrawn
// when the asker goes away: its answer is stored and found again.
func (c *committer) wait(ctx context.Context, j *job) error {
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stopped:
		select {
		case <-j.done:
			return j.err
		default:
			return errStopping()
		}
	}
}

// write runs one job to its end.
func (c *committer) write(ctx context.Context, do func(*writer) error) error {
	j, err := c.submit(do)
	if err != nil {
		return err
	}
	return c.wait(ctx, j)
}

// errCommit says that a whole batch failed, not one job of it.
var errCommit = errors.New("the transaction failed")

func errStopping() error {
	return sei.Errorf(sei.CodeUnavailable, "A central está sendo reiniciada. O envio será repetido em instantes.")
}

// close lets queued jobs finish.
func (c *committer) close() {
	c.stopOnce.Do(func() { close(c.stop) })
	<-c.stopped
}

func (c *committer) loop() {
	defer close(c.stopped)
	for {
		select {
		case j := <-c.jobs:
			c.commit(c.gather(j))
		case <-c.stop:
			for {
				select {
				case j := <-c.jobs:
					c.commit(c.gather(j))
				default:
					return
				}
			}
		}
	}
}

// gather takes what is queued already; it waits for nobody.
func (c *committer) gather(first []*job) []*job {
	batch := first
	for len(batch) < maxBatch {
		select {
		case j := <-c.jobs:
			batch = append(batch, j...)
		default:
			return batch
		}
	}
	return batch
}

func (c *committer) commit(batch []*job) {
	err := c.transaction(batch)
	if err != nil {
		c.log.Error("commit failed", "jobs", len(batch), "error", err)
		c.failed()
	}
	changed := map[string]bool{}
	for _, j := range batch {
		switch {
		case err != nil:
			j.err = fmt.Errorf("%w: %w", errCommit, err)
		case j.err == nil:
			maps.Copy(changed, j.changed)
		case j.changed[string(wire.CatalogueBucket)]:
			c.failed() // what it read back of its own changes was undone
		}
	}
	// Subscribers hear of it first: whoever is answered may find the hint on its way.
	if len(changed) > 0 {
		names := slices.Sorted(maps.Keys(changed))
		buckets := make([]wire.Bucket, len(names))
		for i, n := range names {
			buckets[i] = wire.Bucket(n)
		}
		c.announce(buckets)
	}
	for _, j := range batch {
		close(j.done)
	}
}

func (c *committer) transaction(batch []*job) error {
	ctx := context.Background() // a batch belongs to no single asker
	tx, err := c.store.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	base := reader{ctx: ctx, run: tx, dialect: c.store.dialect}
	for _, j := range batch {
		if err := runJob(base, j); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// runJob runs j inside a savepoint. Its own failure is kept in j; the error
// returned is one of the transaction itself.
func runJob(base reader, j *job) error {
	w := &writer{reader: base, changed: map[string]bool{}}
	if err := w.exec("SAVEPOINT job"); err != nil {
		return err
	}
	j.err = callJob(j.do, w)
	if j.err != nil {
		if err := w.exec("ROLLBACK TO SAVEPOINT job"); err != nil {
			return err
		}
	}
	j.changed = w.changed
	return w.exec("RELEASE SAVEPOINT job")
}

// callJob keeps a job's panic from taking the whole service down: the job's
// savepoint is rolled back like after any error.
func callJob(do func(*writer) error, w *writer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job panicked: %v", p)
		}
	}()
	return do(w)
}

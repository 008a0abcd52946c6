package sync

import (
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Limits bound every queue, size and wait of an engine. Zero fields take the
// values of [DefaultLimits].
type Limits struct {
	PushCommands int           // in one push, at most [wire.MaxPushCommands]
	PushBytes    int64         // of sealed commands in one push; one command always goes
	QueueWindow  int           // outbox entries looked at in one step
	ChunkBytes   int64         // of an upload in one step
	PullBuckets  int           // in one pull, at most [wire.MaxPullBuckets]
	PullEvery    time.Duration // between pulls that nobody asked for
	LeaseBelow   int           // free numbers under which new ones are leased
	LeaseWant    int           // numbers in one lease, at most [wire.MaxLease]
	FetchWindow  int           // missing files looked at in one step
	BackoffBase  time.Duration // longest first pause after a failure
	BackoffCap   time.Duration // longest pause after many
	BlobAttempts int           // that a file may arrive spoilt before its command is rejected
}

// DefaultLimits suit a servant's desk on a slow line.
func DefaultLimits() Limits {
	return Limits{
		PushCommands: wire.MaxPushCommands, PushBytes: 2 << 20, QueueWindow: 200, ChunkBytes: 1 << 20,
		PullBuckets: wire.MaxPullBuckets, PullEvery: 2 * time.Minute, LeaseBelow: 20, LeaseWant: 50,
		FetchWindow: 20, BackoffBase: time.Second, BackoffCap: time.Minute, BlobAttempts: 3,
	}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	return Limits{
		PushCommands: min(positive(l.PushCommands, d.PushCommands), wire.MaxPushCommands),
		PushBytes:    positive(l.PushBytes, d.PushBytes),
		QueueWindow:  positive(l.QueueWindow, d.QueueWindow),
		ChunkBytes:   positive(l.ChunkBytes, d.ChunkBytes),
		PullBuckets:  min(positive(l.PullBuckets, d.PullBuckets), wire.MaxPullBuckets),
		PullEvery:    positive(l.PullEvery, d.PullEvery),
		LeaseBelow:   positive(l.LeaseBelow, d.LeaseBelow),
		LeaseWant:    min(positive(l.LeaseWant, d.LeaseWant), wire.MaxLease),
		FetchWindow:  positive(l.FetchWindow, d.FetchWindow),
		BackoffBase:  positive(l.BackoffBase, d.BackoffBase),
		BackoffCap:   positive(l.BackoffCap, d.BackoffCap),
		BlobAttempts: positive(l.BlobAttempts, d.BlobAttempts),
	}
}

func positive[T int | int64 | time.Duration](given, otherwise T) T {
	if given > 0 {
		return given
	}
	return otherwise
}

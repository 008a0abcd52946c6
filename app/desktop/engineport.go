package desktop

import (
	"context"
	"io"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
)

// engineStore lets the sync engine work on the local store. The two packages do
// not know each other; their forms are the same field by field.
type engineStore struct{ *local.Store }

func (s engineStore) Queued(ctx context.Context, limit int) ([]sync.QueuedCommand, error) {
	list, err := s.Store.Queued(ctx, limit)
	return convert(list, func(q local.QueuedCommand) sync.QueuedCommand {
		return sync.QueuedCommand(q)
	}), err
}

func (s engineStore) MissingBlobs(ctx context.Context, limit int) ([]sync.BlobDownload, error) {
	list, err := s.Store.MissingBlobs(ctx, limit)
	return convert(list, func(d local.BlobDownload) sync.BlobDownload { return sync.BlobDownload(d) }), err
}

func (s engineStore) DropMissing(ctx context.Context, d sync.BlobDownload, why string) error {
	return s.Store.DropMissing(ctx, local.BlobDownload(d), why)
}

func (s engineStore) OpenBlob(ctx context.Context, sha sei.SHA256) (sync.Blob, error) {
	b, err := s.Store.OpenBlob(ctx, sha)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (s engineStore) Device(ctx context.Context) (sync.Device, error) {
	d, err := s.Store.Device(ctx)
	return sync.Device(d), err
}

func convert[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// sealedBlobs lets the local store keep its files in the sealed blob store.
type sealedBlobs struct{ store blob.Store }

func (b sealedBlobs) Put(ctx context.Context, r io.Reader, maxBytes int64) (sha string, size int64, err error) {
	ref, err := b.store.Put(ctx, r, blob.Limits{MaxBytes: maxBytes})
	return ref.SHA256, ref.Size, err
}

func (b sealedBlobs) PutExpected(ctx context.Context, sha string, size int64, r io.Reader) error {
	return b.store.PutExpected(ctx, sha, size, r)
}

func (b sealedBlobs) Open(ctx context.Context, sha string) (local.Blob, error) {
	r, err := b.store.Open(ctx, sha)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (b sealedBlobs) Delete(ctx context.Context, sha string) error { return b.store.Delete(ctx, sha) }

// evidenceStore lets the engine keep its evidence in the local store.
type evidenceStore struct{ *local.Store }

func (s evidenceStore) LogState(ctx context.Context) (sync.LogState, error) {
	v, err := s.Store.LogState(ctx)
	return sync.LogState(v), err
}

func (s evidenceStore) KeepLog(ctx context.Context, news sync.LogState) error {
	return s.Store.KeepLog(ctx, local.LogState(news))
}

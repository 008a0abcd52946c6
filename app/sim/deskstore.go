package sim

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

var errKilled = errors.New("the program was killed")

func (b deskBlobs) Put(ctx context.Context, r io.Reader, maxBytes int64) (string, int64, error) {
	defer b.d.pause("stored a file")
	ref, err := b.store.Put(ctx, r, blob.Limits{MaxBytes: maxBytes})
	return ref.SHA256, ref.Size, err
}

func (b deskBlobs) PutExpected(ctx context.Context, sha string, size int64, r io.Reader) error {
	defer b.d.pause("stored a download")
	return b.store.PutExpected(ctx, sha, size, r)
}

func (b deskBlobs) Open(ctx context.Context, sha string) (local.Blob, error) {
	r, err := b.store.Open(ctx, sha)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (b deskBlobs) Delete(ctx context.Context, sha string) error {
	defer b.d.pause("deleted a file")
	return b.store.Delete(ctx, sha)
}

// engineStore lets the sync engine work on the local store, as the desktop
// program composes them, and lets the program die before and after each method.
type engineStore struct{ d *desk }

func (s engineStore) around(what string, do func(*local.Store) error) error {
	s.d.mustLive("before " + what)
	err := do(s.d.store)
	s.d.mustLive("after " + what)
	return err
}

func (s engineStore) Queued(ctx context.Context, limit int) (out []sync.QueuedCommand, err error) {
	list, err := s.d.store.Queued(ctx, limit)
	for _, q := range list {
		out = append(out, sync.QueuedCommand(q))
	}
	return out, err
}

func (s engineStore) MarkSending(ctx context.Context, sent map[sei.CommandID]ledger.Hash) error {
	return s.around("marking as sending", func(l *local.Store) error { return l.MarkSending(ctx, sent) })
}

func (s engineStore) MarkUnsent(ctx context.Context, ids []sei.CommandID) error {
	return s.around("marking as unsent", func(l *local.Store) error { return l.MarkUnsent(ctx, ids) })
}

func (s engineStore) MarkWaiting(ctx context.Context, id sei.CommandID, why string) error {
	return s.around("marking as waiting", func(l *local.Store) error { return l.MarkWaiting(ctx, id, why) })
}

func (s engineStore) Settle(ctx context.Context, id sei.CommandID, sealed ledger.Sealed, r ledger.Receipt) error {
	return s.around("settling", func(l *local.Store) error { return l.Settle(ctx, id, sealed, r) })
}

func (s engineStore) Reject(ctx context.Context, id sei.CommandID, r sei.Refusal) error {
	s.d.w.tracef("  %s rejects %s: %s %s", s.d.name, s.d.w.short(string(id)), r.Code, r.Message)
	return s.around("rejecting", func(l *local.Store) error { return l.Reject(ctx, id, r) })
}

func (s engineStore) OpenBlob(ctx context.Context, sha sei.SHA256) (sync.Blob, error) {
	b, err := s.d.store.OpenBlob(ctx, sha)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (s engineStore) Uploaded(ctx context.Context, sha sei.SHA256) (bool, error) {
	return s.d.store.Uploaded(ctx, sha)
}

func (s engineStore) MarkUploaded(ctx context.Context, sha sei.SHA256) error {
	return s.around("marking as uploaded", func(l *local.Store) error { return l.MarkUploaded(ctx, sha) })
}

func (s engineStore) MissingBlobs(ctx context.Context, limit int) (out []sync.BlobDownload, err error) {
	list, err := s.d.store.MissingBlobs(ctx, limit)
	for _, b := range list {
		out = append(out, sync.BlobDownload(b))
	}
	return out, err
}

func (s engineStore) SaveBlob(ctx context.Context, ref sei.BlobRef, r io.Reader) error {
	return s.around("saving a file", func(l *local.Store) error { return l.SaveBlob(ctx, ref, r) })
}

func (s engineStore) DropMissing(ctx context.Context, b sync.BlobDownload, why string) error {
	return s.around("dropping a missing file", func(l *local.Store) error { return l.DropMissing(ctx, local.BlobDownload(b), why) })
}

func (s engineStore) Cursors(ctx context.Context, limit int) ([]wire.Cursor, error) {
	return s.d.store.Cursors(ctx, limit)
}

func (s engineStore) ApplyPage(ctx context.Context, p wire.Page) (mismatch bool, err error) {
	err = s.around("applying a page of "+string(p.Bucket), func(l *local.Store) error {
		mismatch, err = l.ApplyPage(ctx, p)
		return err
	})
	if err == nil && p.Revoked {
		s.d.seen.forget(p.Bucket)
	}
	return mismatch, err
}

func (s engineStore) Device(ctx context.Context) (sync.Device, error) {
	d, err := s.d.store.Device(ctx)
	return sync.Device(d), err
}

func (s engineStore) SetPushToken(ctx context.Context, token string) error {
	return s.around("storing the push token", func(l *local.Store) error { return l.SetPushToken(ctx, token) })
}

func (s engineStore) BeginEpoch(ctx context.Context, e wire.EpochResponse) error {
	s.d.w.tracef("  %s begins epoch %d", s.d.name, e.Epoch)
	return s.around("beginning an epoch", func(l *local.Store) error { return l.BeginEpoch(ctx, e) })
}

func (s engineStore) ReceiptKey(ctx context.Context, id string) (ed25519.PublicKey, bool, error) {
	return s.d.store.ReceiptKey(ctx, id)
}

func (s engineStore) FreeNumbers(ctx context.Context) (int, error) {
	return s.d.store.FreeNumbers(ctx)
}

func (s engineStore) AddLeases(ctx context.Context, leases []wire.Lease) error {
	return s.around("storing leases", func(l *local.Store) error { return l.AddLeases(ctx, leases) })
}

// evidenceStore lets the engine keep its evidence in the local store.
type evidenceStore struct{ d *desk }

func (s evidenceStore) around(what string, do func(*local.Store) error) error {
	return engineStore(s).around(what, do)
}

func (s evidenceStore) LogState(ctx context.Context) (sync.LogState, error) {
	v, err := s.d.store.LogState(ctx)
	return sync.LogState(v), err
}

func (s evidenceStore) KeepLog(ctx context.Context, news sync.LogState) error {
	return s.around("storing the log's head", func(l *local.Store) error { return l.KeepLog(ctx, local.LogState(news)) })
}

func (s evidenceStore) KeepRecords(ctx context.Context, id sei.CommandID, records []ledger.Record) error {
	return s.around("storing the events of an answer", func(l *local.Store) error { return l.KeepRecords(ctx, id, records) })
}

func (s evidenceStore) Covered(ctx context.Context, until time.Time) error {
	return s.around("letting go of what is covered", func(l *local.Store) error { return l.Covered(ctx, until) })
}

func (s evidenceStore) HeldActs(ctx context.Context, recovery string, until time.Time, limit int) ([]wire.GiveBackItem, error) {
	return s.d.store.HeldActs(ctx, recovery, until, limit)
}

func (s evidenceStore) HeldNumbers(ctx context.Context, limit int) ([]int64, error) {
	return s.d.store.HeldNumbers(ctx, limit)
}

func (s evidenceStore) GivenBack(ctx context.Context, recovery string, results []wire.GiveBackResult, done bool) error {
	for _, r := range results {
		s.d.w.tracef("  %s gave back %s: %s %s", s.d.name, s.d.w.short(r.Command), r.State, r.Why)
	}
	return s.around("storing what was given back", func(l *local.Store) error { return l.GivenBack(ctx, recovery, results, done) })
}

func (s evidenceStore) LackingFiles(ctx context.Context, limit int) ([]sei.BlobRef, error) {
	return s.d.store.LackingFiles(ctx, limit)
}

func (s evidenceStore) ForgetLacking(ctx context.Context, sha sei.SHA256) error {
	return s.around("letting go of a lacking file", func(l *local.Store) error { return l.ForgetLacking(ctx, sha) })
}

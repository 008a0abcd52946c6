package sync

import (
	"context"
	"crypto/ed25519"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Codes by which the engine knows what to do about a failed exchange. Any other
// code from the transport concerns the one item that was being sent.
const (
	// CodeStaleDevice says that the workstation shows an old push token: it was
	// restored from an old copy and must begin a new epoch.
	CodeStaleDevice sei.Code = "device.stale"
	// CodePasswordFirst says that the session is under a provisional password:
	// the central does nothing else until it is changed, and nothing is lost.
	CodePasswordFirst sei.Code = "password.change_first"
	// CodeReceipt says that a receipt did not verify.
	CodeReceipt sei.Code = "receipt.invalid"
)

// Transport is the central as the engine reaches it. Every method may fail with
// [sei.CodeUnavailable] (try again later), [sei.CodeUnauthenticated] (pause and
// ask to log in), [CodePasswordFirst] or [CodeStaleDevice]; repeating a call is always safe.
type Transport interface {
	Push(ctx context.Context, r wire.PushRequest) (wire.PushResponse, error)
	Pull(ctx context.Context, r wire.PullRequest) (wire.PullResponse, error)
	Lease(ctx context.Context, r wire.LeaseRequest) (wire.LeaseResponse, error)
	NewEpoch(ctx context.Context) (wire.EpochResponse, error)
	// UploadOffset is how many bytes of a blob this user has uploaded so far;
	// done says that it is complete and verified.
	UploadOffset(ctx context.Context, sha sei.SHA256) (offset int64, done bool, err error)
	// UploadChunk appends n bytes at offset of a blob of total bytes; done as above.
	UploadChunk(ctx context.Context, sha sei.SHA256, offset, n, total int64, chunk io.Reader) (done bool, err error)
	// Download opens a document's blob from offset on, acting for the unit.
	Download(ctx context.Context, unit sei.UnitID, doc sei.DocumentID, sha sei.SHA256, offset int64) (io.ReadCloser, error)
}

// QueuedCommand is an outbox entry as the engine sees it.
type QueuedCommand struct {
	ID     sei.CommandID
	Sealed ledger.Sealed
	// Sent says that the entry was marked as sending before: the central may
	// have it already. Such entries go first, so that a push whose answer was
	// lost is repeated before anything new.
	Sent bool
	// DependsOn are outbox entries that must have left first, in the same push
	// or an earlier one.
	DependsOn []sei.CommandID
	Blobs     []sei.BlobRef // that must be uploaded first
}

// BlobDownload is a file that the desk wants for reading offline.
type BlobDownload struct {
	Unit     sei.UnitID
	Document sei.DocumentID
	Blob     sei.BlobRef
}

// Store is the workstation's store as the engine needs it. Every method is one
// transaction; after an error nothing of it has happened.
type Store interface {
	// Queued lists the entries without a verdict, in the order of their making:
	// those that wait and those that are on their way.
	Queued(ctx context.Context, limit int) ([]QueuedCommand, error)
	// MarkSending says that these are on their way; they cannot be withdrawn
	// any more, and Queued shows them as sent until a verdict or MarkWaiting.
	// sent gives the hash of the sealed bytes of each. If one of them has been
	// withdrawn or sealed anew meanwhile, it changes nothing and fails with
	// [sei.CodeConflict].
	MarkSending(ctx context.Context, sent map[sei.CommandID]ledger.Hash) error
	// MarkUnsent takes MarkSending back for those without a verdict: nothing of
	// them has left, and they can be withdrawn or changed as before.
	MarkUnsent(ctx context.Context, ids []sei.CommandID) error
	// MarkWaiting puts an entry back with the words for what it waits: the
	// central said that it has not decided. It can be withdrawn again.
	MarkWaiting(ctx context.Context, id sei.CommandID, why string) error
	// Settle stores a verified receipt, sealed as the central signed it: accepted entries leave the overlay when
	// their rows arrive, refused ones stand under "Recusados pela central", and
	// so do the entries that depend on them. An entry that has a verdict already
	// keeps it.
	Settle(ctx context.Context, id sei.CommandID, sealed ledger.Sealed, r ledger.Receipt) error
	// Reject stores that the central could not even read the entry. Like a
	// refusal it takes the entries along that depend on it: the central would
	// wait for this one for ever.
	Reject(ctx context.Context, id sei.CommandID, r sei.Refusal) error

	// OpenBlob opens a local file's plain bytes; [sei.CodeNotFound] when the
	// workstation has lost them.
	OpenBlob(ctx context.Context, sha sei.SHA256) (Blob, error)
	// Uploaded says whether a blob is known to be complete at the central.
	Uploaded(ctx context.Context, sha sei.SHA256) (bool, error)
	// MarkUploaded remembers it.
	MarkUploaded(ctx context.Context, sha sei.SHA256) error
	// MissingBlobs lists cited files that are not here yet, most wanted first.
	MissingBlobs(ctx context.Context, limit int) ([]BlobDownload, error)
	// SaveBlob stores downloaded bytes and verifies their hash; [sei.CodeInvalid]
	// when they are not what was asked for. Errors of r are returned wrapped.
	SaveBlob(ctx context.Context, ref sei.BlobRef, r io.Reader) error
	// DropMissing stops asking for a file that the central will not give.
	DropMissing(ctx context.Context, d BlobDownload, why string) error

	// Cursors lists the buckets to pull, the index buckets (catalogue, user,
	// unit) first, then process buckets that the index says have changed.
	Cursors(ctx context.Context, limit int) ([]wire.Cursor, error)
	// ApplyPage applies a page; if its checksum does not match, it forgets the
	// bucket's cursor and reports mismatch, so that the next pull is a snapshot.
	ApplyPage(ctx context.Context, p wire.Page) (mismatch bool, err error)

	// Device gives the workstation's identity and the state of its pushes.
	Device(ctx context.Context) (Device, error)
	// SetPushToken stores the token of the last push.
	SetPushToken(ctx context.Context, token string) error
	// BeginEpoch stores a new epoch and its push token, forgets leased numbers,
	// and seals every command without a verdict anew, sent ones too. The central
	// gives its old answer again, bound to the new bytes, where it had one.
	BeginEpoch(ctx context.Context, e wire.EpochResponse) error
	// ReceiptKey is the central's key of that id, learned at enrolment or through
	// a verified rotation; the bool says whether it is known.
	ReceiptKey(ctx context.Context, id string) (ed25519.PublicKey, bool, error)

	// FreeNumbers counts leased numbers that are not used yet.
	FreeNumbers(ctx context.Context) (int, error)
	// AddLeases stores newly leased numbers.
	AddLeases(ctx context.Context, leases []wire.Lease) error
}

// Blob is an open local file.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Device is the workstation's identity towards the central.
type Device struct {
	ID        sei.DeviceID
	Epoch     int64
	PushToken string
	Unit      sei.UnitID // the unit that the window shows
}

// Clock tells the time; the simulator gives its own.
type Clock interface{ Now() time.Time }

// Waiter passes the time between two steps.
type Waiter interface {
	// Wait returns at the given time (never, when it is zero), when something
	// arrives on wake, or when ctx ends, whichever comes first.
	Wait(ctx context.Context, until time.Time, wake <-chan struct{})
}

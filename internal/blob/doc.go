// Package blob keeps content: the bytes of documents, addressed by their
// SHA-256 in lower-case hexadecimal. What is kept under an address never
// changes, so that everything here can be repeated safely.
//
// There are two layers. A [Bucket] keeps named bytes and knows a medium: [Dir]
// is a folder; an S3 bucket fits the same interface. A [Store] keeps addressed
// content on top of a bucket: [NewPlain] as it is, [NewSealed] encrypted, with
// names that do not disclose the content's hash. Every Store passes the suite
// in the package blobtest.
//
// Large content that arrives over a bad line comes in pieces, through
// [Uploads].
package blob

import (
	"context"
	"io"
)

// DefaultMaxBytes is the limit of one blob where none is stated: 200 MiB.
const DefaultMaxBytes = 200 << 20

// Ref names content: its address and how many bytes it has.
type Ref struct {
	SHA256 string // 64 lower-case hexadecimal digits
	Size   int64  // bytes
}

// Limits bound what Put takes. The zero value means the defaults, never "no
// limit".
type Limits struct {
	MaxBytes int64 // 0 means DefaultMaxBytes
}

// Reader reads stored content. ReadAt may be called from several goroutines;
// Read and Seek share one position and may not. It stays readable until Close,
// whatever becomes of the context it was opened under.
type Reader interface {
	io.ReadSeekCloser
	io.ReaderAt
	// Size is the content's length in bytes.
	Size() int64
}

// Store keeps content under the SHA-256 of its bytes.
//
// Visibility: content appears under its address whole or not at all, and only
// after it has been made durable. A Put that returned nil survives a power cut;
// one that failed, was cancelled or died with the process leaves nothing under
// the address.
//
// Retry: every method may be repeated after any error. A Put or PutExpected of
// content that is already there succeeds, and replaces a stored copy that had
// been damaged. A Delete of what is not there succeeds. Writers of the same
// content may run at once.
//
// Cancelling: the context is looked at between reads; a read that hangs is for
// the reader's owner to end, as an HTTP server and client do.
//
// Errors: each method names its codes. A cancelled context gives the context's
// own error; any other failure of the medium has code sei.CodeInternal.
type Store interface {
	// Put stores everything r gives and returns its address. Content over the
	// limit is refused with sei.CodeTooLarge after limit+1 bytes have been read;
	// a full disk gives CodeDiskFull. An error of r is returned wrapped.
	Put(ctx context.Context, r io.Reader, limits Limits) (Ref, error)

	// PutExpected stores content whose address and size are known. It reads at
	// most size+1 bytes and refuses with CodeMismatch anything but exactly the
	// content that was announced. A malformed address or a negative size gives
	// sei.CodeInvalid, a full disk CodeDiskFull.
	PutExpected(ctx context.Context, sha256 string, size int64, r io.Reader) error

	// Open returns a reader of the content. It gives sei.CodeNotFound when there
	// is none, sei.CodeInvalid for a malformed address, and CodeDamaged or
	// CodeWrongKey when the stored form cannot be read; a sealed store's reader
	// may give CodeDamaged later, at the damaged place, and never gives bytes
	// that were not stored.
	Open(ctx context.Context, sha256 string) (Reader, error)

	// Stat tells the size of stored content without reading it; errors as Open.
	Stat(ctx context.Context, sha256 string) (Ref, error)

	// Delete removes the content. Readers already open keep working where the
	// medium allows it; where it does not, the error has code sei.CodeUnavailable
	// and the content is still whole.
	Delete(ctx context.Context, sha256 string) error

	// Walk calls visit for everything stored, in no promised order. visit may
	// delete what it was just given. Content stored or deleted meanwhile may or
	// may not be seen. An error of visit ends the walk and is returned. Stored
	// forms that cannot be read are passed over and reported, joined, at the end.
	Walk(ctx context.Context, visit func(Ref) error) error
}

// Object is the stored form of something in a bucket.
type Object interface {
	io.ReaderAt // safe for concurrent use
	io.Closer
	// Size is the stored length in bytes.
	Size() int64
}

// Staged is something being written to a bucket and not yet visible in it.
type Staged interface {
	io.Writer
	// Commit makes what was written durable and visible under name, replacing
	// what was there, all at once. After it, only Discard may be called. Where
	// the medium does not let it replace an object that is being read, the error
	// has code sei.CodeUnavailable and that object stays.
	Commit(ctx context.Context, name string) error
	// Discard frees what the writing took up. After a successful Commit it does
	// nothing; it may be called more than once.
	Discard() error
}

// Bucket keeps named bytes on some medium. Names are 64 lower-case hexadecimal
// digits. The guarantees of [Store] on visibility, retry and errors hold for it
// too.
type Bucket interface {
	// Stage begins a new object.
	Stage(ctx context.Context) (Staged, error)
	// Open returns the object, or sei.CodeNotFound.
	Open(ctx context.Context, name string) (Object, error)
	// Stat returns the object's stored size, or sei.CodeNotFound.
	Stat(ctx context.Context, name string) (int64, error)
	// Delete removes the object; what is not there is removed already.
	Delete(ctx context.Context, name string) error
	// Walk calls visit for every object.
	Walk(ctx context.Context, visit func(name string, size int64) error) error
}

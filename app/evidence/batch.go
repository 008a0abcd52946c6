package evidence

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// Original is a file to be signed, opened for reading.
type Original interface {
	io.ReaderAt
	io.Closer
	Size() int64 // bytes
}

// WriteSigned signs and writes the signed file (or the detached signature) to w.
type WriteSigned = func(w io.Writer) (*pades.Signed, error)

// BatchItem is one document of a batch. The batch owns the order of things;
// what belongs to a store or a queue comes in through the functions.
type BatchItem struct {
	ID    string // names the document to the caller; unique within the batch
	Title string // for progress

	// SHA256 is that of the bytes to sign as the signer was shown them. When
	// what Open gives hashes to something else, the item fails with
	// sei.CodeContentDiffers and nothing is kept.
	SHA256 sei.SHA256
	// Detached asks for a CAdES signature in a file of its own (.p7s), for
	// files that are not PDF.
	Detached bool

	// Open gives the bytes to sign. The batch closes them.
	Open func(ctx context.Context) (Original, error)
	// Options are the signature's name, reason, stamp and policy at the time of
	// signing; the batch fills in Signer, Certificate, Chain and Time.
	Options func(at time.Time) pades.SignOptions
	// Done tells whether this document already bears this signature, from
	// whatever Keep makes durable (a queued command, a file that verifies). It
	// is asked right before signing, so that a batch resumed after a crash signs
	// nothing twice. Nil stands for never.
	Done func(ctx context.Context) (bool, error)
	// Keep stores what write produces and makes the signature durable, in one
	// step: when it returns nil, Done must say yes for ever after; when write or
	// anything else fails, nothing may remain. write is called at most once.
	Keep func(ctx context.Context, write WriteSigned) error
}

// BatchStatus is how one document of a batch ended.
type BatchStatus string

// The ends of a document.
const (
	BatchSigned  BatchStatus = "signed"
	BatchAlready BatchStatus = "already" // an earlier run had signed it
	BatchFailed  BatchStatus = "failed"  // this document alone; the batch went on
	BatchWaiting BatchStatus = "waiting" // not tried: the batch stopped before it
)

// BatchResult says how one document ended, in the order of the items.
type BatchResult struct {
	ID      string
	Status  BatchStatus
	Code    sei.Code // of a failure; for waiting items, why the batch stopped
	Message string   // Portuguese
	Err     error    // the failure itself, for the log
	Signed  *pades.Signed
	// Untimed says that it was signed without the timestamp that was asked for.
	Untimed bool
}

// BatchProgress is told after each document.
type BatchProgress struct {
	Done, Total int
	Last        BatchResult
	Title       string // of the last document
}

// Batch signs documents one after another with one unlocked key.
type Batch struct {
	Key keys.Session
	// Limits bound the batch beside the session's own limits; missing ones are
	// keys.DefaultLimits.
	Limits keys.Limits
	// Timestamp, when set, gives each signature a timestamp (AD-RT). When it
	// fails the rest of the batch is signed without (AD-RB): what is signed can
	// be raised later, and work goes on.
	Timestamp pades.Timestamper
	Progress  func(BatchProgress) // may be nil; called between documents
	Now       func() time.Time    // the declared time; time.Now when nil
}

// CodeBatchTooLong is a batch with more documents than its limits allow.
const CodeBatchTooLong sei.Code = "batch.too_long"

// Run signs the items and returns a result for each. It stops at the first
// failure that ends the key (a wrong PIN, a token pulled out, a limit reached)
// and when ctx ends, between two documents; the rest is waiting and may be run
// again with the same items. The error is for a batch that cannot begin:
// CodeBatchTooLong, sei.CodeInvalid, the certificate's own.
func (b *Batch) Run(ctx context.Context, items []BatchItem) ([]BatchResult, error) {
	limits := b.Limits.OrDefault()
	if err := checkItems(items, limits); err != nil {
		return nil, err
	}
	now := b.Now
	if now == nil {
		now = time.Now
	}
	cert, err := b.Key.Certificate().X509()
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	if err := b.Key.Certificate().Usable(now()); err != nil {
		return nil, err
	}
	run := batchRun{Batch: b, cert: cert, now: now, until: time.Now().Add(limits.Lifetime)}
	results := make([]BatchResult, len(items))
	for i, item := range items {
		if run.stopped == nil {
			run.stopped = run.over(ctx)
		}
		results[i] = run.one(ctx, item)
		if b.Progress != nil && results[i].Status != BatchWaiting {
			b.Progress(BatchProgress{Done: i + 1, Total: len(items), Last: results[i], Title: item.Title})
		}
	}
	return results, nil
}

func checkItems(items []BatchItem, limits keys.Limits) error {
	if len(items) == 0 {
		return sei.Errorf(sei.CodeInvalid, "Escolha pelo menos um documento para assinar.")
	}
	if len(items) > limits.Signatures {
		return sei.Errorf(CodeBatchTooLong, "Um lote aceita no máximo %d documentos. Assine em mais de um lote.", limits.Signatures)
	}
	seen := map[string]bool{}
	for _, it := range items {
		if it.ID == "" || it.Open == nil || it.Keep == nil || seen[it.ID] {
			return fmt.Errorf("a batch item %q is incomplete or repeated", it.ID)
		}
		seen[it.ID] = true
	}
	return nil
}

type batchRun struct {
	*Batch
	cert    *x509.Certificate
	now     func() time.Time
	until   time.Time
	stopped error // why nothing more is signed
	untimed bool  // the timestamp authority has failed
}

// over tells why the batch may not go on.
func (r *batchRun) over(ctx context.Context) error {
	if ctx.Err() != nil {
		return keys.ErrCanceled(context.Cause(ctx))
	}
	if time.Now().After(r.until) {
		return keys.ErrSessionEnded(errors.New("the batch's time is over"))
	}
	return nil
}

func (r *batchRun) one(ctx context.Context, item BatchItem) BatchResult {
	out := BatchResult{ID: item.ID}
	if r.stopped != nil {
		out.Status = BatchWaiting
		out.fail(r.stopped)
		return out
	}
	if item.Done != nil {
		done, err := item.Done(ctx)
		if err != nil || done {
			out.Status = BatchAlready
			if err != nil {
				out.Status = BatchFailed
				out.fail(err)
			}
			return out
		}
	}
	var err error
	if out.Signed, err = r.sign(ctx, item); err != nil {
		out.Status, out.Signed = BatchFailed, nil
		out.fail(err)
		if EndsBatch(err) || ctx.Err() != nil {
			r.stopped = err
		}
		return out
	}
	out.Status, out.Untimed = BatchSigned, r.untimed
	return out
}

// write signs with a timestamp while the authority answers. Nothing has been
// written when it does not, so that the same file can be signed without.
func (r *batchRun) write(ctx context.Context, item BatchItem, in Original, w io.Writer, opts pades.SignOptions) (*pades.Signed, error) {
	sign := pades.Sign
	if item.Detached {
		sign = pades.SignDetached
	}
	if r.Timestamp == nil || r.untimed || opts.Policy != nil || opts.NoPolicy {
		return sign(ctx, in, in.Size(), w, opts)
	}
	opts.Timestamp = r.Timestamp
	signed, err := sign(ctx, in, in.Size(), w, opts)
	if code := sei.CodeOf(err); code != trust.CodeTSA && code != pades.CodeTimestamp {
		return signed, err
	}
	r.untimed, opts.Timestamp = true, nil
	return sign(ctx, in, in.Size(), w, opts)
}

func (b *BatchResult) fail(err error) {
	b.Err, b.Code, b.Message = err, sei.CodeOf(err), sei.MessageOf(err)
}

func (r *batchRun) sign(ctx context.Context, item BatchItem) (signed *pades.Signed, err error) {
	in, err := item.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // only read
	var opts pades.SignOptions
	at := r.now()
	if item.Options != nil {
		opts = item.Options(at)
	}
	opts.Signer, opts.Certificate, opts.Chain, opts.Time = r.Key, r.cert, r.Key.Chain(), at
	if item.SHA256 != "" {
		opts.Expect = string(item.SHA256)
	}
	err = item.Keep(ctx, func(w io.Writer) (*pades.Signed, error) {
		var err error
		signed, err = r.write(ctx, item, in, w, opts)
		if sei.CodeOf(err) == pades.CodeChanged {
			err = sei.Wrap(err, sei.CodeContentDiffers, "O documento mudou desde que foi mostrado. Confira-o de novo antes de assinar.")
		}
		return signed, err
	})
	return signed, err
}

// EndsBatch says that after this failure the key cannot sign any more, or must
// not be tried again.
func EndsBatch(err error) bool {
	switch sei.CodeOf(err) {
	case keys.CodePINWrong, keys.CodePINLocked, keys.CodePINExpired, keys.CodePFXPasswordWrong, keys.CodeTokenRemoved,
		keys.CodeModuleCrashed, keys.CodeModuleTimeout, keys.CodeModuleFailed, keys.CodeCanceled, keys.CodeSessionEnded,
		keys.CodeSignatureInvalid, keys.CodeCertificateExpired, pades.CodeCertificate, pades.CodeKeyMismatch:
		return true
	}
	return false
}

package central

import (
	"context"
	"crypto"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// File is an open stored file.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
	// Size is the content's length in bytes.
	Size() int64
}

// Files keeps content under its SHA-256 and takes uploads in pieces. Errors are
// [sei.Error]; every method may be repeated after any of them.
type Files interface {
	// Open gives sei.CodeNotFound when the content is not stored.
	Open(ctx context.Context, sha sei.SHA256) (File, error)
	// Size gives sei.CodeNotFound when the content is not stored.
	Size(ctx context.Context, sha sei.SHA256) (int64, error)
	// BeginUpload announces content, or finds an upload begun before, and says
	// how many bytes have arrived. id is the central's own name for the upload.
	BeginUpload(ctx context.Context, id string, sha sei.SHA256, size int64) (offset int64, err error)
	// UploadOffset is how many bytes have arrived, or sei.CodeNotFound.
	UploadOffset(ctx context.Context, id string) (int64, error)
	// AppendUpload adds bytes from offset on and returns the offset after them,
	// also beside an error.
	AppendUpload(ctx context.Context, id string, offset int64, r io.Reader) (int64, error)
	// FinishUpload verifies the whole and stores it durably.
	FinishUpload(ctx context.Context, id string) error
	// ExpireUploads forgets unfinished uploads that nothing came to since before.
	ExpireUploads(ctx context.Context, before time.Time) error
}

// EvidenceJudge judges a signed file against the bytes it claims to sign. It is
// slow and runs outside every transaction. An error means that no judgement
// could be made now; what is wrong with the signature is in the fact.
type EvidenceJudge interface {
	Judge(ctx context.Context, signed io.ReaderAt, size int64, original sei.BlobRef) (sei.EvidenceFact, error)
}

// DetachedJudge is an [EvidenceJudge] that also judges signatures beside their
// content (sei.MIMEDetached); without it they are refused.
type DetachedJudge interface {
	JudgeDetached(ctx context.Context, signature []byte, content io.ReaderAt, size int64) (sei.EvidenceFact, error)
}

// ContentInspector looks into the PDF that a first signature freezes, whatever
// the method: nobody else does before everybody depends on it. It runs outside
// every transaction. A [sei.Error] other than sei.CodeInternal says that the
// content cannot be read as a PDF; any other error, that nobody could look now.
type ContentInspector interface {
	Inspect(ctx context.Context, in io.ReaderAt, size int64) (pages int, err error)
}

// ReadingCopy is all that a via de leitura shows beside the content.
type ReadingCopy struct {
	Process   *sei.Process
	Document  *sei.Document
	TypeName  string
	Agency    sei.Agency
	Unit      sei.Unit
	Agencies  map[sei.AgencyID]string // acronyms of the signing agencies
	VerifyURL string                  // of the public page
	QRURL     string                  // behind the QR code
	Training  bool                    // prints "SEM VALOR LEGAL" on every page
	Seal      Seal                    // signs the copy as a whole
	MadeAt    time.Time               // the central's clock, declared in the seal
}

// SealReason is what the seal says that the copy is of. Another version of the
// document has another código CRC.
func (c ReadingCopy) SealReason() string { return sealReason(c.Document) }

// SealReader looks for the central's own seal on files that come back.
type SealReader interface {
	// ReadSeal gives the reason of a seal made with key, if there is one and it
	// covers the whole file as it is; "" otherwise. It says nothing about anybody
	// else's signatures. An error means that nobody could look now.
	ReadSeal(ctx context.Context, in io.ReaderAt, size int64, key crypto.PublicKey) (reason string, err error)
}

// ReadingCopier makes a via de leitura: content and a sheet of signatures, under
// the central's seal.
type ReadingCopier interface {
	// Copy writes the PDF made from content to w.
	Copy(ctx context.Context, w io.Writer, content File, c ReadingCopy) error
}

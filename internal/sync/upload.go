package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// uploadState is the file that is being uploaded.
type uploadState struct {
	sha    sei.SHA256
	offset int64
	asked  bool               // the central has said its offset
	spoilt map[sei.SHA256]int // times that the central found other bytes
}

// stepUpload asks for the offset of the first file that the outbox needs, or
// sends its next chunk.
func (e *Engine) stepUpload(ctx context.Context, now time.Time) outcome {
	need := e.push.plan.upload
	if need == nil {
		var err error
		if need, err = e.lackingFile(ctx); err != nil {
			e.storeFailed(Upload, now, err)
			return outcome{did: Upload, err: err}
		}
	}
	if need == nil {
		e.showUpload("", 0, 0)
		return outcome{}
	}
	if until, paused := e.waitOf(Upload, now); paused {
		return outcome{next: until}
	}
	o := outcome{did: Upload, item: need.item}
	if e.upload == nil {
		e.upload = &uploadState{spoilt: map[sei.SHA256]int{}}
	}
	if e.upload.sha != need.ref.SHA256 {
		e.upload.sha, e.upload.asked = need.ref.SHA256, false
	}
	blob, err := e.store.OpenBlob(ctx, need.ref.SHA256)
	if err != nil {
		o.err = err
		e.openFailed(ctx, now, *need, err)
		return o
	}
	defer blob.Close()
	e.working(stepMachine)
	chunk := e.upload.asked
	done, err := e.sendChunk(ctx, need, blob)
	if err != nil {
		o.err = err
		e.uploadFailed(ctx, now, *need, err)
		return o
	}
	e.answered(Upload)
	if chunk || done { // an offset alone is no progress
		e.release(holdKey("upload", string(need.ref.SHA256)))
	}
	e.showUpload(need.item, e.upload.offset, blob.Size())
	if done {
		o.err = e.uploaded(ctx, now, need.ref.SHA256)
	}
	return o
}

func (e *Engine) sendChunk(ctx context.Context, need *neededBlob, blob Blob) (done bool, err error) {
	u := e.upload
	if !u.asked {
		u.offset, done, err = e.transport.UploadOffset(ctx, u.sha)
		if err == nil && !done && (u.offset < 0 || u.offset > blob.Size()) {
			return false, sei.Errorf(sei.CodeInternal, "A central diz ter recebido mais do arquivo do que existe.")
		}
		u.asked = err == nil
		return done, err
	}
	n := min(e.limits.ChunkBytes, blob.Size()-u.offset)
	done, err = e.transport.UploadChunk(ctx, u.sha, u.offset, n, blob.Size(), io.NewSectionReader(blob, u.offset, n))
	if err != nil {
		return false, err
	}
	u.offset += n
	if !done && u.offset >= blob.Size() && n == 0 {
		return false, sei.Errorf(sei.CodeUnavailable, "A central ainda não conferiu o arquivo %s enviado.", need.ref.Name)
	}
	return done, nil
}

// uploaded remembers that a file is at the central and lets go who waited for it.
func (e *Engine) uploaded(ctx context.Context, now time.Time, sha sei.SHA256) error {
	if err := e.store.MarkUploaded(ctx, sha); err != nil {
		e.storeFailed(Upload, now, err)
		return fmt.Errorf("remembering the upload of %s: %w", sha, err)
	}
	delete(e.push.reupload, sha)
	delete(e.upload.spoilt, sha)
	e.upload.sha, e.upload.asked = "", false
	e.showUpload("", 0, 0)
	return nil
}

const spoiltFile = "O arquivo guardado neste computador foi danificado e não pode ser enviado. Anexe o arquivo outra vez."

// spoiltHere says whether the workstation's own copy is not what was attached.
func (e *Engine) spoiltHere(ctx context.Context, sha sei.SHA256) bool {
	blob, err := e.store.OpenBlob(ctx, sha)
	if err != nil {
		return false
	}
	defer blob.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(blob, 0, blob.Size())); err != nil {
		return false
	}
	return hex.EncodeToString(hash.Sum(nil)) != string(sha)
}

// openFailed deals with a file that the workstation itself cannot read.
func (e *Engine) openFailed(ctx context.Context, now time.Time, need neededBlob, err error) {
	if sei.CodeOf(err) == sei.CodeNotFound {
		e.giveUp(ctx, now, need, err)
		return
	}
	e.storeFailed(Upload, now, err)
}

// giveUp ends an upload that cannot succeed: the entry that needs it is rejected,
// and a file that only a restored central wants is not offered any more.
func (e *Engine) giveUp(ctx context.Context, now time.Time, need neededBlob, err error) {
	if need.item != "" {
		e.reject(ctx, now, need.item, err)
		return
	}
	if forgetErr := e.evidence.ForgetLacking(ctx, need.ref.SHA256); forgetErr != nil {
		e.storeFailed(Upload, now, forgetErr)
	}
}

// uploadFailed pauses one file; other files and all that does not need this one
// go on. Where the chunk arrived is asked again, since it may have in part.
func (e *Engine) uploadFailed(ctx context.Context, now time.Time, need neededBlob, err error) {
	e.upload.asked = false
	key := holdKey("upload", string(need.ref.SHA256))
	switch code := sei.CodeOf(err); {
	case ctx.Err() != nil:
	case ofSession(code):
		e.failed(Upload, now, err)
	case transient(code):
		e.holdUnreached(key, now, err)
	case code == sei.CodeTooLarge:
		e.answered(Upload)
		e.giveUp(ctx, now, need, err)
	case code == sei.CodeInvalid:
		e.answered(Upload)
		e.upload.spoilt[need.ref.SHA256]++
		if e.upload.spoilt[need.ref.SHA256] >= e.limits.BlobAttempts {
			delete(e.upload.spoilt, need.ref.SHA256)
			e.giveUp(ctx, now, need, err)
			return
		}
		e.hold(key, now, err)
	case code == sei.CodeConflict: // the central holds another offset, or found other bytes
		e.answered(Upload)
		if e.spoiltHere(ctx, need.ref.SHA256) {
			e.giveUp(ctx, now, need, sei.Wrap(err, sei.CodeInvalid, spoiltFile))
			return
		}
		e.hold(key, now, err)
	default:
		e.hold(key, now, err)
		e.trouble(key, err)
	}
}

func (e *Engine) showUpload(item sei.CommandID, done, total int64) {
	e.show(func(s *Status) { s.CurrentItem, s.BytesDone, s.BytesTotal = item, done, total })
}

package blob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// UploadLimits bound what rests unfinished. Zero fields mean the defaults.
type UploadLimits struct {
	MaxBytes int64 // of one upload; 0 means DefaultMaxBytes
	MaxOpen  int   // uploads begun and neither finished nor expired; 0 means 1,000
}

const (
	defaultMaxOpen = 1000
	maxUploadID    = 64
)

// Uploads receives content in pieces over a line that breaks, and hands it to a
// store when it is whole. Its folder belongs to one process at a time. Until an
// upload is finished its bytes rest there as they came, also when the store is a
// sealed one.
//
// An upload is known by an id that the caller chooses, unique for whoever
// uploads, not by the content's address: knowing a hash must not be enough to
// join, spoil or seem to have made somebody else's upload. For the same reason
// an upload starts at nothing even when the store has the content already.
//
// Retry: every method may be repeated. After any error the sender asks Offset
// (or Begin, with the same arguments) and goes on from there. Finish of a
// finished upload answers the same again until it expires.
type Uploads struct {
	dir    string
	store  Store
	limits UploadLimits

	mu   sync.Mutex
	busy map[string]bool
}

// OpenUploads keeps unfinished uploads in the folder dir, created if need be.
func OpenUploads(dir string, store Store, limits UploadLimits) (*Uploads, error) {
	if limits.MaxBytes <= 0 {
		limits.MaxBytes = DefaultMaxBytes
	}
	if limits.MaxOpen <= 0 {
		limits.MaxOpen = defaultMaxOpen
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, diskError("creating the folder of uploads", err)
	}
	return &Uploads{dir: dir, store: store, limits: limits, busy: map[string]bool{}}, nil
}

// intent is what stands in the file beside an upload's bytes, which is named
// *.json until the upload is finished and *.done from then on.
type intent struct {
	SHA256   string `json:"sha256"`
	Size     int64  `json:"size"`
	finished bool
}

// Begin announces content, or finds the upload already begun, and returns how
// many bytes have arrived. It refuses with sei.CodeTooLarge content over the
// limit, sei.CodeTooMany when too many uploads are open, sei.CodeConflict an id
// that stands for other content, and sei.CodeInvalid a malformed id or address.
func (u *Uploads) Begin(ctx context.Context, id string, ref Ref) (int64, error) {
	if !validAddress(ref.SHA256) || ref.Size < 0 {
		return 0, badAddress(ref.SHA256)
	}
	if ref.Size > u.limits.MaxBytes {
		return 0, tooLarge(u.limits.MaxBytes)
	}
	release, err := u.claim(ctx, id)
	if err != nil {
		return 0, err
	}
	defer release()
	known, err := u.standing(ctx, id)
	switch {
	case err == nil && (known.SHA256 != ref.SHA256 || known.Size != ref.Size):
		return 0, sei.Errorf(sei.CodeConflict, "Este envio já foi iniciado com outro arquivo. Comece um novo envio.")
	case err == nil:
		return u.offset(id, known)
	case sei.CodeOf(err) != sei.CodeNotFound:
		return 0, err
	}
	if err := u.room(); err != nil {
		return 0, err
	}
	return 0, u.write(id, intent{SHA256: ref.SHA256, Size: ref.Size})
}

// Offset returns how many bytes of the upload have arrived and are safe, or
// sei.CodeNotFound.
func (u *Uploads) Offset(ctx context.Context, id string) (int64, error) {
	release, err := u.claim(ctx, id)
	if err != nil {
		return 0, err
	}
	defer release()
	known, err := u.standing(ctx, id)
	if err != nil {
		return 0, err
	}
	return u.offset(id, known)
}

// Append adds what r gives from offset on and returns the offset after it. What
// arrived before r failed or ctx was cancelled is kept, and the offset returned
// with the error counts it. A piece that does not start at the upload's offset
// is refused with CodeOffset, bytes beyond the announced size with
// sei.CodeTooLarge, a second Append of the same upload meanwhile with
// sei.CodeConflict; a full disk gives CodeDiskFull.
func (u *Uploads) Append(ctx context.Context, id string, offset int64, r io.Reader) (int64, error) {
	release, err := u.claim(ctx, id)
	if err != nil {
		return 0, err
	}
	defer release()
	known, err := u.standing(ctx, id)
	if err != nil {
		return 0, err
	}
	at, err := u.offset(id, known)
	if err != nil {
		return 0, err
	}
	if at != offset {
		return at, sei.Errorf(CodeOffset, "O envio deve continuar do byte %d. Tente de novo.", at)
	}
	return u.extend(ctx, id, at, known.Size, r)
}

// extend writes r behind the at bytes that are there, never past size.
func (u *Uploads) extend(ctx context.Context, id string, at, size int64, r io.Reader) (int64, error) {
	f, err := os.OpenFile(u.bytesPath(id), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return at, diskError("opening an upload", err)
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return at, errors.Join(err, f.Close())
	}
	_, n, copyErr := copyHashed(ctx, f, r, size-at)
	if n > size-at {
		copyErr = errors.Join(mismatchedSize(size), f.Truncate(size))
	}
	if err := errors.Join(f.Sync(), f.Close(), syncDir(u.dir)); err != nil && copyErr == nil {
		copyErr = diskError("keeping an upload", err)
	}
	now, err := u.offset(id, intent{Size: size})
	if err != nil {
		return at, err
	}
	return now, copyErr
}

// Finish checks the content against what was announced and puts it into the
// store. It refuses with CodeOffset an upload that is not complete, and with
// CodeMismatch content that is something else; that upload then starts again
// from nothing, since no one can say which bytes are wrong.
func (u *Uploads) Finish(ctx context.Context, id string) (Ref, error) {
	release, err := u.claim(ctx, id)
	if err != nil {
		return Ref{}, err
	}
	defer release()
	known, err := u.standing(ctx, id)
	if err != nil {
		return Ref{}, err
	}
	ref := Ref{SHA256: known.SHA256, Size: known.Size}
	if known.finished {
		return ref, nil
	}
	at, err := u.offset(id, known)
	if err != nil {
		return Ref{}, err
	}
	if at != known.Size {
		return Ref{}, sei.Errorf(CodeOffset, "O envio ainda não está completo: chegaram %d de %d bytes. Continue o envio.", at, known.Size)
	}
	if err := u.hand(ctx, id, ref); err != nil {
		return Ref{}, err
	}
	known.finished = true
	if err := u.write(id, known); err != nil {
		return Ref{}, err
	}
	return ref, errors.Join(removeFile(u.path(id, intentSuffix)), u.removeBytes(id))
}

// standing is what is known of an upload. A finished one whose content the store
// has lost since, because nobody cited it, is forgotten: its sender starts anew.
func (u *Uploads) standing(ctx context.Context, id string) (intent, error) {
	known, err := u.intent(id)
	if err != nil || !known.finished {
		return known, err
	}
	_, err = u.store.Stat(ctx, known.SHA256)
	if sei.CodeOf(err) == sei.CodeNotFound {
		return intent{}, errors.Join(err, removeFile(u.path(id, doneSuffix)))
	}
	return known, err
}

func (u *Uploads) hand(ctx context.Context, id string, ref Ref) error {
	f, err := os.Open(u.bytesPath(id))
	if errors.Is(err, fs.ErrNotExist) && ref.Size == 0 {
		return u.store.PutExpected(ctx, ref.SHA256, 0, strings.NewReader(""))
	}
	if err != nil {
		return fmt.Errorf("reading an upload: %w", err)
	}
	err = u.store.PutExpected(ctx, ref.SHA256, ref.Size, f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if sei.CodeOf(err) == CodeMismatch {
		return errors.Join(err, u.removeBytes(id))
	}
	return err
}

// Abort forgets an upload and its bytes; one that is not there is forgotten
// already. What Finish gave to the store stays there.
func (u *Uploads) Abort(ctx context.Context, id string) error {
	release, err := u.claim(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	if err := u.removeBytes(id); err != nil {
		return err
	}
	return errors.Join(removeFile(u.path(id, intentSuffix)), removeFile(u.path(id, doneSuffix)))
}

// Expire forgets the uploads that nothing has been added to since before.
func (u *Uploads) Expire(ctx context.Context, before time.Time) error {
	entries, err := os.ReadDir(u.dir)
	if err != nil {
		return fmt.Errorf("listing the uploads: %w", err)
	}
	failed := []error{removeOlder(ctx, u.dir, unwrittenPattern, before)}
	for _, e := range entries {
		suffix := filepath.Ext(e.Name())
		id := strings.TrimSuffix(e.Name(), suffix)
		if suffix != intentSuffix && suffix != doneSuffix || u.touched(id).After(before) {
			continue
		}
		if err := u.Abort(ctx, id); err != nil && sei.CodeOf(err) != sei.CodeConflict {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// touched is the latest of the times of an upload's files.
func (u *Uploads) touched(id string) (latest time.Time) {
	for _, suffix := range []string{intentSuffix, doneSuffix, bytesSuffix} {
		if info, err := os.Stat(u.path(id, suffix)); err == nil && info.ModTime().After(latest) {
			latest = info.ModTime()
		}
	}
	return latest
}

const (
	intentSuffix = ".json"
	doneSuffix   = ".done"
	bytesSuffix  = ".part"

	unwrittenPattern = "new-*.tmp"
)

func (u *Uploads) path(id, suffix string) string { return filepath.Join(u.dir, id+suffix) }
func (u *Uploads) bytesPath(id string) string    { return u.path(id, bytesSuffix) }

// claim takes the upload for one caller. A second one is refused, not kept
// waiting: it is the same sender whose first connection has not ended yet.
func (u *Uploads) claim(ctx context.Context, id string) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !validUploadID(id) {
		return nil, sei.Wrap(fmt.Errorf("malformed upload id %.80q", id), sei.CodeInvalid, "O identificador do envio não é válido.")
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[id] {
		return nil, sei.Errorf(sei.CodeConflict, "Este envio já está em andamento. Aguarde um instante e tente de novo.")
	}
	u.busy[id] = true
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.busy, id)
	}, nil
}

// validUploadID allows lower-case letters, digits and hyphens: what a UUID has
// and every file system tells apart.
func validUploadID(id string) bool {
	if id == "" || len(id) > maxUploadID || id[0] == '-' {
		return false
	}
	return strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && !reservedName(id)
}

// reservedName tells the device names of Windows, which no file there may have.
func reservedName(id string) bool {
	switch id {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(id) == 4 && (id[:3] == "com" || id[:3] == "lpt")
}

func (u *Uploads) intent(id string) (intent, error) {
	var known intent
	raw, err := os.ReadFile(u.path(id, doneSuffix))
	if known.finished = err == nil; errors.Is(err, fs.ErrNotExist) {
		raw, err = os.ReadFile(u.path(id, intentSuffix))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return known, sei.Errorf(sei.CodeNotFound, "O envio não foi encontrado ou expirou. Comece de novo.")
	}
	if err != nil {
		return known, fmt.Errorf("reading an upload: %w", err)
	}
	if err := json.Unmarshal(raw, &known); err != nil || !validAddress(known.SHA256) || known.Size < 0 {
		return known, damaged(fmt.Errorf("upload %s: %v", id, err))
	}
	return known, nil
}

func (u *Uploads) offset(id string, known intent) (int64, error) {
	if known.finished {
		return known.Size, nil
	}
	info, err := os.Stat(u.bytesPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("looking at an upload: %w", err)
	}
	return min(info.Size(), known.Size), nil
}

// room refuses another upload when too many rest unfinished.
func (u *Uploads) room() error {
	entries, err := os.ReadDir(u.dir)
	if err != nil {
		return fmt.Errorf("listing the uploads: %w", err)
	}
	open := 0
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), intentSuffix) {
			open++
		}
	}
	if open >= u.limits.MaxOpen {
		return sei.Errorf(sei.CodeTooMany, "Há envios demais em andamento. Tente de novo em alguns minutos.")
	}
	return nil
}

func (u *Uploads) write(id string, known intent) error {
	raw, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("writing an upload: %w", err)
	}
	suffix := intentSuffix
	if known.finished {
		suffix = doneSuffix
	}
	if err := writeDurably(u.dir, u.path(id, suffix), raw); err != nil {
		return diskError("writing an upload", err)
	}
	return nil
}

func (u *Uploads) removeBytes(id string) error { return removeFile(u.bytesPath(id)) }

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clearing an upload: %w", err)
	}
	return nil
}

func writeDurably(dir, path string, raw []byte) error {
	f, err := os.CreateTemp(dir, unwrittenPattern)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

func mismatchedSize(size int64) error {
	return sei.Errorf(sei.CodeTooLarge, "O envio passa dos %d bytes anunciados. Comece um novo envio.", size)
}

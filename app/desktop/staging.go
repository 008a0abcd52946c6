package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	gosync "sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// maxStaged limits how many files wait to be registered at once.
const maxStaged = 200

// maxKeyFile limits a certificate file.
const maxKeyFile = 1 << 20

// stagedItem is a file taken in: sealed in the account's store, or, for a
// certificate file, beside it (its own password protects it).
type stagedItem struct {
	id     string
	ref    sei.BlobRef
	pages  int
	path   string // of a certificate file
	intake string // SHA-256 of the watched folder's item that it came from
}

func newItem() *stagedItem { return &stagedItem{id: randomText()[:22]} }

// pin is the reason under which the store keeps the file meanwhile.
func (i *stagedItem) pin() string { return local.PinOpen + i.id }

// staging holds the files that wait to be registered.
type staging struct {
	dir   string
	mu    gosync.Mutex
	items map[string]*stagedItem
}

// clear forgets everything; files of an earlier run are removed.
func (s *staging) clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = map[string]*stagedItem{}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("clearing staged files: %w", err)
	}
	return nil
}

func (s *staging) get(id string) (*stagedItem, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.items[id]
	if !ok {
		return nil, sei.Errorf(sei.CodeNotFound, "O arquivo escolhido não está mais disponível. Escolha-o de novo.")
	}
	return item, nil
}

func (s *staging) add(item *stagedItem) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) >= maxStaged {
		return sei.Errorf(sei.CodeTooMany, "Há arquivos demais esperando registro. Registre ou descarte alguns antes de escolher outros.")
	}
	s.items[item.id] = item
	return nil
}

// forgetStored drops what lay in the store of an account that has closed.
func (s *staging) forgetStored() {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.items, func(_ string, i *stagedItem) bool { return i.path == "" })
}

func (s *staging) drop(id string) *stagedItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	item := s.items[id]
	delete(s.items, id)
	return item
}

// Files is files that come from the servant's disk, as the window sees them.
type Files struct{ desk *Desk }

// Unstage drops a staged file.
func (f *Files) Unstage(id string) error {
	item := f.desk.stage.drop(id)
	if item == nil {
		return nil
	}
	a, err := f.desk.current()
	if err != nil {
		return err
	}
	if item.path != "" {
		return os.Remove(item.path)
	}
	return a.store.Unpin(f.desk.ctx(), item.ref.SHA256, item.pin())
}

// stageReader takes size bytes in (-1 when not known).
func (d *Desk) stageReader(ctx context.Context, name string, size int64, r io.Reader) (StagedFile, error) {
	a, err := d.current()
	if err != nil {
		return StagedFile{}, err
	}
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	if isKeyFile(name) {
		return d.stageKeyFile(name, r)
	}
	if limit := a.maxFile(); size > limit {
		return StagedFile{}, sei.Errorf(sei.CodeTooLarge, "O arquivo %s tem %d MB e passa do limite de %d MB da central.", name, size>>20, limit>>20)
	}
	item := newItem()
	if item.ref, err = a.store.PutBlob(ctx, r, a.maxFile(), item.pin()); err != nil {
		return StagedFile{}, err
	}
	item.ref.Name = name
	return d.takeIn(ctx, a, item)
}

func isKeyFile(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".pfx" || ext == ".p12"
}

func (d *Desk) stageKeyFile(name string, r io.Reader) (StagedFile, error) {
	data, err := readAllLimited(r, maxKeyFile)
	if err != nil {
		return StagedFile{}, err
	}
	// A folder of its own keeps the name that the servant knows the file by.
	dir := filepath.Join(d.stage.dir, randomText()[:22])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return StagedFile{}, fmt.Errorf("keeping a certificate file: %w", err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return StagedFile{}, fmt.Errorf("keeping a certificate file: %w", err)
	}
	item := newItem()
	item.path = path
	if err := d.stage.add(item); err != nil {
		return StagedFile{}, errors.Join(err, os.Remove(path))
	}
	return StagedFile{ID: item.id, Name: name, Size: int64(len(data)), Signatures: []SignatureView{}}, nil
}

// stageStored stages bytes that are in the store already.
func (d *Desk) stageStored(ctx context.Context, a *account, ref sei.BlobRef) (StagedFile, error) {
	item := newItem()
	item.ref = ref
	if err := a.store.Pin(ctx, ref.SHA256, item.pin()); err != nil {
		return StagedFile{}, fmt.Errorf("keeping a file: %w", err)
	}
	return d.takeIn(ctx, a, item)
}

// takeIn stages a file that the store keeps for it, or lets go of the file.
func (d *Desk) takeIn(ctx context.Context, a *account, item *stagedItem) (StagedFile, error) {
	out, err := d.describeStaged(ctx, a, item)
	if err == nil {
		err = d.stage.add(item)
	}
	if err != nil {
		a.unpin(ctx, item.ref.SHA256, item.pin())
		return StagedFile{}, err
	}
	return out, nil
}

// describeStaged looks at what the file really is; a PDF that is none, is
// encrypted or damaged is refused now, with the reason.
func (d *Desk) describeStaged(ctx context.Context, a *account, item *stagedItem) (StagedFile, error) {
	ref := &item.ref
	in, err := a.store.OpenBlob(ctx, ref.SHA256)
	if err != nil {
		return StagedFile{}, err
	}
	defer closeQuietly(in, d.log, "a file")
	if ref.MIME, err = sniff(ref.Name, in); err != nil {
		return StagedFile{}, err
	}
	out := StagedFile{Name: ref.Name, Size: ref.Size, MIME: ref.MIME, SHA256: string(ref.SHA256), Signatures: []SignatureView{}}
	if strings.EqualFold(filepath.Ext(ref.Name), ".pdf") || ref.MIME == "application/pdf" {
		info, err := pdf.Inspect(io.NewSectionReader(in, 0, in.Size()))
		if err != nil {
			return StagedFile{}, err
		}
		item.pages, out.Pages = info.Pages, info.Pages
		out.Signatures = append(out.Signatures, foreignSignatures(ctx, a.judge, in)...)
	}
	out.ID, out.URL = item.id, "/content/staged/"+item.id
	return out, nil
}

// sniff tells a file's kind by its bytes first, its name second.
func sniff(name string, in io.ReaderAt) (string, error) {
	head := make([]byte, 1024)
	n, err := in.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("looking at a file: %w", err)
	}
	head = head[:n]
	if bytes.Contains(head, []byte("%PDF-")) {
		return "application/pdf", nil
	}
	if kind := http.DetectContentType(head); strings.HasPrefix(kind, "image/") {
		return kind, nil
	}
	if kind := mime.TypeByExtension(strings.ToLower(filepath.Ext(name))); kind != "" {
		return kind, nil
	}
	return "application/octet-stream", nil
}

// filed drops a staged file that something else keeps now, such as its queued
// command, and marks where it came from.
func (d *Desk) filed(ctx context.Context, a *account, item *stagedItem) {
	d.stage.drop(item.id)
	a.unpin(ctx, item.ref.SHA256, item.pin())
	if item.intake != "" {
		a.intake.filed(item.intake)
	}
}

// maxFile is the central's limit of one file, in bytes.
func (a *account) maxFile() int64 {
	if n := a.central.Info.MaxFileBytes; n > 0 {
		return n
	}
	return 200 << 20
}

// readBlob reads a small stored file whole.
func (a *account) readBlob(ctx context.Context, sha sei.SHA256, limit int64) ([]byte, error) {
	in, err := a.store.OpenBlob(ctx, sha)
	if err != nil {
		return nil, err
	}
	defer closeQuietly(in, a.desk.log, "a file")
	return readAllLimited(io.NewSectionReader(in, 0, in.Size()), limit)
}

// uploadNow brings one file to the central at once, for an act that is not queued.
func (a *account) uploadNow(ctx context.Context, ref sei.BlobRef) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	offset, done, err := a.client.UploadOffset(ctx, ref.SHA256)
	if err != nil || done {
		return err
	}
	in, err := a.store.OpenBlob(ctx, ref.SHA256)
	if err != nil {
		return err
	}
	defer closeQuietly(in, a.desk.log, "a file")
	const chunk = 1 << 20
	for !done {
		n := min(chunk, ref.Size-offset)
		if done, err = a.client.UploadChunk(ctx, ref.SHA256, offset, n, ref.Size, io.NewSectionReader(in, offset, n)); err != nil {
			return err
		}
		offset += n
	}
	return nil
}

package sim

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func openFiles(dir string, point func(string)) (storedFiles, error) {
	store, err := blob.NewFiles(filepath.Join(dir, "blobs"))
	if err != nil {
		return storedFiles{}, err
	}
	uploads, err := blob.OpenUploads(filepath.Join(dir, "uploads"), store, blob.UploadLimits{})
	return storedFiles{store, uploads, point}, err
}

func (f storedFiles) BeginUpload(ctx context.Context, id string, sha sei.SHA256, size int64) (int64, error) {
	defer f.point("begun an upload")
	return f.uploads.Begin(ctx, id, blob.Ref{SHA256: string(sha), Size: size})
}

func (f storedFiles) UploadOffset(ctx context.Context, id string) (int64, error) {
	return f.uploads.Offset(ctx, id)
}

func (f storedFiles) AppendUpload(ctx context.Context, id string, offset int64, r io.Reader) (int64, error) {
	defer f.point("appended to an upload")
	return f.uploads.Append(ctx, id, offset, r)
}

func (f storedFiles) FinishUpload(ctx context.Context, id string) error {
	defer f.point("finished an upload")
	_, err := f.uploads.Finish(ctx, id)
	return err
}

func (f storedFiles) ExpireUploads(ctx context.Context, before time.Time) error {
	return f.uploads.Expire(ctx, before)
}

// copyTree copies a folder as it is at this moment, as an operating system
// finds it after a program was killed: what SQLite keeps beside the database for
// other processes that have it open is not part of it.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case strings.HasSuffix(path, "-shm") || strings.HasSuffix(path, ".lock"):
			return nil
		}
		data, err := os.ReadFile(path) //nolint:gosec // the simulator's own folder
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600) //nolint:gosec // within the simulator's own folder
	})
}

package main

import (
	"context"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// storedFiles gives the central its files from a folder of blobs.
type storedFiles struct {
	blobs   blob.Store
	uploads *blob.Uploads
}

var _ central.Files = storedFiles{}

func openFiles(blobs, uploads string, maxBytes int64) (storedFiles, error) {
	store, err := blob.NewFiles(blobs)
	if err != nil {
		return storedFiles{}, err
	}
	u, err := blob.OpenUploads(uploads, store, blob.UploadLimits{MaxBytes: maxBytes})
	return storedFiles{store, u}, err
}

func (f storedFiles) Open(ctx context.Context, sha sei.SHA256) (central.File, error) {
	return f.blobs.Open(ctx, string(sha))
}

func (f storedFiles) Size(ctx context.Context, sha sei.SHA256) (int64, error) {
	ref, err := f.blobs.Stat(ctx, string(sha))
	return ref.Size, err
}

func (f storedFiles) BeginUpload(ctx context.Context, id string, sha sei.SHA256, size int64) (int64, error) {
	return f.uploads.Begin(ctx, id, blob.Ref{SHA256: string(sha), Size: size})
}

func (f storedFiles) UploadOffset(ctx context.Context, id string) (int64, error) {
	return f.uploads.Offset(ctx, id)
}

func (f storedFiles) AppendUpload(ctx context.Context, id string, offset int64, r io.Reader) (int64, error) {
	return f.uploads.Append(ctx, id, offset, r)
}

func (f storedFiles) FinishUpload(ctx context.Context, id string) error {
	_, err := f.uploads.Finish(ctx, id)
	return err
}

func (f storedFiles) ExpireUploads(ctx context.Context, before time.Time) error {
	return f.uploads.Expire(ctx, before)
}

// discard removes a file that nothing cites.
func (f storedFiles) discard(ctx context.Context, sha sei.SHA256) error {
	return f.blobs.Delete(ctx, string(sha))
}

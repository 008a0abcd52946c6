package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Dir is a bucket in a folder. Objects stand in objects/<first two digits>/;
// what is being written stands in staging/, on the same volume, so that the
// rename that makes it visible is atomic. Several processes may share a folder.
type Dir struct {
	objects string
	staging string
}

const stagedPattern = "put-*.part"

// OpenDir opens the folder, creating it, for its owner alone, if need be.
func OpenDir(path string) (*Dir, error) {
	d := &Dir{objects: filepath.Join(path, "objects"), staging: filepath.Join(path, "staging")}
	for _, p := range []string{d.objects, d.staging} {
		if err := os.MkdirAll(p, 0o700); err != nil {
			return nil, diskError("creating the folder of blobs", err)
		}
	}
	if err := syncDir(path); err != nil {
		return nil, diskError("creating the folder of blobs", err)
	}
	return d, nil
}

func (d *Dir) path(name string) string { return filepath.Join(d.objects, name[:2], name) }

// Stage begins a file in the staging area.
func (d *Dir) Stage(context.Context) (Staged, error) {
	f, err := os.CreateTemp(d.staging, stagedPattern)
	if err != nil {
		return nil, diskError("creating a staging file", err)
	}
	return &stagedFile{dir: d, file: f}, nil
}

// Open opens an object's file.
func (d *Dir) Open(_ context.Context, name string) (Object, error) {
	if !validAddress(name) {
		return nil, badAddress(name)
	}
	f, err := openShared(d.path(name))
	if err != nil {
		return nil, missing(name, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = damaged(fmt.Errorf("%s is not a file", name))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return fileObject{f, info.Size()}, nil
}

// Stat looks at an object's file.
func (d *Dir) Stat(_ context.Context, name string) (int64, error) {
	if !validAddress(name) {
		return 0, badAddress(name)
	}
	info, err := os.Stat(d.path(name))
	if err != nil {
		return 0, missing(name, err)
	}
	return info.Size(), nil
}

// Delete removes an object's file.
func (d *Dir) Delete(_ context.Context, name string) error {
	if !validAddress(name) {
		return badAddress(name)
	}
	err := os.Remove(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return inUse(err)
	}
	return syncDir(filepath.Dir(d.path(name)))
}

// Walk visits every object, by name.
func (d *Dir) Walk(ctx context.Context, visit func(name string, size int64) error) error {
	shards, err := os.ReadDir(d.objects)
	if err != nil {
		return err
	}
	for _, shard := range shards {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !shard.IsDir() || len(shard.Name()) != 2 {
			continue
		}
		if err := d.walkShard(ctx, shard.Name(), visit); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dir) walkShard(ctx context.Context, shard string, visit func(string, int64) error) error {
	entries, err := os.ReadDir(filepath.Join(d.objects, shard))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !validAddress(e.Name()) || e.Name()[:2] != shard || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
			continue
		}
		if err != nil {
			return err
		}
		if err := visit(e.Name(), info.Size()); err != nil {
			return err
		}
	}
	return nil
}

// RemoveStale clears what writers that died left in the staging area before the
// given time. Choose a time well before any write that may still be running.
func (d *Dir) RemoveStale(ctx context.Context, before time.Time) error {
	return removeOlder(ctx, d.staging, stagedPattern, before)
}

func removeOlder(ctx context.Context, dir, pattern string, before time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var failed []error
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		ours, err := filepath.Match(pattern, e.Name())
		if err != nil {
			return err
		}
		info, err := e.Info()
		if !ours || err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(before) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func missing(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return notFound(name)
	}
	return err
}

// inUse tells apart what will work once another program lets go of the file.
func inUse(err error) error {
	if isInUse(err) {
		return sei.Wrap(err, sei.CodeUnavailable, "O arquivo está aberto em outro programa. Feche-o e tente de novo.")
	}
	return err
}

type fileObject struct {
	*os.File
	size int64
}

func (o fileObject) Size() int64 { return o.size }

type stagedFile struct {
	dir  *Dir
	file *os.File
	done bool
}

func (s *stagedFile) Write(p []byte) (int, error) { return s.file.Write(p) }

// Commit flushes the bytes, then the name: file, rename, folder. In that order a
// power cut leaves the old state or the new one.
func (s *stagedFile) Commit(_ context.Context, name string) error {
	if !validAddress(name) {
		return badAddress(name)
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	if err := s.file.Close(); err != nil {
		return err
	}
	target := s.dir.path(name)
	if err := makeShard(filepath.Dir(target)); err != nil {
		return err
	}
	if err := rename(s.file.Name(), target); err != nil {
		return inUse(err)
	}
	s.done = true
	return syncDir(filepath.Dir(target))
}

func (s *stagedFile) Discard() error {
	if s.done {
		return nil
	}
	s.done = true
	if err := s.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return errors.Join(err, os.Remove(s.file.Name()))
	}
	return os.Remove(s.file.Name())
}

func makeShard(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

package blob_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/blob/blobtest"
)

// onDir runs the suite with the folders of the stores it makes remembered.
func onDir(form func(t *testing.T, b blob.Bucket) blob.Store) blobtest.Backend {
	dirs := map[blob.Store]string{}
	open := func(t *testing.T, dir string) blob.Store {
		d, err := blob.OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		s := form(t, d)
		dirs[s] = dir
		return s
	}
	return blobtest.Backend{
		New:    func(t *testing.T) blob.Store { return open(t, t.TempDir()) },
		Reopen: func(t *testing.T, s blob.Store) blob.Store { return open(t, dirs[s]) },
		Leftovers: func(t *testing.T, s blob.Store) int {
			entries, err := os.ReadDir(filepath.Join(dirs[s], "staging"))
			if err != nil {
				t.Fatal(err)
			}
			return len(entries)
		},
	}
}

var testKey = [32]byte{1, 2, 3}

func plain(_ *testing.T, b blob.Bucket) blob.Store { return blob.NewPlain(b) }

func sealed(t *testing.T, b blob.Bucket) blob.Store {
	s, err := blob.NewSealed(b, testKey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPlainFiles(t *testing.T)  { blobtest.Run(t, onDir(plain)) }
func TestSealedFiles(t *testing.T) { blobtest.Run(t, onDir(sealed)) }

//go:build linux

package crash

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// disk is a file system in memory that can lose what a disk may lose in a power
// cut, and be full. It is strict: a write is safe once its file was synced, a
// name once its folder was.
type disk struct {
	point  string
	server *fuse.Server

	mu   sync.Mutex
	root *node
	used int64
	room int64 // bytes of files; 0: without limit
	dead bool  // after the cut nothing is taken any more
}

// node is a file or folder: what programs see, and what is safe.
type node struct {
	fs.Inode
	disk *disk
	mode uint32
	time time.Time

	data    []byte
	safe    []byte
	pending []change // since the last sync, in order

	names     map[string]*node
	safeNames map[string]*node
	links     int
}

// change is a write at an offset, or a new length.
type change struct {
	at   int64
	data []byte
	cut  bool // the file ends at at
}

func (c change) apply(data []byte) []byte {
	if c.cut {
		return resize(data, c.at)
	}
	if end := c.at + int64(len(c.data)); int64(len(data)) < end {
		data = resize(data, end)
	}
	copy(data[c.at:], c.data)
	return data
}

func resize(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		return data[:size]
	}
	grown := slices.Grow(data, int(size)-len(data))[:size]
	clear(grown[len(data):])
	return grown
}

func (d *disk) folder() *node {
	return &node{disk: d, mode: fuse.S_IFDIR | 0o700, time: time.Now(), names: map[string]*node{}, safeNames: map[string]*node{}}
}

// newDisk mounts an empty disk. Where that is impossible the test fails: a
// product whose promise is to lose nothing is not tried without it.
func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{}
	d.root = d.folder()
	d.mount(t, t.TempDir())
	return d
}

func (d *disk) mount(t *testing.T, point string) {
	t.Helper()
	server, err := fs.Mount(point, d.root, &fs.Options{MountOptions: fuse.MountOptions{
		DirectMountStrict: true, FsName: "seirs-crash", Name: "seirs-crash", MaxWrite: 1 << 20, DisableXAttrs: true,
	}})
	if err != nil {
		if os.Getenv("SEIRS_NO_FUSE") != "" {
			t.Skipf("NOT TRIED, as SEIRS_NO_FUSE asks: no file system can be mounted here: %v", err)
		}
		t.Fatalf("no file system can be mounted here (it takes root and /dev/fuse; SEIRS_NO_FUSE=1 goes without, and then power cuts and full disks are not tried): %v", err)
	}
	d.point, d.server = point, server
	t.Cleanup(func() { _ = d.server.Unmount() }) // of a test that failed half way
}

// limit makes room for so many bytes beyond what is there; a negative number
// takes the limit away.
func (d *disk) limit(more int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = 0
	if more >= 0 {
		d.room = d.used + max(more, 1)
	}
}

// syncAll makes safe what is there: the state that a test begins with.
func (d *disk) syncAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all func(n *node)
	all = func(n *node) {
		n.sync()
		for _, c := range n.names {
			all(c)
		}
	}
	all(d.root)
}

// cut stops taking anything, as when the power goes.
func (d *disk) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
}

// replace puts in its place, after the programs ended, a disk with what the cut
// left: what was synced, and of the other writes those that chance kept.
func (d *disk) replace(t *testing.T, r *rand.Rand, keep float64) *disk {
	t.Helper()
	fatal(t, d.server.Unmount())
	d.mu.Lock()
	defer d.mu.Unlock()
	after := &disk{}
	known := map[*node]*node{}
	var revive func(n *node) *node
	revive = func(n *node) *node {
		if c, ok := known[n]; ok {
			c.links++
			return c
		}
		c := &node{disk: after, mode: n.mode, time: n.time, links: 1}
		known[n] = c
		if n.names != nil {
			c.names, c.safeNames = map[string]*node{}, map[string]*node{}
			for _, name := range slices.Sorted(maps.Keys(n.safeNames)) {
				c.names[name] = revive(n.safeNames[name])
			}
			maps.Copy(c.safeNames, c.names)
			return c
		}
		c.safe = slices.Clone(n.safe)
		for _, p := range n.pending {
			if r.Float64() < keep {
				c.safe = p.apply(c.safe)
			}
		}
		c.data = slices.Clone(c.safe)
		after.used += int64(len(c.data))
		return c
	}
	after.root = revive(d.root)
	after.mount(t, d.point)
	return after
}

// export unmounts the disk and writes what was on it into an ordinary folder.
func (d *disk) export(t *testing.T) string {
	t.Helper()
	fatal(t, d.server.Unmount())
	d.mu.Lock()
	defer d.mu.Unlock()
	to := t.TempDir()
	var write func(n *node, path string)
	write = func(n *node, path string) {
		if n.names == nil {
			fatal(t, os.WriteFile(path, n.data, 0o600))
			return
		}
		fatal(t, os.MkdirAll(path, 0o700))
		for name, c := range n.names {
			write(c, filepath.Join(path, name))
		}
	}
	write(d.root, to)
	return to
}

// sync makes a node safe: a file's content, or a folder's names.
func (n *node) sync() {
	if n.names != nil {
		n.safeNames = maps.Clone(n.names)
		return
	}
	for _, p := range n.pending {
		n.safe = p.apply(n.safe)
	}
	n.pending = nil
}

func (n *node) note(c change) {
	n.disk.used -= int64(len(n.data))
	n.data = c.apply(n.data)
	n.disk.used += int64(len(n.data))
	n.pending = append(n.pending, c)
	n.time = time.Now()
}

// taken locks the disk for a change that needs more bytes; the caller unlocks.
func (d *disk) taken(more int64) syscall.Errno {
	d.mu.Lock()
	switch {
	case d.dead:
		d.mu.Unlock()
		return syscall.EIO
	case d.room > 0 && more > 0 && d.used+more > d.room:
		d.mu.Unlock()
		return syscall.ENOSPC
	}
	return 0
}

//go:build linux

package crash

import (
	"context"
	"slices"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// What the kernel asks of a node. Names live twice: in the library's tree, which
// answers look-ups and listings, and in names, which outlives a mount.
var (
	_ fs.NodeOnAdder   = (*node)(nil)
	_ fs.NodeGetattrer = (*node)(nil)
	_ fs.NodeSetattrer = (*node)(nil)
	_ fs.NodeCreater   = (*node)(nil)
	_ fs.NodeMkdirer   = (*node)(nil)
	_ fs.NodeUnlinker  = (*node)(nil)
	_ fs.NodeRmdirer   = (*node)(nil)
	_ fs.NodeRenamer   = (*node)(nil)
	_ fs.NodeLinker    = (*node)(nil)
	_ fs.NodeOpener    = (*node)(nil)
	_ fs.NodeReader    = (*node)(nil)
	_ fs.NodeWriter    = (*node)(nil)
	_ fs.NodeFsyncer   = (*node)(nil)
	_ fs.NodeStatfser  = (*node)(nil)
)

// nameBytes is what a name costs on a disk with a limit, so that files cannot be
// made on a full one.
const nameBytes = 256

func (n *node) OnAdd(ctx context.Context) {
	for name, c := range n.names {
		if n.GetChild(name) == nil {
			n.AddChild(name, n.NewPersistentInode(ctx, c, fs.StableAttr{Mode: c.mode & syscall.S_IFMT}), false)
		}
	}
}

func (n *node) fill(a *fuse.Attr) {
	a.Mode, a.Size, a.Nlink = n.mode, uint64(len(n.data)), uint32(max(n.links, 1))
	a.Blocks, a.Blksize = (a.Size+511)/512, 4096
	a.SetTimes(&n.time, &n.time, &n.time)
}

func (n *node) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.fill(&out.Attr)
	return 0
}

func (n *node) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	size, resized := in.GetSize()
	n.disk.mu.Lock()
	more := int64(size) - int64(len(n.data))
	n.disk.mu.Unlock()
	if !resized {
		more = 0
	}
	if errno := n.disk.taken(more); errno != 0 {
		return errno
	}
	defer n.disk.mu.Unlock()
	if resized {
		n.note(change{at: int64(size), cut: true})
	}
	if mode, ok := in.GetMode(); ok {
		n.mode = n.mode&syscall.S_IFMT | mode&0o7777
	}
	if t, ok := in.GetMTime(); ok {
		n.time = t
	}
	n.fill(&out.Attr)
	return 0
}

// add makes a child; the library puts it into its tree.
func (n *node) add(ctx context.Context, name string, c *node, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := n.disk.taken(nameBytes); errno != 0 {
		return nil, errno
	}
	defer n.disk.mu.Unlock()
	c.links = 1
	n.names[name] = c
	c.fill(&out.Attr)
	return n.NewPersistentInode(ctx, c, fs.StableAttr{Mode: c.mode & syscall.S_IFMT}), 0
}

func (n *node) Create(ctx context.Context, name string, _ uint32, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	child, errno := n.add(ctx, name, &node{disk: n.disk, mode: syscall.S_IFREG | mode&0o7777, time: time.Now()}, out)
	return child, nil, 0, errno
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	c := n.disk.folder()
	c.mode = syscall.S_IFDIR | mode&0o7777
	return n.add(ctx, name, c, out)
}

func (n *node) Unlink(_ context.Context, name string) syscall.Errno {
	if errno := n.disk.taken(0); errno != 0 {
		return errno
	}
	defer n.disk.mu.Unlock()
	n.drop(name)
	return 0
}

// drop takes a name away, and the bytes with the last one.
func (n *node) drop(name string) {
	c, ok := n.names[name]
	if !ok {
		return
	}
	delete(n.names, name)
	if c.links--; c.links == 0 {
		n.disk.used -= int64(len(c.data))
	}
}

func (n *node) Rmdir(_ context.Context, name string) syscall.Errno {
	if errno := n.disk.taken(0); errno != 0 {
		return errno
	}
	defer n.disk.mu.Unlock()
	if c, ok := n.names[name]; ok && len(c.names) > 0 {
		return syscall.ENOTEMPTY
	}
	n.drop(name)
	return 0
}

// noReplace is renameat2's flag for a name that must be free.
const noReplace = 1

func (n *node) Rename(_ context.Context, name string, parent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	if errno := n.disk.taken(0); errno != 0 {
		return errno
	}
	defer n.disk.mu.Unlock()
	to, ok := parent.(*node)
	c := n.names[name]
	switch {
	case !ok || c == nil:
		return syscall.ENOENT
	case flags&^noReplace != 0:
		return syscall.EINVAL
	case flags == noReplace && to.names[newName] != nil:
		return syscall.EEXIST
	}
	if to.names[newName] != c {
		to.drop(newName)
	}
	delete(n.names, name)
	to.names[newName] = c
	return 0
}

func (n *node) Link(ctx context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := n.disk.taken(nameBytes); errno != 0 {
		return nil, errno
	}
	defer n.disk.mu.Unlock()
	c, ok := target.(*node)
	if !ok {
		return nil, syscall.EXDEV
	}
	c.links++
	n.names[name] = c
	c.fill(&out.Attr)
	return c.EmbeddedInode(), 0
}

func (n *node) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) { return nil, 0, 0 }

func (n *node) Read(_ context.Context, _ fs.FileHandle, into []byte, at int64) (fuse.ReadResult, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	if at >= int64(len(n.data)) {
		return fuse.ReadResultData(nil), 0
	}
	return fuse.ReadResultData(into[:copy(into, n.data[at:])]), 0
}

func (n *node) Write(_ context.Context, _ fs.FileHandle, data []byte, at int64) (uint32, syscall.Errno) {
	n.disk.mu.Lock()
	more := at + int64(len(data)) - int64(len(n.data))
	n.disk.mu.Unlock()
	if errno := n.disk.taken(more); errno != 0 {
		return 0, errno
	}
	defer n.disk.mu.Unlock()
	n.note(change{at: at, data: slices.Clone(data)})
	return uint32(len(data)), 0
}

func (n *node) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	if errno := n.disk.taken(0); errno != 0 {
		return errno
	}
	defer n.disk.mu.Unlock()
	n.sync()
	return 0
}

func (n *node) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	out.Bsize, out.NameLen, out.Files, out.Ffree = 4096, 255, 1<<20, 1<<20
	out.Blocks, out.Bfree = 1<<20, 1<<19
	if n.disk.room > 0 {
		out.Blocks, out.Bfree = uint64(n.disk.room/4096), uint64(max(n.disk.room-n.disk.used, 0)/4096)
	}
	out.Bavail = out.Bfree
	return 0
}

package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
)

// MaxLogSize is more headers than any log will hold; sizes and places beyond it
// are malformed.
const MaxLogSize = int64(1) << 48

// maxProof is the longest possible proof over MaxLogSize entries.
const maxProof = 2 * 48

// LeafHash is the Merkle tree's leaf for the header with the given hash
// (RFC 6962, 2.1: SHA-256 of a zero byte and the entry). Leaves and nodes begin
// with different bytes, so that none can be shown for the other.
func LeafHash(header Hash) Hash {
	var b [1 + HashSize]byte
	copy(b[1:], header[:])
	return sha256.Sum256(b[:])
}

// NodeHash joins two neighbouring subtrees (RFC 6962, 2.1).
func NodeHash(left, right Hash) Hash {
	var b [1 + 2*HashSize]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+HashSize:], right[:])
	return sha256.Sum256(b[:])
}

// Node names a whole subtree of the log: the 2^Level entries that begin with the
// entry Index·2^Level, counted from zero. Once whole, a subtree never changes.
type Node struct {
	Level int
	Index int64
}

// Nodes looks up the hash of a whole subtree; level 0 are the leaves. A log is
// as large as the caller says it is, so a missing node is an error.
type Nodes func(Node) (Hash, error)

// LogHead is the growing end of a log: its size and the roots of its whole
// subtrees, largest first, one for each bit of the size. The zero value is the
// empty log.
type LogHead struct {
	size  int64
	peaks []Hash
}

// ResumeLog is the head of a log of the given size whose subtrees are stored.
func ResumeLog(size int64, nodes Nodes) (*LogHead, error) {
	if size < 0 || size > MaxLogSize {
		return nil, fmt.Errorf("a log cannot have %d entries", size)
	}
	head := &LogHead{size: size}
	for _, n := range peaks(0, size) {
		h, err := nodes(n)
		if err != nil {
			return nil, fmt.Errorf("resuming the log at %d: %w", size, err)
		}
		head.peaks = append(head.peaks, h)
	}
	return head, nil
}

// Size is how many headers the log has.
func (l *LogHead) Size() int64 { return l.size }

// Append adds the header with the given hash at the log's end and names every
// subtree that became whole, the leaf first. An error of whole ends it; the
// head must not be used afterwards.
func (l *LogHead) Append(header Hash, whole func(Node, Hash) error) error {
	if l.size >= MaxLogSize {
		return errors.New("the log is full")
	}
	h := LeafHash(header)
	n := Node{Index: l.size}
	if err := whole(n, h); err != nil {
		return err
	}
	for n.Index&1 == 1 {
		last := len(l.peaks) - 1
		h = NodeHash(l.peaks[last], h)
		l.peaks = l.peaks[:last]
		n = Node{Level: n.Level + 1, Index: n.Index >> 1}
		if err := whole(n, h); err != nil {
			return err
		}
	}
	l.peaks = append(l.peaks, h)
	l.size++
	return nil
}

// Root is the Merkle tree hash of all entries; that of the empty log is the
// SHA-256 of nothing (RFC 6962, 2.1).
func (l *LogHead) Root() Hash {
	if l.size == 0 {
		return sha256.Sum256(nil)
	}
	root := l.peaks[len(l.peaks)-1]
	for i := len(l.peaks) - 2; i >= 0; i-- {
		root = NodeHash(l.peaks[i], root)
	}
	return root
}

// peaks are the whole subtrees of the entries from lo to before hi, from left to
// right. lo must be a multiple of the smallest power of two not below hi-lo, as
// every split of RFC 6962 is.
func peaks(lo, hi int64) []Node {
	var out []Node
	for lo < hi {
		level := bits.Len64(uint64(hi-lo)) - 1
		out = append(out, Node{Level: level, Index: lo >> level})
		lo += int64(1) << level
	}
	return out
}

// rangeRoot is the Merkle tree hash of the entries from lo to before hi.
func rangeRoot(lo, hi int64, nodes Nodes) (Hash, error) {
	var root Hash
	parts := peaks(lo, hi)
	for i := len(parts) - 1; i >= 0; i-- {
		h, err := nodes(parts[i])
		if err != nil {
			return root, err
		}
		if i == len(parts)-1 {
			root = h
			continue
		}
		root = NodeHash(h, root)
	}
	return root, nil
}

package ledger

import (
	"errors"
	"fmt"
	"math/bits"
)

// errProof is every proof that does not prove; which step failed says nothing
// to anybody.
var errProof = errors.New("the proof does not lead to the log's head")

// ProveInclusion proves that the header at place seq (from 1) is in the log of
// the given size (RFC 6962, 2.1.1).
func ProveInclusion(seq, size int64, nodes Nodes) (Inclusion, error) {
	if seq < 1 || seq > size || size > MaxLogSize {
		return Inclusion{}, fmt.Errorf("place %d is not in a log of %d", seq, size)
	}
	proof := Inclusion{Seq: seq, Path: []Hash{}}
	at, lo, hi := seq-1, int64(0), size
	var away [][2]int64 // the halves left aside, from the root down
	for hi-lo > 1 {
		mid := lo + split(hi-lo)
		if at < mid {
			away = append(away, [2]int64{mid, hi})
			hi = mid
		} else {
			away = append(away, [2]int64{lo, mid})
			lo = mid
		}
	}
	for i := len(away) - 1; i >= 0; i-- {
		h, err := rangeRoot(away[i][0], away[i][1], nodes)
		if err != nil {
			return Inclusion{}, fmt.Errorf("proving place %d: %w", seq, err)
		}
		proof.Path = append(proof.Path, h)
	}
	return proof, nil
}

// CheckInclusion verifies that the header with the given hash is the log's
// entry p.Seq under the checkpoint (RFC 9162, 2.1.3.2).
func CheckInclusion(c Checkpoint, header Hash, p Inclusion) error {
	if p.Seq < 1 || p.Seq > c.Size || c.Size > MaxLogSize {
		return fmt.Errorf("place %d is not in a log of %d", p.Seq, c.Size)
	}
	if len(p.Path) > maxProof {
		return errProof
	}
	at, last := p.Seq-1, c.Size-1
	root := LeafHash(header)
	for _, h := range p.Path {
		if last == 0 {
			return errProof
		}
		if at&1 == 1 || at == last {
			root = NodeHash(h, root)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			root = NodeHash(root, h)
		}
		at, last = at>>1, last>>1
	}
	if last != 0 || root != c.Root {
		return errProof
	}
	return nil
}

// ProveConsistency proves that the log of size from is the beginning of the log
// of size to (RFC 6962, 2.1.2). Nothing needs to be proven of an empty log, nor
// of a log and itself: the proof is empty.
func ProveConsistency(from, to int64, nodes Nodes) ([]Hash, error) {
	if from < 0 || from > to || to > MaxLogSize {
		return nil, fmt.Errorf("a log of %d does not begin one of %d", from, to)
	}
	if from == 0 || from == to {
		return []Hash{}, nil
	}
	lo, hi, known := int64(0), to, true // known: the verifier has this subtree's root
	var away [][2]int64
	for from != hi {
		mid := lo + split(hi-lo)
		if from <= mid {
			away = append(away, [2]int64{mid, hi})
			hi = mid
		} else {
			away = append(away, [2]int64{lo, mid})
			lo, known = mid, false
		}
	}
	if !known {
		away = append(away, [2]int64{lo, hi})
	}
	proof := []Hash{}
	for i := len(away) - 1; i >= 0; i-- {
		h, err := rangeRoot(away[i][0], away[i][1], nodes)
		if err != nil {
			return nil, fmt.Errorf("proving that %d begins %d: %w", from, to, err)
		}
		proof = append(proof, h)
	}
	return proof, nil
}

// CheckConsistency verifies that what older covers is the beginning of what
// newer covers: nothing was changed, left out or put in between (RFC 9162,
// 2.1.4.2).
func CheckConsistency(older, newer Checkpoint, proof []Hash) error {
	switch {
	case older.Size < 0 || older.Size > newer.Size || newer.Size > MaxLogSize:
		return fmt.Errorf("a log of %d does not begin one of %d", older.Size, newer.Size)
	case len(proof) > maxProof:
		return errProof
	case older.Size == newer.Size:
		if len(proof) != 0 || older.Root != newer.Root {
			return errProof
		}
		return nil
	case older.Size == 0:
		if len(proof) != 0 || older.Root != (&LogHead{}).Root() {
			return errProof
		}
		return nil
	}
	if older.Size&(older.Size-1) == 0 { // a whole subtree: its root is the proof's first step
		proof = append([]Hash{older.Root}, proof...)
	}
	if len(proof) == 0 {
		return errProof
	}
	at, last := older.Size-1, newer.Size-1
	shift := bits.TrailingZeros64(^uint64(at))
	at, last = at>>shift, last>>shift
	oldRoot, newRoot := proof[0], proof[0]
	for _, h := range proof[1:] {
		if last == 0 {
			return errProof
		}
		if at&1 == 1 || at == last {
			oldRoot, newRoot = NodeHash(h, oldRoot), NodeHash(h, newRoot)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			newRoot = NodeHash(newRoot, h)
		}
		at, last = at>>1, last>>1
	}
	if last != 0 || oldRoot != older.Root || newRoot != newer.Root {
		return errProof
	}
	return nil
}

// split is the largest power of two below n, for n > 1.
func split(n int64) int64 { return int64(1) << (bits.Len64(uint64(n-1)) - 1) }

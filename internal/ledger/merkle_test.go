package ledger_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
)

// entry is the hash of the i-th header, from 0.
func entry(i int64) ledger.Hash { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))) }

// tree is RFC 6962's definition of the Merkle tree hash, word by word, without
// anything that the package under test offers.
func tree(entries []ledger.Hash) ledger.Hash {
	switch len(entries) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, entries[0][:]...))
	}
	k := 1
	for 2*k < len(entries) {
		k *= 2
	}
	left, right := tree(entries[:k]), tree(entries[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// log is a whole log in memory.
type log struct {
	entries []ledger.Hash
	nodes   map[ledger.Node]ledger.Hash
	roots   []ledger.Hash // by size
}

func (l *log) find(n ledger.Node) (ledger.Hash, error) {
	h, ok := l.nodes[n]
	if !ok {
		return h, errors.New("no such node")
	}
	return h, nil
}

func (l *log) at(size int64) ledger.Checkpoint {
	return ledger.Checkpoint{Form: 1, Size: size, Root: l.roots[size]}
}

func newLog(t fataler, size int64) *log {
	l := &log{nodes: map[ledger.Node]ledger.Hash{}}
	head := &ledger.LogHead{}
	l.roots = append(l.roots, head.Root())
	for i := range size {
		l.entries = append(l.entries, entry(i))
		err := head.Append(entry(i), func(n ledger.Node, h ledger.Hash) error {
			if _, twice := l.nodes[n]; twice {
				t.Fatalf("%+v became whole twice", n)
			}
			l.nodes[n] = h
			return nil
		})
		if err != nil {
			t.Fatalf("%v", err)
		}
		l.roots = append(l.roots, head.Root())
	}
	return l
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func TestTheHeadIsTheMerkleTreeHashOfTheRFC(t *testing.T) {
	l := newLog(t, 130)
	for size, root := range l.roots {
		if want := tree(l.entries[:size]); root != want {
			t.Errorf("the root of %d entries is %s, want %s", size, root, want)
		}
	}
}

func TestALogIsResumedWhereItStopped(t *testing.T) {
	l := newLog(t, 70)
	for size := range int64(70) {
		head, err := ledger.ResumeLog(size, l.find)
		if err != nil {
			t.Fatal(err)
		}
		if head.Root() != l.roots[size] || head.Size() != size {
			t.Fatalf("at %d the root is %s", size, head.Root())
		}
		if err := head.Append(entry(size), func(ledger.Node, ledger.Hash) error { return nil }); err != nil || head.Root() != l.roots[size+1] {
			t.Fatalf("after %d the root is %s (%v)", size+1, head.Root(), err)
		}
	}
	if _, err := ledger.ResumeLog(71, l.find); err == nil {
		t.Error("a log longer than what is stored was resumed")
	}
	if _, err := ledger.ResumeLog(-1, l.find); err == nil {
		t.Error("a log of negative size was resumed")
	}
}

func TestEveryEntryOfEverySizeIsProvable(t *testing.T) {
	l := newLog(t, 40)
	for size := int64(1); size <= 40; size++ {
		for seq := int64(1); seq <= size; seq++ {
			p, err := ledger.ProveInclusion(seq, size, l.find)
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.CheckInclusion(l.at(size), entry(seq-1), p); err != nil {
				t.Fatalf("entry %d of %d: %v", seq, size, err)
			}
		}
	}
}

func TestAnInclusionProofFitsOneEntryOnePlaceAndOneHead(t *testing.T) {
	l := newLog(t, 300)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(2, 300).Draw(t, "size")
		seq := rapid.Int64Range(1, size).Draw(t, "seq")
		p, err := ledger.ProveInclusion(seq, size, l.find)
		if err != nil {
			t.Fatal(err)
		}
		other := rapid.Int64Range(1, size).Filter(func(n int64) bool { return n != seq }).Draw(t, "other")
		if ledger.CheckInclusion(l.at(size), entry(other-1), p) == nil {
			t.Fatalf("the proof of %d is taken for entry %d", seq, other)
		}
		// A node shown as if it were a header.
		if len(p.Path) > 0 && ledger.CheckInclusion(l.at(size), p.Path[0], p) == nil {
			t.Fatal("a node passes for an entry")
		}
		moved := p
		moved.Seq = other
		if ledger.CheckInclusion(l.at(size), entry(seq-1), moved) == nil {
			t.Fatalf("entry %d passes for place %d of %d", seq, other, size)
		}
		anotherSize := rapid.Int64Range(1, 300).Filter(func(n int64) bool { return n != size }).Draw(t, "another size")
		if ledger.CheckInclusion(l.at(anotherSize), entry(seq-1), p) == nil {
			t.Fatalf("a proof for %d entries passes for %d", size, anotherSize)
		}
		broken := ledger.Inclusion{Seq: seq, Path: append([]ledger.Hash{}, p.Path...)}
		bit := rapid.IntRange(0, len(broken.Path)*256-1).Draw(t, "bit")
		broken.Path[bit/256][bit%256/8] ^= 1 << (bit % 8)
		if ledger.CheckInclusion(l.at(size), entry(seq-1), broken) == nil {
			t.Fatal("a path with a bit flipped passes")
		}
		for name, path := range map[string][]ledger.Hash{
			"a shorter path": p.Path[:len(p.Path)-1],
			"a longer path":  append(append([]ledger.Hash{}, p.Path...), entry(0)),
			"an endless one": make([]ledger.Hash, 5000),
		} {
			if ledger.CheckInclusion(l.at(size), entry(seq-1), ledger.Inclusion{Seq: seq, Path: path}) == nil {
				t.Fatalf("%s passes", name)
			}
		}
	})
}

func TestAnySizeIsProvablyTheBeginningOfAnyLaterOne(t *testing.T) {
	l := newLog(t, 40)
	for to := int64(0); to <= 40; to++ {
		for from := int64(0); from <= to; from++ {
			proof, err := ledger.ProveConsistency(from, to, l.find)
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.CheckConsistency(l.at(from), l.at(to), proof); err != nil {
				t.Fatalf("%d and %d: %v", from, to, err)
			}
		}
	}
}

func TestAHistoryThatWasRewrittenIsNotConsistent(t *testing.T) {
	l := newLog(t, 200)
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.Int64Range(1, 200).Draw(t, "to")
		from := rapid.Int64Range(1, to).Draw(t, "from")
		// The older head is over other entries: one before from was changed.
		changed := rapid.Int64Range(0, from-1).Draw(t, "changed")
		entries := append([]ledger.Hash{}, l.entries[:from]...)
		entries[changed] = entry(1 << 40)
		older := ledger.Checkpoint{Form: 1, Size: from, Root: tree(entries)}
		proof, err := ledger.ProveConsistency(from, to, l.find)
		if err != nil {
			t.Fatal(err)
		}
		if ledger.CheckConsistency(older, l.at(to), proof) == nil {
			t.Fatalf("a head over %d entries, the %dth changed, begins one of %d", from, changed+1, to)
		}
		if len(proof) > 0 {
			broken := append([]ledger.Hash{}, proof...)
			bit := rapid.IntRange(0, len(broken)*256-1).Draw(t, "bit")
			broken[bit/256][bit%256/8] ^= 1 << (bit % 8)
			if ledger.CheckConsistency(l.at(from), l.at(to), broken) == nil {
				t.Fatal("a proof with a bit flipped passes")
			}
			if ledger.CheckConsistency(l.at(from), l.at(to), proof[:len(proof)-1]) == nil {
				t.Fatal("a shorter proof passes")
			}
		}
		if ledger.CheckConsistency(l.at(from), l.at(to), append(append([]ledger.Hash{}, proof...), entry(1))) == nil {
			t.Fatal("a longer proof passes")
		}
		if from < to && ledger.CheckConsistency(l.at(to), l.at(from), proof) == nil {
			t.Fatal("a later head begins an earlier one")
		}
	})
}

func TestWhatIsNotInTheLogCannotBeProven(t *testing.T) {
	l := newLog(t, 5)
	for _, seq := range []int64{-1, 0, 6} {
		if _, err := ledger.ProveInclusion(seq, 5, l.find); err == nil {
			t.Errorf("place %d was proven", seq)
		}
		if ledger.CheckInclusion(l.at(5), entry(0), ledger.Inclusion{Seq: seq}) == nil {
			t.Errorf("place %d was taken", seq)
		}
	}
	if _, err := ledger.ProveConsistency(6, 5, l.find); err == nil {
		t.Error("a longer log was proven to begin a shorter one")
	}
	if _, err := ledger.ProveInclusion(1, 1<<60, l.find); err == nil {
		t.Error("an absurd size was taken")
	}
}

func TestACheckpointIsReadUnderItsOwnKeyOnly(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)
	sealed, err := ledger.SealCheckpoint(key(1), ledger.Checkpoint{Form: 1, Size: 7, Root: entry(1), At: at})
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.OpenCheckpoint(public(key(1)), sealed)
	if err != nil || c.Size != 7 || c.Root != entry(1) || !c.At.Equal(at) {
		t.Errorf("the checkpoint came back as %+v (%v)", c, err)
	}
	if _, err := ledger.OpenCheckpoint(public(key(2)), sealed); err == nil {
		t.Error("another central's checkpoint passes")
	}
	for _, payload := range []string{"{", `{"form":2,"size":1}`, `{"form":1,"size":-1}`} {
		if _, err := ledger.OpenCheckpoint(public(key(1)), ledger.Seal(key(1), ledger.TypeCheckpoint, []byte(payload))); err == nil {
			t.Errorf("%s passes for a checkpoint", payload)
		}
	}
}

func TestAReceiptIsProvenOfflineOrNotAtAll(t *testing.T) {
	l := newLog(t, 9)
	central := key(1)
	receipt := ledger.Receipt{Form: 1, Command: "c", Accepted: true, Events: []ledger.Citation{
		{Stream: "process/1", Version: 1, Hash: entry(2)}, {Stream: "process/1", Version: 2, Hash: entry(3)},
	}}
	sealed, err := ledger.SealReceipt(central, receipt)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := ledger.SealCheckpoint(central, l.at(9))
	if err != nil {
		t.Fatal(err)
	}
	prove := func(seq int64) ledger.Inclusion {
		p, err := ledger.ProveInclusion(seq, 9, l.find)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := ledger.ReceiptProof{Receipt: sealed, Checkpoint: &checkpoint, Inclusion: []ledger.Inclusion{prove(3), prove(4)}}
	if r, c, err := good.Open(public(central)); err != nil || r.Command != "c" || c.Size != 9 {
		t.Fatalf("%+v %+v %v", r, c, err)
	}
	if _, c, err := (ledger.ReceiptProof{Receipt: sealed}).Open(public(central)); err != nil || c != nil {
		t.Errorf("a receipt alone: %+v %v", c, err)
	}
	foreign, err := ledger.SealCheckpoint(key(2), l.at(9))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]ledger.ReceiptProof{
		"another central's checkpoint": {Receipt: sealed, Checkpoint: &foreign, Inclusion: good.Inclusion},
		"one event of two":             {Receipt: sealed, Checkpoint: &checkpoint, Inclusion: good.Inclusion[:1]},
		"places exchanged":             {Receipt: sealed, Checkpoint: &checkpoint, Inclusion: []ledger.Inclusion{prove(4), prove(3)}},
		"no checkpoint":                {Receipt: sealed, Inclusion: good.Inclusion},
		"a checkpoint as receipt":      {Receipt: checkpoint},
	} {
		if _, _, err := p.Open(public(central)); err == nil {
			t.Errorf("a proof with %s passes", name)
		}
	}
	if _, _, err := good.Open(public(key(2))); err == nil {
		t.Error("the proof passes under another key")
	}
}

// A file that claims to be a proof may hold anything; it verifies only if it is
// the proof that was made.
func FuzzReceiptProof(f *testing.F) {
	l := newLog(f, 9)
	central := key(1)
	receipt, err := ledger.SealReceipt(central, ledger.Receipt{Form: 1, Command: "c", Accepted: true, Events: []ledger.Citation{{Stream: "process/1", Version: 1, Hash: entry(2)}}})
	if err != nil {
		f.Fatal(err)
	}
	checkpoint, err := ledger.SealCheckpoint(central, l.at(9))
	if err != nil {
		f.Fatal(err)
	}
	inclusion, err := ledger.ProveInclusion(3, 9, l.find)
	if err != nil {
		f.Fatal(err)
	}
	good, err := json.Marshal(ledger.ReceiptProof{Receipt: receipt, Checkpoint: &checkpoint, Inclusion: []ledger.Inclusion{inclusion}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"inclusion":[{"seq":-1,"path":[]}]}`))
	f.Add([]byte(`{"receipt":null,"checkpoint":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p ledger.ReceiptProof
		if json.Unmarshal(data, &p) != nil {
			return
		}
		r, c, err := p.Open(public(central))
		if err == nil && (r.Command != "c" || c != nil && (c.Size != 9 || p.Inclusion[0].Seq != 3)) {
			t.Errorf("%s verifies as %+v under %+v", data, r, c)
		}
	})
}

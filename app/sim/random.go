package sim

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

// random is a reader of bytes that follow from a seed.
type random struct {
	mu sync.Mutex
	r  *rand.ChaCha8
	// point is told before bytes are given; nil for nobody.
	point func(string)
}

func newRandom(seed uint64) *random {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	copy(key[8:], "seirs simulator")
	return &random{r: rand.NewChaCha8(key)}
}

func (r *random) Read(p []byte) (int, error) {
	if r.point != nil {
		r.point("randomness")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.r.Read(p)
}

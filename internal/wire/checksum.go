package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
)

// rowDigest stands for one live row in a bucket's checksum.
func rowDigest(key string, version int64) ledger.Hash {
	s := sha256.New()
	s.Write([]byte("seirs/row/1"))
	s.Write(binary.BigEndian.AppendUint64(nil, uint64(version)))
	s.Write([]byte(key))
	return ledger.Hash(s.Sum(nil))
}

var checksumModulus = new(big.Int).Lsh(big.NewInt(1), 256)

// AddRow returns the checksum of a bucket after a live row came to it. The sum
// is modulo 2^256, so it does not depend on the order of the rows.
func AddRow(sum ledger.Hash, key string, version int64) ledger.Hash {
	d := rowDigest(key, version)
	return combine(sum, d, (*big.Int).Add)
}

// RemoveRow returns the checksum after a live row left the bucket.
func RemoveRow(sum ledger.Hash, key string, version int64) ledger.Hash {
	d := rowDigest(key, version)
	return combine(sum, d, (*big.Int).Sub)
}

func combine(a, b ledger.Hash, op func(z, x, y *big.Int) *big.Int) ledger.Hash {
	z := op(new(big.Int), new(big.Int).SetBytes(a[:]), new(big.Int).SetBytes(b[:]))
	z.Mod(z, checksumModulus)
	var out ledger.Hash
	z.FillBytes(out[:])
	return out
}

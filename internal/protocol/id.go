package protocol

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const idLength = 36

// maxIDMillis is the last millisecond that 48 bits carry.
const maxIDMillis = 1<<48 - 1

// NewID makes a UUID of version 7 (RFC 9562) in its canonical text: 48 bits of
// Unix milliseconds, then 12 bits of the fraction of that millisecond (the RFC's
// method 3, so that identifiers made one after the other usually sort so), then
// 62 random bits. The same inputs give the same identifier. A time before 1970
// counts as 1970. It panics when random fails or ends: no command may go out
// under an identifier that is not unique.
func NewID(now time.Time, random io.Reader) string {
	millis := min(max(now.UnixMilli(), 0), maxIDMillis)
	fraction := uint64(now.Nanosecond()%int(time.Millisecond)) * 4096 / uint64(time.Millisecond)
	var b [16]byte
	if _, err := io.ReadFull(random, b[8:]); err != nil {
		panic(fmt.Sprintf("protocol: reading randomness for an identifier: %v", err))
	}
	binary.BigEndian.PutUint64(b[:8], uint64(millis)<<16|0x7000|fraction)
	b[8] = b[8]&0x3f | 0x80
	return formatID(b)
}

// ParseID checks that s is a version 7 UUID in canonical form (lower case, with
// hyphens: one identifier has one spelling, because answers are stored under it)
// and returns the moment it was made at by its maker's clock, in UTC to the
// millisecond. It refuses everything else with CodeNumber.
func ParseID(s string) (time.Time, error) {
	b, ok := idBytes(s)
	if !ok || b[6]>>4 != 7 || b[8]>>6 != 2 || formatID(b) != s {
		return time.Time{}, sei.Errorf(CodeNumber, "O identificador do comando não é válido. Atualize o programa e tente de novo.")
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b[:8]) >> 16)).UTC(), nil
}

func formatID(b [16]byte) string {
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func idBytes(s string) (b [16]byte, ok bool) {
	if len(s) != idLength || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return b, false
	}
	_, err := hex.Decode(b[:], []byte(s[:8]+s[9:13]+s[14:18]+s[19:23]+s[24:]))
	return b, err == nil
}

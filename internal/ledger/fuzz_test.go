package ledger

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"
)

func fuzzKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) }

// FuzzSealed: whatever comes under a seal, only what the key sealed opens, and
// what opens is what was sealed.
func FuzzSealed(f *testing.F) {
	key := fuzzKey()
	receipt, err := SealReceipt(key, Receipt{Form: 1, Command: "c", Accepted: true, At: time.Unix(1, 0).UTC()})
	if err != nil {
		f.Fatal(err)
	}
	checkpoint, err := SealCheckpoint(key, Checkpoint{Size: 1, At: time.Unix(1, 0).UTC()})
	if err != nil {
		f.Fatal(err)
	}
	genuine := map[string]bool{}
	for _, s := range []Sealed{receipt, checkpoint} {
		data, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		genuine[string(s.Payload)] = true
		f.Add(data)
	}
	f.Add([]byte(`{"type":"","payload":"","key":"","sig":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Sealed
		if json.Unmarshal(data, &s) != nil {
			return
		}
		public := key.Public().(ed25519.PublicKey)
		_, errReceipt := OpenReceipt(public, s, "c", Hash{})
		_, errCheckpoint := OpenCheckpoint(public, s)
		if (errReceipt == nil || errCheckpoint == nil) && !genuine[string(s.Payload)] {
			t.Fatalf("%s opens and was never sealed", data)
		}
	})
}

// FuzzHash: the text form of a hash is one for each hash.
func FuzzHash(f *testing.F) {
	f.Add("00")
	f.Add(Hash{1, 2, 3}.String())
	f.Fuzz(func(t *testing.T, text string) {
		var h, again Hash
		if h.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(h.String())); err != nil || again != h {
			t.Fatalf("%q is %s, which is read as %s (%v)", text, h, again, err)
		}
	})
}

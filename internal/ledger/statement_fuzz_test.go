package ledger

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"
)

// FuzzStatements: signed words of any content are read without a panic, and those
// that open are within their limits; records match a receipt only if they are what
// it cites.
func FuzzStatements(f *testing.F) {
	key := ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	pub := key.Public().(ed25519.PublicKey)
	for _, seed := range []string{
		`{"form":1,"central":"c","until":"2026-03-10T12:00:00Z","size":3,"root":"0000000000000000000000000000000000000000000000000000000000000000","at":"2026-03-10T12:00:00Z"}`,
		`{"form":1,"central":"c","id":"x","open":true,"since":"2026-03-10T12:00:00Z","backup":"2026-03-10T12:00:00Z","until":"2026-03-10T12:00:00Z","size":3}`,
		`{"form":2,"command":"c","accepted":true,"events":[{"stream":"s","version":1,"hash":"00","seq":1}]}`, `{}`, `null`, `[`,
	} {
		f.Add([]byte(seed), []byte(`[{"seq":1,"header":{"stream":"s","version":1,"kind":"k"},"salt":"AAAAAAAAAAAAAAAAAAAAAA==","payload":{}}]`))
	}
	f.Fuzz(func(t *testing.T, said, events []byte) {
		if b, err := OpenBackup(pub, Seal(key, TypeBackup, said)); err == nil && (b.Size < 0 || b.Size > MaxLogSize) {
			t.Errorf("%s opened", said)
		}
		if r, err := OpenRecovery(pub, Seal(key, TypeRecovery, said)); err == nil && (r.ID == "" || len(r.ID) > 64 || r.FirstLost < 0) {
			t.Errorf("%s opened", said)
		}
		known := func(id string) ([]byte, bool) { return pub, id == KeyID(pub) }
		receipt, err := OpenAnswer(known, Seal(key, TypeReceipt, said))
		var records []Record
		if err != nil || json.Unmarshal(events, &records) != nil || MatchRecords(receipt, records) != nil {
			return
		}
		for i, e := range receipt.Events {
			if records[i].Header.Hash() != e.Hash || records[i].Check() != nil {
				t.Errorf("%s matches %s", events, said)
			}
		}
	})
}

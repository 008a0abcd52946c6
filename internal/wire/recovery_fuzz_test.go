package wire_test

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// FuzzGiveBack: whatever is handed in or answered in a recovery is decoded
// without a panic; what passes is within the limits, and an answer that opens is
// to the very request.
func FuzzGiveBack(f *testing.F) {
	key := ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	for _, seed := range []string{
		`{"form":1,"recovery":"r","nonce":"AAAAAAAAAAAAAAAAAAAAAA==","acts":[{"receipt":{"type":"t","payload":"e30=","key":"k","sig":""}}],"numbers":[1],"done":true}`,
		`{"form":1,"central":"c","recovery":"r","device":"d","nonce":"AAAAAAAAAAAAAAAAAAAAAA==","results":[{"command":"c","state":"restored","blobs":["x"]}]}`,
		`{"form":2}`, `[]`, `null`, `{"acts":[null]}`, `{"acts":[{"records":[{"seq":-1,"header":{"stream":"s"}}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		again[wire.GiveBackAnswer](t, data)
		var request wire.GiveBackRequest
		if json.Unmarshal(data, &request) != nil {
			request = wire.GiveBackRequest{}
		}
		if request.Check() == nil && (len(request.Acts) > wire.MaxGiveBack || len(request.Numbers) > wire.MaxGiveBackNumbers || len(request.Nonce) != wire.NonceSize) {
			t.Errorf("%s passed the check", data)
		}
		sealed := ledger.Seal(key, ledger.TypeGiveBack, data)
		answer, err := wire.OpenGiveBack(key.Public().(ed25519.PublicKey), sealed, "d", request)
		if err == nil && (answer.Recovery != request.Recovery || string(answer.Nonce) != string(request.Nonce) || answer.Device != "d" || len(answer.Results) != len(request.Acts)) {
			t.Errorf("%s was taken for the answer to %+v", data, request)
		}
	})
}

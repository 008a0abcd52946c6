package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// FuzzAnswers: what a central says is decoded without a panic, and decodes to the
// same after it was encoded again: a desk keeps rows as it read them.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"pages":[{"bucket":"unit/u","rows":[{"key":"process/p","version":3,"body":{"process":"p"}}],"cursor":3,"checksum":"00"}],"more":false}`,
		`{"token":"t","results":[{"command":"c","receipt":{"type":"r","payload":"e30=","key":"k","sig":"AA=="}},{"command":"d","waiting":{"blobs":["x"]}}]}`,
		`{"leases":[{"from":1,"to":9}]}`, `{"hits":[{"process":"p","number":"26/1"}],"more":true}`, `{"status":404,"code":"not_found","detail":"x"}`, `[]`, `null`, `{"pages":[null]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		again[wire.PullResponse](t, data)
		again[wire.PushResponse](t, data)
		again[wire.LeaseResponse](t, data)
		again[wire.SearchResponse](t, data)
		again[wire.LoginResponse](t, data)
		again[wire.CheckpointResponse](t, data)
		again[wire.Problem](t, data)
		again[wire.InboxLine](t, data)
		again[wire.MinuteRow](t, data)
		again[wire.EventRow](t, data)
	})
}

func again[T any](t *testing.T, data []byte) {
	t.Helper()
	var first, second T
	if json.Unmarshal(data, &first) != nil {
		return
	}
	one, err := json.Marshal(first)
	if err != nil {
		return // a raw body that is no JSON cannot come out of a decoder: see below
	}
	if err := json.Unmarshal(one, &second); err != nil {
		t.Fatalf("%T: %s was encoded as %s, which does not decode: %v", first, data, one, err)
	}
	two, err := json.Marshal(second)
	if err != nil || string(one) != string(two) {
		t.Fatalf("%T: %s became %s and then %s (%v)", first, data, one, two, err)
	}
}

func FuzzReferenceRow(f *testing.F) {
	f.Add("unit/u", []byte(`{"id":"u"}`))
	f.Add("process-type/1", []byte(`{"id":1}`))
	f.Add("extension/pdf", []byte(`{"extension":"pdf"}`))
	f.Add("", []byte(`null`))
	f.Fuzz(func(t *testing.T, key string, body []byte) {
		r := wire.NewReference()
		if err := r.Take(key, body); err != nil && len(r.Units)+len(r.Agencies)+len(r.DocumentTypes) > 0 {
			t.Fatalf("a row that fails left something behind: %q %q", key, body)
		}
	})
}

func FuzzBucketName(f *testing.F) {
	f.Add("process/1")
	f.Add("catalogue")
	f.Add("//")
	f.Fuzz(func(t *testing.T, name string) {
		kind, id := wire.Bucket(name).Parts()
		if joined := kind + "/" + id; joined != name && kind != name {
			t.Fatalf("%q has the parts %q and %q", name, kind, id)
		}
	})
}

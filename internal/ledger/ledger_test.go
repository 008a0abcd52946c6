package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func anyHash(t *rapid.T, label string) ledger.Hash {
	return ledger.Hash(rapid.SliceOfN(rapid.Byte(), ledger.HashSize, ledger.HashSize).Draw(t, label))
}

func anyHeader(t *rapid.T) ledger.Header {
	text := rapid.StringN(0, 40, 512)
	return ledger.Header{
		Stream: rapid.StringN(1, 40, 512).Draw(t, "stream"), Version: rapid.Int64Min(1).Draw(t, "version"), Prev: anyHash(t, "prev"),
		Kind: rapid.StringN(1, 40, 512).Draw(t, "kind"), Command: text.Draw(t, "command"), Unit: text.Draw(t, "unit"), User: text.Draw(t, "user"),
		At: time.UnixMicro(rapid.Int64Range(-1<<50, 1<<52).Draw(t, "at")).UTC(), Digest: anyHash(t, "digest"),
	}
}

// anyChain is a stream whose headers follow each other.
func anyChain(t *rapid.T, least int) []ledger.Header {
	headers := make([]ledger.Header, rapid.IntRange(least, 6).Draw(t, "length"))
	var last ledger.Hash
	for i := range headers {
		h := anyHeader(t)
		h.Stream, h.Version, h.Prev = "process/1", int64(i+1), last
		headers[i], last = h, h.Hash()
	}
	return headers
}

func TestAHeaderComesBackFromItsBinaryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHeader(t)
		back, err := ledger.DecodeHeader(h.Encode())
		if err != nil || back != h || back.Hash() != h.Hash() {
			t.Fatalf("%+v came back as %+v (%v)", h, back, err)
		}
	})
}

func TestAHeaderComesBackFromJSONWithTheSameHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHeader(t)
		h.At = time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "at")).UTC()
		data, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		var back ledger.Header
		if err := json.Unmarshal(data, &back); err != nil || back.Hash() != h.Hash() {
			t.Fatalf("%s came back as %+v (%v)", data, back, err)
		}
	})
}

func TestOneBitFlippedInAHeaderChangesItsHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHeader(t)
		data := h.Encode()
		bit := rapid.IntRange(0, len(data)*8-1).Draw(t, "bit")
		data[bit/8] ^= 1 << (bit % 8)
		back, err := ledger.DecodeHeader(data)
		if err == nil && back.Hash() == h.Hash() {
			t.Fatalf("bit %d makes no difference", bit)
		}
	})
}

func TestOneBitFlippedAnywhereBreaksTheChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		headers := anyChain(t, 2)
		if err := ledger.CheckChain(0, ledger.Hash{}, headers); err != nil {
			t.Fatal(err)
		}
		// The last header is bound by what follows or by a receipt, not by itself.
		at := rapid.IntRange(0, len(headers)-2).Draw(t, "header")
		data := headers[at].Encode()
		bit := rapid.IntRange(0, len(data)*8-1).Draw(t, "bit")
		data[bit/8] ^= 1 << (bit % 8)
		back, err := ledger.DecodeHeader(data)
		if err != nil {
			return
		}
		headers[at] = back
		if ledger.CheckChain(0, ledger.Hash{}, headers) == nil {
			t.Fatalf("bit %d of header %d makes no difference", bit, at+1)
		}
	})
}

func TestAChainWithAGapASwapOrAnotherStreamIsBroken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		headers := anyChain(t, 3)
		var last ledger.Hash
		for name, broken := range map[string][]ledger.Header{
			"a gap":               append([]ledger.Header{headers[0]}, headers[2:]...),
			"a missing beginning": headers[1:],
			"a repetition":        append([]ledger.Header{headers[0]}, headers...),
			"a swap":              {headers[1], headers[0]},
		} {
			if ledger.CheckChain(0, last, broken) == nil {
				t.Fatalf("%s was not noticed", name)
			}
		}
		other := headers[1]
		other.Stream = "process/2"
		if ledger.CheckChain(0, last, []ledger.Header{headers[0], other}) == nil {
			t.Fatal("a header of another stream was not noticed")
		}
		if err := ledger.CheckChain(1, headers[0].Hash(), headers[1:]); err != nil {
			t.Fatalf("the rest of a chain does not follow its beginning: %v", err)
		}
	})
}

func TestAPayloadIsBoundToItsHeaderWithItsSalt(t *testing.T) {
	salt, payload := bytes.Repeat([]byte{7}, ledger.SaltSize), []byte(`{"to":["u1"]}`)
	h := ledger.Header{Stream: "s", Version: 1, Kind: "k", Digest: ledger.Digest(salt, payload)}
	if err := ledger.CheckPayload(h, salt, payload); err != nil {
		t.Fatal(err)
	}
	otherSalt := bytes.Repeat([]byte{8}, ledger.SaltSize)
	for name, err := range map[string]error{
		"another payload": ledger.CheckPayload(h, salt, []byte(`{"to":["u2"]}`)),
		"another salt":    ledger.CheckPayload(h, otherSalt, payload),
		"a short salt":    ledger.CheckPayload(h, salt[:15], payload),
		// Bytes moved over the border between salt and payload.
		"a longer salt": ledger.CheckPayload(h, append(bytes.Clone(salt), payload[0]), payload[1:]),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestWhatAHeaderMayNotSay(t *testing.T) {
	good := ledger.Header{Stream: "s", Version: 1, Kind: "k", At: time.UnixMicro(1).UTC()}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*ledger.Header){
		"no stream":               func(h *ledger.Header) { h.Stream = "" },
		"no kind":                 func(h *ledger.Header) { h.Kind = "" },
		"a version before one":    func(h *ledger.Header) { h.Version = 0 },
		"a field that never ends": func(h *ledger.Header) { h.User = string(make([]byte, 513)) },
		"a nanosecond":            func(h *ledger.Header) { h.At = h.At.Add(1) },
	} {
		h := good
		change(&h)
		if h.Check() == nil {
			t.Errorf("a header with %s passes", name)
		}
	}
}

func TestAReceiptIsForOneCommandAndItsBytes(t *testing.T) {
	central := key(1)
	sent := ledger.Seal(key(2), ledger.TypeCommand, []byte(`{"id":"c1"}`)).Hash()
	seal := func(r ledger.Receipt) ledger.Sealed {
		s, err := ledger.SealReceipt(central, r)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	good := ledger.Receipt{Form: 1, Command: "c1", CommandHash: sent, Accepted: true, SEINumber: 7}
	r, err := ledger.OpenReceipt(public(central), seal(good), "c1", sent)
	if err != nil || r.SEINumber != 7 {
		t.Fatalf("the receipt was opened as %+v (%v)", r, err)
	}
	other := ledger.Seal(key(2), ledger.TypeCommand, []byte(`{"id":"c1" }`)).Hash()
	if _, err := ledger.OpenReceipt(public(central), seal(good), "c2", sent); err == nil {
		t.Error("a receipt for another command passes")
	}
	if _, err := ledger.OpenReceipt(public(central), seal(good), "c1", other); err == nil {
		t.Error("a receipt for other bytes passes")
	}
	if _, err := ledger.OpenReceipt(public(key(3)), seal(good), "c1", sent); err == nil {
		t.Error("a receipt of another central passes")
	}
	if _, err := ledger.OpenReceipt(public(central), seal(ledger.Receipt{Command: "c1", CommandHash: sent}), "c1", sent); err == nil {
		t.Error("a refusal without a reason passes")
	}
	if _, err := ledger.OpenReceipt(public(central), ledger.Seal(central, ledger.TypeReceipt, []byte("{")), "c1", sent); err == nil {
		t.Error("a malformed receipt passes")
	}
}

func TestASealOfAnotherTypeIsRefused(t *testing.T) {
	k := key(1)
	types := []string{ledger.TypeCommand, ledger.TypeReceipt, ledger.TypeCheckpoint, ledger.TypeRotation}
	for _, sealed := range types {
		for _, wanted := range types {
			s := ledger.Seal(k, sealed, []byte("{}"))
			if err := s.Verify(public(k), wanted); (err == nil) != (sealed == wanted) {
				t.Errorf("a %s read as %s: %v", sealed, wanted, err)
			}
			s.Type = wanted
			if err := s.Verify(public(k), wanted); (err == nil) != (sealed == wanted) {
				t.Errorf("a %s renamed to %s: %v", sealed, wanted, err)
			}
		}
	}
}

func TestOneBitFlippedInASealedMessageIsNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := key(1)
		s := ledger.Seal(k, ledger.TypeCommand, rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "payload"))
		before := s.Hash()
		flip := func(b []byte) []byte {
			b = bytes.Clone(b)
			bit := rapid.IntRange(0, len(b)*8-1).Draw(t, "bit")
			b[bit/8] ^= 1 << (bit % 8)
			return b
		}
		if rapid.Bool().Draw(t, "signature") {
			s.Sig = flip(s.Sig)
		} else {
			s.Payload = flip(s.Payload)
			if s.Hash() == before {
				t.Fatal("the hash does not notice")
			}
		}
		if s.Verify(public(k), ledger.TypeCommand) == nil {
			t.Fatal("the signature does not notice")
		}
	})
}

func TestASealIsVerifiedWithItsOwnKey(t *testing.T) {
	s := ledger.Seal(key(1), ledger.TypeCommand, []byte("{}"))
	s.Key = ledger.KeyID(public(key(2)))
	if s.Verify(public(key(1)), ledger.TypeCommand) == nil || s.Verify(public(key(2)), ledger.TypeCommand) == nil {
		t.Error("a seal that names another key passes")
	}
	if s.Verify(nil, ledger.TypeCommand) == nil {
		t.Error("a seal passes without a key")
	}
}

func TestASealTravelsAsJSON(t *testing.T) {
	s := ledger.Seal(key(1), ledger.TypeCommand, []byte("{\"a\": \"<ç>\"}\n"))
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back ledger.Sealed
	if err := json.Unmarshal(data, &back); err != nil || back.Hash() != s.Hash() || back.Verify(public(key(1)), ledger.TypeCommand) != nil {
		t.Errorf("the seal came back as %+v (%v)", back, err)
	}
}

// The header's form is frozen: these bytes were written by the first release.
func TestTheHeaderOfTheFirstReleaseKeepsItsHash(t *testing.T) {
	h := ledger.Header{
		Stream: "process/0190a5e4-0000-7000-8000-000000000001", Version: 2, Prev: ledger.Hash{1, 2, 3}, Kind: "process.sent",
		Command: "0190a5e4-0000-7000-8000-000000000002", Unit: "u1", User: "p1", At: time.Date(2026, 3, 2, 15, 4, 5, 678901000, time.UTC),
		Digest: ledger.Digest(bytes.Repeat([]byte{9}, ledger.SaltSize), []byte(`{"to":["u2"],"keepOpen":false}`)),
	}
	const want = "451cf1ad41862883c7cd8279ca7f747b9d38c2a94d3b82fb89eb9892e2e80cb2"
	if got := h.Hash().String(); got != want {
		t.Errorf("the hash is %s, not %s", got, want)
	}
}

func TestAHashIsReadOnlyInItsWholeForm(t *testing.T) {
	var h ledger.Hash
	for _, text := range []string{"", "00", string(bytes.Repeat([]byte{'z'}, 64)), string(bytes.Repeat([]byte{'0'}, 65))} {
		if h.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q was read as a hash", text)
		}
	}
}

func FuzzDecodeHeader(f *testing.F) {
	f.Add(ledger.Header{Stream: "process/1", Version: 1, Kind: "process.started", Command: "c", Unit: "u", User: "p", At: time.UnixMicro(1)}.Encode())
	f.Add([]byte{1, 0xff, 0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ledger.DecodeHeader(data)
		if err == nil && !bytes.Equal(h.Encode(), data) {
			t.Fatalf("%x was read as %+v, which is written as %x", data, h, h.Encode())
		}
	})
}

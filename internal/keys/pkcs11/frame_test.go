package pkcs11

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"
)

func TestAMessageArrivesAsItWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sent := request{Op: rapid.StringMatching(`[a-z]{0,9}`).Draw(t, "op"), Hash: rapid.Uint().Draw(t, "hash")}
		blob := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "blob")
		var wire bytes.Buffer
		if err := writeFrame(&wire, sent, blob); err != nil {
			t.Fatal(err)
		}
		var got request
		back, err := readFrame(&wire, &got)
		if err != nil || got != sent || !bytes.Equal(back, blob) || wire.Len() != 0 {
			t.Fatalf("got %+v %x, %v", got, back, err)
		}
	})
}

func TestAMessageOverTheLimitIsNeitherSentNorRead(t *testing.T) {
	if err := writeFrame(io.Discard, request{}, make([]byte, maxFrame)); err == nil {
		t.Error("sent")
	}
	head := binary.BigEndian.AppendUint32(nil, maxFrame+1)
	if _, err := readFrame(bytes.NewReader(append(head, 0, 0, 0, 0)), &request{}); !errors.Is(err, errFrame) {
		t.Errorf("read: %v", err)
	}
}

func TestAMessageCutShortIsNotTheEndOfTheStream(t *testing.T) {
	var wire bytes.Buffer
	if err := writeFrame(&wire, request{Op: opSign}, []byte("digest")); err != nil {
		t.Fatal(err)
	}
	whole := wire.Bytes()
	for n := range whole {
		_, err := readFrame(bytes.NewReader(whole[:n]), &request{})
		if err == nil || (n > 0 && n < 4 && !errors.Is(err, io.ErrUnexpectedEOF)) || (n >= 4 && !errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func FuzzReadingAMessageNeverPanics(f *testing.F) {
	var wire bytes.Buffer
	if err := writeFrame(&wire, response{Failure: &failure{Detail: "x"}}, []byte("blob")); err != nil {
		f.Fatal(err)
	}
	f.Add(wire.Bytes())
	f.Add([]byte{0, 0, 0, 4, 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, data []byte) {
		var r response
		blob, err := readFrame(bytes.NewReader(data), &r)
		if err == nil && len(blob) > len(data) {
			t.Error("more came out than went in")
		}
	})
}

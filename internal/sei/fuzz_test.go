package sei_test

import (
	"encoding/json"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// FuzzDecodeBody: bodies of commands come from workstations.
func FuzzDecodeBody(f *testing.F) {
	for _, kind := range sei.CommandKinds() {
		f.Add(string(kind), []byte(`{}`))
		f.Add(string(kind), []byte(`{"document":"d","level":1,"to":["u"],"text":{"x":1},"file":{"content":{"sha256":"a","size":-1}},"frozen":{}}`))
	}
	f.Add("Unknown", []byte(`null`))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		body, err := sei.DecodeBody(sei.CommandKind(kind), data)
		if err != nil {
			if sei.CodeOf(err) != sei.CodeInvalid {
				t.Fatalf("%s %q fails without words for the servant: %v", kind, data, err)
			}
			return
		}
		if body.Kind() != sei.CommandKind(kind) {
			t.Fatalf("%s was decoded as %s", kind, body.Kind())
		}
		_ = sei.CitedBlobs(body)
		_ = sei.DocumentOf(body)
	})
}

// FuzzDecodePayload: payloads of events come from the central, perhaps a newer one.
func FuzzDecodePayload(f *testing.F) {
	for _, kind := range []sei.EventKind{sei.EvDocumentSigned, "process.started", "x"} {
		f.Add(string(kind), []byte(`{}`))
	}
	f.Add("process.started", []byte(`{"number":"26/1","level":2,"interested":[{}]}`))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		p, err := sei.DecodePayload(sei.EventKind(kind), data)
		if err != nil {
			return
		}
		if p.Kind() != sei.EventKind(kind) {
			t.Fatalf("%s was decoded as %s", kind, p.Kind())
		}
	})
}

// FuzzProcessState: folded states come from the central and from the disk.
func FuzzProcessState(f *testing.F) {
	f.Add([]byte(`{"id":"p","units":{"u":{"open":true}},"order":["d"],"localLevel":1}`), []byte(`{"id":"d","kind":"internal","signatures":[{}],"superseded":[{"crc":"1"}]}`))
	f.Add([]byte(`{"units":null}`), []byte(`{"file":{}}`))
	f.Fuzz(func(t *testing.T, process, document []byte) {
		p, d := sei.NewProcess(), new(sei.Document)
		if json.Unmarshal(process, p) != nil || json.Unmarshal(document, d) != nil {
			return
		}
		p.Documents = map[sei.DocumentID]*sei.Document{d.ID: d}
		nobody := sei.Actor{Unit: "fora"}
		if sei.Reads(p, nobody) != sei.ReadNothing || sei.ReadsDocument(p, d, nobody) {
			t.Fatalf("somebody without a profile reads %s", process)
		}
		_ = p.NamesOnly()
		_ = d.NamesOnly()
		_ = d.PenColour()
		_ = p.DocumentsInOrder()
		if sei.Discloses(p, d, "12345678") == sei.DiscloseDocument && p.GlobalLevel() != sei.Public {
			t.Fatalf("%s is disclosed", process)
		}
	})
}

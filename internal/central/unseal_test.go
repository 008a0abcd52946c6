package central

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Whatever a workstation seals, the central answers with a command or an error
// for the servant, never with a panic or somebody else's command.
func FuzzUnseal(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	ses := Session{User: "u", Device: "d", DeviceKey: key.Public().(ed25519.PublicKey), Epoch: 1}
	c, err := wire.NewCommand(wire.Command{
		ID: "0195c0de-0000-7000-8000-000000000001", Process: "0195c0de-0000-7000-8000-000000000002", User: "u", Unit: "un", Device: "d",
		Epoch: 1, DeclaredAt: time.Unix(0, 0).UTC(),
	}, sei.NoteProgress{Text: "x"})
	if err != nil {
		f.Fatal(err)
	}
	good, err := wire.SealCommand(key, c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good.Payload)
	f.Add([]byte(`{"form":1,"id":"a","process":"b","user":"u","unit":"c","device":"d","kind":"AddDocument","version":1,"body":null}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		p, err := unseal(ses, ledger.Seal(key, ledger.TypeCommand, payload))
		if err != nil {
			if sei.CodeOf(err) == sei.CodeInternal {
				t.Errorf("not an error for the servant: %v", err)
			}
			return
		}
		if p.wire.User != ses.User || p.wire.Device != ses.Device || p.command.Body == nil {
			t.Errorf("took %+v", p.wire)
		}
		p.parseText()
	})
}

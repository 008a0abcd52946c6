package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// A release that gives a message a new form adds its line to recordings and
// writes the file with `go test ./internal/wire -run Recorded -update`. A file
// that is there is never written again.
var update = flag.Bool("update", false, "record the messages that have no file yet")

var (
	centralKey    = ed25519.NewKeyFromSeed([]byte("fedcba9876543210fedcba9876543210"))
	centralPublic = centralKey.Public().(ed25519.PublicKey)
	recordedAt    = time.Date(2026, 3, 2, 15, 4, 5, 678901000, time.UTC)
	recordedHash  = ledger.Hash(bytes.Repeat([]byte{0xa1}, 32))
)

// recording is a message of the central as some release wrote it.
type recording struct {
	file string
	typ  string // of the seal; empty for what is not sealed
	want any    // what it says
	// open reads it as the program does.
	open func(t *testing.T, data []byte) (any, error)
}

func sealedOpen[T any](open func(ledger.Sealed) (T, error)) func(*testing.T, []byte) (any, error) {
	return func(t *testing.T, data []byte) (any, error) {
		t.Helper()
		var s ledger.Sealed
		if err := json.Unmarshal(data, &s); err != nil {
			t.Fatal(err)
		}
		return open(s)
	}
}

func recordings() []recording {
	cited := ledger.Citation{Stream: "process/p1", Version: 2, Hash: recordedHash}
	placed := cited
	placed.Seq = 41
	accepted := ledger.Receipt{Form: 1, Command: "c1", CommandHash: recordedHash, Accepted: true, At: recordedAt, Events: []ledger.Citation{cited}, ProcessNumber: "26/1300-0000001-0", SEINumber: 1000001, TypeNumber: "45", Side: true}
	second := accepted
	second.Form, second.Events = 2, []ledger.Citation{placed}
	refused := ledger.Receipt{Form: 2, Command: "c1", CommandHash: recordedHash, Code: "forbidden", Message: "A unidade não atua neste processo.", At: recordedAt}
	receipt := sealedOpen(func(s ledger.Sealed) (ledger.Receipt, error) {
		return ledger.OpenReceipt(centralPublic, s, "c1", recordedHash)
	})
	recovery := sealedOpen(func(s ledger.Sealed) (ledger.RecoveryStatement, error) { return ledger.OpenRecovery(centralPublic, s) })
	open := ledger.RecoveryStatement{Form: 1, Central: "central-1", ID: "recovery-1", Open: true, Since: recordedAt, Backup: recordedAt, Until: recordedAt, Size: 40}
	closed := open
	closed.Open, closed.Finished, closed.FirstLost, closed.Lost = false, recordedAt, 41, 1
	request := wire.GiveBackRequest{Form: 1, Recovery: "recovery-1", Nonce: []byte("0123456789abcdef"), Acts: make([]wire.GiveBackItem, 1)}
	return []recording{
		{"receipt-1", ledger.TypeReceipt, accepted, receipt},
		{"receipt-2", ledger.TypeReceipt, second, receipt},
		{"receipt-2-refusal", ledger.TypeReceipt, refused, receipt},
		{"checkpoint-1", ledger.TypeCheckpoint, ledger.Checkpoint{Form: 1, Size: 41, Root: recordedHash, At: recordedAt},
			sealedOpen(func(s ledger.Sealed) (ledger.Checkpoint, error) { return ledger.OpenCheckpoint(centralPublic, s) })},
		{"backup-1", ledger.TypeBackup, ledger.BackupStatement{Form: 1, Central: "central-1", Until: recordedAt, Size: 41, Root: recordedHash, At: recordedAt},
			sealedOpen(func(s ledger.Sealed) (ledger.BackupStatement, error) { return ledger.OpenBackup(centralPublic, s) })},
		{"recovery-1-open", ledger.TypeRecovery, open, recovery},
		{"recovery-1-closed", ledger.TypeRecovery, closed, recovery},
		{"give-back-1", ledger.TypeGiveBack, wire.GiveBackAnswer{
			Form: 1, Central: "central-1", Recovery: request.Recovery, Device: "device-1", Nonce: request.Nonce, PushToken: "token",
			Results: []wire.GiveBackResult{{Command: "c1", State: wire.GivenStaged, Why: "Espera um ato anterior."}},
		}, sealedOpen(func(s ledger.Sealed) (wire.GiveBackAnswer, error) {
			return wire.OpenGiveBack(centralPublic, s, "device-1", request)
		})},
		{"rotation", ledger.TypeRotation, wire.ReceiptKey{ID: ledger.KeyID(centralPublic), Public: centralPublic, From: recordedAt},
			sealedOpen(func(s ledger.Sealed) (k wire.ReceiptKey, err error) {
				return k, errors.Join(s.Verify(centralPublic, ledger.TypeRotation), json.Unmarshal(s.Payload, &k))
			})},
		{"pull", "", recordedPull(), func(_ *testing.T, data []byte) (any, error) {
			var r wire.PullResponse
			err := json.Unmarshal(data, &r)
			return r, err
		}},
	}
}

func recordedPull() wire.PullResponse {
	return wire.PullResponse{Time: recordedAt, More: true, Pages: []wire.Page{
		{Bucket: "process/p1", Cursor: 7, More: true, Reset: true, Rows: []wire.Row{
			{Key: "event/1", Version: 6, Body: json.RawMessage(`{"seq":40,"text":"Processo gerado"}`)}, {Key: "event/2", Version: 7, Gone: true},
		}},
		{Bucket: "unit/u1", Cursor: 9, Checksum: &recordedHash, Rows: []wire.Row{}},
		{Bucket: "process/p2", Revoked: true, Rows: []wire.Row{}},
	}}
}

// write records a message that has no file yet.
func (r recording) write(t *testing.T, path string) {
	t.Helper()
	payload, err := json.Marshal(r.want)
	if err == nil && r.typ != "" {
		payload, err = json.Marshal(ledger.Seal(centralKey, r.typ, payload))
	}
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, append(payload, '\n'), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Receipts, checkpoints and statements are evidence for as long as processes are
// kept: what any release wrote is read by every later one.
func TestEveryRecordedMessageIsUnderstoodForEver(t *testing.T) {
	dir := filepath.Join("testdata", "messages")
	all := recordings()
	for _, r := range all {
		t.Run(r.file, func(t *testing.T) {
			path := filepath.Join(dir, r.file+".json")
			if _, err := os.Stat(path); *update && errors.Is(err, fs.ErrNotExist) {
				r.write(t, path)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.open(t, data)
			if err != nil || !reflect.DeepEqual(got, r.want) {
				t.Errorf("read as %+v, not %+v (%v)", got, r.want, err)
			}
		})
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != len(all) {
		t.Errorf("%d messages are recorded and %d are read (%v)", len(files), len(all), err)
	}
}

// A receipt form that this release writes, and every one before it, is recorded.
func TestEveryFormOfReceiptIsRecorded(t *testing.T) {
	recorded := map[int]bool{}
	for _, r := range recordings() {
		if receipt, ok := r.want.(ledger.Receipt); ok {
			recorded[receipt.Form] = true
		}
	}
	for form := 1; form <= ledger.ReceiptForm; form++ {
		if !recorded[form] {
			t.Errorf("no receipt of form %d is recorded", form)
		}
	}
}

package local

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	password = "senha da Ana, com acento: ção"
	myUnit   = sei.UnitID("u-gab")
	myUser   = sei.UserID("ana")
)

var cheap = PasswordCost{Time: 1, Memory: 64, Threads: 1}

// clock is a time that a test moves by hand.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// world is a workstation with a central that exists on paper.
type world struct {
	*Store
	t       testing.TB
	ctx     context.Context
	clock   *clock
	blobs   *memoryBlobs
	central ed25519.PrivateKey
	seq     map[wire.Bucket]int64
	rows    map[wire.Bucket]map[string]int64
}

func (w *world) options() Options {
	return Options{
		Now: w.clock.Now, Passwords: cheap,
		OpenBlobs: func(string, []byte) (Blobs, error) { return w.blobs, nil },
	}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)},
		blobs: &memoryBlobs{files: map[string][]byte{}}, central: key,
		seq: map[wire.Bucket]int64{}, rows: map[wire.Bucket]map[string]int64{},
	}
	w.Store = w.openAt(t.TempDir())
	device, err := NewDeviceIdentity(w.clock.now, rand.Reader)
	w.ok(err)
	w.ok(w.Create(w.ctx, password, device, Owner{CentralID: "c1", User: myUser, Login: "ana", Agency: "SPGG"}, w.login()))
	return w
}

func (w *world) openAt(dir string) *Store {
	w.t.Helper()
	s, err := Open(w.ctx, dir, w.options())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return s
}

// reopen closes the store and opens it as a new window would.
func (w *world) reopen() {
	w.t.Helper()
	w.ok(w.Store.Close())
	w.Store = w.openAt(w.Dir())
	w.ok(w.Unlock(w.ctx, password))
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(err error, code sei.Code) {
	w.t.Helper()
	if sei.CodeOf(err) != code {
		w.t.Fatalf("got %v, want code %s", err, code)
	}
}

func (w *world) login() wire.LoginResponse {
	public := w.central.Public().(ed25519.PublicKey)
	return wire.LoginResponse{
		Token: "session-token-in-clear", Expires: w.clock.now.Add(8 * time.Hour), Epoch: 1, PushToken: "push-1",
		User: wire.Person{ID: myUser, Login: "ana", Name: "Ana Souza"},
		Units: []wire.MemberUnit{{
			Unit: sei.Unit{ID: myUnit, Acronym: "GAB"}, Profiles: []sei.Profile{sei.ProfileBasic},
		}},
		Central: wire.CentralInfo{ID: "c1", OfflineDays: 7, ReceiptKeys: []wire.ReceiptKey{{ID: ledger.KeyID(public), Public: public}}},
	}
}

// row makes a row of the central with the bucket's next version.
func (w *world) row(b wire.Bucket, key string, body any) wire.Row {
	w.seq[b]++
	if w.rows[b] == nil {
		w.rows[b] = map[string]int64{}
	}
	r := wire.Row{Key: key, Version: w.seq[b]}
	if body == nil {
		r.Gone = true
		delete(w.rows[b], key)
		return r
	}
	w.rows[b][key] = r.Version
	data, err := json.Marshal(body)
	w.ok(err)
	r.Body = data
	return r
}

// page ends with the bucket's checksum at the central.
func (w *world) page(b wire.Bucket, rows ...wire.Row) wire.Page {
	var sum ledger.Hash
	for key, version := range w.rows[b] {
		sum = wire.AddRow(sum, key, version)
	}
	return wire.Page{Bucket: b, Rows: rows, Cursor: w.seq[b], Checksum: &sum}
}

func (w *world) apply(p wire.Page) {
	w.t.Helper()
	mismatch, err := w.ApplyPage(w.ctx, p)
	if err != nil || mismatch {
		w.t.Fatalf("page of %s: mismatch %v, %v", p.Bucket, mismatch, err)
	}
}

func (w *world) sync(b wire.Bucket, rows ...wire.Row) {
	w.t.Helper()
	w.apply(w.page(b, rows...))
}

func text(s string) json.RawMessage { return richtext.FromText(s).Canonical() }

// line is a process in the list of my unit.
func (w *world) line(id sei.ProcessID, change func(*wire.InboxLine)) wire.Row {
	l := wire.InboxLine{
		Process: id, BucketVersion: 1, Number: "26/1300-0000001-1", Type: 1, Specification: "Compra de café",
		Open: true, Received: true, LastEventAt: w.clock.now, Since: w.clock.now, Interested: []string{"João da Conceição"},
	}
	if change != nil {
		change(&l)
	}
	return w.row(wire.UnitBucket(myUnit), "process/"+string(id), l)
}

func (w *world) state(id sei.ProcessID, change func(*sei.Process)) wire.Row {
	p := sei.NewProcess()
	p.ID, p.Number, p.Specification, p.Version = id, "26/1300-0000001-1", "Compra de café", 1
	p.Units[myUnit] = sei.UnitState{Open: true, Received: true}
	if change != nil {
		change(p)
	}
	return w.row(wire.ProcessBucket(id), "state", p)
}

func (w *world) document(process sei.ProcessID, id sei.DocumentID, change func(*sei.Document)) wire.Row {
	d := sei.Document{ID: id, Process: process, Kind: sei.Internal, SEINumber: 42, GeneratingUnit: myUnit}
	if change != nil {
		change(&d)
	}
	return w.row(wire.ProcessBucket(process), "document/"+string(id), d)
}

func (w *world) minute(process sei.ProcessID, doc sei.DocumentID, rev string, seq int64, head bool, words string) wire.Row {
	m := wire.MinuteRow{Process: process, Seq: seq, Head: head, Author: myUser, Name: "Ana", At: w.clock.now}
	m.ID, m.Document, m.Text = sei.RevisionID(rev), doc, text(words)
	return w.row(wire.UnitBucket(myUnit), "minute/"+string(doc)+"/"+rev, m)
}

func (w *world) event(process sei.ProcessID, version int64, command, words string) wire.Row {
	e := wire.EventRow{Seq: version, Text: words, Header: ledger.Header{
		Stream: process.Stream(), Version: version, Kind: "process.progress_noted", Command: command, At: w.clock.now,
	}}
	return w.row(wire.ProcessBucket(process), fmt.Sprintf("event/%d", version), e)
}

// command makes an envelope ready for the queue.
func (w *world) command(process sei.ProcessID, body sei.CommandBody, needs ...sei.CommandID) wire.Command {
	w.t.Helper()
	w.clock.now = w.clock.now.Add(time.Millisecond)
	c, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(protocol.NewID(w.clock.now, rand.Reader)), Process: process, User: myUser, Unit: myUnit,
		Device: "filled in later", DependsOn: needs, DeclaredAt: w.clock.now,
	}, body)
	w.ok(err)
	return c
}

func (w *world) queue(process sei.ProcessID, body sei.CommandBody, needs ...sei.CommandID) sei.CommandID {
	w.t.Helper()
	c := w.command(process, body, needs...)
	w.ok(w.Enqueue(w.ctx, Entry{Command: c}))
	return c.ID
}

// answer settles an entry as the central would.
func (w *world) answer(id sei.CommandID, r ledger.Receipt) error {
	w.t.Helper()
	r.Form, r.Command, r.At = 1, string(id), w.clock.now
	sealed, err := ledger.SealReceipt(w.central, r)
	w.ok(err)
	return w.Settle(w.ctx, id, sealed, r)
}

func (w *world) entry(id sei.CommandID) OutboxEntry {
	w.t.Helper()
	e, ok, err := w.OutboxEntry(w.ctx, id)
	w.ok(err)
	if !ok {
		w.t.Fatalf("entry %s is gone", id)
	}
	return e
}

// memoryBlobs keeps files as the real store does, without a disk.
type memoryBlobs struct{ files map[string][]byte }

func address(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (m *memoryBlobs) Put(_ context.Context, r io.Reader, _ int64) (string, int64, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return "", 0, err
	}
	m.files[address(data)] = data
	return address(data), int64(len(data)), nil
}

func (m *memoryBlobs) PutExpected(_ context.Context, sha string, size int64, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if address(data) != sha || int64(len(data)) != size {
		return sei.Errorf("blob.mismatch", "O arquivo recebido não é igual ao que foi anunciado.")
	}
	m.files[sha] = data
	return nil
}

type memoryBlob struct{ *bytes.Reader }

func (memoryBlob) Close() error { return nil }

func (m *memoryBlobs) Open(_ context.Context, sha string) (Blob, error) {
	data, ok := m.files[sha]
	if !ok {
		return nil, sei.Errorf(sei.CodeNotFound, "O arquivo não foi encontrado.")
	}
	return memoryBlob{bytes.NewReader(data)}, nil
}

func (m *memoryBlobs) Delete(_ context.Context, sha string) error {
	delete(m.files, sha)
	return nil
}

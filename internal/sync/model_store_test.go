package sync_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	gosync "sync"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	theUser   sei.UserID   = "user-1"
	theUnit   sei.UnitID   = "unit-1"
	theDevice sei.DeviceID = "device-1"
)

// verdict is how an outbox entry of the model ended.
type verdict string

const (
	open     verdict = ""
	accepted verdict = "accepted"
	refused  verdict = "refused"
	rejected verdict = "rejected"
)

// modelBody is the body of a model command: what the model central shall do with it.
type modelBody struct {
	Refuse bool         `json:"refuse,omitempty"` // by the rules
	Poison bool         `json:"poison,omitempty"` // the push that holds it is refused as malformed
	Broken bool         `json:"broken,omitempty"` // answered with a problem of its own
	Blobs  []sei.SHA256 `json:"blobs,omitempty"`
}

// entry is an outbox row of the model store.
type entry struct {
	queued   sync.QueuedCommand
	command  wire.Command
	body     modelBody
	verdict  verdict
	cascaded bool // the verdict came from an entry that this one depends on
	why      string
}

// modelStore is the workstation's store in memory. It checks what the engine
// hands it and remembers violations.
type modelStore struct {
	mu         gosync.Mutex
	before     func(operation string) error // faults of the disk
	after      func(operation string)
	deviceKey  ed25519.PrivateKey
	receiptKey ed25519.PublicKey
	violations []string

	entries    []*entry
	files      map[sei.SHA256][]byte
	uploaded   map[sei.SHA256]bool
	missing    []sync.BlobDownload
	dropped    map[sei.SHA256]string
	epoch      int64
	token      string
	free       map[int64]bool
	everLeased map[int64]bool
	cursors    map[wire.Bucket]int64
	rows       map[wire.Bucket]map[string]wire.Row
}

func newModelStore(deviceKey ed25519.PrivateKey, receiptKey ed25519.PublicKey, token string) *modelStore {
	return &modelStore{
		deviceKey: deviceKey, receiptKey: receiptKey, token: token, epoch: 1,
		before: func(string) error { return nil }, after: func(string) {},
		files: map[sei.SHA256][]byte{}, uploaded: map[sei.SHA256]bool{}, dropped: map[sei.SHA256]string{},
		free: map[int64]bool{}, everLeased: map[int64]bool{},
		cursors: map[wire.Bucket]int64{wire.CatalogueBucket: 0, wire.UnitBucket(theUnit): 0},
		rows:    map[wire.Bucket]map[string]wire.Row{},
	}
}

// copyOf is the disk as a backup would have it.
func (s *modelStore) copyOf() *modelStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newModelStore(s.deviceKey, s.receiptKey, s.token)
	c.epoch = s.epoch
	for _, e := range s.entries {
		clone := *e
		c.entries = append(c.entries, &clone)
	}
	c.files, c.uploaded = maps.Clone(s.files), maps.Clone(s.uploaded)
	c.missing, c.dropped = slices.Clone(s.missing), maps.Clone(s.dropped)
	c.free, c.cursors = maps.Clone(s.free), maps.Clone(s.cursors)
	for b, rows := range s.rows {
		c.rows[b] = maps.Clone(rows)
	}
	return c
}

func sum(data []byte) sei.SHA256 {
	h := sha256.Sum256(data)
	return sei.SHA256(hex.EncodeToString(h[:]))
}

// enqueue makes a command as the desk does.
func (s *modelStore) enqueue(id sei.CommandID, process sei.ProcessID, body modelBody, dependsOn []sei.CommandID, files ...[]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &entry{body: body}
	for _, f := range files {
		sha := sum(f)
		s.files[sha] = f
		e.body.Blobs = append(e.body.Blobs, sha)
		e.queued.Blobs = append(e.queued.Blobs, sei.BlobRef{SHA256: sha, Size: int64(len(f))})
	}
	data, err := json.Marshal(e.body)
	if err != nil {
		panic(err)
	}
	e.command = wire.Command{
		Form: wire.CommandForm, ID: id, Kind: "model", Version: 1, Process: process, User: theUser, Unit: theUnit,
		Device: theDevice, DependsOn: dependsOn, Body: data,
	}
	e.queued.ID, e.queued.DependsOn = id, dependsOn
	s.sealEntry(e)
	s.entries = append(s.entries, e)
}

func (s *modelStore) sealEntry(e *entry) {
	e.command.Epoch = s.epoch
	sealed, err := wire.SealCommand(s.deviceKey, e.command)
	if err != nil {
		panic(err)
	}
	e.queued.Sealed = sealed
}

func (s *modelStore) find(id sei.CommandID) *entry {
	for _, e := range s.entries {
		if e.queued.ID == id {
			return e
		}
	}
	return nil
}

// do runs one transaction between the two places where the machine may die.
func (s *modelStore) do(operation string, change func() error) error {
	if err := s.before(operation); err != nil {
		return err
	}
	s.mu.Lock()
	err := change()
	s.mu.Unlock()
	s.after(operation)
	return err
}

func (s *modelStore) violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

func (s *modelStore) Queued(_ context.Context, limit int) (list []sync.QueuedCommand, err error) {
	err = s.do("Queued", func() error {
		for _, e := range s.entries {
			if e.verdict == open && len(list) < limit {
				list = append(list, e.queued)
			}
		}
		return nil
	})
	return list, err
}

func (s *modelStore) MarkSending(_ context.Context, sent map[sei.CommandID]ledger.Hash) error {
	return s.do("MarkSending", func() error {
		for id, hash := range sent {
			if e := s.find(id); e == nil || e.queued.Sealed.Hash() != hash {
				return sei.Errorf(sei.CodeConflict, "O ato foi retirado da fila ou alterado.")
			}
		}
		for id := range sent {
			s.find(id).queued.Sent = true
		}
		return nil
	})
}

func (s *modelStore) MarkUnsent(_ context.Context, ids []sei.CommandID) error {
	return s.do("MarkUnsent", func() error {
		for _, id := range ids {
			if e := s.find(id); e != nil && e.verdict == open {
				e.queued.Sent = false
			}
		}
		return nil
	})
}

func (s *modelStore) MarkWaiting(_ context.Context, id sei.CommandID, why string) error {
	return s.do("MarkWaiting", func() error {
		if e := s.find(id); e != nil && e.verdict == open {
			e.queued.Sent, e.why = false, why
		}
		return nil
	})
}

func (s *modelStore) Settle(_ context.Context, id sei.CommandID, sealed ledger.Sealed, r ledger.Receipt) error {
	return s.do("Settle", func() error {
		e := s.find(id)
		if e == nil {
			s.violate("settled %s, which is not in the outbox", id)
			return nil
		}
		// The model does not trust the engine: the seal must be the central's and name bytes of this entry.
		opened := ledger.Receipt{}
		err := sealed.Verify(s.receiptKey, ledger.TypeReceipt)
		if err == nil {
			err = json.Unmarshal(sealed.Payload, &opened)
		}
		if err != nil || opened.Command != string(id) || opened.Accepted != r.Accepted || opened.CommandHash != e.queued.Sealed.Hash() {
			s.violate("settled %s without a receipt of the central for it: %v", id, err)
		}
		want := refused
		if r.Accepted {
			want = accepted
		}
		if e.verdict != open {
			if e.verdict != want && !e.cascaded {
				s.violate("%s was %s and is now to be %s", id, e.verdict, want)
			}
			return nil
		}
		e.verdict = want
		if !r.Accepted {
			s.cascade(id)
		}
		return nil
	})
}

// cascade refuses all that depends on an entry that will never be accepted.
func (s *modelStore) cascade(id sei.CommandID) {
	for _, e := range s.entries {
		if e.verdict == open && slices.Contains(e.queued.DependsOn, id) {
			e.verdict, e.cascaded = refused, true
			s.cascade(e.queued.ID)
		}
	}
}

func (s *modelStore) Reject(_ context.Context, id sei.CommandID, r sei.Refusal) error {
	return s.do("Reject", func() error {
		e := s.find(id)
		if e == nil || e.verdict != open {
			return nil
		}
		if r.Message == "" {
			s.violate("%s was rejected without words for the servant", id)
		}
		e.verdict = rejected
		s.cascade(id)
		return nil
	})
}

type modelBlob struct{ *bytes.Reader }

func (modelBlob) Close() error { return nil }

func (s *modelStore) OpenBlob(_ context.Context, sha sei.SHA256) (blob sync.Blob, err error) {
	err = s.do("OpenBlob", func() error {
		data, found := s.files[sha]
		if !found {
			return sei.Errorf(sei.CodeNotFound, "O arquivo não está mais neste computador.")
		}
		blob = modelBlob{bytes.NewReader(data)}
		return nil
	})
	return blob, err
}

func (s *modelStore) Uploaded(_ context.Context, sha sei.SHA256) (there bool, err error) {
	err = s.do("Uploaded", func() error { there = s.uploaded[sha]; return nil })
	return there, err
}

func (s *modelStore) MarkUploaded(_ context.Context, sha sei.SHA256) error {
	return s.do("MarkUploaded", func() error { s.uploaded[sha] = true; return nil })
}

func (s *modelStore) MissingBlobs(_ context.Context, limit int) (list []sync.BlobDownload, err error) {
	err = s.do("MissingBlobs", func() error {
		list = slices.Clone(s.missing[:min(limit, len(s.missing))])
		return nil
	})
	return list, err
}

func (s *modelStore) SaveBlob(_ context.Context, ref sei.BlobRef, r io.Reader) error {
	return s.do("SaveBlob", func() error {
		data, err := io.ReadAll(r)
		if err != nil {
			return fmt.Errorf("saving %s: %w", ref.SHA256, err)
		}
		if sum(data) != ref.SHA256 {
			return sei.Errorf(sei.CodeInvalid, "O arquivo recebido não confere.")
		}
		s.files[ref.SHA256] = data
		s.forgetMissing(ref.SHA256)
		return nil
	})
}

func (s *modelStore) forgetMissing(sha sei.SHA256) {
	s.missing = slices.DeleteFunc(s.missing, func(d sync.BlobDownload) bool { return d.Blob.SHA256 == sha })
}

func (s *modelStore) DropMissing(_ context.Context, d sync.BlobDownload, why string) error {
	return s.do("DropMissing", func() error {
		s.dropped[d.Blob.SHA256] = why
		s.forgetMissing(d.Blob.SHA256)
		return nil
	})
}

func (s *modelStore) Cursors(_ context.Context, limit int) (list []wire.Cursor, err error) {
	err = s.do("Cursors", func() error {
		index := wire.UnitBucket(theUnit)
		list = append(list, wire.Cursor{Bucket: wire.CatalogueBucket, After: s.cursors[wire.CatalogueBucket]},
			wire.Cursor{Bucket: index, After: s.cursors[index]})
		for _, key := range slices.Sorted(maps.Keys(s.rows[index])) {
			var line wire.InboxLine
			if err := json.Unmarshal(s.rows[index][key].Body, &line); err != nil {
				return fmt.Errorf("reading %s: %w", key, err)
			}
			bucket := wire.ProcessBucket(line.Process)
			if s.cursors[bucket] < line.BucketVersion && len(list) < limit {
				list = append(list, wire.Cursor{Bucket: bucket, After: s.cursors[bucket]})
			}
		}
		return nil
	})
	return list, err
}

func (s *modelStore) ApplyPage(_ context.Context, p wire.Page) (mismatch bool, err error) {
	err = s.do("ApplyPage", func() error {
		rows := s.rows[p.Bucket]
		if rows == nil || p.Reset {
			rows = map[string]wire.Row{}
		}
		for _, r := range p.Rows {
			delete(rows, r.Key)
			if !r.Gone {
				rows[r.Key] = r
			}
		}
		s.rows[p.Bucket], s.cursors[p.Bucket] = rows, p.Cursor
		if p.Checksum == nil {
			return nil
		}
		var have ledger.Hash
		for _, r := range rows {
			have = wire.AddRow(have, r.Key, r.Version)
		}
		if mismatch = have != *p.Checksum; mismatch {
			s.cursors[p.Bucket] = 0
		}
		return nil
	})
	return mismatch, err
}

func (s *modelStore) Device(context.Context) (d sync.Device, err error) {
	err = s.do("Device", func() error {
		d = sync.Device{ID: theDevice, Epoch: s.epoch, PushToken: s.token, Unit: theUnit}
		return nil
	})
	return d, err
}

func (s *modelStore) SetPushToken(_ context.Context, token string) error {
	return s.do("SetPushToken", func() error { s.token = token; return nil })
}

func (s *modelStore) BeginEpoch(_ context.Context, r wire.EpochResponse) error {
	return s.do("BeginEpoch", func() error {
		s.epoch, s.token = r.Epoch, r.PushToken
		clear(s.free)
		for _, e := range s.entries {
			if e.verdict == open {
				s.sealEntry(e)
			}
		}
		return nil
	})
}

func (s *modelStore) ReceiptKey(_ context.Context, id string) (pub ed25519.PublicKey, known bool, err error) {
	err = s.do("ReceiptKey", func() error {
		pub, known = s.receiptKey, ledger.KeyID(s.receiptKey) == id
		return nil
	})
	return pub, known, err
}

func (s *modelStore) FreeNumbers(context.Context) (n int, err error) {
	err = s.do("FreeNumbers", func() error { n = len(s.free); return nil })
	return n, err
}

func (s *modelStore) AddLeases(_ context.Context, leases []wire.Lease) error {
	return s.do("AddLeases", func() error {
		for _, l := range leases {
			for n := l.From; n <= l.To; n++ {
				if s.everLeased[n] {
					s.violate("number %d was leased twice", n)
				}
				s.free[n], s.everLeased[n] = true, true
			}
		}
		return nil
	})
}

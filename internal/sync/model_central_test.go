package sync_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// modelCentral is a central in memory that keeps its promises; the network
// between it and the engine does not.
type modelCentral struct {
	receiptKey ed25519.PrivateKey
	deviceKey  ed25519.PublicKey
	violations []string

	epoch       int64
	tokens      int64
	token, last string // push tokens: of the next push, and of the last
	lastBatch   []sei.CommandID
	decided     map[sei.CommandID]*decidedCommand
	order       []sei.CommandID
	uploads     map[sei.SHA256][]byte
	complete    map[sei.SHA256]bool
	documents   map[sei.SHA256][]byte // that may be downloaded
	nextNumber  int64
	buckets     map[wire.Bucket]*modelBucket
}

type decidedCommand struct {
	receipt  ledger.Receipt
	body     string
	accepted bool
}

type modelBucket struct {
	version int64
	rows    map[string]wire.Row
}

func newModelCentral(receiptKey ed25519.PrivateKey, deviceKey ed25519.PublicKey) *modelCentral {
	c := &modelCentral{
		receiptKey: receiptKey, deviceKey: deviceKey, epoch: 1, nextNumber: 1,
		decided: map[sei.CommandID]*decidedCommand{}, uploads: map[sei.SHA256][]byte{}, complete: map[sei.SHA256]bool{},
		documents: map[sei.SHA256][]byte{}, buckets: map[wire.Bucket]*modelBucket{},
	}
	c.token = c.newToken()
	return c
}

func (c *modelCentral) newToken() string {
	c.tokens++
	return fmt.Sprintf("token-%d", c.tokens)
}

func (c *modelCentral) violate(format string, args ...any) {
	c.violations = append(c.violations, fmt.Sprintf(format, args...))
}

func stale() error {
	return sei.Errorf(sync.CodeStaleDevice, "Este computador mostra um estado antigo.")
}

func (c *modelCentral) Push(_ context.Context, r wire.PushRequest) (wire.PushResponse, error) {
	if len(r.Commands) > wire.MaxPushCommands {
		c.violate("a push holds %d commands", len(r.Commands))
	}
	commands := make([]wire.Command, len(r.Commands))
	var ids []sei.CommandID
	for i, s := range r.Commands {
		if err := s.Verify(c.deviceKey, ledger.TypeCommand); err != nil {
			c.violate("a command's seal does not verify: %v", err)
		}
		command, err := wire.ReadCommand(s.Payload)
		if err != nil {
			return wire.PushResponse{}, err
		}
		commands[i] = command
		ids = append(ids, command.ID)
	}
	if !c.knows(r.Token, ids) {
		return wire.PushResponse{}, stale()
	}
	for _, command := range commands {
		if c.decided[command.ID] == nil && command.Epoch != c.epoch {
			return wire.PushResponse{}, stale()
		}
		if bodyOf(command).Poison {
			return wire.PushResponse{}, sei.Errorf(sei.CodeInvalid, "O envio está malformado.")
		}
	}
	if r.Token == c.token {
		c.token, c.last, c.lastBatch = c.newToken(), c.token, ids
	}
	response := wire.PushResponse{Token: c.token}
	received := map[sei.CommandID]bool{}
	for i, command := range commands {
		received[command.ID] = true
		response.Results = append(response.Results, c.decide(command, r.Commands[i].Hash(), received))
	}
	return response, nil
}

// knows accepts the current token, and the one before for a push whose answer
// did not arrive: it begins with what that push had.
func (c *modelCentral) knows(token string, ids []sei.CommandID) bool {
	return token == c.token || (token == c.last && len(ids) > 0 && slices.Contains(c.lastBatch, ids[0]))
}

func bodyOf(command wire.Command) modelBody {
	var b modelBody
	if err := json.Unmarshal(command.Body, &b); err != nil {
		panic(err)
	}
	return b
}

func (c *modelCentral) decide(command wire.Command, hash ledger.Hash, received map[sei.CommandID]bool) wire.PushResult {
	result := wire.PushResult{Command: command.ID}
	if d := c.decided[command.ID]; d != nil {
		if d.body != string(command.Body) {
			c.violate("%s came with another body", command.ID)
		}
		rebound := d.receipt // bound to the bytes as they came this time
		rebound.CommandHash = hash
		result.Receipt = c.seal(rebound)
		return result
	}
	body := bodyOf(command)
	if body.Broken {
		result.Problem = &sei.Refusal{Code: sei.CodeInvalid, Message: "O ato está malformado."}
		return result
	}
	refuse := body.Refuse
	var waiting wire.WaitingFor
	for _, id := range command.DependsOn {
		switch d := c.decided[id]; {
		case d == nil && !received[id]:
			c.violate("%s came before %s, on which it depends", command.ID, id)
			waiting.Commands = append(waiting.Commands, id)
		case d == nil:
			waiting.Commands = append(waiting.Commands, id)
		case !d.accepted:
			refuse = true
		}
	}
	for _, sha := range body.Blobs {
		if !c.complete[sha] {
			waiting.Blobs = append(waiting.Blobs, sha)
		}
	}
	if !refuse && len(waiting.Blobs)+len(waiting.Commands) > 0 {
		result.Waiting = &waiting
		return result
	}
	c.record(command, hash, !refuse)
	result.Receipt = c.seal(c.decided[command.ID].receipt)
	return result
}

// record stores the verdict, its receipt, and the rows that follow from it.
func (c *modelCentral) record(command wire.Command, hash ledger.Hash, accept bool) {
	r := ledger.Receipt{Form: 1, Command: string(command.ID), CommandHash: hash, Accepted: accept, At: time.Unix(1, 0).UTC()}
	if !accept {
		r.Code, r.Message = "model.refused", "O ato não é permitido."
	}
	c.decided[command.ID] = &decidedCommand{receipt: r, body: string(command.Body), accepted: accept}
	c.order = append(c.order, command.ID)
	if !accept {
		return
	}
	process := c.bucket(wire.ProcessBucket(command.Process))
	process.put("event/"+string(command.ID), nil)
	line, err := json.Marshal(wire.InboxLine{Process: command.Process, BucketVersion: process.version})
	if err != nil {
		panic(err)
	}
	c.bucket(wire.UnitBucket(theUnit)).put("process/"+string(command.Process), line)
}

func (c *modelCentral) seal(r ledger.Receipt) *ledger.Sealed {
	sealed, err := ledger.SealReceipt(c.receiptKey, r)
	if err != nil {
		panic(err)
	}
	return &sealed
}

func (c *modelCentral) bucket(b wire.Bucket) *modelBucket {
	if c.buckets[b] == nil {
		c.buckets[b] = &modelBucket{rows: map[string]wire.Row{}}
	}
	return c.buckets[b]
}

func (b *modelBucket) put(key string, body json.RawMessage) {
	b.version++
	b.rows[key] = wire.Row{Key: key, Version: b.version, Body: body}
}

// Pull gives at most two rows of a bucket at a time, so that rounds have pages.
func (c *modelCentral) Pull(_ context.Context, r wire.PullRequest) (wire.PullResponse, error) {
	if len(r.Buckets) > wire.MaxPullBuckets {
		c.violate("a pull names %d buckets", len(r.Buckets))
	}
	var response wire.PullResponse
	for _, cursor := range r.Buckets {
		b := c.bucket(cursor.Bucket)
		if cursor.After == b.version && cursor.After > 0 {
			continue
		}
		page := b.page(cursor)
		response.Pages = append(response.Pages, page)
		response.More = response.More || page.More
	}
	return response, nil
}

func (b *modelBucket) page(cursor wire.Cursor) wire.Page {
	page := wire.Page{Bucket: cursor.Bucket, Cursor: b.version, Reset: cursor.After == 0}
	var rows []wire.Row
	var checksum ledger.Hash
	for _, row := range b.rows {
		checksum = wire.AddRow(checksum, row.Key, row.Version)
		if row.Version > cursor.After {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(x, y wire.Row) int { return int(x.Version - y.Version) })
	if len(rows) > 2 {
		page.Rows, page.Cursor, page.More = rows[:2], rows[1].Version, true
		return page
	}
	page.Rows, page.Checksum = rows, &checksum
	return page
}

func (c *modelCentral) Lease(_ context.Context, r wire.LeaseRequest) (wire.LeaseResponse, error) {
	l := wire.Lease{From: c.nextNumber, To: c.nextNumber + int64(r.Want) - 1}
	c.nextNumber = l.To + 1
	return wire.LeaseResponse{Leases: []wire.Lease{l}}, nil
}

func (c *modelCentral) NewEpoch(context.Context) (wire.EpochResponse, error) {
	c.epoch++
	c.token, c.last, c.lastBatch = c.newToken(), "", nil
	return wire.EpochResponse{Epoch: c.epoch, PushToken: c.token}, nil
}

func (c *modelCentral) UploadOffset(_ context.Context, sha sei.SHA256) (int64, bool, error) {
	return int64(len(c.uploads[sha])), c.complete[sha], nil
}

func (c *modelCentral) UploadChunk(_ context.Context, sha sei.SHA256, offset, n, total int64, chunk io.Reader) (bool, error) {
	data, err := io.ReadAll(chunk)
	if err != nil || int64(len(data)) != n {
		c.violate("a chunk of %d bytes came with %d: %v", n, len(data), err)
	}
	if c.complete[sha] {
		return true, nil
	}
	if offset != int64(len(c.uploads[sha])) {
		return false, sei.Errorf(sei.CodeConflict, "O envio deve continuar de outro ponto.")
	}
	c.uploads[sha] = append(c.uploads[sha], data...)
	if int64(len(c.uploads[sha])) < total {
		return false, nil
	}
	if sum(c.uploads[sha]) != sha {
		delete(c.uploads, sha)
		return false, sei.Errorf(sei.CodeInvalid, "O arquivo recebido não confere.")
	}
	c.complete[sha] = true
	return true, nil
}

func (c *modelCentral) Download(_ context.Context, _ sei.UnitID, _ sei.DocumentID, sha sei.SHA256, offset int64) (io.ReadCloser, error) {
	data, found := c.documents[sha]
	if !found {
		return nil, sei.Errorf(sei.CodeNotFound, "O arquivo não foi encontrado.")
	}
	return io.NopCloser(bytes.NewReader(data[offset:])), nil
}

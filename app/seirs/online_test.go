package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// onlineDesk is the desk's own client before the real central.
type onlineDesk struct {
	t      *testing.T
	c      *remote.Client
	key    ed25519.PrivateKey
	device sei.DeviceID
	login  wire.LoginResponse
	unit   sei.UnitID
	push   string
}

func goOnline(t *testing.T, url, agency, login string, unit sei.UnitID) *onlineDesk {
	t.Helper()
	c, err := remote.New(url, remote.Options{})
	fatal(t, err)
	info, err := c.Info(t.Context())
	fatal(t, err)
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	fatal(t, err)
	d := &onlineDesk{t: t, c: c, key: key, device: sei.DeviceID(newID()), unit: unit}
	d.login, err = c.Login(t.Context(), wire.LoginRequest{Agency: agency, Login: login, Password: central.DemoPassword, Device: wire.DeviceEnrolment{
		ID: d.device, Public: pub, Name: "teste", Proof: ed25519.Sign(key, wire.EnrolmentProofMessage(info.ID, login, d.device)),
	}})
	fatal(t, err)
	d.push = d.login.PushToken
	return d
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *onlineDesk) seal(process sei.ProcessID, body sei.CommandBody) (ledger.Sealed, sei.CommandID) {
	d.t.Helper()
	c, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(newID()), Process: process, User: d.login.User.ID, Unit: d.unit, Device: d.device, Epoch: d.login.Epoch, DeclaredAt: time.Now(),
	}, body)
	fatal(d.t, err)
	sealed, err := wire.SealCommand(d.key, c)
	fatal(d.t, err)
	return sealed, c.ID
}

func (d *onlineDesk) do(process sei.ProcessID, body sei.CommandBody) ledger.Receipt {
	d.t.Helper()
	sealed, id := d.seal(process, body)
	resp, err := d.c.Push(d.t.Context(), wire.PushRequest{Token: d.push, Commands: []ledger.Sealed{sealed}})
	fatal(d.t, err)
	d.push = resp.Token
	return d.accepted(resp.Results[0], id, sealed)
}

func (d *onlineDesk) accepted(r wire.PushResult, id sei.CommandID, sealed ledger.Sealed) ledger.Receipt {
	d.t.Helper()
	if r.Receipt == nil {
		d.t.Fatalf("no receipt: %+v", r)
	}
	receipt, err := ledger.OpenReceipt(d.login.Central.ReceiptKeys[0].Public, *r.Receipt, string(id), sealed.Hash())
	fatal(d.t, err)
	if !receipt.Accepted {
		d.t.Fatalf("refused: %s %s", receipt.Code, receipt.Message)
	}
	return receipt
}

func (d *onlineDesk) send(data []byte) sei.BlobRef {
	d.t.Helper()
	sum := sha256.Sum256(data)
	sha, size := sei.SHA256(hex.EncodeToString(sum[:])), int64(len(data))
	half := size / 2
	_, err := d.c.UploadChunk(d.t.Context(), sha, 0, half, size, bytes.NewReader(data[:half]))
	fatal(d.t, err)
	offset, _, err := d.c.UploadOffset(d.t.Context(), sha)
	fatal(d.t, err)
	done, err := d.c.UploadChunk(d.t.Context(), sha, offset, size-offset, size, bytes.NewReader(data[offset:]))
	fatal(d.t, err)
	if !done {
		d.t.Fatal("the upload is not complete")
	}
	return sei.BlobRef{SHA256: sha, Size: size, MIME: "application/pdf", Name: "arquivo.pdf"}
}

// The desk's own client and the central speak the same language.
func TestTheDesksClientWorksWithTheCentral(t *testing.T) {
	c := startCentral(t, "--data", t.TempDir(), "--demo", "--samples=false")
	ours, theirs := goOnline(t, c.url, "SPGG", "ana.schneider", unitPlanning), goOnline(t, c.url, "SES", "helena.moraes", unitHealth)

	ctx, stop := context.WithCancel(t.Context())
	hinted := make(chan wire.Hint, 16)
	listening := make(chan error, 1)
	go func() { listening <- theirs.c.Hints(ctx, theirs.unit, func(h wire.Hint) { hinted <- h }, func() {}) }()
	<-hinted // the empty one of the opening

	id := sei.ProcessID(newID())
	number := ours.do(id, sei.StartProcess{Type: typeAgreement, Specification: "Acordo", Subjects: []int{5}}).ProcessNumber
	body := richtext.FromText("De acordo.")
	doc := sei.DocumentID(newID())
	added, rev := ours.seal(id, sei.AddDocument{NewDocument: sei.NewDocument{Document: doc, Type: docDispatch}, Text: body.Canonical()})
	resp, err := ours.c.Push(t.Context(), wire.PushRequest{Token: ours.push, Commands: []ledger.Sealed{added}})
	fatal(t, err)
	ours.push = resp.Token
	receipt := ours.accepted(resp.Results[0], rev, added)

	m := &sampleMinute{process: id, number: number, id: doc, seiNumber: receipt.SEINumber, revision: sei.RevisionID(rev), title: "Despacho", body: body}
	frozen, err := (&sampleDesk{ctx: t.Context(), login: ours.login, member: ours.login.Units[0]}).freezeWith(m, c.url+"/q/",
		func(data []byte, _ string) (sei.BlobRef, error) { return ours.send(data), nil })
	fatal(t, err)
	sign, signID := ours.seal(id, sei.SignDocument{
		Document: doc, Method: sei.ByPassword, SigningAgency: "spgg", Position: "Chefe", ContentSHA256: frozen.Content.SHA256, Frozen: frozen,
	})
	if _, err := ours.c.SignWithPassword(t.Context(), []ledger.Sealed{sign}, "errada"); sei.CodeOf(err) != central.CodePasswordWrong {
		t.Errorf("a wrong password: %v", err)
	}
	results, err := ours.c.SignWithPassword(t.Context(), []ledger.Sealed{sign}, central.DemoPassword)
	fatal(t, err)
	ours.accepted(results[0], signID, sign)
	ours.do(id, sei.Send{To: []sei.UnitID{unitHealth}})

	for h := range hinted {
		if len(h.Buckets) == 1 && h.Buckets[0] == wire.UnitBucket(unitHealth) {
			break
		}
	}
	stop()
	<-listening
	pulled, err := theirs.c.Pull(t.Context(), wire.PullRequest{Unit: theirs.unit, Buckets: []wire.Cursor{{Bucket: wire.ProcessBucket(id)}}})
	fatal(t, err)
	if len(pulled.Pages) != 1 || len(pulled.Pages[0].Rows) < 5 {
		t.Errorf("pulled %+v", pulled)
	}
	stream, err := theirs.c.Download(t.Context(), theirs.unit, doc, frozen.Content.SHA256, 5)
	fatal(t, err)
	part, err := io.ReadAll(stream)
	fatal(t, err)
	fatal(t, stream.Close())
	if int64(len(part)) != frozen.Content.Size-5 {
		t.Errorf("from byte 5 on came %d bytes of %d", len(part), frozen.Content.Size)
	}
	reading, err := theirs.c.ReadingCopy(t.Context(), theirs.unit, doc)
	fatal(t, err)
	copied, err := io.ReadAll(reading)
	fatal(t, err)
	fatal(t, reading.Close())
	if info, err := pdf.Inspect(bytes.NewReader(copied)); err != nil || info.Pages != frozen.Pages+1 {
		t.Errorf("the reading copy has %d pages, %v", info.Pages, err)
	}
	requireSealed(t, copied)
	stream, err = theirs.c.Download(t.Context(), theirs.unit, doc, frozen.Content.SHA256, 0)
	fatal(t, err)
	content, err := io.ReadAll(stream)
	fatal(t, errors.Join(err, stream.Close()))
	requireRecognised(t, c.url, protocol.FormatSEINumber(receipt.SEINumber), frozen.CRC, copied, content)
	hits, err := theirs.c.Search(t.Context(), theirs.unit, number)
	fatal(t, err)
	if len(hits.Hits) != 1 {
		t.Errorf("found %+v", hits)
	}
	leases, err := ours.c.Lease(t.Context(), wire.LeaseRequest{Want: 3})
	fatal(t, err)
	if len(leases.Leases) != 1 {
		t.Errorf("leased %+v", leases)
	}
	fatal(t, ours.c.Logout(t.Context()))
	if _, err := ours.c.Lease(t.Context(), wire.LeaseRequest{Want: 1}); sei.CodeOf(err) != sei.CodeUnauthenticated {
		t.Errorf("after logout: %v", err)
	}
}

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// sampleTypesetter is written into the samples' freezings.
const sampleTypesetter = "seirs-pdf/1"

// sampleDesk is a workstation without a window: it does at the central what a
// servant does, by the same commands, so that a demonstration's processes are
// as real as any.
type sampleDesk struct {
	ctx    context.Context
	s      *central.Service
	key    ed25519.PrivateKey
	login  wire.LoginResponse
	ses    central.Session
	member wire.MemberUnit // where it acts
	push   string
}

func newSampleDesk(ctx context.Context, s *central.Service, agency, login string) (*sampleDesk, error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a workstation's key: %w", err)
	}
	device := sei.DeviceID(newID())
	d := &sampleDesk{ctx: ctx, s: s, key: key}
	d.login, err = s.Login(ctx, "demo", wire.LoginRequest{
		Agency: agency, Login: login, Password: central.DemoPassword,
		Device: wire.DeviceEnrolment{
			ID: device, Public: pub, Name: "Demonstração", Proof: ed25519.Sign(key, wire.EnrolmentProofMessage(s.ID(), login, device)),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("logging in as %s: %w", login, err)
	}
	if d.ses, err = s.Authenticate(ctx, d.login.Token); err != nil {
		return nil, err
	}
	d.push, d.member = d.login.PushToken, d.login.Units[0]
	return d, nil
}

func newID() string { return protocol.NewID(time.Now(), rand.Reader) }

// at chooses the unit in which the desk acts.
func (d *sampleDesk) at(unit string) *sampleDesk {
	for _, m := range d.login.Units {
		if m.Unit.Acronym == unit {
			d.member = m
		}
	}
	return d
}

func (d *sampleDesk) seal(process sei.ProcessID, body sei.CommandBody) (ledger.Sealed, sei.CommandID, error) {
	c, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(newID()), Process: process, User: d.login.User.ID, Unit: d.member.Unit.ID, Device: d.ses.Device,
		Epoch: d.ses.Epoch, DeclaredAt: time.Now(),
	}, body)
	if err != nil {
		return ledger.Sealed{}, "", err
	}
	sealed, err := wire.SealCommand(d.key, c)
	return sealed, c.ID, err
}

// do hands in one act and expects it to be accepted.
func (d *sampleDesk) do(process sei.ProcessID, body sei.CommandBody) (ledger.Receipt, sei.CommandID, error) {
	sealed, id, err := d.seal(process, body)
	if err != nil {
		return ledger.Receipt{}, "", err
	}
	resp, err := d.s.Push(d.ctx, d.ses, wire.PushRequest{Token: d.push, Commands: []ledger.Sealed{sealed}})
	if err != nil {
		return ledger.Receipt{}, "", err
	}
	d.push = resp.Token
	r, err := d.open(resp.Results[0], sealed)
	return r, id, err
}

func (d *sampleDesk) open(r wire.PushResult, sent ledger.Sealed) (ledger.Receipt, error) {
	if r.Receipt == nil {
		return ledger.Receipt{}, fmt.Errorf("the central did not answer: %+v", r)
	}
	receipt, err := ledger.OpenReceipt(d.login.Central.ReceiptKeys[0].Public, *r.Receipt, string(r.Command), sent.Hash())
	if err == nil && !receipt.Accepted {
		err = fmt.Errorf("refused: %s %s", receipt.Code, receipt.Message)
	}
	return receipt, err
}

func (d *sampleDesk) upload(data []byte, name string) (sei.BlobRef, error) {
	sum := sha256.Sum256(data)
	ref := sei.BlobRef{SHA256: sei.SHA256(hex.EncodeToString(sum[:])), Size: int64(len(data)), MIME: "application/pdf", Name: name}
	_, _, err := d.s.Upload(d.ctx, d.ses, ref.SHA256, 0, ref.Size, bytes.NewReader(data))
	return ref, err
}

// external registers a received PDF.
func (d *sampleDesk) external(process sei.ProcessID, typeID int, name, title, text, sender string) error {
	out, err := pdf.Typeset(pdf.Input{Title: title, Process: sender, Body: richtext.FromText(text), Training: true, Date: time.Now()})
	if err != nil {
		return fmt.Errorf("making a sample file: %w", err)
	}
	ref, err := d.upload(out.PDF, name)
	if err != nil {
		return err
	}
	_, _, err = d.do(process, sei.RegisterExternal{
		NewDocument: sei.NewDocument{Document: sei.DocumentID(newID()), Type: typeID, TreeName: title},
		File: sei.ExternalFile{
			Date: time.Now().AddDate(0, 0, -3).Format(time.DateOnly), Format: sei.BornDigital, Sender: sei.Contact{Name: sender}, Content: ref,
		},
	})
	return err
}

// minute adds a text and returns what is needed to sign it.
func (d *sampleDesk) minute(process sei.ProcessID, number string, typeID int, typeName, text string) (*sampleMinute, error) {
	m := &sampleMinute{process: process, number: number, id: sei.DocumentID(newID()), title: typeName, body: richtext.FromText(text)}
	r, cmd, err := d.do(process, sei.AddDocument{NewDocument: sei.NewDocument{Document: m.id, Type: typeID}, Text: m.body.Canonical()})
	if r.TypeNumber != "" {
		m.title += " " + r.TypeNumber
	}
	m.seiNumber, m.revision = r.SEINumber, sei.RevisionID(cmd)
	return m, err
}

type sampleMinute struct {
	process   sei.ProcessID
	number    string // of the process
	id        sei.DocumentID
	seiNumber int64
	revision  sei.RevisionID
	title     string
	body      *richtext.Doc
}

// sign freezes the minute and signs it with the password.
func (d *sampleDesk) sign(m *sampleMinute, position string) error {
	frozen, err := d.freeze(m)
	if err != nil {
		return fmt.Errorf("freezing a sample: %w", err)
	}
	sealed, _, err := d.seal(m.process, sei.SignDocument{
		Document: m.id, Method: sei.ByPassword, SigningAgency: d.login.User.Agency, Position: position,
		ContentSHA256: frozen.Content.SHA256, Frozen: frozen,
	})
	if err != nil {
		return err
	}
	r, err := d.s.SignWithPassword(d.ctx, d.ses, "demo", wire.PasswordSignature{Command: sealed, Password: central.DemoPassword})
	if err != nil {
		return err
	}
	_, err = d.open(r, sealed)
	return err
}

func (d *sampleDesk) freeze(m *sampleMinute) (*sei.Frozen, error) {
	return d.freezeWith(m, d.s.QRURL(""), d.upload)
}

// freezeWith typesets the minute with a new verification pair; qr is the
// address that the token completes.
func (d *sampleDesk) freezeWith(m *sampleMinute, qr string, upload func([]byte, string) (sei.BlobRef, error)) (*sei.Frozen, error) {
	salt, err := protocol.NewSalt(rand.Reader)
	if err != nil {
		return nil, err
	}
	token, err := protocol.NewQRToken(rand.Reader)
	if err != nil {
		return nil, err
	}
	hash := m.body.Hash()
	f := &sei.Frozen{
		Revision: m.revision, RevisionHash: sei.SHA256(hex.EncodeToString(hash[:])), Salt: salt,
		CRC: protocol.CRC(hash, salt), QRToken: token, Typesetter: sampleTypesetter,
	}
	info := d.login.Central
	out, err := pdf.Typeset(pdf.Input{
		Header: []string{state, d.agencyName(), d.member.Unit.Name}, Title: m.title,
		SEINumber: protocol.FormatSEINumber(m.seiNumber), Process: m.number, Body: m.body, Training: true, Date: time.Now(),
		Verification: pdf.Verification{
			URL: info.PublicURL, Code: protocol.FormatSEINumber(m.seiNumber), CRC: f.CRC, QRURL: qr + token,
		},
	})
	if err != nil {
		return nil, err
	}
	f.Pages = out.Pages
	f.Content, err = upload(out.PDF, "documento.pdf")
	return f, err
}

func (d *sampleDesk) agencyName() string {
	for _, a := range d.login.Central.Agencies {
		if strings.EqualFold(a.Acronym, string(d.login.User.Agency)) {
			return strings.ToUpper(a.Name)
		}
	}
	return string(d.login.User.Agency)
}

package sim

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

var errNotNow = errors.New("the window does not offer it now")

// freeze makes the frozen form of a minute and keeps its bytes here.
func (d *desk) freeze(ctx context.Context, m minute, dice uint64) (*sei.Frozen, []byte, error) {
	if m.signed || m.number == 0 || m.numbered && m.typed == "" {
		return nil, nil, errNotNow
	}
	text, err := richtext.Parse(m.text)
	if err != nil {
		return nil, nil, err
	}
	salt, err := protocol.NewSalt(d.random)
	if err != nil {
		return nil, nil, err
	}
	token, err := protocol.NewQRToken(d.random)
	if err != nil {
		return nil, nil, err
	}
	page := d.w.template.pdfs[int(dice>>8%uint64(len(d.w.template.pdfs)))]
	ref, err := d.store.PutBlob(ctx, bytes.NewReader(page.data), 1<<20, local.PinDraft)
	d.mustLive("after storing the frozen file")
	if err != nil {
		return nil, nil, err
	}
	ref.MIME, ref.Name = "application/pdf", "documento.pdf"
	if d.typed == nil {
		d.typed = map[sei.SHA256]bool{}
	}
	d.typed[ref.SHA256] = true
	hash := text.Hash()
	return &sei.Frozen{
		Revision: m.revision, RevisionHash: sei.SHA256(hex.EncodeToString(hash[:])), Content: ref, Salt: salt,
		CRC: protocol.CRC(hash, salt), QRToken: token, Typesetter: "sim", Pages: page.pages,
	}, page.data, nil
}

// signByFile signs with a certificate; it can be done without the central.
func (d *desk) signByFile(ctx context.Context, s *shown, dice uint64) error {
	m, ok := s.pickMinute(dice)
	if !ok {
		return nil
	}
	frozen, page, err := d.freeze(ctx, m, dice)
	if err != nil {
		return err
	}
	key, cert, chain := d.w.template.identity(d.who.login)
	var signed bytes.Buffer
	_, err = pades.Sign(ctx, bytes.NewReader(page), int64(len(page)), &signed, pades.SignOptions{
		Signer: key, Certificate: cert, Chain: chain, Name: d.who.login, Time: d.time(), Policy: pades.DefaultPolicy(),
	})
	if err != nil {
		return err
	}
	ref, err := d.store.PutBlob(ctx, &signed, 1<<20, local.PinDraft)
	d.mustLive("after storing the signed file")
	if err != nil {
		return err
	}
	ref.MIME, ref.Name = "application/pdf", "documento.pdf"
	return d.queue(ctx, s, sei.SignDocument{
		Document: m.id, Method: sei.ByFile, SigningAgency: d.agency(), Position: "Chefe", ContentSHA256: frozen.Content.SHA256,
		Frozen: frozen, Evidence: &ref,
	})
}

func (d *desk) agency() sei.AgencyID {
	switch d.who.agency {
	case "SPGG":
		return "spgg"
	case "SES":
		return "ses"
	}
	return "sefaz"
}

// signByWord signs with the password: with the central there, and never queued.
func (d *desk) signByWord(ctx context.Context, s *shown, dice uint64) error {
	m, ok := s.pickMinute(dice)
	if !ok {
		return nil
	}
	for _, q := range s.Queue {
		if q.Command.Body.Kind() == sei.CmdStartProcess || sei.DocumentOf(q.Command.Body) == m.id {
			return errNotNow
		}
	}
	frozen, page, err := d.freeze(ctx, m, dice)
	if err != nil {
		return err
	}
	if err := d.uploadNow(ctx, frozen.Content.SHA256, page); err != nil {
		return err
	}
	c, err := wire.NewCommand(wire.Command{
		ID: sei.CommandID(d.newID()), Process: s.id, User: d.user, Unit: s.unit, Device: "filled in", DeclaredAt: d.time().UTC().Truncate(time.Microsecond),
	}, sei.SignDocument{
		Document: m.id, Method: sei.ByPassword, SigningAgency: d.agency(), Position: "Chefe", ContentSHA256: frozen.Content.SHA256, Frozen: frozen,
	})
	if err != nil {
		return err
	}
	d.w.tracef("    signs %s with the password: %s", d.w.short(string(m.id)), d.w.name("c", string(c.ID)))
	return d.signNow(ctx, c)
}

func (d *desk) signNow(ctx context.Context, c wire.Command) error {
	sealed, err := d.store.SealNow(ctx, c)
	if err != nil {
		return err
	}
	results, err := d.client.SignWithPassword(ctx, []ledger.Sealed{sealed}, central.DemoPassword)
	if err != nil {
		return err
	}
	if len(results) != 1 || results[0].Receipt == nil {
		return errors.New("no receipt of a signature with the password")
	}
	result := results[0]
	receipt, err := sync.VerifyReceipt(ctx, d.store, c.ID, sealed, *result.Receipt)
	if err != nil {
		return err
	}
	if !receipt.Accepted {
		return sei.Errorf(sei.Code(receipt.Code), "%s", receipt.Message)
	}
	d.mustLive("before keeping the events of an answer")
	if ledger.MatchRecords(receipt, result.Records) == nil {
		if err := d.store.KeepRecords(ctx, c.ID, result.Records); err != nil {
			return err
		}
	}
	d.mustLive("before keeping an answer")
	err = d.store.KeepAnswer(ctx, c, *result.Receipt, receipt)
	d.mustLive("after keeping an answer")
	if err == nil {
		d.seen.queued(c)
		d.w.reached("signed with the password")
		d.engine.Nudge()
	}
	return err
}

func (d *desk) uploadNow(ctx context.Context, sha sei.SHA256, data []byte) error {
	offset, done, err := d.client.UploadOffset(ctx, sha)
	if err != nil || done {
		return err
	}
	_, err = d.client.UploadChunk(ctx, sha, offset, int64(len(data))-offset, int64(len(data)), bytes.NewReader(data[offset:]))
	return err
}

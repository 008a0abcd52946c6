package central

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func errNoFile() error {
	return sei.Errorf(sei.CodeNotFound, "O arquivo não foi encontrado ou esta unidade não tem acesso a ele.")
}

// access is a reader's judged right to one document.
type access struct {
	process  *sei.Process
	document *sei.Document
	actor    sei.Actor
	unit     sei.Unit
}

// OpenBlob opens a file of a document for an actor of unit. Handing content to
// another unit is recorded before the first byte leaves.
func (s *Service) OpenBlob(ctx context.Context, ses Session, unit sei.UnitID, doc sei.DocumentID, sha sei.SHA256) (File, sei.BlobRef, error) {
	if !sha.Valid() {
		return nil, sei.BlobRef{}, errBadHash()
	}
	var ref sei.BlobRef
	err := s.deliver(ctx, ses, unit, doc, func(r reader, a access) error {
		var err error
		ref, err = citedBlob(r, a, sha)
		return err
	})
	if err != nil {
		return nil, ref, err
	}
	f, err := s.cfg.Files.Open(ctx, sha)
	if err != nil {
		return nil, ref, fmt.Errorf("opening a file of document %s: %w", doc, err)
	}
	return f, ref, nil
}

// deliver judges the right to read a document's content, records the delivery
// if it is one, and judges again: between the two the document may have become
// a minute. check judges the rest and may refuse.
func (s *Service) deliver(ctx context.Context, ses Session, unit sei.UnitID, doc sei.DocumentID, check func(reader, access) error) error {
	a, err := s.judgeAccess(ctx, ses, unit, doc, check)
	if err != nil {
		return err
	}
	if a.process.GlobalLevel() != sei.Public {
		if err := s.auditReads(ctx, ses, unit, []string{string(doc)}); err != nil {
			return err
		}
	}
	if a.document.Delivered || a.document.GeneratingUnit == unit || a.document.IsMinute() {
		return nil
	}
	if err := s.recordDelivery(ctx, a.process.ID, doc, ses.User, unit); err != nil {
		return err
	}
	_, err = s.judgeAccess(ctx, ses, unit, doc, check)
	return err
}

func (s *Service) judgeAccess(ctx context.Context, ses Session, unit sei.UnitID, doc sei.DocumentID, check func(reader, access) error) (access, error) {
	var a access
	err := s.store.viewing(ctx, func(r reader) error {
		cat, err := s.catalogueAt(r)
		if err != nil {
			return err
		}
		if a.process, a.document, err = loadDocument(r, doc); err != nil {
			return err
		}
		if a.actor, err = actorIn(r, cat, ses.User, unit, ses.Device, s.cfg.Clock()); err != nil {
			return err
		}
		a.unit = cat.Units[unit]
		if a.document == nil {
			return errNoFile()
		}
		if !sei.ReadsDocument(a.process, a.document, a.actor) {
			return errNoFile()
		}
		return check(r, a)
	})
	if sei.CodeOf(err) == sei.CodeNotFound {
		if err := s.auditDenied(ctx, ses, unit, doc); err != nil {
			return a, err
		}
	}
	return a, err
}

func (s *Service) auditDenied(ctx context.Context, ses Session, unit sei.UnitID, doc sei.DocumentID) error {
	return s.commits.write(ctx, func(w *writer) error {
		return audit(w, auditEntry{at: s.cfg.Clock(), act: "read", code: sei.CodeNotFound, user: ses.User, unit: unit, device: ses.Device, subject: string(doc)})
	})
}

// citedBlob: only files that the document cites are given under its name;
// images of a minute only within its unit.
func citedBlob(r reader, a access, sha sei.SHA256) (sei.BlobRef, error) {
	refs := a.document.Blobs()
	if i := slices.IndexFunc(refs, func(b sei.BlobRef) bool { return b.SHA256 == sha }); i >= 0 {
		return refs[i], nil
	}
	if a.document.GeneratingUnit == a.actor.Unit && takesPart(a.actor) {
		known, err := stoodInDocument(r, a.document.ID, sha)
		if err != nil || known {
			return sei.BlobRef{SHA256: sha}, err
		}
	}
	return sei.BlobRef{}, errNoFile()
}

// recordDelivery lets the rulebook decide whether handing out the content is an
// event; to is "" for a reader outside.
func (s *Service) recordDelivery(ctx context.Context, process sei.ProcessID, doc sei.DocumentID, user sei.UserID, to sei.UnitID) error {
	id := sei.CommandID(protocol.NewID(s.cfg.Clock(), s.cfg.Random))
	p := &prepared{
		wire:    wire.Command{ID: id, Process: process, User: user, Unit: to},
		command: sei.Command{ID: id, Process: process, Body: sei.RecordDelivery{Document: doc, To: to}},
		issued:  true,
	}
	return s.commits.write(ctx, func(w *writer) error { return s.issue(w, p) })
}

// ReadingCopy makes the via de leitura of a signed document.
func (s *Service) ReadingCopy(ctx context.Context, ses Session, unit sei.UnitID, doc sei.DocumentID) (io.ReadSeekCloser, error) {
	if s.cfg.Copier == nil {
		return nil, sei.Errorf(sei.CodeUnavailable, "A via de leitura não está disponível nesta central. Abra o documento assinado.")
	}
	var a access
	err := s.deliver(ctx, ses, unit, doc, func(_ reader, judged access) error {
		a = judged
		if judged.document.IsMinute() {
			return errNoFile()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.copyForReading(ctx, a.process, a.document)
}

// maxCopying bounds how many reading copies are made at once; each is held in
// memory until it is sent.
const maxCopying = 2

// made is a file that exists in memory only.
type made struct{ *bytes.Reader }

func (made) Close() error { return nil }

// copyForReading makes the reading copy of a document whose reader was judged.
// It is made whole first: an error must not look like a short file.
func (s *Service) copyForReading(ctx context.Context, p *sei.Process, d *sei.Document) (io.ReadSeekCloser, error) {
	select {
	case s.copying <- struct{}{}:
		defer func() { <-s.copying }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	content, _ := d.Content()
	f, err := s.cfg.Files.Open(ctx, content.SHA256)
	if err != nil {
		return nil, fmt.Errorf("opening content of document %s: %w", d.ID, err)
	}
	defer func() { _ = f.Close() }() // only read
	sheet, err := s.sheetOf(ctx, p, d)
	if err != nil {
		return nil, err
	}
	var pdf bytes.Buffer
	if err := s.cfg.Copier.Copy(ctx, &pdf, f, sheet); err != nil {
		return nil, fmt.Errorf("making a reading copy of document %s: %w", d.ID, err)
	}
	return made{bytes.NewReader(pdf.Bytes())}, nil
}

// sheetOf gathers what the sheet of signatures shows.
func (s *Service) sheetOf(ctx context.Context, p *sei.Process, d *sei.Document) (ReadingCopy, error) {
	c := ReadingCopy{
		Process: p, Document: d, VerifyURL: s.baseURL() + "/conferir", Training: s.training, Agencies: map[sei.AgencyID]string{},
		Seal: s.seal, MadeAt: s.cfg.Clock(),
	}
	if d.Frozen != nil {
		c.QRURL = s.QRURL(d.Frozen.QRToken)
	}
	err := s.store.viewing(ctx, func(r reader) error {
		cat, err := s.catalogueAt(r)
		if err != nil {
			return err
		}
		c.TypeName = cat.DocumentTypes[d.Type].Name
		c.Unit = cat.Units[d.GeneratingUnit]
		c.Agency = cat.Agencies[c.Unit.Agency]
		for _, sig := range d.Signatures {
			c.Agencies[sig.SigningAgency] = cat.Agencies[sig.SigningAgency].Acronym
		}
		return nil
	})
	return c, err
}

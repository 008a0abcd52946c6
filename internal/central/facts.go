package central

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// factsFor answers, inside the deciding transaction, what the rules ask beyond
// the state. The first failure of the database is kept in err: a fact that
// could not be read must not look like one that is false.
type factReader struct {
	s   *Service
	w   *writer
	p   *prepared
	err error
}

func (f *factReader) facts() sei.Facts {
	facts := sei.Facts{
		BlobPresent: f.blobPresent, SEINumberLeased: f.numberLeased,
		PasswordChecked: f.p.password, Evidence: f.p.evidence, MaxFileBytes: f.s.cfg.MaxFileBytes,
	}
	if t := f.p.text; t != nil {
		facts.TextError, facts.TextHash = t.err, t.hash
	}
	switch b := f.p.command.Body.(type) {
	case sei.SignDocument:
		facts.Head = f.head(b.Document)
		f.lookForText(facts.Head, b.Frozen)
		facts.PairHolds = f.pairHolds(b.Frozen)
		facts.ContentHolds = f.p.contentHolds
	case sei.EditMinute:
		facts.Head = f.head(b.Document)
	}
	return facts
}

// note keeps the first error and says whether there was none now.
func (f *factReader) note(err error) bool {
	if err != nil && f.err == nil {
		f.err = err
	}
	return err == nil
}

// blobPresent: only the actor's own upload counts, or what the minute showed
// before. Knowing the hash of a file must not be enough to have it put into a
// process.
func (f *factReader) blobPresent(ref sei.BlobRef) *bool {
	if f.p.text != nil {
		size, known := f.p.text.sizes[ref.SHA256]
		present := known && size == ref.Size
		return &present
	}
	size, err := uploadedSize(f.w.reader, f.p.wire.User, ref.SHA256)
	if !f.note(err) {
		return nil
	}
	present := size >= 0 && size == ref.Size
	return &present
}

func (f *factReader) numberLeased(n int64) *bool {
	var device, state string
	var epoch int64
	err := f.w.row("SELECT device_id, epoch, state FROM leased_numbers WHERE number = ?", n).Scan(&device, &epoch, &state)
	found, err := noRows(err)
	if !f.note(err) {
		return nil
	}
	leased := found && state == numberLeased && device == string(f.p.wire.Device) && epoch == f.p.wire.Epoch
	return &leased
}

func (f *factReader) head(doc sei.DocumentID) *sei.RevisionInfo {
	var id, hash, author, name string
	var at int64
	err := f.w.row("SELECT id, hash, author_id, author_name, at FROM revisions WHERE document_id = ? AND head", string(doc)).
		Scan(&id, &hash, &author, &name, &at)
	if found, err := noRows(err); !f.note(err) || !found {
		return nil
	}
	return &sei.RevisionInfo{ID: sei.RevisionID(id), Hash: sei.SHA256(hash), Author: sei.UserID(author), Name: name, At: fromMicros(at)}
}

// lookForText finds out whether the text that is frozen shows anything: a
// workstation does not sign a blank one, another client might.
func (f *factReader) lookForText(head *sei.RevisionInfo, frozen *sei.Frozen) {
	if head == nil || frozen == nil {
		return
	}
	var stored string
	if !f.note(f.w.row("SELECT revision FROM revisions WHERE id = ?", string(head.ID)).Scan(&stored)) {
		return
	}
	var rev sei.Revision
	if !f.note(json.Unmarshal([]byte(stored), &rev)) {
		return
	}
	doc, err := richtext.Parse(rev.Text)
	if f.note(err) {
		head.Blank = doc.IsBlank()
	}
}

// pairHolds says that the código CRC follows from the frozen revision and its
// salt, and that the QR token is well formed and belongs to no other document.
func (f *factReader) pairHolds(frozen *sei.Frozen) *bool {
	holds := false
	if frozen == nil {
		return &holds
	}
	raw, err := hex.DecodeString(string(frozen.RevisionHash))
	if err != nil || len(raw) != 32 {
		return &holds
	}
	token, err := protocol.ParseQRToken(frozen.QRToken)
	if err != nil || token != frozen.QRToken {
		return &holds
	}
	var taken int
	if !f.note(f.w.row("SELECT COUNT(*) FROM qr_tokens WHERE token = ?", token).Scan(&taken)) {
		return nil
	}
	holds = taken == 0 && protocol.SameCode(protocol.CRC([32]byte(raw), frozen.Salt), frozen.CRC)
	return &holds
}

// view is what the rulebook looks at for this command.
func (s *Service) view(w *writer, c deciding, p *prepared) (*sei.View, *numbers, *factReader, error) {
	choice := documentChoice{one: sei.DocumentOf(p.command.Body)}
	if _, sends := p.command.Body.(sei.Send); sends {
		choice = documentChoice{all: true} // sending blackens every pen
	}
	process, err := loadProcess(w.reader, p.command.Process, choice)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("loading process: %w", err)
	}
	nums := &numbers{w: w, cat: c.catalogue, zone: s.zone, taken: map[counterKey]int64{}, opened: map[counterKey]counter{}}
	f := &factReader{s: s, w: w, p: p}
	return &sei.View{Process: process, Catalogue: c, Numbers: nums, Facts: f.facts(), Authority: true}, nums, f, nil
}

package central

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// maxJudging bounds how many files are judged or inspected at once.
const maxJudging = 2

// prepared is a command with all that can be found out about it before, and
// outside, the transaction that decides it.
type prepared struct {
	sealed  ledger.Sealed
	hash    ledger.Hash // of the sealed bytes
	content ledger.Hash // of the command without its epoch
	wire    wire.Command
	command sei.Command
	// missing are cited files that the user has not uploaded whole yet.
	missing  []sei.SHA256
	text     *textFact
	evidence *sei.EvidenceFact
	// contentHolds: the content to freeze is a PDF of as many pages as stated.
	contentHolds *bool
	password     bool
	// issued by the central itself: no receipt, no workstation.
	issued bool
}

// textFact is a minute's text after parsing.
type textFact struct {
	err    error
	hash   sei.SHA256
	images []sei.SHA256
	sizes  map[sei.SHA256]int64 // of the images that may be cited
}

// unseal reads a sealed command and verifies that the session's workstation
// sealed it. Its errors are [sei.Error]: the command cannot be answered.
func unseal(ses Session, sealed ledger.Sealed) (*prepared, error) {
	c, err := wire.ReadCommand(sealed.Payload)
	if err != nil {
		return &prepared{wire: c}, err
	}
	p := &prepared{sealed: sealed, hash: sealed.Hash(), wire: c}
	if err := sealed.Verify(ses.DeviceKey, ledger.TypeCommand); err != nil {
		return p, sei.Wrap(err, sei.CodeForbidden, "O comando não foi feito por esta estação de trabalho.")
	}
	if c.User != ses.User || c.Device != ses.Device {
		return p, sei.Errorf(sei.CodeForbidden, "O comando foi feito por outro usuário ou em outra estação de trabalho.")
	}
	if p.content, err = contentHash(c); err != nil {
		return p, err
	}
	p.command, err = c.Decode()
	return p, err
}

// contentHash tells whether two seals hold the same command. A workstation that
// begins a new epoch seals its waiting commands anew; only the epoch differs.
func contentHash(c wire.Command) (ledger.Hash, error) {
	c.Epoch = 0
	data, err := json.Marshal(c)
	if err != nil {
		return ledger.Hash{}, sei.Wrap(err, sei.CodeInvalid, "O comando recebido está malformado.")
	}
	return sha256.Sum256(data), nil
}

// gather finds out what the decision will ask and what is slow: files, texts,
// signatures.
func (s *Service) gather(ctx context.Context, p *prepared) error {
	p.parseText()
	if err := s.findMissing(ctx, p); err != nil || len(p.missing) > 0 {
		return err
	}
	if err := s.inspectContent(ctx, p); err != nil {
		return err
	}
	return s.judgeEvidence(ctx, p)
}

// parseText puts the canonical form in place of the text that came, so that the
// stored text is the one its hash names.
func (p *prepared) parseText() {
	switch b := p.command.Body.(type) {
	case sei.AddDocument:
		p.text, b.Text = readText(b.Text)
		b.Images = p.text.cited(b.Images)
		p.command.Body = b
	case sei.EditMinute:
		p.text, b.Text = readText(b.Text)
		b.Images = p.text.cited(b.Images)
		p.command.Body = b
	}
}

func readText(text json.RawMessage) (*textFact, json.RawMessage) {
	doc, err := richtext.Parse(text)
	if err != nil {
		return &textFact{err: err}, text
	}
	sum := doc.Hash()
	f := &textFact{hash: sei.SHA256(hex.EncodeToString(sum[:]))}
	for _, sha := range doc.Blobs() {
		f.images = append(f.images, sei.SHA256(sha))
	}
	return f, doc.Canonical()
}

// cited keeps of what is said of the pictures that which the text cites: the
// workstations of the unit will ask for these files.
func (f *textFact) cited(images []sei.BlobRef) []sei.BlobRef {
	return slices.DeleteFunc(slices.Clone(images), func(b sei.BlobRef) bool { return !slices.Contains(f.images, b.SHA256) })
}

func (s *Service) findMissing(ctx context.Context, p *prepared) error {
	if p.text != nil {
		return s.findImages(ctx, p)
	}
	return s.store.viewing(ctx, func(r reader) error {
		for _, ref := range sei.CitedBlobs(p.command.Body) {
			size, err := uploadedSize(r, p.wire.User, ref.SHA256)
			if err != nil {
				return err
			}
			if size < 0 && ref.SHA256.Valid() {
				p.missing = append(p.missing, ref.SHA256)
			}
		}
		return nil
	})
}

// findImages finds out the sizes of a text's pictures. One counts that the author
// uploaded, or that stood in an earlier revision of the same document already:
// a colleague need not send it again. To who may not read the minute its pictures
// are missing like any other file: whether one stood there is not told.
func (s *Service) findImages(ctx context.Context, p *prepared) error {
	var earlier []sei.SHA256
	p.text.sizes = map[sei.SHA256]int64{}
	err := s.store.viewing(ctx, func(r reader) error {
		reads, err := s.readsMinute(r, p)
		if err != nil {
			return err
		}
		for _, sha := range p.text.images {
			size, err := uploadedSize(r, p.wire.User, sha)
			if err != nil {
				return err
			}
			if size >= 0 {
				p.text.sizes[sha] = size
				continue
			}
			known, err := stoodInDocument(r, sei.DocumentOf(p.command.Body), sha)
			if err != nil {
				return err
			}
			if known && reads {
				earlier = append(earlier, sha)
			} else {
				p.missing = append(p.missing, sha)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, sha := range earlier {
		size, err := s.cfg.Files.Size(ctx, sha)
		if err != nil {
			return fmt.Errorf("measuring a picture: %w", err)
		}
		p.text.sizes[sha] = size
	}
	return nil
}

// readsMinute says whether the author of the command may read the text that it
// is about, as the download of its pictures asks too.
func (s *Service) readsMinute(r reader, p *prepared) (bool, error) {
	c, err := s.catalogueAt(r)
	if err != nil {
		return false, err
	}
	process, d, err := loadDocument(r, sei.DocumentOf(p.command.Body))
	if err != nil || d == nil {
		return false, err
	}
	a, err := actorIn(r, c, p.wire.User, p.wire.Unit, p.wire.Device, s.cfg.Clock())
	return err == nil && d.GeneratingUnit == a.Unit && takesPart(a) && sei.Reads(process, a) == sei.ReadContent, err
}

// uploadedSize is the size of the user's own complete upload, or -1.
func uploadedSize(r reader, user sei.UserID, sha sei.SHA256) (int64, error) {
	var size int64
	err := r.row("SELECT size FROM uploads WHERE user_id = ? AND sha256 = ?", string(user), string(sha)).Scan(&size)
	if found, err := noRows(err); !found || err != nil {
		return -1, err
	}
	return size, nil
}

func stoodInDocument(r reader, doc sei.DocumentID, sha sei.SHA256) (bool, error) {
	var n int
	err := r.row("SELECT COUNT(*) FROM revision_blobs WHERE document_id = ? AND sha256 = ?", string(doc), string(sha)).Scan(&n)
	return n > 0, err
}

// inspectContent looks into the PDF that a signature would freeze.
func (s *Service) inspectContent(ctx context.Context, p *prepared) error {
	b, ok := p.command.Body.(sei.SignDocument)
	if !ok || b.Frozen == nil || s.cfg.Inspector == nil {
		return nil
	}
	done, err := s.turnToJudge(ctx)
	if err != nil {
		return err
	}
	defer done()
	f, err := s.cfg.Files.Open(ctx, b.Frozen.Content.SHA256)
	if err != nil {
		if sei.CodeOf(err) == sei.CodeNotFound {
			return nil // the decision will find that it is missing
		}
		return fmt.Errorf("opening the content to freeze: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	pages, err := s.cfg.Inspector.Inspect(ctx, f, f.Size())
	if err != nil && (ctx.Err() != nil || sei.CodeOf(err) == sei.CodeInternal) {
		return fmt.Errorf("inspecting the content to freeze: %w", err)
	}
	holds := err == nil && pages == b.Frozen.Pages
	p.contentHolds = &holds
	return nil
}

// turnToJudge waits until few enough files are looked into.
func (s *Service) turnToJudge(ctx context.Context) (done func(), err error) {
	select {
	case s.judging <- struct{}{}:
		return func() { <-s.judging }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Service) judgeEvidence(ctx context.Context, p *prepared) error {
	b, ok := p.command.Body.(sei.SignDocument)
	if !ok || b.Evidence == nil || b.Method == sei.ByPassword || s.cfg.Judge == nil {
		return nil
	}
	done, err := s.turnToJudge(ctx)
	if err != nil {
		return err
	}
	defer done()
	size, err := s.cfg.Files.Size(ctx, b.ContentSHA256)
	if err != nil {
		if sei.CodeOf(err) == sei.CodeNotFound {
			return nil // the decision will find that the content is another
		}
		return fmt.Errorf("looking for the content that was signed: %w", err)
	}
	f, err := s.cfg.Files.Open(ctx, b.Evidence.SHA256)
	if err != nil {
		return fmt.Errorf("opening a signed file: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	fact, err := s.judgeFile(ctx, f, sei.BlobRef{SHA256: b.Evidence.SHA256, Size: f.Size(), MIME: b.Evidence.MIME}, sei.BlobRef{SHA256: b.ContentSHA256, Size: size})
	if err != nil {
		return err
	}
	p.evidence = &fact
	return nil
}

// maxDetached is the largest signature beside a file that is read.
const maxDetached = 4 << 20

// judgeFile judges a signed PDF, or a signature that stands beside its content.
func (s *Service) judgeFile(ctx context.Context, signed io.ReaderAt, ref, original sei.BlobRef) (fact sei.EvidenceFact, err error) {
	if ref.MIME != sei.MIMEDetached {
		if fact, err = s.cfg.Judge.Judge(ctx, signed, ref.Size, original); err != nil {
			return fact, fmt.Errorf("judging a signature: %w", err)
		}
		return fact, nil
	}
	unreadable := sei.EvidenceFact{Verdict: sei.VerdictInvalid, Reasons: []string{"A assinatura está ilegível."}}
	judge, ok := s.cfg.Judge.(DetachedJudge)
	if !ok || ref.Size > maxDetached {
		return unreadable, nil
	}
	signature := make([]byte, ref.Size)
	if _, err := signed.ReadAt(signature, 0); err != nil && !errors.Is(err, io.EOF) {
		return fact, fmt.Errorf("reading a signature: %w", err)
	}
	content, err := s.cfg.Files.Open(ctx, original.SHA256)
	if err != nil {
		return fact, fmt.Errorf("opening the content that was signed: %w", err)
	}
	defer func() { _ = content.Close() }() // only read
	if fact, err = judge.JudgeDetached(ctx, signature, content, content.Size()); err != nil {
		return fact, fmt.Errorf("judging a signature: %w", err)
	}
	return fact, nil
}

// deviceKey guards against keys of the wrong length before they are used.
func deviceKey(raw []byte) (ed25519.PublicKey, error) {
	if len(raw) != ed25519.PublicKeySize {
		return nil, sei.Errorf(sei.CodeInvalid, "A chave desta estação de trabalho não tem a forma esperada.")
	}
	return ed25519.PublicKey(raw), nil
}

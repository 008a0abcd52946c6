package central

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// maxComparing bounds the visitors' files that rest on the disk while they are
// looked at. One more is compared with the signed files only.
const maxComparing = 8

// shownFile is a file that a visitor has: its hash and, where it may be a reading
// copy, its bytes for as long as the answer takes.
type shownFile struct {
	sha   sei.SHA256
	size  int64
	spool *os.File // nil when the hash is enough
	free  func()
}

func (f *shownFile) close() {
	if f.spool != nil {
		_ = f.spool.Close()           // nothing of it is needed
		_ = os.Remove(f.spool.Name()) //nolint:gosec // os.CreateTemp named it
	}
	f.free()
}

// file compares an uploaded file with what was signed. Nothing of it is kept.
func (p *publicSite) file(w http.ResponseWriter, r *http.Request) {
	page := publicPage{Asked: true}
	part, asked, err := p.readForm(w, r, &page)
	if err != nil {
		p.fail(w, r, page, err)
		return
	}
	v, err := p.s.verify(r.Context(), callerOf(r.Context()), asked)
	if err != nil {
		p.fail(w, r, page, err)
		return
	}
	shown, err := p.s.receiveShown(part, v.Result == ResultFound)
	if err != nil {
		p.fail(w, r, page, p.uploadError(err))
		return
	}
	defer shown.close()
	page.Answer = &v
	if v.Result == ResultFound {
		if page.File, err = p.s.compareShown(r.Context(), v, shown); err != nil {
			p.fail(w, r, page, err)
			return
		}
	}
	p.render(w, statusFor(v), page)
}

// readForm reads the fields up to the file, which is the last.
func (p *publicSite) readForm(w http.ResponseWriter, r *http.Request, page *publicPage) (*multipart.Part, pair, error) {
	var asked pair
	limit := p.s.cfg.MaxFileBytes + 64<<10 // the form around the file
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTimeout)); err != nil {
		return nil, asked, fmt.Errorf("extending the read deadline: %w", err)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, asked, sei.Wrap(err, sei.CodeInvalid, "Escolha o arquivo PDF a conferir.")
	}
	for range 8 { // fields of the form
		part, err := parts.NextPart()
		if err != nil {
			return nil, asked, p.uploadError(err)
		}
		if part.FormName() == "arquivo" {
			page.FileName = part.FileName()
			return part, asked, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFormField))
		if err != nil {
			return nil, asked, p.uploadError(err)
		}
		switch part.FormName() {
		case "codigo":
			asked.code, page.Code = string(value), string(value)
		case "crc":
			asked.crc, page.CRC = string(value), string(value)
		case "token":
			asked.token, page.Token = string(value), string(value)
		}
	}
	return nil, asked, sei.Errorf(sei.CodeInvalid, "O formulário recebido está malformado.")
}

// receiveShown hashes the file as it comes; with spool it also rests on the disk,
// if few enough others do.
func (s *Service) receiveShown(r io.Reader, spool bool) (*shownFile, error) {
	f := &shownFile{free: func() {}}
	h := sha256.New()
	var to io.Writer = h
	if spool && s.cfg.Seals != nil {
		select {
		case s.comparing <- struct{}{}:
			f.free = func() { <-s.comparing }
			var err error
			if f.spool, err = os.CreateTemp("", "seirs-conferir-*.pdf"); err != nil {
				f.close()
				return nil, fmt.Errorf("keeping a file to compare: %w", err)
			}
			to = io.MultiWriter(h, f.spool)
		default:
		}
	}
	n, err := io.Copy(to, r)
	if err == nil && n == 0 {
		err = sei.Errorf(sei.CodeInvalid, "Escolha o arquivo PDF a conferir.")
	}
	if err != nil {
		f.close()
		return nil, err
	}
	f.sha, f.size = sei.SHA256(hex.EncodeToString(h.Sum(nil))), n
	return f, nil
}

// compareShown says what the file is to the document: one of its signed files, a
// reading copy of this version that nobody changed, or neither.
func (s *Service) compareShown(ctx context.Context, v Verification, f *shownFile) (string, error) {
	switch {
	case v.matches(f.sha):
		return "match", nil
	case f.spool == nil:
		return "other", nil
	}
	reason, err := s.cfg.Seals.ReadSeal(ctx, f.spool, f.size, s.seal.Key.Public())
	if err != nil {
		return "", fmt.Errorf("looking for the seal: %w", err)
	}
	if reason != "" && reason == sealReason(v.document) {
		return "copy", nil
	}
	return "other", nil
}

func (p *publicSite) uploadError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return sei.Wrap(err, sei.CodeTooLarge, fmt.Sprintf("O arquivo passa do limite de %d MB.", p.s.cfg.MaxFileBytes>>20))
	}
	if _, ours := errors.AsType[*sei.Error](err); ours {
		return err
	}
	return sei.Wrap(err, sei.CodeInvalid, "O arquivo não chegou inteiro. Tente de novo.")
}

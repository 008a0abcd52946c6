package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	// MaxFileBytes bounds the files that Inspect and ReadingCopy open, since
	// the library beneath holds a file in memory.
	MaxFileBytes = 256 << 20
	// readTimeout ends the reading of a file made to be read for ever.
	readTimeout = time.Minute
	// headerWithin is how far from its start a file may begin to be a PDF
	// (ISO 32000-1, annex H.3, note 13).
	headerWithin = 1024
)

// Info is what Inspect learns about a file.
type Info struct {
	Pages int
	// Encrypted says that the file is encrypted but opens without a password.
	Encrypted bool
	Size      int64
	// Signed says that the file has a signature field that was signed.
	Signed bool
}

// Inspect says whether r is really a PDF that can be read. Errors carry
// CodeNotAPDF, CodeEncrypted (it asks for a password), CodeDamaged or
// sei.CodeTooLarge.
func Inspect(r io.ReadSeeker) (Info, error) {
	size, err := checkHeader(r)
	if err != nil {
		return Info{}, err
	}
	ctx, err := load(r, model.LISTINFO)
	if err != nil {
		return Info{}, err
	}
	pages, err := countPages(ctx)
	if err != nil {
		return Info{}, err
	}
	return Info{Pages: pages, Encrypted: ctx.Encrypt != nil, Size: size, Signed: isSigned(ctx)}, nil
}

// checkHeader reads the file's size and first bytes, and rewinds it.
func checkHeader(r io.ReadSeeker) (int64, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return 0, fmt.Errorf("reading a PDF: %w", err)
	}
	head := make([]byte, min(size, headerWithin))
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, fmt.Errorf("reading a PDF: %w", err)
	}
	if !bytes.Contains(head, []byte("%PDF-")) {
		return 0, sei.Errorf(CodeNotAPDF, "O arquivo não é um PDF. Confira se o arquivo escolhido é o certo ou gere o PDF de novo.")
	}
	if size > MaxFileBytes {
		return 0, sei.Errorf(sei.CodeTooLarge, "O PDF tem %d MB; o limite é %d MB. Divida-o ou reduza a resolução das imagens.", size>>20, MaxFileBytes>>20)
	}
	_, err = r.Seek(0, io.SeekStart)
	return size, err
}

// withoutConfigDir keeps the library from writing a configuration folder into
// the user's profile. It is the library's own global switch.
var withoutConfigDir = sync.OnceFunc(api.DisableConfigDir)

func configuration(purpose model.CommandMode) *model.Configuration {
	withoutConfigDir()
	c := model.NewDefaultConfiguration()
	c.ValidationMode = model.ValidationRelaxed
	c.Cmd = purpose // decides what the library does about encryption
	c.CreateBookmarks = false
	c.OptimizeBeforeWriting = false
	c.Offline = true
	c.Limits.MaxStreamBytes = MaxFileBytes
	c.Limits.MaxDecodeBytes = MaxFileBytes
	c.Limits.MaxObjectCount = 4_000_000
	c.Limits.MaxXRefEntries = 4_000_000
	return c
}

// load reads a file's objects. Whatever goes wrong in the library, panics
// included, is a damaged file: it is fed files from anywhere.
func load(r io.ReadSeeker, purpose model.CommandMode) (ctx *model.Context, err error) {
	defer guard(&err)
	limit, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	ctx, err = pdfcpu.ReadWithContext(limit, r, configuration(purpose))
	if err != nil {
		return nil, readError(err)
	}
	return ctx, nil
}

func guard(err *error) {
	if p := recover(); p != nil {
		*err = damaged(fmt.Errorf("the PDF library failed: %v", p))
	}
}

func damaged(err error) error {
	return sei.Wrap(err, CodeDamaged, "O PDF está danificado ou incompleto e não pode ser lido até o fim. Peça ou gere o arquivo de novo.")
}

func readError(err error) error {
	for _, locked := range []error{pdfcpu.ErrWrongPassword, pdfcpu.ErrOwnerPasswordRequired, pdfcpu.ErrPermissionDenied,
		pdfcpu.ErrUnsupportedEncryptionFeature, pdfcpu.ErrMalformedEncryption, pdfcpu.ErrEncrypted} {
		if errors.Is(err, locked) {
			return sei.Wrap(err, CodeEncrypted, "O PDF está protegido por senha. Salve uma cópia sem senha e use essa cópia.")
		}
	}
	return damaged(err)
}

func countPages(ctx *model.Context) (n int, err error) {
	defer guard(&err)
	if err := ctx.EnsurePageCount(); err != nil {
		return 0, damaged(err)
	}
	if ctx.PageCount < 1 {
		return 0, damaged(errors.New("no pages"))
	}
	// The count is what the file claims; the first and last page must be there.
	for _, p := range []int{1, ctx.PageCount} {
		if d, _, _, err := ctx.PageDict(p, false); err != nil || d == nil {
			return 0, damaged(fmt.Errorf("page %d: %w", p, err))
		}
	}
	return ctx.PageCount, nil
}

// isSigned looks at the form's signature flags (ISO 32000-1, table 219).
func isSigned(ctx *model.Context) (signed bool) {
	defer func() {
		if recover() != nil {
			signed = false
		}
	}()
	root, err := ctx.Catalog()
	if err != nil {
		return false
	}
	form, err := ctx.DereferenceDict(root["AcroForm"])
	if err != nil || form == nil {
		return false
	}
	flags := form.IntEntry("SigFlags")
	return flags != nil && *flags&1 != 0
}

// ReadingCopy writes the reading copy (via de leitura): the pages of content
// and, after them, the signature sheet. The signed bytes are not changed, they
// are only read; signature fields do not pass into the copy, because in it
// they could not be valid. Errors are those of Inspect and Typeset.
func ReadingCopy(w io.Writer, content io.ReadSeeker, sheet Sheet) (err error) {
	defer guard(&err)
	if err := checkSheet(sheet); err != nil {
		return err
	}
	if _, err := checkHeader(content); err != nil {
		return err
	}
	page, err := typesetSheet(sheet)
	if err != nil {
		return err
	}
	pages, err := loadForMerge(content)
	if err != nil {
		return err
	}
	last, err := loadForMerge(bytes.NewReader(page))
	if err != nil {
		return fmt.Errorf("reading the signature sheet: %w", err)
	}
	pages.EnsureVersionForWriting()
	if err := pdfcpu.MergeXRefTables("", last, pages, false, false); err != nil {
		return damaged(fmt.Errorf("joining the signature sheet: %w", err))
	}
	if err := api.WriteContext(pages, w); err != nil {
		return fmt.Errorf("writing the reading copy: %w", err)
	}
	return nil
}

func loadForMerge(r io.ReadSeeker) (*model.Context, error) {
	ctx, err := load(r, model.MERGECREATE)
	if err != nil {
		return nil, err
	}
	if err := api.ValidateContext(ctx); err != nil {
		return nil, damaged(err)
	}
	if len(ctx.Signatures) > 0 {
		if err := ctx.RemoveAllSignatures(); err != nil {
			return nil, damaged(fmt.Errorf("leaving out signature fields: %w", err))
		}
	}
	return ctx, nil
}

package evidence

import (
	"context"
	"io"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
)

// Content looks into the PDF that a first signature freezes.
type Content struct{}

// Inspect counts the pages of a PDF. An error with a code says that it cannot be read
// as one; any other error, that nobody could look.
func (Content) Inspect(ctx context.Context, in io.ReaderAt, size int64) (pages int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	info, err := pdf.Inspect(io.NewSectionReader(in, 0, size))
	return info.Pages, err
}

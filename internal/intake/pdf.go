package intake

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// edge is how far from the beginning and the end of a file readers look for a
// PDF's marks (ISO 32000-1, annex H.3, notes 13 and 18).
const edge = 1024

// PlausiblePDF looks at the two ends of a file. It returns nil for one that
// begins and ends as a PDF does, ErrIncomplete for one whose end or beginning is
// not there yet, and a CodeRejected refusal for one that begins as something
// else. It proves nothing about what lies between.
func PlausiblePDF(path string) error {
	f, err := openShared(path)
	if err != nil {
		return fmt.Errorf("opening for a look: %w", err)
	}
	err = plausible(f)
	if closeErr := f.Close(); err == nil && closeErr != nil {
		return fmt.Errorf("looking at a file: %w", closeErr)
	}
	return err
}

func plausible(f *os.File) error {
	head, tail, err := edges(f)
	if err != nil {
		return fmt.Errorf("looking at a file: %w", err)
	}
	return judgeEdges(head, tail)
}

func judgeEdges(head, tail []byte) error {
	switch {
	case bytes.Contains(head, []byte("%PDF-")):
		if !bytes.Contains(tail, []byte("%%EOF")) {
			return ErrIncomplete
		}
		return nil
	case len(bytes.Trim(head, "\x00")) == 0:
		// Some copies reserve the whole length first and fill it afterwards.
		return ErrIncomplete
	case len(head) < len("%PDF-") && bytes.HasPrefix([]byte("%PDF-"), head):
		return ErrIncomplete
	}
	return sei.Errorf(CodeRejected, "O arquivo tem nome de PDF, mas o conteúdo não é um PDF. Gere o PDF de novo ou registre o arquivo com o nome correto.")
}

func edges(f *os.File) (head, tail []byte, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if head, err = section(f, 0, info.Size()); err != nil {
		return nil, nil, err
	}
	tail, err = section(f, max(0, info.Size()-edge), info.Size())
	return head, tail, err
}

func section(r io.ReaderAt, from, size int64) ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(r, from, min(edge, size-from)))
}

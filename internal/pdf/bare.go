package pdf

import (
	"fmt"

	"github.com/jung-kurt/gofpdf"
)

// Bare writes paragraphs with the library beneath alone, as a first program
// would: no even lines, no tags, no PDF/A. It is what Typeset's cost is
// measured against (seirs bench pdf).
func Bare(paragraphs []string) ([]byte, error) {
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetMargins(30, 25, 20)
	f.SetAutoPageBreak(true, 37)
	f.AddUTF8FontFromBytes(faceRegular.family, faceRegular.style, []byte(*faceRegular.data))
	f.AddPage()
	f.SetFont(faceRegular.family, faceRegular.style, textSize)
	for _, p := range paragraphs {
		f.MultiCell(0, 5.5, p, "", "J", false)
		f.Ln(2.5)
	}
	out, err := output(f)
	if err != nil {
		return nil, fmt.Errorf("the bare library: %w", err)
	}
	return out, nil
}

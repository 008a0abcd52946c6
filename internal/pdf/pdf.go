// Package pdf turns the text of an internal document into the PDF that is
// signed, joins signed bytes and a signature sheet into a reading copy, and
// tells whether a file received is a readable PDF.
//
// Typeset is deterministic: the same Input gives the same bytes, on every
// system, so that the preview is the file that is signed. See DESIGN.md.
package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jung-kurt/gofpdf"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Codes of this package's errors.
const (
	// CodeFieldWithoutValue is a text that uses a field nobody can fill in yet.
	CodeFieldWithoutValue sei.Code = "pdf.field_without_value"
	// CodeLostReference is a cross-reference whose place is gone.
	CodeLostReference sei.Code = "pdf.lost_reference"
	// CodeUnsupportedCharacter is a character that the fonts cannot carry.
	CodeUnsupportedCharacter sei.Code = "pdf.unsupported_character"
	// CodeBadImage is a picture that is missing, damaged, too large or of a kind not taken.
	CodeBadImage sei.Code = "pdf.bad_image"
	// CodeTooLong is a text that would fill more than MaxPages pages.
	CodeTooLong sei.Code = "pdf.too_long"
	// CodeNotAPDF is a file that is no PDF, whatever its name says.
	CodeNotAPDF sei.Code = "pdf.not_a_pdf"
	// CodeEncrypted is a PDF that asks for a password.
	CodeEncrypted sei.Code = "pdf.encrypted"
	// CodeDamaged is a PDF that cannot be read to its end.
	CodeDamaged sei.Code = "pdf.damaged"
)

// MaxPages bounds a typeset document.
const MaxPages = 2000

// ToBeFiled is printed as the process number of a text that is signed before
// the central has given one.
const ToBeFiled = "a autuar"

// Verification is the pair printed on every page with which anyone checks the
// document on the central's public page.
type Verification struct {
	URL   string // address of the public page, without the pair
	Code  string // código verificador: the Nº SEI
	CRC   string // código CRC: eight hexadecimal digits
	QRURL string // what the QR code carries: address with the document's random token; no QR code when empty
}

// Metadata goes into the file's properties and is not printed.
type Metadata struct {
	Title   string // by default the document's title
	Author  string // by default the unit and agency
	Subject string
}

// Input is everything that decides the bytes of a typeset document.
type Input struct {
	// Header are the lines at the head of the first page, from the state down
	// to the unit; the last is set lighter than those above.
	Header []string
	// Title is the document's type and number: "Ofício nº 12/2026", "Despacho".
	Title string
	// SEINumber is the Nº SEI; empty while there is none (a preview).
	SEINumber string
	// Process is the process number, or ToBeFiled.
	Process string
	// Body is the text.
	Body *richtext.Doc
	// Images returns the bytes of the picture with that SHA-256 (hexadecimal).
	// It may be nil when the text cites none.
	Images func(sha256 string) ([]byte, error)
	// Fields are the values of the text's fields by name. A field without a
	// value stops the typesetting (CodeFieldWithoutValue).
	Fields map[string]string
	// Verification is printed on every page; the zero value prints none.
	Verification Verification
	// Draft sets a text that may not be ready: a cross-reference whose place is
	// gone shows a mark instead of stopping the typesetting.
	Draft bool
	// Training prints that the document has no legal value on every page.
	Training bool
	// Date is the file's creation date; it is part of the bytes.
	Date     time.Time
	Metadata Metadata
}

// StampRect is the place for the visible signature stamp, below the end of
// the text. Coordinates are PDF points from the lower left corner of the page.
type StampRect struct {
	Page                     int // from 1
	Left, Bottom, Right, Top float64
}

// Result is a typeset document.
type Result struct {
	PDF       []byte
	Pages     int
	SHA256    [32]byte
	StampRect StampRect
}

// Typeset sets the document. Errors meant for the servant carry
// CodeFieldWithoutValue, CodeUnsupportedCharacter, CodeBadImage, CodeTooLong
// or richtext.CodeInvalid.
func Typeset(in Input) (*Result, error) {
	if in.Body == nil {
		return nil, fmt.Errorf("typesetting %q: no body", in.Title)
	}
	if err := in.Body.Validate(); err != nil {
		return nil, err
	}
	if err := checkFields(in); err != nil {
		return nil, err
	}
	if err := checkReferences(in); err != nil {
		return nil, err
	}
	if err := checkRunes(in); err != nil {
		return nil, err
	}
	s := in.lay()
	out, err := s.finish(metadataOf(in), in.Date)
	if err != nil {
		return nil, err
	}
	return &Result{PDF: out, Pages: len(s.pages), SHA256: sha256.Sum256(out), StampRect: s.stamp}, nil
}

// maxPasses bounds how often a text that shows its own page numbers is laid
// out. Two passes settle nearly all; one whose numbers move its lines to and
// fro is given the last.
const maxPasses = 5

// lay sets the text on pages.
func (in Input) lay() *setter {
	labels, headings := richtext.LabelsOf(in.Body), headingsOf(in.Body)
	var known map[*richtext.Node]int
	for pass := 1; ; pass++ {
		s := newSetter(documentChrome(in))
		s.images, s.fields, s.draft = in.Images, in.Fields, in.Draft
		s.labels, s.headings, s.known = labels, headings, known
		s.frontMatter(in)
		s.flow(s.withStamp(s.blocks(in.Body.Content, frame{width: bodyWidth})))
		if s.err != nil || !namesPages(in.Body) || pass == maxPasses || maps.Equal(s.landed, known) {
			return s
		}
		known = s.landed
	}
}

func metadataOf(in Input) Metadata {
	m := in.Metadata
	if m.Title == "" {
		m.Title = in.Title
	}
	if m.Author == "" && len(in.Header) > 0 {
		m.Author = strings.Join(in.Header[max(0, len(in.Header)-2):], " - ")
	}
	if m.Subject == "" && in.Process != "" {
		m.Subject = "Processo " + in.Process
	}
	return Metadata{oneLine(m.Title), oneLine(m.Author), oneLine(m.Subject)}
}

// oneLine leaves out what neither XML nor a file's properties can hold.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || r&0xFFFE == 0xFFFE {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
}

func checkFields(in Input) error {
	var missing []string
	for _, name := range in.Body.Fields() {
		if strings.TrimSpace(in.Fields[name]) == "" {
			missing = append(missing, richtext.FieldLabel(name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return sei.Errorf(CodeFieldWithoutValue, "O texto usa um campo que ainda não tem valor: %s. Espere o valor existir ou retire o campo do texto.", strings.Join(missing, ", "))
}

func checkReferences(in Input) error {
	if in.Draft {
		return nil
	}
	if lost := richtext.LabelsOf(in.Body).Dangling(in.Body); len(lost) > 0 {
		return sei.Errorf(CodeLostReference, "O texto cita uma parte que não existe mais ou que não tem número (%d referências). Refaça a referência ou retire-a.", len(lost))
	}
	return nil
}

func checkRunes(in Input) error {
	bad := UnsupportedRunes(in.Body)
	printed := append([]string{in.Title, in.SEINumber, in.Process, in.Verification.URL, in.Verification.Code, in.Verification.CRC}, in.Header...)
	for _, name := range in.Body.Fields() {
		printed = append(printed, in.Fields[name])
	}
	for _, text := range printed {
		bad = append(bad, unsupportedIn(text)...)
	}
	if len(bad) == 0 {
		return nil
	}
	return unsupportedError(bad)
}

func unsupportedError(bad []rune) error {
	const shown = 10
	var names []string
	for _, r := range bad[:min(len(bad), shown)] {
		names = append(names, fmt.Sprintf("%q (U+%04X)", string(r), r))
	}
	return sei.Errorf(CodeUnsupportedCharacter, "O texto tem caracteres que o PDF não consegue representar: %s. Troque-os ou insira-os como imagem.", strings.Join(names, ", "))
}

// newPDF returns an empty gofpdf file in points, with everything that could
// vary from run to run pinned.
func newPDF() *gofpdf.Fpdf {
	f := gofpdf.New("P", "pt", "A4", "")
	f.SetCatalogSort(true)
	f.SetCompression(true)
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	f.SetCreationDate(time.Unix(0, 0).UTC())
	f.SetModificationDate(time.Unix(0, 0).UTC())
	return f
}

func output(f *gofpdf.Fpdf) ([]byte, error) {
	var buf bytes.Buffer
	if err := f.Output(&buf); err != nil {
		return nil, fmt.Errorf("writing the PDF: %w", err)
	}
	return buf.Bytes(), nil
}

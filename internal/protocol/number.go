package protocol

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Kind is a national form of process number.
type Kind int

// The forms that [KindOf] tells apart.
const (
	// KindUnknown is any other text, an agency's own form included.
	KindUnknown Kind = iota
	// KindNUP is the 17-digit number of the federal executive.
	KindNUP
	// KindNIPE is the 20-digit number of states and municipalities.
	KindNIPE
	// KindPROA is the number of PROA, SEI RS's predecessor: AA/OOOO-NNNNNNN-D.
	KindPROA
)

// String names the kind for logs.
func (k Kind) String() string {
	switch k {
	case KindNUP:
		return "NUP"
	case KindNIPE:
		return "NIPE"
	case KindPROA:
		return "PROA"
	}
	return "unknown"
}

const (
	nupDigits      = 17
	nipeDigits     = 20
	maxTypedNumber = 100 // characters looked at in what somebody typed or pasted
)

var (
	nupForm  = regexp.MustCompile(`^\d{5}\.\d{6}/\d{4}-\d{2}$`)
	nipeForm = regexp.MustCompile(`^\d{2}\.\d{6}\.\d{6}/\d{4}-\d{2}$`)
	proaForm = regexp.MustCompile(`^(\d{2})/(\d{4})-(\d{7})-(\d)$`)
)

// Normalize keeps the ASCII digits of s and nothing else, so that a number is
// found whether or not it is typed with its punctuation.
func Normalize(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// KindOf recognises a number by its form and, where there is a rule, by its
// check digits. NUP and NIPE may come without punctuation; a PROA number has to
// have it, because 14 bare digits may as well be a CNPJ.
func KindOf(number string) Kind {
	number = strings.TrimSpace(number)
	switch {
	case CheckNUP(number) == nil:
		return KindNUP
	case CheckNIPE(number) == nil:
		return KindNIPE
	case proaForm.MatchString(number):
		return KindPROA
	}
	return KindUnknown
}

// CheckNUP returns nil for a 17-digit NUP, punctuated 00000.000000/0000-00 or
// bare, whose check digits agree, and a CodeNumber refusal otherwise.
func CheckNUP(number string) error {
	return checkNational(number, nupForm, nupDigits, "NUP", "00000.000000/0000-00")
}

// CheckNIPE returns nil for a 20-digit NIPE, punctuated
// 00.000000.000000/0000-00 or bare, whose check digits agree, and a CodeNumber
// refusal otherwise.
func CheckNIPE(number string) error {
	return checkNational(number, nipeForm, nipeDigits, "NIPE", "00.000000.000000/0000-00")
}

func checkNational(number string, form *regexp.Regexp, digits int, name, example string) error {
	bare := len(number) == digits && allDigits(number)
	if !bare && !form.MatchString(number) {
		return sei.Errorf(CodeNumber, "O %s deve ter %d algarismos, na forma %s. Confira o que foi digitado.", name, digits, example)
	}
	n := Normalize(number)
	if n[digits-2:] != FederalCheckDigits(n[:digits-2]) {
		return wrongCheckDigits()
	}
	return nil
}

// PROANumber is a number of PROA taken apart. The rule of the last digit was
// never published, so it is carried and not checked.
type PROANumber struct {
	Year       int // four digits; PROA writes two
	AgencyCode string
	Sequence   int64
	Last       int
}

// ParsePROA reads AA/OOOO-NNNNNNN-D and refuses anything else with CodeNumber.
func ParsePROA(number string) (PROANumber, error) {
	g := proaForm.FindStringSubmatch(number)
	if g == nil {
		return PROANumber{}, sei.Errorf(CodeNumber, "O número do PROA deve ter a forma 00/0000-0000000-0. Confira o que foi digitado.")
	}
	year, errYear := strconv.Atoi(g[1])
	seq, errSeq := strconv.ParseInt(g[3], 10, 64)
	if errYear != nil || errSeq != nil {
		return PROANumber{}, sei.Errorf(CodeNumber, "O número do PROA não pôde ser lido. Confira o que foi digitado.")
	}
	return PROANumber{Year: 2000 + year, AgencyCode: g[2], Sequence: seq, Last: int(g[4][0] - '0')}, nil
}

// FormatSEINumber writes a document's number (Nº SEI, also its código
// verificador) with at least seven digits. Numbers start at 1; anything less
// gives "".
func FormatSEINumber(n int64) string {
	if n < 1 {
		return ""
	}
	s := strconv.FormatInt(n, 10)
	return strings.Repeat("0", max(0, 7-len(s))) + s
}

// ParseSEINumber reads a document's number as people type it: leading zeros may
// be missing, and points, spaces and hyphens between the digits are passed over.
// It refuses everything else with CodeNumber.
func ParseSEINumber(typed string) (int64, error) {
	if len(typed) <= maxTypedNumber {
		digits := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(strings.TrimSpace(typed))
		if digits != "" && allDigits(digits) {
			if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n > 0 {
				return n, nil
			}
		}
	}
	return 0, sei.Errorf(CodeNumber, "O código verificador deve ter só algarismos, como 0176343. Confira o que foi digitado.")
}

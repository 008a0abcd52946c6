package protocol

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Masks in common use. Both number by unit; the first two digits of the NIPE
// stand for the state and are written as a literal in each agency's mask.
const (
	// MaskNUP is the 17-digit number of the federal executive in the form that
	// SEI ships as its example: three digits of agency, two of unit.
	MaskNUP = "@cod_orgao_sei_03d@@cod_unidade_sei_02d@.@seq_anual_cod_unidade_sei_06d@/@ano_4d@-@dv_mod11_executivo_federal_2d@"
	// MaskNIPETail follows the state's two digits and a point, for instance
	// "17." + MaskNIPETail in Tocantins.
	MaskNIPETail = "@cod_orgao_sei_03d@@cod_unidade_sei_03d@.@seq_anual_cod_unidade_sei_06d@/@ano_4d@-@dv_mod11_executivo_federal_2d@"
)

const (
	maxMaskLength  = 300 // characters of a mask as configured
	maxNumberWidth = 50  // characters of a number: SEI's own column
	maxFieldWidth  = 10  // SEI's variables end at 010d
)

// Scope is what a mask's sequence is counted by. The counter of a number is
// keyed by the scope and the year.
type Scope int

// The scopes that SEI's sequence variables know.
const (
	// ScopeUnit counts apart in every unit (@seq_anual_cod_unidade_sei_06d@).
	ScopeUnit Scope = iota + 1
	// ScopeAgency counts apart in every agency (@seq_anual_cod_orgao_sei_06d@).
	ScopeAgency
	// ScopeInstallation counts once for the whole central (@seq_anual_06d@).
	ScopeInstallation
)

// String names the scope for logs and stored counter keys; it is stable.
func (s Scope) String() string {
	switch s {
	case ScopeUnit:
		return "unit"
	case ScopeAgency:
		return "agency"
	case ScopeInstallation:
		return "installation"
	}
	return "none"
}

type field int

const (
	literal field = iota
	agencyCode
	unitCode
	sequence
	year4
	year2
	federalDigits
)

// piece is a literal or a variable of fixed width.
type piece struct {
	field field
	text  string // the literal, or the variable's name without the @
	width int    // characters it takes in the number
}

// Mask is how an agency's process numbers are written. The zero Mask is not
// usable; get one from [ParseMask].
type Mask struct {
	source string
	pieces []piece
	scope  Scope
}

// Parts are what a mask puts together. Codes are digits as the catalogue has
// them, with or without leading zeros; Sequence starts at 1; Year has four
// digits.
type Parts struct {
	AgencyCode string
	UnitCode   string
	Sequence   int64
	Year       int
}

// ParseMask reads a mask in SEI's language: variables between @ and literal
// characters (digits, letters, point, hyphen, slash, space). The variables are
// cod_orgao_sei_NNd, cod_unidade_sei_NNd, seq_anual_cod_unidade_sei_NNd,
// seq_anual_cod_orgao_sei_NNd, seq_anual_NNd, ano_4d, ano_2d and
// dv_mod11_executivo_federal_2d, where NN is a width such as 06. A mask has
// exactly one sequence and one year, at most one of each code, its check digits
// last, and, when it counts by unit, the unit's code: without it two units
// would give the same number. Every other mask is refused with CodeMask.
func ParseMask(source string) (Mask, error) {
	if source == "" || len(source) > maxMaskLength {
		return Mask{}, badMask("ela deve ter de 1 a %d caracteres", maxMaskLength)
	}
	pieces, err := splitMask(source)
	if err != nil {
		return Mask{}, err
	}
	m := Mask{source: source, pieces: pieces}
	for _, p := range pieces {
		if p.field == sequence {
			m.scope = sequenceScope(p.text)
		}
	}
	if err := m.check(); err != nil {
		return Mask{}, err
	}
	return m, nil
}

// String returns the mask as it was configured.
func (m Mask) String() string { return m.source }

// Scope says what the mask's sequence is counted by.
func (m Mask) Scope() Scope { return m.scope }

// IsZero tells whether m did not come from ParseMask.
func (m Mask) IsZero() bool { return m.scope == 0 }

// MaxSequence is the last number that fits in a scope and year.
func (m Mask) MaxSequence() int64 {
	for _, p := range m.pieces {
		if p.field == sequence {
			return pow10(p.width) - 1
		}
	}
	return 0
}

// MarshalText writes the mask as it was configured.
func (m Mask) MarshalText() ([]byte, error) { return []byte(m.source), nil }

// UnmarshalText reads a mask as [ParseMask] does.
func (m *Mask) UnmarshalText(text []byte) error {
	parsed, err := ParseMask(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

func splitMask(source string) ([]piece, error) {
	var pieces []piece
	for rest := source; rest != ""; {
		text, after, isVariable := strings.Cut(rest, "@")
		if text != "" {
			if !literalAllowed(text) {
				return nil, badMask("fora das variáveis só cabem letras sem acento, algarismos, ponto, hífen, barra e espaço")
			}
			pieces = append(pieces, piece{field: literal, text: text, width: len(text)})
		}
		if !isVariable {
			break
		}
		name, tail, closed := strings.Cut(after, "@")
		if !closed {
			return nil, badMask("falta o @ que fecha uma variável")
		}
		p, ok := variable(name)
		if !ok {
			return nil, badMask("a variável @%s@ não é conhecida", printable(name))
		}
		pieces = append(pieces, p)
		rest = tail
	}
	return pieces, nil
}

// variable resolves a name between two @.
func variable(name string) (piece, bool) {
	switch name {
	case "ano_4d":
		return piece{year4, name, 4}, true
	case "ano_2d":
		return piece{year2, name, 2}, true
	case "dv_mod11_executivo_federal_2d":
		return piece{federalDigits, name, 2}, true
	}
	cut := strings.LastIndexByte(name, '_')
	if cut < 0 {
		return piece{}, false
	}
	width, ok := fieldWidth(name[cut+1:])
	if !ok {
		return piece{}, false
	}
	switch name[:cut] {
	case "cod_orgao_sei":
		return piece{agencyCode, name, width}, true
	case "cod_unidade_sei":
		return piece{unitCode, name, width}, true
	case "seq_anual_cod_unidade_sei", "seq_anual_cod_orgao_sei", "seq_anual":
		return piece{sequence, name, width}, true
	}
	return piece{}, false
}

// fieldWidth reads "06d"; SEI writes ten as "010d".
func fieldWidth(s string) (int, bool) {
	for w := 1; w <= maxFieldWidth; w++ {
		if s == "0"+strconv.Itoa(w)+"d" {
			return w, true
		}
	}
	return 0, false
}

func sequenceScope(name string) Scope {
	switch {
	case strings.HasPrefix(name, "seq_anual_cod_unidade_sei_"):
		return ScopeUnit
	case strings.HasPrefix(name, "seq_anual_cod_orgao_sei_"):
		return ScopeAgency
	}
	return ScopeInstallation
}

// check refuses masks that would give one number twice or cannot be read back.
func (m Mask) check() error {
	count := map[field]int{}
	width := 0
	for _, p := range m.pieces {
		count[p.field]++
		width += p.width
	}
	switch {
	case width > maxNumberWidth:
		return badMask("o número passaria de %d caracteres", maxNumberWidth)
	case count[sequence] != 1:
		return badMask("ela deve ter exatamente uma sequência anual")
	case count[year4]+count[year2] != 1:
		return badMask("ela deve ter exatamente um ano, pois a sequência recomeça a cada ano")
	case count[agencyCode] > 1 || count[unitCode] > 1 || count[federalDigits] > 1:
		return badMask("uma variável aparece mais de uma vez")
	case m.scope == ScopeUnit && count[unitCode] == 0:
		return badMask("a sequência é por unidade, mas o código da unidade não aparece")
	case count[federalDigits] == 1 && m.pieces[len(m.pieces)-1].field != federalDigits:
		return badMask("os dígitos verificadores devem vir por último")
	}
	return nil
}

// Format writes the number. It refuses with CodeField a code that is missing,
// is not made of digits or is wider than its field, and a year outside
// 1000–9999 (2000–2099 where the mask has two digits), and with CodeExhausted a
// sequence that no longer fits. Nothing is ever cut.
func (m Mask) Format(parts Parts) (string, error) {
	if m.IsZero() {
		return "", badMask("nenhuma máscara foi configurada")
	}
	var b strings.Builder
	for _, p := range m.pieces {
		text, err := p.format(parts, b.String())
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (p piece) format(parts Parts, before string) (string, error) {
	switch p.field {
	case agencyCode:
		return padCode(parts.AgencyCode, p.width, "do órgão")
	case unitCode:
		return padCode(parts.UnitCode, p.width, "da unidade")
	case sequence:
		return padSequence(parts.Sequence, p.width)
	case year4, year2:
		return formatYear(parts.Year, p.field == year2)
	case federalDigits:
		return FederalCheckDigits(Normalize(before)), nil
	}
	return p.text, nil
}

func padCode(code string, width int, whose string) (string, error) {
	if code == "" || !allDigits(code) {
		return "", sei.Errorf(CodeField, "O código %s não foi configurado com algarismos. Peça ao administrador que o complete.", whose)
	}
	code = strings.TrimLeft(code, "0")
	if len(code) > width {
		return "", sei.Errorf(CodeField, "O código %s não cabe nos %d algarismos da máscara de numeração. Peça ao administrador que a corrija.", whose, width)
	}
	return strings.Repeat("0", width-len(code)) + code, nil
}

func padSequence(n int64, width int) (string, error) {
	if n < 1 {
		return "", fmt.Errorf("formatting a process number: sequence %d is not positive", n)
	}
	if n >= pow10(width) {
		return "", sei.Errorf(CodeExhausted, "A numeração deste ano chegou ao limite de %d algarismos da máscara. Peça ao administrador que a amplie.", width)
	}
	return fmt.Sprintf("%0*d", width, n), nil
}

func formatYear(year int, short bool) (string, error) {
	if short {
		if year < 2000 || year > 2099 {
			return "", sei.Errorf(CodeField, "O ano %d não cabe em dois algarismos. Peça ao administrador que corrija a máscara de numeração.", year)
		}
		return fmt.Sprintf("%02d", year%100), nil
	}
	if year < 1000 || year > 9999 {
		return "", sei.Errorf(CodeField, "O ano %d não é válido para numerar um processo.", year)
	}
	return strconv.Itoa(year), nil
}

func literalAllowed(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		case c == '.' || c == '-' || c == '/' || c == ' ':
		default:
			return false
		}
	}
	return true
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// printable keeps a refused variable's name short and harmless in a message.
func printable(name string) string {
	if len(name) > 60 {
		name = name[:60] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return '?'
		}
		return r
	}, name)
}

func badMask(format string, args ...any) error {
	return sei.Errorf(CodeMask, "A máscara de numeração não pode ser usada: %s.", fmt.Sprintf(format, args...))
}

package richtext

import (
	"strconv"
	"strings"
)

// AmountText writes an amount as it is set: "R$ 1.234,56", and when asked for,
// in full behind it, as contracts and orders of payment have it.
func (n *Node) AmountText() string {
	figures := "R$\u00A0" + grouped(n.Cents/100) + "," + twoDigits(n.Cents%100)
	if !n.Words {
		return figures
	}
	return figures + " (" + ReaisInWords(n.Cents) + ")"
}

func twoDigits(n int64) string {
	s := strconv.FormatInt(n, 10)
	if len(s) < 2 {
		return "0" + s
	}
	return s
}

// grouped puts a point between each three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}

// ReaisInWords writes a sum in full: "mil duzentos e trinta e quatro reais e
// cinquenta e seis centavos". cents is not negative.
func ReaisInWords(cents int64) string {
	whole, rest := cents/100, cents%100
	var parts []string
	if whole > 0 || rest == 0 {
		unit := " reais"
		switch {
		case whole == 1:
			unit = " real"
		case whole >= 1_000_000 && whole%1_000_000 == 0:
			unit = " de reais" // "dois milhões de reais"
		}
		parts = append(parts, CardinalInWords(whole)+unit)
	}
	if rest > 0 {
		unit := " centavos"
		if rest == 1 {
			unit = " centavo"
		}
		parts = append(parts, CardinalInWords(rest)+unit)
	}
	return strings.Join(parts, " e ")
}

var (
	underTwenty = []string{"zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze", "treze", "quatorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove"}
	tens        = []string{"", "", "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"}
	hundreds    = []string{"", "cento", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos", "oitocentos", "novecentos"}
	scales      = [][2]string{{"", ""}, {"mil", "mil"}, {"milhão", "milhões"}, {"bilhão", "bilhões"}, {"trilhão", "trilhões"}, {"quatrilhão", "quatrilhões"}}
)

// CardinalInWords writes a number in full, up to the hundreds of quadrillions.
func CardinalInWords(n int64) string {
	if n == 0 {
		return underTwenty[0]
	}
	type group struct {
		value int64
		scale int
	}
	var groups []group // highest first
	for scale, rest := 0, n; rest > 0 && scale < len(scales); scale, rest = scale+1, rest/1000 {
		if v := rest % 1000; v > 0 {
			groups = append([]group{{v, scale}}, groups...)
		}
	}
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			// "e" stands before the last group when it is below a hundred or a round hundred.
			if last := i == len(groups)-1; last && (g.value < 100 || g.value%100 == 0) {
				b.WriteString(" e ")
			} else {
				b.WriteString(" ")
			}
		}
		switch {
		case g.scale == 1 && g.value == 1:
			b.WriteString("mil")
		case g.scale == 0:
			b.WriteString(underThousand(g.value))
		case g.value == 1:
			b.WriteString("um " + scales[g.scale][0])
		default:
			b.WriteString(underThousand(g.value) + " " + scales[g.scale][1])
		}
	}
	return b.String()
}

func underThousand(n int64) string {
	if n == 100 {
		return "cem"
	}
	var parts []string
	if n >= 100 {
		parts = append(parts, hundreds[n/100])
		n %= 100
	}
	switch {
	case n == 0:
	case n < 20:
		parts = append(parts, underTwenty[n])
	default:
		parts = append(parts, tens[n/10])
		if n%10 > 0 {
			parts = append(parts, underTwenty[n%10])
		}
	}
	return strings.Join(parts, " e ")
}

package pdf

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLinesHoldEveryWordAndNoMoreThanTheirWidth(t *testing.T) {
	m := newMetrics(newPDF())
	word := rapid.StringMatching(`[a-zãé\-/]{1,30}`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 60).Draw(t, "words")
		width := rapid.Float64Range(30, 460).Draw(t, "width")
		justify := rapid.Bool().Draw(t, "justify")
		text := strings.Join(words, " ")
		boxes := m.boxes([]run{{text: text, ink: ink{face: faceRegular, size: 12}}}, width, false)
		var got strings.Builder
		for _, l := range breakLines(boxes, func(int) float64 { return width }, justify) {
			limit := width
			if justify {
				limit += float64(l.spaces) * shrink * m.width(faceRegular, 12, " ")
			}
			if l.natural > limit+0.05 {
				t.Fatalf("a line of %.2f in %.2f", l.natural, limit)
			}
			for _, b := range l.boxes {
				for _, f := range b.frags {
					got.WriteString(f.text)
				}
				got.WriteString(strings.Repeat(" ", b.spaces))
			}
		}
		if got.String() != text {
			t.Fatalf("%q became %q", text, got.String())
		}
	})
}

func TestOrdinals(t *testing.T) {
	for _, c := range []struct {
		kind string
		n    int
		want string
	}{{"1", 12, "12."}, {"a", 1, "a)"}, {"a", 26, "z)"}, {"a", 27, "aa)"}, {"A", 28, "AB)"}, {"i", 4, "iv."}, {"I", 1994, "MCMXCIV –"}, {"I", 0, "0 –"}, {"a", 0, "0)"}} {
		if got := ordinal(c.kind, c.n); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.kind, c.n, got, c.want)
		}
	}
}

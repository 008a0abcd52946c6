package protocol

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"pgregory.net/rapid"
)

func mustMask(t testing.TB, s string) Mask {
	t.Helper()
	m, err := ParseMask(s)
	if err != nil {
		t.Fatalf("ParseMask(%q): %v", s, err)
	}
	return m
}

func TestTheMaskOfTocantinsGivesItsPublishedExample(t *testing.T) {
	m := mustMask(t, "17."+MaskNIPETail)
	got, err := m.Format(Parts{AgencyCode: "137", UnitCode: "1", Sequence: 1, Year: 2026})
	if err != nil {
		t.Fatal(err)
	}
	if want := "17.137001.000001/2026-21"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if m.Scope() != ScopeUnit {
		t.Fatalf("scope is %v", m.Scope())
	}
	if KindOf(got) != KindNIPE {
		t.Fatalf("%s is not recognised as a NIPE", got)
	}
}

func TestTheFederalMaskGivesARealNumber(t *testing.T) {
	m := mustMask(t, MaskNUP)
	const real = "23000.017123/2020-37"
	got, err := m.Format(Parts{AgencyCode: "230", UnitCode: "00", Sequence: 17123, Year: 2020})
	if err != nil || got != real {
		t.Fatalf("got %q, %v; want %s", got, err, real)
	}
	parts, err := m.Parse(real)
	if err != nil || parts != (Parts{"230", "00", 17123, 2020}) {
		t.Fatalf("Parse gave %+v, %v", parts, err)
	}
}

func TestTheSequenceVariableDecidesTheScope(t *testing.T) {
	for mask, want := range map[string]Scope{
		"@cod_unidade_sei_02d@.@seq_anual_cod_unidade_sei_06d@/@ano_4d@": ScopeUnit,
		"@cod_orgao_sei_03d@.@seq_anual_cod_orgao_sei_07d@/@ano_2d@":     ScopeAgency,
		"RS-@seq_anual_010d@/@ano_4d@":                                   ScopeInstallation,
	} {
		if got := mustMask(t, mask).Scope(); got != want {
			t.Errorf("%s: scope %v, want %v", mask, got, want)
		}
	}
}

func TestAMaskThatCannotNumberIsRefused(t *testing.T) {
	for name, mask := range map[string]string{
		"empty":                          "",
		"no sequence":                    "@ano_4d@",
		"no year":                        "@seq_anual_06d@",
		"two sequences":                  "@seq_anual_06d@@seq_anual_cod_orgao_sei_06d@/@ano_4d@",
		"two years":                      "@seq_anual_06d@/@ano_4d@@ano_2d@",
		"two agency codes":               "@cod_orgao_sei_02d@@cod_orgao_sei_03d@@seq_anual_06d@/@ano_4d@",
		"unit scope without the unit":    "@cod_orgao_sei_03d@@seq_anual_cod_unidade_sei_06d@/@ano_4d@",
		"check digits before their base": "@dv_mod11_executivo_federal_2d@@seq_anual_06d@/@ano_4d@",
		"text after the check digits":    "@seq_anual_06d@/@ano_4d@-@dv_mod11_executivo_federal_2d@.",
		"unknown variable":               "@seq_anual_06d@/@ano_4d@@dv_mod97_base10_cnj_2d@",
		"a width SEI does not have":      "@seq_anual_011d@/@ano_4d@",
		"a width without its zero":       "@seq_anual_6d@/@ano_4d@",
		"no width":                       "@seq_anual@/@ano_4d@",
		"open variable":                  "@seq_anual_06d@/@ano_4d",
		"control characters":             "@seq_anual_06d@/@ano_4d@\n",
		"accents":                        "Nº @seq_anual_06d@/@ano_4d@",
		"a number beyond 50 characters":  strings.Repeat("9", 45) + "@seq_anual_06d@/@ano_4d@",
		"a mask beyond its limit":        strings.Repeat("@seq_anual_06d@", 100),
	} {
		_, err := ParseMask(mask)
		if sei.CodeOf(err) != CodeMask {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAFieldThatOverflowsIsRefusedAndNeverCut(t *testing.T) {
	m := mustMask(t, MaskNUP)
	ok := Parts{AgencyCode: "1", UnitCode: "2", Sequence: 999999, Year: 2026}
	if _, err := m.Format(ok); err != nil {
		t.Fatalf("the last number of the year: %v", err)
	}
	if m.MaxSequence() != 999999 {
		t.Fatalf("MaxSequence is %d", m.MaxSequence())
	}
	for name, c := range map[string]struct {
		change func(*Parts)
		code   sei.Code
	}{
		"sequence":        {func(p *Parts) { p.Sequence = 1000000 }, CodeExhausted},
		"sequence zero":   {func(p *Parts) { p.Sequence = 0 }, sei.CodeInternal},
		"agency too wide": {func(p *Parts) { p.AgencyCode = "1000" }, CodeField},
		"unit too wide":   {func(p *Parts) { p.UnitCode = "100" }, CodeField},
		"unit missing":    {func(p *Parts) { p.UnitCode = "" }, CodeField},
		"unit not digits": {func(p *Parts) { p.UnitCode = "1A" }, CodeField},
		"year":            {func(p *Parts) { p.Year = 10000 }, CodeField},
		"year zero":       {func(p *Parts) { p.Year = 0 }, CodeField},
	} {
		p := ok
		c.change(&p)
		if got, err := m.Format(p); sei.CodeOf(err) != c.code || got != "" {
			t.Errorf("%s: got %q, %v; want code %s", name, got, err, c.code)
		}
	}
	short := mustMask(t, "@seq_anual_06d@/@ano_2d@")
	if _, err := short.Format(Parts{Sequence: 1, Year: 2100}); sei.CodeOf(err) != CodeField {
		t.Errorf("two-digit year 2100: %v", err)
	}
}

func TestTheZeroMaskNumbersNothing(t *testing.T) {
	var m Mask
	if !m.IsZero() {
		t.Fatal("the zero mask says it is usable")
	}
	if _, err := m.Format(Parts{Sequence: 1, Year: 2026}); sei.CodeOf(err) != CodeMask {
		t.Fatalf("Format: %v", err)
	}
	if m.Matches("") {
		t.Fatal("the zero mask matches the empty number")
	}
}

func TestAMaskTravelsAsText(t *testing.T) {
	text, err := mustMask(t, MaskNUP).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var m Mask
	if err := m.UnmarshalText(text); err != nil || m.String() != MaskNUP || m.Scope() != ScopeUnit {
		t.Fatalf("got %v, %v", m, err)
	}
	if err := m.UnmarshalText([]byte("x")); err == nil {
		t.Fatal("a broken mask was taken")
	}
	if m.String() != MaskNUP {
		t.Fatal("a refused text changed the mask")
	}
}

// drawMask builds masks of every scope, with and without each optional field.
func drawMask(t *rapid.T) (string, Parts) {
	w := func(name string) int { return rapid.IntRange(1, maxFieldWidth).Draw(t, name) }
	code := func(width int, name string) string {
		return fmt.Sprintf("%0*d", width, rapid.Int64Range(0, pow10(width)-1).Draw(t, name))
	}
	var b strings.Builder
	var p Parts
	b.WriteString(rapid.StringMatching(`[0-9A-Z.]{0,4}`).Draw(t, "prefix"))
	scope := rapid.SampledFrom([]string{"seq_anual_cod_unidade_sei", "seq_anual_cod_orgao_sei", "seq_anual"}).Draw(t, "scope")
	if rapid.Bool().Draw(t, "agency") {
		width := w("agency width")
		fmt.Fprintf(&b, "@cod_orgao_sei_0%dd@", width)
		p.AgencyCode = code(width, "agency code")
	}
	if scope == "seq_anual_cod_unidade_sei" || rapid.Bool().Draw(t, "unit") {
		width := w("unit width")
		fmt.Fprintf(&b, "@cod_unidade_sei_0%dd@", width)
		p.UnitCode = code(width, "unit code")
	}
	width := w("sequence width")
	fmt.Fprintf(&b, ".@%s_0%dd@/", scope, width)
	p.Sequence = rapid.Int64Range(1, pow10(width)-1).Draw(t, "sequence")
	if rapid.Bool().Draw(t, "long year") {
		b.WriteString("@ano_4d@")
		p.Year = rapid.IntRange(1000, 9999).Draw(t, "year")
	} else {
		b.WriteString("@ano_2d@")
		p.Year = rapid.IntRange(2000, 2099).Draw(t, "year")
	}
	if rapid.Bool().Draw(t, "check digits") {
		b.WriteString("-@dv_mod11_executivo_federal_2d@")
	}
	return b.String(), p
}

func TestWhatAMaskWritesItReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source, parts := drawMask(t)
		m, err := ParseMask(source)
		if err != nil {
			t.Fatalf("ParseMask(%q): %v", source, err)
		}
		number, err := m.Format(parts)
		if err != nil {
			t.Fatalf("Format: %v", err)
		}
		back, err := m.Parse(number)
		if err != nil || back != parts {
			t.Fatalf("%s gave %q, read back as %+v, %v; want %+v", source, number, back, err, parts)
		}
	})
}

func TestTwoSequencesNeverGiveOneNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source, a := drawMask(t)
		m, err := ParseMask(source)
		if err != nil {
			t.Fatal(err)
		}
		b := a
		b.Sequence = rapid.Int64Range(1, m.MaxSequence()).Draw(t, "other")
		x, errX := m.Format(a)
		y, errY := m.Format(b)
		if errX != nil || errY != nil {
			t.Fatal(errX, errY)
		}
		if (x == y) != (a.Sequence == b.Sequence) || (Normalize(x) == Normalize(y)) != (x == y) {
			t.Fatalf("%d and %d gave %q and %q", a.Sequence, b.Sequence, x, y)
		}
	})
}

func FuzzParseMask(f *testing.F) {
	f.Add(MaskNUP, "23000.017123/2020-37")
	f.Add("17."+MaskNIPETail, "17.137001.000001/2026-21")
	f.Add("@seq_anual_06d@/@ano_2d@", "000001/26")
	f.Fuzz(func(t *testing.T, source, number string) {
		m, err := ParseMask(source)
		if err != nil {
			if sei.CodeOf(err) != CodeMask {
				t.Fatalf("code of %v", err)
			}
			return
		}
		if m.String() != source || m.Scope() == 0 || m.MaxSequence() < 9 {
			t.Fatalf("accepted %q as %+v", source, m)
		}
		parts, err := m.Parse(number)
		if err != nil {
			return
		}
		if again, err := m.Format(parts); err != nil || again != number {
			t.Fatalf("%q read as %+v and written as %q, %v", number, parts, again, err)
		}
	})
}

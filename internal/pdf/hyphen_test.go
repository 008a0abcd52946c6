package pdf

import (
	"strings"
	"testing"
)

func TestWordsAreDividedBySyllables(t *testing.T) {
	for _, want := range []string{"cons-ti-tui-ção", "par-que", "fre-quen-te-mente", "ar-gu-mento", "car-roça", "se-nho-ria", "ad-vo-gado",
		"abs-tra-ção", "trans-porte", "ex-ce-ção", "res-pon-sa-bi-li-dade", "psi-co-lo-gia", "al-fân-dega", "pro-cesso", "ofí-cio",
		"in-te-res-sado", "Ad-mi-nis-tra-ção", "con-vê-nio", "atleta", "sublime", "subli-nhar", "pneu-mo-nia", "ori-gem"} {
		word := strings.ReplaceAll(want, "-", "")
		if got := strings.Join(syllables(word), "-"); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	if got := strings.Join(syllables("(processo),"), "|"); got != "(pro|cesso)," {
		t.Errorf("punctuation: %s", got)
	}
	for _, whole := range []string{"SECRETARIA", "12.345/2026", "abc123def", "e-mail", "sim", "água", "casa", "https://rs.gov.br", "", "...", "Ωμέγααααα"} {
		if got := syllables(whole); len(got) != 1 || got[0] != whole {
			t.Errorf("%s: %q", whole, got)
		}
	}
}

func FuzzSyllables(f *testing.F) {
	f.Add("constituição")
	f.Add("ß\u0130\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if got := strings.Join(syllables(s), ""); got != s && got != strings.ToValidUTF8(s, "\uFFFD") {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

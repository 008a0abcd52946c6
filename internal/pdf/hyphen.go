package pdf

import (
	"strings"
	"unicode"
)

// A Portuguese word is divided by its syllables (Acordo Ortográfico de 1990,
// Base XX): before a consonant that a vowel follows, the pairs of letters that
// begin a syllable together kept whole, two vowels never parted. Leaving them
// together is always right, so hiatuses need no dictionary.
const (
	leastBefore = 2 // letters before a hyphen
	leastAfter  = 3 // letters after it
	leastWord   = 6 // letters of a word that is divided at all

	hyphen = "-" // drawn where a word is divided
)

// syllables cuts a word where a hyphen may stand. What is not a plain word
// (figures, capitals throughout, addresses) comes back whole.
func syllables(word string) []string {
	runes := []rune(word)
	from, to := 0, len(runes)
	for from < to && !unicode.IsLetter(runes[from]) {
		from++
	}
	for to > from && !unicode.IsLetter(runes[to-1]) {
		to--
	}
	if to-from < leastWord || !dividable(runes[from:to]) {
		return []string{word}
	}
	lower := []rune(strings.ToLower(string(runes[from:to])))
	if len(lower) != to-from {
		return []string{word}
	}
	var out []string
	start := 0
	for i := leastBefore; i <= len(lower)-leastAfter; i++ {
		if beginsSyllable(lower, i) {
			out = append(out, string(runes[start:from+i]))
			start = from + i
		}
	}
	return append(out, string(runes[start:]))
}

// dividable says whether the letters are one word in ordinary writing.
func dividable(letters []rune) bool {
	small := false
	for _, r := range letters {
		if !unicode.IsLetter(r) || r > 0x17F {
			return false
		}
		small = small || unicode.IsLower(r)
	}
	return small
}

// beginsSyllable says whether the word may be divided before its i-th letter.
func beginsSyllable(w []rune, i int) bool {
	if vowel(w[i]) || !hasVowel(w[:i]) {
		return false
	}
	// sub-linhar, but su-blime: only a dictionary knows, so neither is divided there.
	if i <= 3 && len(w) > 3 && w[0] == 's' && w[1] == 'u' && w[2] == 'b' && (w[3] == 'l' || w[3] == 'r') {
		return false
	}
	onset := 1
	if i+1 < len(w) && together(w[i], w[i+1]) {
		onset = 2
	}
	if i+onset >= len(w) || !vowel(w[i+onset]) {
		return false
	}
	// The second letter of such a pair does not begin a syllable.
	return !together(w[i-1], w[i])
}

func hasVowel(w []rune) bool {
	for _, r := range w {
		if vowel(r) {
			return true
		}
	}
	return false
}

func vowel(r rune) bool { return strings.ContainsRune("aáàâãeéêiíoóôõuúüy", r) }

// together says whether the two letters stand in one syllable before a vowel.
func together(a, b rune) bool {
	switch b {
	case 'h':
		return strings.ContainsRune("cln", a)
	case 'l', 'r':
		return strings.ContainsRune("bcdfgptv", a) && (b == 'r' || a != 'd')
	}
	return false
}

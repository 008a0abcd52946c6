package desktop

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold writes text as completion lists compare it: lower case, no accents.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// matches says whether every word of query begins a word, or is part of a
// number, in one of the texts.
func matches(query string, texts ...string) bool {
	all := fold(strings.Join(texts, " "))
	for _, word := range strings.Fields(fold(query)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

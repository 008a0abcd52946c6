package local

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldRune is r in lower case without its accent; 0 for a combining mark.
func foldRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case unicode.Is(unicode.Mn, r):
		return 0
	}
	base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	return unicode.ToLower(base)
}

// fold makes texts comparable as the search index compares them.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r = foldRune(r); r == 0 {
			return -1
		}
		return r
	}, s)
}

// cut keeps at most n bytes of s, never half a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func sortNewest(known []Known) {
	slices.SortStableFunc(known, func(a, b Known) int { return b.LastUsed.Compare(a.LastUsed) })
}

package pdf

import (
	"bytes"
	"encoding/hex"
	"strconv"
)

// operand is a value before an operator of a content stream or character map:
// float64, name, string (its bytes) or []operand.
type operand any

type name string

// maxOperands bounds what one operator may be given, and maxNesting how deep
// arrays stand in each other; no honest file comes near.
const (
	maxOperands = 200_000
	maxNesting  = 8
)

// lexer reads the PostScript-like language of content streams and character
// maps (ISO 32000-1, 7.2, 7.8.2). It never fails: what it does not understand it
// steps over.
type lexer struct {
	data []byte
	at   int
}

// next gives the operands up to the next operator and the operator; ok is false
// at the end.
func (l *lexer) next() (args []operand, op string, ok bool) {
	for {
		value, word, more := l.token(0)
		switch {
		case !more:
			return nil, "", false
		case word == "BI":
			l.skipInlineImage()
			args = nil
		case word != "":
			return args, word, true
		case len(args) < maxOperands:
			args = append(args, value)
		}
	}
}

// token reads one value or one operator.
func (l *lexer) token(depth int) (value operand, word string, ok bool) {
	l.skipSpace()
	if l.at >= len(l.data) {
		return nil, "", false
	}
	switch c := l.data[l.at]; {
	case c == '(':
		return l.literal(), "", true
	case c == '<' && l.peek(1) == '<', c == '>' && l.peek(1) == '>':
		// Dictionaries are of no interest here; their entries pass as operands.
		l.at += 2
		return nil, "", true
	case c == '<':
		return l.hexadecimal(), "", true
	case c == '[':
		l.at++
		return l.array(depth), "", true
	case c == '/':
		l.at++
		return name(l.regular()), "", true
	case isDelimiter(c):
		l.at++
		return nil, "", true
	}
	text := l.regular()
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, "", true
	}
	return nil, text, true
}

func (l *lexer) array(depth int) []operand {
	var out []operand
	for {
		l.skipSpace()
		if l.at >= len(l.data) {
			return out
		}
		if l.data[l.at] == ']' {
			l.at++
			return out
		}
		if depth >= maxNesting {
			l.at++
			continue
		}
		if value, word, _ := l.token(depth + 1); word == "" && len(out) < maxOperands {
			out = append(out, value)
		}
	}
}

func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.data) {
		return l.data[l.at+n]
	}
	return 0
}

func (l *lexer) skipSpace() {
	for l.at < len(l.data) {
		switch c := l.data[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			end := bytes.IndexAny(l.data[l.at:], "\r\n")
			if end < 0 {
				l.at = len(l.data)
				return
			}
			l.at += end
		default:
			return
		}
	}
}

func (l *lexer) regular() string {
	start := l.at
	for l.at < len(l.data) && !isSpace(l.data[l.at]) && !isDelimiter(l.data[l.at]) {
		l.at++
	}
	return string(l.data[start:l.at])
}

// literal reads a string in parentheses (ISO 32000-1, 7.3.4.2).
func (l *lexer) literal() string {
	var out []byte
	open := 0
	for ; l.at < len(l.data); l.at++ {
		switch c := l.data[l.at]; c {
		case '(':
			if open++; open > 1 {
				out = append(out, c)
			}
		case ')':
			if open--; open == 0 {
				l.at++
				return string(out)
			}
			out = append(out, c)
		case '\\':
			l.at++
			out = l.escaped(out)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// escaped reads what follows a backslash and leaves l at its last byte.
func (l *lexer) escaped(out []byte) []byte {
	switch c := l.peek(0); c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\r':
		if l.peek(1) == '\n' {
			l.at++
		}
		return out
	case '\n':
		return out
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n := int(c - '0')
		for range 2 {
			if d := l.peek(1); d >= '0' && d <= '7' {
				n = n*8 + int(d-'0')
				l.at++
			}
		}
		return append(out, byte(n))
	default:
		return append(out, c)
	}
}

func (l *lexer) hexadecimal() string {
	l.at++
	var digits []byte
	for l.at < len(l.data) && l.data[l.at] != '>' {
		if c := l.data[l.at]; !isSpace(c) {
			digits = append(digits, c)
		}
		l.at++
	}
	l.at++
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make([]byte, len(digits)/2)
	n, _ := hex.Decode(out, digits) // what stands before a wrong digit is kept
	return string(out[:n])
}

// skipInlineImage passes over an image's data to the EI that ends it.
func (l *lexer) skipInlineImage() {
	for l.at < len(l.data) {
		end := bytes.Index(l.data[l.at:], []byte("EI"))
		if end < 0 {
			l.at = len(l.data)
			return
		}
		l.at += end + 2
		before, after := l.data[l.at-3], l.peek(0)
		if isSpace(before) && (isSpace(after) || l.at >= len(l.data)) {
			return
		}
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

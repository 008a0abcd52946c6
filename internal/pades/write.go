package pades

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
	"unicode/utf16"
)

// appendObject writes an object in PDF syntax. Streams are written by their
// owner, not here.
func appendObject(out []byte, o object) []byte {
	switch v := o.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, v)
	case int64:
		return strconv.AppendInt(out, v, 10)
	case pdfReal:
		return append(out, v...)
	case pdfName:
		return appendName(out, v)
	case pdfString:
		return appendString(out, v)
	case pdfRef:
		return fmt.Appendf(out, "%d %d R", v.num, v.gen)
	case pdfArray:
		out = append(out, '[')
		for i, e := range v {
			if i > 0 {
				out = append(out, ' ')
			}
			out = appendObject(out, e)
		}
		return append(out, ']')
	case *pdfDict:
		out = append(out, "<<"...)
		for _, e := range v.entries {
			out = append(appendName(append(out, ' '), e.key), ' ')
			out = appendObject(out, e.val)
		}
		return append(out, " >>"...)
	}
	panic(fmt.Sprintf("pades: %T cannot be written", o))
}

func appendName(out []byte, n pdfName) []byte {
	out = append(out, '/')
	for i := 0; i < len(n); i++ {
		if b := n[i]; b > ' ' && b < 0x7f && b != '#' && !isDelim(int(b)) {
			out = append(out, b)
		} else {
			out = fmt.Appendf(out, "#%02X", b)
		}
	}
	return out
}

// appendString writes printable ASCII as a literal and all else in
// hexadecimal, which needs no escapes to survive any reader.
func appendString(out []byte, s pdfString) []byte {
	plain := !s.hex
	for _, b := range s.val {
		plain = plain && b >= ' ' && b < 0x7f
	}
	if !plain {
		out = append(out, '<')
		out = append(out, bytes.ToUpper([]byte(hex.EncodeToString(s.val)))...)
		return append(out, '>')
	}
	out = append(out, '(')
	for _, b := range s.val {
		if b == '(' || b == ')' || b == '\\' {
			out = append(out, '\\')
		}
		out = append(out, b)
	}
	return append(out, ')')
}

// textString makes a text string (7.9.2.2): ASCII as it is, all else UTF-16BE
// with its mark.
func textString(s string) pdfString {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			return utf16String(s)
		}
	}
	return pdfString{val: []byte(s), pos: -1, end: -1}
}

func utf16String(s string) pdfString {
	out := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return pdfString{val: out, hex: true, pos: -1, end: -1}
}

// decodeText reads a text string: UTF-16BE or UTF-8 by their marks, otherwise
// PDFDocEncoding, whose letters are those of Latin-1.
func decodeText(b []byte) string {
	switch {
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		u := make([]uint16, 0, len(b)/2)
		for i := 2; i+1 < len(b); i += 2 {
			u = append(u, uint16(b[i])<<8|uint16(b[i+1]))
		}
		return string(utf16.Decode(u))
	case len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf:
		return string(bytes.ToValidUTF8(b[3:], []byte("\uFFFD")))
	}
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// formatDate writes a date string (7.9.4) in t's own zone.
func formatDate(t time.Time) string {
	_, off := t.Zone()
	sign := '+'
	if off < 0 {
		sign, off = '-', -off
	}
	return fmt.Sprintf("D:%s%c%02d'%02d'", t.Format("20060102150405"), sign, off/3600, off/60%60)
}

// parseDate reads a date string; what is left out has its first value.
func parseDate(s string) (time.Time, bool) {
	if len(s) > 2 && s[:2] == "D:" {
		s = s[2:]
	}
	digits := 0
	for digits < len(s) && digits < 14 && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	if digits < 4 || digits%2 != 0 {
		return time.Time{}, false
	}
	zone, ok := parseZone(s[digits:])
	if !ok {
		return time.Time{}, false
	}
	full := s[:digits] + "00000101000000"[digits:]
	t, err := time.ParseInLocation("20060102150405", full, zone)
	return t, err == nil
}

func parseZone(s string) (*time.Location, bool) {
	if s == "" || s[0] == 'Z' {
		return time.UTC, true
	}
	if s[0] != '+' && s[0] != '-' || len(s) < 3 {
		return nil, false
	}
	h, err := strconv.Atoi(s[1:3])
	m := 0
	if err == nil && len(s) >= 6 && s[3] == '\'' {
		m, err = strconv.Atoi(s[4:6])
	}
	if err != nil || h > 23 || m < 0 || m > 59 {
		return nil, false
	}
	off := h*3600 + m*60
	if s[0] == '-' {
		off = -off
	}
	return time.FixedZone("", off), true
}

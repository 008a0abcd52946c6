package holder

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Last arcs of the otherNames under 2.16.76.1.3 (DOC-ICP-04, 7.1.2.3).
const (
	arcPersonData      = 1
	arcResponsible     = 2
	arcCNPJ            = 3
	arcResponsibleData = 4 // in the columns of a person's
	arcCompany         = 8
)

var (
	oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidFields         = asn1.ObjectIdentifier{2, 16, 76, 1, 3}
)

// looksLikeNumber says whether s is as long as a CPF or a CNPJ and begins with a
// digit; a word after the colon belongs to the name.
func looksLikeNumber(s string) bool {
	const cpf, cnpj = 11, 14 // characters
	return (len(s) == cpf || len(s) == cnpj) && s[0] >= '0' && s[0] <= '9'
}

// splitCommonName parts "MARIA DA SILVA:12345678901". A subject without a common
// name is written out.
func splitCommonName(subject pkix.Name) (name, number string) {
	cn := subject.CommonName
	if cn == "" {
		return subject.String(), ""
	}
	i := strings.LastIndexByte(cn, ':')
	if i <= 0 || !looksLikeNumber(strings.TrimSpace(cn[i+1:])) {
		return cn, ""
	}
	return strings.TrimSpace(cn[:i]), cn[i+1:]
}

// otherNames reads ICP-Brasil's fields out of the subject's alternative names
// (RFC 5280, 4.2.1.6), by their last arc; of a field given twice, the first.
func otherNames(cert *x509.Certificate) map[int]string {
	found := map[int]string{}
	for _, ext := range cert.Extensions {
		if !ext.Id.Equal(oidSubjectAltName) {
			continue
		}
		var names asn1.RawValue
		if _, err := asn1.Unmarshal(ext.Value, &names); err != nil || !names.IsCompound {
			continue
		}
		for rest := names.Bytes; len(rest) > 0; {
			var general asn1.RawValue
			var err error
			if rest, err = asn1.Unmarshal(rest, &general); err != nil {
				break
			}
			arc, value, ok := otherName(general)
			if _, twice := found[arc]; ok && !twice {
				found[arc] = value
			}
		}
	}
	return found
}

// otherName reads [0] { type-id OID, [0] EXPLICIT value }; the value is an OCTET
// STRING or any character string, depending on the authority.
func otherName(general asn1.RawValue) (arc int, value string, ok bool) {
	if general.Class != asn1.ClassContextSpecific || general.Tag != 0 || !general.IsCompound {
		return 0, "", false
	}
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(general.Bytes, &oid)
	last := len(oidFields)
	if err != nil || len(oid) != last+1 || !oid[:last].Equal(oidFields) {
		return 0, "", false
	}
	var explicit, inner asn1.RawValue
	if _, err := asn1.Unmarshal(rest, &explicit); err != nil || !explicit.IsCompound {
		return 0, "", false
	}
	if _, err := asn1.Unmarshal(explicit.Bytes, &inner); err != nil || inner.IsCompound {
		return 0, "", false
	}
	return oid[last], text(inner), true
}

// text reads a string of any of the types met in the field, without control
// characters. Authorities have put Latin-1 into OCTET STRINGs.
func text(v asn1.RawValue) string {
	var s string
	switch {
	case v.Tag == asn1.TagBMPString:
		units := make([]uint16, len(v.Bytes)/2)
		for i := range units {
			units[i] = uint16(v.Bytes[2*i])<<8 | uint16(v.Bytes[2*i+1])
		}
		s = string(utf16.Decode(units))
	case utf8.Valid(v.Bytes):
		s = string(v.Bytes)
	default:
		runes := make([]rune, len(v.Bytes))
		for i, c := range v.Bytes {
			runes[i] = rune(c)
		}
		s = string(runes)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return -1
		}
		return r
	}, s))
}

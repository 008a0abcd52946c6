package keys

import (
	"crypto/x509"
	"encoding/asn1"
	"strings"
)

// identity is who an ICP-Brasil certificate says its holder is.
type identity struct {
	name, cpf, cnpj string
	icpBrasil       bool
}

// OIDs of DOC-ICP-04: the certificate policies' arc, and the otherNames that
// carry the holder's data.
var (
	oidICPPolicies   = asn1.ObjectIdentifier{2, 16, 76, 1, 2}
	oidICPOtherNames = asn1.ObjectIdentifier{2, 16, 76, 1, 3}
	oidSAN           = asn1.ObjectIdentifier{2, 5, 29, 17}
)

// Last arcs under 2.16.76.1.3.
const (
	otherNamePerson      = 1 // birth 8, CPF 11, NIS 11, RG 15, agency and UF 6
	otherNameCNPJ        = 3
	otherNameResponsible = 4 // as person, of who answers for the company
)

func identify(cert *x509.Certificate) identity {
	name, number := splitCommonName(firstOf(cert.Subject.CommonName, cert.Subject.String()))
	who := identity{name: name, icpBrasil: hasICPPolicy(cert)}
	for arc, value := range icpOtherNames(cert) {
		who.icpBrasil = true
		switch arc {
		case otherNamePerson, otherNameResponsible:
			if who.cpf == "" || arc == otherNamePerson {
				who.cpf = cpfInside(value)
			}
		case otherNameCNPJ:
			who.cnpj = cnpjOf(value)
		}
	}
	if who.icpBrasil {
		// Resolução 211: the number may stand only in the subject's serialNumber;
		// older certificates repeat it after the name.
		for _, n := range []string{onlyAlphanumeric(cert.Subject.SerialNumber), number} {
			who.fill(n)
		}
	}
	return who
}

// fill takes a number whose length says what it is.
func (who *identity) fill(number string) {
	switch {
	case len(number) == 11 && allDigits(number) && who.cpf == "":
		who.cpf = number
	case len(number) == 14 && who.cnpj == "":
		who.cnpj = cnpjOf(number)
	}
}

// splitCommonName parts "MARIA DA SILVA:12345678901".
func splitCommonName(cn string) (name, number string) {
	i := strings.LastIndexByte(cn, ':')
	if i <= 0 {
		return cn, ""
	}
	number = onlyAlphanumeric(cn[i+1:])
	if len(number) != 11 && len(number) != 14 {
		return cn, ""
	}
	return strings.TrimSpace(cn[:i]), number
}

func hasICPPolicy(cert *x509.Certificate) bool {
	for _, p := range cert.PolicyIdentifiers {
		if under(p, oidICPPolicies) {
			return true
		}
	}
	return false
}

func under(oid, arc asn1.ObjectIdentifier) bool {
	return len(oid) > len(arc) && oid[:len(arc)].Equal(arc)
}

// icpOtherNames reads the otherNames under 2.16.76.1.3 of the subject's
// alternative names (RFC 5280, 4.2.1.6), by their last arc. Broken ones are
// left out: listing certificates must not fail on them.
func icpOtherNames(cert *x509.Certificate) map[int]string {
	found := map[int]string{}
	for _, ext := range cert.Extensions {
		if !ext.Id.Equal(oidSAN) {
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
			if arc, value, ok := otherName(general); ok {
				found[arc] = value
			}
		}
	}
	return found
}

// otherName reads [0] { type-id OID, [0] EXPLICIT value }; the value is an OCTET
// STRING or any character string, depending on the authority.
func otherName(general asn1.RawValue) (arc int, value string, ok bool) {
	if general.Class != asn1.ClassContextSpecific || general.Tag != 0 {
		return 0, "", false
	}
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(general.Bytes, &oid)
	if err != nil || !under(oid, oidICPOtherNames) || len(oid) != len(oidICPOtherNames)+1 {
		return 0, "", false
	}
	var explicit, inner asn1.RawValue
	if _, err := asn1.Unmarshal(rest, &explicit); err != nil {
		return 0, "", false
	}
	if _, err := asn1.Unmarshal(explicit.Bytes, &inner); err != nil {
		return 0, "", false
	}
	return oid[len(oid)-1], string(inner.Bytes), true
}

// cpfInside takes the CPF out of "ddmmaaaa" + CPF + …; zeros mean "not told".
func cpfInside(data string) string {
	if len(data) < 19 || !allDigits(data[8:19]) || strings.Trim(data[8:19], "0") == "" {
		return ""
	}
	return data[8:19]
}

// cnpjOf accepts the 14 positions of a CNPJ, whose first twelve may be letters
// from July 2026 on (Instrução Normativa RFB 2.229/2024).
func cnpjOf(value string) string {
	value = onlyAlphanumeric(value)
	if len(value) != 14 || !allDigits(value[12:]) {
		return ""
	}
	return value
}

func onlyAlphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return -1
	}, strings.ToUpper(s))
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

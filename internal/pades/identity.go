package pades

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"strings"
	"unicode/utf8"
)

// Identity is what a certificate says of its holder (ICP-Brasil's fields,
// DOC-ICP-04, 7.1.2.3, and the subject). Empty fields are not in it.
type Identity struct {
	Name        string `json:"name"`
	CPF         string `json:"cpf,omitempty"`        // 11 digits; personal data
	MaskedCPF   string `json:"masked_cpf,omitempty"` // as public pages show it
	BirthDate   string `json:"-"`                    // ddmmyyyy, as written
	NIS         string `json:"-"`
	RG          string `json:"-"`
	RGIssuer    string `json:"-"`
	CompanyName string `json:"company_name,omitempty"`
	CNPJ        string `json:"cnpj,omitempty"`
	Email       string `json:"-"`
}

var (
	oidSAN         = oidOf(2, 5, 29, 17)
	oidPerson      = oidOf(2, 16, 76, 1, 3, 1)
	oidResponsible = oidOf(2, 16, 76, 1, 3, 2)
	oidCompanyID   = oidOf(2, 16, 76, 1, 3, 3)
	oidOfficer     = oidOf(2, 16, 76, 1, 3, 4)
	oidCompany     = oidOf(2, 16, 76, 1, 3, 8)
)

// ParseIdentity reads the holder of a certificate. It takes the CPF from the
// otherNames 2.16.76.1.3.1 (person) or .3.4 (officer of a company), else from
// the subject's serialNumber, else from the "NAME:CPF" of the common name; a
// number with wrong check digits is no CPF.
func ParseIdentity(cert *x509.Certificate) Identity {
	id := Identity{Name: cert.Subject.CommonName}
	if i := strings.LastIndexByte(id.Name, ':'); i > 0 {
		id.setNumber(id.Name[i+1:])
		id.Name = strings.TrimSpace(id.Name[:i])
	}
	if n := onlyDigits(cert.Subject.SerialNumber); n != "" {
		id.setNumber(n)
	}
	for _, ext := range cert.Extensions {
		if ext.Id.Equal(oidSAN) {
			parseOtherNames(ext.Value, &id)
		}
	}
	if len(cert.EmailAddresses) > 0 {
		id.Email = cert.EmailAddresses[0]
	}
	id.MaskedCPF = MaskCPF(id.CPF)
	return id
}

// setNumber takes a CPF or a CNPJ by its length.
func (id *Identity) setNumber(s string) {
	n := onlyDigits(s)
	switch {
	case len(n) == 11 && ValidCPF(n):
		id.CPF = n
	case len(n) == 14:
		id.CNPJ = n
	}
}

// MaskCPF hides the ends of a CPF as public transparency pages do:
// ***.456.789-**. Anything that is not 11 digits gives an empty string.
func MaskCPF(cpf string) string {
	if len(cpf) != 11 || onlyDigits(cpf) != cpf {
		return ""
	}
	return "***." + cpf[3:6] + "." + cpf[6:9] + "-**"
}

// ValidCPF checks the length and both check digits.
func ValidCPF(cpf string) bool {
	if len(cpf) != 11 || onlyDigits(cpf) != cpf || strings.Count(cpf, cpf[:1]) == 11 {
		return false
	}
	for n := 9; n < 11; n++ {
		sum := 0
		for i := range n {
			sum += int(cpf[i]-'0') * (n + 1 - i)
		}
		if byte(sum*10%11%10)+'0' != cpf[n] {
			return false
		}
	}
	return true
}

func onlyDigits(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// parseOtherNames reads the otherNames of a subjectAltName; what it cannot
// read it leaves out.
func parseOtherNames(der []byte, id *Identity) {
	var names asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &names); err != nil || len(rest) > 0 || !names.IsCompound {
		return
	}
	rest := names.Bytes
	for len(rest) > 0 {
		var n asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &n); err != nil {
			return
		}
		if n.Class == asn1.ClassContextSpecific && n.Tag == 0 && n.IsCompound {
			takeOtherName(n.Bytes, id)
		}
	}
}

func takeOtherName(der []byte, id *Identity) {
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(der, &oid)
	if err != nil {
		return
	}
	var explicit, value asn1.RawValue
	if _, err := asn1.Unmarshal(rest, &explicit); err != nil || !explicit.IsCompound {
		return
	}
	if _, err := asn1.Unmarshal(explicit.Bytes, &value); err != nil || value.IsCompound {
		return
	}
	text := cleanText(value.Bytes)
	switch {
	case oid.Equal(oidPerson), oid.Equal(oidOfficer):
		takePerson(text, id)
	case oid.Equal(oidResponsible):
		if id.CompanyName == "" {
			id.CompanyName = id.Name
		}
		id.Name = text
	case oid.Equal(oidCompanyID) && len(onlyDigits(text)) == 14:
		id.CNPJ = onlyDigits(text)
	case oid.Equal(oidCompany):
		id.CompanyName = text
	}
}

// takePerson splits the fixed columns: birth date 8, CPF 11, NIS 11, RG 15,
// agency and state up to 10.
func takePerson(s string, id *Identity) {
	column := func(from, to int) string {
		if from >= len(s) {
			return ""
		}
		return strings.TrimSpace(s[from:min(to, len(s))])
	}
	if cpf := column(8, 19); ValidCPF(cpf) {
		id.CPF = cpf
	}
	nonZero := func(v string) string {
		if strings.Trim(v, "0") == "" {
			return ""
		}
		return v
	}
	id.BirthDate = nonZero(column(0, 8))
	id.NIS = nonZero(column(19, 30))
	id.RG = nonZero(column(30, 45))
	id.RGIssuer = column(45, 55)
}

// cleanText reads a string of any of the types met in the field (OCTET STRING,
// PrintableString, UTF8String, Latin-1 in disguise) without control characters.
func cleanText(b []byte) string {
	if !utf8.Valid(b) {
		b = []byte(decodeText(b))
	}
	b = bytes.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, b)
	return strings.TrimSpace(string(b))
}

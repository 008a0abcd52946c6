package holder

import (
	"crypto/x509"
	"encoding/asn1"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
)

// Identity is what a certificate says of its holder. Empty fields are not in
// it. All of it but the names and the CNPJ is personal data.
type Identity struct {
	Name        string // of the subject, without the number after it
	CPF         string // 11 digits with right check digits
	BirthDate   string // ddmmyyyy, as written
	NIS         string
	RG          string
	RGIssuer    string // agency and state, as written
	CNPJ        string // 14 characters with right check digits
	Company     string // its name, as the registry has it
	Responsible string // name of the person who answers for the company
	Email       string
	ICPBrasil   bool // names a policy of ICP-Brasil, or has its fields
}

// Of reads the holder of a certificate. The CPF is that of the person's data
// (otherName 2.16.76.1.3.1), else that of the data of who answers for the
// company (.3.4), else the subject's serialNumber, else what follows the name
// in the common name ("NAME:CPF"); the CNPJ is found likewise, from .3.3 on. A
// number with wrong check digits is none.
func Of(cert *x509.Certificate) Identity {
	name, number := splitCommonName(cert.Subject)
	fields := otherNames(cert)
	id := Identity{
		Name:        name,
		Company:     fields[arcCompany],
		Responsible: fields[arcResponsible],
		ICPBrasil:   len(fields) > 0 || namesPolicy(cert),
	}
	for _, arc := range []int{arcPersonData, arcResponsibleData} {
		if data, given := fields[arc]; given && id.CPF == "" {
			id.takePerson(data)
		}
	}
	for _, n := range []string{fields[arcCNPJ], cert.Subject.SerialNumber, number} {
		id.takeNumber(n)
	}
	if len(cert.EmailAddresses) > 0 {
		id.Email = cert.EmailAddresses[0]
	}
	return id
}

// takeNumber takes what is missing of CPF and CNPJ; the number itself says which
// of them it is.
func (id *Identity) takeNumber(s string) {
	n := protocol.NormalizeCNPJ(s)
	switch {
	case id.CPF == "" && protocol.ValidCPF(n):
		id.CPF = n
	case id.CNPJ == "" && protocol.ValidCNPJ(n):
		id.CNPJ = n
	}
}

// takePerson splits the fixed columns of a person's data: birth date 8, CPF 11,
// NIS 11, RG 15, its agency and state up to 10. Zeros mean "not told".
func (id *Identity) takePerson(data string) {
	column := func(from, to int) string {
		if from >= len(data) {
			return ""
		}
		value := strings.TrimSpace(strings.ToValidUTF8(data[from:min(to, len(data))], ""))
		if strings.Trim(value, "0") == "" {
			return ""
		}
		return value
	}
	if cpf := column(8, 19); protocol.ValidCPF(cpf) {
		id.CPF = cpf
	}
	id.BirthDate = column(0, 8)
	id.NIS = column(19, 30)
	id.RG = column(30, 45)
	id.RGIssuer = column(45, 55)
}

// oidPolicies is the arc of ICP-Brasil's certificate policies.
var oidPolicies = asn1.ObjectIdentifier{2, 16, 76, 1, 2}

func namesPolicy(cert *x509.Certificate) bool {
	for _, p := range cert.PolicyIdentifiers {
		if len(p) > len(oidPolicies) && p[:len(oidPolicies)].Equal(oidPolicies) {
			return true
		}
	}
	return false
}

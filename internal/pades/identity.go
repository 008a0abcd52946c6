package pades

import (
	"crypto/x509"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/holder"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
)

// Identity is the person whose certificate signed, as a report shows them.
// Empty fields are not in the certificate.
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

// ParseIdentity reads the signer of a certificate: its holder (see [holder.Of])
// or, of a company's certificate, the person who answers for the company.
func ParseIdentity(cert *x509.Certificate) Identity {
	who := holder.Of(cert)
	id := Identity{
		Name: who.Name, CPF: who.CPF, MaskedCPF: protocol.MaskCPF(who.CPF),
		BirthDate: who.BirthDate, NIS: who.NIS, RG: who.RG, RGIssuer: who.RGIssuer,
		CompanyName: who.Company, CNPJ: who.CNPJ, Email: who.Email,
	}
	if who.Responsible != "" {
		id.Name = who.Responsible
		if id.CompanyName == "" {
			id.CompanyName = who.Name
		}
	}
	return id
}

// cleanText takes away what does not belong into one line of a report.
func cleanText(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s))
}

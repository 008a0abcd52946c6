package desktop

import (
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// contactOf checks a contact typed by the servant.
func contactOf(f ContactForm) (sei.Contact, error) {
	c := sei.Contact{Name: strings.TrimSpace(f.Name), CPF: digits(f.CPF), CNPJ: strings.ToUpper(keepAlphanumeric(f.CNPJ))}
	switch {
	case c.Name == "" && (c.CPF != "" || c.CNPJ != ""):
		return c, sei.Errorf(sei.CodeInvalid, "Informe o nome do contato.")
	case c.CPF != "" && !validCPF(c.CPF):
		return c, sei.Errorf(sei.CodeInvalid, "O CPF %s não é válido; confira os números.", f.CPF)
	case c.CNPJ != "" && !validCNPJ(c.CNPJ):
		return c, sei.Errorf(sei.CodeInvalid, "O CNPJ %s não é válido; confira os números.", f.CNPJ)
	}
	return c, nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func keepAlphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, s)
}

// validCPF checks the two mod-11 digits; a CPF of one repeated digit passes the
// arithmetic but is never given.
func validCPF(cpf string) bool {
	if len(cpf) != 11 || strings.Count(cpf, cpf[:1]) == 11 {
		return false
	}
	return checkDigit(cpf[:9], 11) == cpf[9] && checkDigit(cpf[:10], 12) == cpf[10]
}

func checkDigit(s string, highest int) byte {
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * (highest - 1 - i)
	}
	if r := sum % 11; r >= 2 {
		return byte('0' + 11 - r)
	}
	return '0'
}

// validCNPJ checks the numeric and, from July 2026 on, alphanumeric form (IN RFB
// 2.229/2024): each character counts as its ASCII code less 48.
func validCNPJ(cnpj string) bool {
	if len(cnpj) != 14 || strings.Count(cnpj, cnpj[:1]) == 14 {
		return false
	}
	return cnpjDigit(cnpj[:12]) == cnpj[12] && cnpjDigit(cnpj[:13]) == cnpj[13]
}

func cnpjDigit(s string) byte {
	sum, weight := 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		sum += (int(s[i]) - '0') * weight
		if weight++; weight > 9 {
			weight = 2
		}
	}
	if r := sum % 11; r >= 2 {
		return byte('0' + 11 - r)
	}
	return '0'
}

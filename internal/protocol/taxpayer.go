package protocol

import "strings"

// ValidCPF says whether the 11 digits are a CPF: both check digits (modulus 11)
// hold, and they are not one digit repeated, which passes the arithmetic but is
// never given.
func ValidCPF(cpf string) bool {
	if len(cpf) != 11 || !allDigits(cpf) || strings.Count(cpf, cpf[:1]) == 11 {
		return false
	}
	return cpf[9:] == CPFCheckDigits(cpf[:9])
}

// CPFCheckDigits are the two digits that follow the first nine.
func CPFCheckDigits(nine string) string {
	first := taxpayerDigit(nine, len(nine)+1)
	return string([]byte{first, taxpayerDigit(nine+string(first), len(nine)+2)})
}

// taxpayerDigit weighs the characters by their ASCII code less 48, from highest down; a
// weight below 2 starts again at 9.
func taxpayerDigit(s string, highest int) byte {
	sum, weight := 0, highest
	for i := range len(s) {
		sum += (int(s[i]) - '0') * weight
		if weight--; weight < 2 {
			weight = 9
		}
	}
	if r := sum % 11; r >= 2 {
		return byte('0' + 11 - r)
	}
	return '0'
}

// ValidCNPJ says whether the 14 characters are a CNPJ, in the numeric form or in
// the alphanumeric one given since July 2026 (IN RFB 2.229/2024): twelve digits
// or capital letters and two check digits.
func ValidCNPJ(cnpj string) bool {
	if len(cnpj) != 14 || !allDigits(cnpj[12:]) || strings.Count(cnpj, cnpj[:1]) == 14 {
		return false
	}
	for i := range 12 {
		if c := cnpj[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return taxpayerDigit(cnpj[:12], 5) == cnpj[12] && taxpayerDigit(cnpj[:13], 6) == cnpj[13]
}

// MaskCPF hides the first three digits and the check digits, as the federal
// transparency portal does: ***.456.789-**. Anything but 11 digits gives "".
func MaskCPF(cpf string) string {
	if len(cpf) != 11 || !allDigits(cpf) {
		return ""
	}
	return "***." + cpf[3:6] + "." + cpf[6:9] + "-**"
}

// NormalizeCNPJ keeps the ASCII digits and letters of s, in capitals, so that a
// number is found whether or not it is written with its punctuation. A CPF comes
// out as its digits.
func NormalizeCNPJ(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z') {
			return r
		}
		return -1
	}, s))
}

// FormatCNPJ writes the 14 characters with their punctuation; a company's number
// is public. Anything else gives "".
func FormatCNPJ(cnpj string) string {
	if len(cnpj) != 14 {
		return ""
	}
	return cnpj[:2] + "." + cnpj[2:5] + "." + cnpj[5:8] + "/" + cnpj[8:12] + "-" + cnpj[12:]
}

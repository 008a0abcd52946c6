package protocol

import (
	"strconv"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Parse takes a number apart, or refuses it with CodeNumber when it was not
// written by this mask or its check digits do not agree. Codes come back as
// wide as the mask writes them; a two-digit year is of this century.
func (m Mask) Parse(number string) (Parts, error) {
	var parts Parts
	if m.IsZero() {
		return parts, badMask("nenhuma máscara foi configurada")
	}
	at := 0
	for _, p := range m.pieces {
		if len(number)-at < p.width {
			return Parts{}, notThisMask()
		}
		if err := p.read(number[at:at+p.width], number[:at], &parts); err != nil {
			return Parts{}, err
		}
		at += p.width
	}
	if at != len(number) {
		return Parts{}, notThisMask()
	}
	return parts, nil
}

// Matches tells whether the number was written by this mask, check digits
// included.
func (m Mask) Matches(number string) bool {
	_, err := m.Parse(number)
	return err == nil
}

func (p piece) read(text, before string, parts *Parts) error {
	if p.field == literal {
		if text != p.text {
			return notThisMask()
		}
		return nil
	}
	if !allDigits(text) {
		return notThisMask()
	}
	switch p.field {
	case agencyCode:
		parts.AgencyCode = text
	case unitCode:
		parts.UnitCode = text
	case sequence:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return notThisMask()
		}
		parts.Sequence = n
	case year4, year2:
		return readYear(text, parts)
	case federalDigits:
		if text != FederalCheckDigits(Normalize(before)) {
			return wrongCheckDigits()
		}
	}
	return nil
}

func readYear(text string, parts *Parts) error {
	y, err := strconv.Atoi(text)
	if err != nil {
		return notThisMask()
	}
	if len(text) == 2 {
		y += 2000
	}
	if y < 1000 {
		return notThisMask()
	}
	parts.Year = y
	return nil
}

func notThisMask() error {
	return sei.Errorf(CodeNumber, "O número não segue o formato de numeração deste órgão. Confira o que foi digitado.")
}

func wrongCheckDigits() error {
	return sei.Errorf(CodeNumber, "Os dígitos verificadores do número não conferem. Confira o que foi digitado.")
}

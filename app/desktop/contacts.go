package desktop

import (
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// contactOf checks a contact typed by the servant.
func contactOf(f ContactForm) (sei.Contact, error) {
	c := sei.Contact{Name: strings.TrimSpace(f.Name), CPF: protocol.Normalize(f.CPF), CNPJ: protocol.NormalizeCNPJ(f.CNPJ)}
	switch {
	case c.Name == "" && (c.CPF != "" || c.CNPJ != ""):
		return c, sei.Errorf(sei.CodeInvalid, "Informe o nome do contato.")
	case c.CPF != "" && !protocol.ValidCPF(c.CPF):
		return c, sei.Errorf(sei.CodeInvalid, "O CPF %s não é válido; confira os números.", f.CPF)
	case c.CNPJ != "" && !protocol.ValidCNPJ(c.CNPJ):
		return c, sei.Errorf(sei.CodeInvalid, "O CNPJ %s não é válido; confira os números.", f.CNPJ)
	}
	return c, nil
}

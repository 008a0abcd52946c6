package desktop

import (
	"context"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// defaultBasis founds a signature at an agency that has no words of its own.
const defaultBasis = "Lei nº 14.063/2020"

// stampOf is SEI's stamp: who, in what position, when, and under what law. nil draws
// none. The time is the signer's clock and says so.
func stampOf(at *pdf.StampRect, cert keys.Certificate, position, basis string, now time.Time) *pades.Stamp {
	if at == nil {
		return nil
	}
	return &pades.Stamp{
		Page: at.Page, Rect: [4]float64{at.Left, at.Bottom, at.Right, at.Top},
		Lines: []string{
			"Documento assinado digitalmente por " + cert.Subject,
			position + ", em " + now.Format("02/01/2006, às 15:04") + " (hora declarada)",
			basis,
			"Certificado emitido por " + cert.Issuer,
		},
	}
}

// stampBasis says the level that a signature with the certificate has and the words
// of the signing agency that found it. What cannot be judged here claims no level.
func (a *account) stampBasis(ctx context.Context, cert keys.Certificate, agency sei.AgencyID) string {
	c, err := a.store.Catalogue(ctx)
	if err == nil {
		found, problem := a.preflight(ctx, cert, agency, c, nil)
		if err = problem; err == nil {
			ag, _ := c.Agency(agency)
			return basisWords(ag, found.Level)
		}
	}
	a.desk.log.Warn("judging the level of a stamp", "error", err)
	return "Assinatura eletrônica, conforme a " + defaultBasis
}

func basisWords(agency sei.Agency, level sei.SignatureLevel) string {
	basis := agency.LegalBasisOf(level)
	if basis == "" {
		basis = defaultBasis
	}
	return "Assinatura eletrônica " + level.Name() + ", com fundamento em: " + cutRunes(basis, maxBasis)
}

// maxBasis keeps an agency's words within a line of the stamp, in letters.
const maxBasis = 200

func cutRunes(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

package desktop

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestTheStampTellsTheLevelAndTheAgencysLegalBasis(t *testing.T) {
	s := newServedSigner(t)
	d := newWorld(t, trusting(s.roots)).loggedIn(chief)
	cert := d.shown(s)
	refs := d.minutes(1)
	begun, err := d.signing().Sign(d.prepare(refs...).form(cert))
	must(t, err)
	if over := d.batchOver(begun.ID); over.Signed != 1 {
		t.Fatalf("%+v", over)
	}
	name, _, _ := strings.Cut(s.id.Certificate.Subject.CommonName, ":") // the CPF is not shown
	drawn := inflated(d.fileOf(refs[0]))
	for _, words := range []string{
		"Documento assinado digitalmente por " + name, "Chefe de Gabinete, em ",
		"Assinatura eletrônica qualificada, com fundamento em: Lei nº 14.063/2020, art. 4º, III",
	} {
		if !strings.Contains(drawn, hexWords(words)) {
			t.Errorf("the stamp does not say %q", words)
		}
	}
}

func TestAnAgencyHasItsOwnWordsAndOtherwiseTheLaws(t *testing.T) {
	own := sei.Agency{LegalBasisSimple: "Decreto I", LegalBasisQualified: "Decreto III"}
	for _, c := range []struct {
		agency sei.Agency
		level  sei.SignatureLevel
		words  string
	}{
		{own, sei.LevelQualified, "Assinatura eletrônica qualificada, com fundamento em: Decreto III"},
		{own, sei.LevelSimple, "Assinatura eletrônica simples, com fundamento em: Decreto I"},
		{own, sei.LevelAdvanced, "Assinatura eletrônica avançada, com fundamento em: Lei nº 14.063/2020"},
		{sei.Agency{}, sei.LevelQualified, "Assinatura eletrônica qualificada, com fundamento em: Lei nº 14.063/2020"},
	} {
		if got := basisWords(c.agency, c.level); got != c.words {
			t.Errorf("%q, not %q", got, c.words)
		}
	}
	long := sei.Agency{LegalBasisSimple: strings.Repeat("ç", 1000)}
	if got := []rune(basisWords(long, sei.LevelSimple)); len(got) > 300 {
		t.Errorf("%d letters do not fit a line of the stamp", len(got))
	}
}

// inflated joins what the compressed streams of a PDF hold.
func inflated(file []byte) string {
	var out strings.Builder
	for part := range bytes.SplitSeq(file, []byte("stream\n")) {
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue
		}
		data, _ := io.ReadAll(z) // what follows the stream is no part of it
		out.Write(data)
	}
	return out.String()
}

func hexWords(text string) string {
	var out strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&out, "%04X", u)
	}
	return out.String()
}

package central

import (
	"mime"
	"testing"
)

func TestDownloadsKeepTheirAccents(t *testing.T) {
	for _, name := range []string{"Ofício nº 12-2026.pdf", "Açaí & Cia; \"cópia\" 100%.pdf", "simples.pdf", "日本.pdf"} {
		header := disposition("attachment", name)
		kind, params, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || params["filename"] != name {
			t.Errorf("%q becomes %s, read as %q, %v", name, header, params["filename"], err)
		}
	}
	if got := disposition("inline", "Ofício.pdf"); got != `inline; filename="Oficio.pdf"; filename*=UTF-8''Of%C3%ADcio.pdf` {
		t.Errorf("got %s", got)
	}
	if got := pdfName("Ofício", "12/2026", "0001234", "via de leitura"); got != "Ofício_12-2026_0001234_via_de_leitura.pdf" {
		t.Errorf("got %s", got)
	}
}

package central_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// visit fetches a page as anybody without an account.
func (w *world) visit(path string) (*http.Response, string) {
	w.t.Helper()
	resp, err := http.Get(w.server.URL + path)
	must(w.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(w.t, err)
	return resp, string(body)
}

func (w *world) verifyPage(t *testing.T, code, crc string) central.Verification {
	t.Helper()
	_, body := w.visit("/v1/public/verify?" + url.Values{"code": {code}, "crc": {crc}}.Encode())
	var v central.Verification
	must(t, json.Unmarshal([]byte(body), &v))
	return v
}

func conferir(code, crc string) string {
	return "/conferir?" + url.Values{"codigo": {code}, "crc": {crc}}.Encode()
}

func TestThePublicPageShowsAPublicDocumentAndItsSignatures(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := sei.ProcessID(newID(w))
	number := d.do(id, startBody(sei.Public)).ProcessNumber
	doc, frozen, pdf := d.signedDocument(id, "Defiro.")
	code := d.seiNumber(id, doc)

	resp, page := w.visit(conferir(code, strings.ToLower(frozen.CRC)))
	for _, want := range []string{number, "Ana Paula Schneider", "Chefe de Gabinete", "Documento encontrado", "AMBIENTE DE TREINAMENTO", "Despacho"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(page, "<script") {
		t.Errorf("policy %q", csp)
	}
	if _, byQR := w.visit("/q/" + frozen.QRToken); !strings.Contains(byQR, number) {
		t.Error("the QR code's address does not show the document")
	}
	// Looking at the signatures delivers nothing; opening the document does.
	d.do(id, sei.NoteProgress{Text: "Ainda amarela."})
	if pen := d.pen(id, doc); pen != sei.PenYellow {
		t.Errorf("the pen is %s before anybody opened the document", pen)
	}
	resp, body := w.visit("/conferir/documento?" + url.Values{"codigo": {code}, "crc": {frozen.CRC}}.Encode())
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/pdf" || body != string(pdf) {
		t.Errorf("the document: %d", resp.StatusCode)
	}
	if got := resp.Header.Get("Content-Disposition"); got != `inline; filename="Despacho_`+code+`.pdf"; filename*=UTF-8''Despacho_`+code+`.pdf` {
		t.Errorf("it is named %s", got)
	}
	if _, stored := w.visit("/q/" + frozen.QRToken + "/documento?arquivo=" + string(frozen.Content.SHA256)); stored != string(pdf) {
		t.Error("the file as it was signed differs")
	}
	d.upload(pdfBytes("alheio"))
	if resp, _ := w.visit("/q/" + frozen.QRToken + "/documento?arquivo=" + string(shaOf(pdfBytes("alheio")))); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a file of nobody's document: %d", resp.StatusCode)
	}
	if pen := d.pen(id, doc); pen != sei.PenBlack {
		t.Errorf("the pen is %s after an outside reader had the document", pen)
	}
}

func (d *desk) pen(process sei.ProcessID, doc sei.DocumentID) sei.Pen {
	d.t.Helper()
	state := bodyAs[sei.Document](d.t, row(d.pull(wire.ProcessBucket(process), 0), "document/"+string(doc)))
	return state.PenColour()
}

func TestThePublicPageShowsOnlySignaturesOfARestrictedDocument(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := sei.ProcessID(newID(w))
	number := d.do(id, startBody(sei.Restricted)).ProcessNumber
	doc, frozen, _ := d.signedDocument(id, "Defiro.")
	code := d.seiNumber(id, doc)
	_, page := w.visit(conferir(code, frozen.CRC))
	if !strings.Contains(page, "Ana Paula Schneider") || strings.Contains(page, number) || strings.Contains(page, string(frozen.Content.SHA256)) {
		t.Error("a restricted document shows too much or too little")
	}
	for _, path := range []string{"/conferir/documento?" + url.Values{"codigo": {code}, "crc": {frozen.CRC}}.Encode(), "/q/" + frozen.QRToken + "/documento"} {
		if resp, _ := w.visit(path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if v := w.verifyPage(t, code, frozen.CRC); v.Document != nil || len(v.Signatures) != 1 {
		t.Errorf("the answer for programs: %+v", v)
	}
}

func TestMinutesAndUnknownPairsAreAnsweredAlike(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	_, r, _ := d.addMinute(id, "minuta")
	var pages []string
	for _, pair := range [][2]string{{sei7(r.SEINumber), "0000000A"}, {"9999999", "0000000A"}, {"x", "0000000A"}, {"9999999", "y"}} {
		resp, page := w.visit(conferir(pair[0], pair[1]))
		if resp.StatusCode != http.StatusNotFound || !strings.Contains(page, "Documento não encontrado") {
			t.Errorf("%v: %d", pair, resp.StatusCode)
		}
		page = strings.ReplaceAll(strings.ReplaceAll(page, `"`+pair[0]+`"`, `""`), `"`+pair[1]+`"`, `""`)
		pages = append(pages, page)
	}
	for _, p := range pages[1:] {
		if p != pages[0] {
			t.Error("the pages differ")
		}
	}
}

func TestGuessingPairsIsLimited(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	doc, frozen, _ := d.signedDocument(id, "Defiro.")
	code := d.seiNumber(id, doc)
	for range 60 { // right ones are not counted
		if v := w.verifyPage(t, code, frozen.CRC); v.Result != central.ResultFound {
			t.Fatalf("a right pair: %+v", v)
		}
	}
	limited := false
	for range 60 {
		resp, _ := w.visit(conferir(code, "00000000"))
		if limited = resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") != ""; limited {
			break
		}
	}
	if !limited {
		t.Error("sixty guesses were answered")
	}
}

func (w *world) compare(t *testing.T, code, crc string, file []byte) string {
	t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	must(t, m.WriteField("codigo", code))
	must(t, m.WriteField("crc", crc))
	part, err := m.CreateFormFile("arquivo", "<b>recebido</b>.pdf")
	must(t, err)
	_, err = part.Write(file)
	must(t, err)
	must(t, m.Close())
	resp, err := http.Post(w.server.URL+"/conferir/arquivo", m.FormDataContentType(), &form)
	must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	return string(body)
}

func TestAnUploadedFileIsComparedWithWhatWasSigned(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Restricted)
	doc, frozen, pdf := d.signedDocument(id, "Defiro.")
	code := d.seiNumber(id, doc)
	if page := w.compare(t, code, frozen.CRC, pdf); !strings.Contains(page, "O arquivo é o documento assinado") {
		t.Error("the signed file was not recognised")
	}
	page := w.compare(t, code, frozen.CRC, append(pdf, '\n'))
	if !strings.Contains(page, "O arquivo não é o documento assinado") || strings.Contains(page, "<b>recebido") {
		t.Error("an altered file was not told apart, or its name was not escaped")
	}
	if page := w.compare(t, code, "00000000", pdf); !strings.Contains(page, "Documento não encontrado") {
		t.Error("a file with a wrong pair learned something")
	}
	if page := w.compare(t, code, frozen.CRC, nil); !strings.Contains(page, "Escolha o arquivo") {
		t.Error("an empty form")
	}
}

func TestTheAPIDescribesItself(t *testing.T) {
	w := newWorld(t)
	resp, body := w.visit("/openapi.json")
	var doc struct {
		Paths map[string]any `json:"paths"`
	}
	must(t, json.Unmarshal([]byte(body), &doc))
	for _, path := range []string{"/v1/info", "/v1/login", "/v1/push", "/v1/pull", "/v1/leases", "/v1/sign/password", "/v1/search"} {
		if doc.Paths[path] == nil {
			t.Errorf("%s is not described", path)
		}
	}
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if resp, _ := w.visit(path); resp.StatusCode != http.StatusNoContent {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

func TestTheSealsCertificateIsPublishedAndDescribed(t *testing.T) {
	w := newWorld(t)
	_, body := w.visit("/v1/info")
	var info wire.CentralInfo
	must(t, json.Unmarshal([]byte(body), &info))
	block, _ := pem.Decode([]byte(info.SealCertificate))
	if block == nil {
		t.Fatalf("no certificate: %q", info.SealCertificate)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	must(t, err)
	if !strings.HasSuffix(cert.Subject.CommonName, "SEM VALOR LEGAL") {
		t.Errorf("a training central's seal is named %q", cert.Subject.CommonName)
	}
	if _, api := w.visit("/openapi.json"); !strings.Contains(api, `"sealCertificate"`) {
		t.Error("the API does not describe it")
	}
}

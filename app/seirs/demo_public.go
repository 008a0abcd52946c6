package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
)

// Words of the public page that tell its answers apart.
const (
	pageFound    = "Documento encontrado"
	pageNotFound = "Documento não encontrado"
	pageMatch    = "O arquivo é o documento assinado"
	pageCopy     = "O arquivo é uma via de leitura deste documento"
	pageOther    = "O arquivo não é o documento assinado"
)

// stepPublic: anyone, without an account.
func (d *demo) stepPublic() {
	public := documentOf(d.ana.look(d.public), d.dispatch)
	restricted := documentOf(d.ana.look(d.restricted), d.notice)
	claim(public.Verification != nil && restricted.Verification != nil, "a signed document has no verification pair")
	d.checkPair(*public.Verification)
	d.checkQR()
	d.checkUploads(*public.Verification)
	d.checkRestricted(*restricted.Verification)
	d.checkUnknown()
}

// visit opens an address of the central as anyone.
func (d *demo) visit(path string) (int, string) {
	r, err := http.NewRequestWithContext(d.ctx, http.MethodGet, d.url+path, nil)
	must(err, "asking the public page")
	return d.ask(r)
}

func (d *demo) ask(r *http.Request) (int, string) {
	answer, err := http.DefaultClient.Do(r)
	must(err, "asking the public page")
	defer func() { _ = answer.Body.Close() }() // only read
	body, err := io.ReadAll(answer.Body)
	must(err, "reading the public page")
	return answer.StatusCode, string(body)
}

func pairQuery(code, crc, codeName string) string {
	return url.Values{codeName: {code}, "crc": {crc}}.Encode()
}

func (d *demo) verify(code, crc string) central.Verification {
	_, body := d.visit("/v1/public/verify?" + pairQuery(code, crc, "code"))
	var v central.Verification
	must(json.Unmarshal([]byte(body), &v), "reading "+body)
	return v
}

func (d *demo) checkPair(p desktop.VerificationView) {
	status, html := d.visit("/conferir?" + pairQuery(p.Code, p.CRC, "codigo"))
	claim(status == http.StatusOK && strings.Contains(html, pageFound), "the public page answers %d to %s %s", status, p.Code, p.CRC)
	claim(strings.Contains(html, d.number) && strings.Contains(html, d.signer.name), "the public page does not show the process and the signer")
	claim(strings.Contains(html, "AMBIENTE DE TREINAMENTO"), "the public page of a demonstration does not say so")
	v := d.verify(p.Code, p.CRC)
	claim(v.Result == central.ResultFound && v.Document != nil && v.Document.SHA256 == d.prepared[d.dispatch].sha, "the JSON answer is %+v", v)
	claim(len(v.Signatures) == 1 && v.Signatures[0].Name == d.signer.name && v.Signatures[0].Verdict == "valid", "the JSON answer has %+v", v.Signatures)
	d.held("código %s e CRC %s: documento e assinatura, em página e em JSON", p.Code, p.CRC)
}

// checkQR reads the code off the printed page, as a telephone would.
func (d *demo) checkQR() {
	page := filepath.Join(d.work, "page")
	must(runTool(d.ctx, "pdftoppm", "-r", "150", "-f", "1", "-l", "1", "-singlefile", "-png", filepath.Join(d.out, "despacho-token.pdf"), page), "drawing a page")
	text, err := toolOutput(d.ctx, "zbarimg", "--quiet", "--raw", page+".png")
	must(err, "reading the QR code")
	address := strings.TrimSpace(text)
	claim(strings.HasPrefix(address, d.url+"/q/"), "the QR code says %q", address)
	status, html := d.visit(strings.TrimPrefix(address, d.url))
	claim(status == http.StatusOK && strings.Contains(html, pageFound), "the QR code's page answers %d", status)
	d.held("QR lido da página impressa: mesmo documento")
}

// upload gives a file to the public page.
func (d *demo) upload(p desktop.VerificationView, data []byte) string {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(form.WriteField("codigo", p.Code), "writing a form")
	must(form.WriteField("crc", p.CRC), "writing a form")
	file, err := form.CreateFormFile("arquivo", "recebido.pdf")
	must(err, "writing a form")
	_, err = file.Write(data)
	must(err, "writing a form")
	must(form.Close(), "writing a form")
	r, err := http.NewRequestWithContext(d.ctx, http.MethodPost, d.url+"/conferir/arquivo", &body)
	must(err, "asking the public page")
	r.Header.Set("Content-Type", form.FormDataContentType())
	_, html := d.ask(r)
	return html
}

func (d *demo) checkUploads(p desktop.VerificationView) {
	signed := d.file("despacho-token.pdf")
	claim(strings.Contains(d.upload(p, signed), pageMatch), "the signed file is not recognised")
	claim(strings.Contains(d.upload(p, d.prepared[d.dispatch].bytes), pageMatch), "the content without the signature is not recognised")
	tampered := bytes.Clone(signed)
	tampered[len(tampered)/2] ^= 1
	claim(strings.Contains(d.upload(p, tampered), pageOther), "a changed file is taken for the signed one")
	status, copied := d.visit("/conferir/documento?" + pairQuery(p.Code, p.CRC, "codigo"))
	claim(status == http.StatusOK && strings.Contains(d.upload(p, []byte(copied)), pageCopy), "the reading copy (%d) is not recognised", status)
	d.held("PDF enviado: é o assinado; via de leitura: é reconhecida; com um bit trocado: não é")
}

// checkRestricted: signatures and nothing of the content.
func (d *demo) checkRestricted(p desktop.VerificationView) {
	status, html := d.visit("/conferir?" + pairQuery(p.Code, p.CRC, "codigo"))
	claim(status == http.StatusOK && strings.Contains(html, d.signer.name), "the restricted document's signatures are not shown (%d)", status)
	number := d.ana.look(d.restricted).Number
	for _, secret := range []string{number, "Avaliação funcional", "Abrir a via de leitura", d.prepared[d.notice].sha} {
		claim(!strings.Contains(html, secret), "the public page shows %q of a restricted document", secret)
	}
	v := d.verify(p.Code, p.CRC)
	claim(v.Result == central.ResultFound && v.Document == nil && len(v.Signatures) == 1, "the JSON answer for a restricted document is %+v", v)
	status, _ = d.visit("/conferir/documento?" + pairQuery(p.Code, p.CRC, "codigo"))
	claim(status == http.StatusNotFound, "the restricted document itself answers %d", status)
	claim(strings.Contains(d.upload(p, d.file("despacho-pfx.pdf")), pageMatch), "the restricted signed file is not recognised")
	d.held("restrito: só as assinaturas, e se o arquivo confere")
}

// checkUnknown: a minute and a pair that never was are answered alike.
func (d *demo) checkUnknown() {
	id := d.addWaitingMinute()
	minute := documentOf(d.ana.look(d.public), id)
	claim(minute.Minute && minute.Verification == nil, "a minute shows a verification pair")
	for _, code := range []string{minute.SEINumber, "9999999"} {
		status, html := d.visit("/conferir?" + pairQuery(code, "00000000", "codigo"))
		claim(status == http.StatusNotFound && strings.Contains(html, pageNotFound), "the pair of %s is answered with %d", code, status)
	}
	d.held("minuta e código inexistente: “não encontrado”, igual")
}

// addWaitingMinute leaves an unsigned minute at the central.
func (d *demo) addWaitingMinute() string {
	id := d.addDispatch(d.public)
	d.ana.await("the minute is with the central", "outbox", func() bool { return len(d.ana.queue()) == 0 })
	return id
}

// keep leaves a signed file in the output folder.
func (d *demo) keep(name string, data []byte) {
	d.write0(name, data)
	d.kept = append(d.kept, name)
}

func (d *demo) write0(name string, data []byte) {
	must(os.WriteFile(filepath.Join(d.out, name), data, 0o644), "keeping "+name)
}

// file reads a kept file again.
func (d *demo) file(name string) []byte {
	data, err := os.ReadFile(filepath.Join(d.out, name))
	must(err, "reading "+name)
	return data
}

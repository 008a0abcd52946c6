package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/pades"
)

// requireSealed says that a reading copy is whole as the central made it, that
// nobody vouches for the seal itself, and that a changed copy is found out.
func requireSealed(t *testing.T, copied []byte) {
	t.Helper()
	report, err := pades.Verify(t.Context(), bytes.NewReader(copied), int64(len(copied)), pades.VerifyOptions{})
	if err != nil || len(report.Signatures) != 1 {
		t.Fatalf("the seal: %+v, %v", report, err)
	}
	s := report.Signatures[0]
	if s.Verdict != pades.VerdictIndeterminate || !s.CoversFile || !strings.HasPrefix(s.Reason, "Via de leitura do documento ") ||
		!strings.HasPrefix(s.Name, "Selo da central ") || !strings.HasSuffix(s.Name, "SEM VALOR LEGAL") {
		t.Errorf("the seal: %+v", s)
	}
	changed := bytes.Clone(copied)
	changed[s.ByteRange[1]/2] ^= 1
	report, err = pades.Verify(t.Context(), bytes.NewReader(changed), int64(len(changed)), pades.VerifyOptions{})
	if err == nil && report.Signatures[0].Verdict != pades.VerdictInvalid {
		t.Errorf("a changed copy: %+v", report.Signatures[0])
	}
	requirePopplerAgrees(t, copied)
}

func requirePopplerAgrees(t *testing.T, copied []byte) {
	t.Helper()
	tool, err := exec.LookPath("pdfsig")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("pdfsig (poppler-utils) is not installed")
		}
		t.Log("pdfsig is not installed; its opinion was not asked")
		return
	}
	path := filepath.Join(t.TempDir(), "via.pdf")
	fatal(t, os.WriteFile(path, copied, 0o600))
	out, err := exec.CommandContext(t.Context(), tool, "-nocert", path).CombinedOutput()
	if !bytes.Contains(out, []byte("Signature is Valid")) || !bytes.Contains(out, []byte("Total document signed")) {
		t.Errorf("pdfsig: %v\n%s", err, out)
	}
}

// requireRecognised shows files to the public page, as somebody who received them.
func requireRecognised(t *testing.T, origin, code, crc string, copied, signed []byte) {
	t.Helper()
	const isCopy, isSigned, isOther = "O arquivo é uma via de leitura deste documento", "O arquivo é o documento assinado", "O arquivo não é o documento assinado"
	changed := bytes.Clone(copied)
	changed[len(changed)/3] ^= 1
	for name, c := range map[string]struct {
		crc  string
		file []byte
		want string
	}{
		"the signed file":          {crc, signed, isSigned},
		"the reading copy":         {crc, copied, isCopy},
		"with a bit changed":       {crc, changed, isOther},
		"with something after it":  {crc, append(bytes.Clone(copied), "\n% mais\n"...), isOther},
		"something else":           {crc, []byte("isto não é um PDF"), isOther},
		"a copy with a wrong pair": {"00000000", copied, "Documento não encontrado"},
	} {
		if page := compareAtPublicPage(t, origin, code, c.crc, c.file); !strings.Contains(page, c.want) {
			t.Errorf("%s: the page does not say %q", name, c.want)
		}
	}
}

func compareAtPublicPage(t *testing.T, origin, code, crc string, file []byte) string {
	t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	fatal(t, m.WriteField("codigo", code))
	fatal(t, m.WriteField("crc", crc))
	part, err := m.CreateFormFile("arquivo", "recebido.pdf")
	fatal(t, err)
	_, err = part.Write(file)
	fatal(t, err)
	fatal(t, m.Close())
	resp, err := http.Post(origin+"/conferir/arquivo", m.FormDataContentType(), &form)
	fatal(t, err)
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	fatal(t, err)
	return string(page)
}

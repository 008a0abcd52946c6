package central_test

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func (d *desk) offset(sha sei.SHA256) (int64, bool) {
	d.t.Helper()
	resp := d.request(http.MethodHead, "/v1/blobs/"+string(sha), nil, nil)
	defer resp.Body.Close()
	n, err := strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	must(d.t, err)
	return n, resp.Header.Get("Upload-Complete") == "?1"
}

func TestAnUploadGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	data := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	sha, total := shaOf(data), int64(len(data))
	if n, done := d.offset(sha); n != 0 || done {
		t.Fatalf("before: %d, %v", n, done)
	}
	d.uploadPiece(sha, 0, total, data[:100_000]).Body.Close()
	if n, done := d.offset(sha); n != 100_000 || done {
		t.Fatalf("after a piece: %d, %v", n, done)
	}
	w.stop() // the central restarts in between
	w.start()
	resp := d.uploadPiece(sha, 50_000, total, data[50_000:])
	resp.Body.Close()
	if resp.StatusCode != http.StatusConflict || resp.Header.Get("Upload-Offset") != "100000" {
		t.Errorf("a wrong offset: %d, %s", resp.StatusCode, resp.Header.Get("Upload-Offset"))
	}
	resp = d.uploadPiece(sha, 100_000, total, data[100_000:])
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Upload-Complete") != "?1" {
		t.Errorf("the last piece: %d", resp.StatusCode)
	}
	if n, done := d.offset(sha); n != total || !done {
		t.Errorf("at the end: %d, %v", n, done)
	}
}

func TestContentThatIsNotWhatItClaimsIsNotStored(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	data := pdfBytes("a")
	claimed := shaOf(pdfBytes("b"))
	resp := d.uploadPiece(claimed, 0, int64(len(data)), data)
	resp.Body.Close()
	if resp.StatusCode < 400 {
		t.Errorf("status %d", resp.StatusCode)
	}
	if _, done := d.offset(claimed); done {
		t.Error("it counts as uploaded")
	}
}

func TestAFileOverTheLimitIsRefusedBeforeItIsRead(t *testing.T) {
	w := newWorld(t, func(c *central.Config) { c.MaxFileBytes = 1000 })
	d := w.desk("SPGG", "ana.schneider", spggGab)
	resp := d.uploadPiece(shaOf([]byte("x")), 0, 1001, []byte("x"))
	defer resp.Body.Close()
	if err := readRefusal(resp); codeOf(err) != sei.CodeTooLarge || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %v", err)
	}
}

func TestOnlyTheUploaderMayCiteAFile(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SES", "helena.moraes", sesGab)
	data := pdfBytes("segredo da SPGG")
	secret := ours.start(sei.Restricted)
	ours.addExternal(secret, data)

	id := theirs.start(sei.Public)
	cmd := theirs.command(id, externalBody(sei.DocumentID(newID(w)), data))
	results, err := theirs.tryPush(cmd)
	must(t, err)
	if wait := results[0].Waiting; wait == nil || !slices.Contains(wait.Blobs, shaOf(data)) {
		t.Fatalf("who only knows the hash got %+v", results[0])
	}
	theirs.upload(data) // who has the bytes may send them
	if r := theirs.receipts(cmd)[0]; !r.Accepted {
		t.Errorf("refused: %s", r.Message)
	}
}

func TestAFileIsGivenOnlyUnderADocumentThatCitesIt(t *testing.T) {
	w := newWorld(t)
	d := w.desk("SPGG", "ana.schneider", spggGab)
	id := d.start(sei.Public)
	a, b := pdfBytes("a"), pdfBytes("b")
	doc := d.addExternal(id, a)
	d.upload(b)
	if status, _ := d.download(doc, shaOf(b)); status != http.StatusNotFound {
		t.Errorf("a file of nobody's document: %d", status)
	}
	resp := d.request(http.MethodGet, "/v1/documents/"+string(doc)+"/blobs/"+string(shaOf(a)), nil, map[string]string{"Range": "bytes=1-3"})
	defer resp.Body.Close()
	part := make([]byte, 3)
	if _, err := resp.Body.Read(part); resp.StatusCode != http.StatusPartialContent || string(part) != "PDF" {
		t.Errorf("a range: %d %q %v", resp.StatusCode, part, err)
	}
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="anexo.pdf"; filename*=UTF-8''anexo.pdf` {
		t.Errorf("disposition %q", got)
	}
}

package desktop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func (d *testDesk) holds(sha sei.SHA256) bool {
	d.t.Helper()
	a, err := d.current()
	must(d.t, err)
	has, err := a.store.HasBlob(d.t.Context(), sha)
	must(d.t, err)
	return has
}

func (d *testDesk) put(name, content string) StagedFile {
	d.t.Helper()
	f, err := d.stageReader(d.t.Context(), name, int64(len(content)), strings.NewReader(content))
	must(d.t, err)
	return f
}

func TestAFileThatIsNotStagedDoesNotStay(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	files := &Files{d.Desk}
	const bad = "apenas um texto"
	sum := sha256.Sum256([]byte(bad))
	if _, err := d.stageReader(t.Context(), "laudo.pdf", int64(len(bad)), strings.NewReader(bad)); err == nil {
		t.Fatal("a text was taken for a PDF")
	}
	if d.holds(sei.SHA256(hex.EncodeToString(sum[:]))) {
		t.Error("a refused file stays in the store")
	}
	// Two uses of the same bytes do not let go of each other.
	first, second := d.put("a.txt", "iguais"), d.put("b.txt", "iguais")
	must(t, files.Unstage(first.ID))
	if !d.holds(sei.SHA256(second.SHA256)) {
		t.Fatal("a staged file was erased with another of the same content")
	}
	must(t, files.Unstage(second.ID))
	if d.holds(sei.SHA256(second.SHA256)) {
		t.Error("a file that was let go of stays in the store")
	}
	// What was staged when the account closed goes when it opens again.
	left := d.put("c.txt", "deixado")
	_, err := d.session.Lock()
	must(t, err)
	_, err = d.session.Unlock(chief.agency, chief.login, central.DemoPassword)
	must(t, err)
	a, err := d.current()
	must(t, err)
	must(t, a.store.Maintain(t.Context()))
	if d.holds(sei.SHA256(left.SHA256)) {
		t.Error("a file staged in an earlier session stays in the store")
	}
	if _, err := d.stage.get(left.ID); err == nil {
		t.Error("it is still offered")
	}
}

func TestAPreparedSignatureIsKeptOnlyWhileItIsShown(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	process, document := d.start()
	d.awaitSent()
	sign := &Signing{d.Desk}
	prepare := func(text string) sei.SHA256 {
		t.Helper()
		d.save(process, document, d.edit(process, document).Base, text)
		p, err := sign.Prepare([]DocumentRef{{process, document}})
		must(t, err)
		if p.Items[0].SHA256 == "" {
			t.Fatalf("not prepared: %v", p.Items[0].Problems)
		}
		return sei.SHA256(p.Items[0].SHA256)
	}
	first, second := prepare("Um texto."), prepare("Outro texto.")
	if d.holds(first) || !d.holds(second) {
		t.Errorf("of the replaced and the shown, the store holds %t and %t", d.holds(first), d.holds(second))
	}
	must(t, sign.Forget([]string{document}))
	if d.holds(second) {
		t.Error("what was prepared stays after the dialog was closed")
	}
}

func TestOnlyPicturesAreGivenByTheirHash(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	var picture bytes.Buffer
	must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))))
	for name, c := range map[string]struct {
		content string
		status  int
	}{
		"a picture": {picture.String(), http.StatusOK},
		"a PDF":     {"%PDF-1.7 " + picture.String(), http.StatusNotFound},
		"a text":    {"segredo", http.StatusNotFound},
		"a GIF":     {"GIF89a\x01\x00\x01\x00", http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := d.current()
			must(t, err)
			ref, err := a.store.PutBlob(t.Context(), strings.NewReader(c.content), 1<<20, local.PinDraft)
			must(t, err)
			answer := httptest.NewRecorder()
			d.contentHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/content/image/"+string(ref.SHA256), nil))
			if answer.Code != c.status {
				t.Errorf("the answer is %d, not %d", answer.Code, c.status)
			}
		})
	}
}

package central_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// illustratedText is a minute's text that shows one picture.
func illustratedText(t testing.TB, words string, picture sei.SHA256) json.RawMessage {
	t.Helper()
	doc := richtext.FromText(words)
	doc.Content = append(doc.Content, &richtext.Node{Type: richtext.Image, Blob: string(picture)})
	must(t, doc.Validate())
	return doc.Canonical()
}

func TestThePicturesOfAMinuteReachItsUnitAlone(t *testing.T) {
	w := newWorld(t)
	author, colleague := w.desk("SPGG", "bruno.machado", spggGab), w.desk("SPGG", "ana.schneider", spggGab)
	stranger := w.desk("SES", "helena.moraes", sesGab)
	id := author.start(sei.Public)
	data := []byte("a picture of the building")
	picture := sei.BlobRef{SHA256: shaOf(data), Size: int64(len(data)), MIME: "image/png", Name: "planta.png"}
	elsewhere := refOf(pdfBytes("no part of the text"), "outro.pdf")
	doc := sei.DocumentID(newID(w))
	add := author.command(id, sei.AddDocument{
		NewDocument: sei.NewDocument{Document: doc, Type: despacho},
		Text:        illustratedText(t, "Veja a planta.", picture.SHA256), Images: []sei.BlobRef{picture, elsewhere},
	})
	results, err := author.tryPush(add)
	must(t, err)
	if wait := results[0].Waiting; wait == nil || !slices.Equal(wait.Blobs, []sei.SHA256{picture.SHA256}) {
		t.Fatalf("before its picture is there the text got %+v", results[0])
	}
	author.upload(data)
	if r := author.receipts(add)[0]; !r.Accepted {
		t.Fatalf("refused: %s", r.Message)
	}
	author.do(id, sei.Send{To: []sei.UnitID{sesGab}, KeepOpen: true})

	key := "minute/" + string(doc) + "/" + string(idOf(add))
	m := bodyAs[wire.MinuteRow](t, row(colleague.pull(wire.UnitBucket(spggGab), 0), key))
	if !slices.Equal(m.Images, []sei.BlobRef{picture}) {
		t.Errorf("the colleague learns of %+v", m.Images)
	}
	if status, got := colleague.download(doc, picture.SHA256); status != http.StatusOK || !bytes.Equal(got, data) {
		t.Errorf("the colleague got %d, %d bytes", status, len(got))
	}
	if status, _ := stranger.download(doc, picture.SHA256); status != http.StatusNotFound {
		t.Errorf("the other unit got %d", status)
	}
	// Who edits need not send again what the document had already.
	edit := colleague.command(id, sei.EditMinute{
		Document: doc, Base: sei.RevisionID(idOf(add)), Text: illustratedText(t, "Revista.", picture.SHA256), Images: []sei.BlobRef{picture},
	})
	if r := colleague.receipts(edit)[0]; !r.Accepted {
		t.Errorf("the colleague's edit was refused: %s", r.Message)
	}
}

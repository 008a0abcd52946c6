package local

import (
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func picture(content string) sei.BlobRef {
	return sei.BlobRef{SHA256: sei.SHA256(address([]byte(content))), Size: int64(len(content)), MIME: "image/png", Name: content + ".png"}
}

// illustrated is a row of my unit's bucket: a revision whose text cites pictures.
func (w *world) illustrated(process sei.ProcessID, doc sei.DocumentID, rev string, seq int64, pictures ...sei.BlobRef) wire.Row {
	m := wire.MinuteRow{Process: process, Seq: seq, Head: true, Author: myUser, At: w.clock.now}
	m.ID, m.Document, m.Text, m.Images = sei.RevisionID(rev), doc, text("Veja a figura."), pictures
	return w.row(wire.UnitBucket(myUnit), "minute/"+string(doc)+"/"+rev, m)
}

func (w *world) missing() []BlobDownload {
	w.t.Helper()
	list, err := w.MissingBlobs(w.ctx, 10)
	w.ok(err)
	return list
}

// download saves a file as if it came from the central.
func (w *world) download(content string) {
	w.t.Helper()
	w.ok(w.SaveBlob(w.ctx, picture(content), strings.NewReader(content)))
}

func (w *world) keeps(content string) bool {
	w.t.Helper()
	w.ok(w.Maintain(w.ctx))
	listed, err := w.HasBlob(w.ctx, picture(content).SHA256)
	w.ok(err)
	if _, stored := w.blobs.files[address([]byte(content))]; stored != listed {
		w.t.Fatalf("%s: stored %v, listed %v", content, stored, listed)
	}
	return listed
}

func TestThePicturesOfMinutesAreFetchedForTheUnitThatWritesThem(t *testing.T) {
	w := newWorld(t)
	other := wire.UnitBucket("a-unit")
	w.sync(other, w.row(other, "process/p1", wire.InboxLine{Process: "p1", Open: true, LastEventAt: w.clock.now}))
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil), w.line("secret", func(l *wire.InboxLine) { l.Level = sei.Sealed }),
		w.illustrated("p1", "d1", "r1", 1, picture("brasão")), w.illustrated("p1", "d1", "r2", 2, picture("brasão"), picture("planta")),
		w.illustrated("secret", "d2", "r3", 1, picture("segredo")))
	list := w.missing()
	if len(list) != 2 {
		t.Fatalf("missing %+v", list)
	}
	for _, m := range list {
		if m.Unit != myUnit || m.Document != "d1" || m.Blob != picture("brasão") && m.Blob != picture("planta") {
			t.Errorf("asked for %+v", m)
		}
	}
	w.download("brasão")
	w.ok(w.DropMissing(w.ctx, BlobDownload{Document: "d1", Blob: picture("planta")}, "sem permissão"))
	if list := w.missing(); len(list) != 0 {
		t.Errorf("still missing %+v", list)
	}
}

func TestAPictureIsKeptWhileAMinuteCitesIt(t *testing.T) {
	w := newWorld(t)
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil), w.illustrated("p1", "d1", "r1", 1, picture("brasão"), picture("planta")),
		w.illustrated("p1", "d1", "r2", 2, picture("brasão")))
	for _, p := range []string{"brasão", "planta"} {
		w.download(p)
		w.ok(w.Pin(w.ctx, picture(p).SHA256, PinDraft))
		w.ok(w.Unpin(w.ctx, picture(p).SHA256, PinDraft))
		if !w.keeps(p) {
			t.Fatalf("%s was erased though a text cites it", p)
		}
	}
	w.sync(wire.UnitBucket(myUnit), w.row(wire.UnitBucket(myUnit), "minute/d1/r1", nil))
	if !w.keeps("brasão") || w.keeps("planta") {
		t.Errorf("after the first text left: brasão %v, planta %v", w.keeps("brasão"), w.keeps("planta"))
	}
}

func TestALostUnitTakesThePicturesOfItsMinutes(t *testing.T) {
	w := newWorld(t)
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil), w.illustrated("p1", "d1", "r1", 1, picture("brasão"), picture("planta")))
	w.sync(wire.ProcessBucket("p1"), w.document("p1", "d2", func(d *sei.Document) {
		d.Kind, d.File = sei.External, &sei.ExternalFile{Content: picture("planta")}
	}))
	w.download("brasão")
	w.download("planta")
	w.apply(wire.Page{Bucket: wire.UnitBucket(myUnit), Revoked: true})
	if w.keeps("brasão") || !w.keeps("planta") {
		t.Errorf("brasão %v (the unit's), planta %v (a document's too)", w.keeps("brasão"), w.keeps("planta"))
	}
	if list := w.missing(); len(list) != 0 {
		t.Errorf("still asked for: %+v", list)
	}
}

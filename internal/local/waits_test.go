package local

import (
	"slices"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestTheQueueKnowsWhatItsEntriesWaitFor(t *testing.T) {
	w := newWorld(t)
	first := w.command("p1", sei.NoteProgress{Text: "um"})
	file := sei.BlobRef{SHA256: sei.SHA256("a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0"), Size: 3, Name: "laudo.pdf"}
	second := w.command("p1", sei.NoteProgress{Text: "dois"}, first.ID)
	w.ok(w.Enqueue(w.ctx, Entry{Command: first}, Entry{Command: second, Blobs: []sei.BlobRef{file}}))
	waits, err := w.Waits(w.ctx)
	w.ok(err)
	if _, waiting := waits[first.ID]; waiting || !slices.Equal(waits[second.ID].Needs, []sei.CommandID{first.ID}) {
		t.Errorf("the queue waits for %+v", waits)
	}
	if files := waits[second.ID].Files; len(files) != 1 || files[0].Name != "laudo.pdf" {
		t.Errorf("the files are %+v", files)
	}
	w.ok(w.MarkUploaded(w.ctx, file.SHA256))
	_, err = w.Withdraw(w.ctx, second.ID)
	w.ok(err)
	waits, err = w.Waits(w.ctx)
	w.ok(err)
	if len(waits) != 0 {
		t.Errorf("what is uploaded and withdrawn waits for %+v", waits)
	}
}

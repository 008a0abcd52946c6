package desktop

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// chooser answers the system's dialogs as a servant would.
type chooser struct{ paths []string }

func (c chooser) pickFiles(context.Context) ([]string, error)           { return c.paths, nil }
func (c chooser) pickFolder(context.Context) (string, error)            { return "", nil }
func (c chooser) saveAs(_ context.Context, name string) (string, error) { return name, nil }

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestARefusedFileDoesNotHoldUpTheOthers(t *testing.T) {
	d := newWorld(t).loggedIn(chief)
	d.native = chooser{[]string{
		writeFile(t, "primeiro.txt", "um"), writeFile(t, "vazio.txt", ""), writeFile(t, "laudo.pdf", "não é um PDF"),
		filepath.Join(t.TempDir(), "sumiu.txt"), t.TempDir(), writeFile(t, "último.txt", "dois"),
	}}
	got, err := (&Files{d.Desk}).Pick()
	must(t, err)
	if names := convert(got.Files, func(f StagedFile) string { return f.Name }); !slices.Equal(names, []string{"primeiro.txt", "último.txt"}) {
		t.Errorf("taken in: %q", names)
	}
	if len(got.Problems) != 4 {
		t.Fatalf("problems: %q", got.Problems)
	}
	for i, name := range []string{"vazio.txt", "laudo.pdf", "sumiu.txt"} {
		if !strings.Contains(got.Problems[i], name) {
			t.Errorf("%q does not name %s", got.Problems[i], name)
		}
	}
}

func TestTakingAFileInShowsHowFarItIsAndCanBeStopped(t *testing.T) {
	d := newWorld(t).loggedIn(chief)
	d.native = chooser{}
	files := &Files{d.Desk}
	seen := TakingView{}
	d.changes.setEmit(func(topics []string) {
		now, err := files.Taking()
		if err != nil || !slices.Contains(topics, topicFiles) || now.Name != "grande.bin" {
			return
		}
		seen = now
		_, err = files.StagePaths([]string{"outro"})
		wantCode(t, err, sei.CodeConflict)
		must(t, files.StopTaking())
	})
	whole := writeFile(t, "inteiro.txt", "inteiro")
	large := writeFile(t, "grande.bin", strings.Repeat("0123456789abcdef", 1<<18))
	got, err := files.StagePaths([]string{whole, large, whole})
	must(t, err)
	if !got.Stopped || len(got.Files) != 1 || len(got.Problems) != 0 {
		t.Errorf("after the stop: %+v", got)
	}
	if seen.Done == 0 || seen.Done >= seen.Total || seen.Total != 4<<20 {
		t.Errorf("told: %+v", seen)
	}
	again, err := files.StagePaths([]string{whole})
	must(t, err)
	if len(again.Files) != 1 {
		t.Errorf("after a stop nothing is taken in: %+v", again)
	}
}

func TestABlankDocumentIsNotFrozen(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	process, document := d.start()
	d.awaitSent()
	sign := &Signing{d.Desk}
	p, err := sign.Prepare([]DocumentRef{{Process: process, Document: document}})
	must(t, err)
	if !slices.Contains(p.Items[0].Problems, blankMessage) {
		t.Fatalf("a blank document can be signed: %+v", p.Items[0])
	}
	e := d.edit(process, document)
	view, err := (&Documents{d.Desk}).Preview(process, document, e.Text)
	must(t, err)
	if !slices.Contains(view.Problems, blankMessage) {
		t.Errorf("the editor does not say so: %q", view.Problems)
	}
	d.save(process, document, e.Base, "Defiro.")
	if p, err = sign.Prepare([]DocumentRef{{Process: process, Document: document}}); err != nil || len(p.Items[0].Problems) > 0 {
		t.Errorf("with a word in it: %v, %+v", err, p.Items)
	}
}

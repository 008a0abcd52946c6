package intake

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

func TestTheEndsOfAFileAreJudged(t *testing.T) {
	filler := bytes.Repeat([]byte("x"), 3000)
	for name, c := range map[string]struct {
		content []byte
		want    string // "", "incomplete" or "rejected"
	}{
		"whole":                       {pdfOf("x"), ""},
		"leading rubbish, as allowed": {append([]byte("MIME\r\n"), pdfOf("x")...), ""},
		"trailing blanks":             {append(pdfOf("x"), bytes.Repeat([]byte("\n"), 900)...), ""},
		"end too far from the end":    {append(pdfOf("x"), filler...), "incomplete"},
		"no end":                      {[]byte("%PDF-1.4 ..."), "incomplete"},
		"only the first letters":      {[]byte("%PD"), "incomplete"},
		"zeros":                       {make([]byte, 4000), "incomplete"},
		"mark too far in":             {append(filler, pdfOf("x")...), "rejected"},
		"a picture":                   {[]byte("\xff\xd8\xff\xe0 JFIF %%EOF"), "rejected"},
		"a short text":                {[]byte("oi"), "rejected"},
	} {
		path := filepath.Join(t.TempDir(), "f.pdf")
		write(t, path, c.content)
		err := PlausiblePDF(path)
		got := ""
		switch {
		case errors.Is(err, ErrIncomplete):
			got = "incomplete"
		case sei.CodeOf(err) == CodeRejected:
			got = "rejected"
		case err != nil:
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if err := PlausiblePDF(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAFileMadeByAnotherProgramIsAPDF(t *testing.T) {
	mutool := testtool.Path(t, "mutool")
	dir := t.TempDir()
	page, pdf := filepath.Join(dir, "page.txt"), filepath.Join(dir, "out.pdf")
	write(t, page, []byte("%%MediaBox 0 0 595 842\n0 0 m 100 100 l S\n"))
	if out, err := exec.Command(mutool, "create", "-o", pdf, page).CombinedOutput(); err != nil {
		t.Fatalf("mutool: %v\n%s", err, out)
	}
	if err := PlausiblePDF(pdf); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(pdf)
	if err != nil {
		t.Fatal(err)
	}
	write(t, pdf, whole[:len(whole)-10])
	if err := PlausiblePDF(pdf); !errors.Is(err, ErrIncomplete) {
		t.Fatalf("cut off: %v", err)
	}
}

func FuzzJudgeEdges(f *testing.F) {
	f.Add([]byte("%PDF-1.7"), []byte("%%EOF"))
	f.Add([]byte("%PD"), []byte("%PD"))
	f.Add([]byte{0}, []byte{0})
	f.Fuzz(func(t *testing.T, head, tail []byte) {
		err := judgeEdges(head, tail)
		begins, ends := bytes.Contains(head, []byte("%PDF-")), bytes.Contains(tail, []byte("%%EOF"))
		if (err == nil) != (begins && ends) {
			t.Fatalf("begins %v, ends %v: %v", begins, ends, err)
		}
		if begins && !ends && !errors.Is(err, ErrIncomplete) {
			t.Fatalf("a beginning without an end: %v", err)
		}
	})
}

package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// reparse cuts a finished file into its objects again.
func reparse(raw []byte) ([][]byte, error) {
	starts := regexp.MustCompile(`(?m)^(\d+) 0 obj\n`).FindAllSubmatchIndex(raw, -1)
	var out [][]byte
	for _, m := range starts {
		if string(raw[m[2]:m[3]]) != itoa(len(out)+1) {
			continue // inside a stream
		}
		end := bytes.Index(raw[m[1]:], []byte("\nendobj\n"))
		if end < 0 {
			return nil, fmt.Errorf("object %d does not end", len(out)+1)
		}
		out = append(out, bytes.Clone(raw[m[1]:m[1]+end]))
	}
	return out, nil
}

func TestAFileThatIsNotTheLibrarysIsNotFinished(t *testing.T) {
	for _, s := range []string{"", "%PDF-1.3\n", "%PDF-1.3\nxref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n9\n%%EOF",
		"x\nstartxref\n-5\n", "x\nstartxref\n1\n", "\nstartxref\n99999\n"} {
		if _, err := conform([]byte(s), Metadata{}, input(nil).Date, nil); !errors.Is(err, errForeign) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestAFinishedFileHasNothingThatPDFAForbids(t *testing.T) {
	raw := typeset(t, input(corpusDoc(t, "imagens"))).PDF
	for _, forbidden := range []string{"/SMask", "/Transparency", "/EmbeddedFiles", "/Encrypt", "/JavaScript", "/BaseFont /utf8"} {
		if bytes.Contains(raw, []byte(forbidden)) {
			t.Errorf("has %s", forbidden)
		}
	}
	for _, required := range []string{"/OutputIntents", "/Metadata", "/ID [<", "/CIDSet", "/Lang (pt-BR)", "/MarkInfo <</Marked true>>", "/StructTreeRoot", "/ParentTree"} {
		if !bytes.Contains(raw, []byte(required)) {
			t.Errorf("lacks %s", required)
		}
	}
}

package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedProof = regexp.MustCompile("`(Test[A-Za-z0-9]+|[a-z]+\\.spec\\.mjs)`")
	goTest     = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
)

func TestThePageOfFaultsNamesProofsThatExist(t *testing.T) {
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, folder := range []string{"app", "internal", filepath.Join("build", "e2e")} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case strings.HasSuffix(path, ".spec.mjs"):
				there[d.Name()] = true
			case strings.HasSuffix(path, "_test.go"):
				source, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				for _, m := range goTest.FindAllSubmatch(source, -1) {
					there[string(m[1])] = true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	names := namedProof.FindAllSubmatch(page, -1)
	if len(names) < 20 {
		t.Fatalf("the page names %d proofs", len(names))
	}
	for _, m := range names {
		if !there[string(m[1])] {
			t.Errorf("%s does not exist", m[1])
		}
	}
}

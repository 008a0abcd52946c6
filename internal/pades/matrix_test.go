package pades

import (
	"bytes"
	"crypto"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// The matrix of what is signed and how. Every combination has to be valid here
// and accepted by the other programs; `make test` tries every pair of values,
// the stage "signatures" of make test-full every combination.

type matrixCase struct {
	key     int // index of the identity
	digest  crypto.Hash
	input   string
	signers int
	level   RaiseLevel // "" is AD-RB
	visible bool
	pbad    bool
}

func (c matrixCase) String() string {
	return fmt.Sprintf("key %d, %v, %s, %d signers, level %q, visible %v, pbad %v", c.key, c.digest, c.input, c.signers, c.level, c.visible, c.pbad)
}

var (
	matrixDigests = []crypto.Hash{crypto.SHA256, crypto.SHA512}
	matrixInputs  = []string{"table", "stream", "linearized", "hybrid", "form", "form in object streams", "PDF/A"}
	matrixLevels  = []RaiseLevel{"", RaiseTimestamp, RaiseReferences, RaiseArchive}
)

// matrixOf builds a case from one index per dimension.
func matrixOf(at []int) matrixCase {
	return matrixCase{
		key: at[0], digest: matrixDigests[at[1]], input: matrixInputs[at[2]], signers: at[3] + 1, level: matrixLevels[at[4]],
		visible: at[5] == 1, pbad: at[6] == 1,
	}
}

var matrixSizes = []int{4, len(matrixDigests), len(matrixInputs), 5, len(matrixLevels), 2, 2}

// pairwise covers every pair of values of two dimensions, greedily and always
// in the same way.
func pairwise(sizes []int) [][]int {
	type pair struct{ d1, v1, d2, v2 int }
	open := map[pair]bool{}
	for d1 := range sizes {
		for d2 := d1 + 1; d2 < len(sizes); d2++ {
			for v1 := range sizes[d1] {
				for v2 := range sizes[d2] {
					open[pair{d1, v1, d2, v2}] = true
				}
			}
		}
	}
	gain := func(row []int) (n int) {
		for d1 := range row {
			for d2 := d1 + 1; d2 < len(row); d2++ {
				if row[d1] >= 0 && row[d2] >= 0 && open[pair{d1, row[d1], d2, row[d2]}] {
					n++
				}
			}
		}
		return n
	}
	var out [][]int
	for len(open) > 0 {
		row := make([]int, len(sizes))
		for d := range row {
			row[d] = -1
		}
		// Start from the first open pair in order, then fill what gains most.
		seed, found := pair{}, false
		for d1 := range sizes {
			for d2 := d1 + 1; d2 < len(sizes) && !found; d2++ {
				for v1 := 0; v1 < sizes[d1] && !found; v1++ {
					for v2 := 0; v2 < sizes[d2] && !found; v2++ {
						if seed = (pair{d1, v1, d2, v2}); open[seed] {
							found = true
						}
					}
				}
			}
		}
		row[seed.d1], row[seed.d2] = seed.v1, seed.v2
		for d := range row {
			if row[d] >= 0 {
				continue
			}
			best, most := 0, -1
			for v := range sizes[d] {
				row[d] = v
				if g := gain(row); g > most {
					best, most = v, g
				}
			}
			row[d] = best
		}
		for d1 := range row {
			for d2 := d1 + 1; d2 < len(row); d2++ {
				delete(open, pair{d1, row[d1], d2, row[d2]})
			}
		}
		out = append(out, row)
	}
	return out
}

func everything(sizes []int) [][]int {
	out := [][]int{{}}
	for _, n := range sizes {
		var next [][]int
		for _, row := range out {
			for v := range n {
				next = append(next, append(slices.Clone(row), v))
			}
		}
		out = next
	}
	return out
}

// madeCase is a case with the file that came out.
type madeCase struct {
	matrixCase
	pdf  []byte
	path string
}

func TestEveryPairOfTheMatrixIsValidEverywhere(t *testing.T) {
	rows := pairwise(matrixSizes)
	if os.Getenv("SEIRS_SIGNATURES") == "full" {
		rows = everything(matrixSizes)
	}
	w := newMatrixWorld(t)
	var batch []madeCase
	for _, row := range rows {
		batch = append(batch, w.make(t, matrixOf(row)))
		if len(batch) == 64 {
			w.judge(t, batch)
			batch = nil
		}
	}
	w.judge(t, batch)
	t.Logf("%d combinations", len(rows))
}

type matrixWorld struct {
	*served
	inputs map[string][]byte
	ids    []*trainingca.Identity
	root   string // PEM file
	dir    string
}

func newMatrixWorld(t *testing.T) *matrixWorld {
	t.Helper()
	s := newServed(t)
	w := &matrixWorld{served: s, inputs: inputs(t), dir: t.TempDir(), ids: slices.Clone(s.ids)}
	w.inputs["PDF/A"] = pdfaSample()
	large, err := s.ca.Issue(trainingca.Person{Name: "PESSOA 4096", CPF: "12345678909"}, trainingca.IssueOptions{Key: trainingca.RSA4096, NotBefore: testNow.AddDate(-1, 0, 0), NotAfter: testNow.AddDate(2, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	w.ids = append(w.ids, large)
	w.root = filepath.Join(w.dir, "root.pem")
	if err := os.WriteFile(w.root, trainingca.CertificatePEM(s.ca.Root), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// make signs, raises and judges one case here.
func (w *matrixWorld) make(t *testing.T, c matrixCase) madeCase {
	t.Helper()
	pdf := w.inputs[c.input]
	if pdf == nil {
		t.Fatalf("no input %q", c.input)
	}
	for i := range c.signers {
		id := w.ids[(c.key+i)%len(w.ids)]
		o := SignOptions{Signer: id.Key, Certificate: id.Certificate, Chain: id.Chain[:1], Name: "Ana § Conceição", Time: testNow, Digest: c.digest}
		if c.pbad {
			o.SubFilter = SubFilterPBAD
		}
		if c.visible {
			o.Stamp = &Stamp{Page: -1, Rect: [4]float64{40, float64(40 + 60*i), 260, float64(90 + 60*i)}, Lines: []string{"Ana Maria", "Diretora"}}
		}
		pdf, _ = mustSign(t, pdf, o)
	}
	if c.level != "" {
		pdf, _ = w.raise(t, pdf, c.level)
	}
	r := mustVerify(t, pdf, VerifyOptions{Chains: w.online(), Now: testNow.Add(time.Hour)})
	if r.Verdict != VerdictValid {
		t.Fatalf("%s reads as %s: %+v", c, r.Verdict, r.Signatures)
	}
	m := madeCase{matrixCase: c, pdf: pdf}
	f, err := os.CreateTemp(w.dir, "*.pdf")
	if err != nil {
		t.Fatal(err)
	}
	m.path = f.Name()
	if _, err := f.Write(pdf); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return m
}

// judge asks the other programs about a batch.
func (w *matrixWorld) judge(t *testing.T, batch []madeCase) {
	t.Helper()
	var pdfa []string
	for _, m := range batch {
		w.readable(t, m)
		if m.input == "PDF/A" {
			pdfa = append(pdfa, m.path)
		}
		opensslAccepts(t, m.pdf, w.ca.Root, m.signers-1)
	}
	testtool.RequirePDFA(t, pdfa...)
	for _, m := range batch {
		if err := os.Remove(m.path); err != nil {
			t.Error(err)
		}
	}
}

// readable asks the readers. Of those that know it, /PBAD.PAdES is a signature
// of an unknown kind; the file is sound all the same.
func (w *matrixWorld) readable(t *testing.T, m madeCase) {
	t.Helper()
	if out, err := exec.Command(testtool.Path(t, "qpdf"), "--check", m.path).CombinedOutput(); err != nil {
		t.Errorf("%s: qpdf: %v\n%s", m, err, out)
	}
	if m.pbad {
		return
	}
	out, err := exec.Command(testtool.Path(t, "pdfsig"), "-nocert", m.path).CombinedOutput()
	if err != nil || bytes.Count(out, []byte("Signature is Valid")) < m.signers {
		t.Errorf("%s: pdfsig: %v\n%s", m, err, out)
	}
	out, _ = exec.Command(testtool.Path(t, "mutool"), "sign", "-v", m.path).CombinedOutput() // an unknown root is an error to it
	if n := strings.Count(string(out), "unchanged since signing") + strings.Count(string(out), "there have been edits since signing"); n < m.signers {
		t.Errorf("%s: mutool:\n%s", m, out)
	}
	if m.level == "" {
		digitorusAccepts(t, m.path, m.signers)
	}
}

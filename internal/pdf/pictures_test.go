package pdf

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

// pictured is how many pages of each document have an approved picture.
const pictured = 3

// The pages look as they did when somebody looked at them. After a change of
// layout look at them again (-keep), then run with -update.
func TestThePagesLookAsApproved(t *testing.T) {
	for _, name := range corpus {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := corpusPDF(t, name)
			base := filepath.Join(t.TempDir(), "p")
			out, err := exec.Command(testtool.Path(t, "pdftoppm"), "-r", "36", "-gray", "-png", "-l", fmt.Sprint(pictured), write(t, name, r.PDF), base).CombinedOutput()
			if err != nil {
				t.Fatalf("pdftoppm: %v\n%s", err, out)
			}
			drawn, _ := filepath.Glob(base + "-*.png")
			if len(drawn) != min(pictured, r.Pages) {
				t.Fatalf("%d pictures of %d pages", len(drawn), r.Pages)
			}
			for i, path := range drawn {
				approved := filepath.Join("testdata", "pages", fmt.Sprintf("%s-%d.png", name, i+1))
				if *update {
					approve(t, path, approved)
					continue
				}
				if d := difference(t, path, approved); d > 0.004 {
					t.Errorf("page %d differs from the approved picture by %.4f", i+1, d)
				}
			}
		})
	}
}

func approve(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// difference is the mean difference of the pictures' points, from 0 to 1.
func difference(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := readPNG(t, a), readPNG(t, b)
	if x.Bounds() != y.Bounds() {
		return 1
	}
	sum, n := 0.0, 0
	for py := x.Bounds().Min.Y; py < x.Bounds().Max.Y; py++ {
		for px := x.Bounds().Min.X; px < x.Bounds().Max.X; px++ {
			p, _, _, _ := x.At(px, py).RGBA()
			q, _, _, _ := y.At(px, py).RGBA()
			d := float64(p) - float64(q)
			sum += max(d, -d) / 0xFFFF
			n++
		}
	}
	return sum / float64(n)
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

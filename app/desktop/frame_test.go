package desktop

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAWindowIsPutBackOnlyWhereItCanBeSeen(t *testing.T) {
	at := frame{Width: 1000, Height: 700, Placed: true, X: 200, Y: 50}
	for name, c := range map[string]struct {
		frame frame
		fits  bool
	}{
		"where it was":           {at, true},
		"never placed":           {frame{Width: 1000, Height: 700}, false},
		"of a screen now gone":   {frame{Width: 1000, Height: 700, Placed: true, X: 2400, Y: 50}, false},
		"title above the screen": {frame{Width: 1000, Height: 700, Placed: true, X: 200, Y: -30}, false},
		"half to the left":       {frame{Width: 1000, Height: 700, Placed: true, X: -500, Y: 0}, true},
		"all to the left":        {frame{Width: 1000, Height: 700, Placed: true, X: -990, Y: 0}, false},
	} {
		if got := c.frame.fits(1366, 768); got != c.fits {
			t.Errorf("%s: fits is %v", name, got)
		}
	}
}

func TestAFrameThatCannotBeReadIsTheUsualOne(t *testing.T) {
	for name, text := range map[string]string{"none": "", "no JSON": "{", "too small": `{"Width":10,"Height":10,"Placed":true,"X":5}`} {
		dir := t.TempDir()
		if text != "" {
			if err := os.WriteFile(filepath.Join(dir, frameFile), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if f := readFrame(dir); f.Width != usualWidth || f.Height != usualHeight || f.Placed {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

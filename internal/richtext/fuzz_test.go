package richtext

import "testing"

// FuzzDiff: two texts of whatever form are compared without a panic, and a text
// does not differ from itself.
func FuzzDiff(f *testing.F) {
	f.Add(FromText("um\n\ndois").Canonical(), FromText("um\n\ntrês").Canonical())
	f.Add(Empty().Canonical(), []byte(`{}`))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		a, errA := Parse(one)
		b, errB := Parse(other)
		if errA != nil || errB != nil {
			return
		}
		_ = Diff(a, b)
		for _, c := range Diff(a, a) {
			if c.Op != Same {
				t.Fatalf("%s differs from itself: %+v", one, c)
			}
		}
		_ = LabelsOf(a)
		_ = UnsupportedRunes(a, func(r rune) bool { return r < 128 })
	})
}

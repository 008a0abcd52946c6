package protocol

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"pgregory.net/rapid"
)

func TestTheExampleOfRFC9562IsRead(t *testing.T) {
	// RFC 9562, appendix A.6.
	got, err := ParseID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	want := time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC)
	if err != nil || !got.Equal(want) {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestAnIdentifierIsAUUIDv7OfItsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		seed := rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "random")
		id := NewID(now, bytes.NewReader(seed))
		if id != NewID(now, bytes.NewReader(seed)) {
			t.Fatal("the same inputs gave two identifiers")
		}
		u, err := uuid.Parse(id)
		if err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 || u.String() != id {
			t.Fatalf("%s: %v", id, err)
		}
		made, err := ParseID(id)
		if err != nil || made.UnixMilli() != now.UnixMilli() {
			t.Fatalf("%s made at %v, read %v, %v", id, now, made, err)
		}
		later := NewID(now.Add(time.Microsecond), bytes.NewReader(make([]byte, 8)))
		if later <= id {
			t.Fatalf("%s does not sort after %s", later, id)
		}
	})
}

func TestAClockBefore1970StillGivesAnIdentifier(t *testing.T) {
	for _, now := range []time.Time{{}, time.Unix(-1, 0), time.Unix(1<<40, 0)} {
		if _, err := ParseID(NewID(now, rand.Reader)); err != nil {
			t.Errorf("%v: %v", now, err)
		}
	}
}

func TestNoIdentifierWithoutRandomness(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("an identifier was made from an empty source")
		}
	}()
	NewID(time.Now(), bytes.NewReader(nil))
}

func TestOneIdentifierHasOneSpelling(t *testing.T) {
	id := NewID(time.Unix(1_700_000_000, 0), rand.Reader)
	for name, bad := range map[string]string{
		"empty":       "",
		"upper case":  strings.ToUpper(id[:13]) + "-7ABC-8ABC-" + "ABCDEFABCDEF",
		"braces":      "{" + id + "}",
		"no hyphens":  strings.ReplaceAll(id, "-", ""),
		"version 4":   id[:14] + "4" + id[15:],
		"other form":  id[:19] + "c" + id[20:],
		"not hex":     id[:35] + "g",
		"hyphen lost": id[:8] + "0" + id[9:],
	} {
		if _, err := ParseID(bad); sei.CodeOf(err) != CodeNumber {
			t.Errorf("%s: %q passed: %v", name, bad, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	f.Fuzz(func(t *testing.T, s string) {
		_, err := ParseID(s)
		u, other := uuid.Parse(s)
		valid := other == nil && u.Version() == 7 && u.Variant() == uuid.RFC4122 && u.String() == s
		if (err == nil) != valid {
			t.Fatalf("%q: %v, but another parser says %v", s, err, other)
		}
	})
}

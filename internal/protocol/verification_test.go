package protocol

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"pgregory.net/rapid"
)

var crcForm = regexp.MustCompile(`^[0-9A-F]{8}$`)

func TestTheCRCStaysWhatItWas(t *testing.T) {
	// A printed code must verify for ever: this pins the derivation, with a value
	// computed by another implementation of SHA-256.
	hash := sha256.Sum256([]byte("minuta"))
	salt := bytes.Repeat([]byte{7}, SaltSize)
	if got, want := CRC(hash, salt), "1FA8A938"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestTheCRCDependsOnContentAndSalt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOfN(rapid.Byte(), 32, 32)
		var a, b [32]byte
		copy(a[:], draw.Draw(t, "a"))
		copy(b[:], draw.Draw(t, "b"))
		s1 := rapid.SliceOfN(rapid.Byte(), SaltSize, SaltSize).Draw(t, "salt")
		s2 := bytes.Clone(s1)
		s2[0] ^= 1
		code := CRC(a, s1)
		if !crcForm.MatchString(code) || code != CRC(a, s1) {
			t.Fatalf("code %q", code)
		}
		if a != b && code == CRC(b, s1) && CRC(a, s2) == CRC(b, s2) {
			t.Fatal("two contents have one code under two salts")
		}
		if code == CRC(a, s2) && CRC(b, s1) == CRC(b, s2) {
			t.Fatal("the salt does not matter")
		}
	})
}

func TestACRCIsReadAsPeopleTypeIt(t *testing.T) {
	for typed, want := range map[string]string{
		"1A2B3C4D":    "1A2B3C4D",
		" 1a2b 3c4d ": "1A2B3C4D",
		"1a2b-3c4d":   "1A2B3C4D",
		"OOIl2345":    "00112345",
	} {
		if got, err := ParseCRC(typed); err != nil || got != want {
			t.Errorf("ParseCRC(%q) = %q, %v", typed, got, err)
		}
	}
	for _, bad := range []string{"", "1A2B3C4", "1A2B3C4D5", "1A2B3C4G", "１A2B3C4D", strings.Repeat(" ", 500) + "1A2B3C4D"} {
		if got, err := ParseCRC(bad); sei.CodeOf(err) != CodeNumber {
			t.Errorf("ParseCRC(%q) = %q, %v", bad, got, err)
		}
	}
}

func TestATokenHasOneCanonicalForm(t *testing.T) {
	token, err := NewQRToken(rand.Reader)
	if err != nil || len(token) != qrTokenLength {
		t.Fatalf("got %q, %v", token, err)
	}
	for _, form := range []string{token, strings.ToLower(token)} {
		if got, err := ParseQRToken(form); err != nil || got != token {
			t.Errorf("ParseQRToken(%q) = %q, %v", form, got, err)
		}
	}
	// 26 characters carry 130 bits: of the last one, two bits must be zero.
	zero := strings.Repeat("A", qrTokenLength)
	if _, err := ParseQRToken(zero); err != nil {
		t.Error(err)
	}
	if _, err := ParseQRToken(zero[:qrTokenLength-1] + "B"); err == nil {
		t.Error("a second spelling of one token was taken")
	}
	for _, bad := range []string{"", token[1:], token + "A", strings.Repeat("1", qrTokenLength), strings.Repeat("=", qrTokenLength)} {
		if _, err := ParseQRToken(bad); sei.CodeOf(err) != CodeNumber {
			t.Errorf("ParseQRToken(%q): %v", bad, err)
		}
	}
}

func TestRandomnessThatFailsGivesNoCode(t *testing.T) {
	broken := iotest.ErrReader(errors.New("no entropy"))
	if salt, err := NewSalt(broken); err == nil || salt != nil {
		t.Errorf("salt %x, %v", salt, err)
	}
	if token, err := NewQRToken(bytes.NewReader(make([]byte, 15))); err == nil || token != "" {
		t.Errorf("token %q, %v", token, err)
	}
	if salt, err := NewSalt(iotest.OneByteReader(rand.Reader)); err != nil || len(salt) != SaltSize {
		t.Errorf("a slow source: %x, %v", salt, err)
	}
}

func TestNothingStoredMatchesNothingTyped(t *testing.T) {
	if SameCode("", "") || SameCode("1A2B3C4D", "1A2B3C4E") || SameCode("1A2B3C4D", "1A2B3C4") || !SameCode("1A2B3C4D", "1A2B3C4D") {
		t.Fatal("codes compare wrongly")
	}
}

func FuzzVerificationCodes(f *testing.F) {
	f.Add("1A2B3C4D")
	f.Add("ol-i0 1234")
	f.Add(strings.Repeat("a", qrTokenLength))
	f.Fuzz(func(t *testing.T, s string) {
		if code, err := ParseCRC(s); err == nil {
			again, err := ParseCRC(code)
			if err != nil || again != code || !crcForm.MatchString(code) {
				t.Fatalf("%q gave %q then %q, %v", s, code, again, err)
			}
		}
		if token, err := ParseQRToken(s); err == nil && !strings.EqualFold(token, s) {
			t.Fatalf("%q gave %q", s, token)
		}
	})
}

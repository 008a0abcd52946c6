package protocol

import (
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"pgregory.net/rapid"
)

// Numbers printed in published acts of the federal government and in the
// published guide of the NIPE.
var realNumbers = map[string]Kind{
	"23000.017123/2020-37":     KindNUP,
	"67284.003338/2023-50":     KindNUP,
	"72031.007232/2021-75":     KindNUP,
	"48500.003134/2012-10":     KindNUP,
	"17.137001.000001/2026-21": KindNIPE,
}

func TestRealNumbersHaveTheirKind(t *testing.T) {
	for number, kind := range realNumbers {
		for _, form := range []string{number, Normalize(number), " " + number + "\n"} {
			if got := KindOf(form); got != kind {
				t.Errorf("KindOf(%q) = %v, want %v", form, got, kind)
			}
		}
	}
	for number, kind := range map[string]Kind{
		"20/0000-0000000-0":         KindPROA,
		"20000000000000":            KindUnknown,
		"":                          KindUnknown,
		"23000.017123/2020-38":      KindUnknown,
		"0013191-61.2014.4.03.8000": KindUnknown,
		"23000-017123/2020.37":      KindUnknown,
	} {
		if got := KindOf(number); got != kind {
			t.Errorf("KindOf(%q) = %v, want %v", number, got, kind)
		}
	}
}

func TestAnyOneWrongDigitIsNoticed(t *testing.T) {
	// The weights of an 18-digit base run past 11, so a digit whose weight is a
	// multiple of 11 does not count in the first check digit; the second one,
	// shifted by a place, still sees it. What the pair of them cannot see is a
	// replacement that leaves both sums alike, and for one digit there is none.
	for number := range realNumbers {
		digits := Normalize(number)
		for i := range digits {
			for d := byte('0'); d <= '9'; d++ {
				changed := digits[:i] + string(d) + digits[i+1:]
				if d != digits[i] && KindOf(changed) != KindUnknown {
					t.Errorf("%s passes as well as %s", changed, digits)
				}
			}
		}
	}
}

func TestCheckRefusesWithASentenceForTheServant(t *testing.T) {
	for number, want := range map[string]string{
		"23000.017123/2020-38": "dígitos verificadores",
		"23000.017123/2020":    "17 algarismos",
	} {
		err := CheckNUP(number)
		if sei.CodeOf(err) != CodeNumber || !strings.Contains(sei.MessageOf(err), want) {
			t.Errorf("CheckNUP(%q) = %v", number, err)
		}
	}
	if err := CheckNIPE("23000.017123/2020-37"); sei.CodeOf(err) != CodeNumber {
		t.Errorf("a NUP passed as NIPE: %v", err)
	}
}

func TestCheckDigitsNeedDigits(t *testing.T) {
	for _, base := range []string{"", "12a", "١٢"} {
		if got := FederalCheckDigits(base); got != "" {
			t.Errorf("FederalCheckDigits(%q) = %q", base, got)
		}
	}
}

func TestAPROANumberIsTakenApart(t *testing.T) {
	got, err := ParsePROA("24/1300-0001234-5")
	if err != nil || got != (PROANumber{2024, "1300", 1234, 5}) {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, bad := range []string{"", "24/1300-0001234", "24-1300-0001234-5", "24/1300-0001234-5 ", "2024/1300-0001234-5"} {
		if _, err := ParsePROA(bad); sei.CodeOf(err) != CodeNumber {
			t.Errorf("ParsePROA(%q): %v", bad, err)
		}
	}
}

func TestPunctuationDoesNotMatterForSearch(t *testing.T) {
	if Normalize("24/1300-0001234-5") != Normalize("24 1300.00012345") {
		t.Fatal("the same digits differ")
	}
	if got := Normalize("Nº ٣ — 7ª"); got != "7" {
		t.Fatalf("got %q", got)
	}
}

func TestANumberSEIHasAtLeastSevenDigits(t *testing.T) {
	for n, want := range map[int64]string{1: "0000001", 176343: "0176343", 9999999: "9999999", 12345678: "12345678", 0: "", -5: ""} {
		if got := FormatSEINumber(n); got != want {
			t.Errorf("FormatSEINumber(%d) = %q, want %q", n, got, want)
		}
	}
	for typed, want := range map[string]int64{"0176343": 176343, "176343": 176343, " 0.176.343 ": 176343} {
		if got, err := ParseSEINumber(typed); err != nil || got != want {
			t.Errorf("ParseSEINumber(%q) = %d, %v", typed, got, err)
		}
	}
	for _, bad := range []string{"", "0", "000", "12a", "-", "+5", "9999999999999999999999", strings.Repeat("1", 200)} {
		if n, err := ParseSEINumber(bad); sei.CodeOf(err) != CodeNumber {
			t.Errorf("ParseSEINumber(%q) = %d, %v", bad, n, err)
		}
	}
}

func TestEveryNumberSEIIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Min(1).Draw(t, "n")
		if got, err := ParseSEINumber(FormatSEINumber(n)); err != nil || got != n {
			t.Fatalf("%d came back as %d, %v", n, got, err)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	for n := range realNumbers {
		f.Add(n)
	}
	f.Add("20/0000-0000000-0")
	f.Add("0176343")
	f.Fuzz(func(t *testing.T, s string) {
		n := Normalize(s)
		if !allDigits(n) || Normalize(n) != n {
			t.Fatalf("Normalize(%q) = %q", s, n)
		}
		switch KindOf(s) {
		case KindNUP:
			if len(n) != nupDigits {
				t.Fatalf("%q is a NUP", s)
			}
		case KindNIPE:
			if len(n) != nipeDigits {
				t.Fatalf("%q is a NIPE", s)
			}
		case KindPROA:
			if _, err := ParsePROA(strings.TrimSpace(s)); err != nil {
				t.Fatalf("%q is a PROA number and yet: %v", s, err)
			}
		}
		if v, err := ParseSEINumber(s); err == nil {
			if w, err := ParseSEINumber(FormatSEINumber(v)); err != nil || w != v {
				t.Fatalf("%q: %d, %d, %v", s, v, w, err)
			}
		}
	})
}

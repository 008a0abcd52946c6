package protocol

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCPFsWithTheirCheckDigitsAreValid(t *testing.T) {
	for cpf, want := range map[string]bool{
		"52998224725": true, "11144477735": true,
		"12345678909": true, "123.456.789-09": false, "1234567890": false,
		"52998224724": false, "11111111111": false, "5299822472": false, "5299822472a": false, "": false,
	} {
		if got := ValidCPF(cpf); got != want {
			t.Errorf("ValidCPF(%q) = %v, want %v", cpf, got, want)
		}
	}
}

func TestNineDigitsHaveExactlyOnePairOfCheckDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nine := rapid.StringMatching("[0-9]{9}").Draw(t, "nine")
		valid := 0
		for check := range 100 {
			if ValidCPF(fmt.Sprintf("%s%02d", nine, check)) {
				valid++
			}
		}
		if repeated := strings.Count(nine, nine[:1]) == 9; valid != 1 && !(repeated && valid == 0) {
			t.Fatalf("%d pairs for %s", valid, nine)
		}
	})
}

func TestOneChangedDigitMakesACPFInvalid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nine := fmt.Sprintf("%09d", rapid.IntRange(1, 999_999_998).Draw(t, "nine"))
		cpf := nine + CPFCheckDigits(nine)
		if !ValidCPF(cpf) && cpf != "11111111111" {
			for i := range cpf {
				if cpf[i] != cpf[0] {
					t.Fatalf("%s is refused", cpf)
				}
			}
		}
		i := rapid.IntRange(0, 8).Draw(t, "place")
		other := byte('0' + (int(cpf[i]-'0')+rapid.IntRange(1, 9).Draw(t, "shift"))%10)
		if changed := cpf[:i] + string(other) + cpf[i+1:]; ValidCPF(changed) {
			t.Fatalf("%s and %s are both valid", cpf, changed)
		}
	})
}

func TestCNPJsOfBothFormsAreValid(t *testing.T) {
	for cnpj, want := range map[string]bool{
		"11222333000181": true, "00000000000191": true,
		"12ABC34501DE35": true, // the Receita Federal's own example
		"12ABC34501DE34": false, "11222333000180": false, "11111111111111": false, "12abc34501de35": false, "1122233300018": false,
	} {
		if got := ValidCNPJ(cnpj); got != want {
			t.Errorf("ValidCNPJ(%q) = %v, want %v", cnpj, got, want)
		}
	}
}

func TestACNPJIsTheSameWithAndWithoutPunctuation(t *testing.T) {
	for written, want := range map[string]string{"12.abc.345/01DE-35": "12ABC34501DE35", "987.654.321-00": "98765432100", " ç\x00": ""} {
		if got := NormalizeCNPJ(written); got != want {
			t.Errorf("NormalizeCNPJ(%q) = %q, want %q", written, got, want)
		}
	}
}

func TestAMaskedCPFShowsNeitherEnd(t *testing.T) {
	if got := MaskCPF("52998224725"); got != "***.982.247-**" {
		t.Errorf("MaskCPF = %q", got)
	}
	if got := MaskCPF("529"); got != "" {
		t.Errorf("MaskCPF of a short number = %q", got)
	}
	if got := FormatCNPJ("11222333000181"); got != "11.222.333/0001-81" {
		t.Errorf("FormatCNPJ = %q", got)
	}
}

package protocol

// FederalCheckDigits returns the two check digits of the federal executive
// (Portaria Interministerial 11/2019) for a base of decimal digits: weights
// 2, 3, 4… from right to left, the digit is 11 minus the sum modulo 11, less
// 10 when it has two figures; the second digit repeats the sum with the first
// one appended. The NUP applies it to 15 digits and the NIPE to 18. It returns
// "" when base is empty or holds anything but digits.
func FederalCheckDigits(base string) string {
	if base == "" || !allDigits(base) {
		return ""
	}
	first := mod11(base)
	second := mod11(base + string(first))
	return string([]byte{first, second})
}

func mod11(digits string) byte {
	sum := 0
	for i := range len(digits) {
		weight := len(digits) - i + 1
		sum = (sum + int(digits[i]-'0')*weight) % 11
	}
	d := 11 - sum
	if d > 9 {
		d -= 10
	}
	return byte('0' + d)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

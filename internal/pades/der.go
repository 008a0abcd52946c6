package pades

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"sort"
)

// Small DER writer: each function returns one complete encoding (X.690).

func tlv(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := append([]byte{tag}, derLength(n)...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func derLength(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	var b []byte
	for ; n > 0; n >>= 8 {
		b = append([]byte{byte(n)}, b...)
	}
	return append([]byte{0x80 | byte(len(b))}, b...)
}

func derSeq(parts ...[]byte) []byte { return tlv(0x30, parts...) }

// derSetOf sorts its elements as DER asks (X.690, 11.6).
func derSetOf(tag byte, parts ...[]byte) []byte {
	sorted := append([][]byte(nil), parts...)
	sort.Slice(sorted, func(i, j int) bool { return bytes.Compare(sorted[i], sorted[j]) < 0 })
	return tlv(tag, sorted...)
}

func derOctets(b []byte) []byte { return tlv(0x04, b) }

func derIA5(s string) []byte { return tlv(0x16, []byte(s)) }

func derNull() []byte { return []byte{5, 0} }

func derOID(oid asn1.ObjectIdentifier) []byte {
	b, err := asn1.Marshal(oid)
	if err != nil {
		panic("bad object identifier " + oid.String()) // only constants come here
	}
	return b
}

func derInt(n *big.Int) []byte {
	b, err := asn1.Marshal(n)
	if err != nil {
		panic("unencodable integer")
	}
	return b
}

func oidOf(arcs ...int) asn1.ObjectIdentifier { return arcs }

// parseOID reads the dotted form; nil when it is not one.
func parseOID(s string) asn1.ObjectIdentifier {
	var oid asn1.ObjectIdentifier
	n, digits := 0, 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			if digits == 0 {
				return nil
			}
			oid = append(oid, n)
			n, digits = 0, 0
			continue
		}
		if s[i] < '0' || s[i] > '9' || digits > 8 {
			return nil
		}
		n, digits = n*10+int(s[i]-'0'), digits+1
	}
	if len(oid) < 2 || oid[0] > 2 || oid[0] < 2 && oid[1] > 39 {
		return nil
	}
	return oid
}

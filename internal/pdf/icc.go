package pdf

import (
	"encoding/binary"
	"math"
)

// srgbProfile makes an ICC version 2 display profile (ICC.1:2001-04) of the
// sRGB space, the output intent that PDF/A-1 asks for. It is made here rather
// than shipped: 2 KB, no licence, and the numbers can be read.
func srgbProfile() []byte {
	type tag struct {
		sign string
		data []byte
	}
	curve := srgbCurve()
	tags := []tag{
		{"desc", iccDescription("sRGB IEC61966-2.1")},
		{"cprt", append([]byte("text\x00\x00\x00\x00"), "Public domain\x00"...)},
		{"wtpt", iccXYZ(0.9505, 1, 1.0891)},
		// Primaries adapted to D50 by the Bradford transform, as profiles hold them.
		{"rXYZ", iccXYZ(0.43607, 0.22249, 0.01392)},
		{"gXYZ", iccXYZ(0.38515, 0.71687, 0.09708)},
		{"bXYZ", iccXYZ(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var body []byte
	base := 128 + 4 + 12*len(tags)
	curveAt := 0
	for _, t := range tags {
		at := base + len(body)
		if shared := t.sign[1:] == "TRC" && curveAt > 0; shared {
			at = curveAt
		} else {
			if t.sign[1:] == "TRC" {
				curveAt = at
			}
			body = append(body, t.data...)
			for len(body)%4 != 0 {
				body = append(body, 0)
			}
		}
		table = append(table, t.sign...)
		table = binary.BigEndian.AppendUint32(table, uint32(at))
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))
	}
	out := append(iccHeader(base+len(body)), table...)
	return append(out, body...)
}

func iccHeader(size int) []byte {
	h := make([]byte, 128)
	binary.BigEndian.PutUint32(h, uint32(size))
	binary.BigEndian.PutUint32(h[8:], 0x02100000)
	copy(h[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2026, 1, 1, 0, 0, 0} {
		binary.BigEndian.PutUint16(h[24+2*i:], v)
	}
	copy(h[36:], "acsp")
	copy(h[68:], iccXYZ(0.9642, 1, 0.8249)[8:]) // the connection space's D50
	return h
}

func iccXYZ(x, y, z float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, v := range []float64{x, y, z} {
		b = binary.BigEndian.AppendUint32(b, uint32(math.Round(v*65536)))
	}
	return b
}

func iccDescription(s string) []byte {
	b := []byte("desc\x00\x00\x00\x00")
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)+1))
	b = append(b, s...)
	b = append(b, 0)
	return append(b, make([]byte, 4+4+2+1+67)...) // no Unicode or ScriptCode form
}

// srgbCurve is the transfer curve of IEC 61966-2-1, 8-bit input, 16-bit output.
func srgbCurve() []byte {
	b := []byte("curv\x00\x00\x00\x00")
	const n = 1024
	b = binary.BigEndian.AppendUint32(b, n)
	for i := range n {
		v := float64(i) / (n - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
	}
	return b
}

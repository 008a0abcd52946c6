package pades

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// fuzzTime bounds what one input may take; the fuzzer's own limit is longer.
const fuzzTime = 5 * time.Second

// FuzzVerify covers cross-reference sections, objects, object streams, fields,
// ranges and later changes: any bytes must end in a report or a plain refusal.
func FuzzVerify(f *testing.F) {
	signed, _ := mustSign(f, victimUnsigned(), pki().options(1))
	f.Add(signed)
	f.Add(hybridPDF())
	f.Add(formPDF())
	two, _ := mustSign(f, signed, pki().options(2))
	f.Add(two)
	f.Add([]byte("%PDF-1.7\n1 0 obj\n<< /Type /XRef /W [1 2 1] /Size 2 /Root 1 0 R /Length 8 >>\nstream\n\x01\x00\x09\x00\x01\x00\x09\x00\nendstream\nendobj\nstartxref\n9\n%%EOF"))
	opts := trusting()
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), fuzzTime)
		defer cancel()
		r, err := Verify(ctx, bytes.NewReader(data), int64(len(data)), opts)
		if err != nil {
			if sei.CodeOf(err) == sei.CodeInternal {
				t.Fatalf("internal error: %v", err)
			}
			return
		}
		known := bytes.Equal(data, signed) || bytes.Equal(data, two)
		if r.Verdict == VerdictValid && !known && !bytes.HasPrefix(data, signed) && !sameButHexCase(data, signed) {
			t.Fatal("a file that nobody signed reads as valid")
		}
	})
}

// sameButHexCase: the case of the digits in /Contents carries no meaning.
func sameButHexCase(a, b []byte) bool { return bytes.EqualFold(a, b) }

// FuzzSign: what Sign accepts, it must make into something that its own
// verifier accepts too.
func FuzzSign(f *testing.F) {
	f.Add(victimUnsigned())
	f.Add(hybridPDF())
	f.Add(formPDF())
	opts := pki().options(1)
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		if _, err := Sign(context.Background(), bytes.NewReader(data), int64(len(data)), &out, opts); err != nil {
			if sei.CodeOf(err) == sei.CodeInternal {
				t.Fatalf("internal error: %v", err)
			}
			return
		}
		if !bytes.HasPrefix(out.Bytes(), data) {
			t.Fatal("the original bytes were not kept")
		}
		r, err := Verify(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), trusting())
		if err != nil {
			t.Fatalf("what was signed cannot be read again: %v", err)
		}
		for _, s := range r.Signatures {
			if s.SignedSize == int64(out.Len()) && s.Verdict == VerdictValid {
				return
			}
		}
		t.Fatalf("the new signature is not valid: %+v", r.Signatures)
	})
}

func FuzzObjects(f *testing.F) {
	for _, s := range []string{"<< /A [1 2 R 3 0 R (x\\)\\101) <AB C> true null -1.5 +3 .5] /B#20C /D >>", "[[[[", "(((", "<<<<", "1 0 R", "/#", "-", "<a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(b []byte) (object, error) {
			src := &source{r: bytes.NewReader(b), size: int64(len(b))}
			return newParser(src.cursorAt(0), false).object(0)
		}
		o, err := read(data)
		if err != nil {
			return
		}
		written := appendObject(nil, o)
		again, err := read(written)
		if err != nil || !sameObject(o, again) {
			t.Fatalf("%q was written as %q and read as %v, %v", data, written, again, err)
		}
	})
}

func FuzzCMS(f *testing.F) {
	_, s := mustSign(f, victimUnsigned(), pki().options(1))
	f.Add(s.CMS)
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseCMS(data)
		if err != nil {
			return
		}
		_, _ = parseTSTInfo(m)
		if m.cert != nil {
			_ = m.checkCertReference()
			_ = m.checkSignature(make([]byte, 32))
			_ = m.describe()
		}
		if v, ok := m.attr(oidSigPolicy); ok {
			_, _, _ = readPolicyID(v)
		}
	})
}

func FuzzStamp(f *testing.F) {
	f.Add("Ana Maria — Diretora", 200.0, 60.0)
	f.Add("日本語 😀 \x00", 1e300, -1.0)
	f.Fuzz(func(t *testing.T, text string, w, h float64) {
		o := pki().options(1)
		o.Stamp = &Stamp{Page: 1, Rect: [4]float64{10, 10, 10 + w, 10 + h}, Lines: []string{text, text}}
		pdf := victimUnsigned()
		_, err := Sign(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), io.Discard, o)
		if err != nil && sei.CodeOf(err) != CodePage {
			t.Fatal(err)
		}
	})
}

// FuzzXref feeds the reader of cross-reference sections: whatever they say,
// walking over every object ends, and nothing is found outside the file.
func FuzzXref(f *testing.F) {
	body := "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
	f.Add([]byte(fmt.Sprintf("xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(body))))
	f.Add([]byte(fmt.Sprintf("3 0 obj\n<< /Type /XRef /W [1 2 1] /Size 4 /Root 1 0 R /Length 16 >>\nstream\n\x00\x00\x00\xff\x01\x00\x09\x00\x01\x00\x3a\x00\x01\x00\x6f\x00\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", len(body))))
	f.Fuzz(func(t *testing.T, tail []byte) {
		pdf := append([]byte(body), tail...)
		src := &source{r: bytes.NewReader(pdf), size: int64(len(pdf))}
		doc, err := openDocument(context.Background(), src)
		if err != nil {
			if sei.CodeOf(err) == sei.CodeInternal {
				t.Errorf("an internal error: %v", err)
			}
			return
		}
		_ = doc.walkRefs(context.Background(), func(pdfRef) {}) // any end will do
		for _, s := range doc.sections {
			if s.off < 0 || s.end > src.size {
				t.Errorf("a section from %d to %d in a file of %d bytes", s.off, s.end, src.size)
			}
		}
	})
}

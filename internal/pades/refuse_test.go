package pades

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

func signError(pdf []byte, o SignOptions) error {
	_, err := Sign(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), io.Discard, o)
	return err
}

func TestWhatCannotBeSignedIsRefusedWithItsReason(t *testing.T) {
	plain := samplePDF(t, 1)
	expired := issue(t, trainingca.IssueOptions{NotBefore: testNow.AddDate(-3, 0, 0), NotAfter: testNow.AddDate(0, 0, -1)})
	for _, c := range []struct {
		name   string
		pdf    []byte
		change func(*SignOptions)
		code   sei.Code
	}{
		{"encrypted", convert(t, plain, "--encrypt", "a", "b", "256", "--"), nil, CodeEncrypted},
		{"encrypted with an empty password", convert(t, plain, "--encrypt", "", "b", "256", "--"), nil, CodeEncrypted},
		{"empty", nil, nil, CodeDamaged},
		{"an image", []byte("\x89PNG\r\n\x1a\n0000000000000000"), nil, CodeDamaged},
		{"truncated", plain[:len(plain)/2], nil, CodeDamaged},
		{"torn end", append(slices.Clone(plain), "9 0 obj\n<<"...), nil, CodeDamaged},
		{"table moved", bytes.Replace(plain, []byte("startxref\n"), []byte("startxref\n1"), 1), nil, CodeDamaged},
		{"expired certificate", plain, func(o *SignOptions) { o.Certificate, o.Signer = expired.Certificate, expired.Key }, CodeCertificate},
		{"key of another certificate", plain, func(o *SignOptions) { o.Signer = pki().ids[1].Key }, CodeKeyMismatch},
		{"policy not in force", plain, func(o *SignOptions) { o.Time = testNow.AddDate(-1, 0, 5) }, CodePolicy},
		{"no room for the signature", plain, func(o *SignOptions) { o.ContentsSize = 1024 }, CodeContentsSize},
		{"page that is not there", plain, func(o *SignOptions) { o.Stamp = stamp(); o.Stamp.Page = 9 }, CodePage},
		{"stamp too small", plain, func(o *SignOptions) { o.Stamp = stamp(); o.Stamp.Rect = [4]float64{0, 0, 5, 5} }, CodePage},
		{"stamp off the page", plain, func(o *SignOptions) { o.Stamp = stamp(); o.Stamp.Rect[2] = 1e9 }, CodePage},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := pki().options(0)
			if c.change != nil {
				c.change(&o)
			}
			err := signError(c.pdf, o)
			if sei.CodeOf(err) != c.code {
				t.Fatalf("error %v, want code %s", err, c.code)
			}
			if msg := sei.MessageOf(err); !strings.HasSuffix(msg, ".") || len(msg) < 30 {
				t.Errorf("message %q", msg)
			}
		})
	}
}

func TestACancelledSignatureStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	pdf := samplePDF(t, 1)
	if _, err := Sign(ctx, bytes.NewReader(pdf), int64(len(pdf)), io.Discard, pki().options(0)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := Verify(ctx, bytes.NewReader(pdf), int64(len(pdf)), VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// shifting is a file that changes between two readings.
type shifting struct {
	data []byte
	seen int
}

func (s *shifting) ReadAt(p []byte, off int64) (int, error) {
	n, err := bytes.NewReader(s.data).ReadAt(p, off)
	if len(p) > windowBytes && off == 0 { // the streaming passes, not the parser
		if s.seen++; s.seen == 2 {
			p[20] ^= 1
		}
	}
	return n, err
}

func TestAFileThatChangesWhileSignedIsRefused(t *testing.T) {
	pdf := samplePDF(t, 40)
	_, err := Sign(context.Background(), &shifting{data: pdf}, int64(len(pdf)), io.Discard, pki().options(0))
	if sei.CodeOf(err) != CodeChanged {
		t.Fatal(err)
	}
}

func TestTheOriginalIsTheSignedFilesPrefix(t *testing.T) {
	ctx := context.Background()
	for name, pdf := range inputs(t) {
		signed, s := mustSign(t, pdf, pki().options(0))
		if s.OriginalSize != int64(len(pdf)) || s.OriginalSHA256 != sha256.Sum256(pdf) || s.SHA256 != sha256.Sum256(signed) || s.Size != int64(len(signed)) {
			t.Errorf("%s: %+v", name, s)
		}
		twice, _ := mustSign(t, signed, pki().options(1))
		in := bytes.NewReader(twice)
		if err := CheckOriginal(ctx, in, int64(len(twice)), s.OriginalSize, s.OriginalSHA256); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := CheckOriginal(ctx, in, int64(len(twice)), s.OriginalSize, sha256.Sum256(nil)); sei.CodeOf(err) != CodeNotOriginal {
			t.Errorf("%s: another original passes: %v", name, err)
		}
		if err := CheckOriginal(ctx, in, int64(len(twice)), s.OriginalSize-9, sha256.Sum256(pdf[:len(pdf)-9])); err == nil {
			t.Errorf("%s: half of the original passes", name)
		}
	}
	// Altered before it was signed: the signature is good, the original is not.
	pdf := victimUnsigned()
	altered := updated(t, pdf, func(_ *document, u *update) {
		u.putStream(pdfRef{num: objContent}, &pdfDict{}, []byte("BT (Pague R$ 900,00) Tj ET"))
	})
	signed, _ := mustSign(t, altered, pki().options(0))
	requireVerdict(t, mustVerify(t, signed, trusting()), VerdictValid)
	if err := CheckOriginal(ctx, bytes.NewReader(signed), int64(len(signed)), int64(len(pdf)), sha256.Sum256(pdf)); sei.CodeOf(err) != CodeNotOriginal {
		t.Errorf("an altered original passes: %v", err)
	}
	if got := mustVerify(t, mustSignBytes(t, pdf), trusting()).OriginalSize; got != int64(len(pdf)) {
		t.Errorf("OriginalSize %d, want %d", got, len(pdf))
	}
}

func mustSignBytes(t testing.TB, pdf []byte) []byte {
	out, _ := mustSign(t, pdf, pki().options(0))
	return out
}

// sparse is a large valid PDF that takes no memory: a stream of zeros between
// a head and a tail.
type sparse struct {
	head, tail []byte
	hole       int64
}

func newSparse(hole int64) *sparse {
	s := &sparse{hole: hole}
	s.head = []byte("%PDF-1.7\n")
	offs := []int{}
	for i, o := range []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"} {
		offs = append(offs, len(s.head))
		s.head = fmt.Appendf(s.head, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	offs = append(offs, len(s.head))
	s.head = fmt.Appendf(s.head, "4 0 obj\n<< /Length %d >>\nstream\n", hole)
	s.tail = []byte("\nendstream\nendobj\n")
	start := int64(len(s.head)) + hole + int64(len(s.tail))
	s.tail = append(s.tail, "xref\n0 5\n0000000000 65535 f \n"...)
	for _, o := range offs {
		s.tail = fmt.Appendf(s.tail, "%010d 00000 n \n", o)
	}
	s.tail = fmt.Appendf(s.tail, "trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", start)
	return s
}

func (s *sparse) size() int64 { return int64(len(s.head)) + s.hole + int64(len(s.tail)) }

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		switch end := int64(len(s.head)) + s.hole; {
		case at < int64(len(s.head)):
			n += copy(p[n:], s.head[at:])
		case at < end:
			m := min(int64(len(p)-n), end-at)
			clear(p[n : n+int(m)])
			n += int(m)
		case at < s.size():
			n += copy(p[n:], s.tail[at-end:])
		default:
			return n, io.EOF
		}
	}
	return n, nil
}

// lastBytes keeps the end of what is written, for a file too large to hold.
type lastBytes struct {
	total int64
	from  int64
	buf   bytes.Buffer
}

func (l *lastBytes) Write(p []byte) (int, error) {
	if end := l.total + int64(len(p)); end > l.from {
		l.buf.Write(p[max(0, l.from-l.total):])
	}
	l.total += int64(len(p))
	return len(p), nil
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	in := newSparse(60 << 20)
	pki()
	peak := peakOf(func() {
		tail := &lastBytes{from: in.size()}
		if _, err := Sign(context.Background(), in, in.size(), tail, pki().options(0)); err != nil {
			t.Fatal(err)
		}
		s := *in
		s.tail = append(slices.Clone(in.tail), tail.buf.Bytes()...)
		r, err := Verify(context.Background(), &s, s.size(), trusting())
		if err != nil {
			t.Fatal(err)
		}
		requireVerdict(t, r, VerdictValid)
	})
	if peak > 16<<20 {
		t.Errorf("%d MB allocated at once for a 60 MB file", peak>>20)
	}
}

// peakOf is the growth of everything allocated while f runs, an upper bound of
// the heap at any moment.
func peakOf(f func()) uint64 {
	var a, b runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&a)
	f()
	runtime.ReadMemStats(&b)
	return b.TotalAlloc - a.TotalAlloc
}

func TestHostileFilesCostLittle(t *testing.T) {
	deep := buildPDF("<< /Type /Catalog /Pages "+strings.Repeat("[", 100000), "null")
	loop := buildPDF("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] >>")
	huge := []byte("%PDF-1.7\nxref\n0 1999999\n0000000000 65535 f \ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")
	circle := []byte("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF\n")
	swapped := bytes.Replace(formPDF(), []byte("\n3 0 obj"), []byte("\n9 0 obj"), 1)
	for name, c := range map[string]struct {
		pdf  []byte
		code sei.Code
	}{
		"deep nesting":            {deep, CodeTooComplex},
		"page tree in a circle":   {loop, CodeDamaged},
		"huge table":              {huge, CodeDamaged},
		"tables in a circle":      {circle, CodeDamaged},
		"object elsewhere":        {swapped, CodeDamaged},
		"stream inside itself":    {selfLength(), CodeDamaged},
		"stream of decompression": {bomb(t), CodeTooComplex},
	} {
		var err error
		limit := uint64(8 << 20)
		if c.code == CodeTooComplex {
			limit = 6 * maxDecoded // growing a buffer up to the limit
		}
		if cost := peakOf(func() { err = signError(c.pdf, pki().options(0)) }); cost > limit {
			t.Errorf("%s: %d MB", name, cost>>20)
		}
		if code := sei.CodeOf(err); code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// xrefStreamPDF ends with a cross-reference stream of the given rows (type,
// two bytes of offset, one of index).
func xrefStreamPDF(body []byte, rows func(start int) []byte, extra string, filter func([]byte) []byte) []byte {
	start := len(body)
	data := rows(start)
	if filter != nil {
		data = filter(data)
	}
	body = fmt.Appendf(body, "9 0 obj\n<< /Type /XRef /W [1 2 1] /Size 10 /Root 1 0 R /Length %d %s >>\nstream\n%s\nendstream\nendobj\n", len(data), extra, data)
	return fmt.Appendf(body, "startxref\n%d\n%%%%EOF\n", start)
}

// selfLength is an object stream whose Length lies inside itself.
func selfLength() []byte {
	body := []byte("%PDF-1.7\n")
	at := len(body)
	body = append(body, "5 0 obj\n<< /Type /ObjStm /N 2 /First 8 /Length 6 0 R >>\nstream\n1 0 6 3 << >> 20\nendstream\nendobj\n"...)
	return xrefStreamPDF(body, func(start int) []byte {
		rows := make([]byte, 40)
		copy(rows[1*4:], []byte{2, 0, 5, 0})
		copy(rows[5*4:], []byte{1, 0, byte(at), 0})
		copy(rows[6*4:], []byte{2, 0, 5, 1})
		return rows
	}, "", nil)
}

// bomb is a cross-reference stream that unpacks to far more than it is.
func bomb(t testing.TB) []byte {
	return xrefStreamPDF([]byte("%PDF-1.7\n"), func(int) []byte { return make([]byte, maxDecoded+1000) }, "/Filter /FlateDecode", deflate)
}

func TestRandomNoiseNeverReadsAsValid(t *testing.T) {
	pdf := victim(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		bad := slices.Clone(pdf)
		for range 1 + rng.IntN(20) {
			bad[rng.IntN(1200)] = byte(rng.IntN(256))
		}
		if bytes.Equal(bad, pdf) {
			continue
		}
		r, err := Verify(context.Background(), bytes.NewReader(bad), int64(len(bad)), trusting())
		if err == nil && r.Verdict == VerdictValid {
			t.Fatal("noise reads as valid")
		}
	}
}

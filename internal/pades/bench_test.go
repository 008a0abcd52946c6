package pades

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"testing"
)

// BenchmarkSign is what a signature costs around the key's own operation.
func BenchmarkSign(b *testing.B) {
	content := make([]byte, 50<<10)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content) // never fails
	pdf := buildPDF("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>", "<< /Length 51200 >>\nstream\n"+string(content)+"\nendstream")
	o := pki().options(1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Sign(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), io.Discard, o); err != nil {
			b.Fatal(err)
		}
	}
}

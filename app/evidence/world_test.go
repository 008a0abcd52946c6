package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/jung-kurt/gofpdf"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

const personCPF = "12345678909"

// pki is made once: keys are slow and all tests may share them.
var pki = sync.OnceValue(func() *trainingca.CA {
	ca, err := trainingca.New("dos testes", time.Now().AddDate(-5, 0, 0), trainingca.ECDSAP256)
	if err != nil {
		panic(err)
	}
	return ca
})

func person(t testing.TB, o trainingca.IssueOptions) *trainingca.Identity {
	t.Helper()
	if o.Key == "" {
		o.Key = trainingca.ECDSAP256
	}
	id, err := pki().Issue(trainingca.Person{Name: "ANA DE SOUZA", CPF: personCPF}, o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func judge(t testing.TB) *Judge {
	t.Helper()
	j, err := New(string(trainingca.CertificatePEM(pki().Root)))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// samplePDF is a document that differs from every other with another text.
func samplePDF(t testing.TB, text string) []byte {
	t.Helper()
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetFont("Helvetica", "", 12)
	f.AddPage()
	f.Cell(40, 10, text)
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func hashOf(b []byte) sei.SHA256 {
	sum := sha256.Sum256(b)
	return sei.SHA256(hex.EncodeToString(sum[:]))
}

// heldKey is a session over a key in memory that can be made to fail.
type heldKey struct {
	crypto.Signer
	id      *trainingca.Identity
	calls   int
	failAt  int // the call that fails with failure, from 1; 0 never
	failure error
}

func (k *heldKey) Sign(r io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	k.calls++
	if k.failAt == k.calls {
		return nil, k.failure
	}
	return k.Signer.Sign(r, digest, o)
}

func (k *heldKey) Certificate() keys.Certificate {
	c := k.id.Certificate
	return keys.Certificate{ID: "k", Subject: c.Subject.CommonName, NotBefore: c.NotBefore, NotAfter: c.NotAfter, DER: c.Raw}
}
func (k *heldKey) Chain() []*x509.Certificate { return k.id.Chain[:1] }
func (k *heldKey) Close() error               { return nil }

func newKey(t testing.TB) *heldKey {
	id := person(t, trainingca.IssueOptions{})
	return &heldKey{Signer: id.Key, id: id}
}

// memory is a file in memory that counts its readers.
type memory struct {
	*bytes.Reader
	open *int
}

func (m memory) Close() error { *m.open--; return nil }

// shelf keeps signed files by the document's ID, as a store and its queue would.
type shelf struct {
	kept map[string][]byte
	open int
}

func (s *shelf) item(id string, content []byte) BatchItem {
	return BatchItem{
		ID: id, Title: "Documento " + id, SHA256: hashOf(content),
		Open: func(context.Context) (Original, error) {
			s.open++
			return memory{bytes.NewReader(content), &s.open}, nil
		},
		Done: func(context.Context) (bool, error) { _, ok := s.kept[id]; return ok, nil },
		Keep: func(_ context.Context, write WriteSigned) error {
			var out bytes.Buffer
			if _, err := write(&out); err != nil {
				return err
			}
			s.kept[id] = out.Bytes()
			return nil
		},
	}
}

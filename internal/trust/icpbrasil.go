package trust

import (
	"crypto/x509"
	"embed"
	"fmt"
	"slices"
	"sync"
)

// ICPBrasilDay is the day of the embedded anchors; the window and doctor show
// it, since authorities come and go.
const ICPBrasilDay = "2026-06"

//go:embed icpbrasil/roots.pem icpbrasil/intermediates.pem icpbrasil/policies/*.der
var icpFiles embed.FS

// embedded is parsed once: 300 certificates take some milliseconds.
var embedded = sync.OnceValues(func() (*embeddedCerts, error) {
	e := &embeddedCerts{}
	rootPEM, err := icpFiles.ReadFile("icpbrasil/roots.pem")
	if err != nil {
		return nil, fmt.Errorf("reading the embedded roots: %w", err)
	}
	roots, _, err := ParsePEM(rootPEM)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded roots: %w", err)
	}
	for _, c := range roots {
		e.roots = append(e.roots, Root{Certificate: c, Kind: KindICPBrasil})
	}
	interPEM, err := icpFiles.ReadFile("icpbrasil/intermediates.pem")
	if err != nil {
		return nil, fmt.Errorf("reading the embedded intermediates: %w", err)
	}
	inter, _, err := ParsePEM(interPEM)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded intermediates: %w", err)
	}
	e.intermediates = New(nil, inter)
	return e, nil
})

type embeddedCerts struct {
	roots         []Root
	intermediates *Store
}

// NewICPBrasil makes a store with the embedded roots and intermediates of
// ICP-Brasil and the extra roots given (gov.br, training, an agency's own).
func NewICPBrasil(extra ...Root) (*Store, error) { return NewICPBrasilWith(extra, nil) }

// NewICPBrasilWith is NewICPBrasil with intermediates of the extra roots.
func NewICPBrasilWith(extra []Root, between []*x509.Certificate) (*Store, error) {
	e, err := embedded()
	if err != nil {
		return nil, err
	}
	roots := append(append([]Root(nil), e.roots...), extra...)
	return New(roots, append(slices.Clip(e.intermediates.intermediates), between...)), nil
}

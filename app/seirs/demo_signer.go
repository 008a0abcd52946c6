package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/softhsm"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// demoSigner is a training authority and what it gave to one person: a
// certificate in a token and another in a file.
type demoSigner struct {
	roots string // PEM file, for the central
	root  *x509.Certificate
	name  string
	token *softhsm.Token
	pfx   []byte
}

const (
	demoPIN         = "demo-2468"
	demoPFXPassword = "arquivo-1357"
)

func newDemoSigner(work string, who demoAccount) (*demoSigner, error) {
	person, ok := central.DemoPerson(who.agency, who.login)
	if !ok {
		return nil, fmt.Errorf("the demonstration has no user %s", who.login)
	}
	ca, err := trainingca.New("Demonstração", time.Now(), trainingca.ECDSAP256)
	if err != nil {
		return nil, err
	}
	s := &demoSigner{roots: filepath.Join(work, "roots.pem"), root: ca.Root, name: person.Name}
	if err := os.WriteFile(s.roots, trainingca.CertificatePEM(ca.Root), 0o600); err != nil {
		return nil, err
	}
	holder := trainingca.Person{Name: person.Name, CPF: person.CPF, BirthDate: time.Date(1980, time.May, 4, 0, 0, 0, 0, time.UTC)}
	if err := s.fillToken(work, ca, holder); err != nil {
		return nil, err
	}
	file, err := ca.Issue(holder, trainingca.IssueOptions{Key: trainingca.RSA2048})
	if err != nil {
		return nil, err
	}
	s.pfx, err = file.PFX(demoPFXPassword)
	return s, err
}

func (s *demoSigner) fillToken(work string, ca *trainingca.CA, holder trainingca.Person) error {
	inToken, err := ca.Issue(holder, trainingca.IssueOptions{Key: trainingca.RSA2048})
	if err != nil {
		return err
	}
	folder := filepath.Join(work, "token")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	if s.token, err = softhsm.New(folder, "Demonstração", demoPIN); err != nil {
		return err
	}
	if err := s.token.Import(1, softhsm.Credential{Certificate: inToken.Certificate, Key: inToken.Key}); err != nil {
		return err
	}
	return s.token.ImportCertificate(2, ca.Intermediate)
}

// Signer makes what the end-to-end tests sign with: a training authority, a
// software token and a PFX file, both with certificates of one person of the
// demonstration. It prints where they are, as JSON.
//
//	go run -tags sqlite_fts5 ./build/e2e/signer FOLDER AGENCY LOGIN
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/softhsm"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// made says where everything is and what opens it.
type made struct {
	Name        string `json:"name"`
	Roots       string `json:"roots"`  // PEM, for central --trust-roots
	Module      string `json:"module"` // for desk --pkcs11-module
	Config      string `json:"config"` // for SOFTHSM2_CONF
	PIN         string `json:"pin"`
	PFX         string `json:"pfx"`
	PFXPassword string `json:"pfxPassword"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: signer FOLDER AGENCY LOGIN")
	}
	m, err := produce(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		log.Fatal(err)
	}
}

func produce(folder, agency, login string) (made, error) {
	m := made{
		PIN: "teste-2468", PFXPassword: "arquivo-1357",
		Roots: filepath.Join(folder, "roots.pem"), PFX: filepath.Join(folder, login+".pfx"),
	}
	who, ok := central.DemoPerson(agency, login)
	if !ok {
		return m, fmt.Errorf("the demonstration has no user %s/%s", agency, login)
	}
	m.Name = who.Name
	ca, err := trainingca.New("Testes", time.Now(), trainingca.ECDSAP256)
	if err != nil {
		return m, err
	}
	if err := os.WriteFile(m.Roots, trainingca.CertificatePEM(ca.Root), 0o600); err != nil {
		return m, err
	}
	holder := trainingca.Person{Name: who.Name, CPF: who.CPF, BirthDate: time.Date(1980, time.May, 4, 0, 0, 0, 0, time.UTC)}
	if err := writePFX(m, ca, holder); err != nil {
		return m, err
	}
	token, err := makeToken(folder, m.PIN, ca, holder)
	if err != nil {
		return m, err
	}
	m.Module, m.Config = token.Module, token.Config
	return m, nil
}

func writePFX(m made, ca *trainingca.CA, holder trainingca.Person) error {
	identity, err := ca.Issue(holder, trainingca.IssueOptions{Key: trainingca.RSA2048})
	if err != nil {
		return err
	}
	data, err := identity.PFX(m.PFXPassword)
	if err != nil {
		return err
	}
	return os.WriteFile(m.PFX, data, 0o600)
}

// makeToken gives the token a certificate of its own: one that is in two places
// is offered once.
func makeToken(folder, pin string, ca *trainingca.CA, holder trainingca.Person) (*softhsm.Token, error) {
	identity, err := ca.Issue(holder, trainingca.IssueOptions{Key: trainingca.RSA2048})
	if err != nil {
		return nil, err
	}
	place := filepath.Join(folder, "token")
	if err := os.Mkdir(place, 0o700); err != nil {
		return nil, err
	}
	token, err := softhsm.New(place, "Testes", pin)
	if err != nil {
		return nil, err
	}
	if err := token.Import(1, softhsm.Credential{Certificate: identity.Certificate, Key: identity.Key}); err != nil {
		return nil, err
	}
	return token, token.ImportCertificate(2, ca.Intermediate)
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// A demonstration gives its chiefs training certificates, so that whoever tries
// it can sign. They verify in that central alone.
const (
	demoCertificates = "certificados" // folder of the PFX files, inside the data folder
	demoRoot         = "raiz-de-treinamento.pem"
)

// The people who get a certificate.
var demoHolders = []struct{ agency, login string }{
	{"SPGG", "ana.schneider"}, {"SES", "helena.moraes"}, {"SEFAZ", "nelson.ribeiro"},
}

// demoTrust gives the root of the demonstration in data, making it and the
// certificates at the first start. The authority's key is not kept.
func demoTrust(data string) (rootPEM string, err error) {
	folder := filepath.Join(data, demoCertificates)
	root, err := os.ReadFile(filepath.Join(folder, demoRoot))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(root), err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("making the demonstration's certificates: %w", err)
	}
	ca, err := trainingca.New("Demonstração", time.Now(), trainingca.ECDSAP256)
	if err != nil {
		return "", fmt.Errorf("making the demonstration's authority: %w", err)
	}
	for _, h := range demoHolders {
		if err := writeDemoCertificate(ca, folder, h.agency, h.login); err != nil {
			return "", err
		}
	}
	// The root comes last: while it is missing, everything is made again.
	root = trainingca.CertificatePEM(ca.Root)
	return string(root), os.WriteFile(filepath.Join(folder, demoRoot), root, 0o600)
}

func writeDemoCertificate(ca *trainingca.CA, folder, agency, login string) error {
	person, ok := central.DemoPerson(agency, login)
	if !ok {
		return fmt.Errorf("the demonstration has no user %s", login)
	}
	id, err := ca.Issue(trainingca.Person{
		Name: person.Name, CPF: person.CPF, BirthDate: time.Date(1980, time.May, 4, 0, 0, 0, 0, time.UTC),
	}, trainingca.IssueOptions{Key: trainingca.RSA2048})
	if err != nil {
		return fmt.Errorf("issuing the certificate of %s: %w", login, err)
	}
	file, err := id.PFX(central.DemoPassword)
	if err != nil {
		return fmt.Errorf("writing the certificate of %s: %w", login, err)
	}
	return os.WriteFile(filepath.Join(folder, login+".pfx"), file, 0o600)
}

package sim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/blob"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// servant is somebody of the demonstration, at one desk.
type servant struct {
	desk          string // its name in traces
	agency, login string
}

// cast are the desks that a run chooses from: three agencies, five units, a
// chief with two desks, colleagues of one unit, and one who works in two units.
var cast = []servant{
	{"ana", "SPGG", "ana.schneider"},
	{"ana-2", "SPGG", "ana.schneider"},
	{"bruno", "SPGG", "bruno.machado"},
	{"carla", "SPGG", "carla.rodrigues"},
	{"helena", "SES", "helena.moraes"},
	{"katia", "SES", "katia.bittencourt"},
	{"nelson", "SEFAZ", "nelson.ribeiro"},
}

// Reference data of the demonstration.
const (
	publicType     = 100000103
	restrictedType = 100000101
	subject        = 58
	personal       = 4 // legal basis: Informação Pessoal
	despacho       = 5
	oficio         = 11 // numbered by unit and year
	externalType   = 14
)

// firstDay is when every run begins.
var firstDay = time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)

var (
	cheapPasswords = central.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}
	cheapVault     = local.PasswordCost{Time: 1, Memory: 64, Threads: 1}
)

// template is a world in which nothing has happened yet: a central with its
// reference data and every desk of the cast enrolled and synced. Loading that
// takes longer than most runs, so it is made once and copied.
type template struct {
	folder string
	roots  string // PEM
	judge  *evidence.Judge
	rings  []*ring
	keys   map[string]*trainingca.Identity // by login
	pdfs   []frozenPDF
}

// frozenPDF is a typeset page that runs sign: setting one anew for each
// signature would take most of a run's time and prove nothing here.
type frozenPDF struct {
	data  []byte
	pages int
}

// theTemplate is made at the first run of a process.
var theTemplate = sync.OnceValues(makeTemplate)

// RemoveTemplate removes what the process's runs were copied from; no run may
// follow.
func RemoveTemplate() error {
	t, err := theTemplate()
	if err != nil {
		return nil //nolint:nilerr // then there is nothing to remove
	}
	return os.RemoveAll(t.folder)
}

// memoryFolder is where SQLite's many small synced writes cost nothing.
func memoryFolder() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func makeTemplate() (*template, error) {
	folder, err := os.MkdirTemp(memoryFolder(), "seirs-sim-")
	if err != nil {
		return nil, fmt.Errorf("making the simulator's folder: %w", err)
	}
	t := &template{folder: folder, keys: map[string]*trainingca.Identity{}}
	if err := t.makeKeys(); err != nil {
		return nil, err
	}
	for i := range 6 {
		p, err := setPage(i)
		if err != nil {
			return nil, err
		}
		t.pdfs = append(t.pdfs, p)
	}
	return t, t.makeDesks()
}

func (t *template) makeKeys() error {
	ca, err := trainingca.New("Simulação", firstDay.AddDate(-1, 0, 0), trainingca.ECDSAP256)
	if err != nil {
		return err
	}
	t.roots = string(trainingca.CertificatePEM(ca.Root))
	if t.judge, err = evidence.New(t.roots); err != nil {
		return err
	}
	for _, s := range cast {
		person, _ := central.DemoPerson(s.agency, s.login)
		id, err := ca.Issue(trainingca.Person{Name: person.Name, CPF: person.CPF, BirthDate: firstDay.AddDate(-40, 0, 0)}, trainingca.IssueOptions{
			Key: trainingca.ECDSAP256, NotBefore: firstDay.AddDate(-1, 0, 0), NotAfter: firstDay.AddDate(3, 0, 0),
		})
		if err != nil {
			return err
		}
		t.keys[s.login] = id
	}
	return nil
}

func setPage(i int) (frozenPDF, error) {
	out, err := pdf.Typeset(pdf.Input{
		Header: []string{"ESTADO DO RIO GRANDE DO SUL"}, Title: "Despacho", SEINumber: fmt.Sprintf("%07d", i+1), Process: pdf.ToBeFiled,
		Body: richtext.FromText(fmt.Sprintf("Página %d da simulação.", i+1)), Training: true, Date: firstDay,
	})
	if err != nil {
		return frozenPDF{}, fmt.Errorf("setting a page: %w", err)
	}
	return frozenPDF{out.PDF, out.Pages}, nil
}

// makeDesks enrols every desk over a line without faults and syncs it.
func (t *template) makeDesks() error {
	w := &world{
		template: t, folder: t.folder, now: firstDay, rand: rand.New(rand.NewPCG(1, 1)), book: newBook(), //nolint:gosec // runs follow from a seed
		names: map[string]string{}, making: true,
	}
	w.central = &centralNode{w: w, dir: filepath.Join(t.folder, "central"), random: newRandom(2)}
	if err := os.MkdirAll(w.central.dir, 0o700); err != nil {
		return err
	}
	if err := w.central.start(); err != nil {
		return err
	}
	for i := range cast {
		t.rings = append(t.rings, &ring{secrets: map[string]string{}})
		d := w.newDesk(i, filepath.Join(t.folder, "desk-"+cast[i].desk))
		if err := d.enrol(); err != nil {
			return fmt.Errorf("enrolling %s: %w", d.name, err)
		}
		w.desks = append(w.desks, d)
	}
	for _, d := range w.desks {
		if !w.settle(d, nil) {
			return fmt.Errorf("the first sync of %s does not end", d.name)
		}
		if err := d.store.Close(); err != nil {
			return err
		}
	}
	return w.central.stop()
}

// sign is a PAdES signature with the servant's training key.
func (t *template) identity(login string) (crypto.Signer, *x509.Certificate, []*x509.Certificate) {
	id := t.keys[login]
	return id.Key, id.Certificate, id.Chain[:1]
}

// ring stands for the operating system's keyring of one desk.
type ring struct{ secrets map[string]string }

func (r *ring) Get(service, account string) (string, error) {
	s, ok := r.secrets[service+"\n"+strings.TrimSpace(account)]
	if !ok {
		return "", fmt.Errorf("no secret of %s", service)
	}
	return s, nil
}

func (r *ring) Set(service, account, secret string) error {
	r.secrets[service+"\n"+account] = secret
	return nil
}

func (r *ring) Delete(service, account string) error {
	delete(r.secrets, service+"\n"+account)
	return nil
}

// storedFiles gives a central its files, as the program composes them.
type storedFiles struct {
	blobs   blob.Store
	uploads *blob.Uploads
	point   func(string)
}

func (f storedFiles) Open(ctx context.Context, sha sei.SHA256) (central.File, error) {
	return f.blobs.Open(ctx, string(sha))
}

func (f storedFiles) Size(ctx context.Context, sha sei.SHA256) (int64, error) {
	ref, err := f.blobs.Stat(ctx, string(sha))
	return ref.Size, err
}

// readAll reads a stored file whole.
func (f storedFiles) readAll(ctx context.Context, sha sei.SHA256) ([]byte, error) {
	r, err := f.blobs.Open(ctx, string(sha))
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // only read
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	return b.Bytes(), err
}

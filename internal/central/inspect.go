package central

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// The checks of an inspection, as findings name them.
const (
	CheckDatabase   = "banco"       // the engine cannot read its own pages
	CheckLog        = "registro"    // places, headers and hashes of the whole log
	CheckChain      = "cadeia"      // one stream's headers follow each other
	CheckPayload    = "conteúdo"    // an event's payload is its header's
	CheckState      = "estado"      // what is stored follows from the events
	CheckNumber     = "numeração"   // no number twice, no gap unexplained
	CheckBlob       = "arquivo"     // every cited file is there and is itself
	CheckCheckpoint = "ponto"       // signed heads are true
	CheckReceipt    = "recibo"      // answers are signed and cite what happened
	CheckKey        = "chave"       // every receipt key is vouched for
	CheckBucket     = "sincronismo" // checksums of what desks pull
)

// maxFindings bounds what an inspection lists; more are counted.
const maxFindings = 1000

// inspectPage is how many rows are read at a time.
const inspectPage = 500

// StoredContent is what an inspection needs of [Files].
type StoredContent interface {
	Open(ctx context.Context, sha sei.SHA256) (File, error)
	Size(ctx context.Context, sha sei.SHA256) (int64, error)
}

// InspectConfig says what is inspected.
type InspectConfig struct {
	Database string // the file of the database
	Files    StoredContent
	// Key is a public key of the central, the present one or an earlier one:
	// receipts and checkpoints must verify under it or under one that it leads to
	// by rotations. It should come from elsewhere: who can change a folder can
	// change its key.
	Key ed25519.PublicKey
	// Known are checkpoints kept outside, with which the log must agree.
	Known []ledger.Sealed
	// SkipContent looks only whether files are there and as long as they should
	// be, without reading them.
	SkipContent bool
}

// Finding is one thing that is not as it must be.
type Finding struct {
	Check   string `json:"check"`
	Subject string `json:"subject"` // what it was found at
	Detail  string `json:"detail"`  // in Portuguese
}

// Inspection is the outcome: what was looked at and what was found.
type Inspection struct {
	Central     string      `json:"central"` // its id
	Key         string      `json:"key"`     // id of the receipt key
	Schema      int64       `json:"schema"`
	Events      int64       `json:"events"`
	Streams     int64       `json:"streams"`
	Processes   int64       `json:"processes"`
	Documents   int64       `json:"documents"`
	Numbers     int64       `json:"numbers"` // given by the central and accounted for
	Receipts    int64       `json:"receipts"`
	Checkpoints int64       `json:"checkpoints"`
	Covered     int64       `json:"covered"` // headers under the last checkpoint
	Files       int64       `json:"files"`
	FileBytes   int64       `json:"fileBytes"`
	Root        ledger.Hash `json:"root"` // of the log, recomputed
	Findings    []Finding   `json:"findings"`
	// Omitted counts findings beyond the limit of the list.
	Omitted int `json:"omitted,omitempty"`
}

// Sound says that nothing was found.
func (i *Inspection) Sound() bool { return len(i.Findings) == 0 && i.Omitted == 0 }

func (i *Inspection) find(check, subject, detail string, args ...any) {
	if len(i.Findings) >= maxFindings {
		i.Omitted++
		return
	}
	i.Findings = append(i.Findings, Finding{Check: check, Subject: subject, Detail: fmt.Sprintf(detail, args...)})
}

// inspector walks over one snapshot.
type inspector struct {
	cfg  InspectConfig
	r    reader
	out  *Inspection
	zone *time.Location
	cat  *catalogue
	keys map[string]ed25519.PublicKey // trusted, by id
	// hasLog: the schema has checkpoints.
	hasLog  bool
	numbers *numberBook
	cited   map[sei.SHA256]citedFile
	// issued and answered count events by where they come from.
	issued, answered int64
}

// citedFile is one file that must exist.
type citedFile struct {
	size    int64 // -1: not stated
	subject string
}

// Inspect verifies a whole central from its first event: every stream's chain,
// payloads, stored states against a replay, numbers, checkpoints, receipts and
// files. It changes nothing, reads one snapshot, and may run beside a working
// central. What is wrong are findings; an error means that the inspection itself
// could not be made.
func Inspect(ctx context.Context, cfg InspectConfig) (*Inspection, error) {
	if _, err := os.Stat(cfg.Database); err != nil {
		return nil, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não há banco de uma central em %s. Confira a pasta.", filepath.Dir(cfg.Database)))
	}
	d := sqliteDialect{}
	db, err := d.inspect(cfg.Database)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	defer func() { _ = db.Close() }() // only read
	in := &inspector{
		cfg: cfg, out: &Inspection{Key: ledger.KeyID(cfg.Key), Findings: []Finding{}}, zone: legalZone(),
		numbers: newNumberBook(), cited: map[sei.SHA256]citedFile{},
	}
	s := &store{read: db, dialect: d}
	err = s.viewing(ctx, func(r reader) error {
		in.r = r
		return in.database()
	})
	if err != nil {
		return nil, fmt.Errorf("inspecting: %w", err)
	}
	return in.out, in.files(ctx) // outside the snapshot: reading files takes long
}

// database runs the checks that need nothing but the database.
func (in *inspector) database() error {
	problems, err := in.r.dialect.sound(in.r.ctx, in.r.run)
	if err != nil {
		return err
	}
	for _, p := range problems {
		in.out.find(CheckDatabase, "banco", "O banco de dados está danificado: %s.", p)
	}
	for _, check := range []func() error{
		in.schema, in.receiptKeys, in.log, in.streams, in.strayStates, in.counters, in.receipts, in.revisionFiles, in.uploads, in.buckets,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// schema reads who this is, and refuses what a later release wrote.
func (in *inspector) schema() error {
	var err error
	if in.out.Schema, err = schemaVersion(in.r); err != nil {
		return err
	}
	known, err := fs.Glob(migrations, in.r.dialect.migrations()+"/*.sql")
	if err != nil {
		return err
	}
	if in.out.Schema > int64(len(known)) {
		return sei.Errorf(sei.CodeInvalid, "Os dados são de uma versão mais nova do programa. Atualize o programa e repita a auditoria.")
	}
	in.hasLog = in.out.Schema >= logSchema
	if in.out.Central, err = getMeta(in.r, "id"); err != nil {
		return err
	}
	var version int64
	err = in.r.row("SELECT version FROM buckets WHERE name = 'catalogue'").Scan(&version)
	if _, err := noRows(err); err != nil {
		return err
	}
	in.cat, err = loadCatalogue(in.r, version)
	return err
}

// logSchema is the first version of the schema whose log is signed.
const logSchema = 2

// recoverySchema is the first that knows of backups and recoveries.
const recoverySchema = 5

func schemaVersion(r reader) (version int64, err error) {
	if err = r.row("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version); err != nil {
		err = fmt.Errorf("reading the schema's version: %w", err)
	}
	return version, err
}

// ReceiptPublicKey reads the public half of a folder's receipt key.
func ReceiptPublicKey(folder string) (ed25519.PublicKey, error) {
	if _, err := os.Stat(filepath.Join(folder, keyFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, sei.Wrap(err, sei.CodeNotFound, fmt.Sprintf("Não há chave de recibos em %s. Confira a pasta ou informe --central-key.", folder))
	}
	key, _, err := receiptKey(folder, nil, time.Time{})
	if err != nil {
		return nil, err
	}
	return key.Public().(ed25519.PublicKey), nil
}

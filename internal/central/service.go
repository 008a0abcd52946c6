package central

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// DefaultMaxFileBytes is the limit of one file where none is stated: 200 MiB.
const DefaultMaxFileBytes = 200 << 20

// Config composes a central. Folder and Files are required.
type Config struct {
	Folder string // of the database, the receipt key and the seal
	Files  Files
	// Judge judges signed files; without one, signatures made with a
	// certificate are refused, because nothing unverified may be accepted.
	Judge EvidenceJudge
	// Discard removes a stored file that nothing cites any more; without one such
	// files stay.
	Discard func(context.Context, sei.SHA256) error
	// Inspector looks into what is frozen; without one nothing is, for the same
	// reason.
	Inspector ContentInspector
	// Raiser adds timestamps and validation data to accepted signatures; without
	// one they stay as they came.
	Raiser SignatureRaiser
	// Copier makes reading copies; without one they are not offered.
	Copier ReadingCopier
	// Seals recognises reading copies that are shown to the public page; without
	// one only the signed files are.
	Seals SealReader

	Name      string // shown to servants
	Version   string // of the program
	PublicURL string // of the verification page; set later by SetPublicURL when it follows from the listener
	// Training marks everything as without legal value; it stays with the folder.
	Training bool
	// Demo loads demonstration agencies, units and users; it implies Training.
	Demo bool

	// TrustRoots are certificates (PEM) trusted beside ICP-Brasil's: those of a
	// training central. They are announced to its desks.
	TrustRoots string
	// TimestampURL and TimestampPolicy name the timestamp authority that desks ask
	// when they sign; they are announced. "" for none.
	TimestampURL, TimestampPolicy string

	MaxFileBytes int64 // of one file; 0 is DefaultMaxFileBytes
	// MaxWaitingBytes limits what one user uploads and no command cites yet;
	// 0 is twenty files of MaxFileBytes.
	MaxWaitingBytes int64
	SessionLife     time.Duration // 0 is 12 hours
	Passwords       PasswordCost  // zero is DefaultPasswordCost
	// TrustForwarded takes the caller's address from X-Forwarded-For: only
	// behind a proxy that sets it.
	TrustForwarded bool

	Clock  func() time.Time // nil is time.Now
	Random io.Reader        // nil is crypto/rand
	Log    *slog.Logger     // nil discards
}

// Service is a running central.
type Service struct {
	cfg       Config
	id        string
	training  bool
	demo      bool
	name      string
	key       ed25519.PrivateKey // of receipts
	keySince  time.Time
	keys      []storedKey // every receipt key, the first first
	seal      Seal        // of the files that the central makes
	zone      *time.Location
	store     *store
	commits   *committer
	catalogue atomic.Pointer[catalogue]
	hints     *hintBroker
	passwords *passwordHasher
	logins    *attemptLimiter // by account
	callers   *attemptLimiter // by address
	checks    *attemptLimiter // of the public page, by address
	judging   chan struct{}
	copying   chan struct{}
	comparing chan struct{} // files of visitors that rest on the disk meanwhile
	publicURL atomic.Value  // string
	storing   sync.RWMutex  // a file is being stored (read) or cleared away (write)
	clockMu   sync.Mutex
	lastTime  time.Time
}

// Open opens the central in cfg.Folder and makes what is missing: database,
// receipt key, seal, reference data. Closing it is the caller's.
func Open(ctx context.Context, cfg Config) (*Service, error) {
	if cfg.Folder == "" || cfg.Files == nil {
		return nil, errors.New("a central needs a folder and a place for files")
	}
	cfg = withDefaults(cfg)
	if err := os.MkdirAll(cfg.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	key, since, err := receiptKey(cfg.Folder, cfg.Random, cfg.Clock())
	if err != nil {
		return nil, err
	}
	db, err := openStore(ctx, filepath.Join(cfg.Folder, "central.db"))
	if err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, key: key, keySince: since, zone: legalZone(), store: db,
		hints: newHintBroker(), passwords: newPasswordHasher(cfg.Passwords, cfg.Random),
		logins:  newAttemptLimiter("login", loginAttempts, attemptWindow, cfg.Clock),
		callers: newAttemptLimiter("address", addressAttempts, attemptWindow, cfg.Clock),
		checks:  newAttemptLimiter("public", publicAttempts, publicWindow, cfg.Clock),
		judging: make(chan struct{}, maxJudging), copying: make(chan struct{}, maxCopying),
		comparing: make(chan struct{}, maxComparing),
	}
	s.publicURL.Store(cfg.PublicURL)
	s.commits = startCommitter(db, s.hints.announce, cfg.Log)
	s.commits.failed = func() { s.catalogue.Store(nil) }
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.seal, err = openSeal(cfg.Folder, s.name, s.training, cfg.Clock()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func withDefaults(cfg Config) Config {
	if cfg.MaxFileBytes <= 0 {
		cfg.MaxFileBytes = DefaultMaxFileBytes
	}
	if cfg.MaxWaitingBytes <= 0 {
		cfg.MaxWaitingBytes = 20 * cfg.MaxFileBytes
	}
	if cfg.SessionLife <= 0 {
		cfg.SessionLife = 12 * time.Hour
	}
	if cfg.Passwords == (PasswordCost{}) {
		cfg.Passwords = DefaultPasswordCost
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	cfg.Training = cfg.Training || cfg.Demo
	return cfg
}

// legalZone is the zone of the legal time. Brazil has had no daylight saving
// since 2019, so that a machine without zone data is right too.
func legalZone() *time.Location {
	if zone, err := time.LoadLocation("America/Sao_Paulo"); err == nil {
		return zone
	}
	return time.FixedZone("-03", -3*60*60)
}

// Close stops taking jobs, lets the queued ones finish and closes the database.
func (s *Service) Close() error {
	s.hints.close()
	s.commits.close()
	return s.store.close()
}

// SetPublicURL says where the public page is reached when that follows from the
// listener's port.
func (s *Service) SetPublicURL(url string) { s.publicURL.Store(url) }

func (s *Service) baseURL() string { u, _ := s.publicURL.Load().(string); return u }

// Training says that nothing here has legal value.
func (s *Service) Training() bool { return s.training }

// ID names this central for ever.
func (s *Service) ID() string { return s.id }

// now is the acceptance time: UTC, microseconds, and never before one given
// earlier, whatever the machine's clock does.
func (s *Service) now() time.Time {
	s.clockMu.Lock()
	defer s.clockMu.Unlock()
	t := s.cfg.Clock().UTC().Truncate(time.Microsecond)
	if t.Before(s.lastTime) {
		t = s.lastTime
	}
	s.lastTime = t
	return t
}

// prepare makes what a first start needs and reads what later ones find.
func (s *Service) prepare(ctx context.Context) error {
	return s.commits.write(ctx, func(w *writer) error {
		if err := s.prepareMeta(w); err != nil {
			return err
		}
		if err := s.prepareKeys(w); err != nil {
			return err
		}
		if err := loadReferenceOnce(w); err != nil {
			return err
		}
		if s.demo {
			if err := s.loadDemo(w); err != nil {
				return fmt.Errorf("loading the demonstration: %w", err)
			}
		}
		for _, l := range s.limiters() {
			if err := l.load(w.reader); err != nil {
				return err
			}
		}
		if err := s.prepareRecovery(w); err != nil {
			return err
		}
		var last int64
		if err := w.row("SELECT COALESCE(MAX(at), 0) FROM commands").Scan(&last); err != nil {
			return fmt.Errorf("reading the last acceptance time: %w", err)
		}
		s.lastTime = fromMicros(last)
		return nil
	})
}

// Info is what anybody may know of the central.
func (s *Service) Info(ctx context.Context) (wire.CentralInfo, error) {
	info := wire.CentralInfo{
		ID: s.id, Name: s.name, Version: s.cfg.Version, Training: s.training, PublicURL: s.baseURL() + "/conferir",
		ReceiptKeys:     announced(s.keys),
		SealCertificate: s.seal.pem(), MaxFileBytes: s.cfg.MaxFileBytes, CommandForm: wire.CommandForm, MinPull: 1, OfflineDays: offlineDays, TrustRoots: s.cfg.TrustRoots,
		TimestampURL: s.cfg.TimestampURL, TimestampPolicy: s.cfg.TimestampPolicy,
	}
	err := s.store.viewing(ctx, func(r reader) error {
		c, err := s.catalogueAt(r)
		if err != nil {
			return err
		}
		info.Agencies = c.loginAgencies(s.cfg.Clock())
		info.Recovery, err = recoveryNotice(r)
		return err
	})
	if s.demo {
		info.DemoUsers = demoUsers()
	}
	return info, err
}

// CountProcesses says how many processes the central holds.
func (s *Service) CountProcesses(ctx context.Context) (n int64, err error) {
	err = s.store.viewing(ctx, func(r reader) error { return r.row("SELECT COUNT(*) FROM processes").Scan(&n) })
	return n, err
}

// QRURL is the address behind a document's QR code.
func (s *Service) QRURL(token string) string { return s.baseURL() + "/q/" + token }

// offlineDays is how long a desk may be unlocked without a login.
const offlineDays = 7

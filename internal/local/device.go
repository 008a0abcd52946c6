package local

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Device is the workstation's identity towards the central and the state of
// its pushes.
type Device struct {
	ID        sei.DeviceID
	Epoch     int64
	PushToken string
	Unit      sei.UnitID // the unit that the window shows
}

// DeviceIdentity is a workstation's name and key, before or after it enrols.
type DeviceIdentity struct {
	ID      sei.DeviceID
	private ed25519.PrivateKey
}

// deviceFact is the sealed form.
type deviceFact struct {
	ID        sei.DeviceID       `json:"id"`
	Private   ed25519.PrivateKey `json:"private"`
	Epoch     int64              `json:"epoch"`
	PushToken string             `json:"pushToken"`
}

// Session is an open session at the central, kept while it lasts so that
// reopening the window does not ask for a login again.
type Session struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// Identity is what the last login said of user and central.
type Identity struct {
	User    wire.Person       `json:"user"`
	Units   []wire.MemberUnit `json:"units"`
	Central wire.CentralInfo  `json:"central"`
}

const prefUnit = "unit"

// NewDeviceIdentity makes the identity of a workstation that has none yet.
func NewDeviceIdentity(now time.Time, random io.Reader) (DeviceIdentity, error) {
	_, key, err := ed25519.GenerateKey(random)
	if err != nil {
		return DeviceIdentity{}, fmt.Errorf("making the workstation's key: %w", err)
	}
	return DeviceIdentity{ID: sei.DeviceID(protocol.NewID(now, random)), private: key}, nil
}

// Enrolment presents the workstation in a login.
func (d DeviceIdentity) Enrolment(centralID, login, machine string) wire.DeviceEnrolment {
	return wire.DeviceEnrolment{
		ID: d.ID, Public: d.private.Public().(ed25519.PublicKey), Name: machine,
		Proof: ed25519.Sign(d.private, wire.EnrolmentProofMessage(centralID, login, d.ID)),
	}
}

// IdentityForLogin opens only the workstation's identity, to present it in a
// login; the store stays locked. Its codes are those of [Store.Unlock] without
// [CodeOfflineExpired].
func (s *Store) IdentityForLogin(ctx context.Context, password string) (DeviceIdentity, error) {
	data, err := s.try(ctx, password)
	if err != nil {
		return DeviceIdentity{}, err
	}
	defer clear(data)
	key, err := deriveKey(data, "rows")
	if err != nil {
		return DeviceIdentity{}, err
	}
	aead, err := newAEAD(key)
	if err != nil {
		return DeviceIdentity{}, err
	}
	other := &Store{opts: s.opts, r: s.r, open: &secrets{rows: aead}}
	d, err := other.deviceFact(ctx, s.r)
	return DeviceIdentity{ID: d.ID, private: d.Private}, err
}

// DeviceIdentity gives the identity of the unlocked store.
func (s *Store) DeviceIdentity(ctx context.Context) (DeviceIdentity, error) {
	d, err := s.deviceFact(ctx, s.r)
	return DeviceIdentity{ID: d.ID, private: d.Private}, err
}

func (s *Store) deviceFact(ctx context.Context, q queryer) (deviceFact, error) {
	var d deviceFact
	ok, err := s.sealedFact(ctx, q, factDevice, &d)
	if err == nil && (!ok || len(d.Private) != ed25519.PrivateKeySize) {
		err = damaged(errors.New("no device key"))
	}
	return d, err
}

// Device gives the workstation's identity and the state of its pushes.
func (s *Store) Device(ctx context.Context) (Device, error) {
	var out Device
	err := s.view(ctx, "reading the device", func(tx *sql.Tx) error {
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		unit, _, err := preference(ctx, tx, prefUnit)
		out = Device{ID: d.ID, Epoch: d.Epoch, PushToken: d.PushToken, Unit: sei.UnitID(unit)}
		return err
	})
	return out, err
}

// SetUnit remembers the unit that the window shows.
func (s *Store) SetUnit(ctx context.Context, unit sei.UnitID) error {
	return s.SetPreference(ctx, prefUnit, string(unit))
}

// SetPushToken stores the token of the last push.
func (s *Store) SetPushToken(ctx context.Context, token string) error {
	return s.changeDevice(ctx, "storing the push token", func(d *deviceFact) { d.PushToken = token })
}

func (s *Store) changeDevice(ctx context.Context, doing string, change func(*deviceFact)) error {
	return s.write(ctx, doing, func(tx *sql.Tx) error {
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		change(&d)
		return s.setSealedFact(ctx, tx, factDevice, d)
	})
}

// BeginEpoch stores a new epoch, forgets leased numbers that were not used, and
// seals every command without a verdict anew. All of them count as sent from
// now on: an epoch begins on a workstation restored from an old copy, and what
// waits in the copy may have reached the central since.
func (s *Store) BeginEpoch(ctx context.Context, e wire.EpochResponse) error {
	return s.changeIdentity(ctx, "beginning an epoch", func(ctx context.Context, tx *sql.Tx, d *deviceFact) error {
		d.Epoch, d.PushToken = e.Epoch, e.PushToken
		return exec(ctx, tx, `UPDATE outbox SET state = 'sending', why = '' WHERE state = 'queued'`)
	})
}

// AdoptDevice makes the store act as another enrolled workstation, when the old
// identity could not be used for the login (a password changed elsewhere).
func (s *Store) AdoptDevice(ctx context.Context, id DeviceIdentity, login wire.LoginResponse) error {
	return s.changeIdentity(ctx, "adopting a device", func(_ context.Context, _ *sql.Tx, d *deviceFact) error {
		*d = deviceFact{ID: id.ID, Private: id.private, Epoch: login.Epoch, PushToken: login.PushToken}
		return nil
	})
}

func (s *Store) changeIdentity(ctx context.Context, doing string, change func(context.Context, *sql.Tx, *deviceFact) error) error {
	err := s.write(ctx, doing, func(tx *sql.Tx) error {
		d, err := s.deviceFact(ctx, tx)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, &d); err != nil {
			return err
		}
		if err := s.setSealedFact(ctx, tx, factDevice, d); err != nil {
			return err
		}
		if err := exec(ctx, tx, `DELETE FROM numbers WHERE state <> 'taken'`); err != nil {
			return err
		}
		return s.resealWaiting(ctx, tx, d)
	})
	if err == nil {
		s.opts.Changed(Change{Outbox: true})
	}
	return err
}

// SealNow seals a command that is sent at once and never queued.
func (s *Store) SealNow(ctx context.Context, c wire.Command) (ledger.Sealed, error) {
	d, err := s.deviceFact(ctx, s.r)
	if err != nil {
		return ledger.Sealed{}, err
	}
	return sealFor(d, c)
}

func sealFor(d deviceFact, c wire.Command) (ledger.Sealed, error) {
	c.Device, c.Epoch = d.ID, d.Epoch
	return wire.SealCommand(d.Private, c)
}

// LoggedIn stores what a login of the unlocked store's user gave.
func (s *Store) LoggedIn(ctx context.Context, login wire.LoginResponse) error {
	return s.write(ctx, "storing the login", func(tx *sql.Tx) error { return s.acceptLogin(ctx, tx, login) })
}

func (s *Store) acceptLogin(ctx context.Context, tx *sql.Tx, login wire.LoginResponse) error {
	days := login.Central.OfflineDays
	if days <= 0 {
		days = DefaultOfflineDays
	}
	now := s.opts.Now()
	d, err := s.deviceFact(ctx, tx)
	if err != nil {
		return err
	}
	// The central gives a token only when it holds none for the device; another
	// epoch is begun by the engine, which has to seal the waiting commands again.
	if login.PushToken != "" && login.Epoch == d.Epoch {
		d.PushToken = login.PushToken
		if err := s.setSealedFact(ctx, tx, factDevice, d); err != nil {
			return err
		}
	}
	if err := learnReceiptKeys(ctx, tx, login.Central.ReceiptKeys); err != nil {
		return err
	}
	return errors.Join(
		s.setSealedFact(ctx, tx, factOnline, online{Last: now, Days: days, Seen: now}),
		s.setSealedFact(ctx, tx, factSession, Session{Token: login.Token, Expires: login.Expires}),
		s.setSealedFact(ctx, tx, factIdentity, Identity{User: login.User, Units: login.Units, Central: login.Central}))
}

// Session gives the last session; one that has expired or was ended is empty.
func (s *Store) Session(ctx context.Context) (Session, error) {
	var v Session
	if _, err := s.sealedFact(ctx, s.r, factSession, &v); err != nil {
		return Session{}, fmt.Errorf("reading the session: %w", err)
	}
	if !s.opts.Now().Before(v.Expires) {
		return Session{}, nil
	}
	return v, nil
}

// EndSession forgets the session.
func (s *Store) EndSession(ctx context.Context) error {
	return s.write(ctx, "ending the session", func(tx *sql.Tx) error {
		return exec(ctx, tx, `DELETE FROM facts WHERE name = ?`, factSession)
	})
}

// Identity gives what the last login said of user and central.
func (s *Store) Identity(ctx context.Context) (Identity, error) {
	var v Identity
	if _, err := s.sealedFact(ctx, s.r, factIdentity, &v); err != nil {
		return Identity{}, fmt.Errorf("reading the identity: %w", err)
	}
	return v, nil
}

// PasswordChosen notes that the user has replaced a provisional password.
func (s *Store) PasswordChosen(ctx context.Context) error {
	return s.write(ctx, "noting a chosen password", func(tx *sql.Tx) error {
		var v Identity
		if known, err := s.sealedFact(ctx, tx, factIdentity, &v); err != nil || !known {
			return err
		}
		v.User.MustChangePassword = false
		return s.setSealedFact(ctx, tx, factIdentity, v)
	})
}
